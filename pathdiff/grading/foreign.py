"""Hypotheses about terms that belong to no path: one too many, or one in the place of a path."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from pathdiff.derivation import Path
from pathdiff.grading.case import Case
from pathdiff.grading.evidence import Vector
from pathdiff.grading.findings import Diagnosis, Explanation, arrows
from pathdiff.grading.lattice import Lattice

_MOST_ELSEWHERE: Final = 300
"""So many paths to or from other nodes are looked at."""


def by_foreign(case: Case) -> tuple[list[Explanation], list[Explanation]]:
    """Whether the claim is right but for one term: one that was typed, and one that need not have been."""
    lattice, evidence = case.lattice, case.evidence
    of, wrt = lattice.of, lattice.wrt
    if not lattice.count:
        message = f"d{of}/d{wrt} is 0, since no path leads from {of} to {wrt}."
        return [(Diagnosis("foreign-path", message),)], []
    minus = evidence.multiply((evidence.constant(-1), case.rest))
    typed = [term for term, vector in case.typed if evidence.equal(vector, case.rest)]
    paths = [
        path
        for path, product in _products_elsewhere(lattice)
        if evidence.equal(product, case.rest) or (typed and evidence.equal(product, minus))
    ]
    told: list[Explanation] = [(_foreign_path(lattice, path),) for path in paths[:3]]
    if typed and len(paths) != 1:
        message = (
            f"The term {case.text(typed[0], 80)} belongs to no path from {of} to {wrt}. Without it the claim is right."
        )
        told = [(Diagnosis("foreign-path", message),)]
    return (told, []) if typed else ([], told)


def by_exchange(case: Case) -> list[Explanation]:
    """Whether another path stands in the place of one of these."""
    lattice, evidence = case.lattice, case.evidence
    known = {evidence.key(vector): path for path, vector in _products_elsewhere(lattice)}
    for path, product in zip(lattice.paths, lattice.products, strict=True):
        wanted = evidence.add((case.rest, product))
        other = known.get(evidence.key(wanted))
        labels = [evidence.label(edge) for edge in pairwise(other)] if other else []
        if other and evidence.equal(evidence.multiply(label for label in labels if label is not None), wanted):
            missing = Diagnosis("missing-path", f"The path {arrows(path)} is missing.", (path,))
            message = f"The path {arrows(other)}, which stands there instead, leads from {other[0]} to {other[-1]}."
            return [(Diagnosis("foreign-path", message, (other,)), missing)]
    return []


def _products_elsewhere(lattice: Lattice) -> Iterator[tuple[Path, Vector]]:
    evidence = lattice.evidence
    for path in lattice.paths_elsewhere(_MOST_ELSEWHERE):
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
