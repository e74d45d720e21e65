"""The words of a claim: what was typed, plain, as tokens that know where they stand."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from pathdiff.claim.statement import Factor
from pathdiff.grammar import NAME_PATTERN, NUMBER_PATTERN, PASTED
from pathdiff.syntax import Span, SyntaxProblem

Kind = Literal["number", "name", "partial", "open", "close", "sign", "raised", "comma", "equals", "factor", "other"]

PRIMES: Final = "'′″ʹ’"
SPACE: Final = " \t\r\n\f\u00a0\u2009\u202f\u200b\u2061\u2062"
_TOKEN: Final = re.compile(
    rf"(?P<number>{NUMBER_PATTERN})|(?P<partial>[∂𝜕𝛛𝝏])|(?P<name>{NAME_PATTERN})|(?P<raised>[⁺⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+)"
    r"|(?P<sign>\*\*|[-+*/^])|(?P<open>[(\[])|(?P<close>[)\]])|(?P<comma>,)|(?P<equals>=)|(?P<other>.)",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Token:
    """A word or a sign of a claim, from `start` up to `end` in its text."""

    kind: Kind
    text: str
    start: int
    end: int
    factor: Factor | None = None
    """The derivative that it is."""

    @property
    def ends_value(self) -> bool:
        """Whether a value may end here."""
        return self.kind in ("number", "name", "close", "raised", "factor")

    @property
    def begins_value(self) -> bool:
        """Whether a value may begin here."""
        return self.kind in ("number", "name", "open", "factor", "partial")


def plain_words(text: str) -> list[Token]:
    """The tokens of a plain text, in which brackets may be square and |x| is abs(x). Raises SyntaxProblem.

    Cost O(length).
    """
    found: list[Token] = []
    bars = Bars()
    for match in _TOKEN.finditer(text.translate(PASTED)):
        kind, start, end = match.lastgroup, *match.span()
        word = match[0]
        if word in SPACE:
            continue
        if word == "|":
            bars.meet(found, start)
            continue
        if word in PRIMES:
            raise no_primes(Span(start, end))
        if kind == "sign" and word == "**":
            word = "^"
        elif kind in ("open", "close"):
            word = "(" if kind == "open" else ")"
        elif kind == "other":
            word = text[start:end]
        found.append(Token(kind, word, start, end))  # type: ignore[arg-type]  # the groups are the kinds
    return found


def no_primes(span: Span) -> SyntaxProblem:
    """The error that a derivative is written with a prime, which doesn't say with respect to what it is."""
    hint = "write df/dx for f'(x), and cos(x) for sin'(x)"
    return SyntaxProblem("unknown-sign", "a claim has no primes", span, hint)


class Bars:
    """The bars of absolute values: one ends a value where one is open and a value stands before it, else it opens."""

    def __init__(self) -> None:
        self._open = 0

    def meet(self, found: list[Token], at: int) -> None:
        """Adds to the tokens what the bar at a place is."""
        if self._open and found[-1].ends_value:
            self._open -= 1
            found.append(Token("close", ")", at, at + 1))
        else:
            self._open += 1
            found += [Token("name", "abs", at, at + 1), Token("open", "(", at, at + 1)]


def is_word(words: Sequence[Token], at: int, kind: str, text: str) -> bool:
    """Whether a token of this kind and text stands at a place."""
    return at < len(words) and words[at].kind == kind and words[at].text == text
