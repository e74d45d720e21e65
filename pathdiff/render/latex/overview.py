"""What is given, in LaTeX: the function, the point, the two graphs."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter

from pathdiff.derivation import Gradient
from pathdiff.explain import Explanation
from pathdiff.expression import Expression
from pathdiff.graph import Label, arrows
from pathdiff.names import Symbols
from pathdiff.notation import Ratio
from pathdiff.render.latex.displays import Cell, Right, grid
from pathdiff.render.latex.letters import Box, text
from pathdiff.render.latex.math import box
from pathdiff.render.latex.sheet import LISTED, Sheet, listed
from pathdiff.spec import Spec
from pathdiff.typesetting import NO_NAMES, definition, expression_math, function_definition


def overview(explanation: Explanation, sheet: Sheet) -> Iterator[str]:
    """The function, the computation graph, the derivative graph."""
    spec = explanation.spec
    roles = [("input", spec.inputs), ("parameter", spec.parameters)]
    told = " and ".join(f"the {role}{'s' * (len(names) > 1)} {sheet.names(names)}" for role, names in roles if names)
    yield rf"\paragraph{{Function}} {'of ' * bool(told)}{told}:"
    yield grid(list(_definitions(spec, sheet)), sheet.hand)
    yield from at_point(explanation, sheet)
    yield from (f"{text(note)}." for note in explanation.notes)
    yield from _computation_graph(explanation, sheet)
    yield from _derivative_graph(explanation.gradients, sheet)


def _definitions(spec: Spec, sheet: Sheet) -> Iterator[Cell]:
    """The user's functions, then the nodes, as they were typed."""
    own = Symbols(spec.functions)
    told = [function_definition(function, own) for function in spec.functions.values()]
    told += [definition(node, sheet.symbols, own) for node in list(spec.nodes.values())[:LISTED]]
    for left, right in told:
        yield Cell(box(left, sheet.hand), Right(right))
    if len(spec.nodes) > LISTED:
        yield Cell(Box(r"\cdots", 1.2), Box("", 0))


def at_point(explanation: Explanation, sheet: Sheet) -> Iterator[str]:
    """The point as it was typed, and the values of the nodes there."""
    spec, values = explanation.spec, explanation.values
    if values is None:
        return
    given = [each for each in spec.independents if each in explanation.point]
    computed = [each for each in spec.nodes if each in values and each not in given]

    def typed(told: str) -> str:
        return sheet.equation(told, expression_math(Expression(explanation.point[told], ()), NO_NAMES))

    def rounded(told: str) -> str:
        right = sheet.number(values[told])
        return sheet.equation(told, right.formula, right.relation)

    so = [rounded(each) for each in computed[:LISTED]]
    told = listed([typed(each) for each in given[:LISTED]], len(given))
    parts = [f"at the point {told}"] * bool(given) + [f"so {listed(so, len(computed))}"] * bool(so)
    yield f"{', '.join(parts)}."


def _computation_graph(explanation: Explanation, sheet: Sheet) -> Iterator[str]:
    """The arrows, those from nodes that are used by the same ones together."""
    found = arrows(explanation.computation)
    if found:
        told = [f"{sheet.names(sources)}~$\\to$~{sheet.names(targets)}" for sources, targets in found[:LISTED]]
        yield rf"\paragraph{{Computation graph:}} {'; '.join(told)}."


def _derivative_graph(gradients: tuple[Gradient, ...], sheet: Sheet) -> Iterator[str]:
    """The labels that the derivatives need, in a column for each depth where that fits."""
    edges: dict[tuple[str, str], tuple[int, Label]] = {}
    for gradient in gradients:
        for edge, label in gradient.part.labels.items():
            edges.setdefault(edge, (gradient.part.depth[edge[0]], label))
    if not edges:
        return
    yield r"\paragraph{Derivative graph:} every arrow reversed, and on each a partial derivative:"
    cells = [(depth, _label(label, sheet)) for depth, label in list(edges.values())[:LISTED]]
    by_depth = groupby(sorted(cells, key=itemgetter(0)), itemgetter(0))
    columns = [[cell for _, cell in group] for _, group in by_depth]
    yield grid([cell for _, cell in cells], sheet.hand, columns if len(gradients) == 1 else ())


def _label(label: Label, sheet: Sheet) -> Cell:
    arrow = sheet.path((label.of, label.wrt))
    side = box(Ratio(sheet.symbols[label.of], sheet.symbols[label.wrt]), sheet.hand)
    relation = Box(rf"\colon\quad {side.source}", side.width + 1.5)
    if label.expression is None:
        return Cell(arrow, relation)
    relation = Box(f"{relation.source} = ", relation.width + 1.33)
    return Cell(arrow, Right(expression_math(label.expression, sheet.symbols), relation))
