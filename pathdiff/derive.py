"""Derivatives in every form: the paths, both sweeps, the formulas between them, and their numbers at a point."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import accumulate, takewhile
from typing import Any, Final

from pathdiff.algebra import Effort, plus, times
from pathdiff.derivation import (
    Brief,
    Count,
    Derivation,
    Formula,
    Gradient,
    Numbers,
    Partial,
    Path,
    PathSum,
    Product,
    Sum,
    Total,
    Value,
    Weighed,
)
from pathdiff.expression import ONE, ZERO, Expression, Tree, fold, rebuilt, slot, slots_of, spec_text
from pathdiff.graph import Between, Graph, between
from pathdiff.numeric import Context, NotReal, Real, shortly
from pathdiff.partials import visible
from pathdiff.paths import path_sum_costs, path_sums
from pathdiff.points import LEVELS, Known, Point, Sums, product, settled, with_digits
from pathdiff.sweeps import LONGEST_FORMULA, factoring, forward_sweep, reverse_sweep, sweep_cost, total, written_out
from pathdiff.weighing import WeighedPaths

LISTED_PATHS: Final = 1000
"""How many paths a derivation lists; their number is exact however many there are."""
MANY_PATHS: Final = 20
"""Of more paths those with the largest products are told too."""
LARGEST_SHOWN: Final = 5
"""How many, then."""
MOST_IN_FULL: Final = 4000
"""How many edges, times derivatives, a gradient may have whose derivatives are each derived in every form."""
MOST_COLLECTED: Final = 30_000
"""How much is done to collect factors and terms of derivatives in node names; after it, they stay as they come."""
LISTED_TOGETHER: Final = 20_000
"""How many paths the derivatives of a larger gradient list together, one each at least."""


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
        results = _numbers(part, wrt, point)
    except NotReal as error:
        return replace(found, why_no_numbers=_why_not(error, f"the gradient of {of}"))
    return found if results is None else replace(found, values=point.settled, results=results)


def _added(counts: Iterable[Count]) -> Count:
    multiplications, additions = map(sum, zip(*counts, strict=True))
    return Count(multiplications, additions)


def _briefs(part: Between, wrt: Sequence[str]) -> Iterator[Brief]:
    costs, expressions = path_sum_costs(part), in_node_names(part, wrt)
    listed = path_sums(part, wrt, max(1, LISTED_TOGETHER // len(wrt)))
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
    [listed] = path_sums(part, [wrt], LISTED_PATHS)
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


def _at_point(formula: Sum, values: Mapping[str, Any]) -> Sum:
    """The path sum with the labels put in and a number in the place of each name."""
    known: dict[int, Value] = {}

    def put(factor: Formula) -> Formula:
        if not isinstance(factor, Value):
            return factor
        if id(factor) not in known:
            known[id(factor)] = replace(factor, numbers=values)
        return known[id(factor)]

    products = (term for term in formula.terms if isinstance(term, Product))
    return replace(formula, terms=tuple(Product(tuple(map(put, term.factors))) for term in products))


def with_numbers(derivation: Derivation, point: Point) -> Derivation:
    """The derivation with its numbers at a point, when every label between has a value there."""
    paths = derivation.path_sum.paths
    try:
        found = _numbers(derivation.part, [derivation.wrt], point, paths)
    except NotReal as error:
        return replace(derivation, why_no_numbers=_why_not(error, f"∂{derivation.of}/∂{derivation.wrt}"))
    if found is None:
        return derivation
    shown = _at_point(derivation.labelled or Sum(()), point.settled)
    terms = tuple(found["term", place] for place in range(len(paths)))
    sums = tuple(found["sum", place] for place in range(len(paths)))
    largest: tuple[Weighed, ...] = ()
    if derivation.path_sum.count > MANY_PATHS:
        largest = tuple(WeighedPaths(derivation.part, derivation.wrt, point).top(LARGEST_SHOWN))
    return replace(derivation, numbers=Numbers(point.settled, shown, terms, sums, found[derivation.wrt], largest))


def adjoints_at(part: Between, point: Point) -> dict[str, Real] | None:
    """The derivative of `of` with respect to each node between, at a point. Raises NotReal.

    None where a label is abstract, or has a name that the point has no value for. Cost O(V + E), digits aside.
    """
    return _numbers(part, part.order, point)


def labels_at(part: Between, point: Point) -> dict[tuple[str, str], Known] | None:
    """The label of each edge between, at a point. Raises NotReal, with the label in its `__notes__`.

    None where a label is abstract, or has a name that the point has no value for.
    """
    if not point.told or any(label.node.abstract for label in part.labels.values()):
        return None
    labels = {edge: label.expression for edge, label in part.labels.items()}
    if not all(label.name(i) in point.known for label in labels.values() if label for i in slots_of(label.tree)):
        return None
    point.refuse_ties(labels)
    return {edge: _at(point, edge, label) for edge, label in labels.items() if label}


def adjoints(part: Between, labels: Mapping[tuple[str, str], Real], sums: Sums) -> dict[str, Real]:
    """The adjoint of each node between from the values of the labels, by one reverse sweep. Cost O(E)."""
    adjoint: dict[str, Real] = {part.of: sums.context.mpf(1)}
    for name in part.order[1:]:
        products = (product((adjoint[user], labels[user, name]), sums.context) for user in part.users[name])
        adjoint[name] = sums.total(products)
    return adjoint


def _numbers(part: Between, wrt: Sequence[str], point: Point, paths: Sequence[Path] = ()) -> dict[Any, Real] | None:
    """The derivatives at a point, the products along paths by their place, and their running sums. Raises NotReal.

    None where a label is abstract, or has a name that the point has no value for.
    """
    known = labels_at(part, point)
    if known is None:
        return None

    def compute(sums: Sums) -> dict[Any, Real]:
        found = {edge: label.rounded(sums.context) for edge, label in known.items()}
        adjoint = adjoints(part, found, sums)
        terms = list(_products(paths, found, sums.context))
        running = enumerate(accumulate(terms, lambda before, term: sums.total((before, term))))
        return {
            **{name: adjoint.get(name, Fraction(0)) for name in wrt},
            **{("term", place): term for place, term in enumerate(terms)},
            **{("sum", place): added for place, added in running},
        }

    return settled(compute, known.values(), point.lost)


def _products(paths: Iterable[Path], labels: Mapping[tuple[str, str], Real], context: Context) -> Iterator[Real]:
    """The product along each path; neighbours share their tails, whose product is worked out once."""
    before: Path = ()
    products: list[Real] = []  # of the labels behind each node of the path, from its end on
    for path in paths:
        back = path[::-1]
        shared = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(back, before, strict=False)))
        del products[shared:]
        for place in range(shared, len(back)):
            if place:
                products.append(product((labels[back[place], back[place - 1]], products[-1]), context))
            else:
                products.append(context.mpf(1))
        yield products[-1]
        before = back


def _why_not(error: NotReal, otherwise: str) -> str:
    told, *where = getattr(error, "__notes__", [otherwise])
    return f"{told} {error.fault} at this point: {error.reason}{''.join(where)}"


def _at(point: Point, edge: tuple[str, str], label: Expression) -> Known:
    try:
        return point.label(label)
    except NotReal as error:
        error.add_note("∂{}/∂{}".format(*edge))
        error.add_note(_operation(point, label, error))
        raise


def _operation(point: Point, label: Expression, error: NotReal) -> str:
    """Which operation of a label has no value, and the values of the names in it, in words."""
    names = [label.name(i) for i in slots_of(error.tree)][:4]
    context = with_digits(LEVELS[1])
    values = [f"{name} = {shortly(point.known[name].value(context), context)}" for name in names if name in point.known]
    where = f" where {', '.join(values)}" if values else ""
    return f" in {spec_text(Expression(error.tree, label.names, label.own), 200)}{where}"
