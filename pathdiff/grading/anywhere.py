"""What may stand in the place of a label: other labels, labels at other places, and what stands in the claim itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from typing import Final

from pathdiff import expression as ex
from pathdiff.expression import OWN, Expression, Tree, postorder, slots_of, spec_text
from pathdiff.grading.evidence import Evidence, Vector
from pathdiff.grading.findings import Code
from pathdiff.grading.lattice import MOST_EDGES, Lattice
from pathdiff.grading.measured import PointEvidence
from pathdiff.verify.verdict import Edge

_MOST_NAMES: Final = 40
"""At the values of so many names a label is tried."""
_MOST_FACTORS: Final = 7
"""Of a product with no more factors than this every part is looked at."""


@dataclass(frozen=True, slots=True)
class Instead:
    """What stands in the place of a label: the mistake that this is, and what it is in words."""

    code: Code
    text: str
    vector: Vector
    correct: str = ""
    """For a label at another place: the name at whose value it should be."""
    inner: Edge | None = None
    """For a label taken at a derivative rather than at a name: whose label that is."""
    times: Fraction | None = None
    """For a multiple of the label: how many times it is there."""


class Anywhere:
    """What may stand in the place of a label: other labels, labels at other places, what is in the claim."""

    def __init__(self, lattice: Lattice, fine: bool) -> None:
        self.lattice, self.fine = lattice, fine
        self._known: dict[object, list[Instead]] = {}
        self._elsewhere: dict[Edge, list[Instead]] = {}
        evidence = lattice.evidence
        for edge, vector in self._labels():
            self._add(f"∂{edge[0]}/∂{edge[1]}", vector)
        for text, vector in _parts(evidence):
            self._add(text, vector)
        self.single = [each[0] for each in self._known.values()]
        """Other labels, and each part of the claim, each value once."""
        for text, vector in _products(evidence):
            self._add(text, vector)

    def _labels(self) -> Iterator[tuple[Edge, Vector]]:
        if self.fine:
            return
        graph = self.lattice.graph
        for edge in list(graph.edges)[:MOST_EDGES]:
            vector = self.lattice.labels.get(edge) or self.lattice.evidence.label(edge)
            if vector is not None:
                yield edge, vector

    def _add(self, text: str, vector: Vector) -> None:
        self._known.setdefault(self.lattice.evidence.key(vector), []).append(Instead("wrong-factor", text, vector))

    def found(self, vector: Vector) -> Instead | None:
        """What has this value."""
        evidence = self.lattice.evidence
        for each in self._known.get(evidence.key(vector), ()):
            if evidence.equal(each.vector, vector):
                return each
        return None

    def turned(self, vector: Vector) -> Instead | None:
        """What has this value with the other sign: the minus may belong to the whole term."""
        evidence = self.lattice.evidence
        found = self.found(evidence.multiply((evidence.constant(-1), vector)))
        return None if found is None else Instead(found.code, f"-({found.text})", vector)

    def at_another_place(self, edge: Edge, wanted: Vector) -> Instead | None:
        """The label of an edge taken at another place, if that has this value."""
        return next((each for each in self.elsewhere(edge) if self.lattice.evidence.equal(each.vector, wanted)), None)

    def elsewhere(self, edge: Edge) -> list[Instead]:
        """The label of an edge at the value of another name, or of a derivative, in the place of its argument."""
        if edge not in self._elsewhere:
            self._elsewhere[edge] = list(self._places(edge))
        return self._elsewhere[edge]

    def _places(self, edge: Edge) -> Iterator[Instead]:
        evidence = self.lattice.evidence
        node, expression = self.lattice.label(edge).node, self.lattice.label(edge).expression
        if not isinstance(evidence, PointEvidence) or expression is None or node.tree is None:
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

        for name in list(self.lattice.graph)[:_MOST_NAMES]:
            value = evidence.value(name)
            vector = None if value is None or name == edge[1] else taken(value)
            if vector is not None:
                yield Instead("outer-at-wrong-place", name, vector, edge[1])
            if single and value is not None and OWN in used and name != node.name:
                vector = evidence.evaluated(expression.tree, here, value)
                if vector is not None:
                    yield Instead("outer-at-wrong-place", name, vector, node.name)
        inner = (edge[1], self.lattice.wrt)
        slope = self.lattice.labels.get(inner)
        vector = None if slope is None else taken(slope)
        if vector is not None:
            yield Instead("outer-at-wrong-place", "", vector, edge[1], inner)


def _parts(evidence: Evidence) -> Iterator[tuple[str, Vector]]:
    """Each part of the claim."""
    parts, names = evidence.parts(), tuple(map(str, evidence.side.leaves))
    for part in postorder(evidence.side.tree):
        if part in parts:
            yield spec_text(Expression(part, names), 60), parts[part]


def _products(evidence: Evidence) -> Iterator[tuple[str, Vector]]:
    """What some factors of a product in the claim make together, and what one makes that it is divided by."""
    parts, names = evidence.parts(), tuple(map(str, evidence.side.leaves))
    for part in postorder(evidence.side.tree):
        if part.kind in ("neg", "*", "/"):
            factors = list(_factors(part))[:_MOST_FACTORS]
            for size in range(2, len(factors)):
                for chosen in combinations(factors, size):
                    if all(each in parts for each, _ in chosen):
                        yield from _product(evidence, chosen, parts, names)
            for each, upside in factors:
                if upside and each in parts:
                    yield from _product(evidence, [(each, upside)], parts, names)


def _product(
    evidence: Evidence, chosen: Sequence[tuple[Tree, bool]], parts: Mapping[Tree, Vector], names: Sequence[str]
) -> Iterator[tuple[str, Vector]]:
    above = evidence.multiply(parts[each] for each, upside in chosen if not upside)
    below = evidence.multiply(parts[each] for each, upside in chosen if upside)
    vector = evidence.over(above, below)
    if vector is not None:
        tops = [each for each, upside in chosen if not upside]
        bottoms = [each for each, upside in chosen if upside]
        tree = tops[0] if len(tops) == 1 else ex.mul(*tops) if tops else ex.ONE
        for bottom in bottoms:
            tree = ex.div(tree, bottom)
        yield spec_text(Expression(tree, names), 60), vector


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
