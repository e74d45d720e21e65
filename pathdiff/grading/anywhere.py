"""What may stand in the place of a label: other labels, labels at other places, and what stands in the claim itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pathdiff.expression import OWN, Tree, slots_of
from pathdiff.grading.case import Case
from pathdiff.grading.evidence import Instead, Vector
from pathdiff.grading.lattice import Lattice
from pathdiff.verify.verdict import Edge

_MOST_NAMES: Final = 40
"""At the values of so many names a label is tried."""


def single(case: Case) -> list[Instead]:
    """Each part of the claim, and other labels, each value once."""
    told: list[tuple[Edge | Tree, Vector]] = [*case.parts.items(), *case.other_labels]
    once = {case.evidence.key(vector): (what, vector) for what, vector in reversed(told)}
    return [_instead(case, what, vector) for what, vector in once.values()]


def found(case: Case, vector: Vector) -> Instead | None:
    """What has this value: another label, a part of the claim, or some of the factors of a product in it."""
    for what, each in case.known.get(case.evidence.key(vector), ()):
        if case.evidence.equal(each, vector):
            return _instead(case, what, vector)
    return None


def turned(case: Case, vector: Vector) -> Instead | None:
    """What has this value with the other sign: the minus may belong to the whole term."""
    other = found(case, case.evidence.multiply((case.evidence.constant(-1), vector)))
    return None if other is None else Instead(other.code, f"-({other.text})", vector)


def _instead(case: Case, what: Edge | Tree, vector: Vector) -> Instead:
    text = case.text(what) if isinstance(what, Tree) else f"∂{what[0]}/∂{what[1]}"
    return Instead("wrong-factor", text, vector)


def at_another_place(case: Case, edge: Edge, wanted: Vector) -> Instead | None:
    """The label of an edge taken at another place, if that has this value."""
    return next((each for each in elsewhere(case.lattice, edge) if case.evidence.equal(each.vector, wanted)), None)


def elsewhere(lattice: Lattice, edge: Edge) -> list[Instead]:
    """The label of an edge at the value of another name, or of a derivative, in the place of its argument."""
    if edge not in lattice.elsewhere:
        lattice.elsewhere[edge] = list(_places(lattice, edge))
    return lattice.elsewhere[edge]


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
