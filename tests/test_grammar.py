"""Expressions: text to trees and back, to the letter, and in bounded time."""

from __future__ import annotations

import re
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from strategies import any_trees, in_order_of_first_use, names

from pathdiff import expression as ex
from pathdiff.algebra import exact
from pathdiff.expression import Expression, Tree, postorder, spec_text
from pathdiff.functions import KNOWN
from pathdiff.grammar import NAME_PATTERN, Call, parse
from pathdiff.limits import limit
from pathdiff.syntax import Span, SyntaxProblem

X, Y, Z = map(ex.slot, range(3))


def reprinted(text: str) -> str:
    read = parse(text)
    return spec_text(Expression(read.tree, read.names))


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("x", X),
        ("x + y - z", ex.add(X, Y, ex.neg(Z))),
        ("x - (y - z)", ex.add(X, ex.neg(ex.add(Y, ex.neg(Z))))),
        ("x*y*z", ex.mul(X, Y, Z)),
        ("x*(y*z)", ex.mul(X, ex.mul(Y, Z))),
        ("x/y/z", ex.div(ex.div(X, Y), Z)),
        ("x/y*z", ex.mul(ex.div(X, Y), Z)),
        ("x*y/z", ex.div(ex.mul(X, Y), Z)),
        ("x/(y*z)", ex.div(X, ex.mul(Y, Z))),
        ("x^2 + 1", ex.add(ex.power(X, ex.number(2)), ex.ONE)),
        ("-x^2", ex.neg(ex.power(X, ex.number(2)))),
        ("(-x)^2", ex.power(ex.neg(X), ex.number(2))),
        ("-x*y", ex.neg(ex.mul(X, Y))),
        ("-x + y", ex.add(ex.neg(X), Y)),
        ("x^-y", ex.power(X, ex.neg(Y))),
        ("x^-y^z", ex.power(X, ex.neg(ex.power(Y, Z)))),
        ("x^y^z", ex.power(X, ex.power(Y, Z))),
        ("(x^y)^z", ex.power(ex.power(X, Y), Z)),
        ("2^x*y", ex.mul(ex.power(ex.number(2), X), Y)),
        ("x*-y", ex.mul(X, ex.neg(Y))),
        ("x/-y", ex.div(X, ex.neg(Y))),
        ("x--y", ex.add(X, ex.neg(ex.neg(Y)))),
        ("--x", ex.neg(ex.neg(X))),
        ("+x", X),
        ("x + +y", ex.add(X, Y)),
        ("x*+y", ex.mul(X, Y)),
        ("x^+y", ex.power(X, Y)),
        ("sin(x)^2", ex.power(ex.call("sin", X), ex.number(2))),
        ("sin(x^2)", ex.call("sin", ex.power(X, ex.number(2)))),
        ("max(x, y, z)", ex.call("max", X, Y, Z)),
        ("f()", ex.call("f")),
        ("x²", ex.power(X, ex.number(2))),
        ("x⁻¹", ex.power(X, ex.neg(ex.number(1)))),
        ("x⁺¹²", ex.power(X, ex.number(12))),
        ("x²^y", ex.power(ex.power(X, ex.number(2)), Y)),
        ("x^y²", ex.power(X, ex.power(Y, ex.number(2)))),
        ("-x²", ex.neg(ex.power(X, ex.number(2)))),
        ("(x + y)²", ex.power(ex.add(X, Y), ex.number(2))),
        ("pi*x", ex.mul(ex.PI, X)),
        ("π", ex.PI),
    ],
)
def test_a_text_is_this_tree(text: str, tree: Tree) -> None:
    assert parse(text).tree is tree


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("2^3^2", "2**3**2"),
        ("(2^3)^2", "(2**3)**2"),
        ("2**-3", "2**(-3)"),
        ("((x))", "x"),
        ("a-b-c", "a - b - c"),
        ("a-(b+c)", "a - (b + c)"),
        ("(a+b)+c", "(a + b) + c"),
        ("a+(b+c)", "a + (b + c)"),
        ("a*(b/c)", "a*(b/c)"),
        ("a/b*c/d", "a/b*c/d"),
        ("(a*b)*c", "(a*b)*c"),
        ("(-a)*b", "(-a)*b"),
        ("-(a+b)", "-(a + b)"),
        ("a+-b", "a - b"),
        ("a - -b", "a - (-b)"),
        ("sin (x , y)", "sin(x, y)"),
        ("x₁·α × β − γ÷2", "x₁*α*β - γ/2"),
        ("x⋅y∗z∙w", "x*y*z*w"),
        ("x–y‐z", "x - y - z"),
        ("x∕y⁄z", "x/y/z"),
        ("f（x，y）＋1", "f(x, y) + 1"),
        ("2\u00a0*\u2009x\t+\n1", "2*x + 1"),
        ("σ(s)", "σ(s)"),
        ("1.50*x", "1.50*x"),
        ("1e-3*x", "1e-3*x"),
    ],
)
def test_a_text_is_printed_in_the_same_syntax(text: str, printed: str) -> None:
    assert reprinted(text) == printed
    assert reprinted(printed) == printed


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0),
        ("007", 7),
        ("0.1", Fraction(1, 10)),
        ("1e-3", Fraction(1, 1000)),
        ("2.5E+3", 2500),
        (".5", Fraction(1, 2)),
        ("5.", 5),
        ("5.e1", 50),
        ("0.30000000000000004", Fraction(30000000000000004, 10**17)),
        ("9007199254740993", 9007199254740993),
        ("1e4000", 10**4000),
        ("1e-4000", Fraction(1, 10**4000)),
        ("7" * 4000, int("7" * 4000)),
    ],
)
def test_numbers_are_exact(text: str, number: Fraction | int) -> None:
    read = parse(text).tree
    assert (read.kind, read.value, read.text) == ("number", number, text)
    value = exact(read)
    assert value is not None
    assert value.value == number


@pytest.mark.parametrize(
    "name",
    [
        "lambda", "E", "I", "S", "N", "Q", "O", "class", "on", "no", "y", "e", "beta", "gamma", "zeta", "None", "True",
        "if", "and", "x1", "x_1", "x₁", "w₁₂", "α", "λ", "𝛼", "变量", "ñ", "e\u0301", "x′", "_", "__import__", "exp",
        "Pi", "PI",
    ],
)  # fmt: skip
def test_any_identifier_is_a_name(name: str) -> None:
    read = parse(f"{name}^2 + {name}*pi")
    assert read.names == [name]
    assert read.tree is ex.add(ex.power(X, ex.number(2)), ex.mul(X, ex.PI))


@pytest.mark.parametrize("text", ["½", "x½", "ⁿ", "x①", "₁", "1x", "x-y", "x.y", "x y", "x'", ""])
def test_what_is_no_name(text: str) -> None:
    assert not re.fullmatch(NAME_PATTERN, text)


def test_pi_is_a_name_where_it_is_declared() -> None:
    assert parse("pi").tree is ex.PI
    assert parse("pi", {"pi"}).names == ["pi"]
    both = parse("pi*π", {"pi"})
    assert both.tree is ex.mul(X, ex.PI)
    assert spec_text(Expression(both.tree, both.names)) == "pi*π"


def test_names_and_calls_know_where_they_stand() -> None:
    read = parse("a*sin(b) + σ(a, c1)")
    assert read.names == ["a", "b", "c1"]
    assert read.first_use == {"a": Span(0, 1), "b": Span(6, 7), "c1": Span(16, 18)}
    assert read.calls == [Call("sin", 1, Span(2, 5)), Call("σ", 2, Span(11, 12))]


def test_trees_that_read_the_same_are_the_same() -> None:
    first, second = parse("x1*sigmoid(w + 0.5)"), parse("a * sigmoid(b+0.5)")
    assert first.tree is second.tree
    assert repr(first.tree) == "Tree($0*sigmoid($1 + 0.5))"
    assert parse("0.50").tree is not parse("0.5").tree


def test_a_name_in_the_place_of_own_and_of_each_slot() -> None:
    label = Expression(ex.mul(ex.slot(ex.OWN), ex.add(ex.ONE, ex.neg(ex.slot(0)))), {0: "x"}, own="h")
    assert str(label) == "h*(1 - x)"


@given(any_trees().map(in_order_of_first_use))
@example(ex.mul(ex.div(X, Y), ex.div(Z, ex.neg(X))))
@example(ex.power(ex.neg(X), ex.neg(ex.power(Y, ex.neg(ex.neg(Z))))))
@example(ex.add(ex.add(X, ex.neg(ex.add(Y, Z))), ex.neg(ex.neg(X))))
def test_reading_what_is_printed_gives_the_same_tree(tree: Tree) -> None:
    letters = ["x", "lambda", "z_3"]
    text = spec_text(Expression(tree, letters))
    read = parse(text)
    assert read.tree is tree
    assert read.names == letters[: len(read.names)]
    assert spec_text(Expression(tree, letters), 10) == (text if len(text) <= 10 else text[:10] + "…")


@given(names() | st.from_regex(NAME_PATTERN, fullmatch=True).filter(lambda name: name not in ("pi", "π")))
def test_a_name_is_printed_as_it_is_read(name: str) -> None:
    assert reprinted(f"1 - {name}/{name}2") == f"1 - {name}/{name}2"
    assert parse(f"{name}(x)").calls == [Call(name, 1, Span(0, len(name)))]


@given(st.text(st.sampled_from("x1.e²⁻π()+-*/^, ∂=[]\n𝛼") | st.characters(), max_size=30))
def test_any_text_is_an_expression_or_a_problem_inside_it(text: str) -> None:
    span = Span(0, 1)
    try:
        read = parse(text)
    except SyntaxProblem as problem:
        span = problem.span
    else:
        assert parse(spec_text(Expression(read.tree, read.names))).tree is read.tree
    assert 0 <= span.start < span.end <= max(1, len(text))


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("(" * 50_000 + "x" + ")" * 50_000, 1),
        ("sin(" * 20_000 + "x" + ")" * 20_000, 20_001),
        ("-" * 50_000 + "x", 50_001),
        ("x" + "^x" * 50_000, 50_001),
        ("x" + "/x" * 50_000, 50_001),
        ("x" + "+x" * 50_000, 2),
        ("x" + "²" * 4000, 3),
        ("x*" + "a" * 1000, 3),
        ("9**9**9**9", 4),
        ("(3*x)^1000000000", 5),
    ],
    ids=lambda value: str(value)[:12],
)
def test_long_and_deep_expressions_simply_work(text: str, size: int) -> None:
    read = parse(text)
    assert len(postorder(read.tree)) == size
    printed = spec_text(Expression(read.tree, read.names))
    assert len(printed) > limit("expression") or parse(printed).tree is read.tree
    assert len(repr(read.tree)) < 300


def test_a_tree_of_shared_parts_prints_as_much_as_is_asked_for() -> None:
    tree = X
    for _ in range(100):
        tree = ex.add(tree, ex.call("sin", tree))
    text = spec_text(Expression(tree, ["x"]), 60)
    assert text == "(" * 60 + "…"
    assert spec_text(Expression(ex.call("sin", tree), ["x"]), 12) == "sin(" + "(" * 8 + "…"


@pytest.mark.parametrize("name", sorted(KNOWN))
def test_every_known_function_is_called_by_its_name(name: str) -> None:
    count = len(KNOWN[name].parameters) or 3
    text = f"{name}({', '.join('abc'[:count])})"
    assert reprinted(text) == text
