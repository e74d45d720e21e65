"""Hypotheses about the terms of the sum: paths left out, counted twice, or with the wrong sign."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from pathdiff.grading.coefficients import coefficients
from pathdiff.grading.findings import Diagnosis, Explanation, arrows, listed
from pathdiff.grading.lattice import Lattice


def by_paths(lattice: Lattice) -> tuple[list[Explanation], bool]:
    """The explanations in which every path has a whole number for its coefficient.

    Also whether they say enough: where several numbers are wrong that nobody typed, others may explain it as well.
    """
    if not lattice.count:
        return [], True
    found, typed = coefficients(lattice)
    explanations = [_explained(lattice, each) for each in found]
    if len(found) == 1:
        explanations += _scaled(lattice, found[0])
    simple = all(len(set(each)) == 1 or sum(number != 1 for number in each) == 1 for each in found)
    return explanations, typed or simple


def _explained(lattice: Lattice, coefficients: Sequence[int]) -> Explanation:
    """What these coefficients say of the paths."""
    paths = lattice.paths
    of, wrt = lattice.of, lattice.wrt
    missing = tuple(path for path, times in zip(paths, coefficients, strict=True) if not times)
    repeated = tuple(path for path, times in zip(paths, coefficients, strict=True) if abs(times) > 1)
    turned = tuple(path for path, times in zip(paths, coefficients, strict=True) if times < 0)
    found: list[Diagnosis] = []
    direct = (of, wrt)
    if missing and direct in paths and len(missing) == len(paths) - 1 and coefficients[paths.index(direct)] == 1:
        message = (
            f"This is only ∂{of}/∂{wrt}, along the direct path {arrows(direct)}. d{of}/d{wrt} also has "
            f"{listed(missing)}: add the product along each."
        )
        found.append(Diagnosis("direct-only", message, missing))
    if missing:
        message = f"The path {listed(missing)} is missing: add the product of the derivatives along it."
        if len(missing) == len(paths):
            message = f"The claim is 0, but {wrt} acts on {of} along {listed(missing)}."
        elif len(missing) > 1:
            message = f"The paths {listed(missing)} are missing: add the product of the derivatives along each."
        found.append(Diagnosis("missing-path", message, missing))
    if repeated:
        times = abs(coefficients[paths.index(repeated[0])])
        often = {2: "twice", 3: "three times"}.get(times, f"{times} times")
        which, are = ("path", "is") if len(repeated) == 1 else ("paths", "are")
        message = f"The {which} {listed(repeated)} {are} counted {often}: count each path once."
        found.append(Diagnosis("repeated-path", message, repeated))
    if turned:
        if len(turned) == len(paths):
            message = f"The sign is wrong: the claim is minus the derivative. Look at the signs along {listed(turned)}."
        elif len(turned) == 1:
            message = f"The term of the path {listed(turned)} has the wrong sign."
        else:
            message = f"The terms of the paths {listed(turned)} have the wrong sign."
        found.append(Diagnosis("wrong-sign", message, turned))
    return tuple(found)


def _scaled(lattice: Lattice, coefficients: Sequence[int]) -> list[Explanation]:
    """A term that is twice what it should be may be counted twice, or have a label that is twice too large."""
    evidence = lattice.evidence
    often = [(path, times) for path, times in zip(lattice.paths, coefficients, strict=True) if times > 1]
    if not often or any(times not in (1, often[0][1]) for times in coefficients):
        return []
    typed = evidence.typed()
    for path, _ in often:
        product = lattice.product(path)
        if sum(evidence.equal(vector, product) for vector in typed) > 1:
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
