"""A wrong claim beside the paths that it should be the sum of, in one reading, at the points of some evidence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

from pathdiff.claim.statement import Factor, Side, terms
from pathdiff.expression import Expression, Tree, spec_text
from pathdiff.grading.evidence import Vector
from pathdiff.grading.lattice import Lattice
from pathdiff.verify.letters import Way


class Case:
    """A right side in one reading. Raises ValueError where it has no value at one of the points."""

    def __init__(self, lattice: Lattice, side: Side, way: Way) -> None:
        self.lattice, self.side, self.way = lattice, side, way
        self.evidence = lattice.evidence
        claim = self.evidence.value_of(side, way)
        if claim is None:
            raise ValueError("the claim has no value")
        self.claim: Vector = claim

    @cached_property
    def rest(self) -> Vector:
        """The claim less the derivative."""
        return self.evidence.minus(self.claim, self.lattice.sum)

    @cached_property
    def parts(self) -> Mapping[Tree, Vector]:
        """The value of each part of the claim that has one."""
        return self.evidence.parts_of(self.side, self.way)

    @cached_property
    def typed(self) -> list[tuple[Tree, Vector]]:
        """The terms of the claim as they were typed, each with its value and sign; none where one has no value."""
        told = list(terms(self.side.tree))
        if any(term not in self.parts for _, term in told):
            return []
        evidence = self.evidence
        return [(term, evidence.multiply((evidence.constant(sign), self.parts[term]))) for sign, term in told]

    def flipped(self, factors: Sequence[Factor]) -> Vector | None:
        """The claim where some of its derivatives, which are 0, are turned upside down."""
        leaves = tuple(
            Factor(leaf.wrt, leaf.of, leaf.sign) if isinstance(leaf, Factor) and leaf in factors else leaf
            for leaf in self.side.leaves
        )
        return self.evidence.value_of(Side(self.side.tree, leaves), self.way)

    def more(self, count: int) -> Case:
        """The same at so many points, if there are as many. Raises ValueError where it has no value there."""
        lattice = self.lattice
        return Case(Lattice(lattice.graph, lattice.of, lattice.wrt, self.evidence.more(count)), self.side, self.way)

    def text(self, part: Tree, most: int = 60) -> str:
        """A part of the claim as it was read, the end of a long one left out."""
        return spec_text(Expression(part, tuple(map(str, self.side.leaves))), most)
