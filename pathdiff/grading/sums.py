"""Hypotheses about the terms of the sum: paths left out, counted twice, or with the wrong sign."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from pathdiff.derivation import Path
from pathdiff.grading.case import Case
from pathdiff.grading.coefficients import coefficients
from pathdiff.grading.findings import Diagnosis, Explanation, arrows, listed
from pathdiff.grading.lattice import Lattice


def by_paths(case: Case) -> tuple[list[Explanation], list[Explanation]]:
    """The explanations in which every path has a whole number for its coefficient: sure ones, and others.

    Where several numbers are wrong, and nobody typed them, the claim may be explained in another way as well.
    """
    found, typed = coefficients(case) if case.lattice.count else ([], True)
    explanations = [_explained(case.lattice, each) for each in found]
    if len(found) == 1:
        explanations += _scaled(case, found[0])
    if typed or all(len(set(each)) == 1 or sum(number != 1 for number in each) == 1 for each in found):
        return explanations, []
    return [], [tuple(replace(each, certain=False) for each in explanation) for explanation in explanations]


def _explained(lattice: Lattice, coefficients: Sequence[int]) -> Explanation:
    """What these coefficients say of the paths."""
    paths, of, wrt = lattice.paths, lattice.of, lattice.wrt
    told = list(zip(paths, coefficients, strict=True))
    left_out = tuple(path for path, times in told if not times)
    often = tuple(path for path, times in told if abs(times) > 1)
    against = tuple(path for path, times in told if times < 0)
    found: list[Diagnosis] = []
    direct = (of, wrt)
    if left_out and [path for path, times in told if times] == [direct] and coefficients[paths.index(direct)] == 1:
        message = (
            f"This is only ∂{of}/∂{wrt}, along the direct path {arrows(direct)}. d{of}/d{wrt} also has "
            f"{listed(left_out)}: add the product along each."
        )
        found.append(Diagnosis("direct-only", message, left_out))
    if len(left_out) == len(paths):
        message = f"The claim is 0, but {wrt} acts on {of} along {listed(left_out)}."
        found.append(Diagnosis("missing-path", message, left_out))
    elif left_out:
        found.append(missing(left_out))
    if often:
        found.append(repeated(often, abs(coefficients[paths.index(often[0])])))
    if against and len(against) == len(paths):
        message = f"The sign is wrong: the claim is minus the derivative. Look at the signs along {listed(against)}."
        found.append(Diagnosis("wrong-sign", message, against))
    elif against:
        found.append(turned(against))
    return tuple(found)


def missing(paths: tuple[Path, ...]) -> Diagnosis:
    """That the terms of some paths are missing."""
    message = f"The path {listed(paths)} is missing: add the product of the derivatives along it."
    if len(paths) > 1:
        message = f"The paths {listed(paths)} are missing: add the product of the derivatives along each."
    return Diagnosis("missing-path", message, paths)


def repeated(paths: tuple[Path, ...], times: int) -> Diagnosis:
    """That the terms of some paths are there so many times."""
    often = {2: "twice", 3: "three times"}.get(times, f"{times} times")
    which, are = ("path", "is") if len(paths) == 1 else ("paths", "are")
    return Diagnosis(
        "repeated-path", f"The {which} {listed(paths)} {are} counted {often}: count each path once.", paths
    )


def turned(paths: tuple[Path, ...]) -> Diagnosis:
    """That the terms of some paths have the other sign."""
    which, have = ("term of the path", "has") if len(paths) == 1 else ("terms of the paths", "have")
    return Diagnosis("wrong-sign", f"The {which} {listed(paths)} {have} the wrong sign.", paths)


def _scaled(case: Case, coefficients: Sequence[int]) -> list[Explanation]:
    """A term that is twice what it should be may be counted twice, or have a label that is twice too large."""
    lattice, evidence = case.lattice, case.evidence
    often = [(path, times) for path, times in zip(lattice.paths, coefficients, strict=True) if times > 1]
    if not often or any(times not in (1, often[0][1]) for times in coefficients):
        return []
    for path, _ in often:
        product = lattice.product(path)
        if sum(evidence.equal(vector, product) for _, vector in case.typed) > 1:
            return []  # it stands there so many times
    path, times = often[0]
    edge = next(iter(pairwise(path)))
    message = f"A factor on {arrows(path)} is {times} times too large."
    if len(path) == 2:
        message = f"{message[:-1]}: ∂{edge[0]}/∂{edge[1]} is {_short(lattice.label(edge))}."
    return [(Diagnosis("wrong-factor", message, tuple(path for path, _ in often)),)]


def _short(label: object) -> str:
    text = str(label)
    return text if len(text) <= 60 else f"{text[:57]}..."
