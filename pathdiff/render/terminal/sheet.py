"""What a section is written on: how wide it is, in which characters, and how names, paths and numbers look there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import mpmath

from pathdiff.derivation import Formula, Path, Sum, Total, readable
from pathdiff.names import Symbols
from pathdiff.notation import Dots, Math, Number, Ratio, Row, Sign, Term
from pathdiff.render.terminal.layout import Fragment, Line, Tone, wrapped
from pathdiff.render.terminal.pen import equation
from pathdiff.render.text import Style, line, mark, name, words
from pathdiff.typesetting import formula_math, ratio

LINES: Final = 18
"""How many lines of one kind are shown before the rest is only counted."""
MOST_PATHS: Final = 20
"""A derivative with more paths than this shows the first ones only."""
FIRST_PATHS: Final = 8
"""How many, then."""
LONGEST_PATH: Final = 24
"""How many nodes of a path, or factors of a product, are shown; of a longer one, its ends."""
MOST_TERMS: Final = 6
"""How many terms are shown of a sum that has too many."""
LARGEST_WRITTEN: Final = 10**15
"""A count below this is written out."""
MOST_FACTORS: Final = 120
"""A formula with more factors than this isn't shown."""
DEEPEST: Final = 12
"""Nor one whose brackets nest deeper."""


@dataclass(frozen=True, slots=True)
class Section:
    """Lines under a name."""

    name: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A width in columns, the characters that may be used, and the names of the spec as they are typeset."""

    width: int
    style: Style
    symbols: Symbols

    def name(self, of: str) -> str:
        """The name of a node."""
        return name(self.symbols[of], self.style)

    def names(self, of: Sequence[str], most: int = 6) -> str:
        """Names in a row, the middle of a long one left out."""
        if len(of) <= most:
            return ", ".join(map(self.name, of))
        return ", ".join((self.name(of[0]), self.words("…"), self.name(of[-1])))

    def ratio(self, of: str, wrt: str) -> str:
        """The label of an edge by its name, ∂p/∂x."""
        return line(Ratio(self.symbols[of], self.symbols[wrt]), self.style)

    def result(self, result: Total) -> Ratio:
        """The left side of a line."""
        return ratio(result, self.symbols)

    def mark(self, number: int) -> str:
        """The mark of a path."""
        return mark(number, self.style)

    def path(self, path: Path) -> str:
        """A path as arrows; the middle of a long one is left out."""
        return self.words(" → ").join(self.ends(list(map(self.name, path))))

    def ends(self, nodes: list[str]) -> list[str]:
        """The nodes of a path; those in the middle of a long one are only counted."""
        if len(nodes) <= LONGEST_PATH:
            return nodes
        left_out = f"… {len(nodes) - LONGEST_PATH + 4} nodes …"
        return [*nodes[: LONGEST_PATH - 8], self.words(left_out), *nodes[-4:]]

    def words(self, text: str) -> str:
        """Words in the characters of this sheet."""
        return words(text, self.style)

    def prose(self, *fragments: str | Fragment, tone: Tone = "", hang: int = 0, indent: int = 0) -> list[Line]:
        """Sentences, filled into lines."""
        told = [(self.words(f), tone) if isinstance(f, str) else f for f in fragments]
        return wrapped(told, self.width, hang, indent)

    def shows(self, formula: Formula) -> bool:
        """Whether a formula is short and flat enough to be shown."""
        return readable(formula, MOST_FACTORS, DEEPEST)

    def math(self, formula: Formula) -> Math:
        """A formula as it is written."""
        return formula_math(formula, self.symbols)

    def sum(self, formula: Sum, most: int = MOST_TERMS) -> Math:
        """The first terms of a sum, the middle of each left out where it is long; no mark on a single term."""
        count = len(formula.terms)
        marks = () if count == 1 else formula.marks[:most]
        math = self.math(replace(formula, terms=formula.terms[:most], marks=marks))
        if count <= 1 or not isinstance(math, Row):
            return _shortened(math)
        rest = () if count <= most else (Sign("+"), Dots())
        return Row((*map(_shortened, math.items), *rest))

    def equation(self, left: Math, rights: Sequence[Math], *, stacked: bool = True, marks: bool = True) -> list[Line]:
        """A chain of equations."""
        return equation(left, rights, self.width, self.style, stacked=stacked, marks=marks)

    def count(self, number: int) -> str:
        """A count, in full while it is short: 1,048,576, about 1.27×10³⁰."""
        if number < LARGEST_WRITTEN:
            return f"{number:,}"
        return f"about {self.line(Number(str(mpmath.nstr(mpmath.mpf(number), 3)).replace('e+', 'e')))}"

    def counted(self, number: int, what: str) -> str:
        """How many there are: 1 path, 2 paths."""
        return f"{self.count(number)} {what}{'' if number == 1 else 's'}"

    def line(self, math: Math) -> str:
        """Mathematics on one line."""
        return line(math, self.style)


def _shortened(math: Math) -> Math:
    """A product without its middle where it has many factors."""
    if isinstance(math, Term):
        return Term(math.number, _shortened(math.inner))
    if not isinstance(math, Row) or len(math.items) <= 2 * LONGEST_PATH:
        return math
    return Row((*math.items[: 2 * (LONGEST_PATH - 8)], Dots(), *math.items[-8:]))
