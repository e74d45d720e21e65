"""Derivatives at a point: the numbers of a derivation, by one reverse sweep over the values of the labels."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import accumulate, takewhile
from typing import Any, Final

from pathdiff.derivation import Derivation, Formula, Numbers, Path, Product, Sum, Value, Weighed
from pathdiff.domain import operation_at
from pathdiff.expression import Expression, slots_of
from pathdiff.graph import Between
from pathdiff.numeric import Context, NotReal, Real
from pathdiff.points import Known, Point, Sums, product, settled
from pathdiff.weighing import WeighedPaths

MANY_PATHS: Final = 20
"""Of more paths those with the largest products are told too."""
LARGEST_SHOWN: Final = 5
"""How many, then."""


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
        found = numbers_at(derivation.part, [derivation.wrt], point, paths)
    except NotReal as error:
        return replace(derivation, why_no_numbers=why_not(error, f"∂{derivation.of}/∂{derivation.wrt}"))
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
    return numbers_at(part, part.order, point)


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


def numbers_at(part: Between, wrt: Sequence[str], point: Point, paths: Sequence[Path] = ()) -> dict[Any, Real] | None:
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


def why_not(error: NotReal, otherwise: str) -> str:
    """Why a label has no value, or `otherwise` if it is not a label that has none, in words."""
    told, *where = getattr(error, "__notes__", [otherwise])
    return f"{told} {error.fault} at this point: {error.reason}{''.join(where)}"


def _at(point: Point, edge: tuple[str, str], label: Expression) -> Known:
    try:
        return point.label(label)
    except NotReal as error:
        error.edge = edge
        error.add_note("∂{}/∂{}".format(*edge))
        error.add_note(operation_at(error, label, point.known))
        raise
