"""The paths from one node to another, a line each, made while they are read; the largest and the nodes as tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from pathdiff.derivation import Path, Weighed, digits
from pathdiff.diagnostics import cell_width
from pathdiff.notation import number_math, significant
from pathdiff.render.terminal.layout import NO_BREAK, Line
from pathdiff.render.terminal.sheet import LARGEST_WRITTEN, Sheet

if TYPE_CHECKING:
    from pathdiff.listing import Listing
    from pathdiff.weighing import Traffic

AT_ONCE: Final = 512
"""How many lines are written at once."""
MOST_DIGITS: Final = 600
"""A count with more digits than this is not written out."""
WIDEST_RANK: Final = 15
"""A rank with more digits than this has a line of its own."""


def paths(listing: Listing, sheet: Sheet, styled: Callable[[Sequence[Line]], str]) -> Iterator[str]:
    """All that is shown of the paths between two nodes, as text, some lines at a time; `styled` gives them colours."""
    yield styled(_heading(listing, sheet))
    match listing.asked.mode:
        case "top":
            yield styled(largest(list(listing.rows()), sheet))
        case "nodes":
            yield styled(_nodes(list(listing.nodes()), sheet))
        case _:
            lines = _listed(listing, sheet)
            while batch := list(islice(lines, AT_ONCE)):
                yield "".join(f"{line}\n" for line in batch)
    yield styled(_rest(listing, sheet))


def _heading(listing: Listing, sheet: Sheet) -> list[Line]:
    """How many paths there are, exactly, and what they add up to where that is asked for."""
    found, asked = listing.paths, listing.asked
    told = f"{sheet.counted(found.count, 'path')} from {sheet.name(found.of)} to {sheet.name(found.wrt)}"
    if asked.through:
        told += f" through {' and '.join(map(sheet.name, asked.through))}"
    if asked.avoid:
        told += f"{',' * bool(asked.through)} avoiding {' and '.join(map(sheet.name, asked.avoid))}"
    if asked.mode == "sample" and listing.size:
        told += f", {listing.size:,} drawn at random (seed{NO_BREAK}{asked.seed})"
    if asked.needs_point and found.count and found.why_no_values is None:
        told += "; its product is " if found.count == 1 else "; their products add up to "
        told += _number(found.derivative, sheet)
    lines = sheet.prose((told, "name"), hang=2)
    if found.count >= LARGEST_WRITTEN:
        lines += _exactly(digits(found.count), sheet)
    if asked.needs_point:
        lines += [line for note in found.notes for line in sheet.prose(note, tone="unsure", indent=2, hang=4)]
    return lines


def _exactly(number: str, sheet: Sheet) -> list[Line]:
    """A long count in full, in groups of three."""
    if len(number) > MOST_DIGITS:
        return sheet.prose(f"of {len(number):,} digits, which --format json has", tone="quiet", indent=2)
    first = len(number) % 3 or 3
    groups = [number[:first], *(number[start : start + 3] for start in range(first, len(number), 3))]
    beside = (sheet.width - 2) // 4
    rows = [groups[start : start + beside] for start in range(0, len(groups), beside)]
    return [((f"  {','.join(row)}{',' * (row is not rows[-1])}", ""),) for row in rows]


def _listed(listing: Listing, sheet: Sheet) -> Iterator[str]:
    """A line for each path, after its rank; more than one for a path that is too long."""
    mode = listing.asked.mode
    width = len(digits(listing.size if mode == "first" else listing.paths.count))
    apart = width > WIDEST_RANK
    typeset = _Typeset(sheet, sheet.width - (4 if apart else width + 4), whole=mode in ("nth", "rank"))
    for row in listing.rows():
        if apart:
            yield f"  {digits(row.rank)}"
            yield from (f"    {line}" for line in typeset(row.path))
        else:
            first, *others = typeset(row.path)
            yield f"  {row.rank:>{width}}  {first}"
            yield from (f"{'':{width}}    {line}" for line in others)


class _Typeset:
    """Paths as lines, each name typeset once; without its middle where a path is long, unless all are shown `whole`."""

    def __init__(self, sheet: Sheet, width: int, *, whole: bool = False) -> None:
        self.sheet = sheet
        self.width = width
        self.whole = whole
        self.arrow = sheet.words(" → ")
        self.names: dict[str, str] = {}
        self.widths: dict[str, int] = {}

    def __call__(self, path: Path) -> list[str]:
        """The lines of a path, broken after arrows; those after the first begin two columns further to the right."""
        nodes = [self.names.get(name) or self._typeset(name) for name in path]
        kept = nodes if self.whole else self.sheet.ends(nodes)
        widths = [self.widths.get(node) or cell_width(node) for node in kept]
        if sum(widths) + len(self.arrow) * (len(kept) - 1) <= self.width:
            return [self.arrow.join(kept)]
        lines: list[str] = []
        begun, column = "", 0
        for index, (node, width) in enumerate(zip(kept, widths, strict=True)):
            piece, width = (
                (node, width) if index == len(kept) - 1 else (node + self.arrow[:-1], width + len(self.arrow) - 1)
            )
            if index and column + 1 + width > self.width:
                lines.append(begun)
                begun, column = f"  {piece}", 2 + width
            else:
                begun, column = (f"{begun} {piece}", column + 1 + width) if index else (piece, width)
        return [*lines, begun]

    def _typeset(self, name: str) -> str:
        self.names[name] = told = self.sheet.name(name)
        self.widths[told] = cell_width(told)
        return told


def largest(rows: Sequence[Weighed], sheet: Sheet) -> list[Line]:
    """The paths with the largest products."""
    ranks = [digits(row.rank) for row in rows]
    apart = max(map(len, ranks), default=0) > WIDEST_RANK
    table = [["product", *(_number(row.value, sheet) for row in rows)], ["share", *(_percent(r, sheet) for r in rows)]]
    if not apart:
        table.insert(0, ["path", *ranks])
    left = _columns(table)
    typeset = _Typeset(sheet, sheet.width - cell_width(left[0]) - 2)
    lines: list[Line] = [((left[0], "quiet"),)] if rows else []
    for beside, rank, row in zip(left[1:], ranks, rows, strict=True):
        first, *others = typeset(row.path)
        told = [f"  {rank}"] * apart
        told += [f"{beside}  {first}", *(" " * (cell_width(left[0]) + 2) + line for line in others)]
        lines += [((text, ""),) for text in told]
    return lines


def _nodes(rows: Sequence[Traffic], sheet: Sheet) -> list[Line]:
    """What goes through each node."""
    if not rows:
        return []
    table = [["paths", *(sheet.count(row.count) for row in rows)]]
    if rows[0].value is not None:
        table += [["product", *(_number(row.value, sheet) for row in rows)]]
        table += [["share", *(_percent(row, sheet) for row in rows)]]
    head, *others = _columns(table)
    names = (sheet.name(row.node) for row in rows)
    return [((head, "quiet"),), *(((f"{left}  {name}", ""),) for left, name in zip(others, names, strict=True))]


def _columns(table: Sequence[Sequence[str]]) -> list[str]:
    """Columns with their names above them, as rows of text, everything to the right of its column."""
    widths = [max(map(cell_width, column)) for column in table]
    rows = zip(*table, strict=True)
    return [
        "".join(f"  {' ' * (width - cell_width(text))}{text}" for text, width in zip(row, widths, strict=True))
        for row in rows
    ]


def _number(value: Any, sheet: Sheet) -> str:
    return sheet.line(number_math(value))


def _percent(row: Weighed | Traffic, sheet: Sheet) -> str:
    """A share in percent, to three digits; a dash where there is nothing to have a share of."""
    if row.share is None:
        return "-"
    return sheet.line(number_math(100 * row.share, lambda value: significant(value, 3))) + "%"


def _rest(listing: Listing, sheet: Sheet) -> list[Line]:
    """What is not shown, and how to see it."""
    found, asked = listing.paths, listing.asked
    if asked.mode == "nodes":
        rest = len(found.nodes_between) - listing.size
        lines = (
            sheet.prose(f"… and {sheet.counted(rest, 'more node')}; --limit shows them", tone="quiet") if rest else []
        )
        if not found.nodes_between and found.count:
            lines = sheet.prose("no node lies between the two", tone="quiet", indent=2)
        if found.count and found.why_no_values is not None:
            why = found.why_no_values.diagnostics[0].message
            lines += sheet.prose(f"without values: {why}", tone="quiet", hang=2)
        return lines
    rest = found.count - listing.size
    if asked.mode == "first" and rest:
        told = f"… and {sheet.counted(rest, 'more path')}: --limit lists more of them, --nth any one"
        return sheet.prose(told, tone="quiet", hang=2)
    return []
