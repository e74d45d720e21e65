"""Whether every label is its node's derivative: by SymPy where that is a matter of rewriting, and by numbers.

Both are tried for each label, and either is enough where the other can't be had: where SymPy doesn't show it, or where
no point is found at which the node can be computed. A label that numbers contradict is refuted whatever SymPy says.

A node's expression and the labels on its edges are compared as trees in slots, so nodes that differ in names only
are checked once. The numbers are one directional derivative a point for all labels of a node together, which keeps
the cost linear in the edges; the directions are random, and scaled so that each label contributes about equally.
Labels of which one is too small to be seen beside the other are measured apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import lru_cache
from itertools import islice
from random import Random
from typing import Final

import mpmath

from pathdiff.expression import OWN, Expression, Tree, slot, slots_of, spec_text, substitute
from pathdiff.graph import Label
from pathdiff.numeric import NotReal, value
from pathdiff.spec import Node
from pathdiff.verify import sampling
from pathdiff.verify.composition import Composition
from pathdiff.verify.effort import FULL, Effort, effort_for, operations
from pathdiff.verify.proofs import Claims, Prover
from pathdiff.verify.sampling import DIGITS, ROUGHLY, Comparison, Context, Real, context
from pathdiff.verify.search import (
    POINTS,
    Marks,
    Refused,
    Search,
    analytic,
    branches,
    branching,
    digest,
    exact,
    parts_within_limits,
    seed,
    signs,
    value_within_limits,
)
from pathdiff.verify.verdict import Check, Counterexample, Edge, plural

Point = tuple[Fraction, ...]

_MOST_POINTS: Final = 20
"""How many points are looked at to find five where the derivative is not 0."""
_SHAPES: Final = 10
"""All nodes together are looked at as thoroughly as one of so many times fewer operations."""


class NoLabel(Exception):
    """An edge has no label that could be checked, or that of another edge."""

    def __init__(self, edge: Edge, text: str) -> None:
        super().__init__(text)
        self.found = Counterexample(text, edge=edge)


def claims_of(function: Composition, labels: Mapping[Edge, Label]) -> dict[str, Claims]:
    """What the labels claim of each concrete node, in its own slots. Raises NoLabel."""
    claims: dict[str, Claims] = {}
    for name in function.inside:
        node = function.nodes.get(name)
        if node is None or not function.arguments[name]:
            continue
        place = {argument: i for i, argument in enumerate(node.arguments)}
        found = [(place[u], _claim(node, u, labels.get((name, u)), place)) for u in function.arguments[name]]
        if node.tree is not None:
            claims[name] = tuple((i, tree) for i, tree in found if tree is not None)
    return claims


def _claim(node: Node, argument: str, label: Label | None, place: dict[str, int]) -> Tree | None:
    edge = node.name, argument
    if label is None:
        raise NoLabel(edge, f"the edge {node.name} -> {argument} has no label")
    if (label.of, label.wrt) != edge:
        raise NoLabel(edge, f"the edge {node.name} -> {argument} has the label of {label.of} -> {label.wrt}")
    expression = label.expression
    if (expression is None) != (node.tree is None):
        abstract = "abstract, but its label is not" if node.tree is None else "not abstract, but its label is"
        raise NoLabel(edge, f"∂{node.name}/∂{argument}: {node.name} is {abstract}")
    same = expression is not None and (expression.names is node.arguments or expression.names == node.arguments)
    if expression is None or (same and expression.own == node.name):
        return None if expression is None else expression.tree
    into: dict[int, Tree] = {}
    for index in slots_of(expression.tree):
        name = expression.name(index)
        if name != node.name and name not in place:
            raise NoLabel(edge, f"∂{node.name}/∂{argument} names {name}, which {node.name} does not use")
        into[index] = slot(OWN if name == node.name else place[name])
    return substitute(expression.tree, into)


@dataclass(frozen=True, slots=True)
class Finding:
    """What numbers say about the labels of a node."""

    comparisons: tuple[Comparison, ...] = ()
    """One for each point."""
    wrong: tuple[int, Point, Comparison] | None = None
    """The slot of a label that is wrong, the arguments where, and both values; slot -1 where it is not clear which."""
    missing: tuple[Tree, str] | None = None
    """The first operation that had no value at a point that was drawn, and why."""
    effort: Effort = FULL
    """How thoroughly was looked."""


@lru_cache(maxsize=1024)
def at_random_points(tree: Tree, count: int, claims: Claims, together: int = 0) -> Finding:
    """Compares labels with a node's expression in `count` slots, at random values of its arguments.

    `together` is how many operations all nodes have: the more, the less is done for each.
    """
    m = context(ROUGHLY)
    labels = sampling.together(tuple(label for _, label in claims))
    missing: list[tuple[Tree, str]] = []

    def look(point: Mapping[int, Fraction]) -> Marks:
        arguments = [exact(point[i], m) for i in range(count)]
        try:
            parts = parts_within_limits(tree, arguments, m)
            told = parts_within_limits(labels, arguments, m, parts[tree])
        except NotReal as error:
            missing.append((error.tree, error.reason))
            raise Refused(range(count)) from None
        return {} if anywhere else signs(dict(enumerate(arguments))) | branches((tree, parts), (labels, told))

    random = Random(seed(digest(tree)))
    size = operations(tree) + operations(labels)
    anywhere = analytic(tree) and analytic(labels)
    smooth = not (branching(tree) or branching(labels))
    effort = effort_for(max(size, together // _SHAPES), smooth=smooth)
    thorough = not anywhere and (effort.full or not smooth)
    search = Search(range(count), look, random, size, tries=effort.tries, wanted=effort.points, thorough=thorough)
    points = ([point[i] for i in range(count)] for point in search.points())
    found = at_points(tree, claims, points, lambda: search.needed, effort)
    return replace(found, missing=found.missing or (missing[0] if missing else None))


def at_points(
    tree: Tree,
    claims: Claims,
    points: Iterable[Sequence[Fraction]],
    needed: Callable[[], int] | None = None,
    effort: Effort = FULL,
) -> Finding:
    """The same at the first of some points that can be used; those where the derivative is 0 only where all are.

    `needed` says how many, once the first point is there; else it is as many as the effort has.
    """
    needed = needed or (lambda: effort.points)
    random = Random(seed(digest(tree)))
    clear: list[Comparison] = []
    zero: list[Comparison] = []
    missing: tuple[Tree, str] | None = None
    looked = 0
    for drawn in points:
        point = tuple(drawn)
        try:
            node = _NodeAt(tree, claims, point, random, effort)
            found = node.compared()
            if found.outcome == "different":
                return Finding(wrong=node.first_wrong())
        except NotReal as error:
            missing = missing or (error.tree, error.reason)
            continue
        if found.outcome == "same":
            (zero if found.zero else clear).append(found)
        looked += 1
        most = _MOST_POINTS if effort.full else effort.looked
        if (len(clear) >= effort.points and looked >= needed()) or looked >= most:
            break
    return Finding(tuple((clear + zero)[: needed()]), missing=missing, effort=effort)


class _NodeAt:
    """A node's expression and labels at a point, with a random direction there."""

    def __init__(self, tree: Tree, claims: Claims, point: Point, random: Random, effort: Effort) -> None:
        self.tree, self.point, self.effort = tree, point, effort
        self.slots = [i for i, _ in claims]
        self.labels = tuple(label for _, label in claims)
        self._known: dict[int, list[Real]] = {}
        self._exact: dict[int, list[Real]] = {}
        self._wrong: Sequence[int] = ()
        m = context(ROUGHLY)
        here = value_within_limits(tree, self._arguments(m), m)
        told = sampling.values(self.labels, self._arguments(m), m, here)
        if not all(sampling.usable(number, m) for number in (here, *told)):
            raise NotReal(tree, "a value too large or too small to compute with")
        self.magnitude = max(0, int(m.mag(here))) if here else 0
        self.direction = [sampling.step(t, random, m) for t in told]
        self._groups: list[Sequence[int]] = list(sampling.alike(told, m))
        if not effort.full:
            self._known[m.dps] = told

    def _arguments(self, m: Context) -> list[Real]:
        if m.dps not in self._exact:
            self._exact[m.dps] = [exact(x, m) for x in self.point]
        return self._exact[m.dps]

    def _label_values(self, m: Context) -> list[Real]:
        known = self._known.get(m.dps)
        if known is None:
            arguments = self._arguments(m)
            known = sampling.values(self.labels, arguments, m, value(self.tree, arguments, m))
            self._known[m.dps] = known
        return known

    def compared(self) -> Comparison:
        """All labels, claimed and measured: those that can be seen beside each other together."""

        def each() -> Iterator[Comparison]:
            for group in self._groups:
                found = self._along(group)
                if found.outcome == "different":
                    self._wrong = group
                yield found

        return sampling.all_of(each())

    def _along(self, which: Sequence[int]) -> Comparison:
        """The directional derivative along the arguments of some of the labels, claimed and measured."""

        def terms(m: Context) -> list[Real]:
            labels = self._label_values(m)
            return [labels[i] * self.direction[i] for i in which]

        def measured(m: Context, h: Real) -> Real:
            ends = []
            for step in (h, -h):
                moved = list(self._arguments(m))
                for i in which:
                    moved[self.slots[i]] += step * self.direction[i]
                ends.append(value(self.tree, moved, m))
            return (ends[0] - ends[1]) / (2 * h)

        return sampling.compare(
            lambda m: m.fsum(terms(m)), lambda m: m.fsum(map(abs, terms(m))), measured, self.magnitude, self.effort
        )

    def first_wrong(self) -> tuple[int, Point, Comparison]:
        """The first label that is wrong of those that were found to be, by halving: O(log n) comparisons for n."""
        which = self._wrong
        while len(which) > 1:
            half = which[: len(which) // 2]
            which = half if self._along(half).outcome == "different" else which[len(which) // 2 :]
        self.direction[which[0]] = context(ROUGHLY).mpf(1)
        found = self._along(which)
        return (self.slots[which[0]] if found.outcome == "different" else -1), self.point, found


def check_labels(
    function: Composition, claims: Mapping[str, Claims], points_for: Callable[[str], Iterable[Sequence[Fraction]]]
) -> Check | None:
    """Compares the labels on the way with the nodes' own expressions; None where all of them are abstract.

    `points_for` gives values of a node's arguments that occur in the composed function, for nodes that have no
    value where their arguments are drawn each on its own.
    """
    prover = Prover()
    count = proved = checked = unsettled = 0
    least: list[int] = []
    digits = DIGITS
    shapes = {(function.nodes[name].tree, told) for name, told in claims.items()}
    together = sum(operations(tree) + len(told) for tree, told in shapes if tree is not None)
    error = mpmath.mpf(0)
    why = ""
    for name, told in claims.items():
        node = function.nodes[name]
        assert node.tree is not None
        finding = at_random_points(node.tree, len(node.arguments), told, together)
        if not finding.comparisons and not finding.wrong:
            other = at_points(node.tree, told, points_for(name), effort=finding.effort)
            finding = replace(other, missing=finding.missing or other.missing)
        if finding.wrong:
            return _refuted(node, told, finding.wrong)
        proofs = prover.proved(node.tree, told)
        count += len(told)
        proved += proofs
        if finding.comparisons:
            checked += len(told)
            least.append(len(finding.comparisons))
            digits = min(digits, finding.effort.digits)
            error = max(error, *(found.error for found in finding.comparisons))
        elif proofs < len(told):
            unsettled += len(told) - proofs
            why = why or no_point(node, finding.missing)
    if not count:
        return None
    points = min(least, default=POINTS)
    how = [f"{proved:,} of {count:,} proved by SymPy"] if proved else []
    if checked:
        of = "" if proved else f" of {count:,}"
        how.append(f"{checked:,}{of} at {plural(points, 'random point')} to {digits} digits")
    method = ", and ".join(how)
    if unsettled:
        text = f"not every label could be compared with its node's derivative: {why}"
        return Check("labels", "undecided", text, why, points, digits, sampling.largest([error]))
    text = f"every label is its node's derivative: {method}"
    return Check(
        "labels", "proved" if proved == count else "checked", text, method, points, digits, sampling.largest([error])
    )


def compared_operations(function: Composition, claims: Mapping[str, Claims]) -> int:
    """How many operations one look at the labels and one at the composed function compute: what comparing them costs.

    Labels are looked at once for each shape of node; abstract nodes count by their arguments.
    """
    size: dict[tuple[Tree, Claims], int] = {}
    whole = 0
    for name in function.inside:
        node = function.nodes.get(name)
        if node is None:
            continue
        if node.tree is None or name not in claims:
            whole += len(node.arguments)
            continue
        shape = node.tree, claims[name]
        if shape not in size:
            labels = sampling.together(tuple(label for _, label in claims[name]))
            size[shape] = operations(node.tree) + operations(labels)
        whole += size[shape]
    return whole + sum(size.values())


def no_point(node: Node, missing: tuple[Tree, str] | None) -> str:
    """Why a node could not be checked, in words."""
    if missing is None:
        return f"no point was found at which the derivative of {node.name} could be measured"
    operation = spec_text(Expression(missing[0], node.arguments, node.name), 80)
    return f"no point was found at which {operation} in {node.name} can be computed: it met {missing[1]}"


def _refuted(node: Node, told: Claims, wrong: tuple[int, Point, Comparison]) -> Check:
    index, point, found = wrong
    claimed, actual = sampling.told_apart(found.claimed, found.measured)
    at = dict(zip(node.arguments, (sampling.decimal(exact(x, mpmath.mp)) for x in point), strict=True))
    where = ", ".join(f"{name} = {number}" for name, number in islice(at.items(), 6)) + ", ..." * (len(at) > 6)
    edge: Edge | None = None
    if index >= 0:
        edge = node.name, node.arguments[index]
        label = spec_text(Expression(dict(told)[index], node.arguments, node.name), 80)
        what = f"the label ∂{edge[0]}/∂{edge[1]} = {label} is {claimed}"
    else:
        what = f"along a random direction the labels of {node.name} give {claimed}"
    text = f"{what} at {where}, where the derivative of {node.name} is {actual}"
    return Check(
        "labels",
        "refuted",
        f"a label is not its node's derivative: {text}",
        text,
        counterexample=Counterexample(text, claimed, actual, at, edge),
    )
