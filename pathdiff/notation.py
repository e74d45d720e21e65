"""Mathematics as it is written: a small language of symbols, fractions and brackets for every renderer to read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import mpmath

from pathdiff.names import Symbol


@dataclass(frozen=True, slots=True)
class Number:
    """A number as text, never negative; an exponent of ten is written `e-7`."""

    text: str


@dataclass(frozen=True, slots=True)
class Constant:
    """π."""


@dataclass(frozen=True, slots=True)
class Sign:
    """A sign between or before other things; `before` where it has nothing on its left."""

    text: Literal["+", "−", "·", "=", ",", "↦"]
    before: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """Things side by side."""

    items: tuple[Math, ...]


@dataclass(frozen=True, slots=True)
class Space:
    """The small space between two factors that are written without a dot."""


@dataclass(frozen=True, slots=True)
class Fraction:
    """One thing over another."""

    above: Math
    below: Math


@dataclass(frozen=True, slots=True)
class Raised:
    """A power; the base has its brackets already."""

    base: Math
    exponent: Math


@dataclass(frozen=True, slots=True)
class Brackets:
    """Round brackets, or the bars of an absolute value."""

    inner: Math
    shape: Literal["round", "bars"] = "round"


@dataclass(frozen=True, slots=True)
class Apply:
    """A known function, a user's function, or an abstract node, before its arguments."""

    function: str | Symbol
    """The name of a row of the table of functions; the symbol of a user's function or of an abstract node."""
    arguments: tuple[Math, ...]


@dataclass(frozen=True, slots=True)
class Root:
    """A square root, or a cube root."""

    inner: Math
    degree: Literal[2, 3] = 2


@dataclass(frozen=True, slots=True)
class Ratio:
    """A derivative as a ratio of differentials: ∂p/∂x, or dp/dx where `total` must be told from an edge's label."""

    of: Symbol
    wrt: Symbol
    total: bool = False


@dataclass(frozen=True, slots=True)
class Term:
    """A term that is a path: whatever the renderer ties to the path of this number, by colour and by mark."""

    number: int
    inner: Math


@dataclass(frozen=True, slots=True)
class Known:
    """A bracket that is a stage before, named below it."""

    inner: Math
    name: Ratio


@dataclass(frozen=True, slots=True)
class Dots:
    """What is left out between two others, or after the first."""


@dataclass(frozen=True, slots=True)
class Elided:
    """What is too long to be read; the whole of it is in the JSON."""

    size: int


Math = (
    Symbol
    | Number
    | Constant
    | Sign
    | Row
    | Space
    | Fraction
    | Raised
    | Brackets
    | Apply
    | Root
    | Ratio
    | Term
    | Known
    | Dots
    | Elided
)


DIGITS: Final = 6
"""How many significant digits of a number are shown."""


def is_sum(math: Math) -> bool:
    """Whether there is a plus or a minus between its items."""
    return isinstance(math, Row) and any(
        isinstance(item, Sign) and item.text in "+−" and not item.before for item in math.items
    )


def needs_brackets(math: Math) -> bool:
    """Whether it is a sum or begins with a minus: as a factor it needs brackets."""
    return is_sum(math) or leads(math) == "−"


def leads(math: Math) -> str:
    """The sign that something begins with, where it does."""
    while isinstance(math, Row | Term | Known):
        math = math.items[0] if isinstance(math, Row) else math.inner
    return math.text if isinstance(math, Sign) else ""


def product_math(factors: Sequence[Math]) -> Math:
    """Factors side by side: a dot only where two numbers, or something and a number, would run together."""
    items: list[Math] = []
    for factor in factors:
        if items:
            items.append(_between(items[-1], factor))
        items.append(factor)
    return items[0] if len(items) == 1 else Row(tuple(items))


def _between(left: Math, right: Math) -> Math:
    return Sign("·") if isinstance(left, Fraction) or isinstance(_first(right), Number) else Space()


def _first(item: Math) -> Math:
    while isinstance(item, Row | Raised | Term):
        item = item.items[0] if isinstance(item, Row) else item.base if isinstance(item, Raised) else item.inner
    return item


def number_math(value: Any, shown: Callable[[Any], str] | None = None) -> Math:
    """A number with its minus sign, `shown` with six digits or as told."""
    text = (shown or significant)(value)
    return Row((Sign("−", before=True), Number(text[1:]))) if text.startswith("-") else Number(text)


def significant(value: Any, digits: int = DIGITS) -> str:
    """A number with so many significant digits, an exponent of ten as e-7."""
    return str(mpmath.nstr(value, digits)).replace("e+", "e").replace(".0e", "e").removesuffix(".0")


def gist(math: Math) -> Hashable:
    """What a formula says, whatever its order: the terms of a sum and the factors of a product, each as often as met.

    Factors of 1, brackets, and dots make no difference.
    """
    found = _terms(math)
    return found[0] if len(found) == 1 else frozenset(Counter(found).items())


def _terms(math: Math) -> list[Hashable]:
    """The gist of each term."""
    math = _bare(math)
    if not is_sum(math):
        return [_product(math)]
    assert isinstance(math, Row)
    terms: list[tuple[str, list[Math]]] = [("", [])]
    for item in math.items:
        if isinstance(item, Sign) and item.text in "+−" and not item.before:
            terms.append((item.text, []))
        else:
            terms[-1][1].append(item)
    return [_product(Row((*([Sign("−", before=True)] if sign == "−" else []), *items))) for sign, items in terms]


def _product(math: Math) -> Hashable:
    """The factors of a product with how often each is met; a minus is a factor."""
    factors: list[Hashable] = []
    waiting: list[Math] = [math]
    while waiting:
        part = _bare(waiting.pop())
        if isinstance(part, Row) and not is_sum(part):
            waiting.extend(part.items)
        elif is_sum(part):
            factors.append(gist(part))
        elif part not in (Sign("·"), Space(), Number("1")):
            factors.append(part)
    return frozenset(Counter(factors).items())


def _bare(math: Math) -> Math:
    """What is in round brackets, or in what ties it to a path or a stage."""
    while isinstance(math, Term | Known | Brackets) and not (isinstance(math, Brackets) and math.shape == "bars"):
        math = math.inner
    return math
