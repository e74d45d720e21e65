"""Lines for a terminal of a given width: boxes side by side, grids, and words, each piece with its tone.

Nothing here knows how a tone looks; the terminal gives it a colour.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from pathdiff.diagnostics import cell_width
from pathdiff.render.text import Box

Tone = int | Literal["", "name", "title", "quiet", "good", "bad", "unsure"]
"""What a piece of text is: about the path of that number, the name of a section, ..."""
NO_BREAK: Final = "\N{NO-BREAK SPACE}"
Fragment = tuple[str, Tone]
Line = tuple[Fragment, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """A box at a column."""

    column: int
    box: Box
    tone: Tone = ""


def rows(cells: Iterable[Cell]) -> list[Line]:
    """Boxes on one baseline, as lines."""
    row = sorted(cells, key=lambda cell: cell.column)
    above = max((cell.box.baseline for cell in row), default=0)
    below = max((len(cell.box.lines) - cell.box.baseline for cell in row), default=1)
    return [_row(row, offset) for offset in range(-above, below)]


def _row(cells: Sequence[Cell], offset: int) -> Line:
    fragments: list[Fragment] = []
    column = 0
    for cell in cells:
        index = offset + cell.box.baseline
        text = cell.box.lines[index] if 0 <= index < len(cell.box.lines) else ""
        if text.strip():
            start = cell.column + len(text) - len(text.lstrip())
            fragments += [(" " * (start - column), ""), (text.strip(), cell.tone)]
            column = start + cell_width(text.strip())
    return stripped(fragments)


def stripped(fragments: Iterable[Fragment]) -> Line:
    """The fragments, those of one tone joined, without space at the end."""
    kept: list[Fragment] = []
    space = ""
    for text, tone in fragments:
        if not text.strip():
            space += text
        elif kept and kept[-1][1] == tone:
            kept[-1] = (kept[-1][0] + space + text, tone)
            space = ""
        else:
            if space:
                kept.append((space, ""))
            kept.append((text, tone))
            space = ""
    if kept:
        kept[-1] = (kept[-1][0].rstrip(), kept[-1][1])
    return tuple(kept)


def plain(line: Line) -> str:
    """A line without its tones."""
    return "".join(text for text, _ in line)


def wrapped(fragments: Iterable[Fragment], width: int, hang: int = 0, indent: int = 0) -> list[Line]:
    """Words filled into lines; the first begins after `indent` columns, others after `hang`. No word is broken.

    A no-break space is a space where no line ends.
    """
    lines: list[Line] = []
    current: list[Fragment] = [(" " * indent, "")]
    column = indent
    for index, word in enumerate(_words(fragments)):
        size = sum(cell_width(text) for text, _ in word)
        if index and column + 1 + size > width:
            lines.append(stripped(current))
            current, column = [(" " * hang, "")], hang
        elif index:
            current.append((" ", ""))
            column += 1
        current += word
        column += size
    return [*lines, stripped(current)]


def _words(fragments: Iterable[Fragment]) -> list[list[Fragment]]:
    """Words, each of one fragment or more."""
    found: list[list[Fragment]] = [[]]
    for text, tone in fragments:
        for index, piece in enumerate(text.split(" ")):
            if index:
                found.append([])
            if piece:
                found[-1].append((piece.replace(NO_BREAK, " "), tone))
    return [word for word in found if word]


Entry = tuple[Box, Tone]
"""What stands in one place of a grid."""


def columns(entries: Sequence[Entry], width: int, gap: int = 5) -> list[Line]:
    """Entries in as many columns as fit, read down each column."""
    for count in range(len(entries), 1, -1):
        height = -(-len(entries) // count)
        split = [entries[start : start + height] for start in range(0, len(entries), height)]
        if len(split) == count and grid_width(split, gap) <= width:
            return grid(split, gap)
    return grid([entries], gap)


def grid_width(split: Sequence[Sequence[Entry]], gap: int = 5) -> int:
    """How wide a grid of these columns is."""
    return sum(max((box.width for box, _ in column), default=0) for column in split) + gap * (len(split) - 1)


def grid(split: Sequence[Sequence[Entry]], gap: int = 5) -> list[Line]:
    """Columns of entries, the rows on one baseline each, tall rows kept apart."""
    starts, start = [], 0
    for column in split:
        starts.append(start)
        start += max((box.width for box, _ in column), default=0) + gap
    lines: list[Line] = []
    tall = False
    for index in range(max(map(len, split), default=0)):
        row = rows(
            Cell(start, *column[index]) for start, column in zip(starts, split, strict=True) if index < len(column)
        )
        lines += [()] * (bool(lines) and (tall or len(row) > 1)) + row
        tall = len(row) > 1
    return lines
