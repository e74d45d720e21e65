"""The loop over the paths as it runs: find an unvisited path, multiply the values along it, add to the result."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pathdiff.derivation import Derivation, Sum
from pathdiff.diagnostics import cell_width
from pathdiff.names import Symbol
from pathdiff.notation import Math, Number, Row, Sign, Term, number_math
from pathdiff.render.terminal.layout import NO_BREAK, Line
from pathdiff.render.terminal.pen import Pen
from pathdiff.render.terminal.sheet import FIRST_PATHS, MOST_PATHS, Sheet

INDENT: Final = 15
"""How wide the names of the lines are."""
WRITTEN_OUT: Final = 4
"""How many terms a sum has that is written out; a longer one has the marks of its paths."""


def loop(derivation: Derivation, sheet: Sheet) -> list[Line]:
    """A turn for each path: the path found, its product, the sum so far, with numbers where there is a point."""
    path_sum, labelled, numbers = derivation.path_sum, derivation.labelled, derivation.numbers
    turns = len(path_sum.paths) if path_sum.count <= MOST_PATHS else FIRST_PATHS
    lines = _said("sum so far:", [Number("0")], sheet)
    for turn in range(1, turns + 1):
        found = f"path {sheet.mark(turn)} found:"
        path = sheet.path(path_sum.paths[turn - 1])
        padded = found.replace(" ", NO_BREAK) + NO_BREAK * (INDENT - cell_width(found) - 1)
        lines += sheet.prose((padded, turn), " ", (path, turn), hang=INDENT)
        product = [_term(each, turn, sheet) for each in (path_sum.formula, labelled) if each is not None]
        total = [_so_far(path_sum.formula, turn, sheet)]
        if numbers is not None:
            product.append(number_math(numbers.terms[turn - 1]))
            total.append(number_math(numbers.sums[turn - 1]))
        lines += [*_said("product:", product, sheet), *_said("sum so far:", total, sheet)]
    name = sheet.line(sheet.result(derivation.result))
    rest = path_sum.count - turns
    end = f"and so on, {sheet.counted(rest, 'more path')}" if rest else f"no path is left unvisited: the sum is {name}"
    return lines + sheet.prose((end, "quiet"))


def _term(formula: Sum, turn: int, sheet: Sheet) -> Math:
    return sheet.sum(Sum((formula.terms[turn - 1],)))


def _so_far(formula: Sum, turn: int, sheet: Sheet) -> Math:
    """The sum of the terms up to a turn."""
    if turn <= WRITTEN_OUT:
        return sheet.sum(Sum(formula.terms[:turn], formula.marks[:turn]))
    marks = [Term(number, Symbol(sheet.mark(number), sheet.mark(number))) for number in range(1, turn + 1)]
    return Row(tuple(item for mark in marks for item in (Sign("+"), mark))[1:])


def _said(what: str, equal: Sequence[Math], sheet: Sheet) -> list[Line]:
    """A line of a turn: its name, and what is equal."""
    pen = Pen(sheet.width, sheet.style)
    pen.marks = False
    pen.write(what)
    pen.column = INDENT
    for index, math in enumerate(equal):
        if index and not pen.fits(math, 3):
            pen.newline(INDENT)
        if index:
            pen.write("= " if pen.column == INDENT else " = ")
        pen.put(math, pen.column)
    return pen.lines
