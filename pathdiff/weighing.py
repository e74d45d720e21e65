"""Paths at a point: what each gives to the derivative, the largest of them, and how much goes through each node."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from heapq import heappop, heappush, nsmallest
from typing import Final

from pathdiff.derivation import Weighed
from pathdiff.diagnostics import Diagnostic, InputError
from pathdiff.domain import no_label
from pathdiff.expression import slots_of
from pathdiff.graph import Between
from pathdiff.numeric import Context, NotReal, Real, real
from pathdiff.paths import Heads, Paths, Tail, told
from pathdiff.points import LEVELS, Known, Point, Sums, settled, with_digits

ALIKE: Final = 15
"""Two products that are the same to so many digits are taken to be equal."""
_Edge = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Traffic:
    """What goes through a node."""

    node: str
    count: int
    """How many paths: those to it times those from it."""
    value: Real = None
    """The sum of their products, adjoint times tangent (mpmath); None without a point."""
    share: Real = None
    """What part of the sum over all these paths that is; None where the sum is 0."""


class WeighedPaths(Paths):
    """The paths from `of` to one other node, and their values at a point, if there is one.

    >>> import pathdiff
    >>> found = pathdiff.parse("z = x*y; p = sin(z) + x").paths("p", "x", at={"x": 0, "y": 3})
    >>> [(each.path, float(each.value), float(each.share)) for each in found.top(2)]
    [(('p', 'z', 'x'), 3.0, 0.75), (('p', 'x'), 1.0, 0.25)]
    """

    def __init__(self, part: Between, wrt: str, point: Point | None = None, heads: Heads | None = None) -> None:
        super().__init__(part, wrt, heads)
        self.point = point

    @cached_property
    def values(self) -> Mapping[_Edge, Real]:
        """The value of the label of each edge on a path (mpmath). Raises InputError where one has none."""
        return {edge: real(known.value(self._context), self._context) for edge, known in self._known.items()}

    @cached_property
    def derivative(self) -> Real:
        """The sum over these paths (mpmath), by the adjoints. Raises InputError. Cost O(E) multiplications."""

        def compute(sums: Sums) -> dict[str, Real]:
            return {self.wrt: self._adjoints(self._rounded(sums), sums).get(self.wrt, sums.context.mpf(0))}

        return self._settled(compute)[self.wrt]

    def top(self, n: int) -> Iterator[Weighed]:
        """The n paths with the largest product of labels, signs aside, the largest first; equal ones in order of rank.

        Best-first search over tails (Hart, Nilsson and Raphael 1968): a tail is worth its own product times the
        largest product of any way from `of` to it, which is exact, so that none is followed before its turn. Cost
        O(E), then O(length · degree) for each, in memory for n tails. Raises InputError where they have no values.
        """
        largest = {self.of: self._context.mpf(1)}
        for name in self._later:
            largest[name] = max(largest[user] * abs(self.values[user, name]) for user in self.part.users[name])
        return self._search(n, largest)

    def _search(self, n: int, largest: Mapping[str, Real]) -> Iterator[Weighed]:
        rounded, one = with_digits(ALIKE), self._context.mpf(1)
        # What each tail is worth, negated; the rank of the first path that ends with it; its product.
        queue: list[tuple[Real, int, Real, Tail]] = [(one, 1, one, (self.wrt, None))] * bool(self.count)
        while queue and n > 0:
            _, first, product, tail = heappop(queue)
            if tail[0] == self.of:
                yield Weighed(first, told(tail), product, self._share(product))
                n -= 1
                continue
            for user in self.part.users[tail[0]]:
                longer = self.values[user, tail[0]] * product
                heappush(queue, (-rounded.mpf(abs(longer) * largest[user]), first, longer, (user, tail)))
                first += self.ways_to[user]
            if len(queue) > 2 * n + 1000:  # each tail leads to a path of what it is worth: n of them are enough
                queue = nsmallest(n, queue)

    def by_node(self) -> Iterator[Traffic]:
        """For each node between the two, in the order of `part`, how many paths and how much go through it.

        Without a point, or where a label has no value at it, the counts alone. Cost O(V + E).
        """
        flows: Mapping[str, Real] = {}
        if self.why_no_values is None:
            flows = self._settled(self._flows)
        for name in self.nodes_between:
            value = flows.get(name)
            count = self.ways_to[name] * self.ways_from[name]
            yield Traffic(name, count, value, None if value is None else self._share(value))

    @cached_property
    def why_no_values(self) -> InputError | None:
        """Why the paths have no values, where they have none."""
        try:
            _ = self.values
        except InputError as why:
            return why
        return None

    @cached_property
    def notes(self) -> tuple[str, ...]:
        """What a reader must know of the values: kinks that labels on the paths meet, and what is taken there."""
        if self.point is None or self.why_no_values is not None:
            return ()
        return tuple(self.point.notes(self._known))

    @property
    def nodes_between(self) -> tuple[str, ...]:
        """The nodes on the paths without their two ends, in the order of `part`."""
        return tuple(name for name in self._later if name != self.wrt)

    @cached_property
    def _later(self) -> tuple[str, ...]:
        """The nodes on the paths, in the order of `part`, without `of`."""
        return tuple(name for name in self.part.order[1:] if name in self.ways_from)

    def _share(self, value: Real) -> Real:
        return value / self.derivative if self.derivative else None

    @cached_property
    def _context(self) -> Context:
        return with_digits(LEVELS[1])

    def _settled(self, compute: Callable[[Sums], Mapping[str, Real]]) -> dict[str, Real]:
        try:
            assert self.point is not None  # there are labels with values
            return settled(compute, self._known.values(), self.point.lost)
        except NotReal as error:
            raise _outside(f"∂{self.of}/∂{self.wrt}", error) from None

    def _rounded(self, sums: Sums) -> dict[_Edge, Real]:
        return {edge: real(known.rounded(sums.context), sums.context) for edge, known in self._known.items()}

    @cached_property
    def _known(self) -> dict[_Edge, Known]:
        """The labels on the paths, where all have a value. Raises InputError where one has none."""
        if self.point is None or not self.point.told:
            message, hint = "the paths have values at a point only", "--at x1=1,x2=1/2"
            raise InputError([Diagnostic("no-point", message, "--at", hint=hint)])
        known = {}
        for (v, u), label in self.part.labels.items():
            if u not in self.ways_from:
                continue
            expression = label.expression
            if expression is None:
                message = f"`{v}` is abstract, so the paths have no values"
                raise InputError([label.node.text.problem("no-value", message)])
            for name in map(expression.name, slots_of(expression.tree)):
                if name not in self.point.known:
                    message = f"`{name}` has no value at this point, and ∂{v}/∂{u} needs one"
                    hint = "give every independent name a value"
                    raise InputError([Diagnostic("no-point", message, "--at", hint=hint)])
            try:
                known[v, u] = self.point.label(expression)
            except NotReal as error:
                told = no_label(error, expression, f"∂{v}/∂{u}", label.node.text, self.point.known)
                raise InputError([told]) from None
        try:
            self.point.refuse_ties(known)
        except NotReal as error:
            raise _outside(f"∂{self.of}/∂{self.wrt}", error) from None
        return known

    def _adjoints(self, labels: Mapping[_Edge, Real], sums: Sums) -> dict[str, Real]:
        adjoint = {self.of: sums.context.mpf(1)} if self.count else {}
        for name in self._later:
            adjoint[name] = sums.total(adjoint[user] * labels[user, name] for user in self.part.users[name])
        return adjoint

    def _flows(self, sums: Sums) -> dict[str, Real]:
        """Adjoint times tangent of each node."""
        labels = self._rounded(sums)
        adjoint = self._adjoints(labels, sums)
        tangent = {self.wrt: sums.context.mpf(1)} if self.count else {}
        for name in reversed(self.part.order):
            if name != self.wrt and name in self.ways_from:
                used = [argument for argument in self.part.arguments[name] if argument in tangent]
                tangent[name] = sums.total(labels[name, argument] * tangent[argument] for argument in used)
        return {name: adjoint[name] * number for name, number in tangent.items()}


def _outside(name: str, error: NotReal) -> InputError:
    return InputError([Diagnostic("outside-domain", f"{name} {error.fault} at this point: {error.reason}", "--at")])
