"""Hypotheses of two different mistakes: one in one term and one in another, or both in the same.

A mistake makes of a term what it is times something. So two in different terms add up to the difference from the
derivative, and two in one term multiply to the quotient; both are looked for by meeting in the middle. A pair is told
only where it is the only one that fits: with two mistakes allowed, much can be explained that nobody did.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import Final

from pathdiff.derivation import Path
from pathdiff.grading.anywhere import elsewhere, single
from pathdiff.grading.case import Case
from pathdiff.grading.evidence import Instead, Vector
from pathdiff.grading.factors import diagnosis
from pathdiff.grading.findings import Code, Diagnosis, Explanation
from pathdiff.grading.lattice import Lattice
from pathdiff.grading.names import Names
from pathdiff.grading.sums import missing, repeated, turned
from pathdiff.verify.verdict import Edge

_MOST_PATHS: Final = 24
_MOST_MISTAKES: Final = 600
"""Of more paths, or of more possible mistakes in them, no pairs are looked at."""
_WHOLE: Final[tuple[tuple[Code, int], ...]] = (("missing-path", 0), ("wrong-sign", -1), ("repeated-path", 2))
"""What may be wrong with a whole term, and how often it is there then."""
_TOGETHER: Final = frozenset({"wrong-sign", "missing-inner", "inverted-factor"})
"""Two of these may be in the same term."""


@dataclass(frozen=True, slots=True)
class _Mistake:
    """One mistake in some terms: in which, and by how much it changes the sum."""

    paths: tuple[Path, ...]
    edge: Edge | None
    """The edge of a label that is mistaken; None where the whole term is."""
    instead: Instead
    """What is there instead: of the label, or how often the whole term is there."""
    change: Vector

    @property
    def named(self) -> bool:
        """Whether it is one of those that have a name, rather than that another factor stands there."""
        return self.instead.code != "wrong-factor"


def by_two(case: Case) -> list[Explanation]:
    """The pair of mistakes that explains a claim, if exactly one does."""
    lattice = case.lattice
    if not 0 < len(lattice.paths) <= _MOST_PATHS:
        return []
    mistakes = list(_mistakes(case))
    if len(mistakes) > _MOST_MISTAKES:
        return []
    names = Names(lattice, case.original)
    found = [*_apart(case, mistakes), *_together(case, mistakes)]
    named = [pair for pair in found if pair[0].named and pair[1].named]
    told = {frozenset(_told(lattice, each, names) for each in pair) for pair in named or found}
    return [tuple(sorted(each, key=lambda one: one.code)) for each in told] if len(told) == 1 else []


def _mistakes(case: Case) -> Iterator[_Mistake]:
    """What may be wrong with the term of a path, and with all terms through an edge together."""
    lattice, evidence = case.lattice, case.evidence
    one = evidence.constant(1)
    others = single(case) if len(lattice.paths) > 1 else []

    def at(edge: Edge, paths: tuple[Path, ...], around: Vector) -> Iterator[_Mistake]:
        label = lattice.labels[edge]
        inverse = evidence.over(one, label)
        if inverse is None or evidence.equal(label, inverse):
            return  # with 1 or -1 there is nothing to be left out
        found = [Instead("inverted-factor", "", inverse), *elsewhere(lattice, edge)]
        if all(len(path) > 2 for path in paths):  # of one factor alone it says nothing that something else is there
            found += [Instead("missing-inner", "", one), *others]
        for instead in found:
            difference = evidence.minus(instead.vector, label)
            if not evidence.is_zero(difference):
                yield _Mistake(paths, edge, instead, evidence.multiply((difference, around)))

    for path, product in zip(lattice.paths, lattice.products, strict=True):
        for code, number in _WHOLE:
            change = evidence.multiply((evidence.constant(number - 1), product))
            yield _Mistake((path,), None, Instead(code, "", evidence.constant(number)), change)
        for edge in pairwise(path):
            yield from at(edge, (path,), lattice.product(path, (edge,)))
    for edge in lattice.labels:
        through = lattice.through(edge)
        if len(through) > 1:
            yield from at(edge, through, lattice.around(edge))


def _apart(case: Case, mistakes: Sequence[_Mistake]) -> Iterator[tuple[_Mistake, _Mistake]]:
    """Two mistakes in different terms, of which one has a name: what they change adds up to the difference."""
    evidence = case.evidence
    known: dict[object, list[_Mistake]] = {}
    for each in mistakes:
        known.setdefault(evidence.key(each.change), []).append(each)
    for each in filter(lambda mistake: mistake.named, mistakes):
        rest = evidence.minus(case.rest, each.change)
        for other in known.get(evidence.key(rest), ()):
            if not set(each.paths) & set(other.paths) and evidence.equal(rest, other.change):
                yield each, other


def _together(case: Case, mistakes: Sequence[_Mistake]) -> Iterator[tuple[_Mistake, _Mistake]]:
    """Two mistakes in the same term: what they multiply it by makes up the quotient."""
    lattice, evidence = case.lattice, case.evidence
    for path, product in zip(lattice.paths, lattice.products, strict=True):
        quotient = evidence.over(evidence.add((case.rest, product)), product)
        mine = [each for each in mistakes if each.paths == (path,) and each.instead.code in _TOGETHER]
        for one, other in combinations(mine, 2) if quotient is not None else ():
            told = [_times(lattice, each) for each in (one, other)]
            if one.edge != other.edge and evidence.equal(quotient or (), evidence.multiply(filter(None, told))):
                yield one, other


def _times(lattice: Lattice, mistake: _Mistake) -> Vector | None:
    """What a mistake multiplies a term by."""
    if mistake.edge is None:
        return mistake.instead.vector
    return lattice.evidence.over(mistake.instead.vector, lattice.labels[mistake.edge])


def _told(lattice: Lattice, mistake: _Mistake, names: Names) -> Diagnosis:
    """What a mistake is in words."""
    if mistake.edge is not None:
        return diagnosis(lattice, mistake.edge, mistake.paths, mistake.instead, names)
    paths = tuple(map(names.path, mistake.paths))
    match mistake.instead.code:
        case "missing-path":
            return missing(paths)
        case "wrong-sign":
            return turned(paths)
    return repeated(paths, 2)
