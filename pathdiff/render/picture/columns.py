"""Blocks in columns: how high each stands there, and the routes between them (Sugiyama, Tagawa and Toda 1981).

An edge crosses a column in a straight line at a height of its own, and bends between columns only, where nothing else
stands: so it never runs through a block.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import combinations, pairwise
from typing import Final, NamedTuple

from pathdiff.render.picture.geometry import Found, Point, Route, Size, joined, level_then_bent
from pathdiff.render.picture.spacing import spaced

APART: Final = 18.0
"""The least distance between two blocks of a column."""
_GAP: Final = 34.0
"""The least distance between two columns."""
_STEEP: Final = 0.25
"""How much further apart they are for an edge that rises or falls between them, by how much it does."""
_STEEPEST: Final = 400.0
"""For what rises or falls more they are no further apart."""
_SWEEPS: Final = 32
_ROUNDS: Final = 12
_LARGE: Final = 4000
"""With more blocks and bends fewer sweeps are made."""


@dataclass(frozen=True, slots=True)
class Layers:
    """Blocks in columns, and the bends of edges that cross a column, numbered after the blocks."""

    columns: tuple[tuple[int, ...], ...]
    """From left to right, each from above downwards."""
    room: tuple[Size, ...]
    """The size of each; bends have none."""
    chains: tuple[tuple[int, ...], ...]
    """Each edge as what it leads through, in neighbouring columns."""
    nodes: int
    """How many of the blocks are nodes; the others lie on an edge and want it straight."""
    heights: tuple[float, ...]
    """The y of each block and bend."""


def neighbours(chains: Sequence[Sequence[int]], count: int) -> tuple[list[list[int]], list[list[int]]]:
    """What stands before and what after each of so many blocks and bends on an edge."""
    before: list[list[int]] = [[] for _ in range(count)]
    after: list[list[int]] = [[] for _ in range(count)]
    for chain in chains:
        for left, right in pairwise(chain):
            before[right].append(left)
            after[left].append(right)
    return before, after


def settled(found: Layers) -> Layers:
    """The same with each as near to its neighbours as the order and the room in its column allow.

    Cost O(V + E) a sweep, bends counted, over a few dozens of sweeps.
    """
    y = list(found.heights)
    before, after = neighbours(found.chains, len(y))
    sweeps = _SWEEPS // 4 if len(y) > _LARGE else _SWEEPS
    for sweep in range(sweeps):
        both = sweep >= sweeps // 2
        forth = sweep % 2 == 0
        for column in found.columns if forth else reversed(found.columns):
            wanted, weights = [], []
            for vertex in column:
                beside = before[vertex] + after[vertex] if both else before[vertex] if forth else after[vertex]
                weight = [_weight(vertex, other, found.nodes) for other in beside]
                pulled = sum(w * y[other] for w, other in zip(weight, beside, strict=True))
                wanted.append(pulled / sum(weight) if weight else y[vertex])
                weights.append(sum(weight) if weight else 0.1)
            _spread(found, column, wanted, weights, y)
    return replace(found, heights=tuple(y))


def _weight(vertex: int, other: int, nodes: int) -> float:
    """How much an edge wants to be level: most where it is a piece of a long one."""
    return (1.0, 2.0, 8.0)[(vertex >= nodes) + (other >= nodes)]


def levelled(found: Layers) -> Layers:
    """Edges that run level on as much of their way as they may, and bend once.

    A long one keeps to one height rather than going down stairs; a label stands as high as the node at whose side its
    edge is the only one.
    """
    y = list(found.heights)
    before, after = neighbours(found.chains, len(y))
    guides: dict[int, list[int]] = {}
    weight = dict.fromkeys(range(len(y)), 1.0)
    for vertex in range(found.nodes, len(y)):
        tail = before[vertex][0]
        if tail < found.nodes:
            run = [vertex]
            while (head := after[run[-1]][0]) >= found.nodes:
                run.append(head)
            alone = [tail] * (len(after[tail]) == 1) + [head] * (len(before[head]) == 1)
            guides.update(dict.fromkeys(run, alone or run))
            weight.update(dict.fromkeys(run, float(len(run))))
    for _ in range(_ROUNDS):
        goal = {vertex: sum(y[each] for each in guide) / len(guide) for vertex, guide in guides.items()}
        for column in found.columns:
            wanted = [goal.get(vertex, y[vertex]) for vertex in column]
            _spread(found, column, wanted, [weight[vertex] for vertex in column], y)
    return replace(found, heights=tuple(y))


def _spread(
    found: Layers, column: Sequence[int], wanted: Sequence[float], weights: Sequence[float], y: list[float]
) -> None:
    """Puts the vertices of a column, in order and apart, where the weighted squares of their shifts are least."""
    room = found.room
    gaps = [(room[upper].height + room[lower].height) / 2 + APART for upper, lower in pairwise(column)]
    for vertex, place in zip(column, spaced(wanted, weights, gaps), strict=True):
        y[vertex] = place


def upright(found: Layers) -> Layers:
    """The same, or its mirror image where more nodes stand there in the order of their numbers, from above."""
    rising = [lower > upper for column in found.columns for upper, lower in combinations(_nodes(found, column), 2)]
    if 2 * sum(rising) >= len(rising):
        return found
    columns = tuple(column[::-1] for column in found.columns)
    return replace(found, columns=columns, heights=tuple(-y for y in found.heights))


def _nodes(found: Layers, column: Sequence[int]) -> list[int]:
    return [vertex for vertex in column if vertex < found.nodes]


def placed(found: Layers) -> Found:
    """The columns side by side, wider apart where edges are steep, and the routes through them."""
    y, count = found.heights, len(found.room)
    widths = [max((found.room[vertex].width for vertex in column), default=0.0) for column in found.columns]
    column_of = {vertex: index for index, column in enumerate(found.columns) for vertex in column}
    steepest = [0.0] * len(widths)
    for chain in found.chains:
        for left, right in pairwise(chain):
            steepest[column_of[left]] = max(steepest[column_of[left]], abs(y[left] - y[right]))
    middles, x = [], 0.0
    for width, steep in zip(widths, steepest, strict=True):
        middles.append(x + width / 2)
        x += width + _GAP + _STEEP * min(steep, _STEEPEST)
    # A bend takes the whole width of its column, that the edge may not touch what stands above it.
    stations = [
        _Station(Point(middles[column], y[vertex]), found.room[vertex].width or widths[column], widths[column])
        for vertex in range(count)
        for column in [column_of[vertex]]
    ]
    return Found(
        tuple(station.center for station in stations),
        tuple(partial(_through, [stations[vertex] for vertex in chain]) for chain in found.chains),
    )


class _Station(NamedTuple):
    """What an edge leads through: its middle, its width, and that of its column."""

    center: Point
    across: float
    column: float


def _through(stations: Sequence[_Station], start: float, end: float) -> Route:
    """The route through blocks and bends in neighbouring columns, from one height to another."""
    heights = [start, *(station.center.y for station in stations[1:-1]), end]
    pieces = zip(pairwise(stations), pairwise(heights), strict=True)
    return joined(
        *(
            level_then_bent(
                Point(left.center.x, leaves),
                Point(right.center.x, meets),
                (left.across, right.across),
                (left.column, right.column),
            )
            for (left, right), (leaves, meets) in pieces
        )
    )
