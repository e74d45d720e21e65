"""One class of intermediate nodes that no edge joins to others, and what it costs at least to eliminate them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pathdiff.elimination.sets import Set, members

if TYPE_CHECKING:
    from pathdiff.elimination.jacobian import Jacobian  # which loads networkx: the processes of a search do without

MOST_WORK: Final = 600_000
"""How many vertices are gone through for the floors of a component, each way: some seconds at most."""


@dataclass(frozen=True, slots=True)
class Component:
    """A part of a Jacobian whose cost depends on the order of its own vertices only. Small enough to be sent around.

    Its vertices are 0, 1, ..., in the order in which the spec names them; greater numbers are rows and columns.
    """

    vertices: tuple[int, ...]
    """What each vertex is in the Jacobian."""
    arguments: tuple[Set, ...]
    users: tuple[Set, ...]
    copied_arguments: tuple[int, ...]
    copied_users: tuple[int, ...]
    floors: tuple[int, ...]
    """For each vertex what its elimination costs at least, whatever was eliminated before."""

    @property
    def floor(self) -> int:
        """What every order costs at least."""
        return sum(self.floors)

    def price(self, v: int, arguments: Set, users: Set) -> int:
        """How many multiplications the elimination of v takes when these are its arguments and its users."""
        return (arguments.bit_count() - self.copied_arguments[v]) * (users.bit_count() - self.copied_users[v])

    def priced(self, order: Sequence[int]) -> tuple[list[Set], list[Set], list[int]]:
        """For each vertex the arguments and the users that it has when it is eliminated, and what that costs."""
        arguments, users = list(self.arguments), list(self.users)
        inner = (1 << len(order)) - 1
        for v in order:
            before, after, bit = arguments[v], users[v], 1 << v
            for u in members(before & inner):
                users[u] = users[u] ^ bit | after
            for w in members(after & inner):
                arguments[w] = arguments[w] ^ bit | before
        return arguments, users, [self.price(v, arguments[v], users[v]) for v in range(len(order))]


def component(jacobian: Jacobian, vertices: tuple[int, ...], over: Callable[[], bool] = lambda: False) -> Component:
    """One of the components of a Jacobian, with the floors of its vertices.

    Whatever was eliminated before v, its arguments then are vertices that every path from v to a column passes, and no
    fewer than the least number of such (Menger 1927: as many as there are paths that share none); likewise its users,
    on the way to the rows. The product of the two least numbers is what v costs at least. O(V E) in all for vertices
    of few arguments and users. When the time is `over`, or of a large component `MOST_WORK` is done, the vertices that
    are left have floors that need no search.
    """
    number = {v: i for i, v in enumerate(vertices)}

    def local(found: Set) -> Set:
        return sum(1 << number.setdefault(v, len(number)) for v in members(found))

    arguments = tuple(local(jacobian.arguments[v]) for v in vertices)
    users = tuple(local(jacobian.users[v]) for v in vertices)
    copied = (
        tuple(jacobian.copied_arguments[v] for v in vertices),
        tuple(jacobian.copied_users[v] for v in vertices),
    )
    columns = [jacobian.columns.get(jacobian.names[v], -1) for v in vertices]
    rows = [jacobian.rows.get(jacobian.names[v], -1) for v in vertices]
    below = _least_cuts(arguments, len(number), columns, number, over)
    above = _least_cuts(users, len(number), rows, number, over)
    floors = tuple(a * b for a, b in zip(below, above, strict=True))
    return Component(vertices, arguments, users, *copied, floors)


def _least_cuts(
    near: Sequence[Set], count: int, copies: Sequence[int], number: dict[int, int], over: Callable[[], bool]
) -> list[int]:
    """For each vertex how few vertices every path from it to an end passes, itself and its own copy not counted.

    By augmenting paths (Ford and Fulkerson 1956) in the graph where each vertex is two, 2v where paths come in and
    2v + 1 where they go on, with room for one path between.
    """
    ends = sum(1 << 2 * v for v in range(len(near), count))
    residual = [0] * (2 * count)
    for v in range(count):
        residual[2 * v] = 1 << 2 * v + 1
    for v, found in enumerate(near):
        residual[2 * v + 1] = sum(1 << 2 * u for u in members(found))
    cuts, work = [], 0
    for v, copy in enumerate(copies):
        own = 1 << 2 * number[copy] if copy in number else 0
        first = residual[2 * v + 1] & ~own
        most = first.bit_count()
        work += most * count
        if most > 1 and (work > MOST_WORK or over()):
            most = 1  # there is some path to an end
        cuts.append(_disjoint_paths(residual, 2 * v + 1, first, ends & ~own, most) if most > 1 else most)
    return cuts


def _disjoint_paths(room: list[Set], start: int, first: Set, ends: Set, most: int) -> int:
    """How many paths without a common vertex lead from a start to ends; `room` is in the end as it was before."""
    before = {start: room[start]}
    room[start] = first
    try:
        return _augmented(room, start, ends, most, before)
    finally:
        for place, known in before.items():
            room[place] = known


def _augmented(room: list[Set], start: int, ends: Set, most: int, before: dict[int, Set]) -> int:
    """The same by augmenting `most` times at most; `before` gets what is changed in `room`."""
    for count in range(most):
        came: dict[int, int] = {}
        seen, waiting, end = 1 << start, [start], -1
        while waiting and end < 0:
            here = waiting.pop()
            fresh = room[here] & ~seen
            seen |= fresh
            for there in members(fresh):
                came[there] = here
                waiting.append(there)
            if fresh & ends:
                end = (fresh & ends).bit_length() - 1
        if end < 0:
            return count
        ends ^= 1 << end
        while end != start:
            last = came[end]
            for place in (last, end):
                before.setdefault(place, room[place])
            room[last] ^= 1 << end
            room[end] |= 1 << last
            end = last
    return most
