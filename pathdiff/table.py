"""Points from a file, as many as there are, and the results as a table: read, computed and written piece by piece."""

from __future__ import annotations

import csv
import io
import json
import math
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, Final, TextIO

from pathdiff.diagnostics import Diagnostic, InputError, Place
from pathdiff.evaluation import evaluated, refuse_missing
from pathdiff.explain import questions
from pathdiff.expression import Tree
from pathdiff.files import unreadable
from pathdiff.graph import computation_graph
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


@dataclass(slots=True)
class Seen:
    """What was met in how many points, where first, and why."""

    count: int
    line: int
    why: str


@dataclass(slots=True)
class Report:
    """What a reader must know of the points, when all are read."""

    points: int = 0
    where: str = "line"
    left_out: list[str] = field(default_factory=list)
    """The columns that are no independent names."""
    met: dict[tuple[str, str], Seen] = field(default_factory=dict)
    """By node and by what was met."""

    def lines(self) -> Iterator[str]:
        """The same in words."""
        if self.left_out:
            names = ", ".join(f"`{name}`" for name in self.left_out[:6]) + ", ..." * (len(self.left_out) > 6)
            yield f"left out, no independent names: {names}"
        for (name, what), seen in self.met.items():
            points = f"{seen.count:,} point{'s' * (seen.count > 1)}"
            first = f", first in {self.where} {seen.line:,}" if seen.count > 1 else f", in {self.where} {seen.line:,}"
            yield f"{name}: {what} in {points}{first}{': ' * bool(seen.why)}{seen.why}"


def results(
    spec: Spec,
    path: str,
    of: Sequence[str] = (),
    wrt: Sequence[str] = (),
    at: Mapping[str, Tree] | None = None,
    *,
    digits: int | None = None,
) -> tuple[Iterator[str], Report]:
    """The values of all nodes and the derivatives at every point of a file, as the text of a CSV table.

    Real scalars in double precision. The file is CSV with names in its first line, JSON (an array of objects, or an
    object a line); names that it lacks have the values of `at` or of the spec's own point. The text comes in pieces,
    each made when it is read, in memory for some thousand points; the report is complete with the last piece. Where a
    node has no value it is nan. Raises InputError for a wrong file and for names without a value.
    """
    graph = computation_graph(spec)
    pairs = questions(spec, graph, of, wrt)
    report = Report(where="line" if _is_csv(path) else "point")
    return _results(spec, path, pairs, {**spec.at, **(at or {})}, digits, report), report


def _results(
    spec: Spec,
    path: str,
    pairs: Mapping[str, Sequence[str]],
    at: Mapping[str, Tree],
    digits: int | None,
    report: Report,
) -> Iterator[str]:
    import numpy as np

    from pathdiff.arrays import run
    from pathdiff.program import program

    graph = computation_graph(spec)
    whole = program(spec, list(pairs), [], graph)
    backward = {p: program(spec, [p], names, graph) for p, names in pairs.items()}
    known = {name: float(Known(tree, {}, lambda: False).value(with_digits(30))) for name, tree in at.items()}
    head: list[str] = []
    for points in read_points(path, spec, report):
        if not head:
            refuse_missing(spec, graph, pairs, [*points.columns, *known])
            head = [*whole.inputs, *(line.name for line in whole.forward)]
            head += [f"d{p}/d{x}" for p, names in pairs.items() for x in names]
            yield _row(head)
        size = len(points.lines)
        done = run(whole, spec.nodes, {**known, **points.columns})
        found = [done.values[name] for name in head[: len(whole.inputs) + len(whole.forward)]]
        for met in done.met:
            _see(report, met.node, met.what, met.count, points, met.first, known, spec)
        for p, names in pairs.items():
            adjoints = done.adjoints(backward[p])
            without = np.isnan(done.values[p])  # what has no value has no derivative
            adjoints = {x: np.where(without, np.nan, adjoints.get(x, 0.0)) for x in names}
            for x in names:
                found.append(adjoints[x])
                _see_undefined(report, f"d{p}/d{x}", adjoints[x], done.values[p], points)
        report.points += size
        yield _text(found, size, digits)
    if not head:
        message, hint = "this file has no points", "the first line has names, the others numbers"
        raise InputError([Diagnostic("no-point", message, path, hint=hint)])


def _see_undefined(report: Report, name: str, derivative: Any, value: Any, points: Points) -> None:
    """Tells of a derivative without a value where the node has one."""
    import numpy as np

    wrong = np.broadcast_to(~np.isfinite(derivative) & np.isfinite(value), len(points.lines))
    if wrong.any():
        seen = report.met.setdefault((name, "no value"), Seen(0, points.lines[int(wrong.argmax())], ""))
        seen.count += int(np.count_nonzero(wrong))


def _see(
    report: Report,
    name: str,
    what: str,
    count: int,
    points: Points,
    first: int,
    known: Mapping[str, float],
    spec: Spec,
) -> None:
    seen = report.met.get((name, what))
    if seen is None:
        here = {x: float(column[first]) for x, column in points.columns.items()}
        why = _why(spec, name, {**known, **here}) if what == "no value" else ""
        seen = report.met[name, what] = Seen(0, points.lines[first], why)
    seen.count += count


def _why(spec: Spec, name: str, point: Mapping[str, float]) -> str:
    """Why a node has no value at a point, in words."""
    try:
        evaluated(spec, [name], ["all"], {x: _tree(value) for x, value in point.items() if x in spec.independents})
    except InputError as error:
        return error.diagnostics[0].message.partition(" at this point: ")[2]
    return "a number beyond what a double holds"


def _tree(value: float) -> Tree:
    return read_constant(repr(value), "<point>")


def _row(cells: Iterable[str]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(cells)
    return line.getvalue()


def _text(columns: Sequence[Any], size: int, digits: int | None) -> str:
    """Columns of numbers as lines; each number is the shortest that reads as the same double."""
    import numpy as np

    shown: Callable[[float], str] = repr if digits is None else f"{{:.{digits}g}}".format
    texts = [map(shown, np.broadcast_to(column, size).tolist()) for column in columns]
    return "".join(f"{','.join(cells)}\n" for cells in zip(*texts, strict=True))


def _is_csv(path: str) -> bool:
    return Path(path).suffix.lower() not in (".json", ".jsonl", ".ndjson")


def read_points(path: str, spec: Spec, report: Report | None = None) -> Iterator[Points]:
    """The points of a file, some thousand at a time, in the columns that are independent names. Raises InputError."""
    with _opened(path) as file:
        yield from (_read_csv if _is_csv(path) else _read_json)(file, path, spec, report or Report())


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


def _wanted(names: Sequence[str], spec: Spec, path: str, report: Report) -> dict[str, int]:
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
    report.left_out += [name for name in names if name not in independents and name not in spec.nodes]
    return found


def _read_csv(file: TextIO, path: str, spec: Spec, report: Report) -> Iterator[Points]:
    import numpy as np

    from pathdiff.source import normal_form

    head = next(csv.reader(islice(file, 1)), [])
    if not head:
        return
    wanted = _wanted([normal_form(name.strip()) for name in head], spec, path, report)
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
        if not good:  # a cell that is no double: 1/3, sqrt(2), or a mistake
            table = np.array([_cells(text, line + i, wanted, path) for i, text in enumerate(lines) if text.strip()])
        columns = dict(zip(wanted, table.T.copy(), strict=True))
        numbers = range(line, line + len(lines))
        if len(read) < len(lines):  # empty lines
            yield Points(columns, [number for number, text in zip(numbers, lines, strict=True) if text.strip()])
        else:
            yield Points(columns, numbers)
        line += len(lines)


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


def _read_json(file: TextIO, path: str, spec: Spec, report: Report) -> Iterator[Points]:
    import numpy as np

    objects = _objects(file, path)
    wanted: dict[str, int] = {}
    first = 1
    while batch := list(islice(objects, AT_ONCE)):
        if not wanted:
            wanted = _wanted(list(batch[0]), spec, path, report)
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
