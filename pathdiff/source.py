"""Input text whose every piece knows where it stands."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from pathdiff.diagnostics import Diagnostic, Place

LINE_BREAK: Final = re.compile(r"\r\n|\r|\n")
LONGEST_WORDS: Final = 300
"""How many characters of a message are shown: a name of the input may have a million."""


class Source:
    """One input: its name for messages, its text, and what that is in words."""

    def __init__(self, name: str, text: str, what: str = "a spec") -> None:
        self.name = name
        self.text = text
        self.what = what

    @cached_property
    def _line_starts(self) -> list[int]:
        return [0, *(found.end() for found in LINE_BREAK.finditer(self.text))]

    @cached_property
    def _lines(self) -> list[str]:
        return LINE_BREAK.split(self.text)

    def diagnostic(
        self, code: str, message: str, start: int, end: int, *, note: str = "", hint: str = ""
    ) -> Diagnostic:
        """An error about the characters from `start` up to `end`, which are marked as far as the line goes."""
        start = min(start, len(self.text))
        line = bisect_right(self._line_starts, start)
        while start == len(self.text) and line > 1 and not self._lines[line - 1].strip():
            line -= 1  # the end of the text is shown where the last words are
        first, shown = self._line_starts[line - 1], self._lines[line - 1]
        column = min(start - first, len(shown)) + 1
        place = Place(line, column, max(column + 1, min(end - first, len(shown)) + 1))
        return Diagnostic(code, _short(message), self.name, place, shown, _short(note), _short(hint))


def _short(words: str) -> str:
    return words if len(words) <= LONGEST_WORDS else f"{words[: LONGEST_WORDS - 100]}…{words[-99:]}"


@dataclass(frozen=True, eq=False, slots=True)
class Text:
    """A piece of a source: what it says, and for each of its characters the place in the source."""

    value: str
    source: Source
    start: int
    places: Sequence[int] | None = None
    """The place of each character, where they don't simply follow one another from `start`."""

    def problem(
        self, code: str, message: str, start: int = 0, end: int | None = None, *, note: str = "", hint: str = ""
    ) -> Diagnostic:
        """An error about some of its characters, or about all of them."""
        end = len(self.value) if end is None else end
        return self.source.diagnostic(code, message, self._place(start), self._place(end - 1) + 1, note=note, hint=hint)

    def _place(self, index: int) -> int:
        if self.places is None:
            return self.start + index
        if not self.places:
            return self.start
        return self.places[min(max(index, 0), len(self.places) - 1)]

    @property
    def end(self) -> int:
        """Where it ends in the source."""
        return self._place(len(self.value) - 1) + 1

    @property
    def already(self) -> str:
        """A note that this stands somewhere, for what repeats it."""
        place = self.problem("", "").place
        return f"it stands in line {place.line} already" if place else ""

    def slice(self, start: int, end: int) -> Text:
        """A part of it, without the white space around."""
        part = self.value[start:end]
        begin = start + len(part) - len(part.lstrip())
        places = None if self.places is None else self.places[begin : begin + len(part.strip())]
        return Text(part.strip(), self.source, self._place(begin), places)

    @property
    def normal(self) -> Text:
        """The same text in normal form, each of whose characters stands where the first that it is made of does."""
        if normal_form(self.value) == self.value:
            return self
        value, places = "", list[int]()
        for piece in _CLUSTER.finditer(self.value):
            made = normal_form(piece[0])
            value += made
            places += [self._place(min(piece.start() + index, piece.end() - 1)) for index in range(len(made))]
        return Text(value, self.source, self.start, places)


def normal_form(text: str) -> str:
    """Text in which names that look alike are alike: composed (NFC), and wide and narrow forms as the plain ones.

    Python's identifiers are folded further (NFKC), which would make x₁ and x1 the same name.
    """
    if text.isascii():
        return text
    plain = "".join(unicodedata.normalize("NFKC", c) if _is_wide(c) else c for c in text)
    return unicodedata.normalize("NFC", plain)


def _is_wide(char: str) -> bool:
    return "\uff01" <= char <= "\uffef" and unicodedata.decomposition(char).startswith(("<wide>", "<narrow>"))


_CLUSTER: Final = re.compile(r"[^\u0300-\u036f][\u0300-\u036f]*|[\u0300-\u036f]+|.", re.DOTALL)
"""A character with the accents on it."""
