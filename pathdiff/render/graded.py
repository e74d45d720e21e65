"""Graded answers for programs: as CSV, as JSON lines, and as the `claims` of a check."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator
from typing import Any

from pathdiff.explain import worst
from pathdiff.grading.findings import Row
from pathdiff.render.records import printable_json


def claim_record(row: Row, *, with_id: bool = False) -> dict[str, Any]:
    """What JSON says of a claim; `with_id` for one of many."""
    record: dict[str, Any] = {"id": row.id} if with_id else {}
    return record | {
        "claim": row.claim,
        "of": row.of or None,
        "wrt": row.wrt or None,
        "verdict": row.verdict,
        "message": row.message,
        "codes": list(row.codes),
        "reading": row.reading or None,
        "diagnosis": [
            {
                "code": each.code,
                "message": each.message,
                "paths": [list(path) for path in each.paths],
                "certain": each.certain,
            }
            for each in row.diagnosis
        ],
    }


def json_lines(rows: Iterable[Row]) -> Iterator[str]:
    """A line of JSON for each row."""
    for row in rows:
        yield printable_json(json.dumps(claim_record(row, with_id=True), ensure_ascii=False)) + "\n"


def csv_rows(rows: Iterable[Row]) -> Iterator[str]:
    """A row of CSV for each, after a header; several codes have blanks between."""
    yield _csv("id", "verdict", "code", "message")
    for row in rows:
        yield _csv(row.id, row.verdict, " ".join(row.codes), row.message)


def _csv(*cells: str) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(cells)
    return line.getvalue()


def check_of_rows(spec: str, rows: Iterable[Row]) -> Iterator[str]:
    """What `check --format json` says of many answers, a line for each, written as they come."""
    yield '{"results": [{"spec": ' + _json(spec) + ',\n"claims": ['
    verdicts: set[str] = set()
    before = "\n"
    for row in rows:
        verdicts.add("undecided" if row.verdict == "unreadable" else row.verdict)
        yield before + _json(claim_record(row, with_id=True))
        before = ",\n"
    yield '\n],\n"verdict": ' + _json(worst(verdicts)) + ', "derivatives": []}]}\n'


def _json(value: Any) -> str:
    return printable_json(json.dumps(value, ensure_ascii=False, allow_nan=False))
