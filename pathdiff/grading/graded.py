"""One answer after the other: read, judged by the verifier, diagnosed where it is wrong."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from pathdiff.claim.reading import Question, read_claim
from pathdiff.claim.statement import Claim
from pathdiff.claim.vocabulary import Vocabulary
from pathdiff.diagnostics import Diagnostic, InputError
from pathdiff.grading.diagnosis import Diagnostician
from pathdiff.grading.findings import Diagnosis, Row, once
from pathdiff.source import Text
from pathdiff.spec import Spec
from pathdiff.verify.claims import Judged, judge
from pathdiff.verify.ground import Ground

MOST_KEPT: Final = 64
"""What is known of so many derivatives is kept."""


@dataclass(frozen=True, slots=True)
class Graded:
    """A claim that could be read, with what was found of it."""

    text: str
    """The claim as it was typed."""
    claim: Claim
    judged: Judged
    diagnosis: tuple[Diagnosis, ...] = ()
    """What is wrong, where it was refuted."""

    @property
    def verdict(self) -> Literal["agree", "refuted", "undecided"]:
        """Whether it is right."""
        return self.judged.verdict

    @property
    def message(self) -> str:
        """What is wrong in one or two sentences, or how it was found to be right, or why that is undecided."""
        return told(self.diagnosis) if self.diagnosis else said(self.judged)


def said(judged: Judged) -> str:
    """How a claim was judged that was not refuted, in a sentence."""
    read = f" Read with {judged.reading.text}." if judged.reading.text else ""
    if judged.verdict == "agree":
        return f"Right: {judged.text}.{read}"
    return f"Undecided: {judged.text}.{read}"


def told(found: tuple[Diagnosis, ...]) -> str:
    """All that is wrong, or what may be wrong, in a row."""
    diagnosis = once(found)
    if len(diagnosis) > 1 and not all(each.certain for each in diagnosis):
        return "One of these: " + " Or: ".join(each.message for each in diagnosis)
    return " ".join(each.message for each in diagnosis)


def row_of(graded: Graded, id: str = "") -> Row:
    """What was found of a claim, as a row."""
    codes = tuple(dict.fromkeys(each.code for each in graded.diagnosis))
    claim, reading = graded.claim, graded.judged.reading.text
    return Row(id, graded.text, graded.verdict, graded.message, codes, claim.of, claim.wrt, reading, graded.diagnosis)


class Grader:
    """Grades claims about one spec; what is known of a derivative serves all claims about it."""

    def __init__(self, spec: Spec, asked: Question | None = None) -> None:
        self.spec, self.asked = spec, asked
        self.vocabulary = Vocabulary(spec)
        self._known: dict[tuple[str, str, frozenset[str]], Diagnostician] = {}

    def grade(self, text: str | Text, name: str = "--claim") -> Graded:
        """Reads a claim, judges it, and says what is wrong with it. Raises InputError where it cannot be read."""
        claim = read_claim(text, self.vocabulary, self.asked, name)
        return self.graded(claim)

    def graded(self, claim: Claim) -> Graded:
        """The same for a claim that was read."""
        known = self._diagnostician(claim)
        judged = judge(claim, known.ground)
        diagnosis = known.diagnose(claim, judged) if judged.verdict == "refuted" else ()
        return Graded(claim.text.value.strip(), claim, judged, diagnosis)

    def _diagnostician(self, claim: Claim) -> Diagnostician:
        base = self._known.get((claim.of, claim.wrt, frozenset()))
        if base is None:
            base = self._keep(claim.of, claim.wrt, frozenset())
        more = claim.names.difference(base.ground.function.order)
        if not more:
            return base
        return self._known.get((claim.of, claim.wrt, more)) or self._keep(claim.of, claim.wrt, more)

    def _keep(self, of: str, wrt: str, names: frozenset[str]) -> Diagnostician:
        if len(self._known) >= MOST_KEPT:
            del self._known[next(iter(self._known))]
        found = Diagnostician(Ground(self.spec, of, wrt, names))
        self._known[of, wrt, names] = found
        return found


def grade_all(grader: Grader, answers: Iterable[tuple[str, Text]]) -> list[Row]:
    """Grades claims with their ids, in order. Raises InputError with every error in all of them."""
    problems: list[Diagnostic] = []
    claims: list[tuple[str, Claim]] = []
    for id, text in answers:
        try:
            claims.append((id, read_claim(text, grader.vocabulary, grader.asked)))
        except InputError as error:
            problems += error.diagnostics
    if problems:
        raise InputError(problems)
    return [row_of(grader.graded(claim), id) for id, claim in claims]
