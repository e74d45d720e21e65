"""Hypotheses about one label: left out, upside down, taken at another place, or another one in its stead.

The claim is C = A·W + B with something W in the place of a label L, on all paths through its edge or on one of them. So
W is known at every point, and is looked for among what a label may be mistaken for: 1, 1/L, the label at another
place, other labels, a multiple of L, and what stands in the claim itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Final

from pathdiff.derivation import Path
from pathdiff.grading import anywhere
from pathdiff.grading.case import Case
from pathdiff.grading.evidence import Instead, Vector
from pathdiff.grading.findings import Diagnosis, Explanation, arrows, listed
from pathdiff.grading.lattice import MOST_EDGES, Lattice
from pathdiff.grading.names import Names
from pathdiff.verify.verdict import Edge

_STRONG: Final = frozenset({"missing-path", "missing-inner", "inverted-factor", "outer-at-wrong-place", "wrong-sign"})
"""What is more specific than that a factor is wrong."""


def by_labels(case: Case) -> tuple[list[Explanation], list[Explanation]]:
    """The explanations with one mistaken label: specific ones, and those that only say that it is wrong."""
    lattice = case.lattice
    if not lattice.count or len(lattice.labels) > MOST_EDGES:
        return [], []
    names = Names(lattice, case.original)
    strong: list[Explanation] = []
    weak: list[Explanation] = []
    numbers: list[Explanation] = []
    for edge, paths, instead in _wanted(case):
        found = _recognized(case, edge, instead, paths)
        if found is not None:
            told = diagnosis(lattice, edge, paths, found, names)
            (strong if told.code in _STRONG else numbers if found.times else weak).append((told,))
    strong += [(each,) for each in _runs(case, names)] if not strong else []
    return _distinct(strong), _distinct(weak or numbers)


def _distinct(found: Sequence[Explanation]) -> list[Explanation]:
    """Each explanation once; that on all paths rather than that on one of them."""
    return list({(each[0].code, each[0].message): each for each in found}.values())[:4]


def _wanted(case: Case) -> Iterator[tuple[Edge, tuple[Path, ...], Vector]]:
    """For each edge, on all paths through it and on each alone, what would have to stand in its place."""
    lattice, evidence, rest = case.lattice, case.evidence, case.rest
    for edge, label in lattice.labels.items():
        through = lattice.through(edge)
        around = lattice.around(edge)
        missing = evidence.over(rest, around)
        if missing is not None:
            yield edge, through, evidence.add((label, missing))
        if len(through) > 1:
            for path in through if lattice.paths else ():
                missing = evidence.over(rest, lattice.product(path, (edge,)))
                if missing is not None:
                    yield edge, (path,), evidence.add((label, missing))


def _recognized(case: Case, edge: Edge, instead: Vector, paths: tuple[Path, ...]) -> Instead | None:
    """What stands in the place of a label, if it is something that one may be mistaken for."""
    lattice, evidence = case.lattice, case.evidence
    label = lattice.labels[edge]
    one = evidence.constant(1)
    longer = all(len(path) > 2 for path in paths)
    minus = evidence.multiply((evidence.constant(-1), label))
    if not lattice.paths:  # too many to look at each alone
        if evidence.is_zero(instead):
            return Instead("missing-path", "", instead)
        if evidence.equal(instead, minus):
            return Instead("wrong-sign", "", instead)
    if evidence.equal(instead, one) and longer and not evidence.equal(label, evidence.constant(-1)):
        return Instead("missing-inner", "", instead)
    inverse = evidence.over(one, label)
    if inverse is not None and evidence.equal(instead, inverse):
        return Instead("inverted-factor", "", instead)
    if case.original is not None and evidence.equal(instead, minus):
        return Instead("wrong-sign", "", instead)
    elsewhere = None if evidence.equal(instead, label) else anywhere.at_another_place(case, edge, instead)
    if elsewhere is not None:
        return elsewhere
    found = anywhere.found(case, instead)
    if found is None and not evidence.equal(instead, evidence.constant(-1)):
        found = anywhere.turned(case, instead)
    if found is not None and longer:
        return found
    times = evidence.ratio(instead, label)
    if times is not None and times not in (0, 1):
        return Instead("wrong-factor", f"{_times(times)} it", instead, times=times)
    if found is None and len(lattice.labels) == 1:  # there is no other factor that could be wrong
        return Instead("wrong-factor", "something else", instead)
    return found


def _times(factor: Fraction) -> str:
    return {Fraction(1, 2): "half of", Fraction(2): "twice", Fraction(-1): "minus"}.get(factor, f"{factor} times")


def _runs(case: Case, names: Names) -> Iterator[Diagnosis]:
    """Several labels in a row left out: on one path, or where there is only one."""
    lattice, evidence, rest = case.lattice, case.evidence, case.rest
    for path in lattice.paths:
        edges = tuple(pairwise(path))
        product = lattice.product(path)
        for length in range(2, len(edges)):
            for start in range(len(edges) - length + 1):
                out = edges[start : start + length]
                short = evidence.minus(lattice.product(path, out), product)
                if evidence.equal(short, rest):
                    told = " and ".join(names.label(edge) for edge in out)
                    shown = names.path(path)
                    message = f"The inner derivatives {told} are left out on {arrows(shown)}: multiply by them."
                    yield Diagnosis("missing-inner", message, (shown,))


def diagnosis(lattice: Lattice, edge: Edge, paths: tuple[Path, ...], found: Instead, names: Names) -> Diagnosis:
    """The sentence about a label that is wrong, on these paths."""
    shown = tuple(dict.fromkeys(map(names.path, paths)))
    on = f"on {listed(shown)}" if shown else ""
    label = names.label(edge)
    match found.code:
        case "missing-inner":
            message = f"The factor {label} is left out {on}: multiply by it."
            if edge[1] == lattice.wrt or names.original is not None:
                message = f"The inner derivative {label} is left out {on}: multiply by it."
        case "missing-path":
            message = f"The paths through {label} are missing, such as {listed(shown)}."
        case "inverted-factor":
            message = f"The factor {label} is upside down {on}: the claim has 1 over it."
        case "wrong-sign":
            message = f"A term {on} has the wrong sign."
        case "outer-at-wrong-place":
            inner, told = names.node(found.correct), names.value(edge)
            there = names.label(found.inner) if found.inner else names.node(found.text)
            message = f"The outer derivative {told} is taken at the wrong place {on}: at {there} instead of {inner}."
        case _ if found.times and any(len(path) > 2 for path in paths):  # it may belong to any of the factors
            message = f"A number is wrong {on}: the product there should be multiplied by {1 / found.times}."
        case _ if all(len(path) == 2 for path in paths):
            value = names.label(edge).partition(" = ")[2]
            right = f"∂{shown[0][0]}/∂{shown[0][1]}" + (f" is {value}" if value and names.original is None else "")
            message = f"The derivative along {listed(shown)} is wrong: {right}, and the claim has {found.text} instead."
        case _:
            message = f"One factor is wrong {on}: it should be {label}, and the claim has {found.text} instead."
    return Diagnosis(found.code, message, shown)
