"""Mathematics as plain text: on one line, in two dimensions, and broken into lines."""

from __future__ import annotations

import re

import mpmath
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pathdiff.diagnostics import cell_width
from pathdiff.expression import Expression
from pathdiff.grammar import parse
from pathdiff.names import Symbol, Symbols
from pathdiff.notation import Apply, Elided, Fraction, Math, Ratio, gist
from pathdiff.numeric import NotReal, value
from pathdiff.render.terminal.layout import columns, plain, wrapped
from pathdiff.render.terminal.pen import Pen, equation
from pathdiff.render.text import ASCII, UNICODE, Box, Style, box, line, mark, name, words
from pathdiff.typesetting import expression_math

NAMES = Symbols([])


def typeset(text: str) -> Math:
    read = parse(text)
    return expression_math(Expression(read.tree, read.names), Symbols(read.names))


def ratio(of: str, wrt: str, *, total: bool = False) -> Ratio:
    return Ratio(NAMES[of], NAMES[wrt], total)


@pytest.mark.parametrize(
    ("typed", "unicode", "ascii"),
    [
        ("x^2", "x²", "x^2"),
        ("x^10", "x¹⁰", "x^10"),
        ("x^(-1)", "x⁻¹", "x^(-1)"),
        ("x^n", "xⁿ", "x^n"),
        ("x^(n-1)", "x^(n − 1)", "x^(n - 1)"),
        ("x^(1/2)", "x^(1/2)", "x^(1/2)"),
        ("2^x^2", "2^(x²)", "2^(x^2)"),
        ("(-x)^3", "(−x)³", "(-x)^3"),
        ("-x^2", "−x²", "-x^2"),
        ("(a + b)/c", "(a + b)/c", "(a + b)/c"),
        ("a/(b*c)", "a/(b c)", "a/(b c)"),
        ("a/b/c", "(a/b)/c", "(a/b)/c"),
        ("a/(b/c)", "a/(b/c)", "a/(b/c)"),
        ("x/-2", "x/(−2)", "x/(-2)"),
        ("(a/b)*(c/d)", "a/b · c/d", "a/b * c/d"),
        ("a - (b - c)", "a − (b − c)", "a - (b - c)"),
        ("a - (-b)", "a − (−b)", "a - (-b)"),
        ("2*x", "2x", "2 x"),
        ("2*alpha*x1", "2α x₁", "2 alpha x1"),
        ("2*rate", "2 rate", "2 rate"),
        ("2*3", "2 · 3", "2 * 3"),
        ("x*2", "x · 2", "x * 2"),
        ("z*(1 - z)", "z(1 − z)", "z (1 - z)"),
        ("x*(y + 1)^2", "x(y + 1)²", "x (y + 1)^2"),
        ("2*sin(x)", "2 sin(x)", "2 sin(x)"),
        ("2*pi*r", "2π r", "2 pi r"),
        ("1e-7*x", "10⁻⁷ x", "1e-7 x"),
        ("1.5e10", "1.5×10¹⁰", "1.5e10"),
        ("(1e-7)^2", "(10⁻⁷)²", "(1e-7)^2"),
        ("sqrt(x)", "√x", "sqrt(x)"),
        ("sqrt(x + 1)", "√(x + 1)", "sqrt(x + 1)"),
        ("cbrt(x)", "∛x", "cbrt(x)"),
        ("abs(x - y)^2", "|x − y|²", "|x - y|^2"),
        ("sigmoid(s)", "σ(s)", "sigmoid(s)"),
        ("log(x)", "ln(x)", "ln(x)"),
        ("log2(x)", "log₂(x)", "log2(x)"),
        ("max(a, b, c)", "max(a, b, c)", "max(a, b, c)"),
        ("exp(-x^2/2)", "exp(−x²/2)", "exp(-x^2/2)"),
    ],
)
def test_an_expression_on_one_line(typed: str, unicode: str, ascii: str) -> None:
    assert line(typeset(typed)) == unicode
    assert line(typeset(typed), ASCII) == ascii


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("h1", "h₁"),
        ("w12", "w₁₂"),
        ("z_1_2", "z₁,₂"),
        ("alpha", "α"),
        ("Gamma0", "Γ₀"),
        ("x₁", "x₁"),
        ("h_prev", "h_prev"),
        ("h1_prev", "h₁_prev"),
        ("w_f", "w_f"),
        ("_x", "_x"),
    ],
)
def test_a_name(typed: str, shown: str) -> None:
    assert name(NAMES[typed]) == shown


@pytest.mark.parametrize(("typed", "shown"), [("h1", "h1"), ("α", "alpha"), ("x₁", "x_1"), ("é", "\\xe9")])
def test_a_name_in_ascii(typed: str, shown: str) -> None:
    assert name(NAMES[typed], ASCII) == shown


def test_names_that_would_look_the_same_stay_as_they_were_typed() -> None:
    symbols = Symbols(["z12", "z_12"])
    assert [name(symbols[each]) for each in ("z12", "z_12")] == ["z12", "z_12"]


def test_a_derivative() -> None:
    partial, total = ratio("p", "x1"), ratio("p", "x1", total=True)
    assert [line(partial), line(total)] == ["∂p/∂x₁", "dp/dx₁"]
    assert [line(partial, ASCII), line(total, ASCII)] == ["dp/dx1", "Dp/Dx1"]
    assert line(partial, Style(always_d=True)) == "dp/dx₁"
    assert line(partial, Style(always_d=True, kept=frozenset({("p", "x1")}))) == "∂p/∂x₁"


def test_a_function_of_the_users_hides_the_known_one() -> None:
    math = Apply("log", (NAMES["t"],))
    assert line(math) == "ln(t)"
    assert line(Apply(NAMES["log"], (NAMES["t"],))) == "log(t)"


def test_what_is_too_long_says_so() -> None:
    assert line(Elided(512)) == "… (512 symbols; whole in --format json)"
    assert line(Elided(0), ASCII) == "... (too deep to read; whole in --format json)"


def test_marks() -> None:
    assert "".join(map(mark, (1, 20, 21, 35, 36, 50, 51))) == "①⑳㉑㉟㊱㊿(51)"
    assert mark(1, ASCII) == "(1)"


def test_control_characters_are_shown() -> None:
    assert words("a\x1b[31mb\nc") == "a\\x1b[31mb c"
    assert words("∂p → ☃", ASCII) == "dp -> \\u2603"


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("a/b", ["a", "─", "b"]),
        ("(a + b)/(2*c)", ["a + b", "─────", " 2c  "]),
        ("-a/b", ["  a", "− ─", "  b"]),
        ("x*(1/2 + y)", [" ⎛1    ⎞", "x⎜─ + y⎟", " ⎝2    ⎠"]),
        ("(a/b)^2", ["⎛a⎞²", "⎜─⎟ ", "⎝b⎠ "]),
        ("a/b/c", ["a/b", "───", " c "]),
        ("exp(a/b)", ["exp(a/b)"]),
        ("abs(a/b)", ["│a│", "│─│", "│b│"]),
    ],
)
def test_an_expression_in_two_dimensions(typed: str, shown: list[str]) -> None:
    assert list(box(typeset(typed)).lines) == shown


def test_two_dimensions_in_ascii() -> None:
    assert list(box(typeset("x*(1/2 + y)"), ASCII).lines) == ["  /1    \\", "x |- + y|", "  \\2    /"]


def test_a_sum_is_broken_before_a_sign_and_its_rows_keep_apart() -> None:
    shown = equation(ratio("p", "x"), [typeset("a/b + c/d + e/f")], 13)
    assert list(map(plain, shown)) == [
        "∂p   a   c",
        "── = ─ + ─",
        "∂x   b   d",
        "",
        "       e",
        "     + ─",
        "       f",
    ]


def test_a_term_that_fits_no_line_is_written_on_one_line_and_broken_between_factors() -> None:
    shown = equation(ratio("p", "x"), [typeset("a + sin(b)*sin(c)*sin(d)/e")], 24)
    assert list(map(plain, shown)) == [
        "∂p/∂x = a",
        "        + sin(b) sin(c)",
        "          sin(d)/e",
    ]


def test_a_bracket_that_fits_no_line_is_broken_within() -> None:
    pen = Pen(26)
    pen.put(typeset("x*(alpha*beta*gamma + delta*eta*theta + kappa*nu + 1)*y"), 0)
    assert list(map(plain, pen.lines)) == ["x(α β γ + δ η θ + κ ν", "  + 1) y"]


def test_equals_signs_stand_below_each_other() -> None:
    shown = equation(ratio("p", "x"), [Fraction(NAMES["a"], NAMES["b"]), typeset("2*c"), typeset("6")], 40)
    assert list(map(plain, shown)) == ["∂p   a", "── = ─", "∂x   b", "   = 2c", "   = 6"]


def test_columns_are_read_downwards() -> None:
    entries = [(Box((text,)), 1) for text in ("one", "two", "three", "four")]
    assert list(map(plain, columns(entries, 14))) == ["one     three", "two     four"]
    assert list(map(plain, columns(entries, 5))) == ["one", "two", "three", "four"]


def test_words_are_filled_into_lines() -> None:
    told = wrapped([("a bb", "good"), (", ccc\N{NO-BREAK SPACE}d and a-word-too-long", "")], 8, hang=2)
    assert list(map(plain, told)) == ["a bb,", "  ccc d", "  and", "  a-word-too-long"]
    assert told[0] == (("a bb", "good"), (",", ""))


@st.composite
def expressions(draw: st.DrawFn) -> str:
    leaf = st.sampled_from(["x", "alpha", "h1", "2", "0.5", "1e-7", "pi"])

    def grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        two = st.tuples(inner, st.sampled_from("+-*/^"), inner).map(lambda t: f"({t[0]}){t[1]}({t[2]})")
        return (
            two | inner.map(lambda t: f"-({t})") | inner.map(lambda t: f"sqrt({t})") | inner.map(lambda t: f"sin({t})")
        )

    return draw(st.recursive(leaf, grown, max_leaves=12))


@given(expressions(), st.sampled_from([UNICODE, ASCII]), st.integers(16, 80))
def test_no_expression_is_too_much_for_the_renderer(typed: str, style: Style, width: int) -> None:
    math = typeset(typed)
    drawn = box(math, style)
    assert len({cell_width(row) for row in drawn.lines}) == 1
    if style.ascii:
        assert line(math, style).isascii()
        assert all(row.isascii() for row in drawn.lines)
    shown = list(map(plain, equation(ratio("p", "x"), [math], width, style)))
    assert all(row == row.rstrip() for row in shown)


@given(expressions())
def test_one_line_means_what_was_typed(typed: str) -> None:
    """Every bracket that a line needs is there: with the signs of products put in, it has the same value."""
    shown = line(typeset(typed), ASCII)
    read, again = parse(typed), parse(re.sub(r"(?<=[\w)]) (?=[\w(])", "*", shown))
    context = mpmath.mp.clone()
    context.dps = 1500  # more than any number here has digits before the point
    point = {"x": context.mpf("0.7"), "alpha": context.mpf("1.3"), "h1": context.mpf("2.1")}
    try:
        wanted = value(read.tree, [point[each] for each in read.names], context)
        found = value(again.tree, [point[each] for each in again.names], context)
    except NotReal:
        return
    assert context.almosteq(found, wanted, 1e-9)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("a*b", "b*a", True),
        ("a*(b + c)", "(c + b)*a", True),
        ("1*a*b", "a*b", True),
        ("-a*b", "b*(-a)", True),
        ("a + b*c", "c*b + a", True),
        ("6*21", "126", False),
        ("12*1", "21", False),
        ("a*a*b", "a*b*b", False),
        ("a - b", "b - a", False),
        ("a + a", "a", False),
        ("a*b + c", "a*c + b", False),
        ("abs(a)", "a", False),
        ("a/b", "b/a", False),
        ("ab*c", "a*bc", False),
    ],
)
def test_the_gist_of_a_formula_is_what_it_says_in_any_order(one: str, other: str, same: bool) -> None:
    assert (gist(typeset(one)) == gist(typeset(other))) is same


def test_a_symbol_with_a_subscript_of_letters_and_digits() -> None:
    assert name(Symbol("d_prev_1", "d", ("prev", "1"))) == "d_prev_1"
