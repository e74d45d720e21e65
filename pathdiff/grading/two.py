"""Hypotheses of two different mistakes: one in one term and one in another, or both in the same.

A mistake makes of a term what it is times something. So two in different terms add up to the difference from the
derivative, and two in one term multiply to the quotient; both are looked for by meeting in the middle. A pair is told
only where it is the only one that fits: with two mistakes allowed, much can be explained that nobody did.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from pathdiff.derivation import Path
from pathdiff.grading.anywhere import Anywhere
from pathdiff.grading.case import Case
from pathdiff.grading.evidence import Instead, Vector
from pathdiff.grading.factors import diagnosis
from pathdiff.grading.findings import Code, Diagnosis, Explanation
from pathdiff.grading.lattice import Lattice
from pathdiff.grading.names import Names
from pathdiff.grading.sums import missing, repeated, turned
from pathdiff.spec import Spec
from pathdiff.verify.verdict import Edge

_MOST_PATHS: Final = 24
_MOST_MISTAKES: Final = 600
"""Of more paths, or of more possible mistakes in them, no pairs are looked at."""
_WHOLE: Final[tuple[tuple[Code, int], ...]] = (("missing-path", 0), ("wrong-sign", -1), ("repeated-path", 2))
"""What may be wrong with a whole term, and how often it is there then."""


@dataclass(frozen=True, slots=True)
class _Mistake:
    """One mistake in some terms: in which, what it multiplies them by, and by how much that changes the sum."""

    paths: tuple[Path, ...]
    edge: Edge | None
    """The edge of a label that is mistaken; None where the whole term is."""
    instead: Instead
    times: Vector
    change: Vector

    @property
    def special(self) -> bool:
        """Whether it is one of those that have a name, rather than that another factor stands there."""
        return self.instead.code != "wrong-factor"


def by_two(case: Case, original: Spec | None = None) -> list[Explanation]:
    """The pair of mistakes that explains a claim, if exactly one does; `original` is as for `by_labels`."""
    lattice = case.lattice
    if not 0 < len(lattice.paths) <= _MOST_PATHS:
        return []
    mistakes = list(_mistakes(lattice, Anywhere(case, original is not None)))
    if len(mistakes) > _MOST_MISTAKES:
        return []
    names = Names(lattice, original)
    found = [*_apart(case, mistakes), *_together(case, mistakes)]
    named = [pair for pair in found if pair[0].special and pair[1].special]
    told = {frozenset(_told(lattice, each, names) for each in pair) for pair in named or found}
    return [tuple(sorted(each, key=lambda one: one.code)) for each in told] if len(told) == 1 else []


def _mistakes(lattice: Lattice, anywhere: Anywhere) -> Iterator[_Mistake]:
    """What may be wrong with the term of a path, and with all terms through an edge together."""
    evidence = lattice.evidence

    def mistake(paths: tuple[Path, ...], edge: Edge | None, instead: Instead, product: Vector) -> _Mistake:
        times = instead.vector if edge is None else evidence.over(instead.vector, lattice.labels[edge])
        assert times is not None
        return _Mistake(paths, edge, instead, times, evidence.minus(evidence.multiply((times, product)), product))

    def at(edge: Edge, paths: tuple[Path, ...], product: Vector) -> Iterator[_Mistake]:
        label, one = lattice.labels[edge], evidence.constant(1)
        inverse = evidence.over(one, label)
        if inverse is None or evidence.equal(label, inverse):
            return  # with 1 or -1 there is nothing to be left out
        longer = all(len(path) > 2 for path in paths)
        named = [Instead("inverted-factor", "", inverse), *anywhere.elsewhere(edge)]
        # Of a term with one factor it says nothing that something else stands there.
        others = [Instead("missing-inner", "", one), *anywhere.single] if longer else []
        for instead in (*named, *others):
            if not evidence.equal(instead.vector, label):
                yield mistake(paths, edge, instead, product)

    whole = [Instead(code, "", evidence.constant(number)) for code, number in _WHOLE]
    for path, product in zip(lattice.paths, lattice.products, strict=True):
        yield from (mistake((path,), None, instead, product) for instead in whole)
        for edge in pairwise(path):
            yield from at(edge, (path,), product)
    for edge in lattice.labels:
        through = lattice.through(edge)
        if len(through) > 1:
            yield from at(edge, through, evidence.multiply((lattice.around(edge), lattice.labels[edge])))


def _apart(case: Case, mistakes: Sequence[_Mistake]) -> Iterator[tuple[_Mistake, _Mistake]]:
    """Two mistakes in different terms: their changes add up to the difference from the derivative."""
    evidence = case.evidence
    known: dict[object, list[_Mistake]] = {}
    for each in mistakes:
        known.setdefault(evidence.key(each.change), []).append(each)
    for each in mistakes:
        rest = evidence.minus(case.rest, each.change) if each.special else ()
        for other in known.get(evidence.key(rest), ()) if rest else ():
            if not set(each.paths) & set(other.paths) and evidence.equal(rest, other.change):
                yield each, other


def _together(case: Case, mistakes: Sequence[_Mistake]) -> Iterator[tuple[_Mistake, _Mistake]]:
    """Two mistakes in the same term: what they multiply it by makes up the quotient."""
    lattice, evidence = case.lattice, case.evidence
    for path, product in zip(lattice.paths, lattice.products, strict=True):
        quotient = evidence.over(evidence.add((case.rest, product)), product)
        mine = [each for each in mistakes if each.paths == (path,) and each.instead.code != "repeated-path"]
        known: dict[object, list[_Mistake]] = {}
        for each in mine:
            known.setdefault(evidence.key(each.times), []).append(each)
        for each in mine if quotient is not None else ():
            left = evidence.over(quotient or (), each.times) if each.special else None
            for other in known.get(evidence.key(left), ()) if left is not None else ():
                if each.edge != other.edge and evidence.equal(left or (), other.times):
                    yield each, other


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
