"""Expressions as SymPy expressions in real symbols. SymPy is imported when first needed, here and in the verifier."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any, Final

import sympy

from pathdiff.expression import Expression, Tree, postorder, spec_text
from pathdiff.functions import KNOWN
from pathdiff.spec import Node

LARGEST_BITS: Final = 1000
"""SymPy takes numbers apart and some of them for floats: a longer one is refused."""
LARGEST_BOUND: Final = 20_000
"""SymPy multiplies numbers out when it meets them: where a longer one may come out, it isn't asked to."""
LARGEST_DEPTH: Final = 100
"""SymPy calls itself for each operation inside another one; an expression that nests deeper is refused."""


class TooLarge(ValueError):
    """SymPy would compute with this expression for too long."""


def _half(x: Any) -> Any:
    return sympy.Heaviside(x, sympy.Rational(1, 2))


_OTHER_NAMES: Final[dict[str, Callable[..., Any]]] = {
    "abs": sympy.Abs,
    "min": sympy.Min,
    "max": sympy.Max,
    "log2": lambda x: sympy.log(x) / sympy.log(2),
    "log10": lambda x: sympy.log(x) / sympy.log(10),
    "cbrt": lambda x: sympy.sign(x) * sympy.Abs(x) ** sympy.Rational(1, 3),
    "hypot": lambda x, y: sympy.sqrt(x**2 + y**2),
    "sigmoid": lambda x: 1 / (1 + sympy.exp(-x)),
    "softplus": lambda x: sympy.log(1 + sympy.exp(x)),
    "relu": lambda x: x * _half(x),
    "silu": lambda x: x / (1 + sympy.exp(-x)),
    "gelu": lambda x: x * (1 + sympy.erf(x / sympy.sqrt(2))) / 2,
    "heaviside": _half,
}


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
                make = _OTHER_NAMES.get(KNOWN[tree.text].name) or getattr(sympy, KNOWN[tree.text].name)
                done[tree] = make(*args)
        number, _ = done[tree].as_coeff_Mul()
        if number.is_Rational and max(int(number.p).bit_length(), int(number.q).bit_length()) > LARGEST_BITS:
            raise TooLarge(f"a number in {spec_text(expression, 60)} would get too long")
    return done[expression.tree]


def _bits(tree: Tree, args: list[int], values: list[Any]) -> int:
    """An upper bound for the length of the numbers that SymPy gets when it multiplies everything out."""
    if tree.kind == "number":
        assert isinstance(tree.value, Fraction)
        return tree.value.numerator.bit_length() + tree.value.denominator.bit_length() - 1
    if tree.kind != "^":
        return sum(args)
    exponent = values[1]
    return args[0] * (abs(exponent.p) + 1) + args[1] if exponent.is_Rational else sum(args)
