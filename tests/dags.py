"""Random graphs of abstract nodes for property tests, with what is asked for on both sides, and counts made anew."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations
from math import prod
from typing import Any

from hypothesis import strategies as st

from pathdiff.derivation import Accumulated, Formula, Partial, Product, Sum
from pathdiff.elimination.jacobian import Jacobian, jacobian
from pathdiff.elimination.steps import Line
from pathdiff.graph import Graph, computation_graph, derivative_graph
from pathdiff.reader import read_spec


@dataclass(frozen=True)
class Asked:
    """A graph by the arguments of each node, and which nodes a Jacobian is of and with respect to."""

    arguments: Mapping[str, tuple[str, ...]]
    of: tuple[str, ...]
    wrt: tuple[str, ...]

    @property
    def text(self) -> str:
        return "; ".join(f"{name} = {name}({', '.join(used)})" for name, used in self.arguments.items())

    @property
    def derivative(self) -> Graph:
        return derivative_graph(computation_graph(read_spec(self.text, inline=True)))

    @property
    def jacobian(self) -> Jacobian:
        return jacobian(self.derivative, self.of, self.wrt)


@st.composite
def asked(draw: st.DrawFn, most: int = 8) -> Asked:
    """Up to `most` nodes that use inputs and nodes before them; any names may be asked for, on both sides too."""
    names = [f"x{i}" for i in range(draw(st.integers(1, 3)))]
    inputs = tuple(names)
    arguments: dict[str, tuple[str, ...]] = {}
    for i in range(draw(st.integers(1, most))):
        used = draw(st.lists(st.sampled_from(names), min_size=1, max_size=3, unique=True))
        names.append(f"v{i}")
        arguments[names[-1]] = tuple(used)
    top = [name for name in arguments if not any(name in used for used in arguments.values())]
    known = [name for name in names if name in arguments or any(name in used for used in arguments.values())]
    some = st.lists(st.sampled_from(known), min_size=1, max_size=3, unique=True)
    of = top if draw(st.booleans()) else draw(some)
    wrt = [name for name in inputs if name in known] if draw(st.booleans()) else draw(some)
    return Asked(arguments, tuple(of), tuple(wrt))


Edge = tuple[str, str]
Count = tuple[int, int, int]
"""Multiplications, additions, and multiplications where those by 1 and -1 are free."""


def recount(
    arguments: Mapping[str, Sequence[str]],
    of: Sequence[str],
    wrt: Sequence[str],
    units: set[Edge],
    order: Sequence[str],
) -> Count:
    """What an elimination costs, by the words of the convention and on a set of edges (user, argument)."""
    edges = {(v, u) for v, used in arguments.items() for u in used}
    below, above = closure(edges, wrt), closure({(u, v) for v, u in edges}, of)
    edges = {(v, u) for v, u in edges if {v, u} <= below & above}
    units = {edge for edge in edges if edge in units}
    copies = {(f"row {name}", name) for name in of if any(u == name for _, u in edges)}
    copies |= {(name, f"column {name}") for name in wrt if any(v == name for v, _ in edges)}
    edges |= copies
    units |= copies
    multiplications = additions = plain = 0
    for name in order:
        into = [edge for edge in edges if edge[1] == name]
        out = [edge for edge in edges if edge[0] == name]
        made: dict[Edge, bool] = {}
        for first in into:
            for second in out:
                made[first[0], second[1]] = first in units and second in units
                multiplications += first not in copies and second not in copies
                plain += first not in units and second not in units
        edges -= {*into, *out}
        for edge, unit in made.items():
            additions += edge in edges
            units.discard(edge)
            if unit and edge not in edges:
                units.add(edge)
            edges.add(edge)
    return multiplications, additions, plain


def closure(edges: set[Edge], start: Sequence[str]) -> set[str]:
    """What leads to one of some names, each edge (from, to) being gone along."""
    found = set(start)
    while more := {v for v, u in edges if u in found} - found:
        found |= more
    return found


def cheapest(found: Asked) -> int:
    """The least count over all orders."""
    orders = permutations(found.jacobian.intermediates)
    return min(recount(found.arguments, found.of, found.wrt, set(), order)[0] for order in orders)


def every_path(arguments: Mapping[str, Sequence[str]], of: str, wrt: str) -> list[tuple[str, ...]]:
    """All paths from a node to another, by going along all of them."""
    if of == wrt:
        return [(of,)]
    return [(of, *rest) for u in arguments.get(of, ()) for rest in every_path(arguments, u, wrt)]


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
