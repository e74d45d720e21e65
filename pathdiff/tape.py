"""The values of nodes and labels as a list of operations for the page's script: what it computes, and nothing else.

All are written as floating point wants them, so that little is lost to rounding: the label of h = tanh(s) is sech(s)².
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import networkx as nx

from pathdiff.explain import Explanation
from pathdiff.expression import ZERO, Expression, Tree, fold, postorder, slots_of, spec_text
from pathdiff.functions import ROWS
from pathdiff.numeric import MEAN_TAKEN
from pathdiff.partials import partials
from pathdiff.spec import Node
from pathdiff.stable import recast

Operation = list[str | int | float] | float
"""A number, or the name of an operation with the places of its arguments; an input has its own number.

"about" has the double next to a number, "none" stands for one that is too large."""


@dataclass(frozen=True, slots=True)
class Kink:
    """A call in a node's expression that has no derivative where its argument is 0, or where two of them are equal."""

    node: str
    names: frozenset[str]
    """What its arguments depend on: only derivatives with respect to these meet it."""
    places: tuple[int, ...]
    """Where its arguments are."""
    picks: str
    """For min and max which of the arguments, "max" or "min"; else nothing."""
    told: str
    """What is taken for the derivative there, in words."""
    torn: str
    """Why there is none, for min and max where more than two arguments are equal."""


@dataclass(slots=True)
class Tape:
    """Operations, each after those that it needs; what nodes and labels share stands there once."""

    operations: list[Operation] = field(default_factory=list)
    nodes: dict[str, int] = field(default_factory=dict)
    """Where the value of each node is; without those that have none, since a function is abstract."""
    labels: dict[tuple[str, str], int] = field(default_factory=dict)
    """Where the value of the label on each edge v -> u is, likewise."""
    kinks: list[Kink] = field(default_factory=list)
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
            made.kinks += _kinks(name, node, made)
    for v, u in explanation.derivative.edges():
        node = spec.nodes[v]
        if node.tree is not None:
            label = partials(recast(node.tree), accurate=True).get(node.arguments.index(u), ZERO)
            place = made.put(Expression(recast(label), node.arguments, v))
            made.labels.update({(v, u): place} if place is not None else {})
    return made


def _kinks(name: str, node: Node, made: Tape) -> Iterator[Kink]:
    """The calls of a node that have kinks or jumps."""
    assert node.tree is not None
    for part in postorder(node.tree):
        row = ROWS[part.text] if part.kind == "call" else None
        if row is None or not (row.kink or row.selects):
            continue
        found = [made.put(Expression(arg, node.arguments)) for arg in dict.fromkeys(part.args)]
        places = tuple(place for place in found if place is not None)
        names = frozenset(node.arguments[slot] for slot in slots_of(part))
        call = spec_text(Expression(part, node.arguments, name), 60)
        taken = "0 is taken" if row.kink == "jump" else MEAN_TAKEN
        what = f"two equal arguments of {call}" if row.selects else f"{call} at its {row.kink}"
        if places and names:
            torn = f"more than two equal arguments of {call} in {name}: there is no derivative"
            yield Kink(name, names, places, row.name if row.selects else "", f"{what} in {name}: {taken}", torn)
