"""Whether the derivation's value is the derivative of the composed function itself, measured at random points."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from itertools import islice
from operator import mul
from random import Random

import mpmath

from pathdiff.expression import Expression, slots_of
from pathdiff.numeric import NotReal, kinks, real, values_of_parts
from pathdiff.verify import sampling
from pathdiff.verify.composition import Ring
from pathdiff.verify.formulas import Unlike
from pathdiff.verify.labels import no_point
from pathdiff.verify.samples import NoValue, Point, Samples
from pathdiff.verify.sampling import ROUGHLY, Comparison, Context, Real, compare, context
from pathdiff.verify.search import exact, seed
from pathdiff.verify.verdict import Check, Counterexample, Edge, plural

_SHORT = 16
"""How many times as long as told the step of a name may be, for the digits that are known already to be enough."""
Claimed = Callable[[Ring[Real], Callable[[Edge], Real]], list[Real]]
"""The derivation's values, from the numbers on the edges. Raises Unlike where one has none."""


@dataclass(frozen=True, slots=True)
class Question:
    """Derivatives with respect to some names, and what is said that they are."""

    wrt: tuple[str, ...]
    claimed: Claimed
    written: Mapping[str, Expression]
    """Those in node names that are claimed too, by name."""
    near: Mapping[str, Real] = field(default_factory=dict)
    """A point to look around, where one is given."""


class _Here:
    """A derivative at a point, as the derivation has it and as it is measured."""

    def __init__(self, samples: Samples, point: Point, question: Question, random: Random) -> None:
        self.samples, self.point, self.question = samples, point, question
        values, labels = samples.roughly(point)
        self._values = {ROUGHLY: values}
        self._labels = {ROUGHLY: labels}
        self._swept: dict[int, list[Real]] = {}
        self._written: dict[int, list[Real]] = {}
        self._measured: dict[tuple[int, int, Real], Real] = {}
        self.direction: list[Real] = [1]
        self.groups = [[0]]
        if len(question.wrt) > 1:
            m = context(ROUGHLY)
            numbers = self.swept(m)
            self.direction = [sampling.step(number, random, m) for number in numbers]
            self.groups = sampling.alike(numbers, m)
            first = [numbers[group[0]] for group in self.groups]
            sizes = [(bool(number), -int(m.mag(number)) if number else 0) for number in first]
            self.groups = [self.groups[i] for i in sorted(range(len(sizes)), key=sizes.__getitem__)]
        self.wrong: list[int] = []
        self.unlike = False
        """Whether the derivatives are of too many sizes for all of them to be measured."""

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

    def swept(self, m: Context) -> list[Real]:
        """What the sweep has for each name, kept for each precision."""
        if m.dps not in self._swept:
            self._swept[m.dps] = self._claimed(self.labels(m), m)
        return self._swept[m.dps]

    def size(self, m: Context, group: Sequence[int]) -> Real:
        """The sum over the paths of the absolute values of their products, along the direction."""
        sizes = self._claimed({edge: abs(number) for edge, number in self.labels(m).items()}, m)
        return m.fsum(sizes[i] * abs(self.direction[i]) for i in group)

    def _along(self, numbers: Sequence[Real], m: Context, group: Sequence[int]) -> Real:
        # the number comes first: a product has the precision of its first factor
        return m.fsum(numbers[i] * self.direction[i] for i in group)

    def _claimed(self, labels: Mapping[Edge, Real], m: Context) -> list[Real]:
        def label(edge: Edge) -> Real:
            if edge not in labels:
                raise Unlike(Counterexample(f"there is no edge {edge[0]} -> {edge[1]} on the way", edge=edge))
            return labels[edge]

        one = m.mpf(1)
        return self.question.claimed(Ring(one, m.fsum, lambda factors: reduce(mul, factors, one)), label)

    def written(self, m: Context) -> list[Real]:
        """What the expressions in node names have, the sweep where there is none."""
        if m.dps not in self._written:
            values, written = self.values(m), self.question.written
            swept = self.swept(m) if len(written) < len(self.question.wrt) else [None] * len(written)

            alike: dict[tuple[int, str], list[Expression]] = {}
            for expression in written.values():
                alike.setdefault((id(expression.names), expression.own), []).append(expression)
            found: dict[int, Real] = {}
            for group in alike.values():  # they share most of their operations
                whole = sampling.together(tuple(expression.tree for expression in group))
                known = {i: values[group[0].name(i)] for i in slots_of(whole)}
                parts = values_of_parts(whole, known, m)
                found.update((id(each), real(parts[each.tree], m)) for each in group)
            told = zip(self.question.wrt, swept, strict=False)
            self._written[m.dps] = [found[id(written[name])] if name in written else number for name, number in told]
        return self._written[m.dps]

    def measured(self, m: Context, h: Real, group: Sequence[int]) -> Real:
        """The central difference along the direction."""
        key = m.dps, group[0], h
        if key not in self._measured:
            steps = {self.question.wrt[i]: self.direction[i] for i in group}
            up, down = (self.samples.moved(self.values(m), {n: s * k for n, k in steps.items()}, m) for s in (h, -h))
            self._measured[key] = (up - down) / (2 * h)
        return self._measured[key]

    def compared(self) -> Comparison:
        """The sweep with the measured derivatives; then the expressions, where there are any."""
        m = context(ROUGHLY)
        values = self.values(m)
        magnitude = max((int(m.mag(values[name])) for name in self.samples.function.inside if values[name]), default=0)
        return sampling.all_of(self._each_group(max(0, magnitude)))

    def _each_group(self, magnitude: int) -> Iterator[Comparison]:
        """The groups; behind one whose derivatives are lost beside the function, none of smaller ones."""
        most = self.samples.effort.groups
        for number, group in enumerate(self.groups):
            found = self._group(group, magnitude)
            self.unlike = number + 1 == most < len(self.groups) and not found.vanishing
            yield replace(found, outcome="unclear") if self.unlike and found.outcome == "same" else found
            if self.unlike or found.vanishing:
                return

    def _group(self, group: list[int], magnitude: int) -> Comparison:
        """The same for those names whose derivatives can be seen beside each other."""

        def against(numbers: Callable[[Context], list[Real]]) -> Comparison:
            return compare(
                lambda m: self._along(numbers(m), m, group),
                lambda m: self.size(m, group),
                lambda m, h: self.measured(m, h, group),
                magnitude,
                self.samples.effort,
                short=all(abs(self.direction[i]) <= _SHORT for i in group),
            )

        found = against(self.swept)
        if found.outcome == "same" and any(self.question.wrt[i] in self.question.written for i in group):
            other = against(self.written)
            found = found if other.outcome == "same" else other
        if found.outcome == "different":
            self.wrong = group
        return found


def check_whole(samples: Samples, question: Question, earlier: Counterexample | None) -> Check:
    """Compares the derivation's value with the measured derivative at five random points, of large functions at fewer.

    `earlier` is the label or the path that was found to be wrong already, to be named when the values differ.
    """
    function = samples.function
    if not function.inside:
        names = " or ".join(question.wrt[:6]) + ", ..." * (len(question.wrt) > 6)
        return _settled(f"{function.of} does not depend on {names}: in the spec no path leads there")
    if function.inside == (function.of,):
        return _settled(f"the derivative of {function.of} with respect to itself is 1")
    random = Random(seed(function.of, *question.wrt))
    clear: list[Comparison] = []
    zero: list[Comparison] = []
    groups = 1
    vanishing = unlike = False
    effort = samples.effort
    for count in range(1, effort.looked + 1):
        looked = len(clear) + len(zero)
        enough = len(clear) >= effort.points and looked >= samples.needed
        points = [] if enough or looked == effort.clear else samples.points(count)
        if len(points) < count:
            break
        try:
            here = _Here(samples, points[-1], question, random)
            found = here.compared()
        except Unlike as wrong:
            return Check("whole", "undecided", f"the derivation has no value to compare: {wrong.found.text}")
        except (NoValue, NotReal):
            continue
        if found.outcome == "different" and not _at_kink(samples, here):
            return _refuted(points[-1], found, earlier, [question.wrt[i] for i in here.wrong], len(question.wrt))
        vanishing, unlike = vanishing or found.vanishing, unlike or here.unlike
        if unlike:
            break
        groups = max(groups, len(here.groups))
        if found.outcome == "same":
            (zero if found.zero else clear).append(found)
    same = (clear + zero)[: samples.needed]
    if not same:
        return _undecided(samples, vanishing, unlike)
    error = sampling.largest(comparison.error for comparison in same)
    drawn = ", abstract functions drawn at random" if any(node.abstract for node in function.nodes.values()) else ""
    result = f"largest relative difference {error}" if clear else "both are 0"
    along, those = "", "derivative"
    if len(question.wrt) > 1:
        directions = "a random direction" if groups == 1 else "random directions"
        along, those = f", all {len(question.wrt):,} along {directions}", "derivatives"
    method = f"at {plural(len(same), 'random point')} to {effort.digits} digits{along}{drawn}: {result}"
    text = f"the composed function's own {those}, {method}"
    return Check("whole", "checked", text, method, len(same), effort.digits, error)


def _at_kink(samples: Samples, here: _Here) -> bool:
    m = context(samples.effort.digits)
    return bool(kinks(samples.function.nodes, here.values(m), m))


def _settled(text: str) -> Check:
    return Check("whole", "proved", text, text)


def _undecided(samples: Samples, vanishing: bool, unlike: bool) -> Check:
    if unlike:
        why = "the derivatives are of too many sizes to be measured beside each other: ask for some of them with --wrt"
    elif vanishing:
        lost = samples.effort.most_digits
        why = f"its derivative is so small beside it that more than {lost} digits would be lost in measuring it"
    elif samples.missing:
        (name, missing), _ = samples.missing.most_common(1)[0]
        why = no_point(samples.function.nodes[name], missing)
    else:
        why = "no point was found at which the derivative of the composed function could be measured"
    return Check("whole", "undecided", f"the composed function could not be compared: {why}", why)


def _refuted(
    point: Point, found: Comparison, earlier: Counterexample | None, along: Sequence[str], names: int
) -> Check:
    claimed, actual = sampling.told_apart(found.claimed, found.measured)
    at = {name: sampling.decimal(exact(x, mpmath.mp)) for name, x in point.items()}
    where = ", ".join(f"{name} = {number}" for name, number in islice(at.items(), 6)) + ", ..." * (len(at) > 6)
    which = f"all {names:,} names" if len(along) == names else ", ".join(along[:6]) + ", ..." * (len(along) > 6)
    direction = f" along a random direction of {which}" if names > 1 else ""
    claim = f"the derivation gives {claimed}{direction} at {where}"
    text = f"{claim}, where the composed function's own derivative is {actual}"
    first = earlier or Counterexample("")
    found_there = Counterexample(text, claimed, actual, at, first.edge, first.path, first.line)
    return Check("whole", "refuted", text, text, counterexample=found_there)
