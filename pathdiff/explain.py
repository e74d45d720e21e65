"""From text to verdict: the whole of pathdiff in one function."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import mpmath
import networkx as nx

from pathdiff.derivation import Derivation, Formula, Numbers, Partial, PathSum, Product, Sum, Sweep, Total, Value
from pathdiff.diagnostics import Diagnostic, InputError, nearest
from pathdiff.expression import Tree, slots_of
from pathdiff.graph import Between, Graph, between, computation_graph, derivative_graph
from pathdiff.numeric import NotReal, described, forward_pass, label_value, value
from pathdiff.paths import path_sum, path_sum_cost
from pathdiff.spec import Spec, read_spec
from pathdiff.sweeps import factoring, forward_sweep, reverse_sweep, sweep_cost, total, written_out
from pathdiff.verify import Verdict, verify

LISTED_PATHS = 1000
"""How many paths a derivation lists; their number is exact however many there are."""
DIGITS = 30
"""The precision of a derivation's numbers, in decimal digits."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything that is shown of a spec."""

    spec: Spec
    computation: Graph
    derivative: Graph
    derivations: tuple[Derivation, ...]
    sweeps: Mapping[str, Sweep]
    """For each `of` one reverse sweep for all of its `wrt` together."""
    verdicts: tuple[Verdict, ...]
    """One for each derivation."""


def explain(
    text: str, name: str = "<spec>", *, inline: bool = False, of: Sequence[str] = (), wrt: Sequence[str] = (), at: Mapping[str, Tree] | None = None
) -> Explanation:
    """Reads a spec, derives, verifies. Real scalars throughout. Raises InputError where the input is wrong."""
    spec = read_spec(text, name, inline=inline)
    computation = computation_graph(spec)
    derivative = derivative_graph(computation)
    pairs = questions(spec, computation, of, wrt)
    values = point_values(spec, computation, {**spec.at, **(at or {})})
    derivations = tuple(derive(derivative, p, x, values) for p, xs in pairs.items() for x in xs)
    sweeps = {p: reverse_sweep(between(derivative, p, xs)) for p, xs in pairs.items()}
    verdicts = tuple(verify(spec, derivation) for derivation in derivations)
    return Explanation(spec, computation, derivative, derivations, sweeps, verdicts)


def questions(spec: Spec, graph: Graph, of: Sequence[str] = (), wrt: Sequence[str] = ()) -> dict[str, tuple[str, ...]]:
    """Which derivatives are asked for: for each node the names with respect to which, in order.

    `of` defaults to the spec's `derive`, else to the dependent nodes; `wrt` to `derive`, else to the inputs, else
    to all independent names; `all` means these. Raises InputError for a name that is not in the spec.
    """
    unknown = [(option, name) for option, names in (("--of", of), ("--wrt", wrt)) for name in names if name not in graph]
    unknown = [(option, name) for option, name in unknown if (option, name) != ("--wrt", "all")]
    if unknown:
        raise InputError(
            Diagnostic("unknown-name", f"`{name}` is not a node of the spec", option, hint=nearest(name, graph.nodes))
            for option, name in unknown
        )
    dependents = [name for name, role in graph.nodes(data="role") if role == "dependent"]
    default = spec.inputs or spec.independents

    def names(told: Sequence[str]) -> tuple[str, ...]:
        spread = [other for name in told for other in (spec.independents if name == "all" and name not in graph else (name,))]
        return tuple(dict.fromkeys(spread)) or default

    return {p: names(wrt or spec.derive.get(p, ())) for p in of or spec.derive or dependents}


def point_values(spec: Spec, graph: Graph, point: Mapping[str, Tree]) -> dict[str, Any]:
    """The value of each name of the point and of each node that follows from it, to `DIGITS` digits.

    Raises InputError, which names the node, where an expression has no real value there.
    """
    context = mpmath.mp.clone()
    context.dps = DIGITS
    values: dict[str, Any] = {}
    for name, tree in point.items():
        try:
            values[name] = value(tree, (), context)
        except NotReal as error:
            raise InputError([Diagnostic("outside-domain", f"the value of `{name}` is {error.reason}", spec.source.name)]) from None
    try:
        return forward_pass(spec.nodes, nx.topological_sort(graph), values, context)
    except NotReal as error:
        node = spec.nodes[error.__notes__[0]]
        shown = described(error, node.arguments, node.name)
        raise InputError(
            [node.text.problem("outside-domain", f"`{node.name}` has no value at this point: {error.reason}", note=f"the operation is `{shown}`")]
        ) from None


def derive(derivative: Graph, of: str, wrt: str, values: Mapping[str, Any] | None = None) -> Derivation:
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
        written_out(part, wrt, "forward"),
        costs,
    )
    return with_numbers(derivation, values) if values else derivation


def labelled(part: Between, listed: PathSum) -> Sum | None:
    """The path sum with each label put in, abstract ones as they are; None where all are abstract."""
    if all(label.node.abstract for label in part.labels.values()):
        return None
    return put_labels(part, listed.formula)


def put_labels(part: Between, formula: Formula, numbers: Mapping[str, Any] | None = None) -> Any:
    """A formula with the expression of each label in the place of ∂v/∂u; abstract ones stay."""
    match formula:
        case Partial():
            expression = part.labels[formula.of, formula.wrt].expression
            return formula if expression is None else Value(expression, numbers)
        case Product():
            return Product(tuple(put_labels(part, factor, numbers) for factor in formula.factors))
        case Sum():
            return replace(formula, terms=tuple(put_labels(part, term, numbers) for term in formula.terms))
        case _:
            return formula


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
    terms = tuple(context.fprod(numbers[edge] for edge in zip(path, path[1:], strict=False)) for path in derivation.path_sum.paths)
    adjoint = {derivation.of: context.mpf(1)}
    for name in part.order[1:]:
        adjoint[name] = context.fsum(adjoint[user] * numbers[user, name] for user in part.users[name])
    return replace(derivation, numbers=Numbers(values, terms, adjoint.get(derivation.wrt, context.mpf(0))))
