"""Whether somebody's claim about a derivative is right, by means that share nothing with how pathdiff derives.

First as polynomials in the labels (`letters`), where the claim is made of derivatives and numbers only; then as numbers
at random points (`claimed`), where the derivative is measured (`ground`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from pathdiff.claim.statement import Claim, Factor, Side
from pathdiff.spec import Spec
from pathdiff.verify.claimed import Judged, Numbers, Reading
from pathdiff.verify.composition import composition
from pathdiff.verify.ground import Ground
from pathdiff.verify.letters import Way, is_label, same_polynomial

__all__ = ["Judged", "Reading", "judge", "readings"]

WAYS: Final[tuple[Way, ...]] = ("signs", "edges", "totals")


def judge(claim: Claim, ground: Ground) -> Judged:
    """Whether a claim is right in one of its readings, and in which; else the first reading that is not refuted, or it.

    The same verdict every time. Cost O(size of the claim) for each point and reading.
    """
    found: list[Judged] = []
    for reading in readings(claim, ground.spec):
        judged = _judged(reading, ground)
        if judged.verdict == "agree":
            return judged
        found.append(judged)
    if not found:
        reading = Reading(claim.parses[0], None)
        return Judged(
            "undecided", reading, f"the claim explains d{claim.of}/d{claim.wrt} by itself, which says nothing"
        )
    return next((judged for judged in found if judged.verdict == "undecided"), found[0])


def readings(claim: Claim, spec: Spec) -> Iterator[Reading]:
    """The readings of a claim that differ in what they say; none that explains the derivative by itself."""
    for parse in claim.parses:
        factors = [factor for side in parse.sides for factor in side.factors]
        told = {way: _told(factors, way, spec) for way in WAYS}
        open_to = len(set(told.values())) > 1
        seen: set[tuple[bool, ...]] = set()
        for way, says in told.items():
            if says not in seen and not _circular(claim, factors, way, spec):
                seen.add(says)
                yield Reading(parse, way if open_to or way != "signs" else None)


def _circular(claim: Claim, factors: Sequence[Factor], way: Way, spec: Spec) -> bool:
    """Whether one of the derivatives is the very one that the claim is about: dp/dx = dp/dx says nothing."""
    own = [factor for factor in factors if (factor.of, factor.wrt) == (claim.of, claim.wrt)]
    return claim.of != claim.wrt and any(not is_label(factor, way, spec) for factor in own)


def _told(factors: Sequence[Factor], way: Way, spec: Spec) -> tuple[bool, ...]:
    """Which factors are labels that differ from the total derivatives."""
    return tuple(is_label(factor, way, spec) and not _one_path(factor, spec) for factor in factors)


def _one_path(factor: Factor, spec: Spec) -> bool:
    """Whether an edge is all that leads from one node to the other, so that its label is the total derivative."""
    between = composition(spec, factor.of, [factor.wrt])
    return between.arguments.get(factor.of) == (factor.wrt,)


def _judged(reading: Reading, ground: Ground) -> Judged:
    """The verdict on all right sides: the worst, the first of these."""
    rank = ("agree", "undecided", "refuted").index
    found = [_side(reading, number, side, ground) for number, side in enumerate(reading.parse.sides)]
    return max(found, key=lambda judged: (rank(judged.verdict), -judged.side))


def _side(reading: Reading, number: int, side: Side, ground: Ground) -> Judged:
    way = reading.way or "signs"
    bound = same_polynomial(side, way, ground.spec, ground.of, ground.wrt)
    if bound is not None:
        text = f"the same polynomial in the labels as the path sum: {bound}"
        return Judged("agree", reading, text, side=number)
    return Numbers(reading, number, side, way, ground).judged()
