"""Values of expressions at a point, by mpmath: real scalars, to as many digits as asked for.

A value that is not a real number is an error that says which operation met what, never a nan or a complex number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from functools import cached_property
from math import prod
from typing import Any, Final

import mpmath

from pathdiff.expression import ONE, OWN, Expression, Tree, postorder, spec_text
from pathdiff.functions import KNOWN
from pathdiff.spec import Node

Real = Any
"""An mpmath mpf: mpmath has no types."""
Context = Any
"""An mpmath context, which fixes the precision."""

Arguments = Sequence[Real] | Mapping[int, Real]
"""What stands in each slot."""

LARGEST_MAGNITUDE: Final = 4096
"""Arguments of functions and powers stay below 2 to this power: beyond it, time and memory have no bound."""


class NotReal(Exception):
    """An operation has no real value: what it met, in words."""

    def __init__(self, tree: Tree, reason: str) -> None:
        super().__init__(reason)
        self.tree = tree
        self.reason = reason


def value(tree: Tree, arguments: Arguments, context: Context, own: Real = None) -> Real:
    """The value of an expression, slot i being the i-th argument. Raises NotReal. Cost O(size)."""
    return real(values_of_parts(tree, arguments, context, own)[tree], context)


def values_of_parts(tree: Tree, arguments: Arguments, context: Context, own: Real = None) -> dict[Tree, Real]:
    """The value of every operation of an expression; one of rational numbers is exact. Raises NotReal."""
    done: dict[Tree, Real] = {}
    for part in postorder(tree):
        if part.kind == "slot":
            assert isinstance(part.value, int)
            done[part] = own if part.value == OWN else arguments[part.value]
            continue
        args = [done[arg] for arg in part.args]
        found = _exact(part, args)
        done[part] = _rounded(part, [real(arg, context) for arg in args], context) if found is None else found
    return done


def real(number: Real, context: Context) -> Real:
    """A number as the context has it; exact ones are rounded."""
    return context.mpf(number.numerator) / number.denominator if isinstance(number, Fraction) else number


LONGEST_EXACT: Final = 4096
"""Rational numbers of up to so many bits are computed with exactly."""


def _exact(part: Tree, args: list[Real]) -> Fraction | None:
    """The value where all arguments are rational and the operation keeps them so, unless it gets too long."""
    if part.kind == "number":
        assert isinstance(part.value, Fraction)
        return part.value
    if not args or not all(isinstance(arg, Fraction) for arg in args):
        return None
    if sum(arg.numerator.bit_length() + arg.denominator.bit_length() for arg in args) > LONGEST_EXACT:
        return None
    match part.kind:
        case "+":
            return sum(args, Fraction(0))
        case "*":
            return prod(args, start=Fraction(1))
        case "neg":
            return Fraction(-args[0])
        case "/" if args[1]:
            return Fraction(args[0] / args[1])
        case "^":
            return _exact_power(args[0], args[1])
        case "call":
            function = KNOWN[part.text].exact
            return None if function is None else Fraction(function(*args))
        case _:
            return None


def _exact_power(base: Fraction, exponent: Fraction) -> Fraction | None:
    size = (base.numerator.bit_length() + base.denominator.bit_length()) * abs(exponent)
    if exponent.denominator != 1 or size > LONGEST_EXACT or (not base and exponent < 0):
        return None
    return Fraction(base**exponent.numerator)


def _rounded(part: Tree, args: list[Real], context: Context) -> Real:
    match part.kind:
        case "pi":
            return +context.pi
        case "+":
            return context.fsum(args)
        case "*":
            return context.fprod(args)
        case "neg":
            return -args[0]
        case "/":
            if not args[1]:
                raise NotReal(part, "a division by 0")
            return args[0] / args[1]
        case "^":
            return _power(part, args[0], args[1], context)
        case _:
            return _call(part, args, context)


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
    return str(context.nstr(real(number, context), 6)).removesuffix(".0")


def forward_pass(
    nodes: Mapping[str, Node], order: Iterable[str], point: Mapping[str, Real], context: Context, *, exact: bool = False
) -> dict[str, Real]:
    """The values of all nodes of `order`, each after what it uses, from those of the independent ones.

    With `exact` what is rational stays so, else all is rounded.

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
                known = [values[argument] for argument in node.arguments]
                found = values_of_parts(node.tree, known, context)[node.tree]
                values[name] = found if exact else real(found, context)
            except NotReal as error:
                error.add_note(name)
                raise
    return values


def kinks(nodes: Mapping[str, Node], values: Mapping[str, Real], context: Context) -> list[str]:
    """What was met at a point where an operation has no derivative, in words, node by node."""
    met = []
    for name, node in nodes.items():
        if node.tree is not None and all(argument in values for argument in node.arguments):
            parts = values_of_parts(node.tree, [values[argument] for argument in node.arguments], context)
            found = (_kink(part, parts) for part in parts if part.kind == "call")
            met += [f"{kink} in {name}" for kink in found if kink]
    return met


def _kink(call: Tree, values: Mapping[Tree, Real]) -> str:
    """What is met there, if the call has no derivative at its arguments."""
    function, args = KNOWN[call.text], [values[arg] for arg in call.args]
    if function.selects:
        best = values[call]
        return f"two equal arguments of {function.name}" if args.count(best) > 1 else ""
    return f"{function.name} at its {function.kink}" if function.kink and not args[0] else ""


DIGITS: Final = 30
"""How many digits numbers at a point are first computed with."""
MOST_DIGITS: Final = 960
"""What so many digits don't settle is not given out as a number."""


def with_digits(digits: int) -> Context:
    """A context of its own with a precision in decimal digits."""
    context = mpmath.mp.clone()
    context.dps = digits
    return context


def settled(compute: Callable[[Context], Mapping[Any, Real]], digits: int) -> dict[Any, Real]:
    """Numbers that are right whatever cancels: the digits are doubled until half of them no longer change.

    What is 0, or only gets smaller with more digits, up to `MOST_DIGITS`, is 0. Raises what `compute` raises where
    more digits don't help, and NotReal for a number that they don't settle.
    """
    before: Mapping[Any, Real] = {}
    while True:
        context = with_digits(digits)
        try:
            found = compute(context)
        except NotReal:
            if 2 * digits > MOST_DIGITS:
                raise
            before = {}
        else:
            open_ones = [name for name in found if not _settled(before.get(name), found[name], digits // 4)]
            if not open_ones:
                return dict(found)
            if 2 * digits > MOST_DIGITS:
                break
            before = found
        digits *= 2
    if any(abs(found[name]) > context.mpf(10) ** (-digits // 2) for name in open_ones):
        raise NotReal(ONE, f"a number of which {digits} digits are not enough to tell one")
    return {**found, **dict.fromkeys(open_ones, context.mpf(0))}


def _settled(before: Real, now: Real, digits: int) -> bool:
    if isinstance(now, Fraction):
        return True
    return bool(before and now and abs(before - now) * 10**digits <= abs(now))


class Point:
    """A numeric point: a number for some of the independent names, and what follows from it for the nodes."""

    def __init__(self, nodes: Mapping[str, Node], order: Sequence[str], told: Mapping[str, Tree]) -> None:
        self.nodes = nodes
        self.order = order
        self.told = told
        self._known: dict[int, dict[str, Real]] = {}

    @cached_property
    def settled(self) -> dict[str, Real]:
        """The values, each right to more digits than are shown; raises NotReal."""
        context = with_digits(2 * DIGITS)
        return {name: real(number, context) for name, number in settled(self.values, DIGITS).items()}

    def kinks(self) -> list[str]:
        """What was met where an operation has no derivative, in words."""
        return kinks(self.nodes, settled(self.values, DIGITS), with_digits(2 * DIGITS))

    def values(self, context: Context) -> dict[str, Real]:
        """The value of each name that has one, as exact as the context; raises NotReal as `forward_pass` does."""
        found = self._known.get(context.dps)
        if found is None:
            given = {name: values_of_parts(tree, (), context)[tree] for name, tree in self.told.items()}
            found = self._known[context.dps] = forward_pass(self.nodes, self.order, given, context, exact=True)
        return found


def label_value(label: Expression, values: Mapping[str, Real], context: Context) -> Real:
    """The value of a label where the values of the nodes are known. Raises NotReal."""
    names = label.names
    assert not isinstance(names, Mapping)
    known = [values.get(name) for name in names]
    return value(label.tree, known, context, values.get(label.own))


def described(error: NotReal, names: Sequence[str], own: str) -> str:
    """The operation that had no value, as the spec writes it, a long one cut."""
    return spec_text(Expression(error.tree, names, own), 200)
