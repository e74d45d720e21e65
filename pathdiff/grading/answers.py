"""Reading a file of claims: YAML, a claim a line, or CSV with the columns `id` and `claim`."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import PurePath
from typing import Final

from pathdiff.diagnostics import Diagnostic, InputError
from pathdiff.document import Mapping, Sequence, Value, read_yaml
from pathdiff.files import CLAIMS, read_text
from pathdiff.source import Source, Text

_YAML: Final = frozenset({".yaml", ".yml"})
_HEADER: Final = re.compile(r"\s*[\"']?id[\"']?\s*(?P<apart>[,;\t])", re.IGNORECASE)
_LONGEST_FIELD: Final = 2**30
_LIKE: Final = "the first line is `id,claim`"
_END: Final = "end"
"""Behind the last row: within an open quotation mark it is no row of its own."""
_OPEN: Final = "a quotation mark in this row is never closed"
_DOUBLED: Final = 'one that belongs to a value stands twice, "", and the value in quotation marks'


def claims_in(path: str) -> list[tuple[str, Text]]:
    """The claims of a file, each with its id, or its number: those of a YAML list or mapping, else a claim a line.

    In lines, # begins a comment. Raises InputError.
    """
    source = Source("<stdin>" if path == "-" else path, read_text(path, CLAIMS), CLAIMS)
    if PurePath(path).suffix.lower() in _YAML:
        return _in_yaml(source)
    whole = Text(source.text, source, 0)
    found = [whole.slice(*line.span()) for line in re.finditer(r"[^\n]+", source.text)]
    return [(str(n), text) for n, text in enumerate((t for t in found if t.value and t.value[0] != "#"), 1)]


def _in_yaml(source: Source) -> list[tuple[str, Text]]:
    problems: list[Diagnostic] = []
    value = read_yaml(source, problems)
    found: list[tuple[str, Value]] = []
    if isinstance(value, Mapping) and len(value.entries) == 1 and value.entries[0][0].value == "claims":
        value = value.entries[0][1]
    if isinstance(value, Mapping):
        found = [(key.value, claim) for key, claim in value.entries]
    elif isinstance(value, Sequence):
        found = [(str(number), claim) for number, claim in enumerate(value.items, 1)]
    elif not problems:
        start = value if isinstance(value, Text) else Text(source.text[:1], source, 0)
        hint = 'a line like `- "dp/dx = y"` for each, or `name: "dp/dx = y"`'
        problems.append(start.problem("wrong-type", "claims are a list or a mapping", hint=hint))
    for _, claim in found:
        if not isinstance(claim, Text):
            problems.append(claim.at.problem("wrong-type", "a claim is text", hint='write it in quotes: "dp/dx = y"'))
    if problems:
        raise InputError(problems)
    return [(id, claim) for id, claim in found if isinstance(claim, Text)]


def is_csv(path: str) -> bool:
    """Whether a file of claims has one row for each, by its name."""
    return PurePath(path).suffix.lower() in (".csv", ".tsv")


def rows_in(text: str, name: str) -> Iterator[tuple[str, str]]:
    """The ids and the claims of a CSV text; other columns are passed over.

    Raises InputError without these two columns, each once, and where a quotation mark is never closed: all rows behind
    it would be one. What stands apart is `,`, `;` or a tab, as in the header. A row too short has an empty claim.
    """
    header = _HEADER.match(text)
    apart = header["apart"] if header else "\t" if "\t" in text.partition("\n")[0] else ","
    csv.field_size_limit(_LONGEST_FIELD)
    rows = _closed_rows(Source(name, text), apart)
    columns = [column.strip().lower() for column in rows[0]] if rows else []
    for column in ("id", "claim"):
        if columns.count(column) != 1:
            code, message = "duplicate-key", f"there are {columns.count(column)} columns `{column}`"
            if not columns.count(column):
                code, message = "no-column", f"there is no column `{column}`" if text.strip() else "this file is empty"
            end = text.find("\n") % (len(text) + 1)
            raise InputError([Source(name, text).diagnostic(code, message, 0, end, hint=_LIKE)])
    id, claim = columns.index("id"), columns.index("claim")
    return ((row[id] if len(row) > id else "", row[claim] if len(row) > claim else "") for row in rows[1:] if row)


def _closed_rows(source: Source, apart: str) -> list[list[str]]:
    """The rows of a CSV text. Raises InputError where the last one has no end."""
    reader = csv.reader(io.StringIO(f"{source.text}\n{_END}".replace("\0", "\ufffd")), delimiter=apart)
    rows: list[list[str]] = []
    line = begins = 0
    for row in reader:
        rows.append(row)
        begins, line = line, reader.line_num
    if rows.pop() == [_END]:
        return rows
    lines = source.text.split("\n")
    start = sum(len(each) + 1 for each in lines[:begins])
    raise InputError(
        [source.diagnostic("open-quote", _OPEN, start, start + len(lines[begins].rstrip()), hint=_DOUBLED)]
    )
