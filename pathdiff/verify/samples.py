"""Random points of the composed function, and the values of its nodes and labels there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import islice
from random import Random
from typing import Any, Final

from mpmath.libmp import from_int, mpf_mul, mpf_sum

from pathdiff.expression import Tree, slot
from pathdiff.numeric import NotReal, forward_pass, value
from pathdiff.spec import Node, Spec
from pathdiff.verify import sampling
from pathdiff.verify.composition import Composition, composition
from pathdiff.verify.effort import Effort, effort_for, operations_of
from pathdiff.verify.proofs import Claims
from pathdiff.verify.sampling import ROUGHLY, Context, Real, context
from pathdiff.verify.search import (
    LONGEST_ANGLE,
    Marks,
    Refused,
    Search,
    analytic,
    branches,
    branching,
    exact,
    parts_within_limits,
    seed,
    signs,
    value_within_limits,
)
from pathdiff.verify.verdict import Edge

Point = Mapping[str, Fraction]

_SIGNS: Final = 60
"""In a function of more nodes only the signs of the variables are looked at."""


_LONGEST_ANGLE: Final = 10**40
"""The same as in small functions, where the steps are longer since less is done."""


_KEPT: Final = 16
"""The values at so many points are kept: they are looked at again when a point is used."""


class NoValue(Exception):
    """A node, or a label of it, has no real value at a point, or one too large or too small."""

    def __init__(self, node: Node, missing: tuple[Tree, str]) -> None:
        super().__init__(node.name, missing[1])
        self.node = node
        self.missing = missing


class StandIn:
    """A random smooth function in the place of an abstract node: sin of a linear form, plus another linear form.

    It is defined everywhere; its partials differ from each other, and do not grow with the number of arguments. A
    `mild` one has partials of about the same size everywhere, so that products of thousands of them are neither too
    large nor too small to be measured.
    """

    def __init__(self, count: int, random: Random, *, mild: bool = False) -> None:
        inner, outer, scale = ((10, 30), (970, 1030), 1000) if mild else ((11, 21), (5, 13), 12)
        self.inner = [random.choice((-1, 1)) * random.randint(*inner) for _ in range(count)]
        self.outer = [random.choice((-1, 1)) * random.randint(*outer) for _ in range(count)]
        self._inner, self._outer = list(map(from_int, self.inner)), list(map(from_int, self.outer))
        self.shift = random.randint(-8, 8)
        self.scale = round(scale * count**0.5)

    def value(self, arguments: Sequence[Real], m: Context) -> Real:
        """The value of the function."""
        return m.sin(self._angle(arguments, m)) + _dot(arguments, self._outer, m) / self.scale

    def partials(self, arguments: Sequence[Real], m: Context) -> list[Real]:
        """Its partial with respect to each argument."""
        slope = m.cos(self._angle(arguments, m))
        return [(a * slope + b) / self.scale for a, b in zip(self.inner, self.outer, strict=True)]

    def _angle(self, arguments: Sequence[Real], m: Context) -> Real:
        return (_dot(arguments, self._inner, m) + self.shift) / self.scale


def _dot(arguments: Sequence[Real], coefficients: Sequence[Any], m: Context) -> Real:
    """The sum of products with integers, rounded once; by mpmath's own operations, in a third of the time."""
    products = [mpf_mul(argument._mpf_, number) for argument, number in zip(arguments, coefficients, strict=True)]
    return m.make_mpf(mpf_sum(products, m.prec, "n"))


class Samples:
    """Random points of a composed function at which all its nodes and labels have real values, the same every time.

    Every other point is drawn `near` one that is given, or the spec's own, where there is one.
    """

    def __init__(
        self, spec: Spec, function: Composition, claims: Mapping[str, Claims], near: Mapping[str, Real]
    ) -> None:
        self.function = function
        random = Random(seed(function.of, *function.wrt, *function.order))
        nodes = function.nodes.values()
        smooth = not any(node.tree is not None and branching(node.tree) for node in nodes)
        self.effort: Effort = effort_for(operations_of(nodes), smooth=smooth)
        self._stand_ins = {
            name: StandIn(len(node.arguments), random, mild=not self.effort.full)
            for name, node in function.nodes.items()
            if node.tree is None
        }
        self._claims = {
            name: (tuple(i for i, _ in told), tuple(tree for _, tree in told)) for name, told in claims.items()
        }
        self._free = [name for name in function.order if name not in function.nodes]
        self.missing: Counter[tuple[str, tuple[Tree, str]]] = Counter()
        self._found: list[Point] = []
        self._known: dict[tuple[Fraction, ...], tuple[dict[str, Real], dict[Edge, Real]]] = {}
        size = len(function.order)
        given = _given_point(spec, self._free, near)
        tries, wanted = self.effort.tries, self.effort.points
        self._anywhere = all(node.tree is None or analytic(node.tree) for node in nodes) and all(
            analytic(tree) for _, trees in self._claims.values() for tree in trees
        )
        thorough = not self._anywhere and (self.effort.full or not smooth)
        self._search = Search(self._free, self._look, random, size, given, tries, wanted, thorough=thorough)
        self._points = self._search.points()

    def adopt(self, other: Samples) -> None:
        """The same random functions as elsewhere stand in for abstract nodes."""
        self._stand_ins.update((name, other._stand_ins[name]) for name in self._stand_ins if name in other._stand_ins)

    def points(self, count: int) -> list[Point]:
        """The first of the points, fewer where no more are found."""
        self._found.extend(islice(self._points, max(0, count - len(self._found))))
        return self._found[:count]

    @property
    def needed(self) -> int:
        """How many of the points show all signs and branches that were met, at least as many as are wanted."""
        return self._search.needed

    def _look(self, point: Point) -> Marks:
        m = context(ROUGHLY)
        try:
            values = self.values(point, m)
            labels = self.labels(values, m)
        except NoValue as error:
            self.missing[error.node.name, error.missing] += 1
            raise Refused(self._below(error.node.name)) from None
        if len(self._known) == _KEPT:
            del self._known[next(iter(self._known))]
        self._known[self._key(point)] = values, labels
        if self._anywhere:
            return {}
        names = self.function.order if len(values) <= _SIGNS else self._free
        marks = signs({name: values[name] for name in names})
        met = [node for node in self.function.nodes.values() if node.tree is not None and branching(node.tree)]
        for node in met:
            assert node.tree is not None
            parts = parts_within_limits(node.tree, [values[u] for u in node.arguments], m)
            all_labels = sampling.together(self._claims[node.name][1] if node.name in self._claims else ())
            told = parts_within_limits(all_labels, [values[u] for u in node.arguments], m, values[node.name])
            marks |= branches((node.tree, parts), (all_labels, told), of=node.name)
        return marks

    def _below(self, name: str) -> list[str]:
        """The variables that a node depends on."""
        seen = {name}
        stack = [name]
        while stack:
            node = self.function.nodes.get(stack.pop())
            for argument in node.arguments if node is not None else ():
                if argument not in seen:
                    seen.add(argument)
                    stack.append(argument)
        return [free for free in self._free if free in seen]

    def _key(self, point: Point) -> tuple[Fraction, ...]:
        return tuple(point[name] for name in self._free)

    def roughly(self, point: Point) -> tuple[dict[str, Real], dict[Edge, Real]]:
        """The value of every node and of every label at a point, to `ROUGHLY` digits. Raises NoValue."""
        m = context(ROUGHLY)
        known = self._known.get(self._key(point))
        if known is None:
            values = self.values(point, m)
            known = values, self.labels(values, m)
        return known

    def values(self, point: Point, m: Context) -> dict[str, Real]:
        """The value of every node at a point. Raises NoValue."""
        values = {name: exact(x, m) for name, x in point.items()}
        for name in self.function.order:
            if name in self.function.nodes:
                values[name] = self.value_of(name, [values[u] for u in self.function.nodes[name].arguments], m)
        return values

    def value_of(self, name: str, arguments: list[Real], m: Context) -> Real:
        """The value of a node from those of its arguments. Raises NoValue."""
        node = self.function.nodes[name]
        if node.tree is None:
            for i, argument in enumerate(arguments):
                if abs(argument) > (LONGEST_ANGLE if self.effort.full else _LONGEST_ANGLE):  # there is a sine in it
                    raise NoValue(node, (slot(i), "a number too large to compare its digits"))
            return self._stand_ins[name].value(arguments, m)
        try:
            return _usable(value_within_limits(node.tree, arguments, m), node.tree, m)
        except NotReal as error:
            raise NoValue(node, (error.tree, error.reason)) from None

    def labels(self, values: Mapping[str, Real], m: Context) -> dict[Edge, Real]:
        """The value of every label on the way, where those of the nodes are known. Raises NoValue."""
        labels: dict[Edge, Real] = {}
        for name in self.function.inside:
            node = self.function.nodes.get(name)
            if node is None:
                continue
            arguments = [values[u] for u in node.arguments]
            if node.tree is None:
                partials = self._stand_ins[name].partials(arguments, m)
                labels.update(((name, u), partial) for u, partial in zip(node.arguments, partials, strict=True))
            elif name in self._claims:
                slots, trees = self._claims[name]
                try:
                    told = sampling.values(trees, arguments, m, values[name])
                except NotReal as error:
                    raise NoValue(node, (error.tree, error.reason)) from None
                labels.update(((name, node.arguments[i]), number) for i, number in zip(slots, told, strict=True))
        return labels

    def moved(self, values: Mapping[str, Real], steps: Mapping[str, Real], m: Context) -> Real:
        """The value of the function when some names grow by so much. Raises NoValue."""
        moved = dict(values)
        for name in self.function.inside:
            if name in self.function.nodes:
                moved[name] = self.value_of(name, [moved[u] for u in self.function.nodes[name].arguments], m)
            if name in steps:
                moved[name] += steps[name]
        return moved[self.function.of]


def _usable(number: Real, tree: Tree, m: Context) -> Real:
    if not sampling.usable(number, m):
        raise NotReal(tree, "a value too large or too small to compute with")
    return number


def _given_point(spec: Spec, free: Sequence[str], near: Mapping[str, Real]) -> dict[str, Fraction]:
    """So much of the point as there is; the value that a node has there, where it is a variable of its own."""
    m = context(ROUGHLY)
    point = dict(near)
    for name, tree in () if point else spec.at.items():
        try:
            point[name] = value(tree, (), m)
        except NotReal:
            continue
    for name in free:
        if name in spec.nodes and name not in point and point:
            try:
                point = forward_pass(spec.nodes, composition(spec, name, ()).order, point, m)
            except NotReal:
                continue
    known = {name: point[name] for name in free if name in point and abs(m.mag(point[name] or 1)) < 1000}
    return {name: Fraction(str(m.nstr(number, 8))) for name, number in known.items()}
