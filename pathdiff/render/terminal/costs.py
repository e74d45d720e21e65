"""What each way of accumulating a Jacobian costs, as a table, and what is known of the order that was searched for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from pathdiff.cost import Costs
from pathdiff.diagnostics import cell_width
from pathdiff.elimination.search import Found
from pathdiff.render.terminal.layout import Fragment, Line, Tone, stripped
from pathdiff.render.terminal.sheet import Section, Sheet

_NAMES: Final = {
    "path_sum": "path sum", "forward": "forward", "reverse": "reverse", "markowitz": "Markowitz", "search": "search",
}  # fmt: skip
_GAP: Final = 3
MOST_NAMES: Final = 60
"""An order of more nodes than this is shown by its ends."""


def cost_sections(costs: Costs, sheet: Sheet) -> Iterator[Section]:
    """What is accumulated, the table, and what was found by searching."""
    yield Section("Jacobian", tuple(_jacobian(costs, sheet)))
    yield Section("Cost", tuple(_table(costs, sheet)))
    if costs.jacobian.count:
        yield Section("Search", tuple(_search(costs, sheet)))


def _jacobian(costs: Costs, sheet: Sheet) -> list[Line]:
    rows, columns = sheet.names(costs.of), sheet.names(costs.wrt)
    told = f"{rows} with respect to {columns}: {sheet.counted(costs.path_count, 'path')}"
    count = costs.jacobian.count
    inner = f"{sheet.counted(count, 'intermediate node')} to eliminate" if count else "no intermediate node"
    return sheet.prose((f"{told}, {inner}", ""))


def _table(costs: Costs, sheet: Sheet) -> list[Line]:
    """A line a strategy; where the terminal is too narrow for columns, words."""
    head = ("", "multiplications", "additions", sheet.words("±1 free"))
    body = [(_name(name, sheet), *map(sheet.count, strategy.spent)) for name, strategy in costs.strategies.items()]
    widths = [max(map(cell_width, column)) for column in zip(head, *body, strict=True)]
    if sum(widths) + _GAP * (len(widths) - 1) > sheet.width:
        return [
            line
            for name, multiplications, additions, free in body
            for line in sheet.prose(
                (f"{name}: {multiplications} multiplications, {additions} additions; ", ""),
                f"{free} multiplications with those by ±1 free",
                hang=2,
            )
        ]
    about = "every edge counted, local partials free; ±1 free: without the multiplications by 1 and −1"
    best = min(strategy.spent.multiplications for strategy in costs.strategies.values())
    lines = [*sheet.prose(about, tone="quiet"), _row(head, widths, quiet=True)]
    for cells, strategy in zip(body, costs.strategies.values(), strict=True):
        lines.append(_row(cells, widths, good=strategy.spent.multiplications == best))
    return lines


def _row(cells: Sequence[str], widths: Sequence[int], *, quiet: bool = False, good: bool = False) -> Line:
    fragments: list[Fragment] = []
    for index, (cell, width) in enumerate(zip(cells, widths, strict=True)):
        space = " " * (width - cell_width(cell))
        text = cell + space if index == 0 else " " * _GAP + space + cell
        tone: Tone = "quiet" if quiet else "good" if good and index == 1 else ""
        fragments.append((text, tone))
    return stripped(fragments)


def _name(name: str, sheet: Sheet) -> str:
    return _NAMES.get(name) or sheet.names(name.split(","), 3)


def search_told(found: Found, sheet: Sheet) -> list[Line]:
    """What is known of an order that was searched for."""
    if found.optimal:
        told = sheet.prose(f"optimal: no order takes fewer than {sheet.counted(found.floor, 'multiplication')}")
    else:
        tried = f"{sheet.counted(found.annealings, 'annealing')}, {sheet.counted(found.steps, 'step')} together"
        told = sheet.prose(
            f"best found, by {tried}; no order takes fewer than {sheet.counted(found.floor, 'multiplication')}"
        )
    if found.interrupted:
        told += sheet.prose("interrupted before its end", tone="unsure")
    return told


def _search(costs: Costs, sheet: Sheet) -> list[Line]:
    order = costs.strategies["search"].order
    assert order is not None
    shown = list(map(sheet.name, order))
    if len(shown) > MOST_NAMES:
        left_out = sheet.words(f"… {len(shown) - MOST_NAMES} more …")
        shown = [*shown[: MOST_NAMES // 2], left_out, *shown[-MOST_NAMES // 2 :]]
    order_line = sheet.prose((f"order: {', '.join(shown)}", "quiet"), hang=2)
    return search_told(costs.found, sheet) + order_line
