"""Many derivatives of one node as one section: how many paths there are to each, and its value at the point."""

from __future__ import annotations

from typing import Final

from pathdiff.derivation import Gradient
from pathdiff.diagnostics import cell_width
from pathdiff.notation import number_math
from pathdiff.render.terminal.layout import Line
from pathdiff.render.terminal.sheet import Sheet

FIRST: Final = 8
"""How many of the derivatives are shown."""
LARGEST: Final = 4
"""How many more are shown because their values are the largest."""


def gradient_table(gradient: Gradient, sheet: Sheet) -> list[Line]:
    """The first derivatives, those with the largest values, and what is left out."""
    told = gradient.told
    counts = [each.path_sum.count for each in told]
    spread = sheet.counted(counts[0], "path") + " to each"
    if min(counts) != max(counts):
        spread = (
            f"{sheet.count(min(counts))} to {sheet.count(max(counts))} paths to each, {sheet.count(sum(counts))} in all"
        )
    head = f"of {sheet.name(gradient.of)} with respect to {sheet.count(len(told))} names: {spread}"
    results = gradient.value_of_each
    listed = list(range(min(FIRST, len(told))))
    if results:
        listed += sorted(range(FIRST, len(told)), key=lambda place: -abs(results[place]))[:LARGEST]
    rows = []
    for place in sorted(listed):
        each = told[place]
        value = f"= {sheet.line(number_math(results[place]))}" if results else ""
        rows.append((sheet.line(sheet.result(each.result)), sheet.counted(each.path_sum.count, "path"), value))
    widths = [max(cell_width(row[column]) for row in rows) for column in range(2)]
    lines = sheet.prose((head, ""))
    for name, count, value in rows:
        cells = [name + " " * (widths[0] - cell_width(name)), " " * (widths[1] - cell_width(count)) + count, value]
        lines += sheet.prose(("   ".join(cells).rstrip().replace(" ", "\N{NO-BREAK SPACE}"), ""))
    rest = len(told) - len(rows)
    lines += sheet.prose(_rest(rest, bool(results)), tone="quiet")
    if gradient.why_no_numbers:
        lines += sheet.prose(gradient.why_no_numbers, tone="unsure")
    return lines


def _rest(rest: int, numbers: bool) -> str:
    some = "the first and the largest of them; " if numbers and rest else ""
    return f"{some}`--wrt NAME` shows the paths to one" + (", `--format json` has all" if rest else "")
