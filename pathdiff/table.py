"""Values and derivatives at many points as a table: read, computed and written piece by piece."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pathdiff.columns import Points, is_csv, read_points, some
from pathdiff.diagnostics import Diagnostic, InputError
from pathdiff.evaluation import evaluated, refuse_missing
from pathdiff.explain import questions
from pathdiff.expression import Tree
from pathdiff.graph import computation_graph
from pathdiff.points import Known, with_digits
from pathdiff.reader import read_constant
from pathdiff.spec import Spec


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
            yield f"left out, no independent names: {some(self.left_out)}"
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
    report = Report(where="line" if is_csv(path) else "point")
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
    for points in read_points(path, spec, report.left_out):
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
