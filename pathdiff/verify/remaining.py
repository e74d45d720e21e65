"""What is left of the spec's own edges while nodes are eliminated, and what that has cost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from copy import deepcopy
from heapq import heapify, heappop, heappush

from pathdiff.derivation import Spent
from pathdiff.spec import Spec
from pathdiff.verify.composition import Composition
from pathdiff.verify.verdict import Edge

End = tuple[str, str]
"""("row", p) or ("column", x): what is never eliminated."""
Vertex = str | End
Pair = tuple[Vertex, Vertex]


class Remaining:
    """The edges between vertices. To eliminate one joins each of its users to each of its arguments.

    A node asked for on either side that has edges on both sides is eliminated; an edge without a label joins it to its
    end, and one joins both ends of a node that is asked for on both sides. These edges are copies, their products free.
    """

    def __init__(
        self, spec: Spec, functions: Iterable[Composition], columns: Iterable[str], units: AbstractSet[Edge]
    ) -> None:
        found = list(functions)
        rows = {function.of for function in found}
        self.known_edges = dict.fromkeys(edge for function in found for edge in function.edges)
        ends = {x for x in columns if any(x in function.arguments for function in found)}
        used, uses = {u for _, u in self.known_edges}, {v for v, _ in self.known_edges}
        self.inner = tuple(name for name in spec.nodes if name in used and name in uses)
        inner = set(self.inner)
        self.edges: dict[Pair, Edge] = {
            (v if v in inner else self.row(v), u if u in inner else self.column(u)): (v, u) for v, u in self.known_edges
        }
        """The edges with labels."""
        copies: set[Pair] = {(x, self.column(x)) for x in ends & inner} | {(self.row(p), p) for p in rows & inner}
        copies |= {(self.row(p), self.column(p)) for p in rows & ends - inner}
        self.arguments: dict[Vertex, set[Vertex]] = {}
        self.users: dict[Vertex, set[Vertex]] = {}
        self.units: dict[Vertex, set[Vertex]] = {}
        for v, u in (*self.edges, *copies):
            self.arguments.setdefault(v, set()).add(u)
            self.users.setdefault(u, set()).add(v)
            if (v, u) in copies or self.edges[v, u] in units:
                self.units.setdefault(v, set()).add(u)
        self.spent = Spent(0, 0, 0)
        self.names = {*spec.independents, *spec.nodes}
        """The names that stand for something."""

    @staticmethod
    def row(name: str) -> End:
        """The end for one of the nodes that are derived."""
        return "row", name

    @staticmethod
    def column(name: str) -> End:
        """The end for one of the names that are derived with respect to."""
        return "column", name

    @staticmethod
    def name(vertex: Vertex) -> str:
        """The name of the node that a vertex is, or is an end for."""
        return vertex if isinstance(vertex, str) else vertex[1]

    def is_copy(self, pair: Pair) -> bool:
        """Whether an edge of a node that is not yet eliminated joins it to its own end."""
        return self.name(pair[0]) == self.name(pair[1])

    def copy(self) -> Remaining:
        """The same, to be gone on with in another way."""
        return deepcopy(self)

    def price(self, v: str) -> int:
        """How many multiplications it takes to eliminate a node now."""
        arguments, users = self.arguments[v], self.users[v]
        return (len(arguments) - (self.column(v) in arguments)) * (len(users) - (self.row(v) in users))

    def eliminate(self, v: str) -> None:
        """Eliminates a node, and adds up what that costs."""
        multiplications, additions, without_units = self.spent
        multiplications += self.price(v)
        arguments, users, by_unit = self.arguments.pop(v), self.users.pop(v), self.units.pop(v, set())
        for w in users:
            mine, unit = self.arguments[w], self.units.get(w, set())
            additions += len(mine & arguments)
            free = v in unit
            without_units += 0 if free else len(arguments) - len(by_unit)
            self.units[w] = (unit - arguments - {v}) | (by_unit - mine if free else set())
            mine |= arguments
            mine.remove(v)
        for u in arguments:
            self.users[u] |= users
            self.users[u].remove(v)
        self.spent = Spent(multiplications, additions, without_units)

    def cheapest_first(self, rank: Mapping[str, int]) -> tuple[str, ...]:
        """Eliminates all nodes, each time the one that is cheapest then, of equals that of the lowest rank."""
        waiting = [(self.price(v), rank[v], v) for v in self.inner]
        heapify(waiting)
        order: dict[str, None] = {}
        while waiting:
            price, _, v = heappop(waiting)
            if v in order or price != self.price(v):
                continue
            order[v] = None
            near = [other for other in (*self.arguments[v], *self.users[v]) if isinstance(other, str)]
            self.eliminate(v)
            for other in near:
                heappush(waiting, (self.price(other), rank[other], other))
        return tuple(order)
