"""Names and texts as LaTeX source, made harmless.

What a spec says reaches TeX through `letters` and `text` only, and these let nothing through but ASCII letters and
digits and what stands in their own tables: everything else becomes its code point, U+4E2D. Output is ASCII.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from pathdiff.names import GREEK, Symbol

SMALL: Final = 0.78
"""How wide a subscript or an exponent is, compared with the same on the line."""


@dataclass(frozen=True, slots=True)
class Box:
    """LaTeX source and the width of what it gives, in em of the document's font, estimated from Computer Modern."""

    source: str
    width: float
    tall: bool = False
    """Whether brackets around it have to grow."""
    word: bool = False
    """Whether a factor beside it needs a thin space."""


# Names.

_GREEK: Final[dict[str, str]] = {
    **{word: rf"\{word}" for word in GREEK},
    "omicron": "o", "Alpha": r"\mathrm{A}", "Beta": r"\mathrm{B}", "Epsilon": r"\mathrm{E}", "Zeta": r"\mathrm{Z}",
    "Eta": r"\mathrm{H}", "Iota": r"\mathrm{I}", "Kappa": r"\mathrm{K}", "Mu": r"\mathrm{M}", "Nu": r"\mathrm{N}",
    "Omicron": r"\mathrm{O}", "Rho": r"\mathrm{P}", "Tau": r"\mathrm{T}", "Chi": r"\mathrm{X}",
}  # fmt: skip
"""The Greek letters by their English names; TeX has no command for those that look like Latin ones."""
_LETTERS: Final[dict[str, str]] = {
    **{letter: _GREEK[word] for word, letter in GREEK.items()},
    **{letter: f"_{{{digit}}}" for digit, letter in enumerate("₀₁₂₃₄₅₆₇₈₉")},
    "_": r"\_", "ε": r"\varepsilon", "ϵ": r"\epsilon", "φ": r"\varphi", "ϕ": r"\phi", "ϑ": r"\vartheta",
    "ς": r"\varsigma", "ϱ": r"\varrho", "ϖ": r"\varpi",
    "µ": r"\mu", "ℓ": r"\ell", "ℏ": r"\hbar", "ı": r"\imath", "ȷ": r"\jmath", "′": "'",
    "ß": r"\text{\ss}", "æ": r"\text{\ae}", "Æ": r"\text{\AE}", "œ": r"\text{\oe}", "Œ": r"\text{\OE}",
    "ø": r"\text{\o}", "Ø": r"\text{\O}", "ł": r"\text{\l}", "Ł": r"\text{\L}",
}  # fmt: skip
"""Letters that are not ASCII, in math mode."""

_ACCENTS: Final = {
    "\u0300": (r"\grave", r"\`"), "\u0301": (r"\acute", r"\'"), "\u0302": (r"\hat", r"\^"),
    "\u0303": (r"\tilde", r"\~"), "\u0304": (r"\bar", r"\="), "\u0306": (r"\breve", r"\u"),
    "\u0307": (r"\dot", r"\."), "\u0308": (r"\ddot", r'\"'), "\u030a": (r"\mathring", r"\r"),
    "\u030c": (r"\check", r"\v"), "\u0305": (r"\overline", r"\="), "\u0332": (r"\underline", r"\b"),
}  # fmt: skip
"""Combining accents, in math mode and in text."""
_DOTLESS: Final = {"i": (r"\imath", r"\i"), "j": (r"\jmath", r"\j")}


@lru_cache(4096)
def name(symbol: Symbol) -> Box:
    """A name of the spec with its subscripts."""
    return _with_subscripts(symbol, letters(symbol.base, symbol.as_typed))


def function_name(symbol: Symbol) -> Box:
    """A name of the spec as that of a function, which keeps its distance where it is a word."""
    base = letters(symbol.base, symbol.as_typed)
    if base.word:
        base = Box(rf"\operatorname{{{word(symbol.base).source}}}", base.width)
    return _with_subscripts(symbol, base)


def _with_subscripts(symbol: Symbol, base: Box) -> Box:
    if not symbol.subscripts:
        return base
    below = [letters(each) for each in symbol.subscripts]
    width = base.width + SMALL * (sum(each.width for each in below) + 0.28 * (len(below) - 1)) + 0.05
    return Box(f"{base.source}_{{{','.join(each.source for each in below)}}}", width, word=base.word)


def letters(told: str, as_typed: bool = False) -> Box:
    """A part of a name: a Greek letter by its name, one letter, digits, or a word, which stands upright."""
    if told in GREEK and not as_typed:
        return Box(_GREEK[told], 0.6)
    stem = told.rstrip("′")
    if stem and stem != told:
        inner, primes = letters(stem), len(told) - len(stem)
        return Box(f"{{{inner.source}{chr(39) * primes}}}", inner.width + 0.3 * primes, word=inner.word)
    upright = word(told)
    if _is_one_letter(told) or (told.isascii() and told.isdigit()):
        return replace(upright, word="U+" in upright.source)
    return Box(rf"\mathrm{{{upright.source}}}", upright.width, word=True)


def _is_one_letter(told: str) -> bool:
    return len(list(_clusters(told))) == 1


def word(told: str) -> Box:
    """Letters side by side, in math mode; a command that a letter follows ends in a space."""
    pieces = [_letter(letter, accents) for letter, accents in _clusters(told)]
    source = re.sub(r"(\\[A-Za-z]+)\0(?=[A-Za-z])", r"\1 ", "\0".join(pieces)).replace("\0", "")
    source = re.sub(r"(?:_\{\d\})+", lambda match: "_{" + re.sub(r"\D", "", match[0]) + "}", source)
    return Box(source, sum(map(_width_of, pieces)))


def _letter(letter: str, accents: str) -> str:
    source = letter if letter.isascii() and letter.isalnum() else _LETTERS.get(letter, "")
    if not source or any(accent not in _ACCENTS for accent in accents):
        return _code_points(letter + accents)
    return _accented(_DOTLESS[letter][0] if accents and letter in _DOTLESS else source, accents)


def _accented(source: str, accents: str) -> str:
    for accent in accents:
        source = f"{_ACCENTS[accent][0]}{{{source}}}"
    return source


def _clusters(told: str) -> Iterator[tuple[str, str]]:
    """Each character with the accents on it."""
    for match in re.finditer(r"(.)([\u0300-\u036f]*)", unicodedata.normalize("NFC", told), re.DOTALL):
        apart = unicodedata.normalize("NFD", match[1])
        if apart[1:] and all(accent in _ACCENTS for accent in apart[1:]):
            yield apart[0], apart[1:] + match[2]
        else:
            yield match[1], match[2]


def _code_points(told: str) -> str:
    """What stands for characters that LaTeX has no sign for."""
    return "".join(rf"\texttt{{U+{ord(letter):04X}}}" for letter in unicodedata.normalize("NFC", told))


def _width_of(piece: str) -> float:
    if len(piece) > 1:
        return 3.2 if "U+" in piece else 0.65
    return 0.38 if piece in "ijlrst" else 0.8 if piece.isupper() or piece in "mw" else 0.55


# Texts.

_IN_TEXT: Final = {
    **{letter: letter for letter in " .,:;!?()/*+=@'-"},
    **dict.fromkeys("\n\r\t\f\v\u2028\u2029", " "),
    **{letter: f"$^{{{digit}}}$" for digit, letter in enumerate("⁰¹²³⁴⁵⁶⁷⁸⁹")},
    **{letter: f"$_{{{digit}}}$" for digit, letter in enumerate("₀₁₂₃₄₅₆₇₈₉")},
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"$\mathdollar$", "&": r"\&", "#": r"\#", "%": r"\%",
    "_": r"\_", "^": r"\textasciicircum{}", "~": r"\textasciitilde{}", '"': r"\textquotedblright{}", "`": "{}`",
    "<": "$<$", ">": "$>$", "|": "$|$", "[": "{[}", "]": "{]}", "\u00a0": "~", "\u2009": r"\,", "\u202f": r"\,",
    "–": r"\textendash{}", "—": r"\textemdash{}", "…": r"\dots{}", "§": r"$\mathsection$",
    "‘": "{}`", "’": "'", "“": r"\textquotedblleft{}", "”": r"\textquotedblright{}",
    "−": "$-$", "·": r"$\cdot$", "×": r"$\times$", "÷": r"$\div$", "±": r"$\pm$", "∂": r"$\partial$", "√": r"$\surd$",
    "≤": r"$\leq$", "≥": r"$\geq$", "≠": r"$\neq$", "≈": r"$\approx$", "∞": r"$\infty$", "∈": r"$\in$",
    "→": r"$\to$", "←": r"$\leftarrow$", "↦": r"$\mapsto$", "∑": r"$\sum$", "∏": r"$\prod$", "⁻": "$^{-}$",
    "✓": r"$\surd$", "✗": r"$\times$", "°": r"$^{\circ}$", "′": "$'$", "ı": r"{\i}", "ȷ": r"{\j}",
}  # fmt: skip
"""Characters of a text that are not ASCII letters or digits, in text mode, all from the fonts that TeX always has."""


def text(told: str) -> str:
    r"""Any text in one line of text mode, as it reads; nothing in it is a command.

    >>> text(r"100 % of \input{x}")
    '100 \\% of \\textbackslash{}input\\{x\\}'
    """
    pieces = "".join(_text_piece(letter, accents) for letter, accents in _clusters(told))
    joined = pieces.replace("$$", "")  # one formula rather than two side by side
    return joined.replace("--", "-{}-").replace("''", "'{}'")


def _text_piece(letter: str, accents: str) -> str:
    plain = letter.isascii() and letter.isalpha()
    if any(accent not in _ACCENTS for accent in accents) or (accents and not plain):
        return _code_points(letter + accents)
    if len(accents) > 1:
        return "$" + _accented(rf"\mathrm{{{letter}}}", accents) + "$"
    if accents:
        return f"{_ACCENTS[accents][1]}{{{_DOTLESS[letter][1] if letter in _DOTLESS else letter}}}"
    if letter in _IN_TEXT or (letter.isascii() and letter.isalnum()):
        return _IN_TEXT.get(letter, letter)
    inner = _LETTERS.get(letter, "")
    return f"{{{inner[6:-1]}}}" if inner.startswith(r"\text{") else f"${inner}$" if inner else _code_points(letter)
