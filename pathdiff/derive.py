"""One derivative in every form: the paths, both sweeps, the formulas between them, and their numbers at a point."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise
from typing import Any

from pathdiff.algebra import plus, times
from pathdiff.derivation import Derivation, Formula, Numbers, Partial, PathSum, Product, Sum, Total, Value
from pathdiff.expression import ONE, ZERO, Expression, Tree, slot, slots_of, substitute
from pathdiff.graph import Between, Graph, between
from pathdiff.numeric import DIGITS, Context, NotReal, Point, Real, label_value, settled
from pathdiff.partials import visible
from pathdiff.paths import path_sum, path_sum_cost
from pathdiff.sweeps import LONGEST_FORMULA, factoring, forward_sweep, reverse_sweep, sweep_cost, total, written_out

LISTED_PATHS = 1000
"""How many paths a derivation lists; their number is exact however many there are."""


def derive(derivative: Graph, of: str, wrt: str, point: Point | None = None) -> Derivation:
    """The derivative of a node with respect to another in every form; any two nodes, real scalars.

    A node's derivative with respect to itself is 1, by the one path without edges; without a path it is 0.
    Cost O(V + E) of what lies between, and of what is listed.
    """
    part = between(derivative, of, [wrt])
    listed = path_sum(part, wrt, LISTED_PATHS)
    reverse = reverse_sweep(part)
    forward = forward_sweep(part, wrt)
    costs = {"path_sum": path_sum_cost(part, wrt), "forward": sweep_cost(forward), "reverse": sweep_cost(reverse)}
    derivation = Derivation(
        of,
        wrt,
        part,
        total(part, of, wrt) if part.order else Total(of, wrt),
        listed,
        labelled(part, listed),
        factoring(part, wrt, listed),
        reverse,
        forward,
        written_out(part, wrt, "reverse"),
        in_node_names(part, wrt),
        written_out(part, wrt, "forward"),
        costs,
    )
    return with_numbers(derivation, point) if point is not None else derivation


def labelled(part: Between, listed: PathSum) -> Sum | None:
    """The path sum with each label put in, abstract ones as they are; None where all are abstract."""
    if all(label.node.abstract for label in part.labels.values()):
        return None
    put_in = {edge: label.expression for edge, label in part.labels.items()}
    formula = listed.formula
    return replace(formula, terms=tuple(_with_labels(put_in, term) for term in listed.terms))


def _with_labels(labels: Mapping[tuple[str, str], Expression | None], term: Product) -> Product:
    """A product with the expression of each label in the place of ∂v/∂u; abstract ones stay."""
    edges = [(factor, labels[factor.of, factor.wrt]) for factor in term.factors if isinstance(factor, Partial)]
    return Product(tuple(factor if label is None else Value(label) for factor, label in edges))


def in_node_names(part: Between, wrt: str) -> Expression | None:
    """The derivative as one expression in node names, by the reverse sweep; None where a label on the way is abstract.

    None as well where it would have more than `LONGEST_FORMULA` labels in it.
    """
    size = {part.of: 0}
    for name in part.order[1:]:
        size[name] = sum(size[user] + 1 for user in part.users[name])
    if size.get(wrt, 0) > LONGEST_FORMULA or any(label.node.abstract for label in part.labels.values()):
        return None
    names: dict[str, int] = {}

    def label(of: str, wrt: str) -> Tree:
        expression = part.labels[of, wrt].expression
        assert expression is not None
        told = {index: expression.name(index) for index in slots_of(expression.tree)}
        return substitute(expression.tree, {i: slot(names.setdefault(name, len(names))) for i, name in told.items()})

    adjoint = {part.of: ONE}
    for name in part.order[1:]:
        adjoint[name] = plus(times(adjoint[user], label(user, name)) for user in part.users[name])
    hidden = frozenset[str]().union(*(label.node.hidden for label in part.labels.values()))
    return Expression(visible(adjoint.get(wrt, ZERO), hidden), list(names))


def _at_point(formula: Sum, values: Mapping[str, Any]) -> Sum:
    """The path sum with the labels put in and a number in the place of each name."""

    def put(factor: Formula) -> Formula:
        return replace(factor, numbers=values) if isinstance(factor, Value) else factor

    products = (term for term in formula.terms if isinstance(term, Product))
    return replace(formula, terms=tuple(Product(tuple(map(put, term.factors))) for term in products))


def with_numbers(derivation: Derivation, point: Point) -> Derivation:
    """The derivation with its numbers at a point, when every label between has a value there."""
    part = derivation.part
    labels = {edge: label.expression for edge, label in part.labels.items()}
    used = {label.name(index) for label in labels.values() if label for index in slots_of(label.tree)}
    values = point.settled
    if not point.told or None in labels.values() or not used <= values.keys():
        return derivation

    def compute(context: Context) -> dict[str | int, Real]:
        known = point.values(context)
        found = {edge: _label_number(edge, label, known, context) for edge, label in labels.items() if label}
        adjoint: dict[str, Real] = {derivation.of: context.mpf(1)}
        for name in part.order[1:]:
            adjoint[name] = context.fsum(adjoint[user] * found[user, name] for user in part.users[name])
        terms = (context.fprod(found[edge] for edge in pairwise(path)) for path in derivation.path_sum.paths)
        return {"result": adjoint.get(derivation.wrt, context.mpf(0)), **dict(enumerate(terms))}

    try:
        found = settled(compute, DIGITS)
    except NotReal as error:
        told = getattr(error, "__notes__", [f"∂{derivation.of}/∂{derivation.wrt}"])[0]
        return replace(derivation, why_no_numbers=f"{told} has no value at this point: {error.reason}")
    shown = _at_point(derivation.labelled or Sum(()), values)
    terms = tuple(found[number] for number in range(len(derivation.path_sum.paths)))
    return replace(derivation, numbers=Numbers(values, shown, terms, found["result"]))


def _label_number(edge: tuple[str, str], label: Expression, values: Mapping[str, Real], context: Context) -> Real:
    try:
        return label_value(label, values, context)
    except NotReal as error:
        error.add_note("∂{}/∂{}".format(*edge))
        raise
