"""Evidence about wrong claims: the labels at several points, and what claims are there; arithmetic on all at once.

Where a claim is made of derivatives only, the labels are letters, random numbers modulo a prime, and equality is
exact; else they are measured at points of the spec. A vector has a number for each point.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

from pathdiff.claim.statement import Side
from pathdiff.expression import Tree
from pathdiff.grading.findings import Code
from pathdiff.spec import Spec
from pathdiff.verify.letters import Way
from pathdiff.verify.verdict import Edge

Vector = tuple[Any, ...]
"""A number for each point: integers modulo a prime, or real ones of mpmath."""
LARGEST: Final = 12
"""A small fraction has no larger numerator or denominator."""


class Evidence(ABC):
    """The labels and the totals of a spec at several points, and the values that claims have there."""

    spec: Spec
    count: int
    """How many points."""

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
    def value_of(self, side: Side, way: Way) -> Vector | None:
        """The value of a right side; None where it has none at one of the points."""

    @abstractmethod
    def parts_of(self, side: Side, way: Way) -> Mapping[Tree, Vector]:
        """The value of each part of a right side that has one."""

    @abstractmethod
    def more(self, count: int) -> Evidence:
        """The same at so many points, if there are as many."""

    @abstractmethod
    def fraction(self, vector: Vector) -> Fraction | None:
        """The small fraction that a vector is at its first point, if it is one."""

    def value(self, name: str) -> Vector | None:
        """The value of a node, where the evidence is measured."""
        return None

    def evaluated(self, tree: Tree, arguments: Sequence[Vector], own: Vector | None = None) -> Vector | None:
        """An expression in slots, from the values that stand in them, where the evidence is measured."""
        return None

    def minus(self, one: Vector, other: Vector) -> Vector:
        """The difference, point by point."""
        return self.add((one, self.multiply((self.constant(-1), other))))

    def is_zero(self, vector: Vector) -> bool:
        """Whether it is 0 at every point."""
        return self.equal(vector, self.constant(0))

    def ratio(self, one: Vector, other: Vector) -> Fraction | None:
        """The small fraction that a quotient is at every point, if it is one."""
        quotient = self.over(one, other)
        found = None if quotient is None else self.fraction(quotient)
        return found if found is not None and self.equal(quotient or (), self.constant(found)) else None


@dataclass(frozen=True, slots=True)
class Instead:
    """What stands in the place of a label: the mistake that this is, and what it is in words."""

    code: Code
    text: str
    vector: Vector
    correct: str = ""
    """For a label at another place: the name at whose value it should be."""
    inner: Edge | None = None
    """For a label taken at a derivative rather than at a name: whose label that is."""
    times: Fraction | None = None
    """For a multiple of the label: how many times it is there."""
