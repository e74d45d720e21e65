"""Local partials: right in value for every function, and written as a textbook writes them."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import mpmath
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import any_trees, tame_texts

from pathdiff import expression as ex
from pathdiff.calls import Functions
from pathdiff.expression import ZERO, Expression, Tree, postorder
from pathdiff.functions import KNOWN, TABLE
from pathdiff.grammar import Parsed, parse
from pathdiff.numeric import value
from pathdiff.partials import partials
from pathdiff.reader import read_spec
from pathdiff.source import Source, Text

m = mpmath.mp.clone()
m.dps = 60
CLOSE = mpmath.mpf(10) ** -40


def labels(text: str) -> dict[str, str]:
    """The partials of a node h by each name that its text uses."""
    node = read_spec(f"h = {text}", inline=True).nodes["h"]
    assert node.tree is not None
    found = partials(node.tree)
    return {
        name: str(Expression(found.get(index, ZERO), node.arguments, "h")) for index, name in enumerate(node.arguments)
    }


# Every row of the table, in its order.
@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("exp(x)", {"x": "h"}),
        ("log(x)", {"x": "1/x"}),
        ("log2(x)", {"x": "1/(x*log(2))"}),
        ("log10(x)", {"x": "1/(x*log(10))"}),
        ("sqrt(x)", {"x": "1/(2*sqrt(x))"}),
        ("cbrt(x)", {"x": "1/(3*cbrt(x)**2)"}),
        ("abs(x)", {"x": "sign(x)"}),
        ("sign(x)", {"x": "0"}),
        ("sin(x)", {"x": "cos(x)"}),
        ("cos(x)", {"x": "-sin(x)"}),
        ("tan(x)", {"x": "1 + h**2"}),
        ("cot(x)", {"x": "-(1 + h**2)"}),
        ("sec(x)", {"x": "tan(x)*h"}),
        ("csc(x)", {"x": "-cot(x)*h"}),
        ("asin(x)", {"x": "1/sqrt(1 - x**2)"}),
        ("acos(x)", {"x": "-1/sqrt(1 - x**2)"}),
        ("atan(x)", {"x": "1/(1 + x**2)"}),
        ("acot(x)", {"x": "-1/(1 + x**2)"}),
        ("asec(x)", {"x": "1/(abs(x)*sqrt(x**2 - 1))"}),
        ("acsc(x)", {"x": "-1/(abs(x)*sqrt(x**2 - 1))"}),
        ("atan2(y, x)", {"y": "x/(x**2 + y**2)", "x": "-y/(x**2 + y**2)"}),
        ("hypot(x, y)", {"x": "x/h", "y": "y/h"}),
        ("sinh(x)", {"x": "cosh(x)"}),
        ("cosh(x)", {"x": "sinh(x)"}),
        ("tanh(x)", {"x": "1 - h**2"}),
        ("coth(x)", {"x": "1 - h**2"}),
        ("sech(x)", {"x": "-tanh(x)*h"}),
        ("csch(x)", {"x": "-coth(x)*h"}),
        ("asinh(x)", {"x": "1/sqrt(x**2 + 1)"}),
        ("acosh(x)", {"x": "1/sqrt(x**2 - 1)"}),
        ("atanh(x)", {"x": "1/(1 - x**2)"}),
        ("acoth(x)", {"x": "1/(1 - x**2)"}),
        ("asech(x)", {"x": "-1/(x*sqrt(1 - x**2))"}),
        ("acsch(x)", {"x": "-1/(abs(x)*sqrt(1 + x**2))"}),
        ("erf(x)", {"x": "2*exp(-x**2)/sqrt(pi)"}),
        ("sigmoid(x)", {"x": "h*(1 - h)"}),
        ("softplus(x)", {"x": "sigmoid(x)"}),
        ("relu(x)", {"x": "heaviside(x)"}),
        ("silu(x)", {"x": "h + sigmoid(x)*(1 - h)"}),
        ("gelu(x)", {"x": "(1 + erf(x/sqrt(2)))/2 + x*exp(-x**2/2)/sqrt(2*pi)"}),
        ("heaviside(x)", {"x": "0"}),
        ("min(x, y)", {"x": "heaviside(y - x)", "y": "heaviside(x - y)"}),
        (
            "max(x, y, z)",
            {"x": "heaviside(x - max(y, z))", "y": "heaviside(y - max(x, z))", "z": "heaviside(z - max(x, y))"},
        ),
    ],
)
def test_labels_of_the_known_functions(text: str, written: dict[str, str]) -> None:
    assert labels(text) == written


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("x", {"x": "1"}),
        ("-x", {"x": "-1"}),
        ("x + y - z", {"x": "1", "y": "1", "z": "-1"}),
        ("x + x", {"x": "2"}),
        ("x - x", {"x": "0"}),
        ("0.1*x + 0.2*x", {"x": "0.3"}),
        ("x/3 + x/3", {"x": "2/3"}),
        ("1**x", {"x": "0"}),
        ("0**x", {"x": "0"}),
        ("0*x + y", {"x": "0", "y": "1"}),
        ("x^0", {"x": "0"}),
        ("0^0*x", {"x": "1"}),
        ("x*y*z", {"x": "y*z", "y": "x*z", "z": "x*y"}),
        ("x*x", {"x": "2*x"}),
        ("x*x*x*x", {"x": "4*x**3"}),
        ("x^3", {"x": "3*x**2"}),
        ("x^n", {"x": "n*x**(n - 1)", "n": "x**n*log(x)"}),
        ("2^x", {"x": "2**x*log(2)"}),
        ("x^x", {"x": "x**x + x**x*log(x)"}),
        ("x^0.5", {"x": "0.5/sqrt(x)"}),
        ("x^(1/3)", {"x": "1/(3*x**(2/3))"}),
        ("1/x", {"x": "-1/x**2"}),
        ("x/y", {"x": "1/y", "y": "-x/y**2"}),
        ("a/x^2", {"a": "1/x**2", "x": "-2*a/x**3"}),
        ("a*x + b*x^2 + c*x^3", {"a": "x", "b": "x**2", "c": "x**3", "x": "a + 2*b*x + 3*c*x**2"}),
        ("sin(x)*x + x", {"x": "x*cos(x) + sin(x) + 1"}),
        (
            "max(x, 2*x, y)",
            {"x": "heaviside(x - max(2*x, y)) + 2*heaviside(2*x - max(x, y))", "y": "heaviside(y - max(x, 2*x))"},
        ),
        (
            "x^(a - 1)*exp(-x/t)/t^a",
            {
                "x": "t**(-a)*x**(a - 2)*exp(-x/t)*(a - 1) - t**(-a - 1)*x**(a - 1)*exp(-x/t)",
                "a": "t**(-a)*x**(a - 1)*exp(-x/t)*log(x) - x**(a - 1)*t**(-a)*exp(-x/t)*log(t)",
                "t": "t**(-a - 2)*x**a*exp(-x/t) - x**(a - 1)*t**(-a - 1)*a*exp(-x/t)",
            },
        ),
        ("tanh(x/10^24)", {"x": "1e-24*(1 - h**2)"}),
        ("(x - y)/(x + y)", {"x": "1/(x + y) - (x - y)/(x + y)**2", "y": "-1/(x + y) - (x - y)/(x + y)**2"}),
        ("(z - y)^2", {"z": "2*(z - y)", "y": "-2*(z - y)"}),
        ("(z - y)^2/2", {"z": "z - y", "y": "-(z - y)"}),
        ("(2*x + 1)^3", {"x": "6*(2*x + 1)**2"}),
        ("sin(x)^2", {"x": "2*sin(x)*cos(x)"}),
        ("x*log(x)", {"x": "log(x) + 1"}),
        ("sqrt(x)*sqrt(x)", {"x": "1"}),
        ("sqrt(x^2 + y^2)", {"x": "x/sqrt(x**2 + y**2)", "y": "y/sqrt(x**2 + y**2)"}),
        ("sigmoid(w*x + b)", {"w": "x*h*(1 - h)", "x": "w*h*(1 - h)", "b": "h*(1 - h)"}),
        ("logistic(s)", {"s": "h*(1 - h)"}),
        ("1/(1 + exp(-s))", {"s": "exp(-s)/(1 + exp(-s))**2"}),
        ("exp(-x^2/2)", {"x": "-x*h"}),
        ("tanh(s)^2", {"s": "2*tanh(s)*(1 - tanh(s)**2)"}),
        ("log(sigmoid(x))", {"x": "1 - sigmoid(x)"}),
        ("sin(pi*x)", {"x": "pi*cos(pi*x)"}),
        ("sin(2*x)", {"x": "2*cos(2*x)"}),
        ("a*b*c*d*e*f*g*u*v*w", {name: "*".join(n for n in "abcdefguvw" if n != name) for name in "abcdefguvw"}),
        ("9**9**9**9*x", {"x": "9**9**9**9"}),
        ("(3*x)^1000000000", {"x": "3000000000*(3*x)**999999999"}),
        ("x^(10^10)", {"x": "10000000000*x**9999999999"}),
        ("max(x, x)", {"x": "1"}),
    ],
)
def test_labels_as_a_textbook_writes_them(text: str, written: dict[str, str]) -> None:
    assert labels(text) == written


def test_a_label_of_the_users_function_is_of_its_body() -> None:
    spec = read_spec("half(t) = t/2; sq(t) = half(t)*t; exp(t) = 1 + t; z = sq(a - y); e = exp(a)", inline=True)
    shown = {
        name: [str(Expression(tree, node.arguments, name)) for tree in partials(node.tree).values()]
        for name, node in spec.nodes.items()
        if node.tree is not None
    }
    assert shown == {"z": ["-(a - y)", "a - y"], "e": ["1"]}


# Each function anew, from other definitions than those of the table, and points all over its domain.
ANYWHERE = ("-3.1", "-0.7", "-1e-5", "0.2", "1", "2.6")
POSITIVE = ("1e-5", "0.3", "1", "7.5")
INSIDE = ("-0.99", "-0.5", "-1e-5", "0.3", "0.99")
OUTSIDE = ("-50", "-1.01", "1.01", "3")
ORACLES: dict[str, tuple[Callable[..., Any], tuple[str, ...]]] = {
    "exp": (lambda x: m.e**x, ANYWHERE),
    "log": (lambda x: 2 * m.atanh((x - 1) / (x + 1)), POSITIVE),
    "log2": (lambda x: m.log(x, 2), POSITIVE),
    "log10": (lambda x: m.log(x, 10), POSITIVE),
    "sqrt": (lambda x: m.exp(m.log(x) / 2), POSITIVE),
    "cbrt": (lambda x: m.exp(m.log(x) / 3) if x > 0 else -m.exp(m.log(-x) / 3), ("-8", "-1e-5", "0.3", "27")),
    "abs": (lambda x: x if x > 0 else -x, ANYWHERE),
    "sign": (lambda x: m.mpf(1 if x > 0 else -1), ANYWHERE),
    "sin": (lambda x: m.im(m.expj(x)), ANYWHERE),
    "cos": (lambda x: m.re(m.expj(x)), ANYWHERE),
    "tan": (lambda x: m.im(m.expj(x)) / m.re(m.expj(x)), ANYWHERE),
    "cot": (lambda x: m.re(m.expj(x)) / m.im(m.expj(x)), ANYWHERE),
    "sec": (lambda x: 1 / m.re(m.expj(x)), ANYWHERE),
    "csc": (lambda x: 1 / m.im(m.expj(x)), ANYWHERE),
    "asin": (lambda x: 2 * m.atan(x / (1 + m.sqrt(1 - x * x))), INSIDE),
    "acos": (lambda x: m.pi / 2 - 2 * m.atan(x / (1 + m.sqrt(1 - x * x))), INSIDE),
    "atan": (lambda x: m.arg(m.mpc(1, x)), ANYWHERE),
    "acot": (lambda x: m.arg(m.mpc(x, 1)) if x > 0 else m.arg(m.mpc(-x, -1)), ANYWHERE),
    "asec": (lambda x: m.arg(m.mpc(1 / x, m.sqrt(1 - 1 / x**2))), OUTSIDE),
    "acsc": (lambda x: m.arg(m.mpc(m.sqrt(1 - 1 / x**2), 1 / x)), OUTSIDE),
    "atan2": (lambda y, x: m.arg(m.mpc(x, y)), ANYWHERE),
    "hypot": (lambda x, y: abs(m.mpc(x, y)), ANYWHERE),
    "sinh": (lambda x: (m.exp(x) - m.exp(-x)) / 2, ANYWHERE),
    "cosh": (lambda x: (m.exp(x) + m.exp(-x)) / 2, ANYWHERE),
    "tanh": (lambda x: 1 - 2 / (m.exp(2 * x) + 1), ANYWHERE),
    "coth": (lambda x: 1 + 2 / m.expm1(2 * x), ANYWHERE),
    "sech": (lambda x: 2 / (m.exp(x) + m.exp(-x)), ANYWHERE),
    "csch": (lambda x: 2 / (m.exp(x) - m.exp(-x)), ANYWHERE),
    "asinh": (lambda x: m.log(x + m.sqrt(x * x + 1)), ANYWHERE),
    "acosh": (lambda x: m.log(x + m.sqrt(x * x - 1)), ("1.01", "2", "50")),
    "atanh": (lambda x: m.log((1 + x) / (1 - x)) / 2, INSIDE),
    "acoth": (lambda x: m.log((x + 1) / (x - 1)) / 2, OUTSIDE),
    "asech": (lambda x: m.log((1 + m.sqrt(1 - x * x)) / x), ("1e-5", "0.5", "0.99")),
    "acsch": (lambda x: m.log(1 / x + m.sqrt(1 / x**2 + 1)), ANYWHERE),
    "erf": (lambda x: 2 * m.ncdf(x * m.sqrt(2)) - 1, ANYWHERE),
    "sigmoid": (lambda x: (1 + m.tanh(x / 2)) / 2, ANYWHERE),
    "softplus": (lambda x: m.log(1 + m.exp(x)), ANYWHERE),
    "relu": (lambda x: (x + abs(x)) / 2, ANYWHERE),
    "silu": (lambda x: x / (1 + m.exp(-x)), ANYWHERE),
    "gelu": (lambda x: x * m.ncdf(x), ANYWHERE),
    "heaviside": (lambda x: m.mpf(1 if x > 0 else 0), ANYWHERE),
    "min": (lambda x, y: (x + y - abs(x - y)) / 2, ANYWHERE),
    "max": (lambda x, y: (x + y + abs(x - y)) / 2, ANYWHERE),
}


def test_every_row_of_the_table_has_an_oracle() -> None:
    assert list(ORACLES) == [row.name for row in TABLE]


@pytest.mark.parametrize("name", ORACLES)
def test_values_and_partials_are_those_of_the_oracle(name: str) -> None:
    oracle, texts = ORACLES[name]
    row = KNOWN[name]
    count = len(inspect.signature(oracle).parameters)
    tree = parse(f"{name}({', '.join('abcd'[:count])})").tree
    found = partials(tree)
    for text in texts:
        for other in texts if count == 2 else texts[:1]:
            point = [m.mpf(text), m.mpf(other)][:count]
            if count == 2 and text == other and row.selects:
                continue  # a kink
            assert row.domain(*point)
            own = value(tree, point, m)
            assert abs(own - oracle(*point)) <= CLOSE * max(1, abs(own)), (name, point)
            for index in range(count):
                numeric = m.diff(oracle, tuple(point), tuple(int(i == index) for i in range(count)))
                exact = value(found.get(index, ZERO), point, m, own)
                assert abs(exact - numeric) <= CLOSE * max(1, abs(numeric)), (name, point, index)


@pytest.mark.parametrize("name", ORACLES)
def test_partials_through_a_composition_are_those_of_the_oracle(name: str) -> None:
    """In the node's own value no longer: f(g(t))·t and its square, at points that g takes into the domain."""
    oracle, texts = ORACLES[name]
    count = len(inspect.signature(oracle).parameters)
    arguments = ", ".join(["(3*t - 1)/2", "(1 - t)*s"][:count])
    tree = parse(f"t*{name}({arguments})^2 + s").tree

    def whole(t: Any, s: Any) -> Any:
        return t * oracle(*[(3 * t - 1) / 2, (1 - t) * s][:count]) ** 2 + s

    found = partials(tree)
    for text in texts:
        point = ((2 * m.mpf(text) + 1) / 3, m.mpf("0.37"))
        own = value(tree, point, m)
        assert abs(own - whole(*point)) <= CLOSE * max(1, abs(own))
        for index in range(2):
            numeric = m.diff(whole, point, (1 - index, index))
            exact = value(found.get(index, ZERO), point, m, own)
            assert abs(exact - numeric) <= CLOSE * max(1, abs(numeric)), (text, index)


@pytest.mark.parametrize(
    ("text", "label"),
    [("abs(x)", "0"), ("relu(x)", "1/2"), ("max(x, 0)", "1/2"), ("min(x, 0, 1)", "1/2"), ("x*heaviside(x)", "1/2")],
)
def test_at_a_kink_the_partial_is_the_mean_of_both_sides(text: str, label: str) -> None:
    tree = parse(text).tree
    own = value(tree, [m.mpf(0)], m)
    assert value(partials(tree)[0], [m.mpf(0)], m, own) == value(parse(label).tree, [], m)


@given(tame_texts(("x", "y")), st.sampled_from(["0.37", "-1.25", "2"]), st.sampled_from(["0.81", "-0.4"]))
def test_partials_are_numeric_derivatives(text: str, x: str, y: str) -> None:
    read = parse(text)
    at = {"x": m.mpf(x), "y": m.mpf(y)}
    point = [at[name] for name in read.names]
    own = value(read.tree, point, m)
    for index, name in enumerate(read.names):
        label = partials(read.tree).get(index, ZERO)
        exact = value(label, point, m, own)

        def moved(t: Any, index: int = index) -> Any:
            return value(read.tree, [*point[:index], t, *point[index + 1 :]], m)

        numeric = m.diff(moved, at[name])
        assert abs(exact - numeric) <= CLOSE * max(1, abs(numeric)), name


def in_the_tables_names(tree: Tree) -> Tree:
    """The tree without aliases, as a spec's reader hands it on."""
    nowhere = Text("", Source("", ""), 0)
    return Functions([]).put_in(tree, nowhere, Parsed(tree, [], {}))


@given(any_trees())
def test_any_expression_has_partials(tree: Tree) -> None:
    tree = in_the_tables_names(tree)
    found = partials(tree)
    assert sorted(found) == sorted(ex.slots_of(tree))
    assert partials(tree) is found


@pytest.mark.parametrize(
    ("text", "largest"),
    [
        ("x" + "+x" * 50_000, 3),
        ("x" + "*x" * 50_000, 100),
        ("x" + "/x" * 5_000, 40_000),
        ("x" + "^x" * 5_000, 100_000),
        ("x" + "-(x" * 5_000 + ")" * 5_000, 20_000),
        ("-" * 20_000 + "x", 20_000),
        ("sin(" * 5_000 + "x" + ")" * 5_000, 20_000),
        ("+".join(f"x{i}" for i in range(10_000)), 2),
        ("*".join(f"x{i}" for i in range(5_000)), 40_000),
        ("sqrt(1+" * 3_000 + "x" + ")" * 3_000, 20_000),
        ("(" * 3_000 + "x" + ")^2" * 3_000, 20_000),
        ("1/x^(" * 1_000 + "x" + ")" * 1_000, 50_000),
        ("x^-(-" * 2_000 + "2" + ")" * 2_000, 40_000),
        ("x^(" + "/".join(["2"] * 3_000) + ")", 10_000),
        ("+".join(f"x/{2 * i + 1}" for i in range(3_000)), 10_000),
        (f"max({', '.join(f'x{i}' for i in range(5_000))})", 40_000),
    ],
    ids=lambda value: str(value)[:10],
)
def test_partials_of_long_and_deep_expressions_stay_small(text: str, largest: int) -> None:
    found = list(partials(parse(text).tree).values())
    assert len(postorder(ex.add(ex.ONE, *found))) <= largest


def test_partials_of_shared_parts_stay_small() -> None:
    """Functions that double: written out, the last one has more than 2^60 operations."""
    doubling = "; ".join(f"f{i + 1}(t) = f{i}(t)*cos(f{i}(t)) + sin(f{i}(t))" for i in range(60))
    spec = read_spec(f"f0(t) = t + 1; {doubling}; z = f60(x/2)", inline=True)
    tree = spec.nodes["z"].tree
    assert tree is not None
    assert len(postorder(tree)) == 4 + 1 + 60 * 4
    [partial] = partials(tree).values()
    assert len(postorder(partial)) < 4000
    at = m.mpf("-1.9")
    numeric = m.diff(lambda x: value(tree, [x], m), at)
    exact = value(partial, [at], m, value(tree, [at], m))
    assert abs(exact - numeric) < CLOSE * max(1, abs(numeric))


def test_powers_of_powers_are_taken_apart_to_a_depth() -> None:
    text = "y"
    for _ in range(500):
        text = f"(x^{text})^2"
    node = read_spec(f"h = {text}", inline=True).nodes["h"]
    assert node.tree is not None
    found = partials(node.tree)
    one = {i: mpmath.mpf(1) for i in range(len(node.arguments))}
    assert value(found[node.arguments.index("x")], one, m, mpmath.mpf(1)) == 2
    assert value(found[node.arguments.index("y")], one, m, mpmath.mpf(1)) == 0
