"""An elimination step by step: what the products need, the products, the count so far; and the results."""

from __future__ import annotations

from typing import Final

from pathdiff.derivation import Accumulated, Formula
from pathdiff.elimination import EliminationStep, Line, Made, Ordered
from pathdiff.notation import Math
from pathdiff.render.terminal import layout
from pathdiff.render.terminal.agreement import outcome_sign
from pathdiff.render.terminal.sheet import Sheet, readable

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
    steps = [line for number, step in enumerate(found.steps, 1) for line in _step(number, step, sheet)]
    lines += sheet.limited(steps, "… {} more lines …", MOST_LINES)
    results = [part for line in found.factored() for part in _line(line, sheet)]
    lines += sheet.prose("so, what is used once put in its place:", tone="quiet") if found.steps else []
    lines += sheet.limited(results, "… {} more lines …", MOST_LINES)
    told = outcome_sign("checked" if order.agrees else "refuted", sheet)
    same = "the same values as" if order.agrees else "other values than"
    return lines + sheet.prose(told, f" {same} the path sums have, at random labels modulo 2^61 − 1", hang=2)


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
    if not readable(formula):
        return sheet.prose((f"{sheet.line(left)} = …", ""), " (too long to be read)")
    return sheet.equation(left, [sheet.sum(line.formula)], stacked=False)
