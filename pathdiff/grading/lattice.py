"""What lies between two nodes, as vectors of evidence: labels, path products, and what each label is multiplied by."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from itertools import islice, pairwise
from typing import Final

from pathdiff.derivation import Path
from pathdiff.grading.evidence import Evidence, Instead, Vector
from pathdiff.graph import Between, Graph, Label, between
from pathdiff.paths import Paths
from pathdiff.verify.verdict import Edge

MOST_PATHS: Final = 60
"""Of more paths than this none is looked at alone, only all through an edge together."""
MOST_EDGES: Final = 300
"""More edges than this are not looked at one by one."""


class Lattice:
    """The part of a derivative graph between two nodes, with the values of its labels. Raises ValueError without."""

    def __init__(self, graph: Graph, of: str, wrt: str, evidence: Evidence) -> None:
        self.graph, self.of, self.wrt, self.evidence = graph, of, wrt, evidence
        self.part: Between = between(graph, of, [wrt])
        self.labels: dict[Edge, Vector] = {}
        for edge in self.part.labels:
            found = evidence.label(edge)
            if found is None:
                raise ValueError(f"∂{edge[0]}/∂{edge[1]} has no value")
            self.labels[edge] = found
        self._paths = Paths(self.part, wrt)
        self._through: dict[Edge, tuple[Path, ...]] = {}
        self.elsewhere: dict[Edge, list[Instead]] = {}
        """What labels are at other places, as far as it was looked for: the same for all claims."""

    @property
    def count(self) -> int:
        """How many paths there are."""
        return self._paths.count

    @cached_property
    def paths(self) -> list[Path]:
        """All of them; none where they are many."""
        return list(self._paths) if self.count <= MOST_PATHS else []

    def product(self, path: Path, without: tuple[Edge, ...] = ()) -> Vector:
        """The product of the labels along a path, some left out."""
        return self.evidence.multiply(self.labels[edge] for edge in pairwise(path) if edge not in without)

    @cached_property
    def products(self) -> list[Vector]:
        """The product along each path."""
        return [self.product(path) for path in self.paths]

    @cached_property
    def sum(self) -> Vector:
        """The derivative: the sum over all paths."""
        return self.down.get(self.wrt, self.evidence.constant(0)) if self.part.order else self.evidence.constant(0)

    @cached_property
    def down(self) -> dict[str, Vector]:
        """The sum over the paths from `of` to each node."""
        found = {self.of: self.evidence.constant(1)}
        for name in self.part.order[1:]:
            terms = [self.evidence.multiply((found[user], self.labels[user, name])) for user in self.part.users[name]]
            found[name] = self.evidence.add(terms)
        return found

    @cached_property
    def up(self) -> dict[str, Vector]:
        """The sum over the paths from each node to `wrt`."""
        found = {self.wrt: self.evidence.constant(1)}
        for name in reversed(self.part.order):
            if name != self.wrt:
                terms = [self.evidence.multiply((self.labels[name, u], found[u])) for u in self.part.arguments[name]]
                found[name] = self.evidence.add(terms)
        return found

    def around(self, edge: Edge) -> Vector:
        """What the label of an edge is multiplied by in the sum, over all paths through it."""
        return self.evidence.multiply((self.down[edge[0]], self.up[edge[1]]))

    def label(self, edge: Edge) -> Label:
        """The label of an edge as it is derived."""
        return self.part.labels[edge]

    def through(self, edge: Edge) -> tuple[Path, ...]:
        """The paths through an edge, as far as they are listed; else one of them."""
        if edge not in self._through:
            self._through[edge] = self._looked_through(edge)
        return self._through[edge]

    def _looked_through(self, edge: Edge) -> tuple[Path, ...]:
        if self.paths:
            return tuple(path for path in self.paths if edge in pairwise(path))
        first, last = ((self.of, edge[0]), (edge[1], self.wrt))
        head, tail = (next(iter(Paths(between(self.graph, v, [u]), u))) for v, u in (first, last))
        return ((*head, *tail),)

    def paths_elsewhere(self, most: int) -> Iterator[Path]:
        """Paths of the graph that are none of these: from `of` to other names, and from other nodes to `wrt`."""
        ends = [name for name in self.graph if name not in (self.of, self.wrt)]
        left = most
        for of, wrt in (*((self.of, end) for end in ends), *((end, self.wrt) for end in ends)):
            if left <= 0:
                return
            for path in islice(Paths(between(self.graph, of, [wrt]), wrt), left):
                left -= 1
                yield path
