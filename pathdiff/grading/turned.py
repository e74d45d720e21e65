"""Hypotheses about the direction of a claim: the transposed question, and factors turned upside down."""

from __future__ import annotations

from itertools import pairwise

from pathdiff.claim.statement import Factor
from pathdiff.derivation import Path
from pathdiff.grading.case import Case
from pathdiff.grading.findings import Diagnosis, Explanation, arrows
from pathdiff.grading.lattice import Lattice
from pathdiff.graph import between
from pathdiff.paths import Paths


def by_direction(case: Case) -> list[Explanation]:
    """Whether the claim answers the transposed question, dx/dp for dp/dx, or has factors upside down."""
    lattice, evidence = case.lattice, case.evidence
    of, wrt = lattice.of, lattice.wrt
    asked, other = f"d{of}/d{wrt}", f"d{wrt}/d{of}"
    if not lattice.count:
        turned = evidence.total(wrt, of)
        path = _a_path(lattice, wrt, of)
        if turned is not None and path and evidence.equal(case.claim, turned):
            message = (
                f"This is {other}, the derivative the other way round. "
                f"{asked} is 0, since {of} does not depend on {wrt}."
            )
            return [(Diagnosis("transposed", message, (path,)),)]
        return []
    found = _upside_down(case)
    if found:
        return found
    one = evidence.over(evidence.constant(1), lattice.sum)
    if one is not None and evidence.equal(case.claim, one):
        path = lattice.paths[0] if lattice.paths else _a_path(lattice, of, wrt)
        message = f"This is 1 over {asked}. Multiply the derivatives along {arrows(path)} instead."
        explanations: list[Explanation] = [(Diagnosis("transposed", message, (path,)),)]
        if lattice.count == 1 and len(path) == 2:
            message = f"The factor ∂{of}/∂{wrt} is upside down: the claim has 1 over it."
            explanations.append((Diagnosis("inverted-factor", message, (path,)),))
        return explanations
    return []


def _upside_down(case: Case) -> list[Explanation]:
    """Derivatives in the claim that are 0, being against the arrows, and would be right the other way round."""
    lattice, side = case.lattice, case.side
    against = tuple(factor for factor in dict.fromkeys(side.factors) if _is_against(lattice, factor))
    if not against:
        return []
    turned = case.flipped(against)
    if turned is None or not case.evidence.equal(turned, lattice.sum):
        return []
    path = lattice.paths[:1] or [_a_path(lattice, lattice.of, lattice.wrt)]
    told = ", ".join(map(str, against[:4])) + ", …" * (len(against) > 4)
    right = ", ".join(str(Factor(factor.wrt, factor.of, factor.sign)) for factor in against[:4])
    if len(against) == len(set(side.factors)):
        message = f"The question is transposed: {told} should be {right}, along {arrows(path[0])}."
        return [(Diagnosis("transposed", message, tuple(path)),)]
    paths = tuple(p for p in lattice.paths if any((f.wrt, f.of) in pairwise(p) for f in against)) or tuple(path)
    message = f"{told} is upside down: it should be {right}, as on {arrows(paths[0])}."
    return [(Diagnosis("inverted-factor", message, paths),)]


def _is_against(lattice: Lattice, factor: Factor) -> bool:
    return not _a_path(lattice, factor.of, factor.wrt) and bool(_a_path(lattice, factor.wrt, factor.of))


def _a_path(lattice: Lattice, of: str, wrt: str) -> Path:
    """A path between two nodes, the first one; empty without any."""
    found = Paths(between(lattice.graph, of, [wrt]), wrt) if of in lattice.graph and wrt in lattice.graph else ()
    return next(iter(found), ())
