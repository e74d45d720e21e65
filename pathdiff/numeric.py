"""Values of expressions at a point, by mpmath: real scalars, to as many digits as asked for.

A value that is not a real number is an error that says which operation met what, never a nan or a complex number.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any, Final

from pathdiff.expression import OWN, Expression, Tree, postorder, spec_text
from pathdiff.functions import KNOWN
from pathdiff.spec import Node

Real = Any
"""An mpmath mpf: mpmath has no types."""
Context = Any
"""An mpmath context, which fixes the precision."""

LARGEST_MAGNITUDE: Final = 4096
"""Arguments of functions and powers stay below 2 to this power: beyond it, time and memory have no bound."""


class NotReal(Exception):
    """An operation has no real value: what it met, in words."""

    def __init__(self, tree: Tree, reason: str) -> None:
        super().__init__(reason)
        self.tree = tree
        self.reason = reason


def value(tree: Tree, arguments: Sequence[Real], context: Context, own: Real = None) -> Real:
    """The value of an expression, slot i being the i-th argument. Raises NotReal. Cost O(size)."""
    return values_of_parts(tree, arguments, context, own)[tree]


def values_of_parts(tree: Tree, arguments: Sequence[Real], context: Context, own: Real = None) -> dict[Tree, Real]:
    """The value of every operation of an expression. Raises NotReal."""
    done: dict[Tree, Real] = {}
    for part in postorder(tree):
        args = [done[arg] for arg in part.args]
        match part.kind:
            case "number":
                assert isinstance(part.value, Fraction)
                done[part] = context.mpf(part.value.numerator) / part.value.denominator
            case "slot":
                assert isinstance(part.value, int)
                done[part] = own if part.value == OWN else arguments[part.value]
            case "pi":
                done[part] = +context.pi
            case "+":
                done[part] = context.fsum(args)
            case "*":
                done[part] = context.fprod(args)
            case "neg":
                done[part] = -args[0]
            case "/":
                if not args[1]:
                    raise NotReal(part, "a division by 0")
                done[part] = args[0] / args[1]
            case "^":
                done[part] = _power(part, args[0], args[1], context)
            case "call":
                done[part] = _call(part, args, context)
    return done


def _power(tree: Tree, base: Real, exponent: Real, context: Context) -> Real:
    if context.mag(exponent) > LARGEST_MAGNITUDE or (base and abs(context.mag(base)) > 2**LARGEST_MAGNITUDE):
        raise NotReal(tree, "a power too large to compute")
    if base > 0:
        return context.power(base, exponent)
    if base < 0:
        if not context.isint(exponent):
            raise NotReal(tree, f"the power {_short(exponent, context)} of the negative number {_short(base, context)}")
        size = context.power(-base, exponent)
        return -size if int(exponent) % 2 else size
    if exponent < 0:
        raise NotReal(tree, "a division by 0")
    return context.mpf(0 if exponent else 1)


def _call(tree: Tree, args: list[Real], context: Context) -> Real:
    function = KNOWN[tree.text]
    if any(context.mag(arg) > LARGEST_MAGNITUDE for arg in args if arg):
        raise NotReal(tree, f"an argument of {function.name} too large to compute with")
    if not function.domain(*args):
        shown = ", ".join(_short(arg, context) for arg in args)
        raise NotReal(tree, f"{function.name}({shown}), which is defined for {function.domain_text} only")
    return function.value(context, *args)


def _short(number: Real, context: Context) -> str:
    return str(context.nstr(number, 6)).removesuffix(".0")


def forward_pass(
    nodes: Mapping[str, Node], order: Iterable[str], point: Mapping[str, Real], context: Context
) -> dict[str, Real]:
    """The values of all nodes of `order`, each after what it uses, from those of the independent ones.

    A node with an argument of no value, or an abstract one that the point gives none for, has none itself. Raises
    NotReal with the name of the node in its `__notes__`.
    """
    values = dict(point)
    for name in order:
        node = nodes.get(name)
        if node is None or node.tree is None or name in values:
            continue
        if all(argument in values for argument in node.arguments):
            try:
                values[name] = value(node.tree, [values[argument] for argument in node.arguments], context)
            except NotReal as error:
                error.add_note(name)
                raise
    return values


def kinks(nodes: Mapping[str, Node], values: Mapping[str, Real], context: Context) -> list[str]:
    """What was met at a point where an operation has no derivative, in words, node by node."""
    met = []
    for name, node in nodes.items():
        if node.tree is None or any(argument not in values for argument in node.arguments):
            continue
        parts = values_of_parts(node.tree, [values[argument] for argument in node.arguments], context)
        met += [f"{_kink(part, parts)} in {name}" for part in parts if part.kind == "call" and _kink(part, parts)]
    return met


def _kink(call: Tree, values: Mapping[Tree, Real]) -> str:
    """What is met there, if the call has no derivative at its arguments."""
    function, args = KNOWN[call.text], [values[arg] for arg in call.args]
    if function.selects:
        best = values[call]
        return f"two equal arguments of {function.name}" if args.count(best) > 1 else ""
    return f"{function.name} at its {function.kink}" if function.kink and not args[0] else ""


def label_value(label: Expression, values: Mapping[str, Real], context: Context) -> Real:
    """The value of a label where the values of the nodes are known. Raises NotReal."""
    names = label.names
    assert not isinstance(names, Mapping)
    return value(label.tree, [values.get(name) for name in names], context, values.get(label.own))


def described(error: NotReal, names: Sequence[str], own: str) -> str:
    """The operation that had no value, as the spec writes it."""
    return spec_text(Expression(error.tree, names, own))
