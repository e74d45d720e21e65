"""Whether the derivation's value is the derivative of the composed function itself, measured at random points."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import reduce
from itertools import islice
from operator import mul
from random import Random
from typing import Final

import mpmath

from pathdiff.expression import Expression, Tree
from pathdiff.numeric import NotReal, forward_pass, kinks, value
from pathdiff.spec import Node, Spec
from pathdiff.verify import sampling
from pathdiff.verify.composition import Composition, Ring, composition
from pathdiff.verify.formulas import Unlike
from pathdiff.verify.labels import Claims, no_point
from pathdiff.verify.sampling import DIGITS, POINTS, ROUGHLY, SEED, TRIES, Comparison, Context, Real, compare, context
from pathdiff.verify.verdict import Check, Counterexample, Edge, plural

Claimed = Callable[[Ring[Real], Callable[[Edge], Real]], Real]
"""The derivation's value, from the numbers on the edges. Raises Unlike where it has none."""
Point = Mapping[str, Fraction]

_MOST_VALUES: Final = 2_000_000
"""How many values of nodes are computed at most to find the points."""
_CLEAR_POINTS: Final = 12
"""How many points are looked at to find five where the derivative is not 0."""
_MOST_POINTS: Final = 30
"""The same where at some of them nothing can be measured."""
_REDRAWS: Final = 10
"""So often only what a node without a value depends on is drawn again, before everything is."""


@dataclass(frozen=True, slots=True)
class Question:
    """A derivative along a direction, and what a derivation says that it is."""

    seeds: Mapping[str, int]
    """How far each name moves; 1 for the derivative with respect to a single one."""
    claimed: Claimed
    written: Expression | None = None
    """The derivative in node names, where that is claimed too."""
    near: Mapping[str, Real] = field(default_factory=dict)
    """A point to look around, where one is given."""


class NoValue(Exception):
    """A node, or a label of it, has no real value at a point, or one too large or too small."""

    def __init__(self, node: Node, missing: tuple[Tree, str]) -> None:
        super().__init__(node.name, missing[1])
        self.node = node
        self.missing = missing


class StandIn:
    """A random smooth function in the place of an abstract node: sin of a linear form, plus another linear form.

    It is defined everywhere; its partials differ from each other, and do not grow with the number of arguments.
    """

    def __init__(self, count: int, random: Random) -> None:
        self.inner = [random.choice((-1, 1)) * random.randint(11, 21) for _ in range(count)]
        self.outer = [random.choice((-1, 1)) * random.randint(5, 13) for _ in range(count)]
        self.shift = random.randint(-8, 8)
        self.scale = round(12 * count**0.5)

    def value(self, arguments: Sequence[Real], m: Context) -> Real:
        """The value of the function."""
        return m.sin(self._angle(arguments)) + sum(map(mul, arguments, self.outer)) / self.scale

    def partials(self, arguments: Sequence[Real], m: Context) -> list[Real]:
        """Its partial with respect to each argument."""
        slope = m.cos(self._angle(arguments))
        return [(a * slope + b) / self.scale for a, b in zip(self.inner, self.outer, strict=True)]

    def _angle(self, arguments: Sequence[Real]) -> Real:
        return (sum(map(mul, arguments, self.inner)) + self.shift) / self.scale


class Samples:
    """Random points of a composed function at which all its nodes and labels have real values, the same every time.

    Every other point is drawn `near` one that is given, or the spec's own, where there is one.
    """

    def __init__(
        self, spec: Spec, function: Composition, claims: Mapping[str, Claims], near: Mapping[str, Real]
    ) -> None:
        self.function = function
        random = Random(SEED)
        self._stand_ins = {
            name: StandIn(len(node.arguments), random) for name, node in function.nodes.items() if node.tree is None
        }
        self._claims = {
            name: (tuple(i for i, _ in told), tuple(tree for _, tree in told)) for name, told in claims.items()
        }
        self._free = [name for name in function.order if name not in function.nodes]
        self._near = _given_point(spec, self._free, near)
        self.missing: Counter[tuple[str, tuple[Tree, str]]] = Counter()
        self._found: list[Point] = []
        self._search = self._searched()

    def points(self, count: int) -> list[Point]:
        """The first of the points, fewer where no more are found."""
        self._found.extend(islice(self._search, count - len(self._found)))
        return self._found[:count]

    def _searched(self) -> Iterator[Point]:
        random = Random(SEED)
        m = context(ROUGHLY)
        point: dict[str, Fraction] = {}
        again: list[str] = self._free
        failures = 0
        for turn in range(min(TRIES, max(20, _MOST_VALUES // len(self.function.order)))):
            drawn = dict(zip(again, sampling.draw(random, len(again), turn // 2), strict=True))
            if turn % 2 == 0:
                drawn |= {name: sampling.near(random, self._near[name]) for name in again if name in self._near}
            point |= drawn
            try:
                self.labels(self.values(point, m), m)
            except NoValue as error:
                name, operation = error.node.name, error.missing
                self.missing[name, (operation[0], operation[1])] += 1
                failures += 1
                again = self._below(name) if failures % _REDRAWS else self._free
            else:
                yield dict(point)
                again, failures = self._free, 0

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

    def values(self, point: Point, m: Context) -> dict[str, Real]:
        """The value of every node at a point. Raises NoValue."""
        values = {name: sampling.exact(x, m) for name, x in point.items()}
        for name in self.function.order:
            if name in self.function.nodes:
                values[name] = self._value(name, [values[u] for u in self.function.nodes[name].arguments], m)
        return values

    def _value(self, name: str, arguments: list[Real], m: Context) -> Real:
        node = self.function.nodes[name]
        if node.tree is None:
            return self._stand_ins[name].value(arguments, m)
        try:
            return _usable(value(node.tree, arguments, m), node.tree, m)
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
                moved[name] = self._value(name, [moved[u] for u in self.function.nodes[name].arguments], m)
            if name in steps:
                moved[name] += steps[name]
        return moved[self.function.of]


class _Here:
    """A derivative at a point, as the derivation has it and as it is measured."""

    def __init__(self, samples: Samples, point: Point, question: Question) -> None:
        self.samples, self.point, self.question = samples, point, question
        self._values: dict[int, dict[str, Real]] = {}
        self._labels: dict[int, dict[Edge, Real]] = {}
        self._measured: dict[int, Real] = {}

    def values(self, m: Context) -> dict[str, Real]:
        """The value of every node, kept for each precision."""
        if m.dps not in self._values:
            self._values[m.dps] = self.samples.values(self.point, m)
        return self._values[m.dps]

    def labels(self, m: Context) -> dict[Edge, Real]:
        """The value of every label, kept for each precision."""
        if m.dps not in self._labels:
            self._labels[m.dps] = self.samples.labels(self.values(m), m)
        return self._labels[m.dps]

    def swept(self, m: Context) -> Real:
        """The value of the sweep."""
        return self._from_labels(self.labels(m), m)

    def size(self, m: Context) -> Real:
        """The sum over the paths of the absolute values of their products."""
        return self._from_labels({edge: abs(number) for edge, number in self.labels(m).items()}, m)

    def _from_labels(self, labels: Mapping[Edge, Real], m: Context) -> Real:
        def label(edge: Edge) -> Real:
            if edge not in labels:
                raise Unlike(Counterexample(f"there is no edge {edge[0]} -> {edge[1]} on the way", edge=edge))
            return labels[edge]

        one = m.mpf(1)
        return self.question.claimed(Ring(one, m.fsum, lambda factors: reduce(mul, factors, one)), label)

    def written(self, m: Context) -> Real:
        """The value of the derivative as one expression in node names."""
        expression = self.question.written
        assert expression is not None
        values = self.values(m)
        return value(expression.tree, [values[expression.name(i)] for i in range(len(expression.names))], m)

    def measured(self, m: Context, h: Real) -> Real:
        """The central difference along the seeds."""
        if m.dps not in self._measured:
            ends = [
                self.samples.moved(self.values(m), {name: h * k for name, k in self.question.seeds.items()}, m)
                for h in (h, -h)
            ]
            self._measured[m.dps] = (ends[0] - ends[1]) / (2 * h)
        return self._measured[m.dps]

    def compared(self) -> Comparison:
        """The sweep with the measured derivative; then the expression, where there is one."""
        m = context(ROUGHLY)
        values = self.values(m)
        magnitude = max((int(m.mag(values[name])) for name in self.samples.function.inside if values[name]), default=0)
        found = compare(self.swept, self.size, self.measured, max(0, magnitude))
        if self.question.written is None or found.outcome != "same":
            return found
        other = compare(self.written, self.size, self.measured, max(0, magnitude))
        return found if other.outcome == "same" else other


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


def check_whole(samples: Samples, question: Question, earlier: Counterexample | None) -> Check:
    """Compares the derivation's value with the measured derivative at five random points.

    `earlier` is the label or the path that was found to be wrong already, to be named when the values differ.
    """
    function = samples.function
    if not function.inside:
        names = " or ".join(question.seeds)
        return _settled(f"{function.of} does not depend on {names}: in the spec no path leads there")
    if function.inside == (function.of,):
        return _settled(f"the derivative of {function.of} with respect to itself is 1")
    clear: list[Comparison] = []
    zero: list[Comparison] = []
    for count in range(1, _MOST_POINTS + 1):
        points = samples.points(count)
        if len(points) < count or len(clear) == POINTS or len(clear) + len(zero) == _CLEAR_POINTS:
            break
        try:
            here = _Here(samples, points[-1], question)
            found = here.compared()
        except Unlike as unlike:
            return Check("whole", "undecided", f"the derivation has no value to compare: {unlike.found.text}")
        except (NoValue, NotReal):
            continue
        if found.outcome == "different" and not kinks(function.nodes, here.values(context(DIGITS)), context(DIGITS)):
            return _refuted(points[-1], found, earlier)
        if found.outcome == "same":
            (zero if found.zero else clear).append(found)
    same = (clear + zero)[:POINTS]
    if not same:
        return _undecided(samples)
    error = sampling.largest(comparison.error for comparison in same)
    drawn = ", abstract functions drawn at random" if any(node.abstract for node in function.nodes.values()) else ""
    result = f"largest relative difference {error}" if clear else "both are 0"
    method = f"at {plural(len(same), 'random point')} to {DIGITS} digits{drawn}: {result}"
    text = f"the composed function's own derivative, {method}"
    return Check("whole", "checked", text, method, len(same), DIGITS, error)


def _settled(text: str) -> Check:
    return Check("whole", "proved", text, text)


def _undecided(samples: Samples) -> Check:
    if samples.missing:
        (name, missing), _ = samples.missing.most_common(1)[0]
        why = no_point(samples.function.nodes[name], missing)
    else:
        why = "no point was found at which the derivative of the composed function could be measured"
    return Check("whole", "undecided", f"the composed function could not be compared: {why}", why)


def _refuted(point: Point, found: Comparison, earlier: Counterexample | None) -> Check:
    claimed, actual = sampling.told_apart(found.claimed, found.measured)
    at = {name: sampling.decimal(sampling.exact(x, mpmath.mp)) for name, x in point.items()}
    where = ", ".join(f"{name} = {number}" for name, number in islice(at.items(), 6)) + ", ..." * (len(at) > 6)
    text = f"the derivation gives {claimed} at {where}, where the composed function's own derivative is {actual}"
    first = earlier or Counterexample("")
    found_there = Counterexample(text, claimed, actual, at, first.edge, first.path, first.line)
    return Check("whole", "refuted", text, text, counterexample=found_there)
