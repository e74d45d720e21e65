"""Notation as MathML, which browsers draw by themselves."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

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
from pathdiff.render.latex.math import Hand
from pathdiff.render.picture.svg import escaped

_APPLY: Final = "<mo>\u2061</mo>"
"""The sign that nobody sees and a screen reader says: a function of what follows."""
_TALL: Final = re.compile("<mfrac|<munder|<msqrt|<mroot")
_SPACE: Final = '<mspace width=".17em"/>'


def mathml(math: Math, hand: Hand) -> str:
    """The elements of a formula, without the `<math>` around them.

    Recursive: the formulas of `notation` nest no deeper than a person reads.

    >>> from pathdiff.names import Symbols
    >>> mathml(Symbols(["h1"])["h1"], Hand())
    '<msub><mi>h</mi><mn>1</mn></msub>'
    """
    match math:
        case Symbol():
            return _name(math)
        case Number():
            return _number(math.text)
        case Constant():
            return "<mi>π</mi>"
        case Sign():
            return f'<mo form="prefix">{math.text}</mo>' if math.before else f"<mo>{math.text}</mo>"
        case Space():
            return _SPACE
        case Row():
            return _row(math.items, hand)
        case Fraction():
            return f"<mfrac>{mathml(math.above, hand)}{mathml(math.below, hand)}</mfrac>"
        case Raised():
            return _raised(math, hand)
        case Brackets():
            return _enclosed(mathml(math.inner, hand), math.shape)
        case Apply():
            return f"<mrow>{_operator(math.function)}{_APPLY}{_arguments(math, hand)}</mrow>"
        case Root():
            inner = mathml(math.inner, hand)
            return f"<mroot>{inner}<mn>3</mn></mroot>" if math.degree == 3 else f"<msqrt>{inner}</msqrt>"
        case Ratio():
            return f"<mfrac>{_differential(math, math.of, hand)}{_differential(math, math.wrt, hand)}</mfrac>"
        case Term():
            return mathml(math.inner, hand)
        case Known():
            inner = mathml(math.inner, hand)
            return _named(inner, math.name, hand) if hand.braces else inner
        case Dots():
            return "<mo>…</mo>"
        case Elided():
            told = f"a formula of {math.size} symbols" if math.size else "a formula too deep to be read"
            return f"<mtext>⟨{told}⟩</mtext>"


def pieces(math: Math, hand: Hand) -> list[str]:
    """A formula as pieces between which a line may break: before the signs between its terms, else before its dots."""
    items = math.items if isinstance(math, Row) else (math,)
    breaks = "+−" if is_sum(math) else "·"
    found: list[list[str]] = [[]]
    for item in items:
        if isinstance(item, Sign) and not item.before and item.text in breaks:
            found.append([f'<mo form="infix">{item.text}</mo>'])  # at the beginning it would lose the space on its left
        else:
            found[-1].append(mathml(item, hand))
    return list(map("".join, found))


def _row(items: Sequence[Math], hand: Hand) -> str:
    return f"<mrow>{''.join(mathml(item, hand) for item in items)}</mrow>"


def _enclosed(inner: str, shape: str = "round") -> str:
    if shape == "bars":
        side = '<mo fence="true" stretchy="true" form="{}">|</mo>'
        return f"<mrow>{side.format('prefix')}{inner}{side.format('postfix')}</mrow>"
    # A bracket that may stretch takes a taller shape, with more space around it, for what is hardly higher than a line.
    stays = "" if _TALL.search(inner) else ' stretchy="false"'
    return f"<mrow><mo{stays}>(</mo>{inner}<mo{stays}>)</mo></mrow>"


def _arguments(call: Apply, hand: Hand) -> str:
    return _enclosed("<mo>,</mo>".join(mathml(argument, hand) for argument in call.arguments))


def _raised(math: Raised, hand: Hand) -> str:
    base, exponent = math.base, mathml(math.exponent, hand)
    if isinstance(base, Apply) and _is_power_of_operator(base, math.exponent):
        return f"<mrow><msup>{_operator(base.function)}{exponent}</msup>{_APPLY}{_arguments(base, hand)}</mrow>"
    below = mathml(base, hand)
    if isinstance(base, Number) and "<msup>" in below:
        below = _enclosed(below)
    return f"<msup>{below}{exponent}</msup>"


def _is_power_of_operator(base: Apply, exponent: Math) -> bool:
    """Whether sin²(x) is written; an exponent of -1 would be read as the inverse."""
    before = isinstance(base.function, str) and KNOWN[base.function].power_before
    return before and isinstance(exponent, Number) and exponent.text.isdigit()


def _operator(function: str | Symbol) -> str:
    """What stands before the brackets of a call."""
    if isinstance(function, Symbol):
        return _name(function)
    row = KNOWN[function]
    sign = row.sign or row.name
    plain = sign.rstrip("₀₁₂₃₄₅₆₇₈₉")
    below = sign.removeprefix(plain).translate(_DIGITS)
    return f"<msub><mi>{plain}</mi><mn>{below}</mn></msub>" if below else f"<mi>{escaped(plain)}</mi>"


_DIGITS: Final = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")


def _name(symbol: Symbol) -> str:
    base = f"<mi>{escaped(symbol.greek or symbol.base)}</mi>"
    if not symbol.subscripts:
        return base
    below = [f"<mn>{each}</mn>" if each.isdecimal() else f"<mi>{escaped(each)}</mi>" for each in symbol.subscripts]
    inner = below[0] if len(below) == 1 else f"<mrow>{'<mo>,</mo>'.join(below)}</mrow>"
    return f"<msub>{base}{inner}</msub>"


def _number(text: str) -> str:
    """A number; with an exponent as a power of ten."""
    mantissa, _, exponent = text.lower().partition("e")
    if not exponent or not re.fullmatch(r"[+-]?[0-9]+", exponent):
        return f"<mn>{escaped(text)}</mn>"
    power = f"<msup><mn>10</mn><mn>{exponent.removeprefix('+').replace('-', '−')}</mn></msup>"
    return power if mantissa == "1" else f"<mrow><mn>{escaped(mantissa)}</mn><mo>·</mo>{power}</mrow>"


# Derivatives.


def _differential(ratio: Ratio, symbol: Symbol, hand: Hand) -> str:
    return f"<mrow>{_sign_of(ratio, hand)}{_name(symbol)}</mrow>"


def _sign_of(ratio: Ratio, hand: Hand) -> str:
    kept = (ratio.of.name, ratio.wrt.name) in hand.edges
    if not ratio.total and (kept or hand.differential == "partial"):
        return "<mi>∂</mi>"
    return '<mi mathvariant="normal">d</mi>' if hand.differential == "upright-d" else "<mi>d</mi>"


def signed(ratio: Ratio, hand: Hand) -> Ratio:
    """The same for text outside of formulas, which knows ∂ and d only: with a d where the hand writes one."""
    keeps = hand.differential == "partial" or (ratio.of.name, ratio.wrt.name) in hand.edges
    return ratio if keeps or ratio.total else replace(ratio, total=True)


def _named(inner: str, ratio: Ratio, hand: Hand) -> str:
    """A bracket with a line below it, and which derivative it is; a brace is as wide as a font happens to have one."""
    above, below = (_differential(ratio, symbol, hand) for symbol in (ratio.of, ratio.wrt))
    return f'<munder><mrow class="known">{inner}</mrow><mrow>{above}<mo>/</mo>{below}</mrow></munder>'
