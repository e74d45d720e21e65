"""Products, sums and powers: tidied in reading order, never changed in value, in bounded time."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import mpmath
import pytest
from hypothesis import assume, given
from strategies import any_trees

from pathdiff import expression as ex
from pathdiff.algebra import MAX_BITS, Effort, Exact, exact, negative, over, plus, raised, times
from pathdiff.calls import Functions
from pathdiff.expression import ONE, TWO, ZERO, Expression, Tree, postorder
from pathdiff.grammar import Parsed, parse
from pathdiff.numeric import NotReal, value, values_of_parts
from pathdiff.source import Source, Text

NAMES = ("x", "y", "z", "a", "b")


def tree(text: str) -> Tree:
    read = parse(text)
    return ex.substitute(read.tree, {i: ex.slot(NAMES.index(name)) for i, name in enumerate(read.names)})


def trees(*texts: str) -> list[Tree]:
    return [tree(text) for text in texts]


def shown(found: Tree) -> str:
    return str(Expression(found, NAMES))


@pytest.mark.parametrize(
    ("factors", "product"),
    [
        ([], "1"),
        (["x"], "x"),
        (["1", "x", "1"], "x"),
        (["x", "2"], "2*x"),
        (["x", "2", "y", "3"], "6*x*y"),
        (["0.5", "4", "x"], "2*x"),
        (["0.1", "0.2"], "0.02"),
        (["0.1", "1/3"], "1/30"),
        (["2/3", "x", "3/4"], "x/2"),
        (["x", "-y"], "-x*y"),
        (["-x", "-y"], "x*y"),
        (["x", "0"], "0"),
        (["x", "x"], "x**2"),
        (["x", "y", "x"], "x**2*y"),
        (["x^2", "x^3"], "x**5"),
        (["x^a", "x^b"], "x**(a + b)"),
        (["x^a", "x^-a"], "1"),
        (["x", "1/x"], "1"),
        (["x/y", "y/x"], "1"),
        (["1/x", "1/y"], "1/(x*y)"),
        (["sqrt(x)", "sqrt(x)"], "x"),
        (["sqrt(x)", "1/x"], "1/sqrt(x)"),
        (["x", "sqrt(x)"], "x**(3/2)"),
        (["sqrt(2)", "sqrt(2)"], "2"),
        (["x^(1/3)", "x^(2/3)"], "x"),
        (["sin(x)", "y", "2"], "2*y*sin(x)"),
        (["x + y", "x"], "x*(x + y)"),
        (["x + y", "y + x"], "(x + y)*(y + x)"),
        (["2*(x - y)", "x"], "2*x*(x - y)"),
        (["pi", "2", "x"], "2*pi*x"),
        (["x*y", "(x*y)^2"], "x**3*y**3"),
        (["x*(y*z)", "2"], "2*(x*(y*z))"),
        (["1/0", "x"], "x/0"),
        (["9**9**9", "x"], "9**9**9*x"),
    ],
)
def test_products(factors: list[str], product: str) -> None:
    assert shown(times(*trees(*factors))) == product


@pytest.mark.parametrize(
    ("above", "below", "quotient"),
    [
        ("x", "y", "x/y"),
        ("x", "1", "x"),
        ("1", "x", "1/x"),
        ("2*x", "4*y", "x/(2*y)"),
        ("x", "x", "1"),
        ("x^3", "x", "x**2"),
        ("x", "x^3", "1/x**2"),
        ("x", "-y", "-x/y"),
        ("x/y", "z", "x/(y*z)"),
        ("x", "y/z", "x*z/y"),
        ("x", "(y*z)^2", "x/(y**2*z**2)"),
        ("x", "0", "x/0"),
        ("x", "(0*y)^2", "x/(0*y)**2"),
        ("x", "y^z", "x*y**(-z)"),
        ("x", "y^(a - b)", "x*y**(-(a - b))"),
        ("0", "x", "0"),
        ("0.3", "0.1", "3"),
        ("1", "3.0", "1/3"),
    ],
)
def test_quotients(above: str, below: str, quotient: str) -> None:
    assert shown(over(*trees(above, below))) == quotient


@pytest.mark.parametrize(
    ("terms", "sum_"),
    [
        (["x", "y"], "x + y"),
        (["x", "x"], "2*x"),
        (["x"] * 100, "100*x"),
        (["x", "-x"], "0"),
        (["2*x", "-x"], "x"),
        (["-x", "y"], "y - x"),
        (["-x", "-y"], "-x - y"),
        (["x", "1", "2"], "x + 3"),
        (["x - 1", "1"], "x"),
        (["x + y", "-(x - y)"], "2*y"),
        (["x*y", "y*x"], "2*x*y"),
        (["x/2", "x/3"], "5*x/6"),
        (["0.1*x", "0.2*x"], "0.3*x"),
        (["0", "x"], "x"),
        (["0"], "0"),
        (["sin(x)^2", "cos(x)^2"], "sin(x)**2 + cos(x)**2"),
        (["x*(y + z)", "-x*y"], "x*(y + z) - x*y"),
        ([], "0"),
    ],
)
def test_sums(terms: list[str], sum_: str) -> None:
    assert shown(plus(trees(*terms))) == sum_


@pytest.mark.parametrize(
    ("base", "exponent", "power"),
    [
        ("x", "2", "x**2"),
        ("x", "1", "x"),
        ("x", "0", "1"),
        ("x", "-1", "1/x"),
        ("x", "1/2", "sqrt(x)"),
        ("x", "0.5", "sqrt(x)"),
        ("x", "0.4", "x**0.4"),
        ("x", "y", "x**y"),
        ("2", "10", "1024"),
        ("2", "-2", "1/4"),
        ("0.5", "2", "0.25"),
        ("2", "1e9", "2**1000000000"),
        ("10", "10^10", "10**10**10"),
        ("0", "0", "1"),
        ("0", "-1", "1/0"),
        ("-x", "2", "x**2"),
        ("-x", "3", "-x**3"),
        ("x^2", "3", "x**6"),
        ("x^2", "1/2", "sqrt(x**2)"),
        ("sqrt(x)", "2", "x"),
        ("2*x/y", "2", "4*x**2/y**2"),
        ("0*x", "-1", "1/(0*x)"),
        ("x^y", "2", "x**(2*y)"),
    ],
)
def test_powers(base: str, exponent: str, power: str) -> None:
    assert shown(raised(*trees(base, exponent))) == power


@pytest.mark.parametrize(
    ("text", "opposite"), [("x", "-x"), ("-x", "x"), ("2", "-2"), ("x - y", "-(x - y)"), ("0", "0")]
)
def test_opposites(text: str, opposite: str) -> None:
    assert shown(negative(tree(text))) == opposite


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("2", Exact(Fraction(2))),
        ("-2", Exact(Fraction(-2))),
        ("--2", Exact(Fraction(2))),
        ("1/2", Exact(Fraction(1, 2))),
        ("-1/-4", Exact(Fraction(1, 4))),
        ("0.25", Exact(Fraction(1, 4), decimal=True)),
        ("1e2", Exact(Fraction(100), decimal=True)),
        ("0.5/3", Exact(Fraction(1, 6), decimal=True)),
        ("1/0", None),
        ("2*3", None),
        ("x", None),
        ("pi", None),
        ("1/" * 20 + "2", None),
        ("-" * 20 + "2", None),
    ],
)
def test_numbers_written_out(text: str, number: Exact | None) -> None:
    assert exact(tree(text)) == number


def test_numbers_are_folded_while_they_are_short() -> None:
    long = "7" * (MAX_BITS // 3)
    product = times(*trees(long, long, "x"))
    assert shown(product) == f"{long}**2*x"
    assert len(shown(times(*trees(*[long] * 50, "x")))) < 5000
    assert shown(times(*trees("1e-4000", "x"))) == f"x/1{'0' * 4000}"
    assert shown(plus(trees("1e4000", "1e4000"))) == f"2*1{'0' * 4000}"
    primes = [n for n in range(3, 1000) if all(n % d for d in range(2, n))]
    many = plus(ex.div(ex.slot(0), ex.number(prime)) for prime in primes)
    assert value(many, [mpmath.mpf(1)], mpmath.mp) == pytest.approx(sum(1 / prime for prime in primes))
    assert all(
        part.value.denominator.bit_length() <= MAX_BITS for part in postorder(many) if isinstance(part.value, Fraction)
    )


def test_long_products_and_sums_are_nested() -> None:
    product, total = ONE, ZERO
    for index in range(1000):
        product = times(product, ex.slot(index))
        total = plus([total, ex.slot(index)])
    assert len(postorder(product)) < 2000
    assert len(postorder(total)) < 2000
    assert ex.slots_of(product) == ex.slots_of(total) == list(range(1000))


def test_spent_effort_leaves_everything_as_it_comes() -> None:
    spent = Effort(0)
    x, y = trees("x", "y")
    assert shown(times(x, x, ONE, effort=spent)) == "x*x"
    assert shown(times(x, effort=spent)) == "x"
    assert shown(over(x, x, effort=spent)) == "x/x"
    assert shown(raised(x, ONE, effort=spent)) == "x**1"
    assert shown(plus([x, y, x], effort=spent)) == "x + x + y"
    assert shown(negative(x, effort=spent)) == "(-1)*x"
    short = Effort(3)
    assert shown(times(*trees("x*y*x", "y*z*y"), effort=short)) == "x**2*y*(y*z*y)"
    assert short.steps < 0


M = mpmath.mp.clone()
M.dps = 300
POINT = [M.mpf("0.37"), M.mpf("-1.25"), M.mpf("2.5")]


def value_of(found: Tree) -> Any:
    """The value at the point, if it and all on the way to it have one of ordinary size."""
    try:
        parts = values_of_parts(found, POINT, M)
    except NotReal:
        return None
    return (
        value(found, POINT, M)
        if all(abs(M.mag(part)) < 200 for part in map(M.convert, parts.values()) if part)
        else None
    )


def in_the_tables_names(found: Tree) -> Tree:
    return Functions([]).put_in(found, Text("", Source("", ""), 0), Parsed(found, [], {}))


@given(any_trees(most=6), any_trees(most=6), any_trees(most=5))
def test_no_value_is_changed(a: Tree, b: Tree, c: Tree) -> None:
    a, b, c = map(in_the_tables_names, (a, b, c))
    pairs = [
        (ex.mul(a, b), times(a, b)),
        (ex.mul(a, b, c, a), times(a, b, c, a)),
        (ex.div(a, b), over(a, b)),
        (ex.div(ex.mul(a, b), ex.mul(b, c)), over(ex.mul(a, b), ex.mul(b, c))),
        (ex.add(a, b), plus([a, b])),
        (ex.add(a, ex.neg(b), c, ex.neg(a)), plus([a, ex.neg(b), c, ex.neg(a)])),
        (ex.neg(a), negative(a)),
        (ex.power(a, b), raised(a, b)),
        (ex.power(a, TWO), raised(a, TWO)),
        (ex.power(a, ex.neg(ex.number(3))), raised(a, ex.neg(ex.number(3)))),
        (ex.div(ONE, ex.power(a, ex.div(b, c))), over(ONE, ex.power(a, ex.div(b, c)))),
    ]
    compared = 0
    for plain, tidy in pairs:
        wanted = value_of(plain)
        if wanted is not None:
            compared += 1
            assert abs(value(tidy, POINT, M) - wanted) <= M.mpf(10) ** -40 * max(1, abs(wanted)), (plain, tidy)
    assume(compared)


@given(any_trees(most=8), any_trees(most=8))
def test_the_value_does_not_depend_on_the_effort(a: Tree, b: Tree) -> None:
    a, b = map(in_the_tables_names, (a, b))
    wanted = value_of(ex.mul(a, ex.add(a, b)))
    for steps in (1, 3, 10):
        effort = Effort(steps)
        tidy = times(a, plus([a, b], effort=effort), effort=effort)
        if wanted is not None:
            assert abs(value(tidy, POINT, M) - wanted) <= M.mpf(10) ** -40 * max(1, abs(wanted))
