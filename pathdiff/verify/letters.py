"""Claims as polynomials in the labels: each label a letter, a random number modulo a prime.

Two different polynomials of degree d are equal at a random point with a probability of at most d/prime (Schwartz 1980;
Zippel 1979; DeMillo and Lipton 1978). What is equal here holds whatever the functions are.
"""

from __future__ import annotations

import math
from fractions import Fraction
from random import Random
from typing import Final, Literal

from pathdiff.claim.statement import Factor, Side, degree, integer
from pathdiff.expression import Tree, fold, postorder, slots_of
from pathdiff.spec import Spec
from pathdiff.verify.composition import adjoints, composition
from pathdiff.verify.formulas import PRIME, RESIDUES
from pathdiff.verify.verdict import Edge

Way = Literal["signs", "edges", "totals"]
"""How derivatives in a claim are read: by their signs, ∂ as the label of an edge and d as the total derivative; all as
labels where there is an edge; all as totals."""
_POINTS: Final = 3


def is_label(factor: Factor, way: Way, spec: Spec) -> bool:
    """Whether a derivative in a claim is read as the label of an edge, rather than as a total derivative."""
    node = spec.nodes.get(factor.of)
    edge = node is not None and factor.wrt in node.arguments
    return edge and (way == "edges" or (way == "signs" and factor.sign == "∂"))


class Letters:
    """Labels as random numbers modulo a prime, the same for the same edge and number."""

    def __init__(self, spec: Spec, number: int) -> None:
        self.spec, self.number = spec, number
        self._labels: dict[Edge, int] = {}
        self._totals: dict[Edge, int] = {}

    def label(self, edge: Edge) -> int:
        """The letter on an edge."""
        if edge not in self._labels:
            self._labels[edge] = Random(f"{self.number} {edge[0]} {edge[1]}").randrange(1, PRIME)
        return self._labels[edge]

    def total(self, of: str, wrt: str) -> int:
        """The sum over the paths, 0 without any."""
        if (of, wrt) not in self._totals:
            function = composition(self.spec, of, [wrt])
            found = adjoints(function, RESIDUES, self.label).get(wrt, 0) if function.inside else 0
            self._totals[of, wrt] = found
        return self._totals[of, wrt]

    def factor(self, factor: Factor, way: Way) -> int:
        """A derivative in a claim."""
        if is_label(factor, way, self.spec):
            return self.label((factor.of, factor.wrt))
        return self.total(factor.of, factor.wrt)


def residue(tree: Tree, side: Side, letters: Letters, way: Way) -> int | None:
    """A part of a right side made of derivatives and numbers, modulo the prime; None at a division by 0."""

    def combine(part: Tree, args: list[int | None]) -> int | None:
        known = [arg for arg in args if arg is not None]
        if len(known) < len(args):
            return None
        match part.kind:
            case "number":
                assert isinstance(part.value, Fraction)
                return part.value.numerator * pow(part.value.denominator, -1, PRIME) % PRIME
            case "slot":
                leaf = side.leaves[slots_of(part)[0]]
                assert isinstance(leaf, Factor)
                return letters.factor(leaf, way)
            case "+":
                return sum(known) % PRIME
            case "*":
                return RESIDUES.multiply(known)
            case "neg":
                return -known[0] % PRIME
            case "/":
                return known[0] * pow(known[1], -1, PRIME) % PRIME if known[1] else None
            case _:
                exponent = integer(part.args[1]) or 0
                return pow(known[0], exponent, PRIME) if exponent >= 0 or known[0] else None

    return fold(tree, combine)


def only_derivatives(side: Side) -> bool:
    """Whether a right side is a rational function of derivatives, without names."""
    small = all(part.value.denominator % PRIME for part in postorder(side.tree) if isinstance(part.value, Fraction))
    return not side.names and small and degree(side.tree) is not None


def same_polynomial(side: Side, way: Way, spec: Spec, of: str, wrt: str) -> str | None:
    """How it was found that a claim is the path sum whatever the labels are; None where that is not so."""
    if not only_derivatives(side):
        return None
    for number in range(_POINTS):
        letters = Letters(spec, number)
        if residue(side.tree, side, letters, way) != letters.total(of, wrt):
            return None
    most = (degree(side.tree) or 0) * max(1, len(spec.nodes)) + len(spec.nodes) + 1
    bound = math.ceil(_POINTS * math.log10(most / PRIME))
    return f"equal at {_POINTS} random points modulo 2**61 - 1, error probability below 1e{bound}"
