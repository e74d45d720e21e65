"""Input text whose every piece knows where it stands."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from pathdiff.diagnostics import Diagnostic, Place


class Source:
    """One input: its name for messages, and its text."""

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.text = text

    @cached_property
    def _line_starts(self) -> list[int]:
        starts = [0]
        for line in self.text.splitlines(keepends=True):
            starts.append(starts[-1] + len(line))
        return starts

    def diagnostic(
        self, code: str, message: str, start: int, end: int, *, note: str = "", hint: str = ""
    ) -> Diagnostic:
        """An error about the characters from `start` up to `end`, which are marked as far as the line goes."""
        start = min(start, len(self.text))
        line = bisect_right(self._line_starts, start)
        if line == len(self._line_starts) > 1 and start == self._line_starts[-1]:
            line -= 1
        first = self._line_starts[line - 1]
        lines = self.text[first : self._line_starts[line] if line < len(self._line_starts) else None].splitlines()
        shown = lines[0] if lines else ""
        column = min(start - first, len(shown)) + 1
        place = Place(line, column, max(column + 1, min(end - first, len(shown)) + 1))
        return Diagnostic(code, message, self.name, place, shown, note, hint)


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

    def slice(self, start: int, end: int) -> Text:
        """A part of it, without the white space around."""
        part = self.value[start:end]
        begin = start + len(part) - len(part.lstrip())
        places = None if self.places is None else self.places[begin : begin + len(part.strip())]
        return Text(part.strip(), self.source, self._place(begin), places)
