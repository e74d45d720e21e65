"""Random points that see both signs of every variable, and every branch of what has branches.

A wrong label is often right on one side only: abs(x) for x, 1 for the slope of relu. So points aren't taken as they
come: of a pool of those that have a value, the next one is always the one that shows most that is new. Only where all
that is compared is `analytic` there are no sides, and any points will do.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from itertools import combinations, pairwise
from random import Random
from typing import Any, Final, Generic, TypeVar
from zlib import crc32

from mpmath.libmp import from_rational

from pathdiff.expression import Tree, postorder
from pathdiff.functions import KNOWN
from pathdiff.numeric import NotReal, values_of_parts

Name = TypeVar("Name", bound=Hashable)
Real = Any
"""An mpmath mpf: mpmath has no types."""
Context = Any
"""An mpmath context, which fixes the precision."""
Marks = dict[Hashable, tuple[int, Hashable]]
"""What a point shows: for each question how many answers it can have, and the one that it has at the point."""

POINTS: Final = 5
"""At how many points something is checked."""
_MOST: Final = 8
"""At so many where five don't show both signs of everything and each branch."""
TRIES: Final = 300
"""How many points are drawn at most to find these."""
_POOL: Final = 12
"""How many points are looked for, to choose from."""
_POOL_TRIES: Final = 60
"""So many are drawn at most once there are five."""
_TURNS: Final = 32
"""In so many of them a variable is given another sign at most."""
_WORK: Final = 2_500
"""The operations in a point, times the points to choose from, stay below this where five are enough."""
_NAMES: Final = 8
"""The signs of so many variables are seen in every pair; of more, next to next."""
_SIZES: Final = (
    (0.2, 2), (1.2, 5), (0.05, 1), (0.5, 4),  # at first
    (0.01, 0.3), (0.001, 0.02), (3, 60),  # one more after every eight failures
)  # fmt: skip
"""How large variables are, before the sign: most functions are defined, and not flat, on one of these."""
_LAST_RESORT: Final = (50, 5000)
_PARTS: Final = 40
"""In an expression of so many operations the signs of all of them are looked at."""
_MILLION: Final = 1_000_000
_MEROMORPHIC: Final = frozenset(
    {
        "exp",
        "sin",
        "cos",
        "tan",
        "cot",
        "sec",
        "csc",
        "sinh",
        "cosh",
        "tanh",
        "coth",
        "sech",
        "csch",
        "erf",
        "sigmoid",
        "silu",
        "gelu",
    }
)
"""Known functions without branches or branch points."""
LONGEST_ANGLE: Final = 10**400
"""What has gone around so often moves by many turns with the shortest step, and no difference tells its derivative."""
_LIMITS: Final = {"erf": 12, "gelu": 12, **dict.fromkeys(("sin", "cos", "tan", "cot", "sec", "csc"), LONGEST_ANGLE)}
"""Arguments that are not computed with; erf has become so flat, 1 - erf(12) < 1e-63, that its digits cost seconds."""


def seed(*texts: str) -> int:
    """Where a sequence of random numbers starts: the same for the same question every time."""
    return crc32("\n".join(texts).encode())


@lru_cache(maxsize=4096)
def digest(tree: Tree) -> str:
    """A short text that other expressions don't have, as good as certainly."""
    number: dict[Tree, int] = {}
    found = 0
    for part in postorder(tree):
        number[part] = len(number)
        at = [number[arg] for arg in part.args]
        found = crc32(f"{part.kind} {part.value} {part.text} {at}".encode(), found)
    return str(found)


def exact(number: Fraction, m: Context) -> Real:
    """A rational number in a context."""
    return m.make_mpf(from_rational(number.numerator, number.denominator, m.prec, "n"))


class Refused(Exception):
    """A point at which there is no value, because of some of its variables."""

    def __init__(self, names: Sequence[Any]) -> None:
        super().__init__()
        self.names = names


_Candidate = tuple[dict[Name, Fraction], Marks]


class Search(Generic[Name]):
    """Points for some variables, in the order in which they should be used, the same every time.

    `look` says what a point shows, or raises Refused. `size` is how much work that is. Every other point is drawn
    near the one that is given, where one is. `wanted` is how many points are needed at least; where it is not
    `thorough` they are the first ones, and none is sought for the signs and branches that it shows.
    """

    def __init__(
        self,
        free: Sequence[Name],
        look: Callable[[Mapping[Name, Fraction]], Marks],
        random: Random,
        size: int,
        near: Mapping[Name, Fraction] | None = None,
        tries: int = TRIES,
        wanted: int = POINTS,
        *,
        thorough: bool = True,
    ) -> None:
        self._free, self._look, self._random, self._near, self._tries = free, look, random, near or {}, tries
        self._room = _WORK // max(1, size) if thorough else 0
        self._wanted = self.needed = wanted
        """So many points show all that was seen at any."""
        codes = random.sample((1, 2, 3), 3)
        # The signs of two variables with other codes have all four combinations in four points in a row.
        self._codes = {name: (codes[i % 3] + (i // 3 % 4 << 2), random.choice((-1, 1))) for i, name in enumerate(free)}
        self._turn = self._accepted = 0

    def points(self) -> Iterator[Mapping[Name, Fraction]]:
        """The points, the most telling ones first."""
        source = self._drawn()
        pool: list[_Candidate[Name]] = []
        most = min(_POOL, max(self._wanted, self._room))
        while len(pool) < self._wanted or (len(pool) < most and self._turn < _POOL_TRIES and not _complete(pool)):
            found = next(source, None)
            if found is None:
                break
            pool.append(found)
        if pool and self._free:
            pool += self._turned(pool)
            pool += self._hunted(pool)
        order, self.needed = _ordered(pool, self._wanted)
        yield from order
        for point, _ in source:
            yield point

    def _drawn(self) -> Iterator[_Candidate[Name]]:
        point: dict[Name, Fraction] = {}
        again: Sequence[Name] = self._free
        failures = 0
        for turn in range(self._tries):
            self._turn = turn
            drawn = self._draw(again, failures)
            if self._near and self._turn % 2 == 0:
                drawn |= {name: self._close_to(self._near[name]) for name in again if name in self._near}
            point |= drawn
            try:
                marks = self._look(point)
            except Refused as refused:
                failures += 1
                # What has no part in the failure is kept, for a while.
                again = refused.names if failures % 10 else self._free
            else:
                self._accepted += 1
                yield dict(point), marks
                again, failures = self._free, 0

    def _hunted(self, pool: list[_Candidate[Name]]) -> list[_Candidate[Name]]:
        """Points with larger numbers, where there are branches that were not taken yet."""
        found: list[_Candidate[Name]] = []
        for turn in range(min(_TURNS, self._room)):
            if _complete(pool + found, branches_only=True):
                break
            known = _SIZES if turn % 2 else _SIZES[1:2]
            drawn = {name: self._random.choice((-1, 1)) * self._size(self._random.choice(known)) for name in self._free}
            try:
                found.append((drawn, self._look(drawn)))
            except Refused:
                continue
        return found

    def _draw(self, names: Sequence[Name], failures: int) -> dict[Name, Fraction]:
        """Decimals of six places: every other time all of one size, else each of one of its own."""
        random = self._random
        known = _SIZES[: 4 + failures // 8]
        if not self._accepted and self._turn >= self._tries // 3:
            known = (*known, _LAST_RESORT)
        one = random.choice(known) if random.random() < 0.5 else None
        # The planned signs first; then any, mostly positive ones, and those only.
        chance = (None, 0.5, 0.2, 0.0)[failures % 4]
        point = {}
        for name in names:
            size = self._size(one or random.choice(known))
            negative = self._planned(name) < 0 if chance is None else random.random() < chance
            point[name] = -size if negative else size
        return point

    def _planned(self, name: Name) -> int:
        code, flip = self._codes[name]
        return flip * (1 - 2 * ((code & self._accepted).bit_count() % 2))

    def _size(self, bounds: tuple[float, float]) -> Fraction:
        return Fraction(self._random.randint(int(bounds[0] * _MILLION), int(bounds[1] * _MILLION)), _MILLION)

    def _close_to(self, number: Fraction) -> Fraction:
        """A number at most a tenth away, or at most 1/10 where it is 0."""
        return number + (number or 1) * Fraction(self._random.randint(-10_000, 10_000), 100_000)

    def _turned(self, pool: list[_Candidate[Name]]) -> Iterator[_Candidate[Name]]:
        """Points of the pool with another sign for one variable, most often for one that has the same in all of it."""
        missing = [name for name in self._free if len({point[name] > 0 for point, _ in pool}) == 1]
        others = [] if _complete(pool) else [name for name in self._free[:_NAMES] if name not in missing]
        turns = [(number, name) for number, names in enumerate((missing, others, missing, missing)) for name in names]
        for number, name in turns[: min(_TURNS, self._room)]:
            base = pool[number % len(pool)][0]
            size = abs(base[name]) if number < 2 else self._size(_SIZES[number])
            point = {**base, name: -size if base[name] > 0 else size}
            try:
                yield point, self._look(point)
            except Refused:
                continue


def signs(numbers: Mapping[Any, Real]) -> Marks:
    """The sign of each number, and of pairs of them."""
    known = {name: 1 if number > 0 else -1 for name, number in numbers.items() if number}
    marks: Marks = {name: (2, sign) for name, sign in known.items()}
    for a, b in combinations(known, 2) if len(known) <= _NAMES else pairwise(known):
        marks[frozenset((a, b))] = 4, (known[a], known[b])
    return marks


def branches(*evaluated: tuple[Tree, Mapping[Tree, Real]], of: str = "") -> Marks:
    """The branch taken in each call of a function that has branches, and in pairs of them; the signs of small parts."""
    taken: dict[Tree, tuple[int, Hashable]] = {}
    marks: Marks = {}
    for tree, parts in evaluated:
        for call in branching(tree):
            args = [parts[arg] for arg in call.args]
            if KNOWN[call.text].selects:
                taken[call] = len(args), min(range(len(args)), key=lambda i: abs(args[i] - parts[call]))
            elif args[0]:
                taken[call] = 2, 1 if args[0] > 0 else -1
        if len(parts) <= _PARTS:
            inner = ((part, parts[part]) for part in parts if part.args)
            marks |= {frozenset(((of, part),)): (2, 1 if found > 0 else -1) for part, found in inner if found}
    marks |= {_Branch(of, call): mark for call, mark in taken.items()}
    if len(taken) <= _NAMES:
        for (a, (n, x)), (b, (m, y)) in combinations(taken.items(), 2):
            marks[_Branch(of, a, b)] = n * m, (x, y)
    return marks


class _Branch(tuple[Hashable, ...]):
    """A question about a branch."""

    __slots__ = ()

    def __new__(cls, *calls: Hashable) -> _Branch:
        return super().__new__(cls, calls)


@lru_cache(maxsize=4096)
def branching(tree: Tree) -> tuple[Tree, ...]:
    return tuple(
        part for part in postorder(tree) if part.kind == "call" and (KNOWN[part.text].kink or KNOWN[part.text].selects)
    )


@lru_cache(maxsize=4096)
def analytic(tree: Tree) -> bool:
    """Whether an expression, and with it each of its derivatives, is a meromorphic function of its slots.

    Two that agree on an open set, however small, agree wherever they are defined: there is no way around a pole that is
    not open, in complex numbers. What has roots or logarithms, an exponent that is not a whole number, or branches, may
    agree with another on one side only.
    """
    return all(
        KNOWN[part.text].name in _MEROMORPHIC if part.kind == "call" else part.kind != "^" or _whole(part.args[1])
        for part in postorder(tree)
    )


def _whole(exponent: Tree) -> bool:
    if exponent.kind == "neg":
        exponent = exponent.args[0]
    return exponent.kind == "number" and isinstance(exponent.value, Fraction) and exponent.value.denominator == 1


@lru_cache(maxsize=4096)
def _limited(tree: Tree) -> tuple[Tree, ...]:
    return tuple(part for part in postorder(tree) if part.kind == "call" and part.text in _LIMITS)


def parts_within_limits(tree: Tree, arguments: Sequence[Real], m: Context, own: Real = None) -> dict[Tree, Real]:
    """The value of every operation of an expression, where none is met that is too large to compare. Raises NotReal."""
    parts = values_of_parts(tree, arguments, m, own)
    _check_limits(tree, parts)
    for part, found in parts.items():
        if type(found) is Fraction:
            parts[part] = exact(found, m)
    return parts


def value_within_limits(tree: Tree, arguments: Sequence[Real], m: Context) -> Real:
    """The value of an expression, likewise."""
    parts = values_of_parts(tree, arguments, m)
    _check_limits(tree, parts)
    found = parts[tree]
    return exact(found, m) if type(found) is Fraction else found


def _check_limits(tree: Tree, parts: Mapping[Tree, Real]) -> None:
    for call in _limited(tree):
        if abs(parts[call.args[0]]) > _LIMITS[call.text]:
            raise NotReal(call, f"an argument of {call.text} too large to compare its digits")


def _complete(pool: list[_Candidate[Name]], *, branches_only: bool = False) -> bool:
    """Whether every answer has been seen to every question."""
    wanted: dict[Hashable, int] = {}
    seen: dict[Hashable, set[Hashable]] = {}
    for _, marks in pool:
        for question, (answers, answer) in marks.items():
            if isinstance(question, _Branch) or not branches_only:
                wanted[question] = answers
                seen.setdefault(question, set()).add(answer)
    return all(len(seen[question]) == answers for question, answers in wanted.items())


def _ordered(pool: list[_Candidate[Name]], wanted: int) -> tuple[list[dict[Name, Fraction]], int]:
    """The points, each the one of those left that shows most that is new; and how many of them are needed."""
    left = list(pool)
    seen: set[tuple[Hashable, Hashable]] = set()
    order: list[dict[Name, Fraction]] = []
    needed = wanted

    def news(candidate: _Candidate[Name]) -> int:
        # A sign or a branch counts more than any number of pairs of signs.
        new = (question for question, (_, answer) in candidate[1].items() if (question, answer) not in seen)
        return sum(1 if isinstance(question, frozenset) else 1000 for question in new)

    while left:
        scores = [news(candidate) for candidate in left]
        best = scores.index(max(scores))
        if scores[best] >= 1000 and len(order) < _MOST:
            needed = max(needed, len(order) + 1)
        point, marks = left.pop(best)
        order.append(point)
        seen.update((question, answer) for question, (_, answer) in marks.items())
    return order, needed
