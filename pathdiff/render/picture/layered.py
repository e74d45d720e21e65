"""Columns without Graphviz: as many as the longest chain has, in an order with few crossings.

Sugiyama, Tagawa and Toda (1981).
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Final

from pathdiff.render.picture.columns import Layers, levelled, neighbours, settled, upright
from pathdiff.render.picture.geometry import NOTHING, Size

_SWEEPS: Final = 16
_LARGE: Final = 4000
"""Above so many vertices and pieces of edges fewer sweeps are made."""

_Column = list[int]


def layered(sizes: Sequence[Size], edges: Sequence[tuple[int, int]], nodes: int) -> Layers:
    """The places of blocks by their number; an edge (tail, head) has its tail on the left. The graph has no cycle.

    The first `nodes` blocks are nodes, the others lie on an edge and want it straight.

    The same for the same graph every time. Cost O(E log E) a sweep, pieces of edges counted.
    """
    rank = _ranks(len(sizes), edges)
    chains, rank = _chains(rank, edges)
    before, after = neighbours(chains, len(rank))
    starts = []
    for reverse in (False, True):
        columns: list[_Column] = [[] for _ in range(max(rank, default=0) + 1)]
        for vertex in _as_met(before, after, reverse=reverse):
            columns[rank[vertex]].append(vertex)
        starts.append(_ordered(columns, before, after))
    ordered = min(starts, key=lambda columns: _all_crossings(columns, after))
    room = (*sizes, *[NOTHING] * (len(rank) - len(sizes)))
    found = Layers(tuple(map(tuple, ordered)), room, tuple(map(tuple, chains)), nodes, (0.0,) * len(rank))
    return upright(levelled(settled(found)))


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
