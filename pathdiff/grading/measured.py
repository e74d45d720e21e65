"""Evidence in numbers: the claim, the labels and the totals measured at points of the spec.

The counterexample that refuted the claim is one of them, so that what is said of the claim holds there, too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from fractions import Fraction
from typing import Any, Final

from pathdiff.claim.statement import Side
from pathdiff.expression import Tree
from pathdiff.grading.case import Case
from pathdiff.grading.evidence import LARGEST, Evidence, Vector
from pathdiff.grading.lattice import Lattice
from pathdiff.graph import Graph
from pathdiff.numeric import NotReal
from pathdiff.verify.ground import Ground, Here
from pathdiff.verify.letters import Way
from pathdiff.verify.samples import NoValue
from pathdiff.verify.sampling import Real, context
from pathdiff.verify.search import parts_within_limits
from pathdiff.verify.verdict import Edge

DIGITS: Final = 100
"""With so many digits is computed, so that a difference may be 10**35 times smaller than what it is a difference of,"""
SAME: Final = 25
"""and two numbers are the same if so many agree."""
NOTHING: Final = 50
"""What is 10 to this power times smaller than what it is a difference of is only what the step left."""
MOST_KEPT: Final = 8
"""What is known at so many choices of points is kept."""
MOST_PLACES: Final = 64
"""So many points are kept: each counterexample may be another one."""


class PointEvidence(Evidence):
    """The labels are numbers, measured at places; the claims are measured at those `beside` them.

    These are the same but where labels are those of the spec split into elementary operations.
    """

    def __init__(self, places: Places, beside: Sequence[Here]) -> None:
        self.spec = (places.fine or places.ground).spec
        self.m = context(DIGITS)
        self._least, self._nothing = self.m.mpf(10) ** -SAME, self.m.mpf(10) ** -NOTHING
        self._from, self._beside = places, beside
        self._places = [here for here in map(places.finely, beside) if here is not None]
        self.count = len(beside)
        self._constants: dict[Fraction | int, Vector] = {}

    def label(self, edge: Edge) -> Vector | None:
        return self._each(lambda here: here.partial(*edge, self.m))

    def total(self, of: str, wrt: str) -> Vector | None:
        return self._each(lambda here: here.total(of, wrt, self.m))

    def _each(self, measure: Any) -> Vector | None:
        try:
            return tuple(self._clean(measure(here)) for here in self._places)
        except (NoValue, NotReal, KeyError):
            return None

    def _clean(self, number: Real) -> Real:
        """A measured number; one that is only what the step left is 0."""
        return number if abs(number) > self._nothing else self.m.mpf(0)

    def value(self, name: str) -> Vector | None:
        try:
            return tuple(here.values(self.m)[name] for here in self._places)
        except (KeyError, NoValue):
            return None

    def evaluated(self, tree: Tree, arguments: Sequence[Vector], own: Vector | None = None) -> Vector | None:
        rows = list(zip(*arguments, strict=True)) if arguments else [()] * self.count
        try:
            return tuple(
                parts_within_limits(tree, row, self.m, own[index] if own else None)[tree]
                for index, row in enumerate(rows)
            )
        except NotReal:
            return None

    def equal(self, one: Vector, other: Vector) -> bool:
        least = self._least
        return all(abs(a - b) <= least * max(abs(a), abs(b), least) for a, b in zip(one, other, strict=True))

    def key(self, vector: Vector) -> object:
        return f"{float(vector[0]):.11e}" if abs(vector[0]) > self._least else "0.0"

    def constant(self, value: Fraction | int) -> Vector:
        if value not in self._constants:
            known = Fraction(value)
            self._constants[value] = (self.m.mpf(known.numerator) / known.denominator,) * self.count
        return self._constants[value]

    def add(self, vectors: Iterable[Vector]) -> Vector:
        rows = zip(*vectors, strict=True)
        return tuple(self._sum(row) for row in rows) or self.constant(0)

    def minus(self, one: Vector, other: Vector) -> Vector:
        return tuple(self._sum((a, -b)) for a, b in zip(one, other, strict=True))

    def _sum(self, row: Sequence[Real]) -> Real:
        """A sum; what cancels is 0."""
        total = self.m.fsum(row) if len(row) > 2 else sum(row)
        return total if abs(total) > max(map(abs, row)) * self._nothing else self.m.mpf(0)

    def multiply(self, vectors: Iterable[Vector]) -> Vector:
        told = list(vectors)
        found = told[0] if told else self.constant(1)
        for vector in told[1:]:
            found = tuple(a * b for a, b in zip(found, vector, strict=True))
        return found

    def over(self, one: Vector, other: Vector) -> Vector | None:
        if not all(other):
            return None
        return tuple(a / b for a, b in zip(one, other, strict=True))

    def value_of(self, side: Side, way: Way) -> Vector | None:
        try:
            return tuple(here.claimed(side, way, self.m)[side.tree] for here in self._beside)
        except (NotReal, NoValue):
            return None

    def parts_of(self, side: Side, way: Way) -> Mapping[Tree, Vector]:
        rows = [here.claimed(side, way, self.m) for here in self._beside]
        return {part: tuple(row[part] for row in rows) for part in rows[0]}

    def more(self, count: int) -> PointEvidence:
        return PointEvidence(self._from, tuple(dict.fromkeys((*self._beside, *self._from.first(count)))))

    def fraction(self, vector: Vector) -> Fraction | None:
        number = vector[0]
        if not self.m.mpf(1) / 1000 < abs(number) < 1000:
            return None
        found = Fraction(float(number)).limit_denominator(LARGEST)
        return found if abs(found) <= LARGEST else None


class Places:
    """Points of a spec at which the derivative can be measured, each made once for all claims.

    With a `fine` ground, of the spec split into elementary operations, each point is there also in that one, whose
    derivative graph then is the `graph`.
    """

    def __init__(self, ground: Ground, graph: Graph, fine: Ground | None = None) -> None:
        self.ground, self.graph, self.fine = ground, graph, fine
        self.original = None if fine is None else ground.spec
        self._found = [*ground.places]
        self._seen = len(ground.places)
        self._finely: dict[Here, Here | None] = {}
        self._lattices: dict[tuple[Here, ...], Lattice] = {}

    def first(self, count: int) -> list[Here]:
        """So many of them, or fewer; those that claims are compared at first."""
        points = self.ground.samples.points(2 * count + self.ground.effort.looked)
        while len(self._found) < count and self._seen < len(points):
            here = self.ground.at(points[self._seen])
            self._seen += 1
            if here is not None and all(here.point != other.point for other in self._found):
                self._found.append(here)
        return [here for here in self._found[:count] if self.finely(here) is not None]

    def finely(self, here: Here) -> Here | None:
        """The same point in the fine ground, where there is one."""
        if self.fine is None:
            return here
        if here not in self._finely:
            if len(self._finely) >= MOST_PLACES:
                del self._finely[next(iter(self._finely))]
            self._finely[here] = self.fine.at(here.point)
        return self._finely[here]

    def case(self, side: Side, way: Way, count: int, shown: Here | None) -> Case:
        """A claim at so many points or more at which it has a value, among them `shown`, where the counterexample is.

        Raises ValueError where there are none, or it has no value at the counterexample.
        """
        first = self.first(max(count, len(self.ground.places)))
        if shown is not None and shown not in first:
            first.insert(0, shown)
        m = context(DIGITS)
        chosen: list[Here] = []
        for here in first:
            with suppress(NotReal, NoValue):
                here.claimed(side, way, m)
                chosen.append(here)
        if not chosen or (shown is not None and (shown not in chosen or self.finely(shown) is None)):
            raise ValueError("the claim has no value at the counterexample")
        return Case(self._lattice(tuple(chosen)), side, way, self.original)

    def _lattice(self, chosen: tuple[Here, ...]) -> Lattice:
        if chosen not in self._lattices:
            if len(self._lattices) >= MOST_KEPT:
                del self._lattices[next(iter(self._lattices))]
            evidence = PointEvidence(self, chosen)
            self._lattices[chosen] = Lattice(self.graph, self.ground.of, self.ground.wrt, evidence)
        return self._lattices[chosen]
