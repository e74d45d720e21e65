"""An elimination step by step: what the products need, the products, the count so far; and the results."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pathdiff.derivation import Accumulated, Formula
from pathdiff.elimination.steps import EliminationStep, Line, Made
from pathdiff.explain import Ordered
from pathdiff.notation import Math
from pathdiff.render.terminal import layout
from pathdiff.render.terminal.agreement import agreement
from pathdiff.render.terminal.costs import search_told
from pathdiff.render.terminal.sheet import Sheet

MOST_LINES: Final = 60
"""How many lines of steps are shown before the rest is only counted."""


def elimination(order: Ordered, sheet: Sheet) -> list[layout.Line]:
    """The order, a paragraph for each node, the Jacobian with what is used once put in its place."""
    found = order.elimination
    spent = found.spent
    names = sheet.names(found.order, 24)
    counts = (sheet.counted(spent.multiplications, "multiplication"), sheet.counted(spent.additions, "addition"))
    head = f"{order.name}: " if order.name else ""
    lines = sheet.prose((f"{head}{names or 'nothing to eliminate'}; {counts[0]}, {counts[1]}", ""))
    if order.found is not None and found.order:
        lines += search_told(order.found, sheet)
    if not found.complete:
        lines += sheet.prose("too many products to be shown: only counted", tone="quiet")
    steps = [line for number, step in enumerate(found.steps, 1) for line in _step(number, step, sheet)]
    lines += _limited(steps, sheet)
    results = [part for line in found.factored() for part in _line(line, sheet)]
    lines += sheet.prose("so, what is used once put in its place:", tone="quiet") if found.steps else []
    lines += _limited(results, sheet)
    return lines + agreement([("", order.verdict)], sheet)


def _limited(lines: Sequence[layout.Line], sheet: Sheet) -> list[layout.Line]:
    """The first lines, and how many more there are."""
    if len(lines) <= MOST_LINES:
        return list(lines)
    return [*lines[: MOST_LINES - 1], *sheet.prose(f"… {len(lines) - MOST_LINES + 1} more lines …", tone="quiet")]


def _step(number: int, step: EliminationStep, sheet: Sheet) -> list[layout.Line]:
    counts = (sheet.counted(step.multiplications, "multiplication"), sheet.counted(step.additions, "addition"))
    told = f"{number}{3 * layout.NO_BREAK}{sheet.name(step.node)}"
    lines = sheet.prose((told, "name"), (f" is eliminated: {', '.join(counts)} so far", "quiet"), hang=4)
    for line in step.lines:
        lines += [(("    ", ""), *shown) for shown in _line(line, sheet)]
    for made in step.products:
        lines += sheet.prose((_made(made, sheet), ""), indent=4, hang=6)
    return lines


def _made(made: Made, sheet: Sheet) -> str:
    """A product for an edge, after a plus sign where it is added to what is there."""
    sign = "+ " if made.absorbed else ""
    return f"{sheet.path((made.of, made.wrt))}:{layout.NO_BREAK}{sign}{sheet.line(sheet.math(made.product))}"


def _line(line: Line, sheet: Sheet) -> list[layout.Line]:
    left: Math = sheet.math(line.result) if isinstance(line.result, Accumulated) else sheet.result(line.result)
    formula: Formula = line.formula
    if not sheet.shows(formula):
        return sheet.prose((f"{sheet.line(left)} = …", ""), " (too long to be read)")
    right = sheet.sum(line.formula)
    if sheet.line(left) == sheet.line(right):  # a derivative that is the label of an edge
        return sheet.prose((sheet.line(left), ""))
    return sheet.equation(left, [right], stacked=False)
