"""Derivatives in every form: the paths, both sweeps, the formulas between them, and their numbers at a point."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from pathdiff.algebra import Effort, plus, times
from pathdiff.derivation import (
    Brief,
    Count,
    Derivation,
    Gradient,
    Partial,
    PathSum,
    Product,
    Sum,
    Total,
    Value,
)
from pathdiff.expression import ONE, ZERO, Expression, Tree, fold, rebuilt, slot
from pathdiff.graph import Between, Graph, between
from pathdiff.numeric import NotReal
from pathdiff.partials import visible
from pathdiff.paths import path_sum_costs, path_sums
from pathdiff.points import Point
from pathdiff.sweeps import LONGEST_FORMULA, factoring, forward_sweep, reverse_sweep, sweep_cost, total, written_out
from pathdiff.valuing import numbers_at, why_not, with_numbers

LISTED_PATHS: Final = 1000
"""How many paths a derivation lists; their number is exact however many there are."""
LISTED_EDGES: Final = 500_000
"""How many edges these may have together: of paths of thousands of edges fewer are listed, one at least."""
MOST_IN_FULL: Final = 4000
"""How many edges, times derivatives, a gradient may have whose derivatives are each derived in every form."""
MOST_COLLECTED: Final = 30_000
"""How much is done to collect factors and terms of derivatives in node names; after it, they stay as they come."""
LISTED_TOGETHER: Final = 20_000
"""How many paths the derivatives of a larger gradient list together: one each at least, unless they are long."""


def derive_gradient(derivative: Graph, of: str, wrt: Sequence[str], point: Point | None = None) -> Gradient:
    """The derivatives of a node with respect to others by one reverse sweep, each in every form unless they are many.

    Any nodes, real scalars, in the order asked for. Cost O(V + E) of what lies between for the sweep, and as much for
    each derivative that is derived in full.
    """
    part = between(derivative, of, wrt)
    sweep = reverse_sweep(part)
    if len(wrt) == 1 or len(wrt) * len(part.labels) <= MOST_IN_FULL:
        alone = (part if len(wrt) == 1 else between(derivative, of, [name]) for name in wrt)
        derivations = tuple(_derived(own, of, name, point) for own, name in zip(alone, wrt, strict=True))
        costs = {way: _added(each.costs[way] for each in derivations) for way in ("path_sum", "forward")}
        return Gradient(of, tuple(wrt), part, sweep, {**costs, "reverse": sweep_cost(sweep)}, derivations)
    briefs = tuple(_briefs(part, wrt))
    costs = {"path_sum": _added(each.cost for each in briefs), "reverse": sweep_cost(sweep)}
    found = Gradient(of, tuple(wrt), part, sweep, costs, (), briefs)
    if point is None:
        return found
    try:
        results = numbers_at(part, wrt, point)
    except NotReal as error:
        return replace(found, why_no_numbers=why_not(error, f"the gradient of {of}"))
    return found if results is None else replace(found, values=point.settled, results=results)


def _added(counts: Iterable[Count]) -> Count:
    multiplications, additions = map(sum, zip(*counts, strict=True))
    return Count(multiplications, additions)


def _briefs(part: Between, wrt: Sequence[str]) -> Iterator[Brief]:
    costs, expressions = path_sum_costs(part), in_node_names(part, wrt)
    listed = path_sums(part, wrt, max(1, LISTED_TOGETHER // len(wrt)), LISTED_EDGES // len(wrt))
    for name, summed in zip(wrt, listed, strict=True):
        yield Brief(name, total(part, part.of, name), summed, expressions.get(name), costs.get(name, Count(0, 0)))


def derive(derivative: Graph, of: str, wrt: str, point: Point | None = None) -> Derivation:
    """The derivative of a node with respect to another in every form; any two nodes, real scalars.

    A node's derivative with respect to itself is 1, by the one path without edges; without a path it is 0.
    Cost O(V + E) of what lies between, and of what is listed.
    """
    return _derived(between(derivative, of, [wrt]), of, wrt, point)


def _derived(part: Between, of: str, wrt: str, point: Point | None) -> Derivation:
    """The same from what lies between."""
    [listed] = path_sums(part, [wrt], LISTED_PATHS, LISTED_EDGES, least=1)
    reverse = reverse_sweep(part)
    forward = forward_sweep(part, wrt)
    summed = path_sum_costs(part).get(wrt, Count(0, 0))
    costs = {"path_sum": summed, "forward": sweep_cost(forward), "reverse": sweep_cost(reverse)}
    derivation = Derivation(
        of,
        wrt,
        part,
        total(part, of, wrt) if part.order else Total(of, wrt),
        listed,
        labelled(part, listed),
        *factoring(part, wrt, listed),
        reverse,
        forward,
        written_out(part, wrt, "reverse"),
        in_node_names(part, [wrt]).get(wrt),
        written_out(part, wrt, "forward"),
        costs,
    )
    return with_numbers(derivation, point) if point is not None else derivation


def labelled(part: Between, listed: PathSum) -> Sum | None:
    """The path sum with each label put in, abstract ones as they are; None where all are abstract."""
    if all(label.node.abstract for label in part.labels.values()):
        return None
    expressions = ((edge, label.expression) for edge, label in part.labels.items())
    put_in = {edge: Value(expression) for edge, expression in expressions if expression is not None}
    formula = listed.formula
    return replace(formula, terms=tuple(_with_labels(put_in, term) for term in listed.terms))


def _with_labels(labels: Mapping[tuple[str, str], Value], term: Product) -> Product:
    """A product with the expression of each label in the place of ∂v/∂u; abstract ones stay."""
    edges = (factor for factor in term.factors if isinstance(factor, Partial))
    return Product(tuple(labels.get((edge.of, edge.wrt), edge) for edge in edges))


def in_node_names(part: Between, wrt: Sequence[str]) -> dict[str, Expression]:
    """Derivatives as expressions in node names, by one reverse sweep; without those that have an abstract label.

    Also without those that would be too long: all of them together have at most `LONGEST_FORMULA` labels.
    """
    size = {part.of: 0}
    for name in part.order[1:]:
        labels = [part.labels[user, name] for user in part.users[name]]
        if all(label.of in size and not label.node.abstract for label in labels):
            size[name] = sum(size[label.of] + 1 for label in labels)
    wanted: list[str] = []
    room = LONGEST_FORMULA
    for name in wrt:
        if name not in part.users or size.get(name, room + 1) <= room:
            wanted.append(name)
            room -= size.get(name, 0)
    adjoint, names = _adjoint_trees(part, wanted)
    hidden = frozenset[str]().union(*(label.node.hidden for label in part.labels.values()))
    return {name: Expression(visible(adjoint.get(name, ZERO), hidden), names) for name in wanted}


def _adjoint_trees(part: Between, wanted: Sequence[str]) -> tuple[dict[str, Tree], list[str]]:
    """The adjoints of some nodes, and of those that they come from, as trees in the slots of names."""
    needed = {name for name in wanted if name in part.users}
    for name in reversed(part.order):
        if name in needed:
            needed.update(part.users[name])
    names: dict[str, int] = {}
    renamed: dict[str, dict[Tree, Tree]] = {}  # for each node what its labels share

    def label(of: str, wrt: str) -> Tree:
        expression = part.labels[of, wrt].expression
        assert expression is not None

        def combine(tree: Tree, args: list[Tree]) -> Tree:
            if tree.kind == "slot":
                assert isinstance(tree.value, int)
                return slot(names.setdefault(expression.name(tree.value), len(names)))
            return rebuilt(tree, args) if args else tree

        return fold(expression.tree, combine, renamed.setdefault(of, {}))

    adjoint = {part.of: ONE}
    effort = Effort(MOST_COLLECTED)
    for name in part.order[1:]:
        if name in needed:
            terms = [times(adjoint[user], label(user, name), effort=effort) for user in part.users[name]]
            adjoint[name] = terms[0] if len(terms) == 1 else plus(terms, effort=effort)
    return adjoint, list(names)
