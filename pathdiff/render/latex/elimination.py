"""An elimination step by step in LaTeX: what the products need, the products, the count so far; and the results."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from pathdiff.derivation import Accumulated
from pathdiff.elimination.search import Found
from pathdiff.elimination.steps import EliminationStep, Line, Made
from pathdiff.explain import Ordered
from pathdiff.render.latex.displays import Cell, Right, grid
from pathdiff.render.latex.letters import Box
from pathdiff.render.latex.math import box
from pathdiff.render.latex.sheet import LISTED, Sheet

LISTED_STEPS: Final = 60
"""How many steps are written."""
_NEW: Final = Box(r"\colon\ ", 1.0)
_ADDED: Final = Box(r"\colon\ {} + ", 2.2)
"""Before a product that is added to an edge that is there."""


@dataclass(frozen=True, slots=True)
class Part:
    """The order, the elimination of one node, or the results; as LaTeX that an article, slides and Markdown share."""

    heading: str
    told: str
    """What is said beside the heading, or of the order below it."""
    displays: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()
    """Sentences on what is not written."""


def elimination(order: Ordered, sheet: Sheet) -> Iterator[str]:
    """The order, a paragraph for each node, the Jacobian with what is used once put in its place."""
    head, *rest = parts(order, sheet)
    yield rf"\subsection*{{\raggedright {head.heading}}}"
    yield head.told
    yield from head.left_out
    for part in rest:
        yield rf"\paragraph{{{part.heading}}} {part.told}:"
        yield from part.displays
        yield from part.left_out


def parts(order: Ordered, sheet: Sheet, most: int = LISTED_STEPS) -> Iterator[Part]:
    """The order, its first steps, so many at most, and the results."""
    found = order.elimination
    names = sheet.names(found.order) if found.order else "Nothing to eliminate"
    told = [f"{names}: {_counts(found.spent.multiplications, found.spent.additions, sheet)}."]
    if order.found is not None and found.order:
        told.append(_search(order.found, sheet))
    counted = () if found.complete else ("Too many products to be written: only counted.",)
    heading = "Elimination" + (f" ({order.name})" if order.name else "")
    yield Part(heading, " ".join(told), left_out=counted)
    shown = [_step(step, sheet) for step in found.steps[:most]]
    yield from shown[:-1]
    for last in shown[-1:]:
        yield replace(last, left_out=(*last.left_out, *_rest(len(found.steps) - most, "step")))
    if found.results:
        displays, left_out = _lines(found.factored(), sheet)
        yield Part("The results", "with what is used once in its place", tuple(displays), tuple(left_out))


def _search(found: Found, sheet: Sheet) -> str:
    """What is known of an order that was searched for."""
    least = f"no order takes fewer than {sheet.count(found.floor)} multiplication{'' if found.floor == 1 else 's'}"
    if found.optimal:
        told = f"Optimal: {least}."
    else:
        tried = f"{sheet.count(found.annealings)} annealing{'' if found.annealings == 1 else 's'}"
        told = f"Best found, by {tried}; {least}."
    return told + (" The search was interrupted before its end." if found.interrupted else "")


def _counts(multiplications: int, additions: int, sheet: Sheet) -> str:
    told = ((multiplications, "multiplication"), (additions, "addition"))
    return " and ".join(f"{sheet.count(count)} {noun}{'' if count == 1 else 's'}" for count, noun in told)


def _step(step: EliminationStep, sheet: Sheet) -> Part:
    so_far = _counts(step.multiplications, step.additions, sheet)
    displays, left_out = _lines(step.lines, sheet)
    displays.append(grid([_product(made, sheet) for made in step.products[:LISTED]], sheet.hand))
    left_out += _rest(len(step.products) - LISTED, "product")
    return Part(f"{sheet.name(step.node)} is eliminated", f"({so_far} so far)", tuple(displays), tuple(left_out))


def _product(made: Made, sheet: Sheet) -> Cell:
    relation = _ADDED if made.absorbed else _NEW
    return Cell(sheet.path((made.of, made.wrt)), Right(sheet.formula(made.product).formula, relation))


def _lines(lines: Sequence[Line], sheet: Sheet) -> tuple[list[str], list[str]]:
    """The first lines in one display, and what is said of those that are not written."""
    listed = lines[:LISTED]
    cells = [_cell(line, sheet) for line in listed if sheet.shows(line.formula)]
    long = [f"${_left(line, sheet).source}$" for line in listed if not sheet.shows(line.formula)]
    left_out = [f"{', '.join(long)}: too long to be read."] if long else []
    left_out += _rest(len(lines) - LISTED, "line")
    return [grid(cells, sheet.hand)] if cells else [], left_out


def _cell(line: Line, sheet: Sheet) -> Cell:
    left, right = _left(line, sheet), sheet.sum(line.formula)
    is_label = box(right.formula, sheet.hand).source == left.source  # a derivative that is the label of an edge
    return Cell(left, Box("", 0.0) if is_label else right)


def _rest(count: int, noun: str) -> list[str]:
    return [f"{count} more {noun} is left out." if count == 1 else f"{count} more {noun}s are left out."] * (count > 0)


def _left(line: Line, sheet: Sheet) -> Box:
    result = line.result
    return box(sheet.symbols[result.name], sheet.hand) if isinstance(result, Accumulated) else sheet.left(result)
