"""Paths: listing beside networkx and rustworkx, dead ends, and what takes no listing at all."""

from __future__ import annotations

import tracemalloc
from collections import deque
from collections.abc import Callable, Iterable
from importlib import import_module
from itertools import islice
from typing import Any

import networkx as nx
import pytest

import pathdiff
from pathdiff.graph import Graph, between
from pathdiff.paths import Paths

rustworkx: Any = import_module("rustworkx")  # typed or not, installed or not: mypy is not to mind


def graph_of(nodes: dict[str, str]) -> Graph:
    return pathdiff.build(nodes).derivative_graph


def layered(layers: int, width: int) -> Graph:
    """Layers of nodes between x and p, each of which uses the whole layer before it."""
    before, nodes = ["x"], dict[str, str]()
    for layer in range(layers):
        names = [f"a{layer}_{index}" for index in range(width)]
        nodes |= {name: f"{name}({', '.join(before)})" for name in names}
        before = names
    return graph_of({**nodes, "p": f"p({', '.join(before)})"})


def ladder(rungs: int) -> Graph:
    """p uses x, and the top of a ladder that does not reach x."""
    nodes = {"a0": "a0(w)", "b0": "b0(w)"}
    for rung in range(1, rungs):
        nodes |= {f"{side}{rung}": f"{side}{rung}(a{rung - 1}, b{rung - 1})" for side in "ab"}
    return graph_of({**nodes, "p": f"p(a{rungs - 1}, x)"})


def drained(paths: Iterable[Any]) -> int:
    """How many there are, none kept."""
    counted = deque(enumerate(paths, 1), maxlen=1)
    return counted[0][0] if counted else 0


def drain(paths: Iterable[Any]) -> None:
    deque(paths, maxlen=0)


@pytest.mark.parametrize("peer", ["networkx", "rustworkx"])
def test_listing_a_layered_graph(against: Any, peer: str) -> None:
    """8 layers of 5 nodes, 390,625 paths; each side begins with the whole graph.

    20 times as fast as networkx at least, better 40; twice as fast as rustworkx at least, better 4 times.
    """
    graph = layered(8, 5)
    numbers = {name: number for number, name in enumerate(graph)}
    in_rust = rustworkx.PyDiGraph()
    in_rust.add_nodes_from(list(graph))
    in_rust.add_edges_from([(numbers[v], numbers[u], None) for v, u in graph.edges])
    listed: dict[str, Callable[[], Any]] = {
        "networkx": lambda: nx.all_simple_paths(graph, "p", "x"),
        "rustworkx": lambda: rustworkx.all_simple_paths(in_rust, numbers["p"], numbers["x"]),
    }
    theirs = listed[peer]

    def ours() -> Paths:
        return Paths(between(graph, "p", ["x"]), "x")

    assert ours().count == drained(ours()) == drained(theirs()) == 5**8
    against("the 390,625 paths of 8 layers of 5", lambda: drain(ours()), peer, lambda: drain(theirs()), rounds=5)


class Counted(dict[Any, Any]):
    """The arguments of each node, and how often they were asked for."""

    visits = 0

    def __getitem__(self, name: Any) -> Any:
        self.visits += 1
        return super().__getitem__(name)


def visits(graph: Any, walk: Callable[[Graph], Any]) -> int:
    """How often the arguments of a node are looked up in a walk over the graph."""
    watched = graph.copy()
    watched._succ = watched._adj = Counted(watched._adj)
    walk(watched)
    return int(watched._adj.visits)


def test_a_ladder_of_dead_ends(against: Any, row: Any) -> None:
    """One path, and 2 ** 15 ways into a ladder from which the target can't be reached."""
    graph = ladder(16)

    def ours(graph: Graph) -> list[Any]:
        return list(Paths(between(graph, "p", ["x"]), "x"))

    def theirs(graph: Graph) -> list[Any]:
        return list(map(tuple, nx.all_simple_paths(graph, "p", "x")))

    assert ours(graph) == theirs(graph) == [("p", "x")]
    mine, other = visits(graph, ours), visits(graph, theirs)
    assert mine <= 3 * len(graph)
    assert other > 2**15
    row("look-ups past a ladder of 16 rungs that does not reach the target", f"{mine:,}", "networkx", f"{other:,}")
    against("the one path past it", lambda: ours(graph), "networkx", lambda: theirs(graph), rounds=5)


def test_count_and_any_path_of_60_layers_of_30(benchmark: Any, row: Any) -> None:
    """30 ** 60 paths: counted, and one from their middle made."""
    graph = layered(60, 30)

    def ours() -> tuple[int, Any]:
        found = Paths(between(graph, "p", ["x"]), "x")
        return found.count, found.nth(30**60 // 2)

    count, path = benchmark.pedantic(ours, rounds=5)
    assert count == 30**60
    assert Paths(between(graph, "p", ["x"]), "x").rank(path) == count // 2
    row("the count of 60 layers of 30 (4×10⁸⁸), and any path", benchmark.stats.stats.min)


def test_the_largest_of_60_layers_of_30(benchmark: Any, row: Any) -> None:
    """The 100 paths with the largest products of 30 ** 60."""
    before, nodes = ["x"], {}
    for layer in range(60):
        names = [f"a{layer}_{index}" for index in range(30)]
        for index, name in enumerate(names):
            terms = (f"{(7 * index + 3 * other + layer) % 97 + 1}/50*{u}" for other, u in enumerate(before))
            nodes[name] = " + ".join(terms)
        before = names
    found = pathdiff.build({**nodes, "p": " + ".join(before)}).paths("p", "x", at={"x": 1})
    assert found.values
    largest = benchmark.pedantic(lambda: list(found.top(100)), rounds=3)
    sizes = [round(float(abs(each.value)), -4) for each in largest]
    assert sizes == sorted(sizes, reverse=True)
    row("their 100 largest products at a point", benchmark.stats.stats.min)


def test_ten_million_paths_take_no_memory(row: Any) -> None:
    """Ten million paths of 5 ** 11 go by; what Python holds at most meanwhile, beside the graph, is a few megabytes."""
    part = between(layered(11, 5), "p", ["x"])
    tracemalloc.start()
    drain(islice(Paths(part, "x"), 10_000_000))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 16 * 2**20
    row("memory while ten million paths go by", f"{peak / 2**20:.2g} MB")
