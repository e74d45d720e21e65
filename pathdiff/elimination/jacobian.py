"""The part of a derivative graph that a Jacobian is accumulated on: several nodes, with respect to several others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from heapq import heapify, heappop, heappush

from pathdiff.elimination.sets import Set, members
from pathdiff.graph import Graph, Label


@dataclass(frozen=True)
class Jacobian:
    """What lies on some path from one of the nodes `of` to one of the names `wrt`, as vertex elimination takes it.

    The vertices 0, 1, ... are the nodes to be eliminated, in the order in which the spec names them; after them come
    the columns, one for each of `wrt`, and the rows, one for each of `of`. A node that is both a row and used by others
    is eliminated like them: it has a copy as its row, to which an edge leads whose label is 1. In the same way a node
    that is asked for as a column and has arguments between has a copy as its column.
    """

    of: tuple[str, ...]
    """Those of the nodes asked for that depend on one of `wrt`, in the order asked for."""
    wrt: tuple[str, ...]
    """Those of the names asked for that one of `of` depends on, in the order asked for."""
    names: tuple[str, ...]
    """The name of each vertex; a copy has that of its node."""
    count: int
    """How many vertices are to be eliminated."""
    arguments: tuple[Set, ...]
    """For each vertex those that its edges lead to in the derivative graph."""
    users: tuple[Set, ...]
    """For each vertex those with an edge to it."""
    labels: Mapping[tuple[int, int], Label]
    """The label of each edge (v, u); an edge to or from a copy has none."""
    columns: Mapping[str, int]
    """The vertex of each of `wrt`."""
    rows: Mapping[str, int]
    """The vertex of each of `of`."""

    @cached_property
    def copied_arguments(self) -> tuple[int, ...]:
        """For each vertex to be eliminated how many of its arguments are its own copy: 1 or 0."""
        return self._copied(self.arguments, self.columns)

    @cached_property
    def copied_users(self) -> tuple[int, ...]:
        """The same of its users."""
        return self._copied(self.users, self.rows)

    def _copied(self, near: Sequence[Set], copies: Mapping[str, int]) -> tuple[int, ...]:
        mine = (near[v] >> copies[self.names[v]] & 1 if self.names[v] in copies else 0 for v in range(self.count))
        return tuple(mine)

    @property
    def intermediates(self) -> tuple[str, ...]:
        """The names of the nodes to be eliminated, in the order in which the spec names them."""
        return self.names[: self.count]

    @cached_property
    def unit_labels(self) -> frozenset[tuple[str, str]]:
        """The edges of the derivative graph whose label is the constant 1 or -1."""
        return frozenset((label.of, label.wrt) for label in self.labels.values() if label.is_unit)

    @cached_property
    def units(self) -> frozenset[tuple[int, int]]:
        """The edges whose label is the constant 1 or -1, and those to and from copies."""
        plain = {edge for edge, label in self.labels.items() if (label.of, label.wrt) in self.unit_labels}
        every = ((v, u) for v, found in enumerate(self.arguments) for u in members(found))
        return frozenset(plain.union(edge for edge in every if edge not in self.labels))

    @cached_property
    def forward_order(self) -> tuple[int, ...]:
        """The vertices to be eliminated, each after its arguments; of those that may come next the one named first."""
        waiting = [(found & (1 << self.count) - 1).bit_count() for found in self.arguments[: self.count]]
        ready = [v for v in range(self.count) if not waiting[v]]
        heapify(ready)
        order = []
        while ready:
            v = heappop(ready)
            order.append(v)
            for user in members(self.users[v] & (1 << self.count) - 1):
                waiting[user] -= 1
                if not waiting[user]:
                    heappush(ready, user)
        return tuple(order)

    @cached_property
    def components(self) -> tuple[tuple[int, ...], ...]:
        """The vertices to be eliminated in classes that no edge joins: what one class costs is no matter of others."""
        left, inner = (1 << self.count) - 1, (1 << self.count) - 1
        found = []
        while left:
            component, fresh = 0, left & -left
            while fresh:
                component |= fresh
                near = 0
                for v in members(fresh):
                    near |= self.arguments[v] | self.users[v]
                fresh = near & inner & ~component
            found.append(tuple(members(component)))
            left &= ~component
        return tuple(found)


def jacobian(derivative: Graph, of: Iterable[str], wrt: Iterable[str]) -> Jacobian:
    """The part between several nodes and others; any nodes of the graph may be asked for on both sides. O(V + E)."""
    asked, ends = tuple(dict.fromkeys(of)), tuple(dict.fromkeys(wrt))
    inside = _reached(derivative.adj, asked) & _reached(derivative.pred, ends)
    asked, ends = tuple(p for p in asked if p in inside), tuple(x for x in ends if x in inside)
    used = {name for name in inside if any(user in inside for user in derivative.pred[name])}
    uses = {name for name in inside if any(argument in inside for argument in derivative.adj[name])}
    known = [name for name in derivative if name in inside]
    inner = [name for name in known if name in used and name in uses]
    names = (*inner, *ends, *asked)
    vertex = {name: v for v, name in enumerate(inner)}
    columns = {name: len(inner) + i for i, name in enumerate(ends)}
    rows = {name: len(inner) + len(ends) + i for i, name in enumerate(asked)}
    tail, head = {**rows, **vertex}, {**columns, **vertex}
    labels = {
        (tail[name], head[argument]): derivative.edges[name, argument]["label"]
        for name in known
        for argument in derivative.adj[name]
        if argument in inside
    }
    copies = [(vertex[name], columns[name]) for name in ends if name in vertex]
    copies += [(rows[name], head[name]) for name in asked if name in head]
    arguments, users = [0] * len(names), [0] * len(names)
    for v, u in (*labels, *copies):
        arguments[v] |= 1 << u
        users[u] |= 1 << v
    return Jacobian(asked, ends, names, len(inner), tuple(arguments), tuple(users), labels, columns, rows)


def _reached(neighbours: Mapping[str, Iterable[str]], start: Iterable[str]) -> set[str]:
    reached = set(start)
    waiting = list(reached)
    while waiting:
        for name in neighbours[waiting.pop()]:
            if name not in reached:
                reached.add(name)
                waiting.append(name)
    return reached
