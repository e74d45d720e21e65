"""`pathdiff check --claims FILE.csv`: many answers, in processes, written as they come."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from pathdiff.cli.answering import BAD_INPUT, EXIT
from pathdiff.cli.options import write_pieces
from pathdiff.cli.searching import cores

if TYPE_CHECKING:
    from pathdiff.cli.asked import Asked
    from pathdiff.grading.findings import Row

_EVERY = 16
"""After so many rows the progress bar looks at the clock."""


def grade(asked: Asked, file: str) -> int:
    """Writes a row for each answer; returns the exit code. Raises InputError."""
    from pathdiff.cli.check import asked_in
    from pathdiff.explain import worst
    from pathdiff.files import read_answers
    from pathdiff.grading.answers import rows_in
    from pathdiff.grading.batch import Task, grade_rows
    from pathdiff.limits import limit

    form, output = asked.format, asked.output
    spec, _ = asked.read()
    answers = list(rows_in(read_answers(file), file))
    inline = not asked.specs
    bounds = float(limit("seconds")), limit("megabytes")
    task = Task(spec.source.text, spec.source.name, inline, asked_in(spec, asked.of, asked.wrt), *bounds)
    verdicts: set[str] = set()

    def rows() -> Iterator[Row]:
        found: Iterator[Row] = grade_rows(task, answers, min(cores(), max(1, len(answers))))
        if _is_watched(output):
            from pathdiff.render.terminal.progress import watched

            found = watched(found, len(answers), _EVERY)
        for row in found:
            verdicts.add(row.verdict)
            yield row

    if form == "text":
        from pathdiff.render.terminal import answers_text

        ids = [id for id, _ in answers]
        write_pieces(output, lambda width: answers_text(rows(), ids, width, color=output is None))
    else:
        from pathdiff.render.graded import check_of_rows, csv_rows, json_lines

        ways: dict[str, Callable[[Iterable[Row]], Iterator[str]]] = {
            "csv": csv_rows,
            "jsonl": json_lines,
            "json": partial(check_of_rows, next(iter(asked.specs), "-e")),
        }
        write_pieces(output, lambda _: ways[form](rows()), json=form != "csv")
    if "unreadable" in verdicts:
        return BAD_INPUT
    return EXIT[worst(verdicts)]


def _is_watched(output: str | None) -> bool:
    """Whether a progress bar does not disturb what is written."""
    if sys.stderr is None or not sys.stderr.isatty():
        return False
    return output is not None or sys.stdout is None or not sys.stdout.isatty()
