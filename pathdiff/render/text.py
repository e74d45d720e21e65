"""Mathematics as plain text: the language of `notation` on one line, or as a box of lines with stacked fractions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from pathdiff.diagnostics import cell_width, printable
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
    needs_brackets,
)


@dataclass(frozen=True, slots=True)
class Style:
    """The characters that mathematics is written in."""

    ascii: bool = False
    """Whether there is nothing but ASCII."""
    always_d: bool = False
    """Whether every derivative is written with d."""
    kept: frozenset[tuple[str, str]] = frozenset()
    """The labels that keep their ∂ all the same: a total derivative of the same two nodes stands beside them."""


UNICODE: Final = Style()
ASCII: Final = Style(ascii=True)

_SUBSCRIPTS: Final = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_SUPERSCRIPTS: Final = str.maketrans("0123456789−n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻ⁿ")
_SUPERSCRIPT: Final = re.compile("−?[0-9]{1,4}|n")
_NUMBER: Final = re.compile(r"(?P<digits>[^eE]*)[eE](?P<sign>[+-]?)0*(?P<exponent>\d+)")
_IN_ASCII: Final = str.maketrans({
    "−": "-", "·": "*", "×": "x", "↦": "->", "→": "->", "←": "<-", "∂": "d", "≤": "<=", "≥": ">=", "≠": "!=", "≈": "~",
    "…": "...", "⋯": "...", "±": "+-", "–": "-", "—": "-", "’": "'", "√": "sqrt", "π": "pi", "σ": "sigma",
})  # fmt: skip
_ASCII_DIGITS: Final = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")


def words(text: str, style: Style = UNICODE) -> str:
    """Words as they are shown: control characters visible rather than obeyed, and in ASCII where there is no more."""
    shown = printable(text.replace("\n", " "))
    if not style.ascii or shown.isascii():
        return shown
    return shown.translate(_IN_ASCII).translate(_ASCII_DIGITS).encode("ascii", "backslashreplace").decode()


def mark(number: int, style: Style = UNICODE) -> str:
    """The number of a path in a circle, ① to ㊿, or in brackets."""
    if not style.ascii:
        for first, last, code in ((1, 20, 0x2460), (21, 35, 0x3251), (36, 50, 0x32B1)):
            if first <= number <= last:
                return chr(code + number - first)
    return f"({number})"


def name(symbol: Symbol, style: Style = UNICODE) -> str:
    """A name as people write it: h₁, w₁₂, z₁,₂, α, h_prev; in ASCII as it was typed.

    >>> from pathdiff.names import Symbols
    >>> print(*map(name, map(Symbols([]).__getitem__, ["h1", "w12", "z_1_2", "alpha", "h_prev"])))
    h₁ w₁₂ z₁,₂ α h_prev
    """
    if style.ascii:
        return symbol.name if symbol.name.isascii() else words("_".join((symbol.base, *symbol.subscripts)), style)
    count = 0
    while count < len(symbol.subscripts) and re.fullmatch("[0-9]+", symbol.subscripts[count]):
        count += 1
    digits = ",".join(symbol.subscripts[:count]).translate(_SUBSCRIPTS)
    return printable("_".join(((symbol.greek or symbol.base) + digits, *symbol.subscripts[count:])))


def function_name(function: str | Symbol, style: Style = UNICODE) -> str:
    """The name of a function: σ for sigmoid, ln for log, a user's own as a name of the spec."""
    if isinstance(function, Symbol):
        return name(function, style)
    sign = KNOWN[function].sign
    return sign if sign and (sign.isascii() or not style.ascii) else function


def ratio_parts(ratio: Ratio, style: Style = UNICODE) -> tuple[str, str]:
    """What stands above and below the line of a derivative. In ASCII ∂ is d, and the d that must differ from it D."""
    if style.ascii:
        sign = "D" if ratio.total else "d"
    else:
        kept = not style.always_d or (ratio.of.name, ratio.wrt.name) in style.kept
        sign = "∂" if kept and not ratio.total else "d"
    return sign + name(ratio.of, style), sign + name(ratio.wrt, style)


def line(math: Math, style: Style = UNICODE) -> str:
    """Mathematics on one line: x², x^(n − 1), a/(b + c), √(x + 1), ∂p/∂x₁.

    Nothing is lost: where a stacked fraction needs no brackets and a slash does, they are put in.
    """
    match math:
        case Symbol():
            return name(math, style)
        case Number(text):
            return _number(text, style)
        case Constant():
            return words("π", style)
        case Sign(text, before):
            return _sign(text, before, style)
        case Space():
            return " "
        case Row(items):
            return "".join(piece if isinstance(piece, str) else line(piece, style) for piece in pieces(items, style))
        case Fraction():
            return "/".join(line(part, style) for part in slashed(math))
        case Raised(base, exponent):
            shown = line(base if _is_one_thing(base) else Brackets(base), style)
            raised = line(exponent, style)
            if not style.ascii and _SUPERSCRIPT.fullmatch(raised):
                return shown + raised.translate(_SUPERSCRIPTS)
            return f"{shown}^{raised}" if isinstance(exponent, Symbol | Number) else f"{shown}^({raised})"
        case Brackets(inner, shape):
            return f"|{line(inner, style)}|" if shape == "bars" else f"({line(inner, style)})"
        case Apply(function, arguments):
            return f"{function_name(function, style)}({', '.join(line(argument, style) for argument in arguments)})"
        case Root(inner, degree):
            sign = ("sqrt" if degree == 2 else "cbrt") if style.ascii else ("√" if degree == 2 else "∛")
            plain = isinstance(inner, Symbol | Constant | Number) and _is_one_thing(inner) and not style.ascii
            return sign + line(inner if plain else Brackets(inner), style)
        case Ratio():
            return "/".join(ratio_parts(math, style))
        case Term(_, inner) | Known(inner, _):
            return line(inner, style)
        case Dots():
            return words("⋯", style)
        case Elided(size):
            how_long = f"{size} symbols" if size else "too deep to read"
            return words(f"… ({how_long}; whole in --format json)", style)


def _number(text: str, style: Style) -> str:
    match = _NUMBER.fullmatch(text)
    if match is None:
        return text
    sign = "" if match["sign"] == "+" else match["sign"]
    if style.ascii:
        return f"{match['digits']}e{sign}{match['exponent']}"
    power = "10" + (sign.replace("-", "−") + match["exponent"]).translate(_SUPERSCRIPTS)
    return power if match["digits"] == "1" else f"{match['digits']}×{power}"


def _sign(text: str, before: bool, style: Style) -> str:
    shown = words(text, style)
    return shown if before else ", " if text == "," else f" {shown} "


def pieces(items: tuple[Math, ...], style: Style = UNICODE) -> Iterator[str | Math]:
    """What stands in a row, with what stands between: signs and spaces as text."""
    for index, item in enumerate(items):
        if isinstance(item, Space):
            yield gap(items[index - 1], items[index + 1], style)
        elif isinstance(item, Sign):
            yield _sign(item.text, item.before, style)
        else:
            yield item


def gap(left: Math, right: Math, style: Style) -> str:
    """The space between two factors: none in 2x and in z(1 − z), where nothing can be misread."""
    if isinstance(left, Known | Ratio) or isinstance(right, Known | Ratio) or _holds_ratio(right):
        return " "
    while isinstance(right, Raised):
        right = right.base
    if isinstance(right, Brackets) and not style.ascii:
        return ""
    one_letter = isinstance(right, Constant | Root) or (
        isinstance(right, Symbol) and len(right.greek or right.base) == 1
    )
    plain_number = isinstance(left, Number) and left.text.replace(".", "").isdecimal()
    return "" if plain_number and one_letter and not style.ascii else " "


def _holds_ratio(math: Math) -> bool:
    return isinstance(math, Brackets) and isinstance(math.inner, Ratio)


def slashed(fraction: Fraction) -> tuple[Math, Math]:
    """What stands before and after the slash of a fraction on one line, in the brackets that it needs there."""
    above, below = fraction.above, fraction.below
    return (
        Brackets(above) if needs_brackets(above) or isinstance(above, Fraction) else above,
        below if _is_one_thing(below) else Brackets(below),
    )


def _is_one_thing(math: Math) -> bool:
    """Whether a slash before it can only mean all of it."""
    if isinstance(math, Number):
        return math.text.replace(".", "").isdecimal()
    return isinstance(math, Symbol | Constant | Raised | Brackets | Apply | Root | Elided)


@dataclass(frozen=True, slots=True)
class Box:
    """Lines of the same width, and which of them the text beside it stands on."""

    lines: tuple[str, ...]
    baseline: int = 0

    @property
    def width(self) -> int:
        """How many columns of a terminal it takes."""
        return cell_width(self.lines[0])


def box(math: Math, style: Style = UNICODE) -> Box:
    """Mathematics in two dimensions: ratios and fractions stacked, those within others on one line.

    >>> print(*box(Ratio(Symbol("p", "p"), Symbol("x1", "x", ("1",)))).lines, sep="|")
    ∂p |───|∂x₁
    """
    match math:
        case Ratio():
            return _stacked(*ratio_parts(math, style), style)
        case Fraction(above, below):
            return _stacked(line(above, style), line(below, style), style)
        case Row(items):
            return beside(
                Box((_after_minus(piece, items, style),)) if isinstance(piece, str) else box(piece, style)
                for piece in pieces(items, style)
            )
        case Brackets(inner, shape):
            return _bracketed(box(inner, style), shape, style)
        case Raised(Brackets(), exponent) if _SUPERSCRIPT.fullmatch(line(exponent, style)) and not style.ascii:
            return _superscribed(box(math.base, style), line(exponent, style).translate(_SUPERSCRIPTS))
        case Term(_, inner) | Known(inner, _):
            return box(inner, style)
        case _:
            return Box((line(math, style),))


def _after_minus(piece: str, items: tuple[Math, ...], style: Style) -> str:
    """A minus sign keeps its distance from the line of a fraction, which would make it longer."""
    leads = isinstance(items[0], Sign) and items[0].before and piece == line(items[0], style)
    return piece + " " if leads and isinstance(items[1], Fraction | Ratio) else piece


def _stacked(above: str, below: str, style: Style) -> Box:
    width = max(cell_width(above), cell_width(below))
    return Box((centred(above, width), ("-" if style.ascii else "─") * width, centred(below, width)), 1)


def centred(text: str, width: int) -> str:
    """The text in the middle of so many columns."""
    space = width - cell_width(text)
    return " " * (space // 2) + text + " " * (space - space // 2)


def beside(boxes: Iterator[Box] | tuple[Box, ...]) -> Box:
    """Boxes side by side on one baseline."""
    row = list(boxes)
    if not row:
        return Box(("",))
    above = max(each.baseline for each in row)
    below = max(len(each.lines) - each.baseline for each in row)
    padded = []
    for each in row:
        blank = " " * each.width
        top, bottom = above - each.baseline, below - (len(each.lines) - each.baseline)
        padded.append([blank] * top + list(each.lines) + [blank] * bottom)
    return Box(tuple(map("".join, zip(*padded, strict=True))), above)


_TALL: Final = {
    ("round", False): (("⎛", "⎜", "⎝"), ("⎞", "⎟", "⎠")),
    ("round", True): (("/", "|", "\\"), ("\\", "|", "/")),
    ("bars", False): (("│", "│", "│"), ("│", "│", "│")),
    ("bars", True): (("|", "|", "|"), ("|", "|", "|")),
}


def brackets(inner: Box, style: Style = UNICODE, shape: Literal["round", "bars"] = "round") -> tuple[Box, Box]:
    """The two brackets around a box, as tall as it is."""
    if len(inner.lines) == 1:
        return (Box(("|",)), Box(("|",))) if shape == "bars" else (Box(("(",)), Box((")",)))
    middle = len(inner.lines) - 2
    left, right = (
        Box((top, *[between] * middle, bottom), inner.baseline) for top, between, bottom in _TALL[shape, style.ascii]
    )
    return left, right


def _bracketed(inner: Box, shape: Literal["round", "bars"], style: Style) -> Box:
    left, right = brackets(inner, style, shape)
    return beside((left, inner, right))


def _superscribed(base: Box, exponent: str) -> Box:
    blank = " " * cell_width(exponent)
    return Box((base.lines[0] + exponent, *(row + blank for row in base.lines[1:])), base.baseline)
