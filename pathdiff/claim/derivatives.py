"""Derivatives among the words of a claim: ∂p/∂x, dp/dx, d(p)/d(x), (dp)/(dx)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pathdiff.claim.statement import Factor
from pathdiff.claim.vocabulary import Vocabulary
from pathdiff.claim.words import Token, is_word


@dataclass(frozen=True, slots=True)
class FoundDerivative:
    """Tokens that are a derivative: which, up to where, and the words that name its two nodes."""

    factor: Factor
    end: int
    of: Token
    wrt: Token
    literal: bool
    """Whether the words are names of the spec themselves, so that it may be a quotient as well."""


def derivative_at(words: Sequence[Token], at: int, known: Vocabulary) -> FoundDerivative | None:
    """The derivative that begins at a token: ∂p/∂x, dp/dx, d(p)/d(x), (dp)/(dx), also within brackets."""
    opened = 0
    while opened < 2 and is_word(words, at + opened, "open", "("):
        opened += 1
    for brackets in range(opened, -1, -1):
        above = _differential(words, at + brackets, known)
        if above is None:
            continue
        end, closed = above[3], 0
        while closed < brackets and is_word(words, end, "close", ")"):
            end, closed = end + 1, closed + 1
        if not is_word(words, end, "sign", "/"):
            continue
        end += 1
        inner = is_word(words, end, "open", "(")
        below = _differential(words, end + inner, known)
        if below is None or below[1] != above[1]:
            continue
        end = below[3]
        if inner and not is_word(words, end, "close", ")"):
            continue
        end += inner
        while closed < brackets and is_word(words, end, "close", ")"):
            end, closed = end + 1, closed + 1
        if closed == brackets:
            factor = Factor(above[0], below[0], above[1])
            return FoundDerivative(factor, end, above[2], below[2], above[4] and below[4])
    return None


def _differential(
    words: Sequence[Token], at: int, known: Vocabulary
) -> tuple[str, Literal["∂", "d"], Token, int, bool] | None:
    """∂p, dp, d p or d(p): the name, the sign, the word that has it, its end, whether it may be read literally."""
    if at >= len(words):
        return None
    first = words[at]
    sign: Literal["∂", "d"] = "∂" if first.kind == "partial" else "d"
    if first.kind == "name" and len(first.text) > 1 and first.text[0] == "d":
        name = known.name(first.text[1:])
        literal = known.name(first.text) is not None
        if name is None and literal:
            return None
        return name or first.text[1:], "d", first, at + 1, literal
    if first.kind != "partial" and not (first.kind == "name" and first.text == "d"):
        return None
    bracket = is_word(words, at + 1, "open", "(")
    place = at + 1 + bracket
    if place >= len(words) or words[place].kind != "name" or (bracket and not is_word(words, place + 1, "close", ")")):
        return None
    word = words[place]
    literal = sign == "d" and "d" in known.names and known.name(word.text) is not None
    return known.name(word.text) or word.text, sign, word, place + 1 + bracket, literal
