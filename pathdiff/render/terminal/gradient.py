"""Many derivatives of one node as one section: each at the point, or in node names, and how many paths lead to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pathdiff.derivation import Gradient
from pathdiff.diagnostics import cell_width
from pathdiff.notation import Elided, number_math
from pathdiff.render.terminal.layout import Entry, Line, columns
from pathdiff.render.terminal.sheet import LINES, Sheet
from pathdiff.render.text import Box
from pathdiff.typesetting import expression_math

FIRST: Final = 8
"""How many of the derivatives are shown where they are too many to show all."""
LARGEST: Final = 4
"""How many more are shown because their values are the largest."""


def gradient_table(gradient: Gradient, sheet: Sheet) -> list[Line]:
    """All derivatives; of very many the first, those with the largest values, and how many are left out."""
    told, values = gradient.told, gradient.value_of_each
    counts = [each.path_sum.count for each in told]
    spread = sheet.counted(counts[0], "path") + " to each"
    if min(counts) != max(counts):
        spread = (
            f"{sheet.count(min(counts))} to {sheet.count(max(counts))} paths to each, {sheet.count(sum(counts))} in all"
        )
    listed = list(range(len(told) if len(told) <= LINES else FIRST))
    if values:
        rest = range(len(listed), len(told))
        listed += sorted(rest, key=lambda place: -abs(values[place]))[:LARGEST]
    lines = sheet.prose((f"of {sheet.name(gradient.of)} with respect to {sheet.count(len(told))} names: {spread}", ""))
    lines += columns(_rows(gradient, sorted(listed), sheet), sheet.width)
    lines += sheet.prose(_rest(len(told) - len(listed), bool(values)), tone="quiet")
    if gradient.why_no_numbers:
        lines += sheet.prose(gradient.why_no_numbers, tone="unsure")
    return lines


def _rows(gradient: Gradient, places: Sequence[int], sheet: Sheet) -> list[Entry]:
    """The derivatives at these places with their values and how many paths there are to each, in columns."""
    told = [gradient.told[place] for place in places]
    names = [sheet.line(sheet.result(each.result)) for each in told]
    counts = [f"   {sheet.counted(each.path_sum.count, 'path')}" for each in told]
    if len({each.path_sum.count for each in gradient.told}) == 1:
        counts = [""] * len(told)
    room = sheet.width - max(map(cell_width, names)) - max(map(cell_width, counts)) - 3
    equal = [_equal(gradient, place, room, sheet) for place in places]
    rows = zip(_padded(names), _padded(equal), counts, strict=True)
    return [(Box(("".join(row),)), "") for row in rows]


def _equal(gradient: Gradient, place: int, room: int, sheet: Sheet) -> str:
    """What a derivative equals: its value, else what it is in node names, where that is short."""
    values, expression = gradient.value_of_each, gradient.told[place].expression
    if values:
        return f" = {sheet.line(number_math(values[place]))}"
    math = Elided(0) if expression is None else expression_math(expression, sheet.symbols)
    shown = "" if isinstance(math, Elided) else sheet.line(math)
    return f" = {shown}" if shown and cell_width(shown) <= room else ""


def _padded(texts: Sequence[str]) -> list[str]:
    width = max(map(cell_width, texts))
    return [text + " " * (width - cell_width(text)) for text in texts]


def _rest(rest: int, numbers: bool) -> str:
    some = "the first and the largest of them; " if numbers and rest else ""
    return f"{some}`--wrt NAME` shows the paths to one" + (", `--format json` has all" if rest else "")
