"""Formulas written from left to right into lines, which break where a reader would break them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pathdiff.diagnostics import cell_width
from pathdiff.notation import Apply, Brackets, Fraction, Known, Math, Raised, Row, Sign, Term, is_sum
from pathdiff.render.terminal.layout import Cell, Line, Tone, rows
from pathdiff.render.text import (
    UNICODE,
    Box,
    Style,
    box,
    brackets,
    centred,
    function_name,
    line,
    mark,
    pieces,
    slashed,
)

NARROW: Final = 24
"""A bracket with less room than this to its right has its lines begin where the ones outside begin."""


@dataclass(frozen=True, slots=True)
class Note:
    """What stands below a part of a line, between two columns: the mark of a path, or the name of a bracket."""

    start: int
    end: int
    text: str
    tone: Tone = ""
    braced: bool = False


class Pen:
    """Writes on a sheet of a width: a sum breaks before a sign, a product before a factor.

    A bracket that is wider than the sheet breaks within, and what is in it is aligned. Below a term stands the
    mark of its path, and below a bracket that is a stage of a sweep the name of that.
    """

    def __init__(self, width: int, style: Style = UNICODE) -> None:
        self.width = width
        self.style = style
        self.stacked = False
        """Whether fractions take three lines."""
        self.marks = True
        """Whether the marks of paths are written."""
        self.column = 0
        self._lines: list[Line] = []
        self._cells: list[Cell] = []
        self._notes: list[Note] = []
        self._crowded = False

    @property
    def lines(self) -> list[Line]:
        """All that is written."""
        if self._cells:
            self.newline()
        return self._lines

    def newline(self, indent: int = 0) -> None:
        """Ends the line. A tall one keeps apart from what is above it."""
        done, notes = rows(self._cells), _note_rows(self._notes, self.style)
        tall = len(done) > 1
        if tall and self._crowded:
            self._lines.append(())
        self._crowded = not notes
        self._lines += done + notes
        self._cells, self._notes, self.column = [], [], indent

    def write(self, text: str | Box, tone: Tone = "") -> None:
        """Writes on the line, wherever that ends."""
        shown = Box((text,)) if isinstance(text, str) else text
        self._cells.append(Cell(self.column, shown, tone))
        self.column += shown.width

    def fits(self, math: Math, room: int = 0) -> bool:
        """Whether the line has the room for all of it, and for what follows."""
        return self._width(math) + room <= self.width - self.column

    def put(self, math: Math, indent: int, room: int = 0, tone: Tone = "") -> None:
        """Writes mathematics, further lines from column `indent` on; the last one leaves `room` for what follows."""
        fits = self.fits(math, room)
        if not fits and self.column > indent and self._width(math) + room <= self.width - indent:
            self.newline(indent)
            fits = True
        match math:
            case Term(number, inner):
                start = self._place()
                self.put(inner, indent, room, number)
                self._note(start, mark(number, self.style) if self.marks else "", number)
            case Known(inner, known):
                start = self._place()
                self.put(inner, indent, room, tone)
                self._note(start, line(known, self.style), tone, braced=True)
            case Row(items) if fits and _annotated(math):
                for piece in pieces(items, self.style):
                    if isinstance(piece, str):
                        self.write(piece, tone)
                    else:
                        self.put(piece, indent, 0, tone)
            case Brackets(inner, "round") if not fits or _annotated(math):
                left, right = brackets(self._render(inner) if fits else Box(("",)), self.style)
                self.write(left, tone)
                self.put(inner, self._inside(indent), room + 1, tone)
                self.write(right, tone)
            case _ if fits:
                self.write(self._render(math), tone)
            case _:
                self._in_parts(math, indent, room, tone)

    def _in_parts(self, math: Math, indent: int, room: int, tone: Tone) -> None:
        """Writes what is too wide for the line."""
        match math:
            case Fraction() if not self.stacked:
                above, below = slashed(math)
                self.put(above, indent, room + 1 + self._width(below), tone)
                self.write("/", tone)
                self.put(below, self._inside(indent), room, tone)
            case Apply(function, arguments):
                self.write(function_name(function, self.style) + "(", tone)
                inside = self._inside(indent)
                for index, argument in enumerate(arguments):
                    self.write(", " * bool(index), tone)
                    self.put(argument, inside, room + 1, tone)
                self.write(")", tone)
            case Raised(Brackets() as base):
                power = line(math, self.style).removeprefix(line(base, self.style))
                self.put(base, indent, room + cell_width(power), tone)
                self.write(power, tone)
            case Row((Sign(before=True) as sign, *rest)) if not is_sum(math):
                self.write(line(sign, self.style), tone)
                self.put(rest[0] if len(rest) == 1 else Row(tuple(rest)), indent, room, tone)
            case Row():
                self._broken(math, indent, room, tone)
            case _:
                self._words(math, indent, room, tone)

    def _place(self) -> tuple[int, int]:
        return len(self._lines), self.column

    def _note(self, start: tuple[int, int], text: str, tone: Tone, *, braced: bool = False) -> None:
        """A note below what was written since; below the last line of it where there are several."""
        if text and self._cells:
            column = start[1] if start[0] == len(self._lines) else min(start[1], self._cells[0].column)
            self._notes.append(Note(column, self.column, text, tone, braced))

    def _width(self, math: Math) -> int:
        return self._render(math).width

    def _inside(self, indent: int) -> int:
        """Where lines begin within a bracket that was just opened: after it, unless that is too far to the right."""
        return self.column if self.width - self.column >= NARROW else indent

    def _render(self, math: Math) -> Box:
        return box(math, self.style) if self.stacked else Box((line(math, self.style),))

    def _broken(self, row: Row, indent: int, room: int, tone: Tone) -> None:
        """Writes a sum or a product part by part. What follows a term of several lines begins on a new one.

        A bracket that fits no line begins where the last part ends, if that isn't far to the right, and keeps beside
        it what is short and belongs to it.
        """
        of_terms = is_sum(row)
        parts = _terms(row, self.style) if of_terms else _factors(row, self.style)
        widths = [cell_width(sign) + self._render(part).width for sign, part in parts]
        third = (self.width - indent) // 3
        apart = False
        for index, (sign, part) in enumerate(parts):
            rest = 0 if of_terms else sum(widths[index + 1 :])
            after = room if index == len(parts) - 1 else rest + room if rest + room < third else 0
            within = not of_terms and _splits(part) and self.column - indent < third
            within = within and indent + widths[index] + after > self.width
            if index and (apart or self.column + widths[index] + after > self.width) and not within:
                self.newline(indent)
                sign = sign.lstrip()
            self.write(sign, tone)
            lines_before = len(self._lines)
            self.put(part, self.column if of_terms else indent, after, tone)
            apart = len(self._lines) > lines_before and (of_terms or not _splits(part))

    def _words(self, math: Math, indent: int, room: int, tone: Tone) -> None:
        """Writes what can be broken at its spaces only."""
        told = line(math, self.style).split(" ")
        for index, word in enumerate(told):
            needed = cell_width(word) + bool(index) + (room if index == len(told) - 1 else 0)
            if self.column > indent and self.column + needed > self.width:
                self.newline(indent)
            elif index:
                self.write(" ", tone)
            self.write(word, tone)


def _terms(row: Row, style: Style) -> list[tuple[str, Math]]:
    """The terms of a sum, each after its sign."""
    parts: list[tuple[str, list[Math]]] = [("", [])]
    for item in row.items:
        if isinstance(item, Sign) and item.text in "+−" and not item.before:
            parts.append((line(item, style), []))
        else:
            parts[-1][1].append(item)
    return [(sign, items[0] if len(items) == 1 else Row(tuple(items))) for sign, items in parts]


def _factors(row: Row, style: Style) -> list[tuple[str, Math]]:
    """The factors of a product, each after the dot or the space before it."""
    parts: list[tuple[str, Math]] = []
    between = ""
    for piece in pieces(row.items, style):
        if isinstance(piece, str):
            between = piece
        else:
            parts.append((between, piece))
    return parts


def _annotated(math: Math) -> bool:
    """Whether something in it gets a note below."""
    match math:
        case Row(items):
            return any(map(_annotated, items))
        case Brackets(inner):
            return _annotated(inner)
        case _:
            return isinstance(math, Term | Known)


def _splits(math: Math) -> bool:
    """Whether it is a bracket, which can be broken within."""
    return isinstance(math, Brackets) or (isinstance(math, Known) and _splits(math.inner))


def _note_rows(notes: Sequence[Note], style: Style) -> list[Line]:
    """Notes as lines, those of inner brackets above those of outer ones."""
    found: list[list[Note]] = []
    for note in sorted(notes, key=lambda note: note.end - note.start):
        taken = [level for level, others in enumerate(found) if any(_overlap(note, other) for other in others)]
        level = taken[-1] + 1 if taken else 0
        found += [[]] * (level == len(found))
        found[level] = [*found[level], note]
    return [rows(Cell(n.start, Box((_note_text(n, style),)), n.tone) for n in others)[0] for others in found]


def _overlap(one: Note, other: Note) -> bool:
    return one.start < other.end and other.start < one.end


def _note_text(note: Note, style: Style) -> str:
    width = note.end - note.start
    if not note.braced or width < cell_width(note.text) + 4:
        return centred(note.text, max(width, cell_width(note.text)))
    left, bar, right = "\\-/" if style.ascii else "└─┘"
    space = width - cell_width(note.text) - 4
    return f"{left}{bar * (space // 2)} {note.text} {bar * (space - space // 2)}{right}"


def equation(
    left: Math, rights: Sequence[Math], width: int, style: Style = UNICODE, *, stacked: bool = True, marks: bool = True
) -> list[Line]:
    """A chain left = right = right ..., its equals signs below each other; stacked where every term fits a line.

    The marks of paths stand below the first right side only.
    """
    if not rights:
        return []
    pen = Pen(width, style)
    pen.marks = marks
    pen.stacked = stacked and fits_stacked(left, rights[0], width, style)
    pen.put(left, 0)
    signs = pen.column + 1
    if signs > width // 2:
        pen.newline(signs := 2)
    for index, right in enumerate(rights):
        if index:
            pen.newline(signs)
            pen.stacked = stacked and fits_stacked(left, right, width, style)
            pen.marks = False
        pen.write("= " if pen.column == signs else " = ")
        pen.put(right, signs + 2)
    return pen.lines


def fits_stacked(left: Math, right: Math, width: int, style: Style) -> bool:
    """Whether there is something to stack, and each term fits a line then."""
    room = width - min(box(left, style).width + 3, width // 2)
    terms = [term for _, term in _terms(right, style)] if isinstance(right, Row) and is_sum(right) else [right]
    return all(box(term, style).width + 2 <= room for term in terms)
