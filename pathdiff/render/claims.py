"""What was checked of several derivatives: each claim once, with those that were checked in the same way together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from pathdiff.verify import Check, Verdict
from pathdiff.verify.verdict import Outcome, Part

_PARTS: Final[tuple[Part, ...]] = ("forms", "labels", "whole", "numbers")


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim, and how it was checked for each derivative."""

    outcome: Outcome
    text: str
    """What is claimed, without the way in which it was checked; empty where that is all there is to say."""
    groups: tuple[tuple[tuple[str, ...], Check], ...]
    """The names of derivatives that were checked alike, and the check with the largest error of theirs."""
    for_all: bool
    """Whether there is one group, of all the derivatives."""


def claims(found: Sequence[tuple[str, Verdict]]) -> Iterator[Claim]:
    """The claims of verdicts, each with the name of what it is about; checks that differ by their error are alike."""
    together: dict[tuple[Part, Outcome, str], dict[str, list[tuple[str, Check]]]] = {}
    for name, verdict in found:
        for check in verdict.checks:
            claim = check.part, check.outcome, check.text.removesuffix(check.method)
            way = check.method.replace(check.error, "") if check.error else check.method
            together.setdefault(claim, {}).setdefault(way, []).append((name, check))
    for part, outcome, text in sorted(together, key=lambda claim: _PARTS.index(claim[0])):
        groups = tuple(
            (tuple(name for name, _ in group), max((check for _, check in group), key=_error))
            for group in together[part, outcome, text].values()
        )
        yield Claim(outcome, text.rstrip(" :,"), groups, len(groups[0][0]) == len(found))


def _error(check: Check) -> float:
    return float(check.error or 0)
