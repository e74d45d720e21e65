"""A training: the rule with its formulas, the loss as a table and as a plot, and what the parameters became."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Final

import mpmath

from pathdiff.diagnostics import cell_width
from pathdiff.notation import Math, number_math
from pathdiff.render.terminal.layout import Line
from pathdiff.render.terminal.sheet import Section, Sheet
from pathdiff.training import Passed, Training

MOST_RULES: Final = 6
"""Of more parameters the formulas of the first ones are shown."""
MOST_LISTED: Final = 60
"""Of so many parameters the values are shown."""
HEIGHT: Final = 8
_EIGHTHS: Final = " ▁▂▃▄▅▆▇█"
_HALVES: Final = " .:"


def training_sections(training: Training, sheet: Sheet) -> Iterator[Section]:
    """The rule, the loss, the parameters."""
    yield Section("Update rule", tuple(_rule(training, sheet)))
    yield Section("Loss", (*_table(training, sheet), (), *_plot(training, sheet)))
    yield Section("Parameters", tuple(_parameters(training, sheet)))


def _rule(training: Training, sheet: Sheet) -> list[Line]:
    """The step of each parameter, and where its derivative comes from."""
    gradient, eta = training.gradient, sheet.name("eta")
    where = f"the mean over {sheet.counted(training.points, 'point')}" if training.points else "at the point"
    lines = sheet.prose(f"{eta} = {training.rate:g}; each derivative is {where}", tone="quiet")
    arrow, minus = sheet.words("←"), sheet.words("−")
    for each in gradient.derivations[:MOST_RULES]:
        name = sheet.name(each.wrt)
        left = sheet.result(each.result)
        lines += [(), ((f"{name} {arrow} {name} {minus} {eta} {sheet.line(left)}", ""),)]
        rights: list[Math] = [sheet.sum(each.path_sum.formula)] if sheet.shows(each.path_sum.formula) else []
        if each.labelled is not None and sheet.shows(each.labelled):
            rights.append(sheet.sum(each.labelled))
        if rights:
            lines += sheet.equation(left, rights)
    rest = len(gradient.wrt) - min(len(gradient.derivations), MOST_RULES)
    if rest:
        told = f"and likewise {sheet.counted(rest, 'more parameter')}; `pathdiff explain` has the formulas"
        lines += [(), *sheet.prose(told, tone="quiet")]
    return lines


def _table(training: Training, sheet: Sheet) -> list[Line]:
    """The loss and the length of its gradient at some steps, closer together in the beginning."""
    chosen = _chosen(training.history)
    rows = [("step", sheet.name(training.gradient.of), "length of gradient")]
    rows += [(f"{each.step:,}", _number(each.loss, sheet), _number(each.slope, sheet)) for each in chosen]
    widths = [max(map(cell_width, column)) for column in zip(*rows, strict=True)]
    lines: list[Line] = []
    for index, row in enumerate(rows):
        cells = (" " * (width - cell_width(text)) + text for text, width in zip(row, widths, strict=True))
        lines.append((("   ".join(cells), "" if index else "quiet"),))
    if training.stopped:
        lines += sheet.prose(f"interrupted after step {chosen[-1].step:,}", tone="unsure")
    return lines


def _chosen(history: Sequence[Passed]) -> list[Passed]:
    """About ten of the steps: 0, 1, 2, 5, 10, 20, ... and the last."""
    found = []
    wanted = 0
    for each in history:
        if each.step >= wanted or each is history[-1]:
            found.append(each)
            scale = 10 ** math.floor(math.log10(max(1, each.step)))
            wanted = 1 if not each.step else next(m * scale for m in (2, 5, 10, 20) if m * scale > each.step)
    return found


def _number(value: float, sheet: Sheet) -> str:
    return sheet.line(number_math(mpmath.mpf(value)))


def _plot(training: Training, sheet: Sheet) -> list[Line]:
    """The loss over the steps, as columns from the least to the largest."""
    losses = [each.loss for each in training.history]
    high, low = max(losses), min(losses)
    if len(losses) < 2 or high == low:
        return []
    labels = _number(high, sheet), _number(low, sheet)
    room = max(map(cell_width, labels))
    width = min(sheet.width - room - 3, 60, max(len(losses), 30))
    if width < 8:
        return []
    signs = _HALVES if sheet.style.ascii else _EIGHTHS
    levels = len(signs) - 1
    heights = []
    for column in range(width):
        loss = losses[column * (len(losses) - 1) // (width - 1)]
        heights.append(max(1, round((loss - low) / (high - low) * HEIGHT * levels)))
    lines: list[Line] = []
    for row in range(HEIGHT - 1, -1, -1):
        label = labels[0] if row == HEIGHT - 1 else labels[1] if row == 0 else ""
        bar = "".join(signs[min(max(height - row * levels, 0), levels)] for height in heights)
        edge = "|" if sheet.style.ascii else "│"
        lines.append(((f"{' ' * (room - cell_width(label))}{label} {edge}{bar.rstrip()}", ""),))
    last = f"{training.history[-1].step:,}"
    lines.append(((f"{' ' * (room + 2)}0{last:>{width - 1}}", "quiet"),))
    return lines


def _parameters(training: Training, sheet: Sheet) -> list[Line]:
    """What each was and what it became."""
    shown = list(training.after)[:MOST_LISTED]
    names = [sheet.name(name) for name in shown]
    before = [_number(training.before[name], sheet) for name in shown]
    widths = max(map(cell_width, names)), max(map(cell_width, before))
    arrow = sheet.words("→")
    lines: list[Line] = []
    for name, told, start in zip(shown, names, before, strict=True):
        left = told + " " * (widths[0] - cell_width(told) + 2) + " " * (widths[1] - cell_width(start)) + start
        lines.append(((f"{left} {arrow} {_number(training.after[name], sheet)}", ""),))
    rest = len(training.after) - len(shown)
    return lines + (sheet.prose(f"… and {sheet.counted(rest, 'more parameter')}", tone="quiet") if rest else [])
