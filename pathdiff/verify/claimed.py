"""A claim as numbers: compared with the measured derivative at random points of the spec, with many digits.

One point at which they differ refutes it. Nothing agrees that has no value where the derivative has one, or in which
something goes unseen (`unseen`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Final, Literal

import mpmath

from pathdiff.claim.statement import Parse, Side
from pathdiff.expression import Expression, Tree, fold, spec_text
from pathdiff.numeric import NotReal, TooLarge
from pathdiff.verify import sampling
from pathdiff.verify.ground import Ground, Here
from pathdiff.verify.letters import Way
from pathdiff.verify.samples import NoValue
from pathdiff.verify.sampling import ROUGHLY, Comparison, Context, Real, compare, context
from pathdiff.verify.search import exact
from pathdiff.verify.unseen import Unseen
from pathdiff.verify.verdict import Counterexample, plural

SAID: Final[dict[Way, str]] = {
    "signs": "∂ as the label of an edge, d as a total derivative",
    "edges": "every derivative as the label of its edge, where there is one",
    "totals": "every derivative as a total one",
}


@dataclass(frozen=True, slots=True)
class Reading:
    """How a claim was read."""

    parse: Parse
    way: Way | None
    """None where each way says the same."""

    @property
    def text(self) -> str:
        """In words; nothing where there was nothing to choose."""
        return "; ".join(filter(None, (self.parse.how, SAID[self.way] if self.way else "")))


@dataclass(frozen=True, slots=True)
class Judged:
    """Whether a claim is right in one reading of it, or in the best."""

    verdict: Literal["agree", "refuted", "undecided"]
    reading: Reading
    text: str
    """What was done and what came of it."""
    counterexample: Counterexample | None = None
    side: int = 0
    """Which of several right sides is wrong, counted from 0."""
    here: Here | None = field(default=None, compare=False, repr=False)
    """Where the counterexample is."""


def _size(tree: Tree, parts: Mapping[Tree, Real], m: Context) -> Real:
    """The sum of the absolute values of all that is added up in an expression, multiplied out."""

    def combine(part: Tree, args: list[Real]) -> Real:
        if part.kind == "+":
            return m.fsum(args)
        if part.kind == "*":
            return m.fprod(args)
        if part.kind == "neg":
            return args[0]
        if part.kind == "/" and parts[part.args[1]]:
            return args[0] / abs(parts[part.args[1]])
        return abs(parts[part])

    return fold(tree, combine)


class Numbers:
    """One right side in one reading, compared with the measured derivative at random points."""

    def __init__(self, reading: Reading, number: int, side: Side, way: Way, ground: Ground) -> None:
        self.reading, self.number, self.side, self.way, self.ground = reading, number, side, way, ground
        self.same: list[Comparison] = []
        self.without: list[tuple[Here, NotReal]] = []
        self.unclear = 0
        self.unseen = Unseen(side, way, ground)

    def judged(self) -> Judged:
        ground = self.ground
        if not ground.places:
            return self._undecided("no point was found at which the derivative could be measured")
        for here in ground.places:
            refuted = self._compared(here)
            if refuted is not None:
                return refuted
        for point in self.unseen.points():
            place = ground.at(point)
            refuted = self._compared(place) if place is not None else None
            if refuted is not None:
                return refuted
        if self.without:
            return self._without_value()
        if len(self.same) < min(2, len(ground.places)):
            return self._undecided("the two could not be told apart, nor seen to be equal, at enough points")
        doubt = self.unseen.hidden() or self.unseen.branch()
        if doubt:
            return self._undecided(doubt)
        error = sampling.largest(comparison.error for comparison in self.same)
        drawn = ", abstract functions drawn at random" * any(n.abstract for n in ground.function.nodes.values())
        result = "both are 0" if all(each.zero for each in self.same) else f"largest relative difference {error}"
        text = f"at {plural(len(self.same), 'random point')} to {ground.effort.digits} digits{drawn}: {result}"
        return Judged("agree", self.reading, f"the measured derivative, {text}", side=self.number)

    def _compared(self, here: Here) -> Judged | None:
        """The verdict where they differ at a point; what else was seen is kept."""
        ground, side = self.ground, self.side

        def told(m: Context) -> Real:
            return here.claimed(side, self.way, m)[side.tree]

        def size(m: Context) -> Real:
            return _size(side.tree, here.claimed(side, self.way, m), m)

        def measured(m: Context, h: Real) -> Real:
            return here.total(ground.of, ground.wrt, m, h)

        try:
            found = compare(told, size, measured, here.magnitude(), ground.effort)
        except NotReal as error:
            self.without.append((here, error))
            return None
        except NoValue:
            self.unclear += 1
            return None
        if found.outcome == "different":
            return self._refuted(here, found)
        if found.outcome == "same":
            self.same.append(found)
        else:
            self.unclear += 1
        return None

    def _refuted(self, here: Here, found: Comparison) -> Judged:
        said, actual = sampling.told_apart(found.claimed, found.measured)
        at = _decimals(here)
        text = f"at {_where(at)} the claim is {said}, and the derivative is {actual}"
        return Judged("refuted", self.reading, text, Counterexample(text, said, actual, at), self.number, here)

    def _without_value(self) -> Judged:
        """The verdict where the claim has no value at some points at which the derivative has one."""
        here, error = self.without[0]
        at = _decimals(here)
        names = tuple(map(str, self.side.leaves))
        operation = spec_text(Expression(error.tree, names), 60)
        actual = sampling.decimal(here.total(self.ground.of, self.ground.wrt, context(ROUGHLY)), 6)
        why = error.reason if error.reason.startswith(operation) else f"{operation} is {error.reason}"
        what = f"at {_where(at)}, where the derivative is {actual}, the claim has no value: {why}"
        if self.same:
            return self._undecided(f"equal wherever the claim has a value, but {what}")
        if isinstance(error, TooLarge):
            return self._undecided(what)
        found = Counterexample(what, "no value", actual, at)
        return Judged("refuted", self.reading, what, found, self.number, here)

    def _undecided(self, why: str) -> Judged:
        return Judged("undecided", self.reading, why, side=self.number)


def _decimals(here: Here) -> dict[str, str]:
    return {name: sampling.decimal(exact(number, mpmath.mp)) for name, number in here.point.items()}


def _where(at: Mapping[str, str]) -> str:
    return ", ".join(f"{name} = {number}" for name, number in islice(at.items(), 6)) + ", ..." * (len(at) > 6)
