"""What it costs to accumulate a Jacobian: by the path sum, and by vertex elimination in different orders."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from typing import Final

from pathdiff.derivation import Spent
from pathdiff.elimination.eliminate import eliminate
from pathdiff.elimination.jacobian import Jacobian, jacobian
from pathdiff.elimination.orders import (
    STRATEGIES,
    Order,
    forward_order,
    markowitz_order,
    order_told,
    path_sums,
    reverse_order,
    spent,
)
from pathdiff.elimination.search import Found, Progress, search
from pathdiff.explain import Explanation, Ordered, questions
from pathdiff.graph import Graph, computation_graph, derivative_graph
from pathdiff.spec import Spec
from pathdiff.verify.eliminations import check_elimination

_MADE: Final[Mapping[str, Callable[[Jacobian], Order]]] = {
    "forward": forward_order, "reverse": reverse_order, "markowitz": markowitz_order,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Strategy:
    """One way to accumulate the Jacobian."""

    order: tuple[str, ...] | None
    """The nodes in the order in which they are eliminated; None for the path sum, which eliminates nothing."""
    spent: Spent


@dataclass(frozen=True, slots=True)
class Costs:
    """The strategies side by side."""

    spec: Spec
    computation: Graph
    of: tuple[str, ...]
    """The nodes asked for."""
    wrt: tuple[str, ...]
    """The names asked for."""
    jacobian: Jacobian
    path_count: int
    """How many paths there are from one of `of` to one of `wrt`, all together."""
    strategies: Mapping[str, Strategy]
    """By "path_sum", "forward", "reverse", "markowitz" and "search", then a given order by its names with commas."""
    found: Found
    """What is known of the order of "search"."""


Told = str | Sequence[str]
"""An order: the name of a strategy, or all intermediate nodes, as names or as one text with commas between."""


def costs(
    spec: Spec,
    of: Sequence[str] = (),
    wrt: Sequence[str] = (),
    orders: Sequence[Told] = (),
    *,
    seed: int = 0,
    budget: float | None = None,
    workers: int = 1,
    pool: Callable[[], Executor] | None = None,
    report: Callable[[Progress], None] = lambda _: None,
) -> Costs:
    """What each strategy costs for the Jacobian of all nodes asked for with respect to all names asked for.

    `of` and `wrt` default as for a derivation; where `derive` asks for different names of different nodes, it is the
    Jacobian with respect to all of these. `orders` are orders of the intermediate nodes, or names of strategies, which
    are there anyway. For the rest see `search`. Raises InputError.
    """
    computation = computation_graph(spec)
    derivative = derivative_graph(computation)
    pairs = questions(spec, computation, of, wrt)
    asked, names = tuple(pairs), tuple(dict.fromkeys(name for told in pairs.values() for name in told))
    part = jacobian(derivative, asked, names)
    given = [order for told in orders if not isinstance(order := order_told(part, told, "--order"), str)]
    path_count, on_paths = path_sums(part)
    by_name: dict[str, Order] = {name: make(part) for name, make in _MADE.items()}
    found = search(part, seed=seed, budget=budget, workers=workers, pool=pool, report=report)
    by_name["search"] = found.order
    for order in given:
        name = ",".join(part.names[v] for v in order)
        by_name[f"{name}," if name in ("path_sum", *STRATEGIES) else name] = order
    strategies = {"path_sum": Strategy(None, on_paths)}
    for name, order in by_name.items():
        strategies[name] = Strategy(tuple(part.names[v] for v in order), spent(part, order))
    return Costs(spec, computation, asked, names, part, path_count, strategies, found)


def with_orders(
    explanation: Explanation,
    orders: Sequence[Told],
    *,
    seed: int = 0,
    budget: float | None = None,
    workers: int = 1,
    pool: Callable[[], Executor] | None = None,
    report: Callable[[Progress], None] = lambda _: None,
) -> Explanation:
    """The explanation with an elimination in each of some orders, verified; they are told as for `costs`.

    They are of the Jacobian of all its derivatives together. Raises InputError.
    """
    of = [gradient.of for gradient in explanation.gradients]
    wrt = [x for gradient in explanation.gradients for x in gradient.wrt]
    part = jacobian(explanation.derivative, of, wrt)
    made = []
    for told in [order_told(part, order, "--order") for order in orders]:
        found = None
        asked: Told
        if isinstance(told, str):
            name, asked = told, told
            if told == "search":
                found = search(part, seed=seed, budget=budget, workers=workers, pool=pool, report=report)
            order = found.order if found else _MADE[told](part)
        else:
            name, order = "", told
            asked = [part.names[v] for v in order]
        elimination = eliminate(part, order)
        check = check_elimination(explanation.spec, elimination, of, wrt, asked, part.unit_labels)
        made.append(Ordered(name, elimination, check, found))
    return replace(explanation, orders=tuple(made))
