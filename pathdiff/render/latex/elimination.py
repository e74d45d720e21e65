"""An elimination step by step in LaTeX: what the products need, the products, the count so far; and the results."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from pathdiff.derivation import Accumulated
from pathdiff.elimination.search import Found
from pathdiff.elimination.steps import EliminationStep, Line, Made
from pathdiff.explain import Ordered
from pathdiff.render.latex.displays import Cell, Right, grid
from pathdiff.render.latex.letters import Box
from pathdiff.render.latex.math import box
from pathdiff.render.latex.sheet import Sheet

LISTED_STEPS: Final = 60
"""How many steps are written."""
_NEW: Final = Box(r"\colon\ ", 1.0)
_ADDED: Final = Box(r"\colon\ {} + ", 2.2)
"""Before a product that is added to an edge that is there."""


def elimination(order: Ordered, sheet: Sheet) -> Iterator[str]:
    """The order, a paragraph for each node, the Jacobian with what is used once put in its place."""
    found = order.elimination
    yield rf"\subsection*{{\raggedright Elimination{f' ({order.name})' if order.name else ''}}}"
    names = sheet.names(found.order) if found.order else "Nothing to eliminate"
    yield f"{names}: {_counts(found.spent.multiplications, found.spent.additions, sheet)}."
    if order.found is not None and found.order:
        yield _search(order.found, sheet)
    if not found.complete:
        yield "Too many products to be written: only counted."
    for step in found.steps[:LISTED_STEPS]:
        yield from _step(step, sheet)
    rest = len(found.steps) - LISTED_STEPS
    if rest > 0:
        yield f"{sheet.count(rest)} more {'step is' if rest == 1 else 'steps are'} left out."
    if found.results:
        yield r"\paragraph{The results:} what is used once stands in its place:"
        yield from _lines(found.factored(), sheet)


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


def _step(step: EliminationStep, sheet: Sheet) -> Iterator[str]:
    so_far = _counts(step.multiplications, step.additions, sheet)
    yield rf"\paragraph{{{sheet.name(step.node)} is eliminated}} ({so_far} so far):"
    yield from _lines(step.lines, sheet)
    yield grid([_product(made, sheet) for made in step.products], sheet.hand)


def _product(made: Made, sheet: Sheet) -> Cell:
    relation = _ADDED if made.absorbed else _NEW
    return Cell(sheet.path((made.of, made.wrt)), Right(sheet.formula(made.product).formula, relation))


def _lines(lines: Iterable[Line], sheet: Sheet) -> Iterator[str]:
    cells = [Cell(_left(line, sheet), sheet.sum(line.formula)) for line in lines if sheet.shows(line.formula)]
    if cells:
        yield grid(cells, sheet.hand)
    long = [f"${_left(line, sheet).source}$" for line in lines if not sheet.shows(line.formula)]
    if long:
        yield f"{', '.join(long)}: too long to be read."


def _left(line: Line, sheet: Sheet) -> Box:
    result = line.result
    return box(sheet.symbols[result.name], sheet.hand) if isinstance(result, Accumulated) else sheet.left(result)
