"""How wide a text is, at least as wide as any common font makes it: nobody knows which one a viewer has."""

from __future__ import annotations

import unicodedata
from typing import Final

from pathdiff.render.picture.geometry import NOTHING, Size

LINE: Final = 1.25
"""How high a line is, by the size of its letters."""
# In em, as DejaVu Sans and Verdana have them, which are the widest of the usual sans-serif fonts.
_WIDTHS: Final = {
    **dict.fromkeys("ijl|!'`.,:;", 0.41), **dict.fromkeys("ftrI()[]/\\- ", 0.46),
    **dict.fromkeys("mwMW@%—", 1.0), **dict.fromkeys("QOGCDHNU&", 0.85), **dict.fromkeys("+−=<>~≤≥≈×·", 0.85),
    **dict.fromkeys("ωψφΩΦΨϕ", 0.9), **dict.fromkeys("₀₁₂₃₄₅₆₇₈₉⁰¹²³⁴⁵⁶⁷⁸⁹⁻₊ⁿ", 0.46), **dict.fromkeys("→⇒⋯…", 1.02),
}  # fmt: skip
_LETTER: Final = 0.66
_CAPITAL: Final = 0.75
_OTHER: Final = 1.05
_BOLD: Final = 1.12


def width(text: str, size: float, *, bold: bool = False) -> float:
    """The width of a text on one line."""
    return sum(map(_width, text)) * size * (_BOLD if bold else 1)


def _width(char: str) -> float:
    if unicodedata.combining(char):
        return 0
    known = _WIDTHS.get(char)
    if known is not None:
        return known
    code = ord(char)
    if char.isupper() and code < 0x500:
        return _CAPITAL
    return _LETTER if code < 0x500 or char in "∂√" else _OTHER


def text_size(text: str, size: float, *, bold: bool = False) -> Size:
    """The room of a text on one line; none for no text."""
    return Size(width(text, size, bold=bold), size * LINE) if text else NOTHING
