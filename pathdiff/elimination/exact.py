"""The cheapest order of a small component, by dynamic programming over the sets of vertices that are eliminated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import Final

from pathdiff.elimination.component import Component
from pathdiff.elimination.sets import Set, members, reach

ALWAYS: Final = 17
"""A component of so many vertices is always solved."""
MOST_PRICES: Final = ALWAYS * 2 ** (ALWAYS - 1)
"""How many eliminations are priced before a larger one is given up."""
ASKED_EVERY: Final = 256
"""After so many sets it is asked whether the time is over."""


@dataclass(frozen=True, slots=True)
class Solved:
    """What is known of the cheapest order."""

    order: tuple[int, ...] | None
    """An order cheaper than the one that was known; None where there is none, or none was found."""
    floor: int
    """What every order costs at least: what the cheapest one costs, unless the search was given up."""


def solved(
    component: Component, known: int, most: int = MOST_PRICES, over: Callable[[], bool] = lambda: False
) -> Solved:
    """The cheapest order, where one costs `known`: the shortest way from no vertex eliminated to all.

    The graph after some eliminations is the same in whatever order they were made, so there is one state for each set
    of vertices: O(2^V) of them (Bentert, Crane, Drange, Mizutani and Sullivan 2025). A step is as long as the vertex
    costs there above its floor, and nearest states come first (Dijkstra 1959), so that what the nearest open one has
    cost bounds every order from below, also when `most` prices are worked out, or the time is `over`, and the search
    ends.
    """
    floor, every = component.floor, (1 << len(component.vertices)) - 1
    distance: dict[Set, int] = {0: 0}
    last: dict[Set, int] = {}
    waiting = [(0, 0, 0)]
    prices = opened = 0
    while waiting:
        far, _, gone = heappop(waiting)
        if far > distance[gone]:
            continue
        if gone == every:
            return Solved(_way(last, every), floor + far)
        opened += 1
        if prices > most or (opened % ASKED_EVERY == 0 and over()):
            return Solved(None, floor + far)
        for v in members(every & ~gone):
            prices += 1
            arguments = reach(component.arguments[v], gone, component.arguments)
            users = reach(component.users[v], gone, component.users)
            reached, length = gone | 1 << v, far + component.price(v, arguments, users) - component.floors[v]
            if floor + length < known and length < distance.get(reached, known):
                distance[reached], last[reached] = length, v
                heappush(waiting, (length, -reached.bit_count(), reached))
    return Solved(None, known)


def _way(last: dict[Set, int], gone: Set) -> tuple[int, ...]:
    order = []
    while gone:
        order.append(last[gone])
        gone ^= 1 << last[gone]
    return tuple(reversed(order))
