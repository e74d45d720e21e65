"""What it costs to accumulate a Jacobian: by the path sum, and by vertex elimination in different orders."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from typing import Final

from pathdiff.derivation import Spent
from pathdiff.diagnostics import Diagnostic, InputError
from pathdiff.elimination import Ordered, eliminate, evaluated
from pathdiff.explain import Explanation, questions
from pathdiff.graph import Graph, computation_graph, derivative_graph
from pathdiff.jacobian import Jacobian, jacobian
from pathdiff.orders import Order, forward_order, markowitz_order, named_order, path_sums, reverse_order, spent
from pathdiff.search import Found, Progress, search
from pathdiff.spec import Spec
from pathdiff.verify.totals import PRIME, residue, totals

NAMED: Final = ("path_sum", "forward", "reverse", "markowitz", "search")
"""The strategies that have a name."""


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


def costs(
    spec: Spec,
    of: Sequence[str] = (),
    wrt: Sequence[str] = (),
    orders: Sequence[Sequence[str]] = (),
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
    given = [tuple(order) for order in orders if not (len(order) == 1 and order[0] in NAMED)]
    orders_given = {",".join(order): _given(part, order) for order in given}
    path_count, on_paths = path_sums(part)
    found = search(part, seed=seed, budget=budget, workers=workers, pool=pool, report=report)
    by_name: dict[str, Order] = {
        "forward": forward_order(part),
        "reverse": reverse_order(part),
        "markowitz": markowitz_order(part),
        "search": found.order,
        **orders_given,
    }
    strategies = {"path_sum": Strategy(None, on_paths)}
    for name, order in by_name.items():
        strategies[name] = Strategy(tuple(part.names[v] for v in order), spent(part, order))
    return Costs(spec, computation, asked, names, part, path_count, strategies, found)


def with_orders(explanation: Explanation, orders: Sequence[Sequence[str]], *, workers: int = 1) -> Explanation:
    """The explanation with an elimination in each of some orders: names of strategies, or all intermediate nodes.

    They are of the Jacobian of all its derivatives together. Raises InputError.
    """
    of = [gradient.of for gradient in explanation.gradients]
    wrt = [x for gradient in explanation.gradients for x in gradient.wrt]
    part = jacobian(explanation.derivative, of, wrt)
    made: dict[str, Callable[[Jacobian], Order]] = {
        "forward": forward_order,
        "reverse": reverse_order,
        "markowitz": markowitz_order,
        "search": lambda part: search(part, workers=workers).order,
    }
    expected = totals(explanation.spec, of, wrt) if orders else {}
    found = []
    for names in orders:
        known = made.get(names[0]) if len(names) == 1 else None
        elimination = eliminate(part, known(part) if known else _given(part, tuple(names)))
        agrees = evaluated(elimination.lines, residue, PRIME) == expected
        found.append(Ordered(names[0] if known else "", elimination, agrees))
    return replace(explanation, orders=tuple(found))


def _given(part: Jacobian, names: tuple[str, ...]) -> Order:
    if names and names[0] not in part.names and len(names) == 1 and part.count != 1:
        known = ", ".join(NAMED[1:])
        message = f"`{names[0]}` is neither the name of an order nor all intermediate nodes"
        hint = f"{known}, or nodes with commas between"
        raise InputError([Diagnostic("wrong-order", message, "--order", hint=hint)])
    return named_order(part, names, "--order")
