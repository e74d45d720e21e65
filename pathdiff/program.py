"""A spec as a straight line of operations on numbers: the forward pass, and the backward pass of its transpose.

What code says and what is computed for many points at once, in the same order and with the same formulas.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import networkx as nx

from pathdiff.cancellation import uncancelled
from pathdiff.diagnostics import InputError
from pathdiff.expression import OWN, ZERO, Tree, fold, mul, neg, rebuilt, slot
from pathdiff.graph import Graph, computation_graph
from pathdiff.partials import partials
from pathdiff.spec import Node, Spec
from pathdiff.stable import recast, stable


@dataclass(frozen=True, slots=True)
class Line:
    """The value of a node."""

    name: str
    tree: Tree
    """In the slots of the program's names, as floating point wants it."""


@dataclass(frozen=True, slots=True)
class Adjoint:
    """One line of the backward pass: the adjoint of a node is the sum over its users of adjoint times label."""

    name: str
    seeded: bool
    """Whether the node is one of those that the backward pass begins with."""
    terms: tuple[tuple[str, Tree], ...]
    """For each user that has an adjoint its name and the label of the edge to it, in the slots of the names."""


@dataclass(frozen=True, slots=True)
class Program:
    """Both passes; real scalars, or arrays of them, number by number."""

    names: tuple[str, ...]
    """What stands in each slot: independent names, then nodes."""
    inputs: tuple[str, ...]
    """The independent names that are used."""
    of: tuple[str, ...]
    wrt: tuple[str, ...]
    """Those of the names asked for that `of` depends on."""
    forward: tuple[Line, ...]
    """Each node after those that it uses."""
    backward: tuple[Adjoint, ...]
    """Each node after its users: every edge between `wrt` and `of` is in one term."""


def program(spec: Spec, of: Sequence[str], wrt: Iterable[str], graph: Graph | None = None) -> Program:
    """The passes that compute some nodes, and their derivatives with respect to others. Raises InputError.

    Reverse mode (Linnainmaa 1970): cost O(V + E) of what `of` depends on, and so is what it takes to run them.

    >>> from pathdiff.reader import read_spec
    >>> found = program(read_spec("z = x*y; p = sin(z) + x", inline=True), ["p"], ["x"])
    >>> [line.name for line in found.forward], [(each.name, len(each.terms)) for each in found.backward]
    (['z', 'p'], [('p', 0), ('z', 1), ('x', 2)])
    """
    graph = computation_graph(spec) if graph is None else graph
    needed = set(of).union(*(nx.ancestors(graph, name) for name in of))
    refuse_abstract(spec, needed)
    order = [name for name in nx.topological_sort(graph) if name in needed]
    names = (*spec.independents, *spec.nodes)
    place = {name: index for index, name in enumerate(names)}
    wanted = tuple(dict.fromkeys(name for name in wrt if name in needed))
    below = set(wanted)  # what depends on one of them
    for name in order:
        node = spec.nodes.get(name)
        if node is not None and any(argument in below for argument in node.arguments):
            below.add(name)
    nodes = [spec.nodes[name] for name in order if name in spec.nodes]
    forward = tuple(Line(node.name, _placed(node, stable(_tree(node)), place)) for node in nodes)
    terms: dict[str, list[tuple[str, Tree]]] = {name: [] for name in reversed(order) if name in below}
    for node in reversed(nodes):
        found = partials(recast(_tree(node)), accurate=True)
        for index, argument in enumerate(node.arguments):
            if argument in below:
                label = _grouped(stable(uncancelled(found.get(index, ZERO))))
                terms[argument].append((node.name, _placed(node, label, place)))
    seeds = set(of)
    backward = tuple(Adjoint(name, name in seeds, tuple(edges)) for name, edges in terms.items())
    inputs = tuple(name for name in spec.independents if name in needed)
    return Program(names, inputs, tuple(of), wanted, forward, backward)


def refuse_abstract(spec: Spec, needed: Iterable[str]) -> None:
    """Raises InputError for each abstract node among those that are needed: it has no value."""
    names = set(needed)
    abstract = [node for name, node in spec.nodes.items() if name in names and node.abstract]
    if abstract:
        raise InputError(
            node.text.problem("no-value", f"`{node.name}` is abstract, so it has no value", hint="write its expression")
            for node in abstract
        )


def _tree(node: Node) -> Tree:
    assert node.tree is not None  # abstract nodes are refused
    return node.tree


def _grouped(label: Tree) -> Tree:
    """A product with what several labels of a node share in one bracket: w*(h*sigmoid(-s)) and x*(h*sigmoid(-s))."""
    if label.kind == "neg":
        return neg(_grouped(label.args[0]))
    if label.kind != "*":
        return label
    own = [part for part in label.args if not (part.kind == "number" or (part.kind == "slot" and part.value != OWN))]
    others = [part for part in label.args if part not in own]
    own.sort(key=lambda part: part.kind != "slot")  # h first
    return mul(*others, mul(*own)) if len(own) > 1 and others else mul(*others, *own)


def _placed(node: Node, tree: Tree, place: dict[str, int]) -> Tree:
    """A tree in the slots of a node's arguments, in the slots of all names."""

    def combine(part: Tree, args: list[Tree]) -> Tree:
        if part.kind == "slot":
            assert isinstance(part.value, int)
            return slot(place[node.name if part.value == OWN else node.arguments[part.value]])
        return rebuilt(part, args) if args else part

    return fold(tree, combine)
