"""The machine-readable renderings: an explanation, a check and errors as JSON. The keys are a contract."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from pathdiff.derivation import Count, Derivation
from pathdiff.diagnostics import Diagnostic
from pathdiff.explain import Explanation
from pathdiff.expression import Expression, spec_text
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
    return [_derivative(*pair) for pair in zip(explanation.derivations, explanation.verdicts, strict=True)]


def _derivative(derivation: Derivation, verdict: Verdict) -> dict[str, Any]:
    labels = {f"{of}->{wrt}": _text(label.expression) for (of, wrt), label in derivation.part.labels.items()}
    record: dict[str, Any] = {
        "of": derivation.of,
        "wrt": derivation.wrt,
        "path_count": count_record(derivation.path_sum.count),
        "paths": [list(path) for path in derivation.path_sum.paths],
        "paths_complete": derivation.path_sum.complete,
        "labels": labels,
        "derivative": _text(derivation.expression),
        "agreement": {"verdict": verdict.verdict, "methods": list(verdict.methods)},
        "cost": {name: _cost(count) for name, count in derivation.costs.items()},
    }
    if derivation.numbers is not None:
        record["value"] = float(derivation.numbers.result)
    if derivation.why_no_numbers:
        record["why_no_value"] = derivation.why_no_numbers
    return record


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
