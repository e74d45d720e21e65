"""With which whole numbers the path products add up to a claim: 1 for each path where the claim is right."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import combinations
from typing import Final

from pathdiff.grading.case import Case
from pathdiff.grading.evidence import Vector
from pathdiff.grading.lettered import LetterEvidence
from pathdiff.verify.formulas import PRIME

_EDITS: Final = (-1, -2, 1, 2)
"""What is added to the coefficient 1 of a path: it is missing, of the wrong sign, counted twice, three times."""
_MOST_AT_ONCE: Final = 12
"""Of so many paths every choice is looked at for those that are in the claim."""


def coefficients(case: Case) -> tuple[list[tuple[int, ...]], bool]:
    """All ways found in which the paths add up to the claim, or the one in which it was typed, and whether it is that.

    Cost O(paths²), O(2**paths) where these are few, O(paths³).
    """
    found = list(_coefficients(case))
    as_typed = [each for each in found if _is_typed(case, each)][:1]
    return as_typed or found, bool(as_typed)


def _is_typed(case: Case, coefficients: Sequence[int]) -> bool:
    evidence = case.evidence
    if sum(map(abs, coefficients)) != len(case.typed):
        return False
    left = [vector for _, vector in case.typed]
    for product, times in zip(case.lattice.products, coefficients, strict=True):
        wanted = evidence.multiply((evidence.constant(1 if times > 0 else -1), product))
        for _ in range(abs(times)):
            place = next((i for i, vector in enumerate(left) if evidence.equal(vector, wanted)), None)
            if place is None:
                return False
            del left[place]
    return True


def _coefficients(case: Case) -> Iterator[tuple[int, ...]]:
    """The whole numbers with which the paths add up to the claim: all ways with one edit, else with two, else any."""
    evidence, products, difference = case.evidence, case.lattice.products, case.rest
    if not products:
        return
    ones = [1] * len(products)
    if all(evidence.is_zero(product) for product in products):
        return
    if evidence.is_zero(case.claim):
        yield (0,) * len(products)
        if len(case.typed) < 2:  # else its terms may cancel each other
            return
    if evidence.equal(case.claim, evidence.multiply((evidence.constant(-1), case.lattice.sum))):
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
        yield from _any(case)


def _any(case: Case) -> Iterator[tuple[int, ...]]:
    """Any whole numbers: which of few paths are in the claim; else by elimination, where the paths are independent."""
    evidence, products = case.evidence, case.lattice.products
    if len(products) <= _MOST_AT_ONCE:
        found = [
            tuple(int(place in chosen) for place in range(len(products)))
            for size in range(1, len(products) - 2)
            for chosen in combinations(range(len(products)), size)
            if evidence.equal(evidence.add(products[place] for place in chosen), case.claim)
        ]
        if found:
            yield from found[:4]
            return
    solved = _solved(case)
    if solved is not None:
        yield solved


def _solved(case: Case) -> tuple[int, ...] | None:
    """The only whole numbers that fit, from as many points as there are paths and some more to test them."""
    count = len(case.lattice.paths) + 4
    try:
        more = case.more(count)
    except ValueError:
        return None
    evidence, products = more.evidence, more.lattice.products
    if evidence.count < count:
        return None
    nothing = evidence.constant(0)[0]
    rows = [[nothing + product[place] for product in products] + [more.claim[place]] for place in range(count)]
    numbers = _eliminated(rows, isinstance(evidence, LetterEvidence))
    if numbers is None:
        return None
    told = zip(numbers, products, strict=True)
    total = evidence.add(evidence.multiply((evidence.constant(number), product)) for number, product in told)
    return numbers if evidence.equal(total, more.claim) else None


def _eliminated(rows: list[list[Fraction]], letters: bool) -> tuple[int, ...] | None:
    """The solution of a linear system where it is the only one, and of small whole numbers. Cost O(n³)."""
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
