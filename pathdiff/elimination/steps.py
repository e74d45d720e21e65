"""A vertex elimination as data: the products that each step makes, and the Jacobian as formulas with named parts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from pathdiff.derivation import Accumulated, Formula, Product, Spent, Sum, Total

DEEPEST_FORMULA: Final = 50
"""How deep brackets may nest."""


@dataclass(frozen=True, slots=True)
class Line:
    """What stands on an edge of -> wrt when it is used, or in the end, under a name."""

    result: Accumulated | Total
    """The derivative, for an edge that is left in the end; otherwise a name for the sum over those of the paths from
    `of` to `wrt` that lead through eliminated nodes."""
    of: str
    wrt: str
    formula: Sum
    """The label of the edge, where there was one, and then the products made for it, first to last."""


@dataclass(frozen=True, slots=True)
class Made:
    """One product of an elimination: for a user and an argument of the node that is eliminated."""

    of: str
    wrt: str
    product: Product
    """A factor for each of the two edges; none for an edge to or from a copy, whose label is 1."""
    absorbed: bool
    """Whether it is added to an edge that is there; otherwise the edge is new: fill-in."""

    @property
    def free(self) -> bool:
        """Whether it takes no multiplication."""
        return len(self.product.factors) < 2


@dataclass(frozen=True, slots=True)
class EliminationStep:
    """One node eliminated."""

    node: str
    lines: tuple[Line, ...]
    """What the products of this step need and has no name yet."""
    products: tuple[Made, ...]
    """By users, then by arguments."""
    multiplications: int
    """How many were made up to here, those of this step included."""
    additions: int
    """The same."""


@dataclass(frozen=True, slots=True)
class Elimination:
    """A Jacobian accumulated in some order, in the order in which a person reads it."""

    order: tuple[str, ...]
    steps: tuple[EliminationStep, ...]
    results: tuple[Line, ...]
    """The derivative of each row with respect to each column that it depends on, row by row."""
    spent: Spent
    complete: bool = True
    """Whether the steps and the results are there; of an elimination of very many products only the counts are."""

    @property
    def lines(self) -> tuple[Line, ...]:
        """All lines, each after those that it needs."""
        return (*(line for step in self.steps for line in step.lines), *self.results)

    def factored(self) -> tuple[Line, ...]:
        """The same with what is used once put in its place, so that only shared parts and the results are lines.

        Nothing is written twice, and brackets nest no deeper than in other formulas. Cost O(size of all lines).
        """
        uses = Counter(part for line in self.lines for part in _names(line.formula))
        put_in: dict[str, Sum] = {}
        depth: dict[str, int] = {}
        kept = []
        for line in self.lines:
            whole = replace(line, formula=_with(line.formula, put_in))
            deepest = 1 + max((depth.get(name, 0) for name in _names(line.formula)), default=0)
            if isinstance(line.result, Accumulated) and uses[line.result.name] == 1 and deepest <= DEEPEST_FORMULA:
                put_in[line.result.name], depth[line.result.name] = whole.formula, deepest
            else:
                kept.append(whole)
        return tuple(kept)


def _names(formula: Sum) -> list[str]:
    factors = (factor for term in formula.terms if isinstance(term, Product) for factor in term.factors)
    return [factor.name for factor in factors if isinstance(factor, Accumulated)]


def _with(formula: Sum, put_in: Mapping[str, Sum]) -> Sum:
    """The sum with the sums of some names in their place, a single product as factors."""
    terms = []
    for term in formula.terms:
        assert isinstance(term, Product)
        factors: list[Formula] = []
        for factor in term.factors:
            inner = put_in.get(factor.name) if isinstance(factor, Accumulated) else None
            only = inner.terms[0] if inner is not None and len(inner.terms) == 1 else None
            factors += only.factors if isinstance(only, Product) else [inner or factor]
        terms.append(Product(tuple(factors)))
    return Sum(tuple(terms))
