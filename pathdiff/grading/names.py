"""Nodes, labels and paths in the names of the spec that the reader knows."""

from __future__ import annotations

from collections.abc import Sequence

from pathdiff import expression as ex
from pathdiff.derivation import Path
from pathdiff.expression import Expression, Tree, slots_of
from pathdiff.grading.lattice import Lattice
from pathdiff.partials import visible
from pathdiff.spec import Spec
from pathdiff.verify.verdict import Edge


class Names:
    """How nodes, labels and paths are told in the names of the spec that the reader knows."""

    def __init__(self, lattice: Lattice, original: Spec | None) -> None:
        self.lattice, self.original = lattice, original

    def path(self, path: Path) -> Path:
        """A path without the nodes that the reader doesn't know."""
        original = self.original
        if original is None:
            return path
        return tuple(name for name in path if name in original.nodes or name in original.independents)

    def node(self, name: str) -> str:
        """A node by its name, or by its expression where it has no name of its own."""
        original = self.original
        if original is None or name in original.nodes or name in original.independents:
            return name
        return self._text(ex.slot(0), (name,))

    def label(self, edge: Edge) -> str:
        """∂v/∂u, or what the reader sees of it, with its value."""
        expression = self.lattice.label(edge).expression
        if self.original is None:
            return f"∂{edge[0]}/∂{edge[1]}" + ("" if expression is None else f" = {cut(str(expression))}")
        if expression is None:
            return f"∂{edge[0]}/∂{edge[1]}"
        return f"d({self.node(edge[0])})/d({self.node(edge[1])}) = {self.value(edge)}"

    def value(self, edge: Edge) -> str:
        """The label of an edge as an expression."""
        expression = self.lattice.label(edge).expression
        if expression is None:
            return f"∂{edge[0]}/∂{edge[1]}"
        used = slots_of(expression.tree)
        into = {slot: place for place, slot in enumerate(used)}
        tree = ex.substitute(expression.tree, {slot: ex.slot(place) for slot, place in into.items()})
        return self._text(tree, tuple(expression.name(slot) for slot in used))

    def _text(self, tree: Tree, names: Sequence[str]) -> str:
        """An expression with the expressions of nodes put in that have no name of their own."""
        for _ in range(100):
            place = next((place for place, name in enumerate(names) if self._is_new(name)), None)
            if place is None:
                break
            node = self.lattice.graph.nodes[names[place]]["node"]
            more = tuple(names) + tuple(name for name in node.arguments if name not in names)
            inner = ex.substitute(node.tree, {i: ex.slot(more.index(name)) for i, name in enumerate(node.arguments)})
            tree = ex.substitute(tree, {place: inner})
            names = tuple("" if index == place else name for index, name in enumerate(more))
        return cut(str(Expression(visible(tree, frozenset()), names)))

    def _is_new(self, name: str) -> bool:
        original = self.original
        return bool(name) and original is not None and name not in original.nodes and name not in original.independents


def cut(text: str) -> str:
    """A text, the end of a long one left out."""
    return text if len(text) <= 60 else f"{text[:57]}..."
