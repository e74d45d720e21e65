"""Whether all forms of a derivation are the same polynomial in the labels, the sum over the spec's own paths.

Exact where the paths are few: every form is multiplied out, and its terms are matched with the paths one to one.
Elsewhere at random points modulo a prime: two different polynomials of degree d have the same value at a random
point with a probability of at most d/prime (Schwartz 1980; Zippel 1979; DeMillo and Lipton 1978). Cost then
O(V + E) for each point and each form.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from random import Random
from typing import Final, Generic, TypeVar

from pathdiff.derivation import Derivation, Formula, Gradient, Partial, Path, Total
from pathdiff.verify.composition import Composition, Ring, adjoints, path_count, tangents
from pathdiff.verify.costs import check_costs
from pathdiff.verify.formulas import (
    COUNTS,
    DEGREES,
    POLYNOMIALS,
    PRIME,
    RESIDUES,
    Monomial,
    Polynomial,
    TooMany,
    Unlike,
    brackets,
    evaluate,
    line_of,
    named,
    shown,
    swept,
    swept_to,
)
from pathdiff.verify.listing import check_briefs, check_listed, check_marks
from pathdiff.verify.verdict import Check, Counterexample, Edge, plural

T = TypeVar("T")

POINTS: Final = 3
"""How many random points modulo the prime."""
_SMALL: Final = 5_000
"""In a function of more edges two points are enough."""
LISTED: Final = 1000
"""How many paths a derivation lists unless asked for another number, and with how many it is multiplied out."""
MOST_FACTORS: Final = 200_000
"""A derivation with more factors than this in all terms of all lines isn't multiplied out."""


@dataclass(frozen=True, slots=True)
class _Line(Generic[T]):
    """A claim that a formula is ∂of/∂wrt."""

    what: str
    claimed: T
    total: Total


def _lines(derivation: Derivation, ring: Ring[T], label: Callable[[Edge], T]) -> Iterator[_Line[T]]:
    """All that the derivation claims, evaluated: each line of each sweep, each formula, each bracket in one."""
    of, wrt = derivation.of, derivation.wrt
    lines: dict[str, dict[Edge, T]] = {"reverse": {}, "forward": {}}
    for sweep in (derivation.reverse, derivation.forward):
        for step, value in swept(sweep, ring, label):
            lines[sweep.mode][step.result.of, step.result.wrt] = value
            yield _Line(line_of(sweep, step), value, step.result)
        end = lines[sweep.mode].get((of, wrt), ring.one if of == wrt else ring.add([]))
        yield _Line(f"what the {sweep.mode} sweep ends with", end, Total(of, wrt))
    stages = lines["reverse"]

    def leaf(name: Partial | Total) -> T:
        if isinstance(name, Partial):
            return label((name.of, name.wrt))
        if (name.of, name.wrt) not in stages:
            raise Unlike(Counterexample(f"{named(name)} is no line of the reverse sweep", line=name))
        return stages[name.of, name.wrt]

    done: dict[int, T] = {}
    for what, formula in _formulas(derivation):
        value = evaluate(formula, leaf, ring, done)
        for bracket in brackets(formula):
            if bracket.known_as is not None and (bracket is not formula or bracket.known_as != derivation.result):
                yield _Line(f"the bracket {named(bracket.known_as)} in {what}", done[id(bracket)], bracket.known_as)
        yield _Line(what, value, derivation.result)


def _formulas(derivation: Derivation) -> Iterator[tuple[str, Formula]]:
    if derivation.path_sum.complete:
        yield "the path sum", derivation.path_sum.formula
    for number, line in enumerate(derivation.factoring, 1):
        yield f"line {number} of the factoring", line
    if derivation.factored is not None:
        yield "the factored formula", derivation.factored
    if derivation.substituted is not None:
        yield "the formula substituted back", derivation.substituted


def _compare(
    function: Composition,
    wrt: str,
    lines: Iterable[_Line[T]],
    ring: Ring[T],
    label: Callable[[Edge], T],
    differ: Callable[[_Line[T], T], Counterexample],
) -> None:
    """Raises Unlike at the first line that is not the sum over the spec's own paths."""
    down = adjoints(function, ring, label)
    up = tangents(function, ring, label, {wrt: ring.one}) if wrt in function.wrt else {}
    for line in lines:
        ends = line.total.of, line.total.wrt
        if ends[0] == function.of and ends[1] in down:
            truth = down[ends[1]]
        elif ends[1] == wrt and ends[0] in up:
            truth = up[ends[0]]
        elif ends == (function.of, wrt):
            truth = ring.add([])
        else:
            raise Unlike(Counterexample(f"{line.what}: {named(line.total)} has no part in ∂{function.of}/∂{wrt}"))
        if line.claimed != truth:
            raise Unlike(differ(line, truth))


def check_forms(function: Composition, derivation: Derivation, listed: int = LISTED) -> Check:
    """Compares the path sum, both sweeps and the formulas between them with the paths of the spec itself.

    Then the costs that are told of them with what its edges cost.
    """
    found = _same_polynomial(function, derivation, listed)
    if found.outcome == "refuted":
        return found
    try:
        check_marks(derivation, _formulas(derivation))
    except Unlike as unlike:
        return Check("forms", "refuted", unlike.found.text, unlike.found.text, counterexample=unlike.found)
    return check_costs(function, derivation) or found


def _same_polynomial(function: Composition, derivation: Derivation, listed: int) -> Check:
    count = path_count(function)
    try:
        if derivation.result != replace(derivation.result, of=derivation.of, wrt=derivation.wrt):
            raise Unlike(Counterexample(f"what is worked out is called {named(derivation.result)}"))
        check_listed(function, derivation, count, listed)
        if count <= LISTED and derivation.path_sum.complete and _factors(function) <= MOST_FACTORS:
            try:
                terms = _as_polynomials(function)
                claims = _lines(derivation, POLYNOMIALS, terms)
                _compare(function, derivation.wrt, claims, POLYNOMIALS, terms, _differing_terms)
            except TooMany:
                pass
            else:
                return _proved(derivation, count)
        points = _points(function)
        for number in range(points):
            label = _as_residues(function, number)
            lines = _lines(derivation, RESIDUES, label)
            _compare(function, derivation.wrt, lines, RESIDUES, label, _differing_values)
        bound = _bound(function, points, _lines(derivation, DEGREES, lambda _: 1))
    except Unlike as unlike:
        text = f"the forms are not the same polynomial in the labels: {unlike.found.text}"
        return Check("forms", "refuted", text, unlike.found.text, counterexample=unlike.found)
    listing = "" if derivation.path_sum.complete else f", {len(derivation.path_sum.paths):,} of them listed"
    method = (
        f"equal at {points} random points modulo 2**61 - 1, error probability below {bound}; "
        f"{plural(count, 'path')}{listing}"
    )
    text = f"the two forms are the same polynomial in the labels: {method}"
    return Check("forms", "checked", text, method, points=points, error=bound)


def _points(function: Composition) -> int:
    """At how many points: two tell as surely as can be wished, three are cheap in small functions."""
    return POINTS if sum(map(len, function.arguments.values())) <= _SMALL else 2


def _proved(derivation: Derivation, count: int) -> Check:
    if count == 0:
        method = f"no path leads from {derivation.of} to {derivation.wrt} in the spec, so both are 0"
    elif derivation.of == derivation.wrt:
        method = "the one path has no edges, so both are 1"
    else:
        method = f"{plural(count, 'term')}, matched one to one"
    return Check("forms", "proved", f"the two forms are the same polynomial in the labels: {method}", method)


def _factors(function: Composition) -> int:
    """How many factors all terms of all lines of both sweeps have, multiplied out."""
    seeds = dict.fromkeys(function.wrt, COUNTS.one)
    down = adjoints(function, COUNTS, lambda _: (1, 1)).values()
    up = tangents(function, COUNTS, lambda _: (1, 1), seeds).values()
    return sum(factors for _, factors in (*down, *up))


def check_sweep(function: Composition, gradient: Gradient) -> Check:
    """The same for one reverse sweep that has the derivatives with respect to several names. Cost O(V + E).

    Each line is compared with the sum over the paths to its node; all lines together, each times a random number,
    with one pass over the spec's edges in the opposite direction. What is told of each name is checked as well.
    """
    sweep = gradient.sweep
    try:
        points = _points(function)
        for number in range(points):
            label = _as_residues(function, number)
            lines = [_Line(line_of(sweep, step), value, step.result) for step, value in swept(sweep, RESIDUES, label)]
            _compare(function, "", lines, RESIDUES, label, _differing_values)
            found = swept_to(sweep, function.of, function.wrt, RESIDUES, label)
            random = Random(-1 - number)
            seeds = {name: random.randrange(PRIME) for name in function.wrt}
            total = RESIDUES.add([seeds[name] * value for name, value in zip(function.wrt, found, strict=True)])
            if function.wrt and total != tangents(function, RESIDUES, label, seeds)[function.of]:
                raise Unlike(Counterexample("the reverse sweep lacks a line"))
        check_briefs(function, gradient.briefs)
        bound = _bound(
            function, points, (_Line("", value, step.result) for step, value in swept(sweep, DEGREES, lambda _: 1))
        )
    except Unlike as unlike:
        text = f"the reverse sweep is not the sum over paths: {unlike.found.text}"
        return Check("forms", "refuted", text, unlike.found.text, counterexample=unlike.found)
    method = f"equal at {points} random points modulo 2**61 - 1, error probability below {bound}"
    text = f"the reverse sweep is the sum over paths for {plural(len(function.wrt), 'name')}: {method}"
    return Check("forms", "checked", text, method, points=points, error=bound)


def _as_polynomials(function: Composition) -> Callable[[Edge], Polynomial]:
    """Each label as itself."""
    return _of_known({edge: {(edge,): 1} for edge in function.edges})


def _as_residues(function: Composition, seed: int) -> Callable[[Edge], int]:
    """Each label as a random number modulo the prime."""
    random = Random(seed)
    return _of_known({edge: random.randrange(PRIME) for edge in function.edges})


def _of_known(labels: dict[Edge, T]) -> Callable[[Edge], T]:
    def label(edge: Edge) -> T:
        if edge not in labels:
            raise Unlike(Counterexample(f"∂{edge[0]}/∂{edge[1]} is the label of no edge on the way", edge=edge))
        return labels[edge]

    return label


def _bound(function: Composition, points: int, lines: Iterable[_Line[int]]) -> str:
    """The bound of the probability that different polynomials are taken for equal, from the degrees of all lines."""
    longest = max(adjoints(function, DEGREES, lambda _: 1).values(), default=0)
    degree = max((line.claimed for line in lines), default=0)
    return f"1e{math.ceil(points * math.log10(max(degree, longest, 1) / PRIME))}"


def _differing_values(line: _Line[int], truth: int) -> Counterexample:
    text = (
        f"{line.what} is not the sum over the paths: {line.claimed} against {truth} at a random point modulo 2**61 - 1"
    )
    return Counterexample(text, str(line.claimed), str(truth), line=line.total)


def _differing_terms(line: _Line[Polynomial], truth: Polynomial) -> Counterexample:
    """The first term that is missing, else the first that is counted too often or foreign."""
    wrong = [m for m in {**truth, **line.claimed} if truth.get(m, 0) != line.claimed.get(m, 0)]
    monomial = min(wrong, key=lambda m: (line.claimed.get(m, 0), m))
    claimed, actual = line.claimed.get(monomial, 0), truth.get(monomial, 0)
    path = _path(monomial, line.total.of)
    name = shown(path) if path else " ".join(f"∂{v}/∂{u}" for v, u in monomial) or "1"
    if not claimed:
        text = f"{name} is missing from {line.what}"
    elif actual:
        text = f"{name} is counted {claimed} times in {line.what}"
    else:
        text = f"{name} in {line.what} is no path from {line.total.of} to {line.total.wrt}"
    return Counterexample(text, str(claimed), str(actual), path=path, line=line.total)


def _path(monomial: Monomial, start: str) -> Path:
    """The path that has these labels; none where they are not those of a path."""
    following = dict(monomial)
    path = [start]
    while path[-1] in following:
        path.append(following.pop(path[-1]))
    return tuple(path) if len(path) == len(monomial) + 1 else ()
