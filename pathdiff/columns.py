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
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any, Final, NoReturn, TextIO

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
        raise InputError([unreadable(name, error, "a file of points")]) from None


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
    left_out += [name for name in names if name and name not in independents and name not in spec.nodes]
    return found


def _read_csv(file: TextIO, path: str, spec: Spec, left_out: list[str]) -> Iterator[Points]:
    from pathdiff.source import normal_form

    heading = csv.reader(file, strict=True)
    try:
        head = next(heading, [])
    except csv.Error as error:
        raise InputError([_not_csv(error, path, 1)]) from None
    if not head:
        return
    wanted = _wanted([normal_form(name.strip()) for name in head], spec, path, left_out)
    line = heading.line_num + 1
    while lines := list(islice(file, AT_ONCE)):
        found = _plain(lines, line, wanted, len(head))
        if found is None:
            rows = _Rows(lines, file, line, path)
            found = rows.points(wanted, len(head))
            line += rows.read
        else:
            line += len(lines)
        if found.lines:
            yield found


def _plain(lines: Sequence[str], line: int, wanted: Mapping[str, int], width: int) -> Points | None:
    """The points of lines of doubles; None where something else stands in one."""
    import numpy as np

    if any('"' in text or text.count(",") >= width for text in lines):
        return None
    read = [text for text in lines if text.strip()]
    if not read:
        return Points({}, ())
    try:
        table = np.loadtxt(read, delimiter=",", usecols=list(wanted.values()), ndmin=2, comments=None)
    except ValueError:
        return None
    if not np.isfinite(table).all():
        return None
    numbers: Sequence[int] = range(line, line + len(lines))
    if len(read) < len(lines):  # empty lines
        numbers = [number for number, text in zip(numbers, lines, strict=True) if text.strip()]
    return Points(dict(zip(wanted, table.T.copy(), strict=True)), numbers)


class _Rows:
    """Lines read one by one: cells in quotation marks, which may be of several lines, numbers like 1/3, mistakes."""

    def __init__(self, lines: Sequence[str], more: Iterable[str], line: int, path: str) -> None:
        self.lines, self.line, self.path = lines, line, path
        self.reader = csv.reader(chain(lines, more), strict=True)
        self.read = 0
        """How many lines were read."""

    def points(self, wanted: Mapping[str, int], width: int) -> Points:
        """The points that begin in these lines. Raises InputError."""
        import numpy as np

        rows: list[list[float]] = []
        numbers: list[int] = []
        while self.read < len(self.lines):
            try:
                cells = next(self.reader, [])
            except csv.Error as error:
                raise InputError([_not_csv(error, self.path, self.line + self.read)]) from None
            if any(cell.strip() for cell in cells[:1]) or len(cells) > 1:
                rows.append(self._numbers(cells, wanted, width))
                numbers.append(self.line + self.read)
            self.read = self.reader.line_num
        columns = np.array(rows).reshape(len(rows), len(wanted)).T.copy()
        return Points(dict(zip(wanted, columns, strict=True)), numbers)

    def _numbers(self, cells: Sequence[str], wanted: Mapping[str, int], width: int) -> list[float]:
        if any(cell.strip() for cell in cells[width:]):
            message = f"this line has {len(cells)} values, and the first line {width} names"
            self._refuse("wrong-type", message, cells, width, "a decimal has a point: 1.5, and 1,5 are two values")
        found = []
        for name, place in wanted.items():
            if place >= len(cells):
                self._refuse("no-point", f"`{name}` has no value in this line", cells, place)
            try:
                found.append(_number(cells[place]))
            except (InputError, ValueError):
                self._refuse("not-a-number", f"the value of `{name}` is no number: `{cells[place]}`", cells, place)
        return found

    def _refuse(self, code: str, message: str, cells: Sequence[str], place: int, hint: str = "") -> NoReturn:
        shown = self.lines[self.read].rstrip("\r\n")
        start, end = 1, len(shown) + 1
        if '"' not in shown:
            start = min(sum(len(cell) + 1 for cell in cells[:place]) + 1, end)
            end = start + len(cells[place]) if code == "not-a-number" else end
        at = Place(self.line + self.read, start, max(start + 1, end))
        raise InputError([Diagnostic(code, message, self.path, at, shown, hint=hint)])


def _not_csv(error: csv.Error, path: str, line: int) -> Diagnostic:
    if "unexpected end" in str(error):
        message, hint = "a quotation mark is never closed", 'within quotation marks one of them is written twice: ""'
        return Diagnostic("open-quote", message, path, Place(line, 1, 2), hint=hint)
    return Diagnostic("not-a-number", f"this line is not CSV: {error}", path, Place(line, 1, 2))


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
