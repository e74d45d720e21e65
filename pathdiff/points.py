"""Numbers at a point that are right whatever cancels, and what is 0 there told from what is only small.

sin(π) computed with thirty digits is 1e-30, and abs'(1e-30) is 1, not 0. So every operation is computed with twice the
digits until its value stays. What gets smaller with every digit up to the last is 0, and goes on as an exact 0;
where a value was lost beside a larger one on the way, as in 1 + exp(-10000), nothing is said to be 0.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from fractions import Fraction
from functools import cache, cached_property, partial
from typing import Any, Final

import mpmath
from mpmath.libmp import mpf_mul

from pathdiff.expression import ONE, Expression, Tree, slots_of
from pathdiff.functions import KNOWN
from pathdiff.numeric import NOTHING_TAKEN, Context, NotKnown, NotReal, Real, called, kinks_of, real, values_of_parts
from pathdiff.spec import Node

LEVELS: Final = (30, 60, 120, 240, 480, 960, 1920, 3840)
"""The digits to compute with, one after the other."""
AGREED: Final = 10
"""In how many digits two levels agree when a value stays: those of the higher one are then right beyond its half."""
NOISE: Final = 0.8
"""At the last level, what is smaller than 1 by this part of all digits is the noise that 0 leaves."""
SHRINKS: Final = 0.95
"""By this part of all further digits, at least, noise gets smaller."""


@cache
def with_digits(digits: int) -> Context:
    """A context of its own with a precision in decimal digits."""
    context = mpmath.mp.clone()
    context.dps = digits
    return context


class Known:
    """The value of an expression at a point, with as many digits as asked for; its zeros are exact.

    Raises NotReal where it has no real value, or one that is not to be told from 0 or from a pole.
    """

    def __init__(self, tree: Tree, arguments: Mapping[int, Known], lost: Callable[[], bool]) -> None:
        self.tree = tree
        self.arguments = arguments
        self.zeros: frozenset[Tree] = frozenset()
        self.level: int = max((known.level for known in arguments.values()), default=1)
        """With the digits of this level, and of the one before, every operation has ten right at least."""
        self._parts: dict[int, dict[Tree, Real]] = {}
        self._settle(lost)

    def value(self, context: Context) -> Real:
        """The value, with as many digits as the context has, or with more where they are needed.

        Exact where all arguments are rational and the operations keep them so.
        """
        return self.parts(context)[self.tree]

    def parts(self, context: Context) -> dict[Tree, Real]:
        """The value of every operation."""
        return self._computed(with_digits(max(context.dps, LEVELS[self.level])))

    def _computed(self, context: Context, partly: dict[Tree, Real] | None = None) -> dict[Tree, Real]:
        """The values with just so many digits; into `partly`, where they are also found after an error."""
        found = self._parts.get(context.dps)
        if found is None:
            found = {} if partly is None else partly
            parts = {slot: each._computed(context) for slot, each in self.arguments.items()}
            known = {slot: parts[slot][each.tree] for slot, each in self.arguments.items()}
            calls = {slot: call for slot, each in self.arguments.items() if (call := called(each.tree, parts[slot]))}
            values_of_parts(self.tree, known, context, zeros=self.zeros, done=found, calls=calls)
            self._parts[context.dps] = found
        return found

    def _tried(self, level: int) -> tuple[dict[Tree, Real], NotReal | None]:
        """The values as far as they could be computed, and what stopped it."""
        partly: dict[Tree, Real] = {}
        try:
            return self._computed(with_digits(LEVELS[level]), partly), None
        except NotReal as error:
            return partly, error

    def _settle(self, lost: Callable[[], bool]) -> None:
        first = level = self.level
        before, _ = self._tried(level - 1)
        while True:
            now, failed = self._tried(level)
            last = level + 1 == len(LEVELS)
            part = next((p for p, value in now.items() if not _stays(p, before.get(p), value, now, last=last)), None)
            open_yet = part is not None or not now or loses(now, LEVELS[level])
            if open_yet and not last:
                before, level = now, level + 1
                continue
            if part is None:
                if failed is not None:
                    raise failed
                self.level = level
                return
            order = list(now)
            inputs = {each: now[each] for each in order[: order.index(part)]}  # and others before it
            self.zeros |= {_zero(part, before.get(part), now[part], lost() or loses(inputs, LEVELS[level]))}
            self._parts.clear()
            level = first
            before, _ = self._tried(level - 1)


def _stays(part: Tree, before: Real | None, now: Real, parts: Mapping[Tree, Real], *, last: bool) -> bool:
    """Whether more digits don't change a value. A sum that is 0 may be what is lost of something small.

    With all digits a sum is taken that was lost in noise with half of them, where noise is now much smaller.
    """
    if isinstance(now, Fraction):
        return True
    if before is None:
        return False
    if before and now and abs(before - now) * 10**AGREED <= abs(now):
        return True
    if now and last and part.kind == "+" and abs(before) <= abs(now):
        largest = max(abs(real(parts[arg], mpmath.mp)) for arg in part.args)
        return bool(abs(now) > largest * mpmath.mpf(10) ** int(-NOISE * LEVELS[-1]))
    if before or now:
        return False
    if part.kind == "+":
        return not any(parts[arg] for arg in part.args)
    if part.kind == "call" and not (KNOWN[part.text].kink or KNOWN[part.text].selects):
        return any(not parts[arg] for arg in part.args)
    return True


def _zero(part: Tree, before: Real | None, now: Real, lost: bool) -> Tree:
    """The operation, if it is 0. Raises NotReal where that cannot be said."""
    digits = LEVELS[-1]
    if abs(now) <= mpmath.mpf(10) ** int(-NOISE * digits) and not lost:
        return part
    if before and abs(now) > abs(before) * 10**AGREED:
        raise NotReal(part, "a pole: the value has no bound there")
    raise NotKnown(part, f"a number of which {digits} digits are not enough to tell it from 0")


_SEVERAL: Final = (
    "several of these are met at once: what is taken follows operation by operation, "
    "and need not be the mean of the two sides of the whole"
)


MOST_KINKS: Final = 20
"""How many kinks that a derivative meets are told."""


_LIMITS: Final = {"sigmoid", "tanh", "erf", "coth"}
"""Functions that come near ±1 and never are."""


_FROM_ONE: Final = {"exp", "cos", "cosh", "sec", "sech"}
"""Functions that are 1 at 0, and near 1 beside it."""


def loses(parts: Mapping[Tree, Real], digits: int) -> bool:
    """Whether a value got lost beside a larger one when these values were computed, with so many digits.

    A result may be right all the same: 1 + exp(-100) is 1 to thirty digits; but a power of it may not.
    """
    for part, value in parts.items():
        if part.kind == "+" and any(parts[arg] and _beyond(parts[arg], value, digits) for arg in part.args):
            return True
        if part.kind == "call" and not isinstance(value, Fraction) and abs(value) == 1:
            near = part.text in _FROM_ONE and digits < LEVELS[-1] and parts[part.args[0]]
            if near or part.text in _LIMITS:
                return True
    return False


def _beyond(small: Real, large: Real, digits: int) -> bool:
    """Whether a number is so small beside another that their sum, with so many digits, is the other."""
    if not large:
        return False
    return _magnitude(small) < _magnitude(large) - int(3.32 * digits)  # they may be beyond a float


def _magnitude(number: Real) -> int:
    """The exponent of 2."""
    if isinstance(number, Fraction):
        return number.numerator.bit_length() - number.denominator.bit_length()
    return int(number.context.mag(number))


def product(factors: Sequence[Real], context: Context) -> Real:
    """The product; an exact 0 where one factor is."""
    if any(type(factor) is Fraction and not factor for factor in factors):  # isinstance asks an abstract class, slowly
        return Fraction(0)
    if len(factors) == 2:  # the same as fprod, in a tenth of its time
        one, other = (real(factor, context)._mpf_ for factor in factors)
        return context.make_mpf(mpf_mul(one, other, context.prec, "n"))
    return context.fprod(real(factor, context) for factor in factors)


def total_of(terms: Iterable[Real], context: Context) -> Real:
    """The sum; an exact 0 where all terms are."""
    told = [term for term in terms if term or not isinstance(term, Fraction)]
    return context.fsum(real(term, context) for term in told) if told else Fraction(0)


def settled(
    compute: Callable[[Context], Mapping[Any, Real]], lost: Callable[[], bool], digits: int = 0
) -> dict[Any, Real]:
    """Sums of products that are right whatever cancels: the digits are doubled until they stay.

    Right to at least ten digits, or to `digits` and ten more. What gets smaller with every digit up to the last is 0,
    unless something that it is made of is `lost`. Raises what `compute` raises, and NotReal for what does not stay.
    """
    before: Mapping[Any, Real] = {}
    first = next(place for place, level in enumerate(LEVELS) if level >= min(digits, LEVELS[-2]))
    for level in LEVELS[first:]:
        found = compute(with_digits(level))
        unsettled = [name for name in found if not _same(before.get(name), found[name])]
        if not unsettled:
            return {name: real(number, with_digits(level)) for name, number in found.items()}
        last, before = before, found
    if lost() or not all(_is_noise(last[name], found[name]) for name in unsettled):
        raise NotKnown(Tree(), f"a sum of which {LEVELS[-1]} digits are not enough to tell it from 0")
    context = with_digits(LEVELS[-1])
    return {name: context.mpf(0) if name in unsettled else real(number, context) for name, number in found.items()}


def _is_noise(before: Real, now: Real) -> bool:
    """Whether a number of the last two levels is what rounding leaves of 0."""
    context = with_digits(LEVELS[-1])
    size, more = (abs(before), LEVELS[-1] - LEVELS[-2]) if before else (context.mpf(1), LEVELS[-1])
    return bool(abs(now) <= size * context.mpf(10) ** int(-SHRINKS * more))


def _same(before: Real | None, now: Real) -> bool:
    if isinstance(now, Fraction):
        return True
    return bool(before and now and abs(before - now) * 10**AGREED <= abs(now))


def _lost(found: Iterable[Known]) -> bool:
    """Whether a value got lost in one of these, with all digits."""
    context = with_digits(LEVELS[-1])
    return any(loses(each.parts(context), LEVELS[-1]) for each in found)


def few(met: Iterable[str]) -> list[str]:
    """The first kinks, each once, and how many more there are."""
    told = list(dict.fromkeys(met))
    left_out = len(told) - MOST_KINKS
    return told if left_out <= 0 else [*told[:MOST_KINKS], f"and {left_out:,} more of these"]


class Point:
    """A numeric point: a number for some of the independent names, and what follows from it for the nodes."""

    def __init__(self, nodes: Mapping[str, Node], order: Sequence[str], told: Mapping[str, Tree]) -> None:
        self.nodes = nodes
        self.order = order
        self.told = told
        self._labels: dict[tuple[Tree, tuple[str, ...]], Known] = {}
        self._met: dict[tuple[str, frozenset[int]], list[str]] = {}

    @cached_property
    def known(self) -> dict[str, Known]:
        """The value of each name that has one. Raises NotReal with the name in its `__notes__`."""
        found: dict[str, Known] = {}
        trees: dict[str, tuple[Tree, Sequence[str]]] = {name: (tree, ()) for name, tree in self.told.items()}
        for name in self.order:
            node = self.nodes.get(name)
            if node is not None and node.tree is not None and name not in trees:
                trees[name] = node.tree, node.arguments
        for name, (tree, arguments) in trees.items():
            if all(argument in found for argument in arguments):
                try:
                    known = {slot: found[argument] for slot, argument in enumerate(arguments)}
                    found[name] = Known(tree, known, lambda: _lost(found.values()))
                except NotReal as error:
                    error.add_note(name)
                    raise
        return found

    def lost(self) -> bool:
        """Whether a value got lost in one of the nodes, or of the labels looked at, with all digits."""
        return _lost([*self.known.values(), *self._labels.values()])

    @cached_property
    def settled(self) -> dict[str, Real]:
        """The values, each right to more digits than are shown; raises NotReal."""
        context = with_digits(LEVELS[1])
        return {name: real(each.value(context), context) for name, each in self.known.items()}

    def kinks(self, edges: Container[tuple[str, str]]) -> list[str]:
        """What a derivative along edges (v, u), where v uses u, meets where an operation has none, in words."""
        met: list[str] = []
        for name, known in self.known.items():
            arguments = self.nodes[name].arguments if name in self.nodes else ()
            moving = {slot for slot, argument in enumerate(arguments) if (name, argument) in edges}
            if moving:
                key = name, frozenset(moving)
                if key not in self._met:
                    self._met[key] = _kinks(name, arguments, known, moving)
                met += self._met[key]
        return met

    def notes(self, edges: Container[tuple[str, str]]) -> list[str]:
        """What a reader must know of a derivative along edges: each kink that it meets, and what several are."""
        met = self.kinks(edges)
        return [*few(met), *[_SEVERAL] * (len(met) > 1)]

    def refuse_ties(self, edges: Container[tuple[str, str]]) -> None:
        """Raises NotReal where a derivative along these edges meets more than two equal arguments of min or max."""
        for met in self.kinks(edges):
            what, _, taken = met.partition(": ")
            if taken == NOTHING_TAKEN:
                raise NotReal(ONE, what)

    def label(self, label: Expression) -> Known:
        """A label, whose names and own node have values. Raises NotReal."""
        found, slots = self.known, slots_of(label.tree)
        key = label.tree, tuple(map(label.name, slots))
        if key not in self._labels:
            known = {slot: found[label.name(slot)] for slot in slots}
            self._labels[key] = Known(label.tree, known, lambda: _lost(found.values()))
        return self._labels[key]


def _kinks(name: str, arguments: Sequence[str], known: Known, moving: Container[int]) -> list[str]:
    """What was met in one node. Two values are equal that no digits tell apart."""
    for level in (known.level, len(LEVELS) - 1):
        context = with_digits(LEVELS[level])
        met = kinks_of(name, known.parts(context), partial(_near, context), moving, arguments)
        if not met:
            break
    return met


def _near(context: Context, a: Real, b: Real) -> bool:
    a, b = real(a, context), real(b, context)
    return bool(abs(a - b) <= abs(a) * _noise(context))


@cache
def _noise(context: Context) -> Real:
    """What rounding may leave of a number of the size 1."""
    return context.mpf(10) ** int(-NOISE * context.dps)
