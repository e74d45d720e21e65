"""A picture in TikZ, drawn from the same layout as every other, with its mathematics set by TeX."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Final

from pathdiff.drawing import Drawing
from pathdiff.notation import Math
from pathdiff.render.latex.letters import Box
from pathdiff.render.latex.math import Hand, box, mark
from pathdiff.render.picture.figure import Arrow, Figure, Kind, Vertex, figure, laid_out
from pathdiff.render.picture.geometry import (
    NOTHING,
    POINTED,
    Edge,
    Engine,
    Layout,
    Place,
    Point,
    Rectangle,
    Route,
    Size,
)
from pathdiff.render.picture.layout import scaled
from pathdiff.render.picture.palette import LIGHT

EM: Final = 10.0
"""The size of the letters of names, in points."""
SMALLER: Final = 0.8
"""That of labels and notes, \\footnotesize, by comparison."""
LEAST: Final = 22.0
"""The height of a node."""
_ENLARGED: Final = 1.45
HEADING: Final = 20.0
APART: Final = 24.0
WIDEST: Final = 345.0
"""Two graphs that are wider together than the text of an article stand one below the other."""
_COLOURS: Final = (
    ("pathdiffquiet", LIGHT.quiet),
    ("pathdiffvalue", LIGHT.value),
    ("pathdiffadjoint", LIGHT.adjoint),
    *((f"pathdiffpath{i}", colour) for i, colour in enumerate(LIGHT.paths)),
    *((f"pathdifffill{i}", colour) for i, colour in enumerate(LIGHT.fills)),
)

_STANDALONE: Final = r"""\documentclass[border=4pt]{standalone}
\usepackage{amsmath}
\usepackage{tikz}
\begin{document}
"""
_FRAGMENT: Final = r"""% Made by pathdiff. To be put into a document by \input; its preamble needs
% \usepackage{amsmath}
% \usepackage{tikz}
% and nothing else. A picture larger than the page is made smaller.
"""
_FIT: Final = r"""\par\noindent
\resizebox{\ifdim\width>\linewidth\linewidth\else\width\fi}{!}{%
\resizebox*{!}{\ifdim\totalheight>0.9\textheight 0.9\textheight\else\totalheight\fi}{%"""


def standalone(
    drawing: Drawing, kinds: Sequence[Kind] = ("computation", "derivative"), engine: Engine | None = None
) -> str:
    """The graphs as a LaTeX document that is as large as the picture; pdflatex compiles it."""
    return f"{_STANDALONE}{picture(drawing, kinds, engine)}\n\\end{{document}}\n"


def fragment(
    drawing: Drawing, kinds: Sequence[Kind] = ("computation", "derivative"), engine: Engine | None = None
) -> str:
    """The graphs as TikZ for a document of the reader's own."""
    return f"{_FRAGMENT}{_FIT}\n{picture(drawing, kinds, engine)}}}}}\n"


def picture(drawing: Drawing, kinds: Sequence[Kind], engine: Engine | None = None) -> str:
    """The graphs as one `tikzpicture`, side by side where the text of an article has room for both."""
    figures = [figure(drawing, kind) for kind in kinds]
    found = measured(figures, engine)
    heading = HEADING if len(figures) > 1 else 0.0
    beside = found.width * len(figures) + APART <= WIDEST
    lines = begun()
    for index, each in enumerate(figures):
        corner = Point(index * (found.width + APART), 0) if beside else Point(0, index * (found.height + heading))
        lines.append(rf"\begin{{scope}}[shift={{({_n(corner.x)},{_n(corner.y)})}}]")
        if heading:
            lines.append(rf"\node[anchor=west,font=\bfseries\small] at (4,{_n(heading / 2 - 6)}) {{{each.heading}}};")
        lines.append(rf"\begin{{scope}}[shift={{(0,{_n(heading)})}}]")
        lines += drawn(each, found)
        lines += [r"\end{scope}", r"\end{scope}"]
    return "\n".join([*lines, r"\end{tikzpicture}"])


def begun() -> list[str]:
    """The first lines of a `tikzpicture`, with what all its parts use."""
    head = [rf"\definecolor{{{name}}}{{HTML}}{{{colour[1:].upper()}}}" for name, colour in _COLOURS]
    options = "x=1pt,y=-1pt,>=stealth,line width=0.6pt,every node/.style={inner sep=0pt,outer sep=0pt}"
    return [rf"\begin{{tikzpicture}}[{options}]", *head]


def measured(figures: Sequence[Figure], engine: Engine | None = None) -> Layout:
    """The layout of figures as TeX sets them, in points.

    It is found for letters as large as those of other pictures, that everything is as far apart by comparison.
    """

    def note(math: Math | None) -> Size:
        return _room(_note(math)) if math is not None else NOTHING

    def label(arrow: Arrow) -> tuple[Size, Size]:
        above = _label(arrow)
        return _room(above) if above.source else NOTHING, note(arrow.below)

    return scaled(laid_out(figures, _core, note, label, engine), 1 / _ENLARGED)


def _core(vertex: Vertex) -> Size:
    extra = {"parameter": 13, "dependent": 13}.get(vertex.role, 8)
    least = LEAST + (5 if vertex.role == "parameter" else 0)
    return _enlarged(max(least, box(vertex.symbol, Hand()).width * EM + extra), LEAST)


def _note(math: Math) -> Box:
    return box(math, Hand(), 1)


def _label(arrow: Arrow) -> Box:
    if arrow.above is None:
        marks = [mark(rank) for rank in arrow.paths]
        return Box("".join(each.source for each in marks), sum(each.width for each in marks))
    told = box(arrow.above, Hand())
    marks = [mark(rank) for rank in arrow.paths]
    # The ratio is set small, as within a line, and what stands in it too.
    wide = told.width * 0.85 + sum(each.width for each in marks)
    return Box(told.source + "".join(rf"\,{each.source}" for each in marks), wide, tall=True)


def _room(what: Box) -> Size:
    """What a box takes in small letters, with a little to spare: widths are estimates."""
    return _enlarged((what.width * 1.06 + 0.3) * EM * SMALLER, (1.9 if what.tall else 1.15) * EM * SMALLER)


def _enlarged(width: float, height: float) -> Size:
    return Size(width * _ENLARGED, height * _ENLARGED)


def drawn(told: Figure, found: Layout, back: bool | None = None, lit: Collection[Edge] | None = None) -> Iterator[str]:
    """The edges and nodes of a figure as commands of TikZ.

    `lit` are the edges that stand out, all in the first colour, instead of those that the figure says.
    """
    steps_back = told.lights if back is None else back
    stands_out = {arrow.edge for arrow in told.arrows if arrow.lit} if lit is None else lit
    for arrow in sorted(told.arrows, key=lambda arrow: arrow.edge in stands_out):  # these over the others
        yield from _arrow(arrow, told, found, steps_back, arrow.edge in stands_out)
    for vertex in told.vertices:
        yield from _vertex(vertex, found.nodes[vertex.name], told)


def _arrow(arrow: Arrow, told: Figure, found: Layout, steps_back: bool, lit: bool) -> Iterator[str]:
    route = told.route(found.routes[arrow.edge])
    ranks = sorted({rank for each in told.arrows for rank in each.paths})
    numbers = [ranks.index(rank) % len(LIGHT.paths) for rank in arrow.paths] or [0]
    for inside, number in enumerate(numbers if lit else ()):
        thick = 1.4 + 1.4 * (len(numbers) - 1 - inside)
        yield rf"\draw[{'->,' * (not inside)}draw=pathdiffpath{number},line width={thick:.1f}pt] {_path(route)};"
    if not lit:
        yield rf"\draw[->{',pathdiffquiet' * steps_back}] {_path(route)};"
    place = found.labels.get(arrow.edge)
    if place is not None:
        ink = "text=pathdiffquiet" if steps_back and not lit else ""
        above = _label(arrow)
        if above.source:
            yield _words(place.above, above.source, ink, "south")
        if arrow.below is not None:
            yield _words(place.below, _note(arrow.below).source, ink, "north")


def _vertex(vertex: Vertex, place: Place, told: Figure) -> Iterator[str]:
    yield from _shape(vertex, place.core)
    yield rf"\node at {_at(place.core.center)} {{${box(vertex.symbol, Hand()).source}$}};"
    if vertex.above is not None:
        yield _words(place.above, _note(vertex.above).source, "text=pathdiffvalue", "south")
    if vertex.below is not None:
        ink = "" if told.kind == "computation" else "text=pathdiffadjoint"
        yield _words(place.below, _note(vertex.below).source, ink, "north")


def _shape(vertex: Vertex, where: Rectangle) -> Iterator[str]:
    """The outline that tells a role."""
    roles = {"input": 0, "parameter": 1, "intermediate": 2, "dependent": 3}
    look = f"fill=pathdifffill{roles[vertex.role]}" + ",line width=1.4pt" * vertex.lit
    if vertex.role == "parameter":
        x, right, middle, deep = where.x, where.right, where.center.y, POINTED * where.height
        upper, lower = (x + deep, right - deep), (right - deep, x + deep)
        corners = [Point(x, middle), *(Point(each, where.y) for each in upper), Point(right, middle)]
        corners += [Point(each, where.bottom) for each in lower]
        yield rf"\draw[{look}] {' -- '.join(map(_at, corners))} -- cycle;"
        return
    for inset in (0.0, 2.0) if vertex.role == "dependent" else (0.0,):
        first, last = Point(where.x + inset, where.y + inset), Point(where.right - inset, where.bottom - inset)
        rounded = "" if vertex.role == "input" else f",rounded corners={_n(where.height / 2 - inset)}pt"
        yield rf"\draw[{look}{rounded}] {_at(first)} rectangle {_at(last)};"


def _words(where: Rectangle, source: str, ink: str, anchor: str) -> str:
    """A formula in small letters, which touches the edge or the shape with the side that is nearest to it."""
    edge = where.bottom if anchor == "south" else where.y
    options = f"anchor={anchor},font=\\footnotesize{',' * bool(ink)}{ink}"
    return rf"\node[{options}] at ({_n(where.center.x)},{_n(edge)}) {{${source}$}};"


def _path(route: Route) -> str:
    pieces = [_at(route[0])]
    for start in range(1, len(route), 3):
        first, second, end = map(_at, route[start : start + 3])
        pieces.append(f".. controls {first} and {second} .. {end}")
    return " ".join(pieces)


def _at(point: Point) -> str:
    return f"({_n(point.x)},{_n(point.y)})"


def _n(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")
