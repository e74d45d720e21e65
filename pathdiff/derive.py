"""One derivative in every form: the paths, both sweeps, the formulas between them, and their numbers at a point."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise
from typing import Any

import mpmath

from pathdiff.algebra import plus, times
from pathdiff.derivation import Derivation, Formula, Numbers, Partial, PathSum, Product, Sum, Total, Value
from pathdiff.expression import ONE, ZERO, Expression, Tree, slot, slots_of, substitute
from pathdiff.graph import Between, Graph, between
from pathdiff.numeric import NotReal, label_value
from pathdiff.paths import path_sum, path_sum_cost
from pathdiff.sweeps import factoring, forward_sweep, reverse_sweep, sweep_cost, total, written_out

LISTED_PATHS = 1000
"""How many paths a derivation lists; their number is exact however many there are."""
DIGITS = 30
"""The precision of a derivation's numbers, in decimal digits."""


def derive(derivative: Graph, of: str, wrt: str, values: Mapping[str, Any] | None = None) -> Derivation:
    """The derivative of a node with respect to another in every form; any two nodes, real scalars.

    A node's derivative with respect to itself is 1, by the one path without edges; without a path it is 0.
    Cost O(V + E) of what lies between, and of what is listed.
    """
    part = between(derivative, of, [wrt])
    listed = path_sum(part, wrt, LISTED_PATHS)
    reverse = reverse_sweep(part)
    forward = forward_sweep(part, wrt)
    factored = written_out(part, wrt, "reverse")
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
        factored,
        in_node_names(part, wrt, factored),
        written_out(part, wrt, "forward"),
        costs,
    )
    return with_numbers(derivation, values) if values else derivation


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


def in_node_names(part: Between, wrt: str, factored: Formula | None) -> Expression | None:
    """The derivative as one expression in node names, by the reverse sweep; None where a label on the way is abstract.

    None as well where the factored formula would be too long: this one is as long.
    """
    if factored is None or any(label.node.abstract for label in part.labels.values()):
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
    return Expression(adjoint.get(wrt, ZERO), list(names))


def _at_point(formula: Sum, values: Mapping[str, Any]) -> Sum:
    """The path sum with the labels put in and a number in the place of each name."""

    def put(factor: Formula) -> Formula:
        return replace(factor, numbers=values) if isinstance(factor, Value) else factor

    products = (term for term in formula.terms if isinstance(term, Product))
    return replace(formula, terms=tuple(Product(tuple(map(put, term.factors))) for term in products))


def with_numbers(derivation: Derivation, values: Mapping[str, Any]) -> Derivation:
    """The derivation with its numbers at a point, when every label between has a value there."""
    part = derivation.part
    context = mpmath.mp.clone()
    context.dps = DIGITS
    numbers: dict[tuple[str, str], Any] = {}
    for edge, label in part.labels.items():
        expression = label.expression
        if expression is None:
            return derivation
        used = [expression.name(index) for index in slots_of(expression.tree)]
        if any(name not in values for name in used):
            return derivation
        try:
            numbers[edge] = label_value(expression, values, context)
        except NotReal as error:
            why = f"∂{label.of}/∂{label.wrt} has no value at this point: {error.reason}"
            return replace(derivation, why_no_numbers=why)
    shown = derivation.labelled and _at_point(derivation.labelled, values)
    terms = tuple(context.fprod(numbers[edge] for edge in pairwise(path)) for path in derivation.path_sum.paths)
    adjoint = {derivation.of: context.mpf(1)}
    for name in part.order[1:]:
        adjoint[name] = context.fsum(adjoint[user] * numbers[user, name] for user in part.users[name])
    return replace(
        derivation, numbers=Numbers(values, shown or Sum(()), terms, adjoint.get(derivation.wrt, context.mpf(0)))
    )
