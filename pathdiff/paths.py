"""Paths of the derivative graph: counted, listed, summed (Bauer 1974)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice, pairwise

from pathdiff.derivation import Count, Partial, Path, PathSum, Product
from pathdiff.graph import Between

_Tail = tuple[str, "_Tail | None"]
"""The end of a path: a node, and the tail after it, which other paths share."""


def ways(part: Between) -> dict[str, int]:
    """How many paths lead from `of` to each node. Dynamic programming, cost O(V + E) additions."""
    count = {part.of: 1}
    for name in part.order[1:]:
        count[name] = sum(count[user] for user in part.users[name])
    return count


def paths(part: Between, wrt: str) -> Iterator[Path]:
    """Every path from `of` to `wrt`, one at a time, in memory of O(V).

    They come by the last node before `wrt`, then by the one before that, and so on, nodes in the order of
    `part`; so paths that share a tail are neighbours. Cost O(length) each: no dead end is entered.

    >>> from pathdiff.graph import between, computation_graph, derivative_graph
    >>> from pathdiff.reader import read_spec
    >>> graph = derivative_graph(computation_graph(read_spec("z = x*y; p = sin(z) + x", inline=True)))
    >>> list(paths(between(graph, "p", ["x"]), "x"))
    [('p', 'x'), ('p', 'z', 'x')]
    """
    if wrt not in part.users:
        return
    stack: list[_Tail] = [(wrt, None)]
    while stack:
        tail: _Tail | None = stack.pop()
        assert tail is not None
        if tail[0] != part.of:
            stack.extend((user, tail) for user in reversed(part.users[tail[0]]))
            continue
        path = []
        while tail is not None:
            path.append(tail[0])
            tail = tail[1]
        yield tuple(path)


def path_sums(part: Between, wrt: Iterable[str], limit: int) -> Iterator[PathSum]:
    """For each of some names the sum over the first `limit` paths from `of` to it, and the count of all."""
    counts = ways(part)
    for name in wrt:
        listed = tuple(islice(paths(part, name), limit))
        yield PathSum(counts.get(name, 0), listed, tuple(map(path_product, listed)))


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
