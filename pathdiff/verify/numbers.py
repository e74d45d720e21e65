"""Whether the numbers that a derivation shows at a point are right, worked out again from the spec with more digits.

Node values come from the numbers of the point as they were typed, so nothing has to be forgiven for rounding: a number
counts when it is the same with some digits and with twice as many. Terms and derivatives are worked out from the
labels, evaluated by the same evaluator as those that are shown; that the labels are right is another part's claim.
So where the function is smooth the derivatives are measured too, as central differences of the composed function at
the point; and where one node meets one kink, its labels there are measured as the mean of the slopes on both sides.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from random import Random
from typing import Final

from pathdiff.derivation import Derivation, Formula, Gradient, Numbers, Path, Product, Sum, Value
from pathdiff.expression import ONE, slots_of
from pathdiff.graph import Label
from pathdiff.numeric import NotReal, real, value
from pathdiff.verify import sampling
from pathdiff.verify.composition import Composition, Ring, adjoints
from pathdiff.verify.effort import FULL, Effort, effort_for, operations_of
from pathdiff.verify.place import LARGE, Place, met, settled
from pathdiff.verify.sampling import ROUGHLY, Comparison, Context, Real, compare, context, decimal
from pathdiff.verify.verdict import Check, Counterexample, Edge, cut, plural

_DIGITS: Final = 20
_NAMED: Final = 4
"""How many nodes that meet a kink are named."""
"""To how many digits the numbers have to be right; six are shown."""


class _Wrong(Exception):
    """A number is not what it is shown as."""

    def __init__(self, text: str, claimed: str = "", actual: str = "") -> None:
        super().__init__(text)
        self.found = Counterexample(text, claimed, actual)


@dataclass(frozen=True, slots=True)
class _Shown:
    """What is shown at the point."""

    values: Mapping[str, Real]
    paths: Sequence[Path]
    terms: Sequence[Real]
    results: Mapping[str, Real]
    """The derivatives, by name."""


def check_numbers(function: Composition, derivation: Derivation, place: Place) -> Check | None:
    """Compares node values, terms, result and the formula with numbers; None without numbers.

    Cost O(V + E) and the listed paths.
    """
    numbers = derivation.numbers
    if numbers is None:
        return None
    paths = (*derivation.path_sum.paths, *(each.path for each in numbers.largest))
    terms = (*numbers.terms, *(each.value for each in numbers.largest))
    shown = _Shown(numbers.values, paths, terms, {derivation.wrt: numbers.result})
    try:
        found = _Numbers(place, function, derivation.part.labels, shown).check()
        _check_formula(derivation.labelled or Sum(()), numbers.formula, numbers.values)
        _check_sums(numbers)
        return found
    except _Wrong as wrong:
        return _refuted(wrong)


def check_results(function: Composition, gradient: Gradient, place: Place) -> Check | None:
    """The same for the derivatives of a gradient. Cost O(V + E)."""
    values, results = gradient.values, gradient.results
    if values is None and results is None:
        return None
    shown = _Shown(values or {}, (), (), results or {})
    try:
        for name in gradient.wrt:
            if name not in shown.results:
                raise _Wrong(f"at the point the derivative with respect to {name} is missing")
        return _Numbers(place, function, gradient.part.labels, shown).check()
    except _Wrong as wrong:
        return _refuted(wrong)


def _refuted(wrong: _Wrong) -> Check:
    found = wrong.found
    return Check("numbers", "refuted", found.text, found.text, counterexample=found)


def _check_sums(numbers: Numbers) -> None:
    """What the loop has added up grows by a term each time, to as many digits as the larger of both has."""
    if len(numbers.sums) != len(numbers.terms):
        raise _Wrong(f"{len(numbers.terms)} terms, but {len(numbers.sums)} running sums")
    m = context(2 * _DIGITS)
    before = m.mpf(0)
    for place, pair in enumerate(zip(numbers.terms, numbers.sums, strict=True), 1):
        term, after = map(m.mpf, pair)
        largest = max(abs(term), abs(before), abs(after))
        if abs(before + term - after) > largest * m.mpf(10) ** -_DIGITS:
            raise _Wrong(f"at the point the sum of the first {place} terms is shown wrong", decimal(after))
        before = after


def _check_formula(labelled: Sum, formula: Sum, values: Mapping[str, Real]) -> None:
    """The path sum with numbers put in is the one with labels put in, each name with its value."""
    alike = len(formula.terms) == len(labelled.terms) and formula.marks == labelled.marks
    terms = zip(formula.terms, labelled.terms, strict=True) if alike else ()
    if not alike or not all(_same(told, known, values) for told, known in terms):
        raise _Wrong("with numbers put in, the path sum is another one")


def _same(told: Formula, known: Formula, values: Mapping[str, Real]) -> bool:
    if isinstance(told, Product) and isinstance(known, Product):
        pairs = zip(told.factors, known.factors, strict=False)
        return len(told.factors) == len(known.factors) and all(_same(a, b, values) for a, b in pairs)
    if not isinstance(told, Value) or not isinstance(known, Value):
        return told == known
    if told.label != known.label or told.numbers is None:
        return False
    names = {known.label.name(i) for i in slots_of(known.label.tree)} if told.numbers is not values else set()
    return all(name in values and told.numbers.get(name) == values[name] for name in names)


class _Numbers:
    """What is shown at a point, and the same found again."""

    def __init__(self, place: Place, function: Composition, labels: Mapping[Edge, Label], shown: _Shown) -> None:
        self._place, self._function, self._labels, self._shown = place, function, labels, shown
        self._edges = list(function.edges)
        self._adjoints: dict[int, dict[str, Real]] = {}
        self._unsaid: list[str] = []
        self._notes: list[str] = []

    def check(self) -> Check:
        """Compares all of it. Raises _Wrong."""
        shown, function = self._shown, self._function
        if len(shown.terms) != len(shown.paths):
            raise _Wrong(f"{len(shown.paths)} paths, but {len(shown.terms)} numbers for them")
        self._place.look_at([*shown.values, *function.order])
        try:
            self._check(self._place.digits())
        except _Wrong:
            retry = True
        else:
            retry = bool(self._unsaid)
        if retry:  # what looks like 0, or like noise, may be a number that is only small
            self._check(self._place.most)
        return self._told()

    def _check(self, digits: int) -> None:
        """The same, with so many digits and with twice as many."""
        function = self._function
        self._unsaid.clear()
        self._notes.clear()
        self._adjoints.clear()
        contexts = context(digits), context(2 * digits)
        self._place.settle(*contexts)
        first, second = (self._place.values(m) for m in contexts)
        self._values(first, second)
        concrete = [v for v in function.inside if function.arguments[v] and second[v] is not None]
        kinks = {v: kinds for v in concrete if (kinds := met(self._place, function, v, contexts[1]))}
        try:
            if any("near" in kinds for kinds in kinks.values()):
                raise NotReal(ONE, "what can't be told from a kink")
            one, other = ({**self._terms(m), **self._results(m)} for m in contexts)
        except NotReal:
            self._unsaid.append("its terms and what they add up to")
        else:
            for what, claimed in self._claims().items():
                self._compare(what, claimed, settled((one[what], other[what])))
            self._measure(kinks, contexts[0])

    def _told(self) -> Check:
        names = ", ".join(self._unsaid[:6]) + ", ..." * (len(self._unsaid) > 6)
        notes = [*self._notes, *([f"nothing is said of {names}"] if names else [])]
        method = "; ".join([f"worked out again to {_DIGITS} digits", *dict.fromkeys(notes)])
        return Check("numbers", "checked", f"the numbers at the point, {method}", method, 1, _DIGITS)

    def _values(self, first: Mapping[str, Real], second: Mapping[str, Real]) -> None:
        shown = self._shown.values
        for name in dict.fromkeys([*shown, *self._function.order]):
            found = settled((first[name], second[name]))
            if name in shown:
                if first[name] is None and second[name] is None and not self._place.lost(name):
                    raise _Wrong(f"at the point {name} is shown as {decimal(shown[name])}, and was given no value")
                self._compare(name, shown[name], found)
            elif found is not None:
                raise _Wrong(f"at the point {name} is not shown, and is {decimal(found)}", "", decimal(found))

    def _compare(self, what: str, claimed: Real, found: Real) -> None:
        if found is None:
            self._unsaid.append(what)
            return
        m = found.context if hasattr(found, "context") else context(2 * _DIGITS)
        number = real(found, m)
        if abs(claimed - number) > abs(number) * m.mpf(10) ** -_DIGITS:
            told, actual = sampling.told_apart(claimed, number)
            raise _Wrong(f"at the point {what} is shown as {told}, and is {actual}", told, actual)

    def _claims(self) -> dict[str, Real]:
        terms = {f"term {place}": term for place, term in enumerate(self._shown.terms, 1)}
        return {**terms, **{self._result(name): number for name, number in self._shown.results.items()}}

    def _result(self, name: str) -> str:
        several = len(self._shown.results) > 1
        return f"the derivative with respect to {name}" if several else "the derivative"

    def _label(self, edge: Edge, m: Context) -> Real:
        if edge not in self._labels:
            raise NotReal(ONE, "no label")
        return self._place.label(self._labels[edge], m)

    def _terms(self, m: Context) -> dict[str, Real]:
        products = (m.fprod(self._label(edge, m) for edge in pairwise(path)) for path in self._shown.paths)
        return {f"term {place}": product for place, product in enumerate(products, 1)}

    def _results(self, m: Context) -> dict[str, Real]:
        found = self._sums(m)
        return {self._result(name): found.get(name, m.mpf(0)) for name in self._shown.results}

    def _sums(self, m: Context) -> dict[str, Real]:
        if m.dps not in self._adjoints:
            self._adjoints[m.dps] = self._along(m, {edge: self._label(edge, m) for edge in self._edges})
        return self._adjoints[m.dps]

    def _along(self, m: Context, labels: Mapping[Edge, Real]) -> dict[str, Real]:
        """The sum over the paths to each name."""
        ring: Ring[Real] = Ring(m.mpf(1), m.fsum, lambda pair: pair[0] * pair[1])
        return adjoints(self._function, ring, labels.__getitem__)

    def _measure(self, kinks: Mapping[str, Sequence[str]], m: Context) -> None:
        """The derivatives against central differences; at kinks, the labels of the nodes that meet them."""
        if not self._edges:
            return
        if not kinks:
            if not self._smooth(m):
                self._notes.append("the derivative by its labels alone")
            return
        effort = effort_for(sum(operations_of([self._function.nodes[name]]) for name in kinks))
        means: list[str] = []
        others: list[str] = []
        for name, kinds in kinks.items():
            (means if list(kinds) == ["kink"] and self._mean(name, m, effort) else others).append(cut(name, 24))
        for name in means[:_NAMED]:
            self._notes.append(f"at the kink in {name} each label is the mean of the slopes on both sides")
        if len(means) > _NAMED:
            self._notes.append(f"and so it is at those in {plural(len(means) - _NAMED, 'more node')}")
        for name in others[:_NAMED]:
            self._notes.append(f"what stands for the slope in {name} is taken as it is")
        if len(others) > _NAMED:
            self._notes.append(f"and so it is in {plural(len(others) - _NAMED, 'more node')}")

    def _smooth(self, m: Context) -> bool:
        """Whether the derivatives could be measured; `m` is good enough to compute all values."""
        function = self._function
        if len(function.inside) > LARGE:  # at random points it is measured all the same
            return False
        names = [name for name in function.wrt if name != function.of]
        values = self._place.values(m)
        told = [self._sums(m)[name] for name in names]
        if len(names) == 1:
            here = real(values[names[0]], m)
            steps = [m.ldexp(1, min(0, int(m.mag(here)))) if here else m.mpf(1)]
        else:
            random = Random(len(names))
            steps = [sampling.step(number, random, m) for number in told]

        def size(m: Context) -> list[Real]:
            found = self._along(m, {edge: abs(self._label(edge, m)) for edge in self._edges})
            return [found[name] for name in names]

        def moved(m: Context, by: Mapping[int, Real]) -> Real:
            return self._place.moved(function, {names[i]: s for i, s in by.items()}, m)

        largest = max((int(m.mag(real(values[v], m))) for v in function.inside if values[v]), default=0)
        effort = effort_for(operations_of(function.nodes.values()))
        found = _measured(lambda m: [self._sums(m)[name] for name in names], size, moved, steps, told, largest, effort)
        if not effort.full:
            self._notes.append(f"the derivative measured to {effort.digits}")
        if found is not None and found.outcome == "different":
            claimed, actual = sampling.told_apart(found.claimed, found.measured)
            text = f"at the point the labels give {claimed} where the composed function's own derivative is {actual}"
            raise _Wrong(text, claimed, actual)
        return found is not None and found.outcome == "same"

    def _mean(self, name: str, m: Context, effort: Effort) -> bool:
        """Whether the labels of a node with a kink could be measured."""
        node = self._function.nodes[name]
        tree = node.tree
        assert tree is not None
        used = self._function.arguments[name]
        slots = [node.arguments.index(u) for u in used]
        random = Random(len(used))

        def labels(m: Context) -> list[Real]:
            return [self._label((name, u), m) for u in used]

        def moved(m: Context, by: Mapping[int, Real]) -> Real:
            values = self._place.values(m)
            arguments = [real(values[u], m) for u in node.arguments]
            if None in arguments:
                raise NotReal(tree, "a name without a value")
            for i, step in by.items():
                arguments[slots[i]] += step
            return value(tree, arguments, m)

        told = labels(m)
        here = real(self._place.values(m)[name], m)
        steps = [sampling.step(number, random, m) for number in told]
        largest = int(m.mag(here)) if here else 0
        found = _measured(labels, lambda m: [abs(number) for number in labels(m)], moved, steps, told, largest, effort)
        if found is not None and found.outcome == "different":
            claimed, actual = sampling.told_apart(found.claimed, found.measured)
            slopes = f"the mean of the slopes on both sides is {actual}"
            raise _Wrong(f"at the kink in {name} its labels give {claimed}, and {slopes}", claimed, actual)
        return found is not None and found.outcome == "same"


def _measured(
    claimed: Callable[[Context], Sequence[Real]],
    size: Callable[[Context], Sequence[Real]],
    moved: Callable[[Context, Mapping[int, Real]], Real],
    steps: Sequence[Real],
    told: Sequence[Real],
    magnitude: int,
    effort: Effort = FULL,
) -> Comparison | None:
    """Derivatives against central differences along some steps; None where there is no value on one of the sides."""

    def along(numbers: Sequence[Real], m: Context, group: Sequence[int]) -> Real:
        return m.fsum(numbers[i] * steps[i] for i in group)

    def of(group: Sequence[int]) -> Comparison:
        def difference(m: Context, h: Real) -> Real:
            up, down = (moved(m, {i: s * steps[i] for i in group}) for s in (h, -h))
            return (up - down) / (2 * h)

        return compare(
            lambda m: along(claimed(m), m, group),
            lambda m: m.fsum(number * abs(steps[i]) for i, number in enumerate(size(m)) if i in group),
            difference,
            max(0, magnitude),
            effort,
        )

    try:
        return sampling.all_of(map(of, sampling.alike(told, context(ROUGHLY))))
    except NotReal:
        return None
