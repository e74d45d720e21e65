"""How names, paths, numbers and sums of a spec look in LaTeX, and how much of them is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import mpmath

from pathdiff.derivation import Formula, Path, Product, Sum, Total, readable
from pathdiff.names import Symbols
from pathdiff.notation import Elided, Math, number_math, significant
from pathdiff.render.latex.displays import ABOUT, EQUALS, Right
from pathdiff.render.latex.letters import Box, name
from pathdiff.render.latex.math import SCRIPT, Hand, box
from pathdiff.typesetting import formula_math, ratio

LONGEST_FORMULA: Final = 150
"""How many factors of a formula are written; of a longer sum the first terms are."""
DEEPEST_FORMULA: Final = 8
"""How deep brackets nest in a formula that is written."""
LISTED: Final = 200
"""How many nodes, labels or paths are listed."""
LONGEST_PATH: Final = 40
"""How many nodes of a path are written; of a longer one, its ends."""
LARGEST_WRITTEN: Final = 10**12
"""A count below this is written out."""


class Rounding:
    """Writes numbers with six digits, and knows whether one of them has more."""

    rounded = False

    def __call__(self, value: Any) -> str:
        told = significant(value)
        self.rounded |= bool(abs(type(value)(told) - value) > abs(value) * 10.0**-25)
        return told

    @property
    def relation(self) -> Box:
        """The sign before what was written."""
        return ABOUT if self.rounded else EQUALS


@dataclass(frozen=True, slots=True)
class Sheet:
    """The names of the spec as they are typeset, and the way in which formulas are written."""

    symbols: Symbols
    hand: Hand

    def name(self, told: str) -> str:
        """The name of a node within a sentence."""
        return f"${name(self.symbols[told]).source}$"

    def names(self, told: Sequence[str]) -> str:
        """Names in a row."""
        return listed([self.name(each) for each in told[:LISTED]], len(told))

    def path(self, path: Path) -> Box:
        """A path with arrows between its nodes, for math mode."""
        half = LONGEST_PATH // 2
        shown = path if len(path) <= LONGEST_PATH else (*path[:half], "", *path[-half:])
        boxes = [name(self.symbols[each]) if each else Box(r"\cdots", 1.2) for each in shown]
        return Box(r" \to ".join(each.source for each in boxes), sum(each.width + 1.55 for each in boxes) - 1.55)

    def equation(self, told: str, value: Math, relation: Box = EQUALS) -> str:
        """A name and what it equals, within a sentence."""
        return f"${name(self.symbols[told]).source} {relation.source}{box(value, self.hand, SCRIPT).source}$"

    def left(self, result: Total) -> Box:
        """The left side of a line."""
        return box(ratio(result, self.symbols), self.hand)

    def formula(self, formula: Formula) -> Right:
        """A formula as a right side."""
        return Right(formula_math(formula, self.symbols))

    def shows(self, formula: Formula) -> bool:
        """Whether a formula with brackets is short and flat enough to be written."""
        return readable(formula, LONGEST_FORMULA, DEEPEST_FORMULA)

    def sum(self, formula: Sum, complete: bool = True) -> Right:
        """The first terms of a sum as a right side; `complete` says whether the derivation has all of them."""
        taken = factors = 0
        for term in formula.terms:
            factors += len(term.factors) if isinstance(term, Product) else 1
            if factors > LONGEST_FORMULA:
                break
            taken += 1
        if formula.terms and not taken:
            return Right(Elided(factors))
        shown = Rounding()
        part = replace(formula, terms=formula.terms[:taken], marks=formula.marks[:taken])
        right = formula_math(part, self.symbols, shown)
        return Right(right, shown.relation, not complete or taken < len(formula.terms))

    def number(self, value: Any) -> Right:
        """A number as a right side."""
        shown = Rounding()
        return Right(number_math(value, shown), shown.relation)

    def count(self, count: int) -> str:
        """How many there are."""
        if count < LARGEST_WRITTEN:
            return str(count)
        return f"about ${box(number_math(mpmath.mpf(count), Rounding()), self.hand).source}$"

    def paths(self, count: int) -> str:
        """How many paths there are, in words."""
        return f"{self.count(count)} path{'s' * (count != 1)}"


def listed(told: Sequence[str], count: int) -> str:
    """Words in a row, with dots where there are more."""
    return ", ".join(told) + (r", $\dots$" if count > len(told) else "")
