"""Numeric derivatives, and whether two numbers are the same to fifty digits, of large functions to fewer.

A derivative is measured by a central difference, (f(x + h) - f(x - h))/2h, with so many digits that neither the step
nor rounding touches the first fifty. Whether that is so is not assumed but seen: a difference between what is claimed
and what is measured counts only when it stays while both are computed again and again with twice the digits and a
step of twice as many zeros.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from random import Random
from typing import Any, Final, Literal

import mpmath

from pathdiff.expression import Tree, add
from pathdiff.verify.effort import FULL, Effort
from pathdiff.verify.search import parts_within_limits

Real = Any
"""An mpmath mpf: mpmath has no types."""
Context = Any
"""An mpmath context, which fixes the precision."""

DIGITS: Final = FULL.digits
"""To how many significant decimal digits."""
_GUARD: Final = 20
"""A sum of terms of size 1 that is smaller than 10**20 units in their last place is 0 but for rounding."""
_SMALLEST: Final = 10_000
_LARGEST: Final = 2**40
"""A point is not used where a value is smaller than 2 to minus this power, or larger than 2 to this one."""
_BALANCE: Final = 80
"""A direction is scaled by at most 2 to this power to make up for the size of a derivative."""
_SPAN: Final = 20
"""Derivatives that then still differ by more than 2 to this power aren't measured together."""
ROUGHLY: Final = 30
"""The digits to find out with how large something is."""


@cache
def context(digits: int) -> Context:
    """An mpmath context of the verifier's own."""
    found = mpmath.mp.clone()
    found.dps = digits
    return found


def usable(number: Real, m: Context) -> bool:
    """Whether a value is neither too large nor too small to compute with."""
    return not number or bool(-_SMALLEST <= m.mag(number) <= _LARGEST)


@dataclass(frozen=True, slots=True)
class Comparison:
    """A claimed derivative beside the measured one, at one point."""

    outcome: Literal["same", "different", "unclear"]
    error: Real
    """The relative difference."""
    claimed: Real
    measured: Real
    vanishing: bool = False
    """Whether it is unclear because both are too small to be told from 0 beside the function itself."""

    @property
    def zero(self) -> bool:
        """Whether both are 0, which says less than that two numbers agree to fifty digits."""
        return self.outcome == "same" and not self.claimed


def compare(
    claimed: Callable[[Context], Real],
    size: Callable[[Context], Real],
    measured: Callable[[Context, Real], Real],
    magnitude: int,
    effort: Effort = FULL,
    *,
    short: bool = True,
) -> Comparison:
    """Whether a derivative that is claimed is the one that is measured, to fifty digits or as many as told.

    `claimed` computes it in a context, `size` the sum of the absolute values of its terms, `measured` a central
    difference of a function of about 2**magnitude with a step. Where digits are lost, because the derivative is
    much smaller than the function or than its own terms, both are computed with as many more. Where that is too much
    for a large function, nothing is decided. The step of no name is much longer than what is told where they are
    `short`; else the few digits that are known already ask for a step that is too long.
    """
    m = context(ROUGHLY)
    told = claimed(m)
    extra = _lost(m, told, magnitude)
    if extra > effort.most_digits and not effort.full:
        return _vanishing(told, measured, magnitude, effort)
    if short and 2 * effort.digits <= m.dps:  # what is known already may be good enough
        found = measured(m, m.mpf(10) ** (-3 * m.dps // 10))
        error = abs(told - found) / max(abs(told), abs(found)) if told or found else m.mpf(0)
        if error <= m.mpf(10) ** -effort.digits:
            return Comparison("same", error, told, found)
    extra = min(extra, effort.most_digits)
    before: tuple[Real, Real] | None = None
    found = error = mpmath.mpf(0)
    settled = False
    for digits in effort.levels:
        m, told, extra = _with_digits(claimed, size, magnitude, digits, extra, effort.most_digits)
        if extra > effort.most_digits:
            return Comparison("unclear", error, told, found)
        found = measured(m, m.mpf(10) ** (-3 * digits // 10))
        larger = max(abs(told), abs(found))
        error = abs(told - found) / larger if larger else m.mpf(0)
        if error <= m.mpf(10) ** -effort.digits:
            return Comparison("same", error, told, found)
        if before is not None:
            if not told and not before[0] and abs(found) <= abs(before[1]) * m.mpf(10) ** -effort.digits:
                return Comparison("same", m.ldexp(abs(found), -magnitude), told, found)
            moved = max(abs(told - before[0]), abs(found - before[1]))
            settled = abs(told - found) > 1000 * moved and abs(found) <= 2 * abs(before[1])
        before = told, found
        extra = max(extra, _lost(m, found, magnitude))
    return Comparison("different" if settled else "unclear", error, told, found)


def _vanishing(told: Real, measured: Callable[[Context, Real], Real], magnitude: int, effort: Effort) -> Comparison:
    """The comparison with a derivative that is too small beside the function for its own digits to be measured."""
    m = context(ROUGHLY)
    found = measured(m, m.mpf(10) ** (-3 * m.dps // 10))
    small = max(abs(told), abs(found)) <= m.ldexp(m.mpf(10) ** -effort.digits, magnitude)
    return Comparison("unclear", m.mpf(0), told, found, vanishing=bool(small))


def _with_digits(
    claimed: Callable[[Context], Real],
    size: Callable[[Context], Real],
    magnitude: int,
    digits: int,
    extra: int,
    most: int,
) -> tuple[Context, Real, int]:
    """The claimed value with so many digits beyond those that a difference of the function loses."""
    while True:
        m = context(digits + extra)
        told = claimed(m)
        lost = _lost(m, told, magnitude)
        if lost > digits // 2 and abs(told) <= size(m) * m.mpf(10) ** (_GUARD - m.dps):
            return m, m.mpf(0), extra
        if lost <= extra or lost > most:
            return m, told, max(lost, extra)
        extra = lost


def _lost(m: Context, number: Real, magnitude: int) -> int:
    """How many decimal digits smaller a number is than 2**magnitude, rounded up to fifties; none for 0."""
    if not number:
        return 0
    return max(0, -((int(m.mag(number)) - magnitude) * 30103 // 5_000_000)) * 50  # log₁₀(2); floats may overflow


def scale(number: Real, m: Context) -> int:
    """The magnitude of a derivative, within bounds."""
    return min(_BALANCE, max(-_BALANCE, int(m.mag(number)))) if number else 0


def step(number: Real, random: Random, m: Context) -> Real:
    """How far to go, at random, along a name whose derivative is about this number."""
    return m.ldexp(random.choice((-1, 1)) * random.randint(512, 1023), -9 - scale(number, m))


def alike(numbers: Iterable[Real], m: Context) -> list[list[int]]:
    """Which of some derivatives are measured together, by place: those whose steps make them contribute about equally.

    A wrong derivative of 1e-60 can't be seen beside one of 1e60, nor one of which it is claimed that it is 0.
    """
    groups: dict[Hashable, list[int]] = {}
    for place, number in enumerate(numbers):
        left = (int(m.mag(number)) - scale(number, m)) // _SPAN if number else None
        groups.setdefault(left, []).append(place)
    return list(groups.values())


def all_of(found: Iterable[Comparison]) -> Comparison:
    """What several comparisons say together: different if one is, else unclear if one is; the one that says most."""
    told: list[Comparison] = []
    for each in found:
        if each.outcome == "different":
            return each
        told.append(each)
    return max(told, key=lambda each: (each.outcome == "unclear", bool(each.claimed), each.error))


def values(trees: tuple[Tree, ...], arguments: Sequence[Real], m: Context, own: Real) -> list[Real]:
    """The values of several expressions; what they share is computed once. Raises NotReal."""
    done = parts_within_limits(together(trees), arguments, m, own)
    return [done[tree] for tree in trees]


@lru_cache(maxsize=1024)
def together(trees: tuple[Tree, ...]) -> Tree:
    """An expression of which all of these are parts."""
    return add(*trees)


def largest(errors: Iterable[Real]) -> str:
    """The largest of some relative differences as a person writes it: 2e-51, or 0."""
    error = max(errors, default=0)
    if not error:
        return "0"
    exponent = math.floor(mpmath.log10(error))
    digit = math.ceil(error / mpmath.mpf(10) ** exponent)
    return f"1e{exponent + 1}" if digit >= 10 else f"{digit}e{exponent}"


def told_apart(a: Real, b: Real) -> tuple[str, str]:
    """Two numbers as decimals, with as many digits as it takes to see that they differ, but six at least."""
    digits = next((n for n in (6, 10, 15, 25, 60) if mpmath.nstr(a, n) != mpmath.nstr(b, n)), 60)
    return decimal(a, digits), decimal(b, digits)


def decimal(number: Real, digits: int = 10) -> str:
    """A number as a decimal."""
    return str(mpmath.nstr(number, digits)).removesuffix(".0")
