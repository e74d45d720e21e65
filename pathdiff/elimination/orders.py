"""Orders of elimination, and what each costs: forward, reverse, Markowitz, and one that is given by names.

Vertex elimination (Griewank and Reese 1991): to eliminate v, the label of every edge to v is multiplied by the label
of every edge from v. The product is the label of a new edge past v, or is added to that of the edge that is there.
After all eliminations the edges that are left are the Jacobian. Labels are free; the order is what it costs.
"""

from __future__ import annotations

from collections.abc import Sequence
from heapq import heapify, heappop, heappush
from typing import Final

from pathdiff.derivation import Spent
from pathdiff.diagnostics import Diagnostic, InputError, nearest
from pathdiff.elimination.jacobian import Jacobian
from pathdiff.elimination.sets import Set, members

Order = tuple[int, ...]
"""The vertices to be eliminated, first to last."""

STRATEGIES: Final = ("forward", "reverse", "markowitz", "search")
"""The names of orders that follow from the graph."""


class Remaining:
    """The graph that is left while vertices are eliminated."""

    def __init__(self, jacobian: Jacobian) -> None:
        self.jacobian = jacobian
        self.arguments = list(jacobian.arguments)
        self.users = list(jacobian.users)

    def price(self, v: int) -> int:
        """How many multiplications it takes to eliminate a vertex now."""
        part = self.jacobian
        used = self.arguments[v].bit_count() - part.copied_arguments[v]
        return used * (self.users[v].bit_count() - part.copied_users[v])

    def eliminate(self, v: int) -> None:
        """Every user of v gets an edge to every argument of v. Cost O(|arguments| + |users|) operations on sets."""
        arguments, users, bit = self.arguments[v], self.users[v], 1 << v
        for u in members(arguments):
            self.users[u] = self.users[u] ^ bit | users
        for w in members(users):
            self.arguments[w] = self.arguments[w] ^ bit | arguments


def spent(jacobian: Jacobian, order: Sequence[int]) -> Spent:
    """What an order costs.

    An edge counts as labelled 1 or -1 while its label is known to be: the constant itself, or a product of such
    labels to which nothing is added.
    """
    left = Remaining(jacobian)
    units = _unit_sets(jacobian)
    multiplications = additions = without_units = 0
    for v in order:
        multiplications += left.price(v)
        arguments, users, bit = left.arguments[v], left.users[v], 1 << v
        plain = arguments & ~units[v]
        for w in members(users):
            there = left.arguments[w]
            by_unit = units[w] & bit
            without_units += 0 if by_unit else plain.bit_count()
            additions += (arguments & there).bit_count()
            made = units[v] & arguments & ~there if by_unit else 0
            units[w] = units[w] & ~bit & ~arguments | made
        left.eliminate(v)
    return Spent(multiplications, additions, without_units)


def path_sums(jacobian: Jacobian) -> tuple[int, Spent]:
    """How many paths there are from rows to columns, and what their products and sums cost, each pair by itself.

    Each number is a sum over paths, worked out for all of them at once, vertex by vertex. O(V + E).
    """
    size = len(jacobian.names)
    paths, factors, empty = [0] * size, [0] * size, [0] * size
    other, plain = [0] * size, [0] * size
    for row in jacobian.rows.values():
        paths[row] = empty[row] = plain[row] = 1
    for v in (*jacobian.rows.values(), *reversed(jacobian.forward_order)):
        for u in members(jacobian.arguments[v]):
            is_label, is_unit = (v, u) in jacobian.labels, (v, u) in jacobian.units
            paths[u] += paths[v]
            factors[u] += factors[v] + is_label * paths[v]
            empty[u] += 0 if is_label else empty[v]
            other[u] += other[v] + (not is_unit) * paths[v]
            plain[u] += plain[v] if is_unit else 0
    ends = jacobian.columns.values()
    count, trivial = sum(paths[x] for x in ends), sum(empty[x] for x in ends)
    # a path of k factors takes k - 1 multiplications, one of none takes none
    multiplications = sum(factors[x] for x in ends) - count + trivial
    without_units = sum(other[x] for x in ends) - count + sum(plain[x] for x in ends)
    return count, Spent(multiplications, count - _pairs(jacobian), without_units)


def _pairs(jacobian: Jacobian) -> int:
    """How many pairs of a row and a column have a path between them."""
    below = [0] * len(jacobian.names)
    for x in jacobian.columns.values():
        below[x] = 1 << x
    for v in (*jacobian.forward_order, *jacobian.rows.values()):
        for u in members(jacobian.arguments[v]):
            below[v] |= below[u]
    return sum(below[row].bit_count() for row in jacobian.rows.values())


def _unit_sets(jacobian: Jacobian) -> list[Set]:
    """For each vertex the arguments that an edge labelled 1 or -1 leads to."""
    found = [0] * len(jacobian.names)
    for v, u in jacobian.units:
        found[v] |= 1 << u
    return found


def forward_order(jacobian: Jacobian) -> Order:
    """Forward mode: each node after its arguments; of those that may come next the one that the spec names first."""
    return jacobian.forward_order


def reverse_order(jacobian: Jacobian) -> Order:
    """Reverse mode: each node after its users, the forward order backwards."""
    return jacobian.forward_order[::-1]


def markowitz_order(jacobian: Jacobian) -> Order:
    """The cheapest next: least |arguments| times |users| (Markowitz 1957); of equals the one that the spec names first.

    For elimination on graphs by Griewank and Reese (1991).
    """
    left = Remaining(jacobian)
    waiting = [(left.price(v), v) for v in range(jacobian.count)]
    heapify(waiting)
    inner = (1 << jacobian.count) - 1
    order: list[int] = []
    while inner:
        price, v = heappop(waiting)
        if not inner >> v & 1 or price != left.price(v):
            continue
        order.append(v)
        inner ^= 1 << v
        near = (left.arguments[v] | left.users[v]) & inner
        left.eliminate(v)
        for other in members(near):
            heappush(waiting, (left.price(other), other))
    return tuple(order)


def named_order(jacobian: Jacobian, names: Sequence[str], option: str) -> Order:
    """The order in which nodes are named, each intermediate one once. Raises InputError, its place `option`."""
    vertex = {name: v for v, name in enumerate(jacobian.intermediates)}
    problems = []
    for name in dict.fromkeys(names):
        if name not in vertex:
            known = name in jacobian.names
            message = f"`{name}` is not eliminated" if known else f"`{name}` is not an intermediate node between"
            note = "rows and columns of the Jacobian stay" if known else ""
            hint = "" if known else nearest(name, vertex)
            problems.append(Diagnostic("wrong-order", message, option, note=note, hint=hint))
        elif names.count(name) > 1:
            message = f"`{name}` is named {names.count(name)} times, and can be eliminated once"
            problems.append(Diagnostic("wrong-order", message, option))
    missing = [name for name in vertex if name not in names]
    if missing and not problems:
        shown = ", ".join(f"`{name}`" for name in missing[:6]) + (", …" if len(missing) > 6 else "")
        message = f"the order leaves out {shown}"
        problems.append(Diagnostic("wrong-order", message, option, note="every intermediate node is eliminated"))
    if problems:
        raise InputError(problems)
    return tuple(vertex[name] for name in names)


def order_told(jacobian: Jacobian, told: str | Sequence[str], option: str) -> str | Order:
    """An order as it is asked for: the name of a strategy, or all intermediate nodes, as text with commas between.

    A comma at the end says that what is before it is a node: `reverse,`. Raises InputError, its place `option`.
    """
    pieces = told.split(",") if isinstance(told, str) else told
    names = [name.strip() for name in pieces]
    listed = len(names) > 1
    if names and not names[-1]:
        names.pop()
    if listed or len(names) != 1:
        return named_order(jacobian, names, option)
    name = names[0]
    if name in STRATEGIES:
        if jacobian.intermediates == (name,):
            message = f"`{name}` is an order, and the one intermediate node"
            raise InputError([Diagnostic("wrong-order", message, option, hint=f"`{name},` is the node")])
        return name
    if jacobian.intermediates != (name,) and name not in jacobian.names:
        known = ", ".join(STRATEGIES)
        message = f"`{name}` is neither the name of an order nor all intermediate nodes"
        note = "the path sum eliminates nothing" if name == "path_sum" else ""
        hint = f"{known}, or nodes with commas between"
        raise InputError([Diagnostic("wrong-order", message, option, note=note, hint=hint)])
    return named_order(jacobian, names, option)
