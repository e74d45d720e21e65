"""Numbers at a point that are right whatever cancels, and what is 0 there told from what is only small.

sin(π) computed with thirty digits is 1e-30, and abs'(1e-30) is 1, not 0. So every operation is computed with twice the
digits until its value stays. What still gets smaller with the last few digits is 0, and goes on as an exact 0; where a
value was lost beside a larger one on the way, as in 1 + exp(-10000), nothing is said to be 0.
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

LEVELS: Final = (30, 60, 120, 240, 480, 960, 1920, 3648, 3840)
"""The digits to compute with, one after the other. What stays from the last but one to the last is no noise."""
AGREED: Final = 10
"""In how many digits two levels agree when a value stays: those that the higher one has more are then right too."""
SHRINKS: Final = 0.95
"""By this part of all further digits, at least, the noise that 0 leaves gets smaller."""
NOISE: Final = 0.8
"""Where a level has no noise, that of the last is smaller than 1 by this part of all digits."""


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

    def rounded(self, context: Context) -> Real:
        """The value with just as many digits as the context has, those of the level before its own at least."""
        return self._computed(context)[self.tree]

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

    @property
    def lost(self) -> bool:
        """Whether a value got lost beside a larger one with the digits of the level before the last."""
        parts, _ = self._tried(len(LEVELS) - 2)
        return loses(parts, LEVELS[-2])

    def _settle(self, lost: Callable[[], bool]) -> None:
        first = level = self.level
        before, _ = self._tried(level - 1)
        while True:
            now, failed = self._tried(level)
            part = next((p for p, value in now.items() if not _stays(p, before.get(p), value, now)), None)
            open_yet = part is not None or not now or loses(now, LEVELS[level])
            if open_yet and level + 1 < len(LEVELS):
                before, level = now, level + 1
                continue
            if part is None:
                if failed is not None:
                    raise failed
                self.level = level
                return
            order = list(before)
            inputs = {each: before[each] for each in order[: order.index(part)]} if part in before else before
            earlier = [self._tried(level - 2)[0].get(part), before.get(part)]
            self.zeros |= {_zero(part, earlier, now[part], lost() or loses(inputs, LEVELS[level - 1]))}
            self._parts.clear()
            level = first
            before, _ = self._tried(level - 1)


def _stays(part: Tree, before: Real | None, now: Real, parts: Mapping[Tree, Real]) -> bool:
    """Whether more digits don't change a value. A sum that is 0 may be what is lost of something small."""
    if isinstance(now, Fraction):
        return True
    if before is None:
        return False
    if before or now:
        return _same(before, now)
    if part.kind == "+":
        return not any(parts[arg] for arg in part.args)
    if part.kind == "call" and not (KNOWN[part.text].kink or KNOWN[part.text].selects):
        return any(not parts[arg] for arg in part.args)
    return True


def _zero(part: Tree, earlier: Sequence[Real | None], now: Real, lost: bool) -> Tree:
    """The operation, if it is 0. Raises NotReal where that cannot be said."""
    if not lost and _is_noise(earlier, now):
        return part
    before = earlier[-1]
    if before and abs(now) > abs(before) * 10**AGREED:
        raise NotReal(part, "a pole: the value has no bound there")
    raise NotKnown(part, f"a number of which {LEVELS[-1]} digits are not enough to tell it from 0")


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
            argument = parts[part.args[0]]
            if part.text in _LIMITS or (part.text in _FROM_ONE and argument and _magnitude(argument) < 0):
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


class Sums:
    """Sums with so many digits; of the level before the last, the terms that got lost beside larger ones are kept.

    Such a term is noise, or a number: with other digits, the same sums made in the same order tell. Those `watched`
    are kept in any case.
    """

    def __init__(self, digits: int, watched: Container[tuple[int, int]] = ()) -> None:
        self.context = with_digits(digits)
        self.digits = digits
        self.watched = watched
        self.kept: dict[tuple[int, int], Real] = {}
        """By the number of the sum, and that of the term in it."""
        self._made = 0

    def total(self, terms: Iterable[Real]) -> Real:
        """The sum; an exact 0 where all terms are."""
        told = [term for term in terms if term or not isinstance(term, Fraction)]
        if not told:
            return Fraction(0)
        found = self.context.fsum(real(term, self.context) for term in told)
        self._made += 1
        if self.digits in LEVELS[-2:]:  # what is lost with fewer digits matters to nobody
            for place, term in enumerate(told):
                lost = self.digits == LEVELS[-2] and term and _beyond(term, found, self.digits)
                if lost or (self._made, place) in self.watched:
                    self.kept[self._made, place] = term
        return found


def settled(
    compute: Callable[[Sums], Mapping[Any, Real]], labels: Iterable[Known], lost: Callable[[], bool], digits: int = 0
) -> dict[Any, Real]:
    """Sums of products of labels that are right whatever cancels: computed with more and more digits until they stay.

    `compute` has to take the `labels` with just as many digits: else what rounding leaves in them would stay.
    Right to at least ten digits, or to `digits` and ten more. What still gets smaller with the last few digits is 0,
    unless something that it is made of is `lost`. Raises what `compute` raises, and NotReal for what does not stay.
    """
    first = max((label.level for label in labels), default=1) - 1
    earlier: list[Mapping[Any, Real]] = [{}]
    kept: dict[tuple[int, int], Real] = {}
    for level in LEVELS[first:]:
        sums = Sums(level, kept)
        found = compute(sums)
        swallowed = any(_same(kept.get(key), term) for key, term in sums.kept.items())
        kept = sums.kept
        unsettled = {name for name in found if not _same(earlier[-1].get(name), found[name])}
        if not unsettled:
            break
        earlier.append(found)
    if unsettled:
        noise = all(_is_noise([each.get(name) for each in earlier[-3:-1]], found[name]) for name in unsettled)
        if swallowed or not noise or lost():
            raise NotKnown(Tree(), f"a sum of which {LEVELS[-1]} digits are not enough to tell it from 0")
    if digits:
        found = compute(Sums(level + digits))
    context = with_digits(level + digits)
    return {name: context.mpf(0) if name in unsettled else real(number, context) for name, number in found.items()}


def _is_noise(earlier: Sequence[Real | None], now: Real) -> bool:
    """Whether a number is what rounding leaves of 0, with all digits; `earlier` is what it was two levels before."""
    context = with_digits(LEVELS[-1])

    def most(level: int, number: Real | None) -> Real:
        if not number:
            return context.mpf(10) ** int(-NOISE * LEVELS[-1])
        return abs(number) * context.mpf(10) ** int(-SHRINKS * (LEVELS[-1] - level))

    return all(abs(now) <= most(level, number) for level, number in zip(LEVELS[-3:-1], earlier, strict=True))


def _same(before: Real | None, now: Real) -> bool:
    if isinstance(now, Fraction):
        return True
    return bool(before and now and abs(before - now) * 10**AGREED <= abs(now))


def _lost(found: Iterable[Known]) -> bool:
    """Whether a value got lost in one of these."""
    return any(each.lost for each in found)


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
