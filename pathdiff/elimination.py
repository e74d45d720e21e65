"""A vertex elimination as algebra: the products that each step makes, and the Jacobian as formulas with named parts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import prod
from typing import Any

from pathdiff.derivation import Accumulated, Formula, Partial, Product, Spent, Sum, Total
from pathdiff.jacobian import Jacobian
from pathdiff.orders import Order, Remaining, spent
from pathdiff.sets import members
from pathdiff.sweeps import DEEPEST_FORMULA

Edge = tuple[int, int]


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


@dataclass(frozen=True, slots=True)
class Ordered:
    """An elimination under the name of its order, and whether it is verified."""

    name: str
    """The name of a strategy, such as "reverse"; nothing for an order that is given."""
    elimination: Elimination
    agrees: bool
    """Whether its results are those of the path sums, at random labels modulo a prime."""


def eliminate(jacobian: Jacobian, order: Order) -> Elimination:
    """The elimination of all intermediate vertices in an order. Cost O(products)."""
    return _Elimination(jacobian, order).whole()


class _Elimination:
    """What stands on the edges while vertices are eliminated."""

    def __init__(self, jacobian: Jacobian, order: Order) -> None:
        self.jacobian = jacobian
        self.order = order
        self.left = Remaining(jacobian)
        self.terms: dict[Edge, list[Product]] = {
            edge: [Product((Partial(label.of, label.wrt),))] for edge, label in jacobian.labels.items()
        }
        self.fresh = _fresh_prefix(jacobian.names)
        self.named = 0

    def whole(self) -> Elimination:
        steps = []
        multiplications = additions = 0
        for v in self.order:
            lines, products = self._step(v)
            multiplications += sum(not made.free for made in products)
            additions += sum(made.absorbed for made in products)
            name = self.jacobian.names[v]
            steps.append(EliminationStep(name, tuple(lines), tuple(products), multiplications, additions))
        order = tuple(self.jacobian.names[v] for v in self.order)
        return Elimination(order, tuple(steps), tuple(self._results()), spent(self.jacobian, self.order))

    def _step(self, v: int) -> tuple[list[Line], list[Made]]:
        lines: list[Line] = []
        arguments, users = (list(members(near[v])) for near in (self.left.arguments, self.left.users))
        inner = {u: self._settled((v, u), lines) for u in arguments}
        outer = {w: self._settled((w, v), lines) for w in users}
        products = []
        for w in users:
            for u in arguments:
                product = Product((*outer[w], *inner[u]))
                known = self.terms.setdefault((w, u), [])
                products.append(Made(self.jacobian.names[w], self.jacobian.names[u], product, bool(known)))
                known.append(product)
        self.left.eliminate(v)
        return lines, products

    def _settled(self, edge: Edge, lines: list[Line]) -> tuple[Formula, ...]:
        """What stands on an edge as factors, under a name if it is more than one; nothing for 1."""
        terms = self.terms.pop(edge, [Product(())])
        if len(terms) == 1 and len(terms[0].factors) < 2:
            return terms[0].factors
        self.named += 1
        name = Accumulated(f"{self.fresh}{self.named}")
        lines.append(Line(name, self.jacobian.names[edge[0]], self.jacobian.names[edge[1]], Sum(tuple(terms))))
        return (name,)

    def _results(self) -> Iterable[Line]:
        part = self.jacobian
        labels = {(label.of, label.wrt) for label in part.labels.values()}
        for p, row in part.rows.items():
            for x, column in part.columns.items():
                if self.left.arguments[row] >> column & 1:
                    terms = self.terms.get((row, column), [Product(())])
                    yield Line(Total(p, x, (p, x) in labels and len(terms) > 1), p, x, Sum(tuple(terms)))


def _fresh_prefix(names: Iterable[str]) -> str:
    """What a name can begin with, before digits, so that no name of the spec is like it."""
    known, prefix = tuple(names), "c"
    while any(name.startswith(prefix) for name in known):
        prefix += "_"
    return prefix


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


def evaluated(
    lines: Sequence[Line], label: Callable[[str, str], Any], modulus: int | None = None
) -> dict[tuple[str, str], Any]:
    """The value of each result of some lines, from the values of the labels: numbers, or integers modulo a prime."""
    known: dict[str, Any] = {}
    found: dict[tuple[str, str], Any] = {}
    for line in lines:
        value = _value(line.formula, known, label, modulus)
        if isinstance(line.result, Accumulated):
            known[line.result.name] = value
        else:
            found[line.of, line.wrt] = value
    return found


def _value(formula: Formula, known: Mapping[str, Any], label: Callable[[str, str], Any], modulus: int | None) -> Any:
    """The value of a formula, whose brackets don't nest deep."""
    match formula:
        case Partial():
            value = label(formula.of, formula.wrt)
        case Accumulated():
            value = known[formula.name]
        case Sum():
            value = sum(_value(term, known, label, modulus) for term in formula.terms)
        case Product():
            value = prod(_value(factor, known, label, modulus) for factor in formula.factors)
        case _:
            raise ValueError(f"{formula} is not part of an elimination")
    return value if modulus is None else value % modulus
