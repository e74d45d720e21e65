"""The machine-readable renderings: an explanation, a check and errors as JSON. The keys are a contract."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Any

from pathdiff.derivation import Brief, Count, Derivation, Gradient
from pathdiff.diagnostics import Diagnostic
from pathdiff.explain import Explanation
from pathdiff.expression import Expression, spec_text
from pathdiff.graph import Label
from pathdiff.verify import Verdict

LONGEST_TEXT = 1_000_000
"""How many characters the text of a label or derivative has at most; a longer one is null."""
LARGEST_EXACT = 2**53
"""Beyond this JavaScript loses digits, so such a count is written as a string."""


def explanation_record(explanation: Explanation) -> dict[str, Any]:
    """What `explain --format json` says."""
    return {
        "title": explanation.spec.title,
        "derivatives": derivative_records(explanation),
        "notes": list(explanation.notes),
    }


def check_record(results: Iterable[tuple[str, Explanation]]) -> dict[str, Any]:
    """What `check --format json` says, for specs by name."""
    return {
        "results": [
            {"spec": name, "verdict": explanation.verdict, "derivatives": derivative_records(explanation)}
            for name, explanation in results
        ]
    }


def derivative_records(explanation: Explanation) -> list[dict[str, Any]]:
    """Each derivative of an explanation with its verdict."""
    records = []
    for gradient, verdicts in explanation.verified:
        for derivation, verdict in zip(gradient.derivations, verdicts, strict=False):
            records.append(_derivation(derivation, verdict))
        records += [_brief(gradient, brief, verdicts[0]) for brief in gradient.briefs]
    return records


def _derivation(derivation: Derivation, verdict: Verdict) -> dict[str, Any]:
    record = _derivative(derivation.of, derivation, derivation.part.labels, verdict, derivation.costs)
    if derivation.numbers is not None:
        record["value"] = float(derivation.numbers.result)
    if derivation.why_no_numbers:
        record["why_no_value"] = derivation.why_no_numbers
    return record


def _brief(gradient: Gradient, brief: Brief, verdict: Verdict) -> dict[str, Any]:
    """One derivative of many: with the labels on its listed paths, and the cost of the sweep that they share."""
    edges = dict.fromkeys(edge for path in brief.path_sum.paths for edge in pairwise(path))
    labels = {edge: gradient.part.labels[edge] for edge in edges}
    costs = {"path_sum": brief.cost, "reverse": gradient.costs["reverse"]}
    record = _derivative(gradient.of, brief, labels, verdict, costs)
    if gradient.results is not None:
        record["value"] = float(gradient.results[brief.wrt])
    if gradient.why_no_numbers:
        record["why_no_value"] = gradient.why_no_numbers
    return record


def _derivative(
    of: str,
    told: Derivation | Brief,
    labels: Mapping[tuple[str, str], Label],
    verdict: Verdict,
    costs: Mapping[str, Count],
) -> dict[str, Any]:
    return {
        "of": of,
        "wrt": told.wrt,
        "path_count": count_record(told.path_sum.count),
        "paths": [list(path) for path in told.path_sum.paths],
        "paths_complete": told.path_sum.complete,
        "labels": {f"{v}->{u}": _text(label.expression) for (v, u), label in labels.items()},
        "derivative": _text(told.expression),
        "agreement": {"verdict": verdict.verdict, "methods": list(verdict.methods)},
        "cost": {name: _cost(count) for name, count in costs.items()},
    }


def _text(expression: Expression | None) -> str | None:
    """The whole text, or None where there is no expression, or its text would be too long to be of use."""
    if expression is None:
        return None
    text = spec_text(expression, LONGEST_TEXT)
    return None if len(text) > LONGEST_TEXT else text


def _cost(count: Count) -> dict[str, int | str]:
    return {
        "multiplications": count_record(count.multiplications),
        "additions": count_record(count.additions),
    }


def count_record(count: int) -> int | str:
    """A count as JSON can carry it."""
    return count if count <= LARGEST_EXACT else str(count)


def error_record(diagnostics: Iterable[Diagnostic]) -> dict[str, Any]:
    """Errors as JSON, for standard error."""
    return {
        "errors": [
            {
                "code": d.code,
                "message": d.message,
                "source": d.source,
                "line": d.place.line if d.place else None,
                "column": d.place.column if d.place else None,
                "end_column": d.place.end if d.place else None,
                "note": d.note,
                "hint": d.hint,
            }
            for d in diagnostics
        ]
    }


def as_json(record: dict[str, Any]) -> str:
    """The text of a record, ending in a line break."""
    return json.dumps(record, ensure_ascii=False, indent=2) + "\n"
