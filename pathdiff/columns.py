"""Points from a file, CSV or JSON, as columns of numbers: read piece by piece, however many there are."""

from __future__ import annotations

import csv
import io
import json
import math
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any, Final, TextIO

from pathdiff.diagnostics import Diagnostic, InputError, Place
from pathdiff.files import unreadable
from pathdiff.points import Known, with_digits
from pathdiff.reader import read_constant
from pathdiff.spec import Spec

AT_ONCE: Final = 32_768
"""So many points are computed at once: their arrays fit into a cache."""
PIECE: Final = 1 << 20
"""So many characters of JSON are read at once."""
_BETWEEN: Final = re.compile(r"[ \t\r\n,\[\]]*")
"""What stands between the objects of an array."""


@dataclass(frozen=True, slots=True)
class Points:
    """Some points of a file, one after another."""

    columns: Mapping[str, Any]
    """An array of float64 for each name that the file has."""
    lines: Sequence[int]
    """The line, or the number of the point, of each."""


def some(names: Sequence[str]) -> str:
    """Names in a row, of many the first."""
    return ", ".join(f"`{name}`" for name in names[:6]) + ", ..." * (len(names) > 6)


def is_csv(path: str) -> bool:
    """Whether a file is CSV, as its name tells."""
    return Path(path).suffix.lower() not in (".json", ".jsonl", ".ndjson")


def read_points(path: str, spec: Spec, left_out: list[str]) -> Iterator[Points]:
    """The points of a file, some thousand at a time, in the columns that are independent names. Raises InputError.

    The names of other columns, but those of nodes, are added to `left_out`.
    """
    with _opened(path) as file:
        yield from (_read_csv if is_csv(path) else _read_json)(file, path, spec, left_out)


@contextmanager
def _opened(path: str) -> Iterator[TextIO]:
    name = "<stdin>" if path == "-" else path
    try:
        if path == "-":
            yield io.TextIOWrapper(sys.stdin.buffer, encoding="utf-8-sig", newline="")
        else:
            with Path(path).open(encoding="utf-8-sig", newline="") as file:
                yield file
    except UnicodeDecodeError:
        raise InputError([Diagnostic("not-utf8", "this is not UTF-8 text", name, hint="save it as UTF-8")]) from None
    except (OSError, ValueError) as error:
        raise InputError([replace(unreadable(name, error), hint="give a file of points, CSV or JSON")]) from None


def _wanted(names: Sequence[str], spec: Spec, path: str, left_out: list[str]) -> dict[str, int]:
    """The place of each column that is an independent name. Raises InputError where none is, and for one told twice."""
    independents = set(spec.independents)
    found = {name: place for place, name in enumerate(names) if name in independents}
    twice = [name for place, name in enumerate(names) if name in found and found[name] != place]
    if twice:
        raise InputError([Diagnostic("duplicate-name", f"`{twice[0]}` has two columns", path, Place(1, 1, 2))])
    if not found:
        message, hint = (
            "no column has the name of an input or a parameter",
            f"the first line: {','.join(spec.independents[:6])}",
        )
        raise InputError([Diagnostic("no-point", message, path, hint=hint)])
    left_out += [name for name in names if name not in independents and name not in spec.nodes]
    return found


def _read_csv(file: TextIO, path: str, spec: Spec, left_out: list[str]) -> Iterator[Points]:
    import numpy as np

    from pathdiff.source import normal_form

    head = next(csv.reader(islice(file, 1)), [])
    if not head:
        return
    wanted = _wanted([normal_form(name.strip()) for name in head], spec, path, left_out)
    places, line = list(wanted.values()), 2
    while lines := list(islice(file, AT_ONCE)):
        read = [text for text in lines if text.strip()]
        if not read:
            line += len(lines)
            continue
        try:
            table = np.loadtxt(read, delimiter=",", usecols=places, ndmin=2, comments=None, quotechar='"')
            good = bool(np.isfinite(table).all())
        except ValueError:
            good = False
        if any(text.count(",") >= len(head) for text in lines):  # a comma in quotation marks, or a mistake
            _refuse_more(lines, line, len(head), path)
        if not good:  # a cell that is no double: 1/3, sqrt(2), or a mistake
            table = np.array([_cells(text, line + i, wanted, path) for i, text in enumerate(lines) if text.strip()])
        columns = dict(zip(wanted, table.T.copy(), strict=True))
        numbers = range(line, line + len(lines))
        if len(read) < len(lines):  # empty lines
            yield Points(columns, [number for number, text in zip(numbers, lines, strict=True) if text.strip()])
        else:
            yield Points(columns, numbers)
        line += len(lines)


def _refuse_more(lines: Sequence[str], line: int, most: int, path: str) -> None:
    """Raises InputError for a line with more values than there are names: 1,5 for 1.5 would be two."""
    for number, text in enumerate(lines, line):
        cells = next(csv.reader([text]), [])
        if any(cell.strip() for cell in cells[most:]):
            message, shown = f"this line has {len(cells)} values, and the first line {most} names", text.rstrip("\r\n")
            start = sum(len(cell) + 1 for cell in cells[:most]) + 1
            place = Place(number, start, max(start + 1, len(shown) + 1))
            hint = "a decimal has a point: 1.5, and 1,5 are two values"
            raise InputError([Diagnostic("wrong-type", message, path, place, shown, hint=hint)])


def _cells(text: str, line: int, wanted: Mapping[str, int], path: str) -> list[float]:
    """The numbers of one line. Raises InputError."""
    cells = next(csv.reader([text]))
    found = []
    for name, place in wanted.items():
        shown = text.rstrip("\r\n")
        if place >= len(cells):
            message, end = f"`{name}` has no value in this line", len(shown) + 1
            raise InputError([Diagnostic("no-point", message, path, Place(line, end, end + 1), shown)])
        try:
            found.append(_number(cells[place]))
        except (InputError, ValueError):
            before = sum(len(cell) + 1 for cell in cells[:place])
            at = Place(line, before + 1, before + 1 + max(1, len(cells[place])))
            message = f"the value of `{name}` is no number: `{cells[place]}`"
            raise InputError([Diagnostic("not-a-number", message, path, at, shown)]) from None
    return found


def _number(told: Any) -> float:
    """A number as a file has it: a double, or text such as 1/3. Raises ValueError or InputError."""
    if isinstance(told, str):
        try:
            value = float(told)
        except ValueError:
            value = float(Known(read_constant(told, "<points>"), {}, lambda: False).value(with_digits(30)))
    elif isinstance(told, int | float) and not isinstance(told, bool):
        value = float(told)
    else:
        raise ValueError(told)
    if not math.isfinite(value):
        raise ValueError(told)
    return value


def _read_json(file: TextIO, path: str, spec: Spec, left_out: list[str]) -> Iterator[Points]:
    import numpy as np

    objects = _objects(file, path)
    wanted: dict[str, int] = {}
    first = 1
    while batch := list(islice(objects, AT_ONCE)):
        if not wanted:
            wanted = _wanted(list(batch[0]), spec, path, left_out)
        rows = [_members(told, first + i, wanted, path) for i, told in enumerate(batch)]
        columns = dict(zip(wanted, np.array(rows).T.copy(), strict=True))
        yield Points(columns, range(first, first + len(rows)))
        first += len(rows)


def _members(told: Mapping[str, Any], number: int, wanted: Iterable[str], path: str) -> list[float]:
    found = []
    for name in wanted:
        if name not in told:
            raise InputError([Diagnostic("no-point", f"`{name}` has no value in point {number:,}", path)])
        try:
            found.append(_number(told[name]))
        except (InputError, ValueError, OverflowError):
            message = f"the value of `{name}` in point {number:,} is no number: `{str(told[name])[:40]}`"
            raise InputError([Diagnostic("not-a-number", message, path)]) from None
    return found


def _objects(file: TextIO, path: str) -> Iterator[Mapping[str, Any]]:
    """The objects of an array, or of lines, each read when it is asked for."""
    decoder = json.JSONDecoder()
    text, at, ended, count, closed = "", 0, False, 0, True
    while True:
        between = _BETWEEN.match(text, at)
        assert between is not None  # it matches nothing too
        if not count and "[" in between[0]:
            closed = False
        closed = closed or "]" in between[0]
        at = between.end()
        try:
            found, end = decoder.raw_decode(text, at) if at < len(text) else (None, at)
        except (ValueError, RecursionError):
            found, end = None, at
        if end > at and (ended or end < len(text)):
            if not isinstance(found, dict):
                message, hint = "a point is an object of names and numbers", '[{"x": 1, "y": 2}, ...]'
                raise InputError([Diagnostic("wrong-type", message, path, hint=hint)])
            count += 1
            at = end
            yield found
        elif ended:
            if at < len(text):
                message = f"this is not JSON after point {count:,}" if count else "this is not JSON"
                raise InputError([Diagnostic("not-json", message, path, hint='[{"x": 1, "y": 2}, ...]')])
            if not closed:
                message = f"the array does not end after point {count:,}: the file may be cut off"
                raise InputError([Diagnostic("not-json", message, path, hint="the last character is ]")])
            return
        else:
            piece = file.read(PIECE)
            text, at, ended = text[at:] + piece, 0, not piece
