"""Hypotheses about several labels at once: one left out of every term; one at another place, and the next left out."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from pathdiff.grading.anywhere import at_another_place
from pathdiff.grading.case import Case
from pathdiff.grading.evidence import Instead
from pathdiff.grading.factors import diagnosis
from pathdiff.grading.findings import Diagnosis, Explanation, listed
from pathdiff.grading.lattice import MOST_EDGES
from pathdiff.grading.names import Names
from pathdiff.verify.verdict import Edge


def by_several(case: Case) -> list[Explanation]:
    """The explanations with more than one mistaken label."""
    lattice = case.lattice
    if not lattice.paths or len(lattice.labels) > MOST_EDGES:
        return []
    names = Names(lattice, case.original)
    return list(_every_term(case, names)) or list(_with_the_next(case, names))[:4]


def _every_term(case: Case, names: Names) -> Iterator[Explanation]:
    """The first label of each path left out, or the last: dp/dz1 + dp/dz2 for the sum of the products."""
    lattice, evidence = case.lattice, case.evidence
    of, wrt = lattice.of, lattice.wrt
    direct = [lattice.labels[of, wrt]] if (of, wrt) in lattice.labels else []
    longer = tuple(path for path in lattice.paths if len(path) > 2)
    last = {edge: lattice.down[edge[0]] for edge in lattice.labels if edge[1] == wrt != edge[0] and edge[0] != of}
    first = {edge: lattice.up[edge[1]] for edge in lattice.labels if edge[0] == of and edge[1] != wrt}
    for kind, left in (("inner", last), ("outer", first)):
        if len(left) > 1 and evidence.equal(case.claim, evidence.add([*direct, *left.values()])):
            told = [names.label(edge) for edge in left]
            most = ", ".join(told[:3]) + ", …" * (len(told) > 3)
            paths = tuple(dict.fromkeys(map(names.path, longer)))
            message = f"The {kind} derivatives {most} are left out on {listed(paths)}: multiply each term by its own."
            yield (Diagnosis("missing-inner", message, paths),)


def _with_the_next(case: Case, names: Names) -> Iterator[Explanation]:
    """A label at another place, and the next one left out: cos(x) for the derivative of sin(x²)."""
    lattice, evidence, rest = case.lattice, case.evidence, case.rest
    for path, product in zip(lattice.paths, lattice.products, strict=True):
        there = evidence.add((rest, product))
        pairs: Iterator[tuple[Edge, Edge]] = pairwise(pairwise(path))
        for edge, after in pairs:
            instead = evidence.over(there, lattice.product(path, (edge, after)))
            found = None if instead is None else at_another_place(case, edge, instead)
            if found is not None:
                without = Instead("missing-inner", "", evidence.constant(1))
                yield (
                    diagnosis(lattice, edge, (path,), found, names),
                    diagnosis(lattice, after, (path,), without, names),
                )
