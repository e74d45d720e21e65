"""Numbers at one point: the forward pass, the backward pass, and each derivative beside a central difference."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final

import networkx as nx

from pathdiff.derivation import Sweep
from pathdiff.diagnostics import Diagnostic, InputError
from pathdiff.domain import no_label
from pathdiff.explain import point_of, questions, worst
from pathdiff.expression import Tree
from pathdiff.graph import Between, Graph, between, computation_graph, derivative_graph, within_limit
from pathdiff.numeric import LONGEST_EXACT, Context, NotReal, Real, forward_pass, real
from pathdiff.points import LEVELS, Known, Point, Sums, few, settled, with_digits
from pathdiff.program import refuse_abstract
from pathdiff.spec import Spec
from pathdiff.sweeps import reverse_sweep
from pathdiff.valuing import adjoints, labels_at

MOST_DIGITS: Final = 1000
"""How many digits may be asked for."""
DIFFERENCE_DIGITS: Final = 50
"""A central difference is computed with so many digits, ..."""
STEP: Final = Fraction(1, 10**12)
"""... and with this step, times the size of what varies where that is more than 1; its error is of the order of the
step squared."""
TOLERANCE: Final = 1e-9
"""The largest relative error with which a derivative and a central difference agree, ..."""
SMALLEST: Final = 1e-18
"""... and the largest absolute one: where the derivative is 0 a difference is not."""


@dataclass(frozen=True, slots=True)
class Adjoints:
    """The backward pass of one node."""

    of: str
    part: Between
    """What lies between it and all that it depends on."""
    sweep: Sweep
    labels: Mapping[tuple[str, str], Real]
    """The value of each label."""
    values: Mapping[str, Real]
    """∂of/∂v for every node v of the spec: 0 for one that it does not depend on. Fractions where they are exact."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A derivative beside a central difference."""

    of: str
    wrt: str
    derivative: Real
    difference: Real = None
    """None where a node has no value beside the point."""
    error: float = 0.0
    """Relative to the larger of the two."""
    why_not: str = ""

    @property
    def verdict(self) -> str:
        """Whether the two agree."""
        if self.difference is None:
            return "undecided"
        apart = abs(real(self.derivative, with_digits(DIFFERENCE_DIGITS)) - self.difference)
        return "agree" if self.error <= TOLERANCE or apart <= SMALLEST else "refuted"


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Everything that is shown of a spec at one point."""

    spec: Spec
    computation: Graph
    point: Mapping[str, Tree]
    """The numbers as they were given."""
    values: Mapping[str, Real]
    """Of each name that has one, independent names first. Fractions where they are exact."""
    adjoints: tuple[Adjoints, ...]
    notes: tuple[str, ...] = ()
    """The kinks that the derivatives meet."""
    differences: tuple[Difference, ...] = ()
    digits: int | None = None
    """How many digits were asked for."""
    exact: bool = False

    @property
    def verdict(self) -> str:
        """Of the central differences: agree where there is none."""
        return worst(each.verdict for each in self.differences)


def evaluated(
    spec: Spec,
    of: Sequence[str] = (),
    wrt: Sequence[str] = (),
    at: Mapping[str, Tree] | None = None,
    *,
    digits: int | None = None,
    exact: bool = False,
    gradcheck: bool = False,
) -> Evaluation:
    """The value of every node at a point, and its adjoint for each `of`; real scalars.

    Right to 17 digits, or to as many as asked for, whatever cancels; with `exact` rational numbers stay so where the
    functions allow it. `gradcheck` adds a central difference with respect to each `wrt`. Raises InputError where
    a name lacks a value, naming all such names, and where a node has none. Cost O(V + E) for each `of`.

    >>> from pathdiff.reader import read_spec
    >>> found = evaluated(read_spec("z = x*y; p = z^2 + x", inline=True), at=_constants(x="1/2", y="3"), exact=True)
    >>> print(found.values["p"], found.adjoints[0].values["x"])
    11/4 10
    """
    computation = computation_graph(spec)
    pairs = questions(spec, computation, of, wrt)
    point = point_of(spec, computation, at or {}, pairs if of else spec.nodes)
    refuse_missing(spec, computation, pairs, point.told)
    precision = digits or 17
    values = _values(spec, point, precision, exact=exact)
    derivative = derivative_graph(computation)
    parts = within_limit(between(derivative, p, derivative) for p in pairs)
    passes = tuple(_adjoints(derivative, part, point, precision, exact=exact) for part in parts)
    notes = tuple(few(point.kinks({edge for each in passes for edge in each.part.labels})))
    found = Evaluation(spec, computation, point.told, values, passes, notes, (), digits, exact)
    if not gradcheck:
        return found
    differences = tuple(_differences(spec, found, pairs))
    return Evaluation(spec, computation, point.told, values, passes, notes, differences, digits, exact)


def _constants(**told: str) -> dict[str, Tree]:
    from pathdiff.reader import read_constant

    return {name: read_constant(text, name) for name, text in told.items()}


def refuse_missing(spec: Spec, graph: Graph, of: Iterable[str], told: Iterable[str]) -> None:
    """Raises InputError where one of these nodes needs a value that is not told, or one of an abstract node."""
    needed = set(of).union(*(nx.ancestors(graph, name) for name in of))
    refuse_abstract(spec, needed)
    known = set(told)
    missing = [name for name in spec.independents if name in needed and name not in known]
    if missing:
        listed = ", ".join(f"`{name}`" for name in missing[:MOST_NAMED])
        if len(missing) > MOST_NAMED:
            listed += f" and {len(missing) - MOST_NAMED:,} more"
        message = f"{listed} {'has' if len(missing) == 1 else 'have'} no value"
        hint = "--at " + ",".join(f"{name}=1" for name in missing[:3]) + ",..." * (len(missing) > 3)
        raise InputError([Diagnostic("no-point", message, spec.source.name, hint=hint)])


MOST_NAMED: Final = 20
"""How many names without a value are named."""


def _values(spec: Spec, point: Point, digits: int, *, exact: bool) -> dict[str, Real]:
    """The values, independent names first, nodes as the spec has them."""
    names = (*spec.independents, *spec.nodes)
    return {name: _told(point.known[name], digits, exact=exact) for name in names if name in point.known}


def _told(known: Known, digits: int, *, exact: bool) -> Real:
    context = with_digits(digits + LEVELS[known.level])
    found = known.value(context)
    return found if exact else real(found, context)


def _adjoints(derivative: Graph, part: Between, point: Point, digits: int, *, exact: bool) -> Adjoints:
    """The backward pass of a node. Raises InputError where a label has no value."""
    of = part.of
    try:
        known = labels_at(part, point)
        assert known is not None  # every name has a value, and none is abstract

        def compute(sums: Sums) -> dict[str, Real]:
            return adjoints(part, {edge: label.rounded(sums.context) for edge, label in known.items()}, sums)

        found: dict[str, Real] = settled(compute, known.values(), point.lost, digits)
    except NotReal as error:
        label = part.labels[error.edge] if error.edge else None
        if label is None or label.expression is None:
            message = f"the gradient of {of} {error.fault} at this point: {error.reason}"
            raise InputError([Diagnostic("outside-domain", message, "--at")]) from None
        name = f"∂{label.of}/∂{label.wrt}"
        raise InputError([no_label(error, label.expression, name, label.node.text, point.known)]) from None
    labels = {edge: _told(label, digits, exact=exact) for edge, label in known.items()}
    if exact:
        found |= _exactly(part, labels)
    everywhere = {name: found.get(name, Fraction(0) if exact else with_digits(30).mpf(0)) for name in derivative}
    return Adjoints(of, part, reverse_sweep(part), labels, everywhere)


def _exactly(part: Between, labels: Mapping[tuple[str, str], Real]) -> dict[str, Fraction]:
    """The adjoints that are rational and not too long, by the same sweep."""
    found = {part.of: Fraction(1)}
    for name in part.order[1:]:
        terms = [_product(found.get(user), labels[user, name]) for user in part.users[name]]
        if None not in terms:
            total = sum((term for term in terms if term is not None), Fraction(0))
            if total.numerator.bit_length() + total.denominator.bit_length() <= LONGEST_EXACT:
                found[name] = total
    return found


def _product(adjoint: Fraction | None, label: Real) -> Fraction | None:
    if isinstance(label, Fraction) and (adjoint is not None or not label):
        return (adjoint or Fraction(0)) * label
    return Fraction(0) if adjoint == 0 else None


def _differences(spec: Spec, found: Evaluation, pairs: Mapping[str, Sequence[str]]) -> Iterable[Difference]:
    """Each derivative beside (f(x + h) - f(x - h))/2h, where x is independent."""
    context = with_digits(DIFFERENCE_DIGITS)
    order = tuple(nx.topological_sort(found.computation))
    start = {name: real(found.values[name], context) for name in spec.independents if name in found.values}
    beside: dict[str, tuple[Mapping[str, Any], Mapping[str, Any], Any] | NotReal] = {}
    for each in found.adjoints:
        for name in pairs[each.of]:
            if name not in start:
                continue
            if name not in beside:
                beside[name] = _beside(spec, order, start, name, context)
            sides = beside[name]
            derivative = each.values[name]
            if isinstance(sides, NotReal):
                why = f"{sides.__notes__[0]} has no value beside this point: {sides.reason}"
                yield Difference(each.of, name, derivative, why_not=why)
                continue
            above, below, step = sides
            difference = (above[each.of] - below[each.of]) / (2 * step)
            largest = max(abs(difference), abs(real(derivative, context)))
            error = abs(difference - real(derivative, context)) / largest if largest else 0
            yield Difference(each.of, name, derivative, difference, float(error))


def _beside(
    spec: Spec, order: Sequence[str], start: Mapping[str, Real], name: str, context: Context
) -> tuple[Mapping[str, Any], Mapping[str, Any], Any] | NotReal:
    """The values of all nodes a step above and a step below the point, and the step."""
    step = real(STEP, context) * max(1, abs(start[name]))
    try:
        above, below = (
            forward_pass(spec.nodes, order, {**start, name: start[name] + by}, context) for by in (step, -step)
        )
    except NotReal as error:
        return error
    return above, below, step
