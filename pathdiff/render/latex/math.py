"""Notation as LaTeX source, with the width that it takes on the page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from pathdiff.functions import KNOWN
from pathdiff.names import Symbol
from pathdiff.notation import (
    Apply,
    Brackets,
    Constant,
    Dots,
    Elided,
    Fraction,
    Known,
    Math,
    Number,
    Raised,
    Ratio,
    Root,
    Row,
    Sign,
    Space,
    Term,
    is_sum,
)
from pathdiff.render.latex.letters import SMALL, Box, function_name, name, text

Differential = Literal["partial", "d", "upright-d"]
"""The sign of a derivative: ∂, an italic d, or an upright d."""
DIFFERENTIALS: Final[dict[Differential, str]] = {"partial": r"\partial", "d": "d", "upright-d": r"\mathrm{d}"}

DISPLAY, SCRIPT = 0, 2
"""The sizes that a formula is written for: on its own, and in an exponent. In a fraction it is between them.

What is in the brackets of a function in a fraction is written as in an exponent: exp(-x²/2) over √(2π).
"""

LONGEST_SMALL: Final = 4
"""How many symbols a fraction in a fraction may have above or below its line and still be set small."""


@dataclass(frozen=True, slots=True)
class Hand:
    """The way in which formulas are written."""

    differential: Differential = "partial"
    edges: frozenset[tuple[str, str]] = frozenset()
    """Labels that keep their ∂ even so: those that a total derivative of the same two nodes stands beside."""
    braces: bool = True
    """Whether a bracket that is a stage before is named below it."""
    marks: bool = False
    """Whether the number of its path stands below each term."""


def math(formula: Math, style: Differential = "partial") -> str:
    r"""The LaTeX source of a formula, for math mode with amsmath loaded.

    >>> from pathdiff.names import Symbols
    >>> from pathdiff.notation import Ratio
    >>> names = Symbols(["p", "h1"])
    >>> math(Ratio(names["p"], names["h1"]))
    '\\frac{\\partial p}{\\partial h_{1}}'
    """
    return box(formula, Hand(style)).source


def box(formula: Math, hand: Hand, size: int = DISPLAY) -> Box:
    """A formula as source and width. Recursive: the formulas of `notation` nest no deeper than a person reads."""
    match formula:
        case Symbol():
            return name(formula)
        case Number():
            return _number(formula.text)
        case Constant():
            return Box(r"\pi", 0.6)
        case Sign():
            return sign(formula)
        case Space():
            return Box("", 0)
        case Row():
            return row(formula.items, hand, size)
        case Fraction():
            return _fraction(formula, hand, size)
        case Raised():
            return _raised(formula, hand, size)
        case Brackets():
            return enclosed(box(formula.inner, hand, size), formula.shape)
        case Apply():
            arguments = row(with_commas(formula.arguments), hand, SCRIPT if size else size)
            return _joined(operator(formula.function), enclosed(arguments))
        case Root():
            inner = box(formula.inner, hand, size)
            degree = "[3]" if formula.degree == 3 else ""
            return Box(rf"\sqrt{degree}{{{inner.source}}}", inner.width + 0.9, inner.tall, word=True)
        case Ratio():
            above, below = (_differential(formula, symbol, hand) for symbol in (formula.of, formula.wrt))
            return _over(above, below, size)
        case Term():
            inner = box(formula.inner, hand, size)
            return _braced(inner, mark(formula.number)) if hand.marks else inner
        case Known():
            inner = box(formula.inner, hand, size)
            return named(inner, formula.name, hand) if hand.braces else inner
        case Dots():
            return Box(r"\dots", 1.2)
        case Elided():
            told = f"a formula of {formula.size} symbols" if formula.size else "a formula too deep to be read"
            return Box(rf"\langle\text{{{told}}}\rangle", 0.5 * len(told) + 1)


# Boxes of boxes.


def _joined(*boxes: Box) -> Box:
    source = "".join(each.source for each in boxes)
    return Box(source, sum(each.width for each in boxes), any(each.tall for each in boxes))


def _over(above: Box, below: Box, size: int) -> Box:
    width = max(above.width, below.width) * (SMALL if size else 1) + 0.4
    return Box(rf"\frac{{{above.source}}}{{{below.source}}}", width, tall=size < SCRIPT)


def _braced(inner: Box, below: Box) -> Box:
    return Box(rf"\underbrace{{{inner.source}}}_{{{below.source}}}", max(inner.width, SMALL * below.width), tall=True)


def named(inner: Box, ratio: Ratio, hand: Hand) -> Box:
    """A box with a brace below it that says which derivative it is."""
    return _braced(inner, _slashed_ratio(ratio, hand))


def enclosed(inner: Box, shape: Literal["round", "bars"] = "round") -> Box:
    """A box in brackets as high as it."""
    left, right = _BRACKETS[shape, inner.tall]
    return Box(f"{left}{inner.source}{right}", inner.width + (1.8 if inner.tall else 0.78), inner.tall)


_BRACKETS: Final = {
    ("round", False): ("(", ")"),
    ("round", True): (r"\left(", r"\right)"),
    ("bars", False): (r"\lvert ", r" \rvert"),
    ("bars", True): (r"\left\lvert ", r" \right\rvert"),
}
_WIDTH: Final = {"+": 1.22, "−": 1.22, "·": 0.72, "=": 1.33, ",": 0.45, "↦": 1.55}
_SOURCE: Final = {"+": " + ", "−": " - ", "·": r" \cdot ", "=": " = ", ",": ", ", "↦": r" \mapsto "}


def sign(formula: Sign) -> Box:
    """A sign with the spaces around it; without them where it stands before what it belongs to."""
    if formula.before:
        return Box("-" if formula.text == "−" else formula.text, 0.78)
    return Box(_SOURCE[formula.text], _WIDTH[formula.text])


def between(left: Box, right: Box) -> Box:
    """The small space between two factors: where a word meets another thing it has to be seen."""
    return Box(r" \, ", 0.17) if left.word or right.word else Box(" ", 0)


def row(items: Sequence[Math | Box], hand: Hand, size: int = DISPLAY) -> Box:
    """Things side by side, some of them typeset already."""
    boxes = [item if isinstance(item, Box) else box(item, hand, size) for item in items]
    for index, item in enumerate(items):
        if isinstance(item, Space) and 0 < index < len(items) - 1:
            boxes[index] = between(boxes[index - 1], boxes[index + 1])
    return _joined(*boxes)


def with_commas(arguments: Sequence[Math]) -> tuple[Math, ...]:
    """Arguments of a function with commas between."""
    return tuple(item for argument in arguments for item in (Sign(","), argument))[1:]


def _fraction(formula: Fraction, hand: Hand, size: int) -> Box:
    if size < SCRIPT:
        return _over(_part(formula.above, hand, size), _part(formula.below, hand, size), size)
    above, below = (box(part, hand, size) for part in (formula.above, formula.below))
    above = enclosed(above) if is_sum(formula.above) else above
    below = enclosed(below) if isinstance(formula.below, Row | Fraction) else below
    return _joined(above, Box("/", 0.5), below)


def _part(part: Math, hand: Hand, size: int) -> Box:
    """What is above or below the line: its own fractions are small, unless one is too long for that."""
    if size == DISPLAY and _longest_fraction(part) > LONGEST_SMALL:
        full = box(part, hand, DISPLAY)
        return Box(rf"\displaystyle {full.source}", full.width, tall=True)
    return box(part, hand, size + 1)


def _longest_fraction(part: Math) -> int:
    """How many symbols the longest fraction in it has above or below its line."""
    match part:
        case Fraction(above, below):
            return max(_symbols(above), _symbols(below))
        case Row(items):
            return max(map(_longest_fraction, items), default=0)
        case Brackets(inner):
            return _longest_fraction(inner)
        case _:
            return 0


def _symbols(part: Math) -> int:
    match part:
        case Row(items) | Apply(_, items):
            return sum(map(_symbols, items))
        case Fraction(one, other) | Raised(one, other):
            return _symbols(one) + _symbols(other)
        case Brackets(inner) | Root(inner):
            return 1 + _symbols(inner)
        case Space() | Sign():
            return 0
        case _:
            return 1


def _raised(formula: Raised, hand: Hand, size: int) -> Box:
    exponent = box(formula.exponent, hand, SCRIPT)
    raised = Box(f"^{{{exponent.source}}}", SMALL * exponent.width + 0.05)
    base = formula.base
    if isinstance(base, Apply) and _is_power_of_operator(base, formula.exponent):
        arguments = enclosed(row(with_commas(base.arguments), hand, SCRIPT if size else size))
        return _joined(operator(base.function), raised, arguments)
    below = box(base, hand, size)
    if isinstance(base, Number) and "^" in below.source:
        below = enclosed(below)
    return _joined(below, raised)


def _is_power_of_operator(base: Apply, exponent: Math) -> bool:
    """Whether sin²(x) is written; an exponent of -1 would be read as the inverse."""
    before = isinstance(base.function, str) and KNOWN[base.function].power_before
    return before and isinstance(exponent, Number) and exponent.text.isdigit()


def operator(function: str | Symbol) -> Box:
    """What stands before the brackets of a call."""
    if isinstance(function, Symbol):
        return function_name(function)
    row = KNOWN[function]
    source = row.latex or rf"\operatorname{{{row.name}}}"
    letters = row.sign or re.sub(r"\\operatorname|[^A-Za-z0-9]", "", source)
    return Box(source, 0.5 * len(letters) + 0.17)


def _number(text: str) -> Box:
    """A number; with an exponent as a power of ten."""
    mantissa, _, exponent = text.lower().partition("e")
    if not re.fullmatch(r"[0-9.]+", mantissa) or not re.fullmatch(r"[+-]?[0-9]*", exponent):
        return _said(text)
    width = 0.5 * len(mantissa) - 0.22 * mantissa.count(".")
    if not exponent:
        return Box(mantissa, width)
    power = Box(f"10^{{{exponent.removeprefix('+')}}}", 1 + SMALL * 0.5 * len(exponent))
    return power if mantissa == "1" else _joined(Box(mantissa, width), sign(Sign("·")), power)


def _said(told: str) -> Box:
    return Box(rf"\text{{{text(told)}}}", 0.55 * len(told))


# Derivatives.


def _sign_of(ratio: Ratio, hand: Hand) -> str:
    if ratio.total:
        return DIFFERENTIALS["upright-d" if hand.differential == "upright-d" else "d"]
    kept = (ratio.of.name, ratio.wrt.name) in hand.edges
    return DIFFERENTIALS["partial" if kept else hand.differential]


def _differential(ratio: Ratio, symbol: Symbol, hand: Hand) -> Box:
    named = name(symbol)
    gap = r"\," if named.word else ""
    return Box(f"{_sign_of(ratio, hand)} {gap}{named.source}", 0.58 + named.width + (0.17 if gap else 0))


def _slashed_ratio(ratio: Ratio, hand: Hand) -> Box:
    above, below = (_differential(ratio, symbol, hand) for symbol in (ratio.of, ratio.wrt))
    return _joined(above, Box("/", 0.5), below)


def mark(number: int) -> Box:
    """The number of a path, as it stands below its term and before the path."""
    return Box(f"({number})", 0.5 * len(str(number)) + 0.8)


def slashed(ratio: Ratio, hand: Hand) -> str:
    """A derivative in one line, for a heading or a sentence."""
    return _slashed_ratio(ratio, hand).source
