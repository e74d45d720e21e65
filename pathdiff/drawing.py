"""What is drawn of a spec, as data: both graphs, the numbers on them at a point, and the paths that stand out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Final

from pathdiff.derivation import Derivation, Path, Total
from pathdiff.diagnostics import Diagnostic, InputError
from pathdiff.explain import Explanation, point_of, questions
from pathdiff.expression import Tree, slots_of
from pathdiff.graph import Graph, Label, between, computation_graph, derivative_graph
from pathdiff.numeric import NotReal, real
from pathdiff.paths import Paths
from pathdiff.points import LEVELS, Point, with_digits
from pathdiff.spec import Spec
from pathdiff.sweeps import total
from pathdiff.valuing import adjoints_at

MOST_NODES: Final = 250
MOST_EDGES: Final = 700
"""A picture of more is no picture: nobody could read it."""


@dataclass(frozen=True, slots=True)
class Drawing:
    """Both graphs of a spec, or the part of them that is to be seen, with what stands on them."""

    spec: Spec
    computation: Graph
    derivative: Graph
    values: Mapping[str, Any] = field(default_factory=dict)
    """The value of each node at the point (mpmath); nothing where none is shown."""
    labels: Mapping[tuple[str, str], Any] = field(default_factory=dict)
    """The value there of the label on each edge v -> u, where it has one."""
    adjoints: Mapping[str, tuple[Total, Any]] = field(default_factory=dict)
    """For each node the derivative with respect to it, and its value there."""
    paths: Mapping[int, Path] = field(default_factory=dict)
    """The paths that stand out, by rank."""
    lit: frozenset[tuple[str, str]] = frozenset()
    """The edges v -> u that stand out: those of `paths`, or of all paths between the nodes asked for."""
    notes: tuple[str, ...] = ()
    """Why numbers are missing."""

    def on(self, edge: tuple[str, str]) -> tuple[int, ...]:
        """The ranks of the paths that stand out and use the edge v -> u."""
        return tuple(rank for rank, path in self.paths.items() if edge in pairwise(path))


def drawn(
    spec: Spec,
    of: Sequence[str] = (),
    wrt: Sequence[str] = (),
    at: Mapping[str, Tree] | None = None,
    *,
    ranks: Sequence[int] = (),
    values: bool = False,
    only: bool = False,
) -> Drawing:
    """What is drawn of a spec: where `of` or `wrt` are told, all paths between stand out, or those of these `ranks`.

    Numbers are at `at`, and with `values` at the spec's own point; the derivatives are of the
    first node asked for that no other uses, if there is one. `only` leaves out what is on no path asked about,
    but for the ends.
    Raises InputError for unknown names, for a rank that no path has, and for a graph that is too large for a picture.
    """
    computation = computation_graph(spec)
    derivative = derivative_graph(computation)
    pairs = questions(spec, computation, of, wrt)
    parts = [between(derivative, p, xs) for p, xs in pairs.items()]
    paths = _paths(derivative, pairs, ranks)
    asked = {edge for part in parts for edge in part.labels}
    lit = {edge for path in paths.values() for edge in pairwise(path)} if paths else asked if of or wrt else set()
    if only:
        shown = {*pairs, *(name for names in pairs.values() for name in names)}
        shown.update(name for part in parts for name in part.order)
        computation = computation.subgraph([name for name in computation if name in shown])
        derivative = derivative.subgraph(shown).copy()
        derivative.remove_edges_from([edge for edge in derivative.edges if edge not in asked])
    _refuse_large(spec, computation, only)
    plain = Drawing(spec, computation, derivative, paths=paths, lit=frozenset(lit))
    if not at and not values:
        return plain
    last = (p for p in pairs if computation.nodes[p]["role"] == "dependent")
    return with_numbers(plain, next(last, next(iter(pairs))), at or {})


def _paths(derivative: Graph, pairs: Mapping[str, Sequence[str]], ranks: Iterable[int]) -> dict[int, Path]:
    """The paths of these ranks, of the one derivative that is asked for. Raises InputError."""
    told = list(dict.fromkeys(ranks))
    if not told:
        return {}
    (of, names), *others = pairs.items()
    if others or len(names) > 1:
        message, hint = "--path counts the paths of one derivative", "name it with --of and --wrt"
        raise InputError([Diagnostic("usage", message, "--path", hint=hint)])
    found = Paths(between(derivative, of, names), names[0])
    try:
        return {rank: found.nth(rank) for rank in told}
    except (IndexError, ValueError) as error:
        raise InputError([Diagnostic("no-such-path", str(error), "--path")]) from None


def _refuse_large(spec: Spec, graph: Graph, only: bool) -> None:
    if len(graph) > MOST_NODES or graph.size() > MOST_EDGES:
        message = f"a picture has at most {MOST_NODES} nodes and {MOST_EDGES} edges, not {len(graph):,} and "
        message += f"{graph.size():,}"
        hint = "" if only else "--only with --of and --wrt draws what lies between two nodes"
        raise InputError([Diagnostic("too-large-to-draw", message, spec.source.name, hint=hint)])


def with_numbers(drawing: Drawing, of: str, at: Mapping[str, Tree]) -> Drawing:
    """The drawing with values, and with the derivatives of `of`, at a point: `at`, before the spec's own.

    Raises InputError as `point_of` does.
    """
    spec, whole = drawing.spec, drawing.computation
    point = point_of(spec, whole if len(whole) == len(spec.nodes) + len(spec.independents) else computation_graph(spec),
                     at, [name for name in whole if name in spec.nodes])  # fmt: skip
    part = between(drawing.derivative, of, drawing.computation)
    labels = dict(_labels(drawing, point))
    found: Mapping[str, Any] = {}
    notes: tuple[str, ...] = ()
    try:
        found = adjoints_at(part, point) or {}
    except NotReal as error:
        told = getattr(error, "__notes__", ["a derivative"])[0]
        notes = (f"{told} {error.fault} at this point: {error.reason}",)
    told = {name: (total(part, of, name), value) for name, value in found.items()}
    return Drawing(
        spec, drawing.computation, drawing.derivative, point.settled, labels, told, drawing.paths, drawing.lit, notes
    )


def of_derivation(explanation: Explanation, derivation: Derivation) -> Drawing:
    """What lies between the two nodes of a derivation, without numbers. Cost O(V + E)."""
    computation = explanation.computation
    shown = set(derivation.part.order)
    return Drawing(
        explanation.spec,
        computation.subgraph([name for name in computation if name in shown]),
        explanation.derivative.edge_subgraph(derivation.part.labels),
    )


def _labels(drawing: Drawing, point: Point) -> Iterable[tuple[tuple[str, str], Any]]:
    """The value of each label that has one at the point."""
    context = with_digits(LEVELS[1])
    for v, u, known in drawing.derivative.edges(data=True):
        label: Label = known["label"]
        expression = label.expression
        if expression is None or any(expression.name(slot) not in point.known for slot in slots_of(expression.tree)):
            continue
        try:
            yield (v, u), real(point.label(expression).value(context), context)
        except NotReal:
            continue
