"""Evidence about a wrong claim: what it is at several points, beside the labels there; arithmetic on all at once.

Where the claim is made of derivatives only, the labels are letters, random numbers modulo a prime, and equality is
exact; else they are measured at points of the spec. A vector has a number for each point.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any, Final

from pathdiff.claim.statement import Factor, Side, terms
from pathdiff.expression import Tree
from pathdiff.spec import Spec
from pathdiff.verify.verdict import Edge

Vector = tuple[Any, ...]
"""A number for each point: integers modulo a prime, or real ones of mpmath."""
LARGEST: Final = 12
"""A small fraction has no larger numerator or denominator."""


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
    def value_of(self, side: Side) -> Vector | None:
        """The value of another right side; None where it has none at one of the points."""

    @abstractmethod
    def more(self, count: int) -> Evidence:
        """The same at so many points, if there are as many. Raises ValueError."""

    @abstractmethod
    def fraction(self, vector: Vector) -> Fraction | None:
        """The small fraction that a vector is at its first point, if it is one."""

    def flipped(self, factors: Sequence[Factor]) -> Vector | None:
        """The claim where some of its derivatives, which are 0, are turned upside down."""
        leaves = tuple(
            Factor(leaf.wrt, leaf.of, leaf.sign) if isinstance(leaf, Factor) and leaf in factors else leaf
            for leaf in self.side.leaves
        )
        return self.value_of(Side(self.side.tree, leaves))

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
        found = None if quotient is None else self.fraction(quotient)
        return found if found is not None and self.equal(quotient or (), self.constant(found)) else None
