"""Expressions in SymPy: the same values, and a refusal where SymPy would compute for too long."""

from __future__ import annotations

from typing import Any

import mpmath
import pytest
import sympy
from hypothesis import example, given
from strategies import tame_texts

from pathdiff.expression import Expression, Tree
from pathdiff.functions import TABLE
from pathdiff.grammar import parse
from pathdiff.numeric import NotReal, value
from pathdiff.reader import read_spec
from pathdiff.symbolic import TooLarge, abstract_partial, symbol, to_sympy

POINTS = ("-2.7", "-1", "-0.4", "0", "0.3", "1", "1.9")
M = mpmath.mp.clone()
M.dps = 40


def in_sympy(text: str) -> Any:
    read = parse(text)
    return to_sympy(Expression(read.tree, read.names))


def same(tree: Tree, names: list[str], found: Any, point: list[str]) -> None:
    try:
        wanted = value(tree, [M.mpf(number) for number in point], M)
    except NotReal:
        return
    at = {symbol(name): sympy.Rational(number) for name, number in zip(names, point, strict=True)}
    numeric = M.mpf(sympy.N(found.subs(at), 40))
    assert abs(numeric - wanted) < M.mpf(10) ** -35 * max(1, abs(wanted)), point


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
def test_every_function_has_the_same_value_in_sympy(row: Any) -> None:
    count = len(row.parameters) or 3
    read = parse(f"{row.name}({', '.join('abc'[:count])})")
    found = in_sympy(f"{row.name}({', '.join('abc'[:count])})")
    for first in POINTS:
        for others in [["1.3", "-0.2"], ["-0.4", "1.9"], ["0", "0"]] if count > 1 else [[]]:
            same(read.tree, read.names, found, [first, *others][:count])


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("x + y - 2*x", "-x + y"),
        ("x*y/x", "y"),
        ("x^2/4", "x**2/4"),
        ("0.1*x", "x/10"),
        ("-x^2", "-x**2"),
        ("pi*x", "pi*x"),
        ("ln(x)", "log(x)"),
        ("abs(x)", "Abs(x)"),
        ("sigmoid(x)", "1/(1 + exp(-x))"),
        ("lambda*E + I*S - N*Q", "E*lambda + I*S - N*Q"),
        ("x^(10^10)", "x**10000000000"),
    ],
)
def test_expressions_in_sympy(text: str, found: str) -> None:
    [node] = read_spec(f"p = {text}", inline=True).nodes.values()
    assert node.tree is not None
    assert str(to_sympy(Expression(node.tree, node.arguments, "p"))) == found


def test_names_are_real_symbols_and_never_sympys_own() -> None:
    found = in_sympy("E*I + beta*gamma")
    assert found.free_symbols == {sympy.Symbol(name, real=True) for name in ("E", "I", "beta", "gamma")}


def test_the_partial_of_an_abstract_node_is_unevaluated() -> None:
    [node] = read_spec("z1 = z1(x1, x2)", inline=True).nodes.values()
    assert str(abstract_partial(node, 1)) == "Derivative(z1(x1, x2), x2)"


@given(tame_texts(("x", "y"), most=3))
@example("1/(2 + (1/(2 + ((2 + cos(x))**-2)**2)**(3/2))**2)**(3/2)")
def test_random_expressions_have_the_same_value_in_sympy(text: str) -> None:
    read = parse(text)
    same(read.tree, read.names, in_sympy(text), ["0.37", "-1.25"][: len(read.names)])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("9**9**9**9", "a number in 9**9**9**9 would get too long"),
        ("10**10**10*x", "a number in 10**10**10*x would get too long"),
        ("(3*x)^1000000000", "a number in (3*x)**1000000000 would get too long"),
        ("(1/3)^-(10^9)", "a number in (1/3)**(-10**9) would get too long"),
        ("sqrt(2)^(10^9)", "a number in sqrt(2)**10**9 would get too long"),
        ("2^-1e9", "a number in 2**(-1e9) would get too long"),
        ("1e4000", "a number in 1e4000 would get too long"),
        ("*".join(["1e100"] * 20), f"a number in {'1e100*' * 10}… would get too long"),
        ("cos(" * 200 + "x" + ")" * 200, f"{'cos(' * 15}… nests too deep"),
        ("sigmoid(" * 99 + "x" + ")" * 99, f"{'sigmoid(' * 7}sigm… nests too deep"),
        ("(" * 10_000 + "x" + "+1)*2" * 10_000, f"{'(' * 60}… nests too deep"),
    ],
    ids=lambda text: text[:20],
)
def test_what_sympy_would_take_too_long_for_is_refused(text: str, message: str) -> None:
    with pytest.raises(TooLarge) as refused:
        in_sympy(text)
    assert str(refused.value) == message
