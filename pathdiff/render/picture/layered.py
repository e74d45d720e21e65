"""Places without Graphviz: layers, few crossings, straight edges (Sugiyama, Tagawa and Toda 1981).

Blocks stand in columns, each to the right of those that it needs. An edge crosses a column in a straight line at a
height of its own, and bends between columns only, where nothing else stands: so it never runs through a block.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Final, NamedTuple

from pathdiff.render.picture.geometry import NOTHING, Found, Point, Route, Size, joined, level_then_bent, room_for
from pathdiff.render.picture.spacing import spaced

APART: Final = 18.0
"""The least distance between two blocks of a column."""
COLUMN_GAP: Final = 34.0
"""The least distance between two columns."""
_SWEEPS: Final = 16
_LARGE: Final = 4000
"""Above so many vertices and pieces of edges fewer sweeps are made."""

_Column = list[int]


def layered(sizes: Sequence[Size], edges: Sequence[tuple[int, int]], nodes: int | None = None) -> Found:
    """The places of blocks by their number; an edge (tail, head) has its tail on the left. The graph has no cycle.

    The first `nodes` blocks are nodes, the others lie on an edge and want it straight.

    The same for the same graph every time. Cost O(E log E) a sweep, pieces of edges counted.
    """
    found = layers(sizes, edges, len(sizes) if nodes is None else nodes)
    return _placed(found, len(sizes))


@dataclass(frozen=True, slots=True)
class Layers:
    """Blocks in columns, and the bends of edges that cross a column, numbered after the blocks."""

    columns: tuple[tuple[int, ...], ...]
    """From left to right, each from above downwards."""
    heights: tuple[float, ...]
    """The y of each block and bend."""
    room: tuple[Size, ...]
    """The size of each; bends have none."""
    chains: tuple[tuple[int, ...], ...]
    """Each edge as what it leads through, in neighbouring columns."""


def layers(sizes: Sequence[Size], edges: Sequence[tuple[int, int]], nodes: int) -> Layers:
    """The columns, their order, and the heights."""
    rank = _ranks(len(sizes), edges)
    chains, rank = _chains(rank, edges)
    room = (*sizes, *[NOTHING] * (len(rank) - len(sizes)))
    before: list[list[int]] = [[] for _ in rank]
    after: list[list[int]] = [[] for _ in rank]
    for chain in chains:
        for left, right in pairwise(chain):
            before[right].append(left)
            after[left].append(right)
    starts = []
    for reverse in (False, True):
        columns: list[_Column] = [[] for _ in range(max(rank, default=0) + 1)]
        for vertex in _as_met(before, after, reverse=reverse):
            columns[rank[vertex]].append(vertex)
        starts.append(_ordered(columns, before, after))
    columns = min(starts, key=lambda found: _all_crossings(found, after))
    heights = _heights(columns, before, after, room, nodes)
    return Layers(tuple(map(tuple, columns)), tuple(heights), room, tuple(map(tuple, chains)))


def _ranks(count: int, edges: Sequence[tuple[int, int]]) -> list[int]:
    """The column of each, right of all that it needs; then it moves to the right where that makes no edges longer."""
    after: list[list[int]] = [[] for _ in range(count)]
    waiting = [0] * count
    for tail, head in edges:
        after[tail].append(head)
        waiting[head] += 1
    fewer_before = [waiting[vertex] <= len(after[vertex]) for vertex in range(count)]
    order = [vertex for vertex in range(count) if not waiting[vertex]]
    rank = [0] * count
    for vertex in order:
        for head in after[vertex]:
            rank[head] = max(rank[head], rank[vertex] + 1)
            waiting[head] -= 1
            if not waiting[head]:
                order.append(head)
    for vertex in reversed(order):
        if fewer_before[vertex] and after[vertex]:
            rank[vertex] = min(rank[head] for head in after[vertex]) - 1
    return rank


def _chains(rank: list[int], edges: Sequence[tuple[int, int]]) -> tuple[list[_Column], list[int]]:
    """Each edge as a chain of vertices in neighbouring columns, with a bend in each column that it crosses."""
    rank = rank.copy()
    chains = []
    for tail, head in edges:
        bends = list(range(len(rank), len(rank) + rank[head] - rank[tail] - 1))
        rank += range(rank[tail] + 1, rank[head])
        chains.append([tail, *bends, head])
    return chains, rank


def _as_met(before: Sequence[Sequence[int]], after: Sequence[Sequence[int]], *, reverse: bool) -> list[int]:
    """All vertices, depth first from the sources on, so that what belongs together is together; or the other way."""
    met: dict[int, None] = {}
    sources = [vertex for vertex in range(len(before)) if not before[vertex]]
    waiting = sources if reverse else sources[::-1]
    while waiting:
        vertex = waiting.pop()
        if vertex not in met:
            met[vertex] = None
            waiting.extend(after[vertex] if reverse else reversed(after[vertex]))
    return list(met)


def _ordered(columns: list[_Column], before: list[list[int]], after: list[list[int]]) -> list[_Column]:
    """The columns with few crossings: each vertex at the mean of its neighbours, to and fro, and neighbours swapped."""
    best, fewest = columns, _all_crossings(columns, after)
    large = len(before) > _LARGE
    for sweep in range(_SWEEPS // 4 if large else _SWEEPS):
        if not fewest:
            break
        columns = [column.copy() for column in columns]
        forth = sweep % 2 == 0
        beside = before if forth else after
        order = range(1, len(columns)) if forth else range(len(columns) - 2, -1, -1)
        for index in order:
            position = _positions(columns[index - 1 if forth else index + 1])
            here = _positions(columns[index])
            columns[index].sort(key=_mean_of(beside, position, here))
        if not large:
            _swap(columns, before, after)
        crossings = _all_crossings(columns, after)
        if crossings < fewest:
            best, fewest = columns, crossings
    return best


def _positions(column: _Column) -> dict[int, int]:
    return {vertex: place for place, vertex in enumerate(column)}


def _mean_of(beside: Sequence[Sequence[int]], position: dict[int, int], here: dict[int, int]) -> Callable[[int], float]:
    def mean(vertex: int) -> float:
        places = [position[other] for other in beside[vertex]]
        return sum(places) / len(places) if places else float(here[vertex])

    return mean


def _swap(columns: list[_Column], before: list[list[int]], after: list[list[int]]) -> None:
    """Swaps neighbours in a column as long as that saves crossings, a few rounds."""
    for _ in range(4):
        better = False
        for index, column in enumerate(columns):
            sides = [
                (beside, _positions(columns[other]))
                for beside, other in ((before, index - 1), (after, index + 1))
                if 0 <= other < len(columns)
            ]
            for place in range(len(column) - 1):
                upper, lower = column[place], column[place + 1]
                saved = 0
                for beside, position in sides:
                    ups = sorted(position[other] for other in beside[upper])
                    downs = sorted(position[other] for other in beside[lower])
                    saved += _inversions(ups, downs) - _inversions(downs, ups)
                if saved > 0:
                    column[place], column[place + 1] = lower, upper
                    better = True
        if not better:
            return


def _inversions(upper: Sequence[int], lower: Sequence[int]) -> int:
    """How many edges cross, of a vertex and of the one below it, by the places they lead to, sorted."""
    return sum(bisect_left(lower, place) for place in upper)


def _all_crossings(columns: list[_Column], after: Sequence[Sequence[int]]) -> int:
    count = 0
    for column, following in pairwise(columns):
        position = _positions(following)
        seen: list[int] = []
        for vertex in column:
            places = sorted(position[other] for other in after[vertex])
            count += sum(len(seen) - bisect_left(seen, place + 1) for place in places)
            for place in places:
                insort(seen, place)
    return count


def _heights(
    columns: list[_Column], before: list[list[int]], after: list[list[int]], room: Sequence[Size], nodes: int
) -> list[float]:
    """The y of each vertex: as near to its neighbours as the order and the room in its column allow."""
    y = [0.0] * len(room)
    for column in columns:
        _spread(column, [0.0] * len(column), [1.0] * len(column), room, y)
    sweeps = _SWEEPS // 2 if len(room) > _LARGE else 2 * _SWEEPS
    for sweep in range(sweeps):
        both = sweep >= sweeps // 2
        forth = sweep % 2 == 0
        for column in columns if forth else reversed(columns):
            wanted, weights = [], []
            for vertex in column:
                beside = before[vertex] + after[vertex] if both else before[vertex] if forth else after[vertex]
                weight = [_weight(vertex, other, nodes) for other in beside]
                pulled = sum(w * y[other] for w, other in zip(weight, beside, strict=True))
                wanted.append(pulled / sum(weight) if weight else y[vertex])
                weights.append(sum(weight) if weight else 0.1)
            _spread(column, wanted, weights, room, y)
    return _levelled(columns, before, after, room, nodes, y)


def _levelled(
    columns: list[_Column],
    before: list[list[int]],
    after: list[list[int]],
    room: Sequence[Size],
    nodes: int,
    y: list[float],
) -> list[float]:
    """Long edges at one height rather than as stairs, where there is room: their ends alone bend."""
    run_of: dict[int, list[int]] = {}
    for vertex in range(nodes, len(room)):
        if before[vertex][0] < nodes:
            run = [vertex]
            while after[run[-1]][0] >= nodes:
                run.append(after[run[-1]][0])
            run_of.update(dict.fromkeys(run, run))
    for _ in range(3):
        mean = {vertex: sum(y[each] for each in run) / len(run) for vertex, run in run_of.items()}
        for column in columns:
            wanted = [mean.get(vertex, y[vertex]) for vertex in column]
            _spread(column, wanted, [float(len(run_of.get(vertex, (1,)))) for vertex in column], room, y)
    return y


def _weight(vertex: int, other: int, nodes: int) -> float:
    """How much an edge wants to be level: most where it is a piece of a long one."""
    return (1.0, 2.0, 8.0)[(vertex >= nodes) + (other >= nodes)]


def _spread(
    column: _Column, wanted: Sequence[float], weights: Sequence[float], room: Sequence[Size], y: list[float]
) -> None:
    """Puts the vertices of a column, in order and apart, where the weighted squares of their shifts are least."""
    gaps = [(room[upper].height + room[lower].height) / 2 + APART for upper, lower in pairwise(column)]
    for vertex, place in zip(column, spaced(wanted, weights, gaps), strict=True):
        y[vertex] = place


def _placed(found: Layers, count: int) -> Found:
    """The columns side by side, wider apart where edges are steep, and the routes through them."""
    columns, y, room, chains = found.columns, found.heights, found.room, found.chains
    widths = [max((room[vertex].width for vertex in column), default=0.0) for column in columns]
    column_of = {vertex: index for index, column in enumerate(columns) for vertex in column}
    steepest = [0.0] * len(columns)
    for chain in chains:
        for left, right in pairwise(chain):
            steepest[column_of[left]] = max(steepest[column_of[left]], abs(y[left] - y[right]))
    middles, x = [], 0.0
    for width, steep in zip(widths, steepest, strict=True):
        middles.append(x + width / 2)
        x += width + COLUMN_GAP + room_for(steep)
    centers = [Point(middles[column_of[vertex]], y[vertex]) for vertex in range(len(room))]
    # A bend takes the whole width of its column, that the edge may not touch what stands above it.
    stations = [
        _Station(center, room[v].width if v < count else widths[column_of[v]], widths[column_of[v]])
        for v, center in enumerate(centers)
    ]
    return Found(tuple(centers[:count]), tuple(partial(_through, [stations[v] for v in chain]) for chain in chains))


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
