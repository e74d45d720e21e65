"""Faults to be injected into derivations that are right: each function gives the same derivation with one fault."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from pathdiff.derivation import Derivation, Formula, Partial, Product, Step, Sum, Total
from pathdiff.derive import derive, in_node_names, labelled
from pathdiff.expression import Expression
from pathdiff.grammar import parse
from pathdiff.graph import Label, computation_graph, derivative_graph
from pathdiff.paths import path_product
from pathdiff.reader import read_spec
from pathdiff.spec import Spec

Change = Callable[[Derivation], Derivation]


def derived(text: str, of: str, wrt: str) -> tuple[Spec, Derivation]:
    """An inline spec and a derivative of it."""
    spec = read_spec(text, inline=True)
    return spec, derive(derivative_graph(computation_graph(spec)), of, wrt)


# Paths.


def listing(*paths: str, count: int | None = None) -> Change:
    """Other paths, each as `p z x`, with the terms that belong to them."""

    def change(derivation: Derivation) -> Derivation:
        told = tuple(tuple(path.split()) for path in paths)
        terms = tuple(map(path_product, told))
        listed = replace(derivation.path_sum, paths=told, terms=terms, count=len(told) if count is None else count)
        return replace(derivation, path_sum=listed, labelled=None)

    return change


def term(number: int, *factors: Formula) -> Change:
    """Another term for a path, which counts from 1."""

    def change(derivation: Derivation) -> Derivation:
        terms = list(derivation.path_sum.terms)
        terms[number - 1] = Product(factors)
        return replace(derivation, path_sum=replace(derivation.path_sum, terms=tuple(terms)), labelled=None)

    return change


# Sweeps.


def line(mode: str, of: str, wrt: str, *terms: tuple[Formula, ...]) -> Change:
    """Another formula for the line ∂of/∂wrt of a sweep."""
    formula = Sum(tuple(map(Product, terms)))
    return formula_of_line(mode, of, wrt, lambda _: formula)


def formula_of_line(mode: str, of: str, wrt: str, change: Callable[[Sum], Sum]) -> Change:
    """The formula of the line ∂of/∂wrt of a sweep, changed."""

    def changed(step: Step) -> Step:
        return replace(step, formula=change(step.formula)) if step.result == T(of, wrt) else step

    return steps(mode, lambda told: tuple(map(changed, told)))


def steps(mode: str, change_steps: Callable[[tuple[Step, ...]], tuple[Step, ...]]) -> Change:
    """Other lines for one of the sweeps."""

    def change(derivation: Derivation) -> Derivation:
        sweep = derivation.reverse if mode == "reverse" else derivation.forward
        changed = replace(sweep, steps=change_steps(sweep.steps))
        return replace(derivation, reverse=changed) if mode == "reverse" else replace(derivation, forward=changed)

    return change


# Labels.


@dataclass(frozen=True)
class Mislabelled(Label):
    """A label that says something else."""

    told: Expression | None

    @property
    def expression(self) -> Expression | None:
        return self.told


def label(of: str, wrt: str, text: str | None) -> Change:
    """Another label on an edge, in node names; everything that is written with labels follows it."""

    def change(derivation: Derivation) -> Derivation:
        known = derivation.part.labels[of, wrt]
        told = None
        if text is not None:
            read = parse(text)
            told = Expression(read.tree, list(read.names))
        return with_label(derivation, (of, wrt), Mislabelled(known.node, known.index, told))

    return change


def with_label(derivation: Derivation, edge: tuple[str, str], put: Label) -> Derivation:
    """The derivation as it would be with another label on an edge."""
    part = replace(derivation.part, labels={**derivation.part.labels, edge: put})
    written = in_node_names(part, [derivation.wrt]).get(derivation.wrt)
    return replace(derivation, part=part, labelled=labelled(part, derivation.path_sum), expression=written)


def label_of_another_edge(edge: tuple[str, str], other: tuple[str, str]) -> Change:
    """The label of one edge on another."""
    return lambda derivation: with_label(derivation, edge, derivation.part.labels[other])


def swapped(formula: Formula, old: Formula, new: Formula) -> Formula:
    """A formula with one part in the place of another, wherever it stands."""
    match formula:
        case _ if formula == old:
            return new
        case Product(factors):
            return Product(tuple(swapped(factor, old, new) for factor in factors))
        case Sum(terms):
            return replace(formula, terms=tuple(swapped(term, old, new) for term in terms))
        case _:
            return formula


def P(of: str, wrt: str) -> Partial:
    """The label ∂of/∂wrt."""
    return Partial(of, wrt)


def T(of: str, wrt: str) -> Total:
    """The line ∂of/∂wrt of a sweep."""
    return Total(of, wrt)
