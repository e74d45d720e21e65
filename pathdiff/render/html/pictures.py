"""Both graphs as SVG elements of the page, with room for the numbers that its script writes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from pathdiff.drawing import Drawing
from pathdiff.names import Symbols
from pathdiff.notation import Dots, Math, Number, Ratio, Row, Sign
from pathdiff.render.html.tape import Tape
from pathdiff.render.picture.figure import Arrow, Figure, Kind, Vertex, figure
from pathdiff.render.picture.geometry import Layout
from pathdiff.render.picture.lettering import in_words, measured, plain
from pathdiff.render.picture.svg import escaped, graph

KINDS: Final[tuple[Kind, ...]] = ("computation", "derivative")
READABLE: Final = 0.7
"""A picture is shown no smaller than this part of its size: it scrolls instead."""
_LONGEST: Final = Row((Sign("−", before=True), Number("0.8888")))
"""A number as wide as any that is written into the picture."""


@dataclass(frozen=True, slots=True)
class Pictures:
    """Both graphs as elements, and how wide they are, in pixels."""

    source: str
    width: float

    @property
    def least(self) -> int:
        """The width that they are not shown below."""
        return round(READABLE * self.width)


def pictures(drawing: Drawing, tape: Tape) -> Pictures:
    """Two figures, with a place for the value and the adjoint of each node, and for the value of each label."""
    figures = [_with_places(figure(drawing, kind), tape) for kind in KINDS]
    symbols = Symbols(drawing.computation)
    longest = max(drawing.computation, key=lambda name: len(plain(symbols[name])))
    found = measured([_wide(each, tape, longest, symbols) for each in figures])
    return Pictures("".join(f"{piece}\n" for each in figures for piece in _figure(each, found)), found.width)


def _with_places(told: Figure, tape: Tape) -> Figure:
    """Dots in the place of numbers that come."""
    derivative = told.kind == "derivative"
    return _with(
        told,
        [
            replace(
                each,
                above=Dots() if each.name in tape.nodes else None,
                below=Dots() if derivative and tape.labels else each.below,
            )
            for each in told.vertices
        ],
        list(told.arrows),
    )


def _wide(told: Figure, tape: Tape, longest: str, symbols: Symbols) -> Figure:
    """The same with the widest numbers."""

    def vertex(each: Vertex) -> Vertex:
        adjoint = Row((Ratio(symbols[longest], symbols[each.name]), Sign("="), _LONGEST))
        below: Math | None = adjoint if told.kind == "derivative" and each.below else each.below
        return replace(each, above=_LONGEST if each.above else None, below=below)

    def arrow(each: Arrow) -> Arrow:
        u, v = each.edge
        known = each.below is not None and (v, u) in tape.labels
        return replace(each, below=Row((each.below, Sign("="), _LONGEST)) if known and each.below else each.below)

    return _with(told, map(vertex, told.vertices), map(arrow, told.arrows))


def _with(
    told: Figure, vertices: Iterator[Vertex] | Sequence[Vertex], arrows: Iterator[Arrow] | Sequence[Arrow]
) -> Figure:
    return replace(told, vertices=tuple(vertices), arrows=tuple(arrows))


def _figure(told: Figure, found: Layout) -> Iterator[str]:
    """A graph in its figure. One with arrows to be chosen is a group: an image has no parts for a screen reader."""
    role = "img" if told.kind == "computation" else "group"
    width, height = f"{found.width:.0f}", f"{found.height:.0f}"
    yield f'<figure class="graph"><figcaption>{told.heading}</figcaption>'
    yield '<div class="scroll" tabindex="0" role="region" aria-label="' + f'{told.heading}, may be scrolled">'
    yield (
        f'<svg class="{told.kind}" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="{role}" '
        f'aria-label="{escaped(in_words(told))}">'
    )
    yield from graph(told, found)
    yield "</svg></div></figure>"
