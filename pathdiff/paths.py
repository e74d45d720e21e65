"""Paths of the derivative graph: counted, listed, ranked, drawn at random, summed (Bauer 1974)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import chain, islice, pairwise, repeat
from operator import add
from random import Random
from typing import Final

from pathdiff.derivation import Count, Partial, Path, PathSum, Product, digits
from pathdiff.graph import Between

Tail = tuple[str, "Tail | None"]
"""The end of a path: a node, and the tail after it, which other paths share."""

LARGEST_BLOCK: Final = 4096
"""How many names the paths to one node may have together for them to be made at once, and put before many a tail."""
LARGEST_STORE: Final = 2**20
"""How many names of such paths are kept at most."""


def ways(part: Between) -> dict[str, int]:
    """How many paths lead from `of` to each node. Dynamic programming, cost O(V + E) additions."""
    count = {part.of: 1}
    for name in part.order[1:]:
        count[name] = sum(count[user] for user in part.users[name])
    return count


class Paths:
    """The paths from `of` to one other node, however many: each tuple of node names runs from `of` to `wrt`.

    They come by the last node before `wrt`, then by the one before that, and so on, nodes in the order of `part`; so
    paths that share a tail are neighbours. A path's rank is its place in this order, which counts from 1. There is none
    to a node that is not one of `part.wrt`.

    >>> from pathdiff.graph import between, computation_graph, derivative_graph
    >>> from pathdiff.reader import read_spec
    >>> graph = derivative_graph(computation_graph(read_spec("z = x*y; p = sin(z) + x", inline=True)))
    >>> found = Paths(between(graph, "p", ["x"]), "x")
    >>> found.count, list(found), found.nth(2), found.rank(("p", "x"))
    (2, [('p', 'x'), ('p', 'z', 'x')], ('p', 'z', 'x'), 1)
    """

    def __init__(self, part: Between, wrt: str, heads: Heads | None = None) -> None:
        """With `heads` that the paths to other nodes of the part have too, what leads to all of them is done once."""
        self.part = part
        self.of = part.of
        self.wrt = wrt
        self.heads = Heads(part) if heads is None else heads

    @property
    def ways_to(self) -> dict[str, int]:
        """How many paths lead from `of` to each node."""
        return self.heads.count

    @cached_property
    def ways_from(self) -> dict[str, int]:
        """How many paths lead from each node to `wrt`; without those that have none. Cost O(V + E) additions."""
        count = {self.wrt: 1} if self.count else {}
        for name in reversed(self.part.order):
            if name not in count:
                found = sum(count.get(argument, 0) for argument in self.part.arguments[name])
                if found:
                    count[name] = found
        return count

    @property
    def count(self) -> int:
        """How many paths there are, exactly. Cost O(V + E) additions, once."""
        return self.ways_to[self.wrt] if self.wrt in self.heads.ends else 0

    def __iter__(self) -> Iterator[Path]:
        """Every path, one at a time, in order; in memory of O(V + E), and `LARGEST_STORE`, however many there are.

        Cost O(length) each: no dead end is entered. The short list of paths to a node of few is made once, and each
        tail that begins there put behind all of it.
        """
        return chain.from_iterable(self._blocks())

    def __contains__(self, path: object) -> bool:
        """Whether it is one of the paths; none is listed. Cost as of `rank`."""
        try:
            return isinstance(path, tuple) and self.rank(path) > 0
        except ValueError:
            return False

    def _blocks(self) -> Iterator[Iterable[Path]]:
        """The paths by their tails."""
        if not self.count:
            return
        stack: list[Tail] = [(self.wrt, None)]
        while stack:
            node, after = tail = stack.pop()
            # No list of the paths to `wrt` itself: nobody may want more than the first of them.
            if node == self.of or (after and self.heads.size[node] <= LARGEST_BLOCK):
                yield map(add, self.heads[node], repeat(told(after)))
            else:
                stack.extend((user, tail) for user in reversed(self.part.users[node]))

    def nth(self, rank: int) -> Path:
        """The path of a rank, none of those before it listed. Raises IndexError. Cost O(length · degree) additions.

        Unranking by the counts of the dynamic programme (Nijenhuis and Wilf 1978).
        """
        if not 1 <= rank <= self.count:
            raise IndexError(f"{self._how_many()}, so none has the rank {digits(rank)}")
        before = rank - 1
        path = [self.wrt]
        while path[-1] != self.of:
            for user in self.part.users[path[-1]]:
                if before < self.ways_to[user]:
                    path.append(user)
                    break
                before -= self.ways_to[user]
        return tuple(reversed(path))

    def rank(self, path: Sequence[str]) -> int:
        """The rank of a path, the inverse of `nth`. Cost O(length · degree) additions.

        Raises ValueError where it is no path from `of` to `wrt`, saying which edge is missing.
        """
        if not self.count:
            raise ValueError(self._how_many())
        if not path or path[0] != self.of or path[-1] != self.wrt:
            raise ValueError(f"a path here runs from {self.of} to {self.wrt}")
        before = 0
        for user, name in pairwise(path):
            users = self.part.users.get(name, ())
            if user not in users:
                raise ValueError(f"no path from {self.of} to {self.wrt} has an edge {user} -> {name}")
            before += sum(self.ways_to[other] for other in users[: users.index(user)])
        return before + 1

    def sample(self, n: int, seed: int = 0) -> Iterator[Path]:
        """So many paths drawn at random, each with the same chance every time; one may come twice.

        The same seed draws the same paths. Raises IndexError where there is no path. Cost as of `nth`, each.
        """
        if not self.count:
            raise IndexError(self._how_many())
        draw = Random(seed).randrange
        return (self.nth(draw(self.count) + 1) for _ in range(n))

    def _how_many(self) -> str:
        told = "is 1 path" if self.count == 1 else f"are {digits(self.count)} paths"
        return f"there {told} from {self.of} to {self.wrt}"

    def __repr__(self) -> str:
        return f"<the paths from {self.of} to {self.wrt}>"


class Heads(dict[str, list[Path]]):
    """The paths from `of` to those nodes that have a few short ones, each list in order, made when first asked for."""

    def __init__(self, part: Between) -> None:
        super().__init__()
        self.part = part
        self._room = LARGEST_STORE

    @cached_property
    def ends(self) -> frozenset[str]:
        """The nodes to which paths lead."""
        return frozenset(self.part.wrt)

    @cached_property
    def count(self) -> dict[str, int]:
        """How many paths lead from `of` to each node."""
        return ways(self.part)

    @cached_property
    def size(self) -> dict[str, int]:
        """How many names the paths to each node have together."""
        size = {self.part.of: 1}
        for name in self.part.order[1:]:
            size[name] = self.count[name] + sum(size[user] for user in self.part.users[name])
        return size

    def __missing__(self, node: str) -> list[Path]:
        made = []
        stack: list[Tail] = [(node, None)]
        while stack:
            tail = stack.pop()
            if tail[0] == self.part.of:
                made.append(told(tail))
            else:
                stack.extend((user, tail) for user in reversed(self.part.users[tail[0]]))
        if self.size[node] <= self._room:
            self._room -= self.size[node]
            self[node] = made
        return made


def told(tail: Tail | None) -> Path:
    """The nodes of a tail, as a path has them."""
    nodes = []
    while tail is not None:
        nodes.append(tail[0])
        tail = tail[1]
    return tuple(nodes)


def path_sums(part: Between, wrt: Iterable[str], limit: int, edges: int, least: int = 0) -> Iterator[PathSum]:
    """For each of some names the sum over the first `limit` paths from `of` to it, and the count of all.

    Of long paths fewer are listed, so that they have `edges` edges together at most, but `least` all the same.
    """
    heads = Heads(part)
    for name in wrt:
        found = Paths(part, name, heads)
        listed = tuple(islice(found, min(limit, max(least, edges // max(1, part.depth.get(name, 1))))))
        yield PathSum(found.count, listed, tuple(map(path_product, listed)))


def path_product(path: Path) -> Product:
    """The labels along a path, in its order; no factor for the path of a single node, whose product is 1."""
    return Product(tuple(Partial(v, u) for v, u in pairwise(path)))


def path_sum_costs(part: Between) -> dict[str, Count]:
    """For each node what it costs to multiply along every path to it from `of`, and to add up.

    Dynamic programming over counts and lengths of paths, O(V + E) for all nodes together.
    """
    count = ways(part)
    edges = {part.of: 0}
    for name in part.order[1:]:
        edges[name] = sum(edges[user] + count[user] for user in part.users[name])
    return {name: Count(edges[name] - count[name], count[name] - 1) for name in part.order if name != part.of}
