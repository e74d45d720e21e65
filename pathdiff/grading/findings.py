"""What is wrong with a claim, as data: a code that never changes, a sentence, and the paths that it is about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from pathdiff.derivation import Path

Code = Literal[
    "missing-path",
    "repeated-path",
    "foreign-path",
    "wrong-sign",
    "wrong-factor",
    "inverted-factor",
    "missing-inner",
    "outer-at-wrong-place",
    "direct-only",
    "transposed",
    "unexplained",
]
CODES: Final[tuple[Code, ...]] = Code.__args__  # type: ignore[attr-defined]  # typing has no public name for them


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One thing that is wrong."""

    code: Code
    message: str
    """One or two sentences for whoever wrote the claim."""
    paths: tuple[Path, ...] = ()
    certain: bool = True
    """Whether nothing else that was tried explains the claim as well."""


@dataclass(frozen=True, slots=True)
class Row:
    """What was found of one answer."""

    id: str
    claim: str
    """As it was typed."""
    verdict: Literal["agree", "refuted", "undecided", "unreadable"]
    message: str
    """What is wrong in one or two sentences, or how it was found to be right, or why that is not known."""
    codes: tuple[str, ...] = ()
    """Of the diagnoses, each once; of the errors of what could not be read; `gave-up` where time or memory ended."""
    of: str = ""
    wrt: str = ""
    reading: str = ""
    """How it was read, where there was something to choose."""
    diagnosis: tuple[Diagnosis, ...] = ()


def once(diagnosis: tuple[Diagnosis, ...]) -> tuple[Diagnosis, ...]:
    """The diagnoses without a second one for the same thing: only the direct path counts, so the others are missing."""
    direct = [each.paths for each in diagnosis if each.code == "direct-only"]
    return tuple(each for each in diagnosis if each.code != "missing-path" or each.paths not in direct)


Explanation = tuple[Diagnosis, ...]
"""What is wrong, all of it together: with this put right, the claim is right."""


def arrows(path: Path) -> str:
    """A path as a person reads it, the middle of a long one left out."""
    return " → ".join(path if len(path) <= 12 else (*path[:7], "…", *path[-4:]))


def listed(paths: tuple[Path, ...], most: int = 4) -> str:
    """Some paths in a sentence, the rest counted."""
    told = [arrows(path) for path in paths[:most]]
    if len(paths) > most:
        told.append(f"{len(paths) - most} more")
    return told[0] if len(told) == 1 else f"{', '.join(told[:-1])} and {told[-1]}"
