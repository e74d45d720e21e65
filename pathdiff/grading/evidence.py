"""Evidence about a wrong claim: what it is at several points, beside the labels there; arithmetic on all at once.

Where the claim is made of derivatives only, the labels are letters, random numbers modulo a prime, and equality is
exact; else they are measured at points of the spec. A vector has a number for each point.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from functools import cached_property
from typing import Any, Final

from pathdiff.claim.statement import Factor, Side, terms
from pathdiff.expression import Tree
from pathdiff.numeric import NotReal
from pathdiff.spec import Spec
from pathdiff.verify.claimed import claimed
from pathdiff.verify.formulas import PRIME
from pathdiff.verify.ground import Ground, Here
from pathdiff.verify.letters import Letters, Way, is_label, residue
from pathdiff.verify.samples import NoValue
from pathdiff.verify.sampling import Real, context
from pathdiff.verify.search import parts_within_limits
from pathdiff.verify.verdict import Edge

Vector = tuple[Any, ...]
"""A number for each point: integers modulo a prime, or real ones of mpmath."""
DIGITS: Final = 60
"""Real ones are computed with so many digits,"""
SAME: Final = 25
"""and are the same if so many agree."""
_FRACTIONS: Final = sorted(
    {Fraction(sign * a, b) for a in range(1, 13) for b in range(1, 13) for sign in (1, -1)},
    key=lambda f: (f.denominator, abs(f), -f),
)


class Evidence(ABC):
    """The claim, the labels and the totals of a spec at several points."""

    spec: Spec
    side: Side
    """The claim as it was read."""
    count: int
    """How many points."""
    claim: Vector

    @abstractmethod
    def label(self, edge: Edge) -> Vector | None:
        """The label of an edge; None where it has no value at one of the points."""

    @abstractmethod
    def total(self, of: str, wrt: str) -> Vector | None:
        """The derivative over all paths."""

    @abstractmethod
    def equal(self, one: Vector, other: Vector) -> bool:
        """Whether two vectors are the same at every point."""

    @abstractmethod
    def key(self, vector: Vector) -> object:
        """What equal vectors have in common, and others most probably not."""

    @abstractmethod
    def constant(self, value: Fraction | int) -> Vector:
        """The same number at every point."""

    @abstractmethod
    def add(self, vectors: Iterable[Vector]) -> Vector:
        """The sum, point by point."""

    @abstractmethod
    def multiply(self, vectors: Iterable[Vector]) -> Vector:
        """The product, point by point."""

    @abstractmethod
    def over(self, one: Vector, other: Vector) -> Vector | None:
        """The quotient, None where the other is 0 at a point."""

    @abstractmethod
    def parts(self) -> Mapping[Tree, Vector]:
        """The value of each part of the claim."""

    @abstractmethod
    def flipped(self, factors: Sequence[Factor]) -> Vector | None:
        """The claim where some of its derivatives, which are 0, are turned upside down."""

    def typed(self) -> list[Vector]:
        """The terms of the claim as they were typed, with their signs; none where one has no value."""
        parts = self.parts()
        told = list(terms(self.side.tree))
        if any(term not in parts for _, term in told):
            return []
        return [self.multiply((self.constant(sign), parts[term])) for sign, term in told]

    def minus(self, one: Vector, other: Vector) -> Vector:
        """The difference, point by point."""
        return self.add((one, self.multiply((self.constant(-1), other))))

    def is_zero(self, vector: Vector) -> bool:
        """Whether it is 0 at every point."""
        return self.equal(vector, self.constant(0))

    def ratio(self, one: Vector, other: Vector) -> Fraction | None:
        """The small fraction that a quotient is at every point, if it is one."""
        quotient = self.over(one, other)
        if quotient is None:
            return None
        return next((f for f in _FRACTIONS if self.equal(quotient, self.constant(f))), None)


class LetterEvidence(Evidence):
    """The labels are letters: what holds, holds whatever the functions are."""

    def __init__(self, spec: Spec, side: Side, way: Way, count: int) -> None:
        self.spec, self.side, self.way, self.count = spec, side, way, count
        self._letters = [Letters(spec, number) for number in range(count)]
        told = [residue(side.tree, side, letters, way) for letters in self._letters]
        if None in told:
            raise ValueError("the claim divides by 0")
        self.claim: Vector = tuple(told)

    def label(self, edge: Edge) -> Vector | None:
        return tuple(letters.label(edge) for letters in self._letters)

    def total(self, of: str, wrt: str) -> Vector | None:
        return tuple(letters.total(of, wrt) for letters in self._letters)

    def equal(self, one: Vector, other: Vector) -> bool:
        return one == other

    def key(self, vector: Vector) -> object:
        return vector

    def constant(self, value: Fraction | int) -> Vector:
        known = Fraction(value)
        return (known.numerator * pow(known.denominator, -1, PRIME) % PRIME,) * self.count

    def add(self, vectors: Iterable[Vector]) -> Vector:
        told = list(vectors)
        return tuple(sum(row) % PRIME for row in zip(*told, strict=True)) if told else self.constant(0)

    def multiply(self, vectors: Iterable[Vector]) -> Vector:
        found = self.constant(1)
        for vector in vectors:
            found = tuple(a * b % PRIME for a, b in zip(found, vector, strict=True))
        return found

    def over(self, one: Vector, other: Vector) -> Vector | None:
        if 0 in other:
            return None
        return tuple(a * pow(b, -1, PRIME) % PRIME for a, b in zip(one, other, strict=True))

    def parts(self) -> Mapping[Tree, Vector]:
        from pathdiff.expression import postorder

        found: dict[Tree, Vector] = {}
        for part in postorder(self.side.tree):
            told = [residue(part, self.side, letters, self.way) for letters in self._letters]
            if None not in told:
                found[part] = tuple(told)
        return found

    def flipped(self, factors: Sequence[Factor]) -> Vector | None:
        leaves = tuple(
            Factor(leaf.wrt, leaf.of, leaf.sign) if isinstance(leaf, Factor) and leaf in factors else leaf
            for leaf in self.side.leaves
        )
        other = Side(self.side.tree, leaves)
        told = [residue(other.tree, other, letters, self.way) for letters in self._letters]
        return None if None in told else tuple(told)


class PointEvidence(Evidence):
    """The labels are numbers, measured at points of the spec.

    With a `fine` ground, of the spec split into elementary operations, labels and totals are of that one.
    """

    def __init__(self, ground: Ground, side: Side, way: Way, count: int, fine: Ground | None = None) -> None:
        self.spec = (fine or ground).spec
        self.side, self.way, self.ground = side, way, ground
        self.m = context(DIGITS)
        self.places: list[Here] = []
        self._fine: list[Here] = []
        told: list[Real] = []
        for here in places(ground, count):
            try:
                number = claimed(side, way, here, self.m)[side.tree]
            except (NotReal, NoValue):
                continue
            other = here if fine is None else fine.at(here.point)
            if other is not None:
                self.places.append(here)
                self._fine.append(other)
                told.append(number)
        if not told:
            raise ValueError("the claim has no value")
        self.count = len(told)
        self.claim: Vector = tuple(told)
        self._labels: dict[Edge, Vector | None] = {}

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
        return number if abs(number) > self.m.mpf(10) ** -(SAME + 5) else self.m.mpf(0)

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
        least = self.m.mpf(10) ** -SAME
        return all(abs(a - b) <= least * max(abs(a), abs(b), least) for a, b in zip(one, other, strict=True))

    def key(self, vector: Vector) -> object:
        return str(self.m.nstr(vector[0], 12)) if abs(vector[0]) > self.m.mpf(10) ** -SAME else "0.0"

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
            found.append(total if abs(total) > max(map(abs, row)) * self.m.mpf(10) ** -(SAME + 5) else self.m.mpf(0))
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
        rows = [claimed(self.side, self.way, here, self.m) for here in self.places]
        return {part: tuple(row[part] for row in rows) for part in rows[0]}

    def parts(self) -> Mapping[Tree, Vector]:
        return self._parts

    def flipped(self, factors: Sequence[Factor]) -> Vector | None:
        leaves = tuple(
            Factor(leaf.wrt, leaf.of, leaf.sign) if isinstance(leaf, Factor) and leaf in factors else leaf
            for leaf in self.side.leaves
        )
        other = Side(self.side.tree, leaves)
        try:
            return tuple(claimed(other, self.way, here, self.m)[other.tree] for here in self.places)
        except (NotReal, NoValue):
            return None


def places(ground: Ground, count: int) -> list[Here]:
    """So many points at which the derivative can be measured, or fewer; those that claims are compared at first."""
    found = list(ground.places)
    seen = len(found)
    tries = 2 * count + ground.effort.looked
    for point in ground.samples.points(tries)[seen:]:
        if len(found) >= count:
            break
        here = ground.at(point)
        if here is not None and all(here.point != other.point for other in found):
            found.append(here)
    return found[:count]


__all__ = ["Evidence", "LetterEvidence", "PointEvidence", "Vector", "is_label", "places"]
