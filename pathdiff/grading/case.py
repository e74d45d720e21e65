"""A wrong claim beside the paths that it should be the sum of, in one reading, at the points of some evidence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import chain, combinations
from typing import Final

from pathdiff import expression as ex
from pathdiff.claim.statement import Factor, Side, terms
from pathdiff.expression import Expression, Tree, postorder, spec_text
from pathdiff.grading.evidence import Vector
from pathdiff.grading.lattice import MOST_EDGES, Lattice
from pathdiff.spec import Spec
from pathdiff.verify.letters import Way
from pathdiff.verify.verdict import Edge

_MOST_FACTORS: Final = 7
"""Of a product with no more factors than this every part is looked at."""


class Case:
    """A right side in one reading. Raises ValueError where it has no value at one of the points.

    Where the lattice is of a spec split into elementary operations, `original` is the spec that the reader knows.
    """

    def __init__(self, lattice: Lattice, side: Side, way: Way, original: Spec | None = None) -> None:
        self.lattice, self.side, self.way, self.original = lattice, side, way, original
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

    @cached_property
    def other_labels(self) -> list[tuple[Edge, Vector]]:
        """The labels of the spec's edges, as far as they have a value."""
        lattice = self.lattice
        edges = [] if self.original is not None else list(lattice.graph.edges)[:MOST_EDGES]
        told = [(edge, lattice.labels.get(edge) or self.evidence.label(edge)) for edge in edges]
        return [(edge, vector) for edge, vector in told if vector is not None]

    @cached_property
    def known(self) -> dict[object, list[tuple[Edge | Tree, Vector]]]:
        """Parts of the claim, labels, and what some factors of a product in it make together, by their value."""
        found: dict[object, list[tuple[Edge | Tree, Vector]]] = {}
        told: list[tuple[Edge | Tree, Vector]] = [*self.parts.items(), *self.other_labels]
        products = (each for part in postorder(self.side.tree) for each in self._products(part))
        for what, vector in chain(told, products):
            found.setdefault(self.evidence.key(vector), []).append((what, vector))
        return found

    def _products(self, part: Tree) -> Iterator[tuple[Tree, Vector]]:
        """What some factors of a product make together, and what one makes that it is divided by."""
        if part.kind not in ("neg", "*", "/"):
            return
        evidence, parts = self.evidence, self.parts
        factors = [each for each in _factors(part) if each[0] in parts][:_MOST_FACTORS]
        several = (combinations(factors, size) for size in range(2, len(factors)))
        alone = [(each,) for each in factors if each[1]]
        for chosen in chain(*several, alone):
            tops = [each for each, upside in chosen if not upside]
            bottoms = [each for each, upside in chosen if upside]
            above = evidence.multiply(parts[each] for each in tops)
            vector = evidence.over(above, evidence.multiply(parts[each] for each in bottoms)) if bottoms else above
            if vector is not None:
                tree = tops[0] if len(tops) == 1 else ex.mul(*tops) if tops else ex.ONE
                for bottom in bottoms:
                    tree = ex.div(tree, bottom)
                yield tree, vector

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


def _factors(tree: Tree) -> Iterator[tuple[Tree, bool]]:
    """The factors of a product, without signs, each with whether it divides."""
    waiting = [(tree, False)]
    while waiting:
        part, upside = waiting.pop()
        match part.kind:
            case "*":
                waiting.extend((arg, upside) for arg in reversed(part.args))
            case "/":
                waiting += [(part.args[1], not upside), (part.args[0], upside)]
            case "neg":
                waiting.append((part.args[0], upside))
            case _:
                yield part, upside
