"""The values of nodes and labels as a list of operations for the page's script: what it computes, and nothing else.

All are written as floating point wants them, so that little is lost to rounding: the label of h = tanh(s) is sech(s)².
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import networkx as nx

from pathdiff.explain import Explanation
from pathdiff.expression import ZERO, Expression, Tree, fold
from pathdiff.functions import ROWS
from pathdiff.partials import partials
from pathdiff.stable import recast

Operation = list[str | int | float] | float
"""A number, or the name of an operation with the places of its arguments; an input has its own number.

"about" has the double next to a number, "none" stands for one that is too large."""


@dataclass(slots=True)
class Tape:
    """Operations, each after those that it needs; what nodes and labels share stands there once."""

    operations: list[Operation] = field(default_factory=list)
    nodes: dict[str, int] = field(default_factory=dict)
    """Where the value of each node is; without those that have none, since a function is abstract."""
    labels: dict[tuple[str, str], int] = field(default_factory=dict)
    """Where the value of the label on each edge v -> u is, likewise."""
    _places: dict[tuple[str, tuple[str | int | float, ...] | float], int] = field(default_factory=dict)

    def place(self, operation: Operation) -> int:
        """Where an operation stands: a new one at the end."""
        key = ("", operation) if isinstance(operation, float) else ("list", tuple(operation))
        if key not in self._places:
            self._places[key] = len(self.operations)
            self.operations.append(operation)
        return self._places[key]

    def put(self, expression: Expression) -> int | None:
        """Where the value of an expression in node names is; None where one of these has none."""

        def combine(tree: Tree, args: list[int | None]) -> int | None:
            if tree.kind == "slot":
                assert isinstance(tree.value, int)
                return self.nodes.get(expression.name(tree.value))
            known = [arg for arg in args if arg is not None]
            return self.place(_operation(tree, known)) if len(known) == len(args) else None

        return fold(expression.tree, combine)


def _operation(tree: Tree, args: Sequence[int]) -> Operation:
    if tree.kind == "number":
        assert isinstance(tree.value, Fraction)
        return _double(tree.value)
    return [ROWS[tree.text].name if tree.kind == "call" else tree.kind, *args]


def _double(number: Fraction) -> Operation:
    """A number that a double holds, else the one next to it."""
    try:
        found = float(number)
    except OverflowError:
        return ["none"]
    return found if Fraction(found) == number else ["about", found]


def tape(explanation: Explanation) -> Tape:
    """The values of all nodes, then of all labels. Cost O(V + E) operations of their expressions."""
    spec, made = explanation.spec, Tape()
    for number, name in enumerate(spec.independents):
        made.nodes[name] = made.place(["input", number])
    for name in nx.topological_sort(explanation.computation):
        node = spec.nodes.get(name)
        if node is not None and node.tree is not None:
            place = made.put(Expression(recast(node.tree), node.arguments))
            made.nodes.update({name: place} if place is not None else {})
    for v, u in explanation.derivative.edges():
        node = spec.nodes[v]
        if node.tree is not None:
            label = partials(recast(node.tree), accurate=True).get(node.arguments.index(u), ZERO)
            place = made.put(Expression(recast(label), node.arguments, v))
            made.labels.update({(v, u): place} if place is not None else {})
    return made
