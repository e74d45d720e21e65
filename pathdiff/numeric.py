"""Values of expressions at a point, by mpmath: real scalars, to as many digits as asked for.

A value that is not a real number is an error that says which operation met what, never a nan or a complex number.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import prod
from typing import Any, ClassVar, Final

from mpmath.libmp import fzero, mpf_add, mpf_div, mpf_exp, mpf_log, mpf_mul

from pathdiff.expression import OWN, TWO, Expression, Tree, postorder, spec_text
from pathdiff.functions import ROWS
from pathdiff.spec import Node

Real = Any
"""An mpmath mpf: mpmath has no types."""
Context = Any
"""An mpmath context, which fixes the precision."""

Arguments = Sequence[Real] | Mapping[int, Real]
"""What stands in each slot."""


@dataclass(frozen=True, slots=True)
class Called:
    """A call of a known function."""

    function: str
    argument: Real


NO_CALLS: Final[Mapping[int, Called]] = {}

LARGEST_MAGNITUDE: Final = 4096
"""Arguments of functions and powers stay below 2 to this power: beyond it, time and memory have no bound."""


class NotReal(Exception):
    """An operation has no real value: what it met, in words."""

    fault: ClassVar[str] = "has no value"
    edge: tuple[str, str] | None = None
    """The edge whose label has none, where it is known."""

    def __init__(self, tree: Tree, reason: str) -> None:
        super().__init__(reason)
        self.tree = tree
        self.reason = reason


class NotKnown(NotReal):
    """An operation may have a value, but the digits that it is computed with don't tell which."""

    fault = "is not known"


class TooLarge(NotReal):
    """An operation has a value, but computing it has no bound."""


def value(tree: Tree, arguments: Arguments, context: Context, own: Real = None) -> Real:
    """The value of an expression, slot i being the i-th argument. Raises NotReal. Cost O(size)."""
    return real(values_of_parts(tree, arguments, context, own)[tree], context)


def values_of_parts(
    tree: Tree,
    arguments: Arguments,
    context: Context,
    own: Real = None,
    *,
    zeros: Container[Tree] = (),
    done: dict[Tree, Real] | None = None,
    calls: Mapping[int, Called] = NO_CALLS,
) -> dict[Tree, Real]:
    """The value of every operation of an expression; one of rational numbers is exact. Raises NotReal.

    Those of `zeros` are taken to be 0. The values are put into `done`, where they are also found after an error.
    `calls` are the slots that are known to stand for the value of a function: what it differs from 1 by is not lost.
    """
    done = {} if done is None else done
    rounded: dict[Tree, Real] = {}  # exact values that were needed as the context has them
    for part in postorder(tree):
        if part in zeros:
            done[part] = Fraction(0)
            continue
        if part.kind == "slot":
            assert isinstance(part.value, int)
            done[part] = own if part.value == OWN and own is not None else arguments[part.value]
            continue
        args = [done[arg] for arg in part.args]
        found = _exact(part, args)
        if found is None:
            if Fraction in map(type, args):
                found = _rest(part, args, done, calls, context)
                for i, arg in enumerate(args) if found is None else ():
                    if type(arg) is Fraction:
                        exact = part.args[i]
                        if exact not in rounded:
                            rounded[exact] = real(arg, context)
                        args[i] = rounded[exact]
            if found is None:
                found = _rounded(part, args, context)
        done[part] = found
    return done


def called(tree: Tree, parts: Mapping[Tree, Real]) -> Called | None:
    """The call that an expression is, for one of a function that comes near 1 and whose rest the table knows."""
    known = tree.kind == "call" and bool(ROWS[tree.text].rest)
    return Called(tree.text, parts[tree.args[0]]) if known else None


def _rest(
    part: Tree, args: list[Real], done: Mapping[Tree, Real], calls: Mapping[int, Called], context: Context
) -> Real | None:
    """1 - σ(x) as σ(-x), 1 - tanh(x)² as sech(x)², 1 + erf(x) as erfc(-x), -1 + ... likewise; None for all else."""
    if part.kind != "+" or len(args) != 2:
        return None
    one, tree = (args[0], part.args[1]) if type(args[0]) is Fraction else (args[1], part.args[0])
    minus = tree.kind == "neg"
    tree = tree.args[0] if minus else tree
    power = 1
    if tree.kind == "^" and tree.args[1] is TWO:
        tree, power = tree.args[0], 2
    if tree.kind == "slot":
        assert isinstance(tree.value, int)
        found = calls.get(tree.value)
    else:
        found = called(tree, done)
    if found is None or abs(one) != 1:
        return None
    row = ROWS[found.function]
    opposite = one != (1 if minus else -1)
    if power not in row.rest or (opposite and not (row.odd and power == 1)):
        return None
    argument = real(found.argument, context)
    return int(one) * row.rest[power](context, -argument if opposite else argument)


def real(number: Real, context: Context) -> Real:
    """A number as the context has it; exact ones are rounded."""
    return context.mpf(number.numerator) / number.denominator if type(number) is Fraction else number


LONGEST_EXACT: Final = 4096
"""Rational numbers of up to so many bits are computed with exactly."""


def _exact(part: Tree, args: list[Real]) -> Fraction | None:
    """The value where all arguments are rational and the operation keeps them so, unless it gets too long."""
    if part.kind == "number":
        assert isinstance(part.value, Fraction)
        return part.value
    for arg in args:
        if type(arg) is not Fraction:  # isinstance asks an abstract class, slowly
            return None
    if not args:
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
            function = ROWS[part.text].exact
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
        case "+" if len(args) == 2:  # the same as fsum, in a fifth of its time
            return context.make_mpf(mpf_add(args[0]._mpf_, args[1]._mpf_, context.prec, "n"))
        case "+":
            return context.fsum(args)
        case "*" if len(args) == 2:  # the same as fprod, in a tenth of its time
            return context.make_mpf(mpf_mul(args[0]._mpf_, args[1]._mpf_, context.prec, "n"))
        case "*":
            return context.fprod(args)
        case "neg":
            return -args[0]
        case "/":
            if not args[1]:
                raise NotReal(part, "a division by 0")
            return context.make_mpf(mpf_div(args[0]._mpf_, args[1]._mpf_, context.prec, "n"))
        case "^":
            return _power(part, args[0], args[1], context)
        case _:
            return _call(part, args, context)


def _power(tree: Tree, base: Real, exponent: Real, context: Context) -> Real:
    if context.mag(exponent) > LARGEST_MAGNITUDE or (base and abs(context.mag(base)) > 2**LARGEST_MAGNITUDE):
        raise TooLarge(tree, f"a power whose exponent or logarithm is beyond 2^{LARGEST_MAGNITUDE}")
    if base > 0:
        return _positive_power(base, exponent, context)
    if base < 0:
        if not context.isint(exponent):
            raise NotReal(
                tree, f"the power {shortly(exponent, context)} of the negative number {shortly(base, context)}"
            )
        size = _positive_power(-base, exponent, context)
        return -size if int(exponent) % 2 else size
    if exponent < 0:
        raise NotReal(tree, "a division by 0")
    return context.mpf(0 if exponent else 1)


_SHORT: Final = 128
"""Powers with whole exponents below 2 to this power are made by multiplying."""


def _positive_power(base: Real, exponent: Real, context: Context) -> Real:
    """A power of a positive number; of a long whole exponent mpmath would multiply for each of thousands of bits."""
    size = context.mag(exponent) if exponent else 0
    if size <= _SHORT:
        return context.power(base, exponent)
    rough = mpf_log(base._mpf_, 20, "n")
    precision = context.prec + size + max(0, context.mag(context.make_mpf(rough)) if rough != fzero else 0) + 20
    logarithm = mpf_log(base._mpf_, precision, "n")
    return context.make_mpf(mpf_exp(mpf_mul(exponent._mpf_, logarithm), context.prec, "n"))


def _call(tree: Tree, args: list[Real], context: Context) -> Real:
    function = ROWS[tree.text]
    if not function.slow_growth and any(context.mag(arg) > LARGEST_MAGNITUDE for arg in args if arg):
        raise TooLarge(tree, f"an argument of {function.name} beyond 2^{LARGEST_MAGNITUDE}")
    if not function.domain(*args):
        shown = ", ".join(shortly(arg, context) for arg in args)
        raise NotReal(tree, f"{function.name}({shown}), which is defined for {function.domain_text} only")
    return function.value(context, *args)


def shortly(number: Real, context: Context) -> str:
    """A number with six digits."""
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
    """What was met at a point where an operation has no derivative, and what is taken for it, in words, by node.

    Or so near that the digits of the context do not tell: sin(π x) at a whole number.
    """
    least = context.mpf(10) ** (-3 * context.dps // 5)
    met = []

    def near(a: Real, b: Real) -> bool:
        return bool(abs(a - b) <= least * max(1, abs(a)))

    for name, node in nodes.items():
        if node.tree is not None and all(argument in values for argument in node.arguments):
            parts = values_of_parts(node.tree, [values[argument] for argument in node.arguments], context)
            met += kinks_of(name, parts, near, range(len(node.arguments)), node.arguments)
    return met


def kinks_of(
    name: str,
    parts: Mapping[Tree, Real],
    equal: Callable[[Real, Real], bool],
    moving: Container[int],
    names: Sequence[str],
) -> list[str]:
    """What is met in a node with these values where an operation has no derivative, in words.

    Only what a derivative in the slots that are `moving` meets: an operation on something in which one of them is.
    """
    met: list[str] = []
    active: set[Tree] = set()
    for part in parts:
        if part.value in moving if part.kind == "slot" else any(arg in active for arg in part.args):
            active.add(part)
            found = _kink(part, parts, equal, active) if part.kind == "call" else None
            if found:
                what, taken = found
                call = spec_text(Expression(part, names, name), 60)
                met.append(f"{what.format(call)} in {name}: {taken}")
    return met


NOTHING_TAKEN: Final = "nothing is taken for the derivative there"
MEAN_TAKEN: Final = "the mean of the two one-sided derivatives is taken"
_SIDES: Final = "its derivative on both sides"


def _kink(
    call: Tree, parts: Mapping[Tree, Real], equal: Callable[[Real, Real], bool], active: Container[Tree]
) -> tuple[str, str] | None:
    """What a call meets, with {} for the call, and what is taken for its derivative there."""
    function = ROWS[call.text]
    if function.selects:
        best = [arg for arg in dict.fromkeys(call.args) if equal(parts[call], parts[arg])]
        if len(best) < 2 or not any(arg in active for arg in best):
            return None
        if len(best) == 2:
            return "two equal arguments of {}", MEAN_TAKEN
        return f"{len(best)} equal arguments of {{}}", NOTHING_TAKEN
    if function.name == "atan2":
        on_cut = equal(parts[call.args[0]], Fraction(0)) and parts[call.args[1]] < 0
        return ("{} at its jump", f"it has no derivative there, and {_SIDES} is taken") if on_cut else None
    if not function.kink or not equal(parts[call.args[0]], Fraction(0)):
        return None
    jump = f"it has no derivative there, and {function.derivatives[0]} is taken, {_SIDES}"
    return f"{{}} at its {function.kink}", jump if function.kink == "jump" else MEAN_TAKEN


def described(error: NotReal, names: Sequence[str], own: str) -> str:
    """The operation that had no value, as the spec writes it, a long one cut."""
    return spec_text(Expression(error.tree, names, own), 200)
