"""What the verifier found, as data: the checks that were made, each with what it did in one sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final, Literal

from pathdiff.derivation import Path, Total

Edge = tuple[str, str]
"""An edge v -> u of the derivative graph."""
Part = Literal["forms", "labels", "whole", "numbers"]
Outcome = Literal["proved", "checked", "refuted", "undecided"]

LARGEST_WRITTEN: Final = 10**15
"""A count below this is written out."""


@dataclass(frozen=True, slots=True)
class Counterexample:
    """Where a derivation and the truth differ."""

    text: str
    """What differs, in words."""
    claimed: str = ""
    """What the derivation has there: a number, or how often it takes a path."""
    actual: str = ""
    """What should be there."""
    point: Mapping[str, str] = field(default_factory=dict)
    """The point, a decimal for each name; empty where the difference is at every point."""
    edge: Edge | None = None
    """The edge whose label is wrong."""
    path: Path = ()
    """The path that is missing, told twice or foreign."""
    line: Total | None = None
    """The line of a sweep, or the bracket, that is wrong."""


@dataclass(frozen=True, slots=True)
class Check:
    """One part of the verification."""

    part: Part
    outcome: Outcome
    """Proved exactly, checked at random points, refuted, or undecided."""
    text: str
    """What was done and what came of it, in a sentence."""
    method: str = ""
    """How it was done, in a few words."""
    points: int = 0
    """At how many random points."""
    digits: int = 0
    """To how many significant decimal digits."""
    error: str = ""
    """The largest relative difference, or the bound of the probability that a false derivation gets through."""
    counterexample: Counterexample | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a derivation is right, part by part."""

    verdict: Literal["agree", "refuted", "undecided"]
    """Refuted if one check is, else undecided if one is."""
    checks: tuple[Check, ...]
    """In the order forms, labels, whole, numbers; no labels where all are abstract, no numbers without a point."""

    @property
    def methods(self) -> tuple[str, ...]:
        """A short text for each check: the part, the outcome, how."""
        return tuple(f"{check.part}: {check.outcome}, {check.method or check.text}" for check in self.checks)

    @property
    def counterexample(self) -> Counterexample | None:
        """The first one found."""
        return next((check.counterexample for check in self.checks if check.counterexample), None)


def verdict(*checks: Check | None) -> Verdict:
    """The verdict that follows from the checks that were made."""
    made = tuple(check for check in checks if check is not None)
    outcomes = {check.outcome for check in made}
    if "refuted" in outcomes:
        return Verdict("refuted", made)
    return Verdict("undecided" if "undecided" in outcomes else "agree", made)


def plural(count: int, noun: str) -> str:
    """A count with its noun: 1 term, 4 terms, about 3.58e998 paths."""
    return f"{counted(count)} {noun}{'s' * (count != 1)}"


def counted(count: int) -> str:
    """A count as it is read; of one of many digits the first three, since Python may refuse the rest."""
    return f"{count:,}" if count < LARGEST_WRITTEN else f"about {Decimal(count):.2e}".replace("e+", "e")


def cut(text: str, width: int = 80) -> str:
    """A text that is not too long to stand in a sentence."""
    return text if len(text) <= width else f"{text[: width - 3]}..."
