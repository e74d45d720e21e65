"""A graph as a picture of characters: nodes in columns, edges as lines between them, where the terminal has room.

Edges that leave a node begin as one line, and those that reach one end as one line; between, each has a row of its own,
with its label. A line that crosses another one is interrupted, so that a corner always joins what belongs together.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from typing import Final

from pathdiff.diagnostics import cell_width
from pathdiff.notation import Math
from pathdiff.render.picture.columns import APART, Layers
from pathdiff.render.picture.figure import Arrow, Figure, Kind, Role, Vertex
from pathdiff.render.picture.geometry import Size
from pathdiff.render.picture.layered import layered
from pathdiff.render.terminal.layout import Line, Tone
from pathdiff.render.terminal.sheet import Sheet
from pathdiff.render.text import mark

TALLEST: Final = 200
"""A picture of more lines is none."""
_SHAPES: Final[dict[Role, tuple[str, str]]] = {
    "input": ("[", "]"), "parameter": ("<", ">"), "intermediate": ("(", ")"), "dependent": ("((", "))"),
}  # fmt: skip
_UP, _DOWN, _LEFT, _RIGHT = 1, 2, 4, 8
_LIGHT: Final = dict(zip(range(16), " │││─┘┐┤─└┌├─┴┬┼", strict=True))
_HEAVY: Final = dict(zip(range(16), " ┃┃┃━┛┓┫━┗┏┣━┻┳╋", strict=True))
_ASCII: Final = dict(zip(range(16), " |||-++|-++|-+++", strict=True))
_ASCII_HEAVY: Final = dict(zip(range(16), " ###=###=###=###", strict=True))


def picture(told: Figure, sheet: Sheet) -> list[Line]:
    """The picture with as much on it as there is room for, and what it lacks; nothing where there is no room for it."""
    for more in (2, 1, 0):
        lines = _drawn(told, sheet, more)
        if len(lines) <= TALLEST and max((_width(line) for line in lines), default=0) <= sheet.width:
            return lines if more else [*lines, *_left_out(told, sheet)]
    return []


def _left_out(told: Figure, sheet: Sheet) -> list[Line]:
    """A word on what a picture without values and marks of paths lacks."""
    parts = ["numbers"] if any(vertex.above for vertex in told.vertices) else []
    several = len({rank for arrow in told.arrows for rank in arrow.paths}) > 1
    parts += ["marks of the paths"] if several else []
    text = f"{sheet.width} columns have no room for the {' and '.join(parts)}: `-o picture.svg` has them"
    return [(), *sheet.prose(text, tone="quiet")] if parts else []


def _width(line: Line) -> int:
    return sum(cell_width(text) for text, _ in line)


@dataclass(slots=True)
class _Canvas:
    """Characters by row and column, and the arms of the lines through each place."""

    sheet: Sheet
    text: dict[tuple[int, int], tuple[str, Tone]] = field(default_factory=dict)
    arms: dict[tuple[int, int], dict[int, int]] = field(default_factory=lambda: defaultdict(dict))
    """For each place the arms of each net there."""
    lit: dict[tuple[int, int], tuple[int, Tone]] = field(default_factory=dict)
    """For each place the arms that stand out, and their colour."""

    def write(self, row: int, column: int, told: str, tone: Tone = "") -> None:
        for char in told:
            wide = cell_width(char)
            if not wide and (row, column - 1) in self.text:
                before, _ = self.text[row, column - 1]
                self.text[row, column - 1] = (before + char, tone)
                continue
            self.text[row, column] = (char, tone)
            for place in range(1, wide):
                self.text[row, column + place] = ("", tone)
            column += wide

    def level(self, row: int, first: int, last: int, net: int, tone: Tone | None) -> None:
        """A line from the middle of one column to the middle of another; with a tone where it stands out."""
        for column in range(first, last + 1):
            arms = _LEFT * (column > first) + _RIGHT * (column < last)
            self._draw(row, column, arms, net, tone)

    def upright(self, column: int, first: int, last: int, net: int, tone: Tone | None) -> None:
        for row in range(min(first, last), max(first, last) + 1):
            arms = _UP * (row > min(first, last)) + _DOWN * (row < max(first, last))
            self._draw(row, column, arms, net, tone)

    def _draw(self, row: int, column: int, arms: int, net: int, tone: Tone | None) -> None:
        here = self.arms[row, column]
        here[net] = here.get(net, 0) | arms
        if tone is not None:
            before, _ = self.lit.get((row, column), (0, tone))
            self.lit[row, column] = (before | arms, tone)

    def lines(self) -> list[Line]:
        places = [*self.text, *self.arms]
        last = max((row for row, _ in places), default=-1)
        rows: list[Line] = []
        for row in range(last + 1):
            end = max((column for r, column in places if r == row), default=-1)
            pieces: list[tuple[str, Tone]] = []
            for column in range(end + 1):
                char, tone = self._at(row, column)
                if pieces and pieces[-1][1] == tone:
                    pieces[-1] = (pieces[-1][0] + char, tone)
                else:
                    pieces.append((char, tone))
            rows.append(tuple(pieces))
        return rows

    def _at(self, row: int, column: int) -> tuple[str, Tone]:
        if (row, column) in self.text:
            return self.text[row, column]
        nets = self.arms.get((row, column))
        if not nets:
            return (" ", "")
        # where two nets cross the upright one goes over the other
        arms = (
            max(nets.values(), key=lambda arms: (arms & (_UP | _DOWN), arms)) if len(nets) > 1 else sum(nets.values())
        )
        lit, tone = self.lit.get((row, column), (0, ""))
        heavy = lit & arms == arms
        ascii_only = self.sheet.style.ascii
        table = (_ASCII_HEAVY if heavy else _ASCII) if ascii_only else (_HEAVY if heavy else _LIGHT)
        return (table[arms], tone if lit & arms else "")


def _drawn(told: Figure, sheet: Sheet, more: int) -> list[Line]:
    """The picture; with numbers and marks of paths where `more` is 1, and where it is 2 with what each label is."""
    number = {vertex.name: place for place, vertex in enumerate(told.vertices)}
    texts = [_node(vertex, told.kind, sheet, more) for vertex in told.vertices]
    texts += [_label(arrow, sheet, more) for arrow in told.arrows]
    edges: list[tuple[int, int]] = []
    for place, arrow in enumerate(told.arrows, len(number)):
        u, v = arrow.edge
        edges += [(number[u], place), (place, number[v])]
    sizes = [Size(cell_width(text), 1) for text in texts]
    found = layered(sizes, edges, len(number))
    arrow_of = dict(enumerate(told.arrows, len(number)))
    for chain in found.chains:
        edge = next(arrow_of[place] for place in (chain[0], chain[-1]) if place in arrow_of)
        arrow_of.update(dict.fromkeys((place for place in chain if place >= len(number)), edge))
    strict: set[int] = set()
    channels: list[_Channel] = []
    rows = _rows(found, strict)
    while len(channels) < len(found.columns) - 1:
        try:
            channels.append(_Channel(found, len(channels), rows, len(number)))
        except CycleError:  # two lines would have to change places in one row
            strict |= {len(channels), len(channels) + 1}
            rows, channels = _rows(found, strict), []
    return _painted(told, sheet, found, texts, rows, channels, arrow_of).lines()


def _node(vertex: Vertex, kind: Kind, sheet: Sheet, more: int) -> str:
    """Its name, in the computation graph with its value, in the derivative graph with its adjoint."""
    left, right = _SHAPES[vertex.role]
    text = _plain(vertex.symbol, sheet)
    if more and kind == "computation" and vertex.above is not None:
        text += f" = {_plain(vertex.above, sheet)}"
    if more and kind == "derivative" and vertex.below is not None:
        text += f": {_plain(vertex.below, sheet)}"
    return f"{left}{text}{right}"


def _label(arrow: Arrow, sheet: Sheet, more: int) -> str:
    told = _plain(arrow.above, sheet)
    if more > 1 and arrow.below is not None:
        told += f" = {_plain(arrow.below, sheet)}" if told else _plain(arrow.below, sheet)
    if more:
        told += " " * bool(told and arrow.paths) + "".join(mark(rank, sheet.style) for rank in arrow.paths)
    return f" {told} " if told else ""


def _plain(math: Math | None, sheet: Sheet) -> str:
    return "" if math is None else sheet.line(math).strip()


def _rows(found: Layers, strict: Collection[int]) -> dict[int, int]:
    """The row of everything; of the columns that are `strict` every other one has even rows and the others odd ones."""
    rows: dict[int, int] = {}
    for index, column in enumerate(found.columns):
        row = None
        for vertex in column:
            wanted = found.heights[vertex] / (APART + 1) * 2
            odd = index % 2
            nearest = 2 * round((wanted - odd) / 2) + odd if index in strict else round(wanted)
            row = nearest if row is None else max(row + 2, nearest)
            rows[vertex] = row
    least = min(rows.values(), default=0)
    return {vertex: row - least for vertex, row in rows.items()}


class _Channel:
    """What lies between two columns: the nets, each with the track that its upright line has.

    Raises CycleError where the order of the tracks cannot be found.
    """

    def __init__(self, found: Layers, index: int, rows: dict[int, int], nodes: int) -> None:
        self.pairs: list[tuple[int, int, int]] = []
        """Left, right, and the net: by the node on one side, else by what is on the left."""
        here = set(found.columns[index])
        for chain in found.chains:
            for left, right in pairwise(chain):
                if left in here:
                    self.pairs.append((left, right, left if left < nodes or right >= nodes else right))
        self.rows = rows
        self.track = self._tracks()
        self.width = max(self.track.values(), default=-1) + 1

    def _tracks(self) -> dict[int, int]:
        left: dict[int, int] = {self.rows[a]: net for a, _, net in self.pairs}
        span: dict[int, list[int]] = defaultdict(list)
        order: TopologicalSorter[int] = TopologicalSorter()
        for a, b, net in sorted(self.pairs, key=lambda pair: (self.rows[pair[0]], self.rows[pair[1]])):
            span[net] += [self.rows[a], self.rows[b]]
            other = left.get(self.rows[b], net)
            if other == net:
                order.add(net)
            else:
                order.add(net, other)  # its line comes from the left in this row, and must have turned before
        track: dict[int, int] = {}
        needs: dict[int, list[int]] = defaultdict(list)
        for _, b, net in self.pairs:
            other = left.get(self.rows[b], net)
            if other != net:
                needs[net].append(other)
        for net in order.static_order():
            low, high = min(span[net]), max(span[net])
            if low == high:
                continue
            place = max((track.get(other, -1) + 1 for other in needs[net]), default=0)
            while any(
                at == place and min(span[other]) <= high and low <= max(span[other]) for other, at in track.items()
            ):
                place += 1
            track[net] = place
        return track


def _painted(
    told: Figure,
    sheet: Sheet,
    found: Layers,
    texts: Sequence[str],
    rows: dict[int, int],
    channels: Sequence[_Channel],
    arrow_of: dict[int, Arrow],
) -> _Canvas:
    canvas = _Canvas(sheet)
    nodes = len(told.vertices)
    widths = [
        max((cell_width(texts[v]) if v < len(texts) else 0) for v in column) if column else 0
        for column in found.columns
    ]
    starts, x = [], 0
    for width, channel in zip(widths, [*channels, None], strict=True):
        starts.append(x)
        x += width + (2 * channel.width + 3 if channel else 0)
    ends: dict[int, tuple[int, int]] = {}
    for start, width, column in zip(starts, widths, found.columns, strict=True):
        for vertex in column:
            own = cell_width(texts[vertex]) if vertex < len(texts) else 0
            left = start + (width - own) // 2
            ends[vertex] = (left, left + own)
            if vertex < len(texts):
                canvas.write(rows[vertex], left, texts[vertex], _tone_of(vertex, told, arrow_of))
    for index, channel in enumerate(channels):
        after = starts[index] + widths[index]
        for a, b, net in channel.pairs:
            arrow = arrow_of[b if b >= nodes else a]
            tone = _tone(arrow, told) if arrow.lit else None
            turn = after + 1 + 2 * channel.track.get(net, 0)
            key = net
            canvas.level(rows[a], ends[a][1] - (a >= nodes), turn, key, tone)
            canvas.upright(turn, rows[a], rows[b], key, tone)
            canvas.level(rows[b], turn, ends[b][0] - (b < nodes), key, tone)
            _tip(canvas, told, a, b, nodes, ends, rows, tone)
    for vertex in (v for column in found.columns for v in column if v >= nodes and not ends[v][1] - ends[v][0]):
        arrow = arrow_of[vertex]
        tone = _tone(arrow, told) if arrow.lit else None
        middle = ends[vertex][0]
        canvas.level(rows[vertex], middle - 1, middle, -1 - vertex, tone)
    return canvas


def _tip(
    canvas: _Canvas,
    told: Figure,
    a: int,
    b: int,
    nodes: int,
    ends: dict[int, tuple[int, int]],
    rows: dict[int, int],
    tone: Tone | None,
) -> None:
    """The head of an arrow, beside the node that it points to."""
    ascii_only = canvas.sheet.style.ascii
    if told.kind == "computation" and b < nodes:
        canvas.write(rows[b], ends[b][0] - 1, ">" if ascii_only else "►", tone or "")
    if told.kind == "derivative" and a < nodes:
        canvas.write(rows[a], ends[a][1], "<" if ascii_only else "◄", tone or "")


def _tone_of(vertex: int, told: Figure, arrow_of: dict[int, Arrow]) -> Tone:
    if vertex < len(told.vertices):
        return "name" if told.vertices[vertex].lit else ""
    arrow = arrow_of[vertex]
    return _tone(arrow, told) if arrow.lit else "quiet" if told.lights else ""


def _tone(arrow: Arrow, told: Figure) -> Tone:
    """The colour of the first path on an edge, counted among those that stand out."""
    ranks = sorted({rank for each in told.arrows for rank in each.paths})
    return ranks.index(arrow.paths[0]) + 1 if arrow.paths else 1


def legend(told: Figure) -> Iterator[str]:
    """What the brackets mean."""
    for role, (left, right) in _SHAPES.items():
        if any(vertex.role == role for vertex in told.vertices):
            yield f"{left} {right} {role}"
