"""Evidence in numbers: the claim, the labels and the totals measured at points of the spec.

The counterexample that refuted the claim is one of them, so that what is said of the claim holds there, too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from functools import cached_property
from typing import Any, Final

from pathdiff.claim.statement import Side
from pathdiff.expression import Tree
from pathdiff.grading.evidence import LARGEST, Evidence, Vector
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


class Places:
    """Points of a spec at which the derivative can be measured, each made once for all claims.

    With a `fine` ground, of the spec split into elementary operations, each point is there beside the same of that one.
    """

    def __init__(self, ground: Ground, fine: Ground | None = None) -> None:
        self.ground, self.fine = ground, fine
        self._found = [*ground.places]
        self._seen = len(ground.places)
        self._beside: dict[Here, Here | None] = {}

    def first(self, count: int) -> list[Here]:
        """So many of them, or fewer; those that claims are compared at first."""
        points = self.ground.samples.points(2 * count + self.ground.effort.looked)
        while len(self._found) < count and self._seen < len(points):
            here = self.ground.at(points[self._seen])
            self._seen += 1
            if here is not None and all(here.point != other.point for other in self._found):
                self._found.append(here)
        return self._found[:count]

    def beside(self, here: Here) -> Here | None:
        """The same point of the fine ground."""
        if self.fine is None:
            return here
        if here not in self._beside:
            self._beside[here] = self.fine.at(here.point)
        return self._beside[here]


class PointEvidence(Evidence):
    """The labels are numbers, measured at points of the spec; `shown` is the counterexample's.

    Labels and totals are those of the fine ground where the places have one. Raises ValueError where the claim, or
    the derivative, has no value at any point, or none at the counterexample.
    """

    def __init__(self, places: Places, side: Side, way: Way, count: int, shown: Here | None = None) -> None:
        self.spec = (places.fine or places.ground).spec
        self.side, self.way, self._from, self._shown = side, way, places, shown
        self.m = context(DIGITS)
        self._least, self._nothing = self.m.mpf(10) ** -SAME, self.m.mpf(10) ** -NOTHING
        self.places: list[Here] = []
        self._fine: list[Here] = []
        told: list[Real] = []
        first = places.first(count)
        if shown is not None and shown not in first:
            first = [shown, *first]
        for here in first:
            other = places.beside(here)
            try:
                number = None if other is None else here.claimed(side, way, self.m)[side.tree]
            except (NotReal, NoValue):
                number = None
            if other is not None and number is not None:
                self.places.append(here)
                self._fine.append(other)
                told.append(number)
            elif here is shown:
                break
        if not told:
            raise ValueError("the claim has no value")
        self.count = len(told)
        self.claim: Vector = tuple(told)
        self._labels: dict[Edge, Vector | None] = {}

    def more(self, count: int) -> PointEvidence:
        return PointEvidence(self._from, self.side, self.way, count, self._shown)

    def label(self, edge: Edge) -> Vector | None:
        if edge not in self._labels:
            self._labels[edge] = self._each(lambda here: here.partial(*edge, self.m))
        return self._labels[edge]

    def total(self, of: str, wrt: str) -> Vector | None:
        return self._each(lambda here: here.total(of, wrt, self.m))

    def _each(self, measure: Any) -> Vector | None:
        try:
            return tuple(self._clean(measure(here)) for here in self._fine)
        except (NoValue, NotReal, KeyError):
            return None

    def _clean(self, number: Real) -> Real:
        """A measured number; one that is only what the step left is 0."""
        return number if abs(number) > self._nothing else self.m.mpf(0)

    def value(self, name: str) -> Vector | None:
        """The value of a node."""
        try:
            return tuple(here.values(self.m)[name] for here in self._fine)
        except (KeyError, NoValue):
            return None

    def evaluated(self, tree: Tree, arguments: Sequence[Vector], own: Vector | None = None) -> Vector | None:
        """An expression in slots, from the values that stand in them."""
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
        known = Fraction(value)
        return (self.m.mpf(known.numerator) / known.denominator,) * self.count

    def add(self, vectors: Iterable[Vector]) -> Vector:
        told = list(vectors)
        if not told:
            return self.constant(0)
        found = []
        for row in zip(*told, strict=True):  # what cancels is 0
            total = self.m.fsum(row)
            found.append(total if abs(total) > max(map(abs, row)) * self._nothing else self.m.mpf(0))
        return tuple(found)

    def multiply(self, vectors: Iterable[Vector]) -> Vector:
        found = self.constant(1)
        for vector in vectors:
            found = tuple(a * b for a, b in zip(found, vector, strict=True))
        return found

    def over(self, one: Vector, other: Vector) -> Vector | None:
        if not all(other):
            return None
        return tuple(a / b for a, b in zip(one, other, strict=True))

    @cached_property
    def _parts(self) -> dict[Tree, Vector]:
        rows = [here.claimed(self.side, self.way, self.m) for here in self.places]
        return {part: tuple(row[part] for row in rows) for part in rows[0]}

    def parts(self) -> Mapping[Tree, Vector]:
        return self._parts

    def value_of(self, side: Side) -> Vector | None:
        try:
            return tuple(here.claimed(side, self.way, self.m)[side.tree] for here in self.places)
        except (NotReal, NoValue):
            return None

    def fraction(self, vector: Vector) -> Fraction | None:
        number = vector[0]
        if not self.m.mpf(1) / 1000 < abs(number) < 1000:
            return None
        found = Fraction(float(number)).limit_denominator(LARGEST)
        return found if abs(found) <= LARGEST else None
