"""Displayed formulas: equations in columns, the steps to a result below each other, the stages of a sweep."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby, zip_longest
from typing import Final

from pathdiff.notation import Math
from pathdiff.render.latex.letters import Box
from pathdiff.render.latex.lines import PAGE, broken
from pathdiff.render.latex.math import Hand, box

EQUALS: Final = Box("= ", 1.33)
ABOUT: Final = Box(r"\approx ", 1.33)
_GAP: Final = 2.0
"""What separates two columns, \\qquad."""
_KEPT: Final = 12
"""Two lines with more lines than that within their brackets may stand on two pages: one of fractions holds 22."""


@dataclass(frozen=True, slots=True)
class Right:
    """A right side after its sign."""

    formula: Math
    relation: Box = EQUALS
    more: bool = False
    """Whether it goes on with terms that are not written."""


@dataclass(frozen=True, slots=True)
class Cell:
    """An equation, or whatever else is aligned at a place in it."""

    left: Box
    right: Right | Box


def display(environment: str, lines: Iterable[str], argument: str = "") -> str:
    """A displayed formula of several lines; the last one never stands on a page alone, unless those two are high."""
    written = [f"  {line.strip()}" for line in lines]
    body = " \\\\\n".join(written)
    if "".join(written[-2:]).count(r" \\ ") <= _KEPT:
        body = " \\\\*\n".join(body.rsplit(" \\\\\n", 1))
    return f"\\begin{{{environment}}}{argument}\n{body}\n\\end{{{environment}}}"


def steps(left: Box, rights: Sequence[Right], hand: Hand) -> str:
    """A left side, and below each other what it equals; what says nothing new is left out."""
    itself = [EQUALS.source + left.source]
    shown = [lines for lines, _ in groupby(_lines(right, hand, left.width) for right in rights)]
    lines = [f"&{line}" for right in [each for each in shown if each != itself] or shown for line in right]
    return display("align*", [f"{left.source} {lines[0]}", *lines[1:]])


def _lines(right: Right, hand: Hand, indent: float) -> list[str]:
    """The lines of a right side, the first with its sign."""
    room = PAGE - indent - right.relation.width
    first, *rest = broken(right.formula, hand, room, room)
    lines = [right.relation.source + first, *rest]
    return [*lines[:-1], lines[-1] + r" + \cdots"] if right.more else lines


def grid(cells: Sequence[Cell], hand: Hand, columns: Sequence[Sequence[Cell]] = ()) -> str:
    """Equations side by side, in the columns told if they fit on the page, else in as many as do, up to three."""
    choices = [columns] if columns else []
    choices += [_divided(cells, count) for count in (3, 2, 1)]
    for choice in choices:
        if sum(_width(column, hand) for column in choice) + _GAP * (len(choice) - 1) <= PAGE:
            return _side_by_side(choice, hand)
    lines: list[str] = []
    for cell in cells:
        right = cell.right
        first, *rest = _lines(right, hand, cell.left.width) if isinstance(right, Right) else [right.source]
        lines += [f"{cell.left.source} &{first}", *(f"&{line}" for line in rest)]
    return display("align*", lines)


def _divided(cells: Sequence[Cell], count: int) -> list[Sequence[Cell]]:
    height = -(-len(cells) // count)
    return [cells[start : start + height] for start in range(0, len(cells), height)]


def _right(cell: Cell, hand: Hand) -> Box:
    if isinstance(cell.right, Box):
        return cell.right
    inner = box(cell.right.formula, hand)
    return Box(cell.right.relation.source + inner.source, cell.right.relation.width + inner.width)


def _width(column: Sequence[Cell], hand: Hand) -> float:
    return max(cell.left.width for cell in column) + max(_right(cell, hand).width for cell in column)


def _side_by_side(columns: Sequence[Sequence[Cell]], hand: Hand) -> str:
    sources = [[f"{cell.left.source} &{_right(cell, hand).source}" for cell in column] for column in columns]
    rows = zip_longest(*sources, fillvalue="&")
    return display("alignat*", (r" &\qquad ".join(row) for row in rows), f"{{{len(columns)}}}")


@dataclass(frozen=True, slots=True)
class Stage:
    """A line of a stage: a derivative and what it is the sum of, or derivatives that are labels themselves."""

    number: int
    left: Box
    right: Right | None
    others: tuple[Box, ...] = ()


def stages(rows: Sequence[Stage], hand: Hand) -> str:
    """The lines of a sweep, each stage with its number before it."""
    lines: list[str] = []
    before = None
    margin = max(len(str(row.number)) for row in rows) * 0.5 + 1.5
    for row in rows:
        told = rf"\text{{{row.number}:}} &\quad& " if row.number != before else "&& "
        before = row.number
        if row.right is None:
            first, *rest = _beside(row.others, PAGE - margin - row.left.width)
        else:
            first, *rest = _lines(row.right, hand, margin + row.left.width)
        lines += [f"{told}{row.left.source} &{first}", *(f"&& &{line}" for line in rest)]
    return display("alignat*", lines, "{2}")


def _beside(boxes: Sequence[Box], room: float) -> list[str]:
    """Boxes with space before each, on as many lines as it takes."""
    lines, used = [""], 0.0
    for each in boxes:
        if used and used + _GAP + each.width > room:
            lines.append("")
            used = 0.0
        lines[-1] += rf"\qquad {each.source}"
        used += _GAP + each.width
    return lines
