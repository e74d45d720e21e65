"""The lines of a sweep as a display."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from pathdiff.derivation import Step
from pathdiff.render.latex.displays import Stage, stages
from pathdiff.render.latex.sheet import Sheet


def lines(steps: Iterable[Step], sheet: Sheet) -> str:
    """The lines with the numbers of their stages; derivatives that are labels stand side by side."""
    rows: list[Stage] = []
    for (number, known), group in groupby(steps, lambda step: (step.stage, step.is_label)):
        told = [(sheet.left(step.result), step.formula) for step in group]
        if known:
            rows.append(Stage(number, told[0][0], None, tuple(left for left, _ in told[1:])))
        else:
            rows += [Stage(number, left, sheet.sum(formula)) for left, formula in told]
    return stages(rows, sheet.hand)
