"""What equal numbers may hide in a claim: branches that no point takes, numbers and terms too small to be seen.

A claim may have kinks and constants that the spec doesn't have. So it is looked at at more points, near its numbers and
on each side of its branches, and what stays unseen leaves it undecided.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from fractions import Fraction
from functools import cached_property
from itertools import islice
from random import Random
from typing import Final

from pathdiff.claim.statement import Side
from pathdiff.expression import Expression, Tree, postorder, slots_of, spec_text
from pathdiff.functions import KNOWN
from pathdiff.numeric import NotReal, value, values_of_parts
from pathdiff.verify.ground import Ground, Here
from pathdiff.verify.letters import Way
from pathdiff.verify.samples import NoValue, Point
from pathdiff.verify.sampling import ROUGHLY, Context, Real, context
from pathdiff.verify.search import Refused, Search, branches, branching, exact, seed

_SMALLEST: Final = 25
"""Constants and terms beyond 10 to plus or minus this power might not be seen beside others."""
_MOST_NEAR: Final = 24
"""At so many points near the numbers of a claim it is looked at as well."""
_HUNTED: Final = 12
"""So many more points are looked at for the branches of a claim."""


class Unseen:
    """What may go unseen in a right side that is compared at random points."""

    def __init__(self, side: Side, way: Way, ground: Ground) -> None:
        self.side, self.way, self.ground = side, way, ground
        self.outside: dict[Tree, set[int]] = {}
        """The branches that calls in the claim take where the spec has no derivative."""

    def points(self) -> Iterator[Point]:
        """More points for what a claim has of its own: near its numbers, and where its branches turn."""
        yield from self._near_numbers()
        if branching(self.side.tree):
            yield from self._hunted

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

    @cached_property
    def _hunted(self) -> list[Point]:
        """Points on each side of the branches that the claim has."""
        ground = self.ground
        m = context(ROUGHLY)

        def look(point: Mapping[str, Fraction]) -> dict[object, tuple[int, object]]:
            here = ground.at(dict(point))
            if here is None:
                self._met_outside(point)
                raise Refused(ground.free)
            try:
                parts = here.claimed(self.side, self.way, m)
            except (NotReal, NoValue):
                raise Refused(ground.free) from None
            return branches((self.side.tree, parts), of="claim")

        random = Random(seed(str(self.side), *ground.free))
        search: Search[str] = Search(ground.free, look, random, self.side.size, tries=60, wanted=ground.effort.points)
        return list(islice(search.points(), _HUNTED))

    def _met_outside(self, point: Point) -> None:
        """Which branches of the claim are taken where the spec has no derivative."""
        m = context(ROUGHLY)
        known = {slot: exact(point[leaf], m) for slot, leaf in enumerate(self.side.leaves) if leaf in point}  # type: ignore[index]
        for call in branching(self.side.tree):
            if not KNOWN[call.text].selects and all(slot in known for slot in slots_of(call)):
                with suppress(NotReal):
                    number = value(call.args[0], known, m)
                    self.outside.setdefault(call, set()).add(1 if number > 0 else -1)

    def hidden(self) -> str:
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
            parts = here.claimed(self.side, self.way, m)
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
                if arg not in seen and any(h.claimed(self.side, self.way, m)[arg] for h in self.ground.places):
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

    def branch(self) -> str:
        """Which branch of the claim's own no point takes; the spec's own ones are seen wherever they can be."""
        m = context(ROUGHLY)
        calls = branching(self.side.tree)
        if not calls:
            return ""
        taken: dict[Tree, set[int]] = {call: set() for call in calls}
        arguments: dict[Tree, list[Real]] = {call: [] for call in calls}
        own: list[list[Real]] = []
        places = [*self.ground.places, *filter(None, map(self.ground.at, self._hunted))]
        for here in places:
            parts = here.claimed(self.side, self.way, m)
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
