"""The two graphs: the computation graph, and the derivative graph, which is its reverse with a label on each edge."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import networkx as nx

from pathdiff.diagnostics import Diagnostic, InputError
from pathdiff.expression import ONE, ZERO, Expression, neg
from pathdiff.limits import limit, to_raise
from pathdiff.partials import partials, visible
from pathdiff.spec import Node, Spec

if TYPE_CHECKING:
    Graph = nx.DiGraph[str]
else:
    Graph = nx.DiGraph


@dataclass(frozen=True, slots=True)
class Label:
    """The local partial ∂v/∂u on an edge v -> u of the derivative graph, made when asked for."""

    node: Node
    """v, the node whose expression is differentiated."""
    index: int
    """Which of its arguments u is."""

    @property
    def of(self) -> str:
        """v."""
        return self.node.name

    @property
    def wrt(self) -> str:
        """u."""
        return self.node.arguments[self.index]

    @property
    def expression(self) -> Expression | None:
        """The partial as a textbook writes it, in node names, v's own among them; None where v is abstract."""
        if self.node.tree is None:
            return None
        tree = visible(partials(self.node.tree).get(self.index, ZERO), self.node.hidden)
        return Expression(tree, self.node.arguments, self.node.name)

    @property
    def sympy(self) -> Any:
        """The partial as a SymPy expression in real symbols; ∂v/∂u itself, unevaluated, where v is abstract."""
        from pathdiff.symbolic import abstract_partial, to_sympy

        expression = self.expression
        return abstract_partial(self.node, self.index) if expression is None else to_sympy(expression)

    @property
    def is_unit(self) -> bool:
        """Whether the partial is the constant 1 or -1."""
        expression = self.expression
        return expression is not None and expression.tree in (ONE, neg(ONE))

    def _sympy_(self) -> Any:
        return self.sympy

    def __str__(self) -> str:
        expression = self.expression
        return f"∂{self.of}/∂{self.wrt}" if expression is None else str(expression)


def computation_graph(spec: Spec) -> Graph:
    """The graph with an edge u -> v where v's text names u, once however often it does.

    Each node carries `role`: "input", "parameter", "intermediate" or "dependent" (no one uses it), and
    `node`, what the spec says of it (None for an independent one). Cost O(V + E).

    >>> from pathdiff.reader import read_spec
    >>> graph = computation_graph(read_spec("z = x*y; p = sin(z) + x", inline=True))
    >>> sorted(graph.edges)
    [('x', 'p'), ('x', 'z'), ('y', 'z'), ('z', 'p')]
    """
    graph: Graph = nx.DiGraph(title=spec.title)
    graph.add_nodes_from(spec.inputs, role="input", node=None)
    graph.add_nodes_from(spec.parameters, role="parameter", node=None)
    graph.add_nodes_from((name, {"role": "dependent", "node": node}) for name, node in spec.nodes.items())
    for node in spec.nodes.values():
        graph.add_edges_from((argument, node.name) for argument in node.arguments)
    for name in {argument for node in spec.nodes.values() for argument in node.arguments} & spec.nodes.keys():
        graph.nodes[name]["role"] = "intermediate"
    return graph


def arrows(graph: Graph) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """The edges of a graph, those from nodes with the same successors together: from each of some to each of others."""
    alike: dict[tuple[str, ...], list[str]] = {}
    for name in graph:
        alike.setdefault(tuple(graph.adj[name]), []).append(name)
    return [(tuple(sources), targets) for targets, sources in alike.items() if targets]


def derivative_graph(graph: Graph) -> Graph:
    """The graph with an edge v -> u for each edge u -> v of the computation graph, and its `label`, ∂v/∂u.

    In the literature of automatic differentiation: the linearized computational graph (Bauer 1974), reversed.
    The edges of a node come in the order in which its text uses its arguments. Labels are made when asked for.
    Cost O(V + E).
    """
    derivative: Graph = nx.DiGraph(**graph.graph)
    derivative.add_nodes_from(graph.nodes(data=True))
    for name, known in graph.nodes(data=True):
        node = known["node"]
        if node is not None:
            derivative.add_edges_from((name, u, {"label": Label(node, i)}) for i, u in enumerate(node.arguments))
    return derivative


@dataclass(frozen=True, slots=True)
class Between:
    """The part of a derivative graph that lies on some path from one node to one of several others.

    The order of the nodes is canonical: by `depth`, the longest distance from `of`, and within a depth as met when
    expressions are read from `of` on; the order of the nodes in a file has no part in it.
    """

    of: str
    wrt: tuple[str, ...]
    """Those of the nodes asked for that `of` depends on, in the order asked for."""
    order: tuple[str, ...]
    """Each node after those that use it; `of` is the first."""
    depth: dict[str, int]
    users: dict[str, tuple[str, ...]]
    """For each node the nodes with an edge to it, in `order`."""
    arguments: dict[str, tuple[str, ...]]
    """For each node the nodes that its edges lead to, in `order`."""
    labels: dict[tuple[str, str], Label]
    """The label of each edge (v, u)."""


def between(derivative: Graph, of: str, wrt: Iterable[str]) -> Between:
    """What lies between a node and others: only that is visited, and what else `of` depends on. Cost O(V + E) of it."""
    # With the users that `of` depends on, not all that there are: those of a node in between lie in between too.
    reached: dict[str, list[str]] = {of: []}
    queue = deque([of])
    while queue:
        name = queue.popleft()
        for argument in derivative.adj[name]:
            if argument not in reached:
                reached[argument] = []
                queue.append(argument)
            reached[argument].append(name)
    ends = tuple(dict.fromkeys(name for name in wrt if name in reached))
    inside = set(ends)
    queue = deque(ends)
    while queue:
        for user in reached[queue.popleft()]:
            if user not in inside:
                inside.add(user)
                queue.append(user)
    order, depth = _ranked(derivative, of, {name: len(reached[name]) for name in inside})
    rank = {name: position for position, name in enumerate(order)}
    users = {
        name: tuple(sorted(found, key=rank.__getitem__) if len(found) > 1 else found)
        for name, found in ((name, reached[name]) for name in order)
    }
    arguments: dict[str, tuple[str, ...]] = {}
    labels: dict[tuple[str, str], Label] = {}
    for name in order:
        edges = derivative.adj[name]
        used = [argument for argument in edges if argument in inside]
        labels.update(((name, argument), edges[argument]["label"]) for argument in used)
        arguments[name] = tuple(sorted(used, key=rank.__getitem__))
    return Between(of, ends, tuple(order), depth, users, arguments, labels)


def within_limit(parts: Iterable[Between]) -> Iterator[Between]:
    """What lies between several nodes and others, one after the other. Raises InputError beyond the limit `between`."""
    work = 0
    for number, part in enumerate(parts):
        if number and work > limit("between"):
            message = (
                f"there are more than {limit('between'):,} nodes and edges between the nodes asked for and the names"
            )
            hint = f"--of NODE asks for fewer of them; {to_raise('between')}"
            raise InputError([Diagnostic("too-many-derivatives", message, "--of", hint=hint)])
        work += len(part.order) + len(part.labels)
        yield part


def _ranked(derivative: Graph, of: str, waiting: dict[str, int]) -> tuple[list[str], dict[str, int]]:
    """The nodes by depth, ties as met, and the depths; `waiting` has how many users each has in between."""
    if of not in waiting:
        return [], {}
    depth = {of: 0}
    order = [of]
    for name in order:
        for argument in derivative.adj[name]:
            if argument in waiting:
                depth[argument] = max(depth.get(argument, 0), depth[name] + 1)
                waiting[argument] -= 1
                if not waiting[argument]:
                    order.append(argument)
    return sorted(order, key=depth.__getitem__), depth
