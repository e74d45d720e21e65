"""What a page to be played with is made of: both graphs, and the derivative of any node with respect to any other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, Final

from pathdiff.derivation import MOST_DERIVATIONS, Derivation
from pathdiff.derive import derive
from pathdiff.drawing import MOST_EDGES, MOST_NODES, Drawing
from pathdiff.explain import Explanation, Ordered
from pathdiff.graph import Graph, between
from pathdiff.numeric import value
from pathdiff.paths import path_sum_costs
from pathdiff.points import LEVELS, with_digits
from pathdiff.verify import Verdict

if TYPE_CHECKING:
    from pathdiff.elimination.steps import EliminationStep

MOST_WRITTEN: Final = 2500
"""How many labels the terms of all derivatives on a page have together; half a megabyte is some 1200 of them."""
MOST_TERMS: Final = 100
"""How many terms of one derivative are written."""
MOST_MADE: Final = 1000
"""How many products all eliminations on a page have together; of more the first steps are there."""
MOST_FILLED: Final = 150
"""An elimination has a picture if the graph has no more edges, those that fill in included."""
NAMED: Final = 5
"""Of more names it is only said how many."""
USUAL: Final = 1.0
"""What an input begins with that the point has no value for."""


@dataclass(frozen=True, slots=True)
class Stay:
    """An edge of -> wrt while nodes are eliminated, one step after the other, counted from 1."""

    of: str
    wrt: str
    made: int
    """The step that makes it; 0 for one that is there before."""
    gone: int | None
    """The step that takes it away; None for one that is left in the end."""


@dataclass(frozen=True, slots=True)
class Shown:
    """An elimination as it is shown."""

    ordered: Ordered
    steps: tuple[EliminationStep, ...]
    """The first of its steps, all unless they have too many products."""
    edges: tuple[Stay, ...]
    """What there is to be drawn; nothing where it would be too much for a picture."""

    @property
    def whole(self) -> bool:
        """Whether every step is there."""
        return self.ordered.elimination.complete and len(self.steps) == len(self.ordered.elimination.steps)


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
    eliminations: tuple[Shown, ...] = ()
    """In the orders asked for."""


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
    eliminations = tuple(_eliminations(explanation, drawn=not large))
    return Exploration(explanation, drawing, tuple(derivations), verdicts, start, tuple(notes), complete, eliminations)


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


def _eliminations(explanation: Explanation, *, drawn: bool) -> Iterator[Shown]:
    """The eliminations in the orders asked for, as long as there is room."""
    if not explanation.orders:
        return
    from pathdiff.elimination.jacobian import jacobian

    of = [gradient.of for gradient in explanation.gradients]
    wrt = [x for gradient in explanation.gradients for x in gradient.wrt]
    labels = [(label.of, label.wrt) for label in jacobian(explanation.derivative, of, wrt).labels.values()]
    room = MOST_MADE
    for ordered in explanation.orders:
        steps = []
        for step in ordered.elimination.steps:
            room -= len(step.products)
            if room < 0:
                break
            steps.append(step)
        edges = tuple(stays(labels, steps)) if drawn and steps else ()
        yield Shown(ordered, tuple(steps), edges if len(edges) <= MOST_FILLED else ())


def stays(labels: Iterable[tuple[str, str]], steps: Iterable[EliminationStep]) -> Iterator[Stay]:
    """Every edge that there ever is, in the order of its making, `labels` first. Cost O(edges steps).

    What is asked for and eliminated nevertheless keeps the edges of its copy, which stand under its own name.

    >>> from pathdiff.derivation import Product
    >>> from pathdiff.elimination.steps import EliminationStep, Made
    >>> step = EliminationStep("z", (), (Made("p", "x", Product(()), False),), 1, 0)
    >>> [(stay.of, stay.wrt, stay.made, stay.gone) for stay in stays([("p", "z"), ("z", "x")], [step])]
    [('p', 'z', 0, 1), ('z', 'x', 0, 1), ('p', 'x', 1, None)]
    """
    made = dict.fromkeys(labels, 0)
    gone: dict[tuple[str, str], int] = {}
    for number, step in enumerate(steps, 1):
        kept = {(product.of, product.wrt) for product in step.products}
        gone.update({edge: number for edge in made if step.node in edge and edge not in gone and edge not in kept})
        for edge in ((product.of, product.wrt) for product in step.products if product.of != product.wrt):
            made.setdefault(edge, number)
    return (Stay(of, wrt, number, gone.get((of, wrt))) for (of, wrt), number in made.items())


def _known(explanation: Explanation) -> dict[str, float]:
    """The values of the point; without one that no double holds."""
    context = with_digits(LEVELS[0])
    told = {name: float(value(tree, (), context)) for name, tree in explanation.point.items()}
    return {name: number for name, number in told.items() if isfinite(number)}
