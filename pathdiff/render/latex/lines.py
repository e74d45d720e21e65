"""Formulas as lines of an `align*`, none wider than the page: broken between terms, then between factors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from pathdiff.notation import Apply, Brackets, Fraction, Known, Math, Number, Raised, Row, Sign, Space, Term, is_sum
from pathdiff.render.latex.letters import SMALL, Box
from pathdiff.render.latex.math import (
    SCRIPT,
    Hand,
    between,
    box,
    enclosed,
    named,
    operator,
    row,
    sign,
    with_commas,
)

PAGE: Final = 32.5
"""The width of a line in em: the text of an `article` is 34.5 em wide, and widths are estimates."""
TALLEST: Final = 6
"""How many lines a bracket may have in itself."""
DEEPEST: Final = 4
"""How deep such brackets may nest."""
_QUAD: Final = 1.0
_NOTHING: Final = Box("", 0)


@dataclass(frozen=True, slots=True)
class _Piece:
    """A part of a formula that stands on one line if it can, with what opens and closes around it."""

    formula: Math | Box
    joint: Sign | Space | None = None
    """What stands between the piece before and this one."""
    opening: Box = _NOTHING
    closing: Box = _NOTHING
    depth: int = 0
    """In how many brackets it is, or parts of torn terms: so far a new line begins to the right."""
    is_term: bool = False
    """Whether it is a term of a sum; such a one shares no line with others where it takes several."""


def broken(formula: Math, hand: Hand, first: float, rest: float, level: int = 0) -> list[str]:
    """The lines of a formula, the first as wide as `first` at most, the others, indented, as `rest`.

    As few lines as may be, and then of about the same length. `level` tells in how many brackets of lines the formula
    is: those further in are filled once, lest every level multiply the work.
    """
    lines, torn = _filled(formula, hand, first, rest, level)
    best = lines
    for tenths in range(9, 4, -1) if len(lines) > 1 and level < 2 else ():
        narrow, torn_more = _filled(formula, hand, first * tenths / 10, rest * tenths / 10, level)
        if _height(narrow) > _height(lines) or torn_more > torn:
            break
        best = narrow
    return best


def _height(lines: Sequence[str]) -> int:
    """How many lines there are, those within brackets too."""
    return sum(1 + line.count(r" \\ ") for line in lines)


def _filled(formula: Math, hand: Hand, first: float, rest: float, level: int) -> tuple[list[str], int]:
    """The lines, and how many pieces had to be torn apart."""
    page = _Page(hand, first, rest, level)
    page.put(_Piece(formula))
    return page.lines, page.torn


@dataclass(slots=True)
class _Page:
    """Lines as they fill with pieces."""

    hand: Hand
    first: float
    rest: float
    level: int
    lines: list[str] = field(default_factory=lambda: [""])
    used: float = 0
    torn: int = 0
    last: Box = _NOTHING
    ended: bool = False
    """Whether the next term has to begin a line."""

    def put(self, piece: _Piece) -> None:
        """Sets a piece where it fits: on this line, else on a new one, else torn into its parts."""
        inner = piece.formula if isinstance(piece.formula, Box) else box(piece.formula, self.hand)
        if self.ended and piece.is_term:
            self._begin_line(piece)
        joint = self._joint(piece, inner)
        width = piece.opening.width + inner.width + piece.closing.width
        room = self.first if len(self.lines) == 1 else self.rest - _indent(piece)
        if self.used + joint.width + width <= room:
            self._write(joint, piece, inner)
            return
        longest = self.rest - _indent(piece)
        parts = list(_parts(piece, self.hand, longest, self.level)) if joint.width + width > longest else []
        if self.used and (not parts or (piece.is_term and piece.joint)):
            self._begin_line(piece)
            joint = self._joint(piece, inner)
        if not parts:
            self._write(joint, piece, inner)
            return
        self.torn += 1
        for part in parts:
            self.put(part)
        self.ended = piece.is_term

    def _joint(self, piece: _Piece, inner: Box) -> Box:
        """What stands before a piece: at the beginning of a line a product shows its dot."""
        if isinstance(piece.joint, Space):
            return sign(Sign("·")) if self.used == 0 else between(self.last, inner)
        return sign(piece.joint) if piece.joint else _NOTHING

    def _begin_line(self, piece: _Piece) -> None:
        self.lines.append(r"\quad" * (1 + piece.depth))
        self.used = 0
        self.ended = False

    def _write(self, joint: Box, piece: _Piece, inner: Box) -> None:
        boxes = (joint, piece.opening, inner, piece.closing)
        source = "".join(each.source for each in boxes)
        gap = " " if self.lines[-1] and not source.startswith(" ") and not self.lines[-1].endswith(" ") else ""
        self.lines[-1] += gap + source
        self.used += sum(each.width for each in boxes)
        self.last = inner


def _indent(piece: _Piece) -> float:
    return _QUAD * piece.depth


def _parts(piece: _Piece, hand: Hand, longest: float, level: int) -> Iterator[_Piece]:
    """The parts of a piece that is too long for a line, in order; none where it has no place to break."""
    if isinstance(piece.formula, Box):
        return
    room = longest - piece.opening.width - piece.closing.width - 1.3
    stacked = _with_bracket_of_lines(piece.formula, hand, room, level + 1)
    parts = [_Piece(stacked)] if stacked else _torn(piece.formula, hand)
    for index, part in enumerate(parts):
        if index == 0:
            opening = _together(piece.opening, part.opening)
            part = replace(part, joint=piece.joint, opening=opening)
        elif piece.is_term and isinstance(part.joint, Space | Sign):
            part = replace(part, depth=part.depth + 1)
        if index == len(parts) - 1:
            part = replace(part, closing=_together(part.closing, piece.closing))
        yield replace(part, depth=part.depth + piece.depth)


def _together(left: Box, right: Box) -> Box:
    return Box(left.source + right.source, left.width + right.width)


def _with_bracket_of_lines(formula: Math, hand: Hand, longest: float, level: int) -> Box | None:
    """A product as wide as told, its widest bracket having several lines in itself; None where that doesn't serve."""
    items = formula.items if isinstance(formula, Row) and not is_sum(formula) else (formula,)
    sums = [item for item in items if _bracketed_sum(item)]
    if not sums:
        return None
    widest = max(sums, key=lambda item: box(item, hand).width)
    others = row([_NOTHING if item is widest else item for item in items], hand)
    room = longest - others.width - 2
    if room < longest / 2 or level > DEEPEST or box(widest, hand).width > TALLEST * room:
        return None
    stacked = _bracket_of_lines(widest, hand, room, level)
    return stacked and row([stacked if item is widest else item for item in items], hand)


def _bracketed_sum(item: Math) -> Row | None:
    inner = item.inner if isinstance(item, Known) else item
    found = inner.inner if isinstance(inner, Brackets) else None
    return found if isinstance(found, Row) and is_sum(found) else None


def _bracket_of_lines(item: Math, hand: Hand, room: float, level: int) -> Box | None:
    inner = _bracketed_sum(item)
    assert inner is not None
    lines = broken(inner, hand, room, room - _QUAD, level)
    if len(lines) > TALLEST:
        return None
    body = r" \\ ".join(f"&{line}" for line in lines)
    whole = enclosed(Box(rf"\begin{{aligned}}{body}\end{{aligned}}", room, tall=True))
    return named(whole, item.name, hand) if isinstance(item, Known) and hand.braces else whole


def _torn(formula: Math, hand: Hand) -> Sequence[_Piece]:
    match formula:
        case Term(_, inner) | Known(inner, _):
            return [_Piece(inner)]
        case Row():
            return _row_parts(formula)
        case Brackets(inner, shape):
            return [_bracketed(inner, hand, shape)]
        case Apply(function, arguments):
            return [_bracketed(Row(with_commas(arguments)), hand, before=operator(function))]
        case Raised(Brackets(inner, shape), exponent):
            raised = box(exponent, hand, SCRIPT)
            return [_bracketed(inner, hand, shape, after=Box(f"^{{{raised.source}}}", SMALL * raised.width))]
        case Fraction(above, below) if above != Number("1"):
            factors = above.items if isinstance(above, Row) and not is_sum(above) else (Brackets(above),)
            return [_Piece(Row((Fraction(Number("1"), below), Space(), *factors)))]
        case _:
            return []


_TALL: Final = {("round", False): r"\bigl( \bigr)", ("round", True): r"\biggl( \biggr)",
                ("bars", False): r"\bigl\lvert \bigr\rvert", ("bars", True): r"\biggl\lvert \biggr\rvert"}  # fmt: skip


def _bracketed(inner: Math, hand: Hand, shape: str = "round", before: Box = _NOTHING, after: Box = _NOTHING) -> _Piece:
    """What stands in brackets that open on one line and close on another, so that they cannot grow by themselves."""
    left, right = (f"{side} " for side in _TALL[shape, box(inner, hand).tall].split())
    opening, closing = _together(before, Box(left, 0.8)), _together(Box(right.rstrip(), 0.8), after)
    return _Piece(inner, None, opening, closing, 1)


def _row_parts(whole: Row) -> list[_Piece]:
    """The terms of a sum, or the factors of a product, or the arguments of a call."""
    of_terms = is_sum(whole)
    pieces: list[tuple[Sign | Space | None, list[Math]]] = [(None, [])]
    for item in whole.items:
        if isinstance(item, Space if not of_terms else ()) or (
            isinstance(item, Sign) and not item.before and item.text in ("+−" if of_terms else "·,=")
        ):
            assert isinstance(item, Sign | Space)
            pieces.append((item, []))
        else:
            pieces[-1][1].append(item)
    if len(pieces) == 1:
        first, *others = whole.items
        if not others:
            return [_Piece(first)]
        return [_Piece(_row_of(others), opening=sign(first))] if isinstance(first, Sign) else []
    return [_Piece(_row_of(items), joint, is_term=of_terms) for joint, items in pieces]


def _row_of(items: Sequence[Math]) -> Math:
    return items[0] if len(items) == 1 else Row(tuple(items))
