"""Both graphs as SVG elements of the page, with room for the numbers that its script writes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from pathdiff.drawing import Drawing
from pathdiff.names import Symbols
from pathdiff.notation import Dots, Math, Number, Ratio, Row, Sign
from pathdiff.render.html.mathml import signed
from pathdiff.render.latex.math import Hand
from pathdiff.render.picture.figure import Arrow, Figure, Kind, Vertex, figure
from pathdiff.render.picture.geometry import Layout
from pathdiff.render.picture.lettering import in_words, measured, plain
from pathdiff.render.picture.svg import escaped, graph
from pathdiff.tape import Tape

KINDS: Final[tuple[Kind, ...]] = ("computation", "derivative")
READABLE: Final = 0.7
"""A picture is shown no smaller than this part of its size: it scrolls instead."""
_LONGEST: Final = Row((Sign("−", before=True), Number("0.8888")))
"""A number as wide as any that is written into the picture."""


def pictures(drawing: Drawing, tape: Tape, hand: Hand) -> tuple[str, int]:
    """Two figures, with a place for the value and the adjoint of each node, and for the value of each label.

    Beside them the width that they are not shown below, in pixels. The second is a group, since its arrows can be
    chosen: an image has no parts for a screen reader.
    """
    figures = [_with_places(figure(drawing, kind), tape, hand) for kind in KINDS]
    symbols = Symbols(drawing.computation)
    longest = max(drawing.computation, key=lambda name: len(plain(symbols[name])))
    found = measured([_wide(each, tape, longest, symbols) for each in figures])
    roles = ("img", "group")
    told = [drawn(each, found, each.heading, each.heading, role) for each, role in zip(figures, roles, strict=True)]
    return "".join(source for source, _ in told), told[0][1]


def _with_places(told: Figure, tape: Tape, hand: Hand) -> Figure:
    """Dots in the place of numbers that come; derivatives with the sign that the hand writes."""
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
        [
            replace(each, above=signed(each.above, hand)) if isinstance(each.above, Ratio) else each
            for each in told.arrows
        ],
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


def drawn(told: Figure, found: Layout, caption: str, region: str, role: str) -> tuple[str, int]:
    """A graph in its figure, in a region that may be scrolled; and the width that it is not shown below."""
    width, height = f"{found.width:.0f}", f"{found.height:.0f}"
    start = (
        f'<svg class="{told.kind}" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="{role}" '
        f'aria-label="{escaped(in_words(told))}">'
    )
    pieces = [
        f'<figure class="graph"><figcaption>{caption}</figcaption>',
        f'<div class="scroll" tabindex="0" role="region" aria-label="{region}, may be scrolled">',
        start,
        *graph(told, found),
        "</svg></div></figure>",
    ]
    return "".join(f"{piece}\n" for piece in pieces), round(READABLE * found.width)
