"""A derivation as data: paths, sums, sweeps and formulas made of node names, in the order in which a person reads them.

Edges run from a node to what it uses: `Partial("p", "z1")` stands for the label ∂p/∂z1 of the edge p -> z1.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, Literal, NamedTuple

from pathdiff.expression import Expression
from pathdiff.graph import Between

MOST_DERIVATIONS: Final = 12
"""More derivatives of one node are read as a gradient, not each in every form."""

Path = tuple[str, ...]
"""The nodes of a path of the derivative graph, from `of` to `wrt`."""


@dataclass(frozen=True, slots=True)
class Partial:
    """The label ∂of/∂wrt of an edge."""

    of: str
    wrt: str


@dataclass(frozen=True, slots=True)
class Total:
    """The derivative of one node with respect to another over all paths, worked out elsewhere in the derivation."""

    of: str
    wrt: str
    also_edge: bool = False
    """Whether there is an edge of -> wrt beside other paths: then it must be told from that edge's label, by a d."""


@dataclass(frozen=True, slots=True)
class Value:
    """The expression of a label, with a number in the place of each name where there is a point."""

    label: Expression
    numbers: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Accumulated:
    """What stands on an edge after some nodes were eliminated, under the name of the line that says what it is."""

    name: str
    """A name that no node has: c1, c2, ..."""


@dataclass(frozen=True, slots=True)
class Product:
    """Factors in reading order; none for 1."""

    factors: tuple[Formula, ...]


@dataclass(frozen=True, slots=True)
class Sum:
    """Terms in reading order; none for 0."""

    terms: tuple[Formula, ...]
    marks: tuple[int, ...] = ()
    """For each term the number of the path that it is, 0 for one that is no path; nothing where no term is one."""
    known_as: Total | None = None
    """In a bracket: the line of the sweep that the bracket is."""


Formula = Partial | Total | Value | Accumulated | Product | Sum


@dataclass(frozen=True, slots=True)
class PathSum:
    """Bauer's formula: the sum over all paths of the product of the labels along each."""

    count: int
    """How many paths there are."""
    paths: tuple[Path, ...]
    """The first of them, all unless there are more than asked for; by the last node before `wrt`, then the one before
    that, and so on."""
    terms: tuple[Product, ...]
    """The product of the labels along each of `paths`."""

    @property
    def formula(self) -> Sum:
        """The terms as a sum, each marked with the number of its path, which counts from 1."""
        return Sum(self.terms, tuple(range(1, len(self.terms) + 1)))

    @property
    def complete(self) -> bool:
        """Whether every path is listed."""
        return len(self.paths) == self.count


@dataclass(frozen=True, slots=True)
class Tail:
    """The last edge of several paths: what they share when common factors are taken out from `wrt` on."""

    edge: Partial
    paths: tuple[int, ...]
    """Their numbers, which count from 1."""


@dataclass(frozen=True, slots=True)
class Step:
    """One line of a sweep: an adjoint ∂p/∂v in a reverse sweep, a tangent ∂v/∂x in a forward one."""

    result: Total
    stage: int
    """Lines of one stage need only lines before it. Reverse: counted down to 1; forward: counted up from 1."""
    formula: Sum
    """A term for each edge: the label, times the line before that it goes on from, if any."""

    @property
    def is_label(self) -> bool:
        """Whether the line only says that a derivative is a label."""
        return self.formula.terms == (Product((Partial(self.result.of, self.result.wrt),)),)


@dataclass(frozen=True, slots=True)
class Sweep:
    """A pass over the graph that computes each edge's label once and multiplies by it once."""

    mode: Literal["reverse", "forward"]
    steps: tuple[Step, ...]
    """Each after those that it needs."""

    @property
    def is_labels(self) -> bool:
        """Whether nothing is computed: every line is a label."""
        return all(step.is_label for step in self.steps)


def bracketed(formula: Formula | None) -> bool:
    """Whether a formula is more than a sum of products; so is one that is too long to be there."""
    if formula is None:
        return True
    terms = formula.terms if isinstance(formula, Sum) else (formula,)
    return any(isinstance(factor, Sum) for term in terms if isinstance(term, Product) for factor in term.factors)


def readable(root: Formula, factors: int, deepest: int) -> bool:
    """Whether a formula has at most so many factors, and brackets that nest at most so deep."""
    count = 0
    waiting = [(root, 0)]
    while waiting:
        formula, depth = waiting.pop()
        count += not isinstance(formula, Product | Sum)
        if count > factors or depth > 2 * deepest:
            return False
        if isinstance(formula, Product | Sum):
            inner = formula.factors if isinstance(formula, Product) else formula.terms
            waiting.extend((each, depth + 1) for each in inner)
    return True


def labels_beside_totals(sweeps: Iterable[Sweep]) -> frozenset[tuple[str, str]]:
    """The edges whose label must be told from the total derivative of the same two nodes, which stands beside it."""
    results = (step.result for sweep in sweeps for step in sweep.steps)
    return frozenset((result.of, result.wrt) for result in results if result.also_edge)


class Count(NamedTuple):
    """The operations that a way of accumulating a derivative takes, labels free."""

    multiplications: int
    additions: int


def digits(count: int) -> str:
    """All digits of a count; `str` refuses one with more than 4300."""
    return str(Decimal(count))


class Spent(NamedTuple):
    """The operations that accumulate a whole Jacobian, labels free."""

    multiplications: int
    """In an elimination |arguments| times |users| of each node when it is eliminated; a product with the label of a
    copy is none."""
    additions: int
    """In an elimination how many products are added to an edge that is there."""
    without_units: int
    """The multiplications that are left where those by 1 or -1 are free."""


@dataclass(frozen=True, slots=True)
class Weighed:
    """A path and its rank; at a point, what it gives to the derivative."""

    rank: int
    path: Path
    value: Any = None
    """The product of the labels along it (mpmath); None without a point."""
    share: Any = None
    """What part of the sum over all these paths that is, negative where it lessens it; None where the sum is 0."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """The derivation at a point."""

    values: Mapping[str, Any]
    """The value of each node, and of each independent one (mpmath)."""
    formula: Sum
    """The path sum with the labels put in, and in these a number in the place of each name."""
    terms: tuple[Any, ...]
    """The value of each term of the path sum."""
    sums: tuple[Any, ...]
    """The sum of the terms up to each: what the loop over the paths has added up after it."""
    result: Any
    """The derivative, by the reverse sweep."""
    largest: tuple[Weighed, ...] = ()
    """Where there are many paths, those that give the most to it, signs aside, the largest first."""


@dataclass(frozen=True, slots=True)
class Derivation:
    """The derivative of one node with respect to another, in every form."""

    of: str
    wrt: str
    part: Between
    result: Total
    path_sum: PathSum
    labelled: Sum | None
    """The path sum with the labels put in; None where all of them are abstract."""
    factoring: tuple[Sum, ...]
    """The way from the path sum to the last line of the reverse sweep, tail after tail taken out.

    Nothing where no two paths share a tail, and where there are too many paths for it to be read."""
    tails: tuple[Tail, ...]
    """The tails that are taken out there, in order."""
    reverse: Sweep
    forward: Sweep
    factored: Formula | None
    """One formula, every bracket written out; None where it would be too long to read."""
    expression: Expression | None
    """The same with the labels put in, in node names; None where one of them is abstract, and where it is too long."""
    substituted: Formula | None
    """The same by forward mode: the chain rule applied from `of` on, every inner derivative put back in."""
    costs: Mapping[str, Count]
    """By "path_sum", "forward" and "reverse"."""
    numbers: Numbers | None = None
    """None without a point, and where it has no value."""
    why_no_numbers: str = ""
    """Which label has no value at the point, where one has none."""

    @property
    def why_zero(self) -> str:
        """Why there is no path, in words, when there is none."""
        return (
            ""
            if self.path_sum.count
            else f"no path leads from {self.of} to {self.wrt}: {self.of} does not depend on it"
        )


@dataclass(frozen=True, slots=True)
class Brief:
    """One derivative of many: what is its own, beside the sweep that it shares with the others."""

    wrt: str
    result: Total
    path_sum: PathSum
    """With some of its paths, how many depends on how many derivatives there are."""
    expression: Expression | None
    """As of a derivation; None as well where all of them together would be too long."""
    cost: Count
    """Of the path sum."""


@dataclass(frozen=True, slots=True)
class Gradient:
    """The derivatives of one node with respect to several others, by one reverse sweep."""

    of: str
    wrt: tuple[str, ...]
    part: Between
    sweep: Sweep
    costs: Mapping[str, Count]
    """Of all of them together: "path_sum", "reverse" and, where each is there in every form, "forward"."""
    derivations: tuple[Derivation, ...]
    """Each in every form; none where there are too many of them."""
    briefs: tuple[Brief, ...] = ()
    """What is told of each, then."""
    values: Mapping[str, Any] | None = None
    """The value of each node at the point, when there is one at which every label has a value."""
    results: Mapping[str, Any] | None = None
    """The value of each derivative there, by the sweep."""
    why_no_numbers: str = ""
    """Which label has no value at the point, where one has none."""

    @property
    def told(self) -> tuple[Derivation | Brief, ...]:
        """What is told of each derivative, in the order asked for."""
        return self.derivations or self.briefs

    @property
    def value_of_each(self) -> tuple[Any, ...]:
        """The value of each derivative at the point, in the same order; nothing where one has none."""
        if self.results is not None:
            return tuple(self.results[name] for name in self.wrt)
        numbers = [each.numbers for each in self.derivations]
        return tuple(each.result for each in numbers if each) if all(numbers) else ()

    @property
    def is_brief(self) -> bool:
        """Whether there are too many derivatives for a reader to want each in every form."""
        return not self.derivations or len(self.derivations) > MOST_DERIVATIONS
