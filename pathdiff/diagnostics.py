"""What is wrong with an input, as data first and as text afterwards."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where in a text: the line and the column count characters from 1; the end is one past the last."""

    line: int
    column: int
    end: int


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One error: a code that never changes, what happened, where, and what to do about it."""

    code: str
    message: str
    source: str
    """The name of the file, or what stands for it."""
    place: Place | None = None
    line_text: str = ""
    note: str = ""
    hint: str = ""

    def __str__(self) -> str:
        """The error as a person reads it: the source line with the exact span marked below it."""
        lines = [f"error[{self.code}]: {printable(_cut(self.message))}"]
        if self.place is None:
            lines.append(f"  {printable(self.source)}")
        else:
            place, margin = self.place, f"{self.place.line:>4} | "
            lines.append(f"  {printable(self.source)}:{place.line}:{place.column}")
            shown, before, under = _marked(self.line_text, place)
            lines.append(margin + shown)
            lines.append(" " * (len(margin) - 2) + "| " + " " * before + "^" * under)
        if self.note:
            lines.append(f"  note: {printable(_cut(self.note))}")
        if self.hint:
            lines.append(f"  hint: {printable(_cut(self.hint))}")
        return "\n".join(lines)


class InputError(Exception):
    """The input is wrong: carries every diagnostic found in it, in order of place."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        found = list(diagnostics)
        sources = {source: place for place, source in enumerate(dict.fromkeys(d.source for d in found))}
        places = [(sources[d.source], d.place is None, d.place or Place(0, 0, 0)) for d in found]
        self.diagnostics = tuple(d for _, d in sorted(zip(places, found, strict=True), key=lambda pair: pair[0]))
        super().__init__(self.diagnostics)

    def __str__(self) -> str:
        """The errors as a person reads them: the first `SHOWN` of them, and how many more there are."""
        told = [str(diagnostic) for diagnostic in self.diagnostics[:SHOWN]]
        if self.more:
            told.append(f"... and {self.more:,} more error{'s' * (self.more > 1)}")
        return "\n\n".join(told)

    @property
    def more(self) -> int:
        """How many errors are not shown."""
        return max(0, len(self.diagnostics) - SHOWN)


SHOWN = 100
"""How many errors are shown: whoever has more repairs the first ones first."""


def nearest(word: str, known: Iterable[str]) -> str:
    """A hint that names the known word most like this one, whatever its case, or nothing when none is close."""
    from difflib import get_close_matches  # needed for an error only, and --help pays for each import here

    folded: dict[str, str] = {}
    for name in known:
        folded.setdefault(name.casefold(), name)
    close = get_close_matches(word.casefold(), folded, n=1, cutoff=0.5 if len(word) < 4 else 0.6)
    return f"did you mean `{folded[close[0]]}`?" if close else ""


def printable(text: str) -> str:
    """The text with control characters shown rather than obeyed, so that no input drives a terminal."""
    return text if text.isprintable() else "".join(_visible(char) for char in text)


def unseen(char: str) -> bool:
    """Whether a character is not one to be looked at: it controls, formats, turns the direction, or means nothing."""
    return unicodedata.category(char) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def _visible(char: str) -> str:
    if char == "\n" or not unseen(char):
        return char
    return f"\\x{ord(char):02x}" if ord(char) < 256 else f"\\u{ord(char):04x}"


def cell_width(text: str) -> int:
    """How many columns of a terminal the text takes: East Asian wide characters take two, combining ones none."""
    if text.isascii():
        return len(text)
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


LONGEST = 600
"""Of a longer message, note or hint the middle is left out: it quotes what is too long to be read."""


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST // 2]} … {text[-LONGEST // 2 :]}"


WINDOW = 100
"""How many characters of a long source line are shown around the marked place."""


def _marked(line: str, place: Place) -> tuple[str, int, int]:
    """The line as shown, the width before the mark, and the width of the mark."""
    start = place.column - 1
    end = max(place.end - 1, start)
    left = max(0, start - WINDOW // 2) if len(line) > WINDOW else 0
    right = left + WINDOW
    head, tail = ("…" if left else ""), ("…" if right < len(line) else "")

    def shown(part: str) -> str:
        return printable(part.replace("\t", "    "))

    before = cell_width(head + shown(line[left:start]))
    under = max(1, cell_width(shown(line[start : min(end, right)])))
    return head + shown(line[left:right]) + tail, before, under
