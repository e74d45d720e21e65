"""The composed function as the verifier sees it: from what the spec says of its nodes, and from nothing derived."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from pathdiff.derivation import Path
from pathdiff.spec import Node, Spec
from pathdiff.verify.verdict import Edge

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Ring(Generic[T]):
    """Where formulas are evaluated: numbers, residues, polynomials."""

    one: T
    add: Callable[[list[T]], T]
    multiply: Callable[[list[T]], T]


@dataclass(frozen=True, slots=True)
class Composition:
    """One node as a function of others. One other node is a variable of its own, its definition cut off."""

    of: str
    wrt: tuple[str, ...]
    """Those of the names asked for that `of` depends on."""
    nodes: dict[str, Node]
    """The definitions in use."""
    order: tuple[str, ...]
    """All that `of` is computed from and `of` itself, arguments before what uses them."""
    inside: tuple[str, ...]
    """Of these, the ones on a path from `of` to one of `wrt`, in the same order."""
    arguments: dict[str, tuple[str, ...]]
    """For each of `inside` the nodes that its edges lead to, `inside` too, in the order of its text."""

    @property
    def edges(self) -> Iterator[Edge]:
        """The edges on a path from `of` to one of `wrt`."""
        return ((v, u) for v in self.inside for u in self.arguments[v])


def composition(spec: Spec, of: str, wrt: Iterable[str]) -> Composition:
    """What `of` is made of, down to `wrt`. Cost O(V + E) of what it depends on."""
    asked = dict.fromkeys(wrt)
    cut = next(iter(asked)) if len(asked) == 1 else None
    order = in_order(spec.nodes, [of], cut)
    nodes = {name: spec.nodes[name] for name in order if name in spec.nodes and name != cut}
    arguments: dict[str, tuple[str, ...]] = {}
    for name in order:
        used = tuple(u for u in nodes[name].arguments if u in arguments) if name in nodes else ()
        if used or name in asked:
            arguments[name] = used
    ends = tuple(name for name in asked if name in arguments)
    return Composition(of, ends, nodes, tuple(order), tuple(arguments), arguments)


def in_order(nodes: Mapping[str, Node], names: Iterable[str], cut: str | None = None) -> list[str]:
    """Some names and all that they are computed from, arguments before what uses them; nothing of what `cut` uses."""

    def arguments(name: str) -> Iterator[str]:
        return iter(nodes[name].arguments if name in nodes and name != cut else ())

    order: list[str] = []
    seen: set[str] = set()
    for start in names:
        stack = [] if start in seen else [(start, arguments(start))]
        seen.add(start)
        while stack:
            name, rest = stack[-1]
            found = next((argument for argument in rest if argument not in seen), None)
            if found is None:
                order.append(name)
                stack.pop()
            else:
                seen.add(found)
                stack.append((found, arguments(found)))
    return order


def adjoints(function: Composition, ring: Ring[T], label: Callable[[Edge], T]) -> dict[str, T]:
    """The sum over the paths from `of` to each node, from `of` on. O(E) operations."""
    received: dict[str, list[T]] = {name: [] for name in function.inside}
    total: dict[str, T] = {}
    for name in reversed(function.inside):
        total[name] = ring.one if name == function.of else ring.add(received.pop(name))
        for argument in function.arguments[name]:
            received[argument].append(ring.multiply([total[name], label((name, argument))]))
    return total


def tangents(function: Composition, ring: Ring[T], label: Callable[[Edge], T], seeds: dict[str, T]) -> dict[str, T]:
    """The sum over the paths from each node to those of `wrt`, each times the seed at its end, from `wrt` on."""
    total: dict[str, T] = {}
    for name in function.inside:
        terms = [ring.multiply([label((name, u)), total[u]]) for u in function.arguments[name]]
        total[name] = ring.add([seeds[name], *terms] if name in seeds else terms)
    return total


COUNTING: Final[Ring[int]] = Ring(1, sum, lambda factors: factors[0] * factors[1])
"""With 1 on each edge, sums over paths count them."""


def path_count(function: Composition) -> int:
    """How many paths lead from `of` to the one name of `wrt`, by dynamic programming."""
    if not function.inside:
        return 0
    return tangents(function, COUNTING, lambda _: 1, dict.fromkeys(function.wrt, 1))[function.of]


def every_path(function: Composition) -> Iterator[Path]:
    """The paths from `of` to the one name of `wrt`, each once; depth first, in the order of the texts."""
    if not function.inside:
        return
    path = [function.of]
    rest = [iter(function.arguments[function.of])]
    while path:
        if path[-1] in function.wrt:
            yield tuple(path)
        argument = next(rest[-1], None)
        if argument is None:
            path.pop()
            rest.pop()
        else:
            path.append(argument)
            rest.append(iter(function.arguments[argument]))
