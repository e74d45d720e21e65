"""Vertex elimination as algebra: the products that each step makes, and the Jacobian as formulas with named parts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from pathdiff.derivation import Accumulated, Formula, Partial, Product, Spent, Sum, Total
from pathdiff.elimination.jacobian import Jacobian
from pathdiff.elimination.orders import Order, Remaining, spent
from pathdiff.elimination.sets import members
from pathdiff.elimination.steps import Elimination, EliminationStep, Line, Made

Edge = tuple[int, int]

MOST_PRODUCTS: Final = 100_000
"""An elimination that takes more multiplications is counted, and not made."""

_PREFIXES: Final = ("c", "k", "m", "q", "r", "t", "u")
"""What the names of shared parts begin with: the first that no name of the spec begins with."""


def eliminate(jacobian: Jacobian, order: Order, most: int = MOST_PRODUCTS) -> Elimination:
    """The elimination of all intermediate vertices in an order; of more than `most` products only the counts.

    Cost O(products), however many are made.
    """
    counts = spent(jacobian, order)
    if counts.multiplications > most:
        return Elimination(tuple(jacobian.names[v] for v in order), (), (), counts, complete=False)
    return _Elimination(jacobian, order).whole(counts)


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

    def whole(self, counts: Spent) -> Elimination:
        steps = []
        multiplications = additions = 0
        for v in self.order:
            lines, products = self._step(v)
            multiplications += sum(not made.free for made in products)
            additions += sum(made.absorbed for made in products)
            name = self.jacobian.names[v]
            steps.append(EliminationStep(name, tuple(lines), tuple(products), multiplications, additions))
        order = tuple(self.jacobian.names[v] for v in self.order)
        return Elimination(order, tuple(steps), tuple(self._results()), counts)

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
    """What a name can begin with, before digits, so that no name of the spec begins so."""
    known = tuple(names)
    free = (prefix for prefix in _PREFIXES if not any(name.startswith(prefix) for name in known))
    prefix = next(free, _PREFIXES[0])
    while any(name.startswith(prefix) for name in known):
        prefix += "_"
    return prefix
