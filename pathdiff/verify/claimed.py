"""A claim as numbers: compared with the measured derivative at random points of the spec, with many digits.

One point at which they differ refutes it. Nothing agrees that has no value where the derivative has one, that hides
something too small to be seen, or that has a branch of its own which no point takes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import islice
from random import Random
from typing import Final, Literal

import mpmath

from pathdiff.claim.statement import Parse, Side
from pathdiff.expression import Expression, Tree, fold, postorder, slots_of, spec_text
from pathdiff.functions import KNOWN
from pathdiff.numeric import NotReal, TooLarge, value, values_of_parts
from pathdiff.verify import sampling
from pathdiff.verify.ground import Ground, Here
from pathdiff.verify.letters import Way, is_label
from pathdiff.verify.samples import NoValue, Point
from pathdiff.verify.sampling import ROUGHLY, Comparison, Context, Real, compare, context
from pathdiff.verify.search import Refused, Search, branches, branching, exact, parts_within_limits, seed
from pathdiff.verify.verdict import Counterexample, plural

SAID: Final[dict[Way, str]] = {
    "signs": "∂ as the label of an edge, d as a total derivative",
    "edges": "every derivative as the label of its edge, where there is one",
    "totals": "every derivative as a total one",
}
_SMALLEST: Final = 25
"""Constants and terms beyond 10 to plus or minus this power might not be seen beside others."""
_MOST_NEAR: Final = 24
"""At so many points near the numbers of a claim it is looked at as well."""
_HUNTED: Final = 12
"""So many more points are looked at for the branches of a claim."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How a claim was read."""

    parse: Parse
    way: Way | None
    """None where each way says the same."""

    @property
    def text(self) -> str:
        """In words; nothing where there was nothing to choose."""
        return "; ".join(filter(None, (self.parse.how, SAID[self.way] if self.way else "")))


@dataclass(frozen=True, slots=True)
class Judged:
    """Whether a claim is right in one reading of it, or in the best."""

    verdict: Literal["agree", "refuted", "undecided"]
    reading: Reading
    text: str
    """What was done and what came of it."""
    counterexample: Counterexample | None = None
    side: int = 0
    """Which of several right sides is wrong, counted from 0."""
    here: Here | None = field(default=None, compare=False, repr=False)
    """Where the counterexample is."""


def claimed(side: Side, way: Way, here: Here, m: Context) -> dict[Tree, Real]:
    """The value of each part of a right side at a point. Raises NotReal, NoValue."""
    return parts_within_limits(side.tree, leaves(side, way, here, m), m)


def leaves(side: Side, way: Way, here: Here, m: Context) -> list[Real]:
    """The value of each name and derivative in a right side at a point. Raises NoValue."""
    values = here.values(m)
    found: list[Real] = []
    for leaf in side.leaves:
        if isinstance(leaf, str):
            found.append(values[leaf])
        elif is_label(leaf, way, here.ground.spec):
            found.append(here.partial(leaf.of, leaf.wrt, m))
        else:
            found.append(here.total(leaf.of, leaf.wrt, m))
    return found


def _size(tree: Tree, parts: Mapping[Tree, Real], m: Context) -> Real:
    """The sum of the absolute values of all that is added up in an expression, multiplied out."""

    def combine(part: Tree, args: list[Real]) -> Real:
        if part.kind == "+":
            return m.fsum(args)
        if part.kind == "*":
            return m.fprod(args)
        if part.kind == "neg":
            return args[0]
        if part.kind == "/" and parts[part.args[1]]:
            return args[0] / abs(parts[part.args[1]])
        return abs(parts[part])

    return fold(tree, combine)


class Numbers:
    """One right side in one reading, compared with the measured derivative at random points."""

    def __init__(self, reading: Reading, number: int, side: Side, way: Way, ground: Ground) -> None:
        self.reading, self.number, self.side, self.way, self.ground = reading, number, side, way, ground
        self.same: list[Comparison] = []
        self.without: list[tuple[Here, NotReal]] = []
        self.unclear = 0
        self.outside: dict[Tree, set[int]] = {}
        """The branches that calls in the claim take where the spec has no derivative."""

    def judged(self) -> Judged:
        ground = self.ground
        if not ground.places:
            return self._undecided("no point was found at which the derivative could be measured")
        for here in ground.places:
            refuted = self._compared(here)
            if refuted is not None:
                return refuted
        for point in self._more():
            place = ground.at(point)
            refuted = self._compared(place) if place is not None else None
            if refuted is not None:
                return refuted
        if self.without:
            return self._without_value()
        if len(self.same) < min(2, len(ground.places)):
            return self._undecided("the two could not be told apart, nor seen to be equal, at enough points")
        doubt = self._hidden() or self._unseen_branch()
        if doubt:
            return self._undecided(doubt)
        error = sampling.largest(comparison.error for comparison in self.same)
        drawn = ", abstract functions drawn at random" * any(n.abstract for n in ground.function.nodes.values())
        result = "both are 0" if all(each.zero for each in self.same) else f"largest relative difference {error}"
        text = f"at {plural(len(self.same), 'random point')} to {ground.effort.digits} digits{drawn}: {result}"
        return Judged("agree", self.reading, f"the measured derivative, {text}", side=self.number)

    def _compared(self, here: Here) -> Judged | None:
        """The verdict where they differ at a point; what else was seen is kept."""
        ground, side = self.ground, self.side

        def told(m: Context) -> Real:
            return claimed(side, self.way, here, m)[side.tree]

        def size(m: Context) -> Real:
            return _size(side.tree, claimed(side, self.way, here, m), m)

        def measured(m: Context, h: Real) -> Real:
            return here.total(ground.of, ground.wrt, m, h)

        try:
            found = compare(told, size, measured, here.magnitude(), ground.effort)
        except NotReal as error:
            self.without.append((here, error))
            return None
        except NoValue:
            self.unclear += 1
            return None
        if found.outcome == "different":
            return self._refuted(here, found)
        if found.outcome == "same":
            self.same.append(found)
        else:
            self.unclear += 1
        return None

    def _refuted(self, here: Here, found: Comparison) -> Judged:
        said, actual = sampling.told_apart(found.claimed, found.measured)
        at = _decimals(here)
        text = f"at {_where(at)} the claim is {said}, and the derivative is {actual}"
        return Judged("refuted", self.reading, text, Counterexample(text, said, actual, at), self.number, here)

    def _without_value(self) -> Judged:
        """The verdict where the claim has no value at some points at which the derivative has one."""
        here, error = self.without[0]
        at = _decimals(here)
        names = tuple(map(str, self.side.leaves))
        operation = spec_text(Expression(error.tree, names), 60)
        actual = sampling.decimal(here.total(self.ground.of, self.ground.wrt, context(ROUGHLY)), 6)
        what = (
            f"at {_where(at)}, where the derivative is {actual}, the claim has no value: {operation} is {error.reason}"
        )
        if self.same:
            return self._undecided(f"equal wherever the claim has a value, but {what}")
        if isinstance(error, TooLarge):
            return self._undecided(what)
        found = Counterexample(what, "no value", actual, at)
        return Judged("refuted", self.reading, what, found, self.number, here)

    def _undecided(self, why: str) -> Judged:
        return Judged("undecided", self.reading, why, side=self.number)

    def _more(self) -> Iterator[Point]:
        """More points for what a claim has of its own: near its numbers, and where its branches turn."""
        yield from self._near_numbers()
        if branching(self.side.tree):
            yield from self._hunted()

    def _near_numbers(self) -> Iterator[Point]:
        """Points at which one name is near a number of the claim that the spec doesn't have, on either side of it."""
        m = context(ROUGHLY)
        known = {
            part.value for node in self.ground.function.nodes.values() if node.tree for part in postorder(node.tree)
        }
        told: dict[Fraction, None] = {}
        for number in _constants(self.side.tree, m):
            if number and abs(m.mag(number)) < 60:
                told[abs(Fraction(str(m.nstr(number, 12))))] = None
        numbers = [number for number in told if number not in known and number > 5][:6]
        count = 0
        for number in numbers:
            for name in self.ground.free[:4]:
                for factor in (Fraction(65, 64), Fraction(63, 64), Fraction(-65, 64), Fraction(3)):
                    here = self.ground.places[count % len(self.ground.places)]
                    count += 1
                    if count <= _MOST_NEAR:
                        yield here.moved_to({name: number * factor})

    def _hunted(self) -> Iterator[Point]:
        ground = self.ground
        m = context(ROUGHLY)

        def look(point: Mapping[str, Fraction]) -> dict[object, tuple[int, object]]:
            here = ground.at(dict(point))
            if here is None:
                self._met_outside(point)
                raise Refused(ground.free)
            try:
                parts = claimed(self.side, self.way, here, m)
            except (NotReal, NoValue):
                raise Refused(ground.free) from None
            return branches((self.side.tree, parts), of="claim")

        random = Random(seed(str(self.side), *ground.free))
        search: Search[str] = Search(ground.free, look, random, self.side.size, tries=60, wanted=ground.effort.points)
        yield from islice(search.points(), _HUNTED)

    def _met_outside(self, point: Point) -> None:
        """Which branches of the claim are taken where the spec has no derivative."""
        m = context(ROUGHLY)
        known = {slot: exact(point[leaf], m) for slot, leaf in enumerate(self.side.leaves) if leaf in point}  # type: ignore[index]
        for call in branching(self.side.tree):
            if not KNOWN[call.text].selects and all(slot in known for slot in slots_of(call)):
                with suppress(NotReal):
                    number = value(call.args[0], known, m)
                    self.outside.setdefault(call, set()).add(1 if number > 0 else -1)

    def _hidden(self) -> str:
        """Why equal numbers may not be enough: something in the claim is too small to be seen, or saturated."""
        m = context(ROUGHLY)
        tree = self.side.tree
        for number in _constants(tree, m):
            if number and abs(m.mag(number)) > _SMALLEST * 3.33 + 1 and not self._own(number):
                return f"the number {m.nstr(number, 3)} in the claim is too small or too large to be seen beside others"
        seen: set[Tree] = set()
        flat: dict[Tree, int] = {}
        sums = [part for part in postorder(tree) if part.kind == "+"]
        calls = [part for part in postorder(tree) if part.kind == "call" and KNOWN[part.text].name in _SATURATED]
        inner = {arg for part in postorder(tree) for arg in _arguments(part)}
        least = m.mpf(10) ** -_SMALLEST
        for here in self.ground.places:
            parts = claimed(self.side, self.way, here, m)
            inner -= {arg for arg in inner if not parts[arg] or least < abs(parts[arg]) < 1 / least}
            for part in sums:
                largest = max(abs(parts[arg]) for arg in part.args)
                seen.update(arg for arg in part.args if abs(parts[arg]) > largest * m.mpf(10) ** -_SMALLEST)
            for part in calls:
                flat[part] = flat.get(part, 0) + (abs(parts[part.args[0]]) > 28)
        for part in inner:
            return f"{self._shown(part)} is too small or too large for what depends on it to be seen"
        for part in sums:
            for arg in part.args:
                if arg not in seen and any(claimed(self.side, self.way, h, m)[arg] for h in self.ground.places):
                    return f"the term {self._shown(arg)} is too small to be seen beside the others"
        for part, count in flat.items():
            if count == len(self.ground.places):
                return f"{self._shown(part)} is so flat at every point that it cannot be told from a constant"
        return ""

    def _own(self, number: Real) -> bool:
        """Whether a number of the claim is one of the spec's."""
        m = context(ROUGHLY)
        for node in self.ground.function.nodes.values():
            for other in _constants(node.tree, m) if node.tree else ():
                if abs(abs(other) - abs(number)) <= abs(number) * m.mpf(10) ** -20:
                    return True
        return False

    def _shown(self, part: Tree) -> str:
        return spec_text(Expression(part, tuple(map(str, self.side.leaves))), 60)

    def _unseen_branch(self) -> str:
        """Which branch of the claim's own no point takes; the spec's own ones are seen wherever they can be."""
        m = context(ROUGHLY)
        calls = branching(self.side.tree)
        if not calls:
            return ""
        taken: dict[Tree, set[int]] = {call: set() for call in calls}
        arguments: dict[Tree, list[Real]] = {call: [] for call in calls}
        own: list[list[Real]] = []
        places = [*self.ground.places, *filter(None, map(self.ground.at, self._hunted()))]
        for here in places:
            parts = claimed(self.side, self.way, here, m)
            for call in calls:
                args = [parts[arg] for arg in call.args]
                selects = bool(KNOWN[call.text].selects)
                winner = min(range(len(args)), key=lambda i, a=args, p=parts[call]: abs(a[i] - p))  # type: ignore[misc]
                taken[call].add(winner if selects else 1 if args[0] > 0 else -1)
                arguments[call].append(args[0])
            own.append(self._own_arguments(here, m))
        for call in calls:
            wanted = len(call.args) if KNOWN[call.text].selects else 2
            if len(taken[call] | self.outside.get(call, set())) < wanted and not _among(arguments[call], own, m):
                return f"no point was found that takes each branch of {self._shown(call)} in the claim"
        return ""

    def _own_arguments(self, here: Here, m: Context) -> list[Real]:
        """What the branches of the spec's own nodes depend on, at a point."""
        values = here.values(m)
        found: list[Real] = []
        for node in self.ground.function.nodes.values():
            for call in branching(node.tree) if node.tree is not None else ():
                parts = values_of_parts(call, [values[u] for u in node.arguments], m)
                found += [exact(each, m) if isinstance(each, Fraction) else each for each in map(parts.get, call.args)]
        return found


_SATURATED: Final = frozenset({"tanh", "coth", "sigmoid", "erf", "sech", "csch", "softplus", "silu", "gelu"})
"""Functions that come so near to a constant, or to their argument, that no digits tell them apart."""


def _arguments(part: Tree) -> tuple[Tree, ...]:
    """What a function or a power depends on so that it may hardly differ from a constant."""
    return part.args if part.kind == "call" else part.args[1:] if part.kind == "^" else ()


def _among(told: Sequence[Real], own: Sequence[Sequence[Real]], m: Context) -> bool:
    """Whether the argument of a branch is one of the spec's own, up to its sign, at every point."""
    return any(
        all(len(row) > place and abs(abs(row[place]) - abs(number)) <= abs(number) * m.mpf(10) ** -15
            for row, number in zip(own, told, strict=True))
        for place in range(len(own[0]) if own else 0)
    )  # fmt: skip


def _constants(tree: Tree, m: Context) -> Iterator[Real]:
    """The values of the parts of an expression that have no names in them, as far as they have one."""
    constant: set[Tree] = set()
    for part in postorder(tree):
        if part.kind != "slot" and all(arg in constant for arg in part.args):
            constant.add(part)
            try:
                yield value(part, (), m)
            except NotReal:
                continue


def _decimals(here: Here) -> dict[str, str]:
    return {name: sampling.decimal(exact(number, mpmath.mp)) for name, number in here.point.items()}


def _where(at: Mapping[str, str]) -> str:
    return ", ".join(f"{name} = {number}" for name, number in islice(at.items(), 6)) + ", ..." * (len(at) > 6)
