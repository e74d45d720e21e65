"""What is wrong with a refuted claim, by evidence: each hypothesis is computed, and counts where it is the claim.

A hypothesis says what one mistake would make of the derivative: a path left out, counted twice, with another sign; a
label replaced, left out, turned upside down, or taken at another place. It is tested at random points, all at once
(`evidence`), so it holds or it does not; nothing is judged by how the claim looks. Several that fit are all told, as
possible; what fits none is unexplained.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cache, cached_property
from typing import Final

from pathdiff.claim.statement import Claim, Side
from pathdiff.elementary import elementary
from pathdiff.grading.case import Case
from pathdiff.grading.factors import by_labels
from pathdiff.grading.findings import Diagnosis, Explanation
from pathdiff.grading.foreign import by_exchange, by_foreign
from pathdiff.grading.lattice import Lattice
from pathdiff.grading.lettered import LetterEvidence
from pathdiff.grading.measured import Places
from pathdiff.grading.several import by_several
from pathdiff.grading.sums import by_paths
from pathdiff.grading.turned import by_direction
from pathdiff.grading.two import by_two
from pathdiff.graph import computation_graph, derivative_graph
from pathdiff.spec import Spec
from pathdiff.verify.claims import Judged, Reading, readings
from pathdiff.verify.ground import Ground, Here
from pathdiff.verify.letters import Way, only_derivatives

POINTS: Final = 5
"""At so many points each hypothesis is tested, and at more where it takes them to see every branch of the spec."""
LETTERS: Final = 3
"""At so many where labels are letters: that two polynomials differ, and not there, has a probability below 1e-45."""
LARGEST: Final = 400
"""A claim, or a spec, with more operations than this is not diagnosed."""


class Diagnostician:
    """Diagnoses claims about one derivative; what all of them need is made once."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self.spec: Spec = ground.spec

    @cached_property
    def places(self) -> Places:
        """Where claims are looked at."""
        return Places(self.ground, derivative_graph(computation_graph(self.spec)))

    @cached_property
    def fine(self) -> Places | None:
        """The same for the spec split into elementary operations; None where there is nothing to split."""
        if all(node.tree is None or len(node.tree.args) == 0 for node in self.spec.nodes.values()):
            return None
        split = elementary(self.spec)
        names = [name for name in self.ground.function.order if name in split.nodes or name in split.independents]
        ground = Ground(split, self.ground.of, self.ground.wrt, names, like=self.ground)
        return Places(self.ground, derivative_graph(computation_graph(split)), ground)

    @cached_property
    def letters(self) -> Lattice:
        """The paths with letters for their labels."""
        evidence = LetterEvidence(self.spec, LETTERS)
        return Lattice(self.places.graph, self.ground.of, self.ground.wrt, evidence)

    def diagnose(self, claim: Claim, judged: Judged) -> tuple[Diagnosis, ...]:
        """What is wrong with a claim that was refuted: every explanation that fits, or that none does."""
        for reading in _as_judged_first(claim, judged, self.spec):
            for side in reading.parse.sides[judged.side : judged.side + 1]:
                found = self._explained(side, reading, judged.here)
                if found:
                    return _told(found)
        return (self._unexplained(judged),)

    def _explained(self, side: Side, reading: Reading, shown: Here | None) -> list[Explanation]:
        if side.size > LARGEST or len(self.ground.function.order) > LARGEST:
            return []
        way = reading.way or "signs"
        found: list[Explanation] = []
        cases: list[Case] = []
        if only_derivatives(side):
            with suppress(ValueError):
                case = Case(self.letters, side, way)
                found = _looked(case)
                cases.append(case)
        if not _is_sure(found) and not all(node.abstract for node in self.spec.nodes.values()):
            with suppress(ValueError):
                case = self.places.case(side, way, POINTS, shown)
                if case.evidence.equal(case.claim, case.lattice.sum):  # they differ by less than is looked at
                    return []
                within = cache(lambda: self._finely(side, way, shown))
                found = _looked(case, within) or found
                cases.append(case)
                if not found and (fine := within()) is not None:
                    cases.append(fine)
        if not _is_sure(found):
            found += next(filter(None, map(by_two, cases)), [])
        return found

    def _finely(self, side: Side, way: Way, shown: Here | None) -> Case | None:
        """The same within nodes: in the spec split into elementary operations."""
        with suppress(ValueError, KeyError):
            return None if self.fine is None else self.fine.case(side, way, POINTS, shown)
        return None

    def _unexplained(self, judged: Judged) -> Diagnosis:
        found = judged.counterexample
        told = f": {found.text}" if found is not None else ""
        asked = f"d{self.ground.of}/d{self.ground.wrt}"
        message = f"The claim is not {asked}{told}. No mistake that was tried explains it."
        return Diagnosis("unexplained", message)


def _looked(case: Case, within: Callable[[], Case | None] = lambda: None) -> list[Explanation]:
    """The explanations of a claim by one mistake, the most specific ones; `within` looks into the nodes of a spec."""
    found = by_direction(case)
    if found:
        return found
    found, unsure = by_paths(case)
    typed, other = ([], []) if found or unsure else by_foreign(case)
    if found or typed:
        return found or typed
    strong, weak = by_labels(case)
    if unsure or strong:
        return unsure + strong
    fine = within()
    inner, vague = by_labels(fine) if fine is not None else ([], [])
    if inner or other:
        return inner + other
    several = by_several(fine) if fine is not None else []
    if len(case.lattice.labels) == 1 and several:  # that the only label is wrong says less
        return several
    return weak or vague or by_exchange(case) or by_several(case) or several


def _as_judged_first(claim: Claim, judged: Judged, spec: Spec) -> Iterator[Reading]:
    yield judged.reading
    yield from (reading for reading in readings(claim, spec) if reading != judged.reading)


def _is_sure(found: list[Explanation]) -> bool:
    return bool(found) and all(each.certain for explanation in found for each in explanation)


def _told(found: list[Explanation]) -> tuple[Diagnosis, ...]:
    """All explanations one after the other; where they are several, none is certain."""
    single = len({tuple((each.code, each.message, each.paths) for each in explanation) for explanation in found}) == 1
    told: dict[tuple[str, str], Diagnosis] = {}
    for explanation in found if not single else found[:1]:
        for each in explanation:
            known = Diagnosis(each.code, each.message, each.paths, single and each.certain)
            told.setdefault((each.code, each.message), known)
    return tuple(told.values())
