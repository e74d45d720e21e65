"""What may stand in the place of a label: other labels, labels at other places, and what stands in the claim itself."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, combinations
from typing import Final

from pathdiff import expression as ex
from pathdiff.expression import OWN, Tree, postorder, slots_of
from pathdiff.grading.case import Case
from pathdiff.grading.evidence import Instead, Vector
from pathdiff.grading.lattice import MOST_EDGES, Lattice
from pathdiff.verify.verdict import Edge

_MOST_NAMES: Final = 40
"""At the values of so many names a label is tried."""
_MOST_FACTORS: Final = 7
"""Of a product with no more factors than this every part is looked at."""


class Anywhere:
    """What may stand in the place of a label: other labels, labels at other places, what is in the claim."""

    def __init__(self, case: Case, fine: bool) -> None:
        self.case, self.lattice, self.evidence = case, case.lattice, case.evidence
        self._known: dict[object, list[tuple[Vector, Edge | Tree]]] = {}
        for edge in () if fine else list(self.lattice.graph.edges)[:MOST_EDGES]:
            vector = self.lattice.labels.get(edge) or self.evidence.label(edge)
            if vector is not None:
                self._add(vector, edge)
        for part in postorder(case.side.tree):
            if part in case.parts:
                self._add(case.parts[part], part)
        self.single = [self._instead(*each[0]) for each in self._known.values()]
        """Other labels, and each part of the claim, each value once."""
        for part in postorder(case.side.tree):
            for vector, product in self._products(part):
                self._add(vector, product)

    def _add(self, vector: Vector, what: Edge | Tree) -> None:
        self._known.setdefault(self.evidence.key(vector), []).append((vector, what))

    def _instead(self, vector: Vector, what: Edge | Tree) -> Instead:
        text = self.case.text(what) if isinstance(what, Tree) else f"∂{what[0]}/∂{what[1]}"
        return Instead("wrong-factor", text, vector)

    def _products(self, part: Tree) -> Iterator[tuple[Vector, Tree]]:
        """What some factors of a product in the claim make together, and what one makes that it is divided by."""
        if part.kind not in ("neg", "*", "/"):
            return
        factors = [each for each in _factors(part) if each[0] in self.case.parts][:_MOST_FACTORS]
        several = (combinations(factors, size) for size in range(2, len(factors)))
        alone = [(each,) for each in factors if each[1]]
        for chosen in chain(*several, alone):
            tops = [each for each, upside in chosen if not upside]
            bottoms = [each for each, upside in chosen if upside]
            parts = self.case.parts
            above, below = (self.evidence.multiply(map(parts.__getitem__, each)) for each in (tops, bottoms))
            vector = self.evidence.over(above, below) if bottoms else above
            if vector is not None:
                tree = tops[0] if len(tops) == 1 else ex.mul(*tops) if tops else ex.ONE
                for bottom in bottoms:
                    tree = ex.div(tree, bottom)
                yield vector, tree

    def found(self, vector: Vector) -> Instead | None:
        """What has this value."""
        for each, what in self._known.get(self.evidence.key(vector), ()):
            if self.evidence.equal(each, vector):
                return self._instead(vector, what)
        return None

    def turned(self, vector: Vector) -> Instead | None:
        """What has this value with the other sign: the minus may belong to the whole term."""
        found = self.found(self.evidence.multiply((self.evidence.constant(-1), vector)))
        return None if found is None else Instead(found.code, f"-({found.text})", vector)

    def at_another_place(self, edge: Edge, wanted: Vector) -> Instead | None:
        """The label of an edge taken at another place, if that has this value."""
        return next((each for each in self.elsewhere(edge) if self.evidence.equal(each.vector, wanted)), None)

    def elsewhere(self, edge: Edge) -> list[Instead]:
        """The label of an edge at the value of another name, or of a derivative, in the place of its argument."""
        known = self.lattice.elsewhere
        if edge not in known:
            known[edge] = list(_places(self.lattice, edge))
        return known[edge]


def _places(lattice: Lattice, edge: Edge) -> Iterator[Instead]:
    evidence = lattice.evidence
    node, expression = lattice.label(edge).node, lattice.label(edge).expression
    if expression is None or node.tree is None:
        return
    used, place = slots_of(expression.tree), node.arguments.index(edge[1])
    values = [evidence.value(name) for name in node.arguments]
    here = [value for value in values if value is not None]
    single = len(node.arguments) == 1
    if len(here) < len(values) or not (place in used or (single and OWN in used)):
        return  # it depends on what else its node is made of, not on this argument

    def taken(value: Vector) -> Vector | None:
        moved = [*here[:place], value, *here[place + 1 :]]
        own = evidence.evaluated(node.tree, moved) if node.tree is not None else None
        return None if own is None else evidence.evaluated(expression.tree, moved, own)

    for name in list(lattice.graph)[:_MOST_NAMES]:
        value = evidence.value(name)
        vector = None if value is None or name == edge[1] else taken(value)
        if vector is not None:
            yield Instead("outer-at-wrong-place", name, vector, edge[1])
        if single and value is not None and OWN in used and name != node.name:
            vector = evidence.evaluated(expression.tree, here, value)
            if vector is not None:
                yield Instead("outer-at-wrong-place", name, vector, node.name)
    inner = (edge[1], lattice.wrt)
    slope = lattice.labels.get(inner)
    vector = None if slope is None else taken(slope)
    if vector is not None:
        yield Instead("outer-at-wrong-place", "", vector, edge[1], inner)


def _factors(tree: Tree) -> Iterator[tuple[Tree, bool]]:
    """The factors of a product, without signs, each with whether it divides."""
    waiting = [(tree, False)]
    while waiting:
        part, upside = waiting.pop()
        match part.kind:
            case "*":
                waiting.extend((arg, upside) for arg in reversed(part.args))
            case "/":
                waiting += [(part.args[1], not upside), (part.args[0], upside)]
            case "neg":
                waiting.append((part.args[0], upside))
            case _:
                yield part, upside
