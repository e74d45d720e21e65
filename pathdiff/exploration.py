"""What a page to be played with is made of: both graphs, and the derivative of any node with respect to any other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Final

from pathdiff.derivation import MOST_DERIVATIONS, Derivation
from pathdiff.derive import derive
from pathdiff.drawing import MOST_EDGES, MOST_NODES, Drawing
from pathdiff.explain import Explanation
from pathdiff.graph import Graph, between
from pathdiff.numeric import value
from pathdiff.paths import path_sum_costs
from pathdiff.points import LEVELS, with_digits
from pathdiff.verify import Verdict

MOST_WRITTEN: Final = 2500
"""How many labels the terms of all derivatives on a page have together; half a megabyte is some 1200 of them."""
MOST_TERMS: Final = 100
"""How many terms of one derivative are written."""
NAMED: Final = 5
"""Of more names it is only said how many."""
USUAL: Final = 1.0
"""What an input begins with that the point has no value for."""


@dataclass(frozen=True, slots=True)
class Exploration:
    """An explanation, and what else its page can show."""

    explanation: Explanation
    drawing: Drawing | None
    """Both graphs; None where they are too large for a picture."""
    derivations: tuple[Derivation, ...]
    """Those asked for, in their order, then those of every other two nodes, unless there are too many."""
    verdicts: Mapping[tuple[str, str], Verdict]
    """Of those that were asked for, and so verified."""
    start: Mapping[str, float]
    """What each independent name begins with: its value at the point, else 1."""
    notes: tuple[str, ...]
    """What is not on the page, in words."""
    complete: bool
    """Whether a pair that isn't there has no path between its nodes."""


def explored(explanation: Explanation) -> Exploration:
    """An explanation with the derivatives of all pairs of nodes, as long as their paths are few; real scalars.

    A pair that no path leads along is left out, unless it was asked for. Cost O(V (V + E)) to count the paths, and of
    what is derived.
    """
    graph = explanation.derivative
    nodes, edges = len(graph), graph.size()
    large = nodes > MOST_NODES or edges > MOST_EDGES
    derivations = list(_asked(explanation))
    notes, complete = [], False
    if large:
        told = f"{nodes:,} nodes and {edges:,} edges are too many for a picture"
        notes.append(f"{told}, and only derivatives that were asked for are here.")
    else:
        others = _others(graph, {(each.of, each.wrt) for each in derivations})
        derivations += [derive(graph, of, wrt) for of, wrt in others or ()]
        complete = others is not None
        if not complete:
            told = "The paths between any two nodes are too many for a page"
            notes.append(f"{told}: only derivatives that were asked for are here.")
    asked = {(gradient.of, wrt) for gradient in explanation.gradients for wrt in gradient.wrt}
    here = asked & {(each.of, each.wrt) for each in derivations}
    if here != asked:
        told = f"{len(here):,} of the {len(asked):,} derivatives asked for are here"
        notes.insert(0, f"{told}: a page has no room for more.")
    if explanation.orders:
        notes.append("The orders of elimination asked for are not here: text, LaTeX and JSON have them.")
    known = _known(explanation)
    start = {name: known.get(name, USUAL) for name in explanation.spec.independents}
    usual = [name for name in start if name not in known]
    if explanation.point and usual:
        told = ", ".join(usual) if len(usual) <= NAMED else f"{len(usual):,} of the inputs"
        notes.append(f"The point has no number for {told} that this page could compute with: each begins with 1.")
    verdicts = {
        (derivation.of, derivation.wrt): verdict
        for gradient, found in explanation.verified
        for derivation, verdict in zip(gradient.derivations, found, strict=False)
    }
    drawing = None if large else Drawing(explanation.spec, explanation.computation, graph)
    return Exploration(explanation, drawing, tuple(derivations), verdicts, start, tuple(notes), complete)


def _asked(explanation: Explanation) -> Iterator[Derivation]:
    """The derivatives asked for, in their order, as long as there is room."""
    room = MOST_WRITTEN
    for gradient in explanation.gradients:
        few = gradient.derivations or (
            derive(explanation.derivative, gradient.of, wrt) for wrt in gradient.wrt[:MOST_DERIVATIONS]
        )
        for derivation in few:
            room -= len(derivation.part.labels) + sum(map(len, derivation.path_sum.paths[:MOST_TERMS]))
            if room < 0:
                return
            yield derivation


def _others(graph: Graph, known: set[tuple[str, str]]) -> list[tuple[str, str]] | None:
    """All other pairs (p, x) with a path from p to x; None where their paths have too many labels together."""
    found: list[tuple[str, str]] = []
    room = MOST_WRITTEN
    for of in graph:
        for wrt, cost in path_sum_costs(between(graph, of, graph)).items():
            room -= cost.multiplications + cost.additions + 1
            if room < 0:
                return None
            if (of, wrt) not in known:
                found.append((of, wrt))
    return found


def _known(explanation: Explanation) -> dict[str, float]:
    """The values of the point; without one that no double holds."""
    context = with_digits(LEVELS[0])
    told = {name: float(value(tree, (), context)) for name, tree in explanation.point.items()}
    return {name: number for name, number in told.items() if isfinite(number)}
