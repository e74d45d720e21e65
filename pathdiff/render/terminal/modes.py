"""Reverse and forward mode in stages, and what each way of accumulating costs, as sections."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from pathdiff.derivation import Derivation, Gradient, Step, Sweep, bracketed
from pathdiff.render.terminal.layout import Line
from pathdiff.render.terminal.pen import Pen
from pathdiff.render.terminal.sheet import Sheet

MOST_STEPS: Final = 24
"""A sweep with many more lines than this shows its beginning and its end, so many together."""
LAST: Final = 8
"""How many lines of its end, then."""
_GAP: Final = 5


def reverse_mode(gradient: Gradient, sheet: Sheet) -> list[Line]:
    """The stages of a reverse sweep, each adjoint from those before it."""
    if gradient.sweep.is_labels:
        return []
    lines = _stages(gradient.sweep, sheet)
    if len(gradient.wrt) > 1:
        lines = sheet.prose(f"one sweep for {_all(gradient, sheet)}", tone="quiet") + lines
    return lines


def forward_mode(derivation: Derivation, sheet: Sheet) -> list[Line]:
    """The stages of a forward sweep, and every inner derivative put back in."""
    if derivation.forward.is_labels:
        return []
    lines = _stages(derivation.forward, sheet)
    formula = derivation.substituted
    if formula is None or not sheet.shows(formula):
        return lines + sheet.prose("substituted back it would be too long to read", tone="quiet")
    if not bracketed(formula):
        return lines
    back = sheet.equation(sheet.result(derivation.result), [sheet.math(formula)], stacked=False)
    return [*lines, *sheet.prose("substituted back:", tone="quiet"), *back]


def _stages(sweep: Sweep, sheet: Sheet) -> list[Line]:
    """The lines of a sweep; of a long one its beginning and its end."""
    steps = sweep.steps
    width = max(len(str(step.stage)) for step in steps) + 3
    if len(steps) <= 2 * MOST_STEPS:
        lines = _numbered(steps, width, sheet)
        if len(lines) <= MOST_STEPS + LAST:
            return lines
    first = _as_many(lambda count: _numbered(steps[:count], width, sheet), len(steps), MOST_STEPS - LAST)
    last = _as_many(lambda count: _numbered(steps[-count:], width, sheet), len(steps) - first, LAST)
    rest = len(steps) - first - last
    between = sheet.prose(f"… {sheet.counted(rest, 'more line')} …", tone="quiet") if rest else []
    return [*_numbered(steps[:first], width, sheet), *between, *_numbered(steps[-last:], width, sheet)]


def _as_many(lines: Callable[[int], list[Line]], most: int, room: int) -> int:
    """How many steps, at least one, fit into so many lines."""
    count = 1
    while count < most and len(lines(count + 1)) <= room:
        count += 1
    return count


def _numbered(steps: Sequence[Step], width: int, sheet: Sheet) -> list[Line]:
    """The lines of a sweep after the numbers of their stages; labels that are taken as they are share a line."""
    pen = Pen(sheet.width, sheet.style)
    stage = 0
    beside = False
    for step in steps:
        result = sheet.result(step.result)
        label = step.is_label
        fits = pen.column + _GAP + len(sheet.line(result)) <= sheet.width
        if label and beside and stage == step.stage and fits:
            pen.column += _GAP
        else:
            if stage:
                pen.newline()
            pen.write(str(step.stage) if step.stage != stage else "")
            pen.column = width
        pen.put(result, width)
        if not label:
            if pen.column > 2 * sheet.width // 3:  # long names: the sum begins below
                pen.newline(width + 2)
                pen.write("= ")
            else:
                pen.write(" = ")
            pen.put(sheet.sum(step.formula), pen.column)
        stage, beside = step.stage, label
    return pen.lines


_WAYS: Final = (("path_sum", "path sum"), ("forward", "forward mode"), ("reverse", "reverse mode"))


def cost(gradient: Gradient, sheet: Sheet) -> list[Line]:
    """What the path sum, forward and reverse mode cost for all derivatives of one node."""
    counts = {way: gradient.costs[key] for key, way in _WAYS if key in gradient.costs}
    if not any(map(any, counts.values())):
        return sheet.prose("nothing to multiply or to add")
    told: list[str] = []
    if len(set(counts.values())) == 1:
        counts = {"each way": next(iter(counts.values()))}
    for name, count in counts.items():
        if told:
            told.append(f"{name} {sheet.count(count.multiplications)} and {sheet.count(count.additions)}")
        else:
            multiplications = sheet.counted(count.multiplications, "multiplication")
            told.append(f"{name} {multiplications}, {sheet.counted(count.additions, 'addition')}")
    lead = f"{_all(gradient, sheet)} together: " if len(gradient.wrt) > 1 else ""
    return sheet.prose(lead + "; ".join(told))


def _all(gradient: Gradient, sheet: Sheet) -> str:
    number = len(gradient.wrt)
    return "both derivatives" if number == 2 else f"all {sheet.count(number)} derivatives"
