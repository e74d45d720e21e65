"""Hypotheses about terms that belong to no path: one too many, or one in the place of a path."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from pathdiff.claim.statement import terms
from pathdiff.derivation import Path
from pathdiff.expression import Expression, spec_text
from pathdiff.grading.evidence import Vector
from pathdiff.grading.findings import Diagnosis, Explanation, arrows
from pathdiff.grading.lattice import Lattice

_MOST_ELSEWHERE: Final = 300
"""So many paths to or from other nodes are looked at."""


def by_foreign(lattice: Lattice) -> tuple[list[Explanation], list[Explanation]]:
    """Whether the claim is right but for one term: one that was typed, and one that need not have been."""
    evidence, of, wrt = lattice.evidence, lattice.of, lattice.wrt
    if not lattice.count:
        message = f"d{of}/d{wrt} is 0, since no path leads from {of} to {wrt}."
        return [(Diagnosis("foreign-path", message),)], []
    difference = evidence.minus(evidence.claim, lattice.sum)
    minus = evidence.multiply((evidence.constant(-1), difference))
    typed = [
        term
        for (_, term), vector in zip(terms(evidence.side.tree), evidence.typed(), strict=False)
        if evidence.equal(vector, difference)
    ]
    paths = [
        path
        for path, product in _products_elsewhere(lattice)
        if evidence.equal(product, difference) or (typed and evidence.equal(product, minus))
    ]
    told: list[Explanation] = [(_foreign_path(lattice, path),) for path in paths[:3]]
    if typed and len(paths) != 1:
        term = spec_text(Expression(typed[0], tuple(map(str, evidence.side.leaves))), 80)
        message = f"The term {term} belongs to no path from {of} to {wrt}. Without it the claim is right."
        told = [(Diagnosis("foreign-path", message),)]
    return (told, []) if typed else ([], told)


def by_exchange(lattice: Lattice) -> list[Explanation]:
    """Whether another path stands in the place of one of these."""
    evidence = lattice.evidence
    difference = evidence.minus(evidence.claim, lattice.sum)
    known = {evidence.key(vector): path for path, vector in _products_elsewhere(lattice)}
    for path, product in zip(lattice.paths, lattice.products, strict=True):
        wanted = evidence.add((difference, product))
        other = known.get(evidence.key(wanted))
        labels = [evidence.label(edge) for edge in pairwise(other)] if other else []
        if other and evidence.equal(evidence.multiply(label for label in labels if label is not None), wanted):
            missing = Diagnosis("missing-path", f"The path {arrows(path)} is missing.", (path,))
            message = f"The path {arrows(other)}, which stands there instead, leads from {other[0]} to {other[-1]}."
            return [(Diagnosis("foreign-path", message, (other,)), missing)]
    return []


def _products_elsewhere(lattice: Lattice) -> Iterator[tuple[Path, Vector]]:
    evidence = lattice.evidence
    for path in lattice.elsewhere(_MOST_ELSEWHERE):
        labels = [evidence.label(edge) for edge in pairwise(path)]
        known = [label for label in labels if label is not None]
        if known and len(known) == len(labels):
            yield path, evidence.multiply(known)


def _foreign_path(lattice: Lattice, path: Path) -> Diagnosis:
    of, wrt = lattice.of, lattice.wrt
    where = f"it leads to {path[-1]}, not to {wrt}" if path[0] == of else f"it begins at {path[0]}, not at {of}"
    message = (
        f"The path {arrows(path)} does not belong into d{of}/d{wrt}: {where}. Without its term the claim is right."
    )
    return Diagnosis("foreign-path", message, (path,))
