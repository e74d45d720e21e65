"""Many derivatives of one node together: how many paths there are to each, and what each is."""

from __future__ import annotations

from typing import NamedTuple

from pathdiff.derivation import Gradient
from pathdiff.render.latex.displays import Cell, Right
from pathdiff.render.latex.sheet import LISTED, Sheet
from pathdiff.typesetting import expression_math


class Results(NamedTuple):
    """What the derivatives of a gradient are."""

    where: str
    """At the point, or in node names."""
    some: str
    """How many of them these are, if not all."""
    cells: list[Cell]


def results(gradient: Gradient, sheet: Sheet) -> Results | None:
    """The first derivatives, each at the point or else in node names; None where one of them is too long for that."""
    listed = gradient.told[:LISTED]
    some = "" if len(listed) == len(gradient.told) else f"The first {len(listed)} are"
    if values := gradient.value_of_each:
        rights = [sheet.number(value) for value in values[:LISTED]]
        cells = [Cell(sheet.left(each.result), right) for each, right in zip(listed, rights, strict=True)]
        return Results("At the point", some, cells)
    cells = [
        Cell(sheet.left(each.result), Right(expression_math(each.expression, sheet.symbols)))
        for each in listed
        if each.expression is not None
    ]
    return Results("In node names", some, cells) if len(cells) == len(listed) else None


def spread(gradient: Gradient, sheet: Sheet) -> str:
    """How many paths there are, as a sentence."""
    counts = [each.path_sum.count for each in gradient.told]
    least, most = min(counts), max(counts)
    if least == most:
        return f"There {'is' if most == 1 else 'are'} {sheet.paths(most)} to each."
    return f"There are {sheet.count(least)} to {sheet.paths(most)} to each, {sheet.count(sum(counts))} in all."
