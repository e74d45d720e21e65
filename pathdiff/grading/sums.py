"""Hypotheses about the terms of the sum: paths left out, counted twice, with the wrong sign, or foreign ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import combinations, pairwise
from typing import Final

from pathdiff.claim.statement import terms
from pathdiff.derivation import Path
from pathdiff.expression import Expression, spec_text
from pathdiff.grading.evidence import LetterEvidence, PointEvidence, Vector
from pathdiff.grading.findings import Diagnosis, Explanation, arrows, listed
from pathdiff.grading.lattice import Lattice

_EDITS: Final = (-1, -2, 1, 2)
"""What is added to the coefficient 1 of a path: it is missing, of the wrong sign, counted twice, three times."""
_MOST_AT_ONCE: Final = 12
"""Of so many paths every choice is looked at for those that are in the claim."""
_MOST_ELSEWHERE: Final = 300


def by_paths(lattice: Lattice) -> list[Explanation]:
    """The explanations in which every path has a whole number for its coefficient, or there is a foreign term."""
    evidence = lattice.evidence
    difference = evidence.minus(evidence.claim, lattice.sum)
    if not lattice.count:
        found = [_foreign(lattice, term) for term in _extra(lattice, difference)]
        return found[:3]
    coefficients = _as_typed(lattice, list(_coefficients(lattice, difference)))
    explanations = [_explained(lattice, each) for each in coefficients]
    if not explanations:
        explanations = [_foreign(lattice, term) for term in _extra(lattice, difference)][:3]
    if len(coefficients) == 1:
        explanations += _scaled(lattice, coefficients[0])
    return explanations


def _as_typed(lattice: Lattice, found: list[tuple[int, ...]]) -> list[tuple[int, ...]]:
    """Of several ways to add up to the claim the one in which its terms are the paths' products, if there is one."""
    if len(found) < 2:
        return found
    typed = lattice.evidence.typed()
    return [each for each in found if _is_typed(lattice, each, typed)][:1] or found


def _is_typed(lattice: Lattice, coefficients: Sequence[int], typed: Sequence[Vector]) -> bool:
    evidence = lattice.evidence
    if sum(map(abs, coefficients)) != len(typed):
        return False
    left = list(typed)
    for product, times in zip(lattice.products, coefficients, strict=True):
        wanted = evidence.multiply((evidence.constant(1 if times > 0 else -1), product))
        for _ in range(abs(times)):
            place = next((i for i, vector in enumerate(left) if evidence.equal(vector, wanted)), None)
            if place is None:
                return False
            del left[place]
    return True


def _coefficients(lattice: Lattice, difference: Vector) -> Iterator[tuple[int, ...]]:
    """The whole numbers with which the paths add up to the claim: all ways with one edit, else with two, else any."""
    evidence, products = lattice.evidence, lattice.products
    if not products:
        return
    ones = [1] * len(products)
    if all(evidence.is_zero(product) for product in products):
        return
    if evidence.is_zero(evidence.claim):
        yield (0,) * len(products)
        return
    if evidence.equal(evidence.claim, evidence.multiply((evidence.constant(-1), lattice.sum))):
        yield (-1,) * len(products)
        return
    scaled = [
        (place, edit, evidence.multiply((evidence.constant(edit), product)))
        for place, product in enumerate(products)
        if not evidence.is_zero(product)
        for edit in _EDITS
    ]
    single = [(place, edit) for place, edit, vector in scaled if evidence.equal(vector, difference)]
    for place, edit in single:
        yield tuple(one + edit * (index == place) for index, one in enumerate(ones))
    if single:
        return
    found: set[tuple[int, ...]] = set()
    known: dict[object, list[tuple[int, int, Vector]]] = {}
    for each in scaled:
        known.setdefault(evidence.key(each[2]), []).append(each)
    for place, edit, vector in scaled:
        rest = evidence.minus(difference, vector)
        for other, more, wanted in known.get(evidence.key(rest), ()):
            if other > place and evidence.equal(rest, wanted):
                found.add(tuple(one + edit * (i == place) + more * (i == other) for i, one in enumerate(ones)))
    yield from sorted(found)[:4]
    if not found:
        yield from _any(lattice)


def _any(lattice: Lattice) -> Iterator[tuple[int, ...]]:
    """Any whole numbers: which of few paths are in the claim; else by elimination, where the paths are independent."""
    evidence, products = lattice.evidence, lattice.products
    if len(products) <= _MOST_AT_ONCE:
        found = [
            tuple(int(place in chosen) for place in range(len(products)))
            for size in range(1, len(products) - 2)
            for chosen in combinations(range(len(products)), size)
            if evidence.equal(evidence.add(products[place] for place in chosen), evidence.claim)
        ]
        if found:
            yield from found[:4]
            return
    solved = _solved(lattice)
    if solved is not None:
        yield solved


def _solved(lattice: Lattice) -> tuple[int, ...] | None:
    """The only whole numbers that fit, from as many points as there are paths and some more to test them."""
    first = lattice.evidence
    count = len(lattice.paths) + 4
    evidence: LetterEvidence | PointEvidence
    try:
        if isinstance(first, LetterEvidence):
            evidence = LetterEvidence(first.spec, first.side, first.way, count)
        elif isinstance(first, PointEvidence):
            evidence = PointEvidence(first.ground, first.side, first.way, count)
        else:
            return None
        more = Lattice(lattice.graph, lattice.of, lattice.wrt, evidence)
    except ValueError:
        return None
    if evidence.count < count:
        return None
    rows = [
        [evidence.constant(0)[0] + product[place] for product in more.products] + [evidence.claim[place]]
        for place in range(count)
    ]
    numbers = _eliminated(rows, isinstance(evidence, LetterEvidence))
    if numbers is None:
        return None
    total = evidence.add(
        evidence.multiply((evidence.constant(number), product))
        for number, product in zip(numbers, more.products, strict=True)
    )
    return numbers if evidence.equal(total, evidence.claim) else None


def _eliminated(rows: list[list[Fraction]], letters: bool) -> tuple[int, ...] | None:
    """The solution of a linear system where it is the only one, and of small whole numbers. Cost O(n³)."""
    from pathdiff.verify.formulas import PRIME

    size = len(rows[0]) - 1
    for column in range(size):
        pivot = max(
            range(column, len(rows)),
            key=lambda place: bool(rows[place][column]) if letters else abs(rows[place][column]),
        )
        if not rows[pivot][column] or (not letters and abs(rows[pivot][column]) < 1e-30):
            return None
        rows[column], rows[pivot] = rows[pivot], rows[column]
        top = rows[column]
        inverse = pow(int(top[column]), -1, PRIME) if letters else 1 / top[column]
        for row in rows:
            if row is not top and row[column]:
                factor = row[column] * inverse
                for place in range(column, size + 1):
                    row[place] = (
                        (row[place] - factor * top[place]) % PRIME if letters else row[place] - factor * top[place]
                    )
    found: list[int] = []
    for place in range(size):
        if letters:
            number = int(rows[place][size]) * pow(int(rows[place][place]), -1, PRIME) % PRIME
            whole = number - PRIME if number > PRIME // 2 else number
        else:
            quotient = rows[place][size] / rows[place][place]
            if abs(quotient) > 100:
                return None
            whole = round(float(quotient))
        if abs(whole) > 9:
            return None
        found.append(whole)
    return tuple(found)


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


def _extra(lattice: Lattice, difference: Vector) -> Iterator[tuple[Path, str]]:
    """Foreign terms that explain the difference: a path that leads elsewhere, or a term as it was typed."""
    evidence = lattice.evidence
    minus = evidence.multiply((evidence.constant(-1), difference))
    known = False
    for path, product in _products_elsewhere(lattice):
        if evidence.equal(product, difference) or evidence.equal(product, minus):
            known = True
            yield path, ""
    if known:
        return
    parts = evidence.parts()
    side = evidence.side
    told = list(terms(side.tree))
    for _, term in told:
        if len(told) == 1 or term not in parts:
            continue
        if evidence.equal(parts[term], difference) or evidence.equal(parts[term], minus):
            yield (), spec_text(Expression(term, tuple(map(str, side.leaves))), 80)
            return


def by_exchange(lattice: Lattice) -> list[Explanation]:
    """Whether another path stands in the place of one of these."""
    evidence = lattice.evidence
    difference = evidence.minus(evidence.claim, lattice.sum)
    known = {evidence.key(vector): path for path, vector in _products_elsewhere(lattice)}
    for path, product in zip(lattice.paths, lattice.products, strict=True):
        wanted = evidence.add((difference, product))
        other = known.get(evidence.key(wanted))
        labels = [evidence.label(edge) for edge in pairwise(other)] if other else []
        if other and evidence.equal(evidence.multiply(label for label in labels if label is not None), wanted):
            missing = Diagnosis("missing-path", f"The path {arrows(path)} is missing.", (path,))
            message = f"The path {arrows(other)}, which stands there instead, leads from {other[0]} to {other[-1]}."
            return [(Diagnosis("foreign-path", message, (other,)), missing)]
    return []


def _products_elsewhere(lattice: Lattice) -> Iterator[tuple[Path, Vector]]:
    evidence = lattice.evidence
    for path in lattice.elsewhere(_MOST_ELSEWHERE):
        labels = [evidence.label(edge) for edge in pairwise(path)]
        known = [label for label in labels if label is not None]
        if known and len(known) == len(labels):
            yield path, evidence.multiply(known)


def _foreign(lattice: Lattice, term: tuple[Path, str]) -> Explanation:
    path, text = term
    of, wrt = lattice.of, lattice.wrt
    if path:
        where = f"it leads to {path[-1]}, not to {wrt}" if path[0] == of else f"it begins at {path[0]}, not at {of}"
        message = (
            f"The path {arrows(path)} does not belong into d{of}/d{wrt}: {where}. Without its term the claim is right."
        )
        return (Diagnosis("foreign-path", message, (path,)),)
    message = f"The term {text} belongs to no path from {of} to {wrt}. Without it the claim is right."
    return (Diagnosis("foreign-path", message),)
