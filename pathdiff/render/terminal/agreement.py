"""What the verifier found, as lines: what was proved, what was checked and how, and where something differs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pathdiff.derivation import Gradient
from pathdiff.explain import Explanation
from pathdiff.render.claims import Claim, claims
from pathdiff.render.terminal.layout import Line, Tone
from pathdiff.render.terminal.sheet import Sheet
from pathdiff.verify import Check, Verdict

_SIGNS: Final[dict[str, tuple[str, str, Tone]]] = {
    "proved": ("✓", "ok", "good"),
    "checked": ("✓", "ok", "good"),
    "refuted": ("✗", "no", "bad"),
    "undecided": ("?", "??", "unsure"),
}


def found(gradient: Gradient, verdicts: Sequence[Verdict], sheet: Sheet) -> list[tuple[str, Verdict]]:
    """The verdicts with the names of what they are about, without those of which there is nothing to say.

    There is nothing to say where a derivative is 0 without a path, or 1 without an edge.
    """
    derivations = gradient.derivations
    if not derivations:
        return [(f"the gradient of {sheet.name(gradient.of)}", verdict) for verdict in verdicts]
    told = list(zip(derivations, verdicts, strict=True))
    told = [pair for pair in told if pair[0].part.labels or pair[1].verdict != "agree"] or told
    return [(sheet.line(sheet.result(each.result)), verdict) for each, verdict in told]


def agreement(found: Sequence[tuple[str, Verdict]], sheet: Sheet) -> list[Line]:
    """The checks of derivatives by name; what was done in the same way for several is said once."""
    return [line for claim in claims(found) for line in _claimed(claim, sheet)]


def _claimed(claim: Claim, sheet: Sheet) -> list[Line]:
    """One claim, and how it was checked for each derivative, where that differs by more than the error."""
    sign, tone = outcome_sign(claim.outcome, sheet)
    hang = len(sign) + 1
    lines: list[Line] = []
    if claim.for_all or not claim.text:
        for _, check in claim.groups:
            lines += sheet.prose((sign, tone), f" {check.text}", hang=hang) + _counterexample(check, hang, sheet)
        return lines
    lines += sheet.prose((sign, tone), f" {claim.text}:", hang=hang)
    for names, check in claim.groups:
        lines += sheet.prose((", ".join(names), ""), f": {check.method}", hang=hang + 2, indent=hang)
        lines += _counterexample(check, hang + 2, sheet)
    return lines


def outcome_sign(outcome: str, sheet: Sheet) -> tuple[str, Tone]:
    """What stands before a claim that was proved, checked, refuted or left undecided."""
    unicode, ascii, tone = _SIGNS[outcome]
    return ascii if sheet.style.ascii else unicode, tone


def _counterexample(check: Check, hang: int, sheet: Sheet) -> list[Line]:
    """What is claimed and what is so, where the sentence doesn't say it."""
    found = check.counterexample
    if found is None or not found.claimed or found.claimed in check.text:
        return []
    return sheet.prose(f"claimed {found.claimed}, actual {found.actual}", tone="bad", hang=hang, indent=hang)


def heading(name: str, explanation: Explanation, sheet: Sheet) -> list[Line]:
    """A spec, its verdict, and how many derivatives that is about."""
    verdict = explanation.verdict
    sign, tone = outcome_sign("proved" if verdict == "agree" else verdict, sheet)
    number = sum(len(each.wrt) for each in explanation.gradients)
    count = sheet.counted(number, "derivative")
    if verdict == "agree":
        told = f"{count} {'agrees' if number == 1 else 'agree'}"
    else:
        found = [
            len(each.wrt) if not each.derivations else 1
            for each, verdicts in explanation.verified
            for one in verdicts
            if one.verdict == verdict
        ]
        told = f"{sum(found)} of {count} {verdict}"
    return sheet.prose((sign, tone), f" {name}: {told}", hang=2)


def tally(verdicts: Sequence[str], unreadable: int, sheet: Sheet) -> list[Line]:
    """How many specs have which verdict, and how many could not be read."""
    counts = [(verdicts.count(word), word) for word in ("agree", "refuted", "undecided")]
    counts.append((unreadable, "could not be read"))
    told = ", ".join(f"{count} {word}" for count, word in counts if count)
    return sheet.prose(f"{sheet.counted(len(verdicts) + unreadable, 'spec')}: {told}")
