"""Expressions as SymPy expressions in real symbols. SymPy is imported when first needed, here and in the verifier."""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from typing import Any, Final

import sympy

from pathdiff.expression import Expression, Tree, postorder, spec_text
from pathdiff.functions import KNOWN, Function
from pathdiff.grammar import parse
from pathdiff.spec import Node

LARGEST_BITS: Final = 1000
"""SymPy takes numbers apart and some of them for floats: a longer one is refused."""
LARGEST_BOUND: Final = 20_000
"""SymPy multiplies numbers out when it meets them: where a longer one may come out, it isn't asked to."""
LARGEST_DEPTH: Final = 100
"""SymPy calls itself for each operation inside another one; an expression that nests deeper is refused."""


class TooLarge(ValueError):
    """SymPy would compute with this expression for too long."""


def symbol(name: str) -> sympy.Symbol:
    """The real symbol of a name."""
    return sympy.Symbol(name, real=True)


def abstract_partial(node: Node, index: int) -> sympy.Expr:
    """∂v/∂u of an abstract node v, unevaluated."""
    symbols = [symbol(name) for name in node.arguments]
    return sympy.Derivative(sympy.Function(node.name)(*symbols), symbols[index])


def to_sympy(expression: Expression) -> sympy.Expr:
    """The same expression in SymPy, which may write it in another order. Raises TooLarge."""
    try:
        return _in_sympy(expression)
    except RecursionError:
        raise TooLarge(f"{spec_text(expression, 60)} nests too deep") from None


def _in_sympy(expression: Expression) -> sympy.Expr:
    done: dict[Tree, Any] = {}
    bits: dict[Tree, int] = {}
    depths: dict[Tree, int] = {}
    for tree in postorder(expression.tree):
        args = [done[arg] for arg in tree.args]
        bits[tree] = _bits(tree, [bits[arg] for arg in tree.args], args)
        if bits[tree] > LARGEST_BOUND:
            raise TooLarge(f"a number in {spec_text(expression, 60)} would get too long")
        depths[tree] = 1 + max((depths[arg] for arg in tree.args), default=0)
        if depths[tree] > LARGEST_DEPTH:
            raise TooLarge(f"{spec_text(expression, 60)} nests too deep")
        match tree.kind:
            case "number":
                assert isinstance(tree.value, Fraction)
                done[tree] = sympy.Rational(tree.value.numerator, tree.value.denominator)
            case "slot":
                assert isinstance(tree.value, int)
                done[tree] = symbol(expression.name(tree.value))
            case "pi":
                done[tree] = sympy.pi
            case "+":
                done[tree] = sympy.Add(*args)
            case "*":
                done[tree] = sympy.Mul(*args)
            case "neg":
                done[tree] = -args[0]
            case "/":
                done[tree] = args[0] / args[1]
            case "^":
                done[tree] = args[0] ** args[1]
            case "call":
                done[tree] = _call(KNOWN[tree.text], args)
        number, _ = done[tree].as_coeff_Mul()
        if number.is_Rational and max(int(number.p).bit_length(), int(number.q).bit_length()) > LARGEST_BITS:
            raise TooLarge(f"a number in {spec_text(expression, 60)} would get too long")
    return done[expression.tree]


def _call(function: Function, args: list[Any]) -> Any:
    """A call in SymPy, by its name there, or in functions that SymPy has."""
    if not function.composed:
        return getattr(sympy, function.sympy or function.name)(*args)
    return _composed(function)(*args)


@cache
def _composed(function: Function) -> Any:
    """What a function is in others, as a SymPy function of its parameters."""
    read = parse(function.composed)
    return sympy.Lambda(tuple(map(symbol, function.parameters)), _in_sympy(Expression(read.tree, read.names)))


def _bits(tree: Tree, args: list[int], values: list[Any]) -> int:
    """An upper bound for the length of the numbers that SymPy gets when it multiplies everything out."""
    if tree.kind == "number":
        assert isinstance(tree.value, Fraction)
        return tree.value.numerator.bit_length() + tree.value.denominator.bit_length() - 1
    if tree.kind != "^":
        return sum(args)
    exponent = values[1]
    return args[0] * (abs(exponent.p) + 1) + args[1] if exponent.is_Rational else sum(args)
