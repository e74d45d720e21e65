"""Evidence in letters: the labels are random numbers modulo a prime, and equality is exact.

What holds there, holds whatever the functions are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Final

from pathdiff.claim.statement import Side
from pathdiff.expression import Tree, postorder
from pathdiff.grading.evidence import LARGEST, Evidence, Vector
from pathdiff.spec import Spec
from pathdiff.verify.formulas import PRIME
from pathdiff.verify.letters import Letters, Way, residue
from pathdiff.verify.verdict import Edge

_FRACTIONS: Final = {
    sign * above * pow(below, -1, PRIME) % PRIME: Fraction(sign * above, below)
    for above in range(LARGEST + 1)
    for below in range(1, LARGEST + 1)
    for sign in (1, -1)
}
"""The small fractions by what they are modulo the prime."""


class LetterEvidence(Evidence):
    """The labels are letters: what holds, holds whatever the functions are."""

    def __init__(self, spec: Spec, count: int) -> None:
        self.spec, self.count = spec, count
        self._letters = [Letters(spec, number) for number in range(count)]

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
        told = list(vectors)
        found = told[0] if told else self.constant(1)
        for vector in told[1:]:
            found = tuple(a * b % PRIME for a, b in zip(found, vector, strict=True))
        return found

    def over(self, one: Vector, other: Vector) -> Vector | None:
        if 0 in other:
            return None
        return tuple(a * pow(b, -1, PRIME) % PRIME for a, b in zip(one, other, strict=True))

    def value_of(self, side: Side, way: Way) -> Vector | None:
        return self._residue(side.tree, side, way)

    def parts_of(self, side: Side, way: Way) -> Mapping[Tree, Vector]:
        told = {part: self._residue(part, side, way) for part in postorder(side.tree)}
        return {part: vector for part, vector in told.items() if vector is not None}

    def _residue(self, part: Tree, side: Side, way: Way) -> Vector | None:
        told = [residue(part, side, letters, way) for letters in self._letters]
        return None if None in told else tuple(told)

    def more(self, count: int) -> LetterEvidence:
        return LetterEvidence(self.spec, count)

    def fraction(self, vector: Vector) -> Fraction | None:
        return _FRACTIONS.get(vector[0])
