"""A right side written out for the grammar of expressions, in each way in which its words can be meant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from pathdiff.claim.brackets import closing, operand_end, with_brackets
from pathdiff.claim.derivatives import derivative_at
from pathdiff.claim.statement import Factor
from pathdiff.claim.vocabulary import Vocabulary
from pathdiff.claim.words import Token, is_word
from pathdiff.source import Text
from pathdiff.syntax import Span, SyntaxProblem

_BETWEEN: Final = "ǀ"
"""Stands between the two names of a derivative while it is read as one; a letter, so that this is a name."""


@dataclass(slots=True)
class SideWords:
    """The words of one right side."""

    words: list[Token]
    end: int
    text: Text
    known: Vocabulary
    open: set[str] = field(default_factory=set)
    """What these words leave open."""

    def __post_init__(self) -> None:
        for other in ({"quotient"}, set[str]()):  # what is left open shows when it is written
            self.written(frozenset(other))

    def written(self, other: frozenset[str]) -> Written:
        """The text of the side for the grammar of expressions, read the `other` way where that is told."""
        return Written(with_brackets(self._factors("quotient" in other), self.known), self, other)

    def _factors(self, quotients: bool) -> list[Token]:
        """The words with each derivative as one of them."""
        found: list[Token] = []
        at = 0
        while at < len(self.words):
            word = self.words[at]
            begins = word.kind in ("partial", "open") or (word.kind == "name" and word.text[0] == "d")
            derivative = derivative_at(self.words, at, self.known) if begins else None
            if derivative is not None and found and word.kind == "open" and self._is_call(found[-1]):
                derivative = None  # sin(dp/dx): the bracket is the function's
            if derivative is not None and derivative.literal:
                self.open.add("quotient")
                derivative = None if quotients else derivative
            if derivative is None:
                found.append(word)
                at += 1
                continue
            end = self.words[derivative.end - 1].end
            found.append(Token("factor", str(derivative.factor), word.start, end, derivative.factor))
            at = derivative.end
        return found

    def _is_call(self, word: Token) -> bool:
        return word.kind == "name" and self.known.name(word.text) is None


class Written:
    """A right side as the grammar of expressions has it, each character with its place in the claim."""

    def __init__(self, words: list[Token], side: SideWords, other: frozenset[str]) -> None:
        self.side, self.known, self.other = side, side.known, other
        self.value: list[str] = []
        self.places: list[int] = []
        self.leaves: dict[str, str | Factor] = {}
        self.shown: dict[str, str] = {}
        self._words = words
        self._tight: list[int] = []
        """Where brackets end that were put around what stands behind a slash."""
        self._write()

    def _put(self, text: str, start: int, end: int) -> None:
        self.value.append(text)
        self.places += [min(start + index, end - 1) for index in range(len(text))]

    def _write(self) -> None:
        words = self._words
        at = 0
        before: Token | None = None
        while at < len(words):
            word = words[at]
            while self._tight and self._tight[-1] == at:
                self._tight.pop()
                self._put(")", word.start, word.start + 1)
            if before is not None and before.ends_value and word.begins_value and not self._calls(before, words, at):
                self._put("*", word.start, word.start + 1)
            if word.kind == "name" and (values := self._own_value(words, at)):
                self._name(word)
                before, at = words[values - 1], values
                continue
            if word.kind == "factor" and word.factor is not None:
                self._factor(word, word.factor)
            elif word.kind == "name":
                self._name(word)
            elif word.kind == "partial":
                hint = "a derivative is ∂p/∂h1, of a node with respect to a name"
                raise SyntaxProblem("syntax", "`∂` begins no derivative here", Span(word.start, word.end), hint)
            else:
                self._put(word.text, word.start, word.end)
                if word.text == "/":
                    self._behind_slash(at)
            before = word
            at += 1
        self._put(")" * len(self._tight), self.side.end - 1, self.side.end)

    def _calls(self, before: Token, words: Sequence[Token], at: int) -> bool:
        """Whether a name before a bracket is a function of what is in it."""
        if before.kind != "name" or words[at].kind != "open":
            return False
        name = self.known.name(before.text)
        if name is None:
            return True
        if not self.known.is_function(before.text):
            return False
        self.side.open.add("call")
        return "call" not in self.other

    def _own_value(self, words: Sequence[Token], at: int) -> int:
        """Where h1(z1, z2) ends, a node with all that it depends on in brackets, which is its value; else 0."""
        node = self.known.spec.nodes.get(self.known.name(words[at].text) or "")
        if node is None or len(node.arguments) < 2 or not is_word(words, at + 1, "open", "("):
            return 0
        place = at + 2
        for index, argument in enumerate(node.arguments):
            if index:
                if not is_word(words, place, "comma", ","):
                    return 0
                place += 1
            if place >= len(words) or words[place].kind != "name" or self.known.name(words[place].text) != argument:
                return 0
            place += 1
        return place + 1 if is_word(words, place, "close", ")") else 0

    def _behind_slash(self, at: int) -> None:
        """Puts brackets around factors side by side behind a slash, where they are to be read so."""
        words, end, factors = self._words, at + 1, 0
        while end < len(words) and (
            words[end].begins_value or words[end].kind == "raised" or is_word(words, end, "sign", "^")
        ):
            factors += words[end].begins_value
            if words[end].kind == "open":
                end = closing(words, end)
            elif is_word(words, end, "sign", "^"):
                end = operand_end(words, end + 1) - 1
            elif words[end].kind == "name" and is_word(words, end + 1, "open", "("):
                node = self.known.name(words[end].text)
                end = end if node else closing(words, end + 1)
            end += 1
        if factors > 1:
            self.side.open.add("tight")
            if "tight" in self.other:
                self._put("(", words[at].start, words[at].end)
                self._tight.append(end)

    def _name(self, word: Token) -> None:
        name = self.known.name(word.text)
        follows_call = name is not None and self.known.is_function(word.text) and "call" not in self.other
        shown = word.text if name is None or follows_call else name
        if name is not None:
            self.leaves[shown] = name
        self._put(shown, word.start, word.end)

    def _factor(self, word: Token, factor: Factor) -> None:
        between = _BETWEEN
        while any(between in name for name in self.known.names):
            between += _BETWEEN
        sign = "d" if factor.sign == "d" else "ð"
        placeholder = f"{sign}{factor.of}{between}{sign}{factor.wrt}"
        self.leaves[placeholder] = factor
        self.shown[placeholder] = str(factor)
        self._put(placeholder, word.start, word.end)

    @property
    def text(self) -> Text:
        """The text, whose every character knows where it comes from."""
        whole = self.side.text
        places = whole.places
        known = [
            whole.start + place if places is None else places[min(place, len(places) - 1)] for place in self.places
        ]
        return Text("".join(self.value), whole.source, whole.start, known or [whole.start])
