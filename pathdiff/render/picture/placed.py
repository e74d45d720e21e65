"""The same picture as in SVG, as DOT in which everything has its place: `neato -n2` makes PNG and PDF of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import sqrt
from typing import Final

from pathdiff.drawing import Drawing
from pathdiff.render.picture.dot import SHAPES, look, quoted
from pathdiff.render.picture.figure import ROLES, Figure, Kind, Role, Vertex
from pathdiff.render.picture.geometry import Engine, Layout, Point, Rectangle, Route, joined, shortened
from pathdiff.render.picture.lettering import NAME, NOTE, marked, plain
from pathdiff.render.picture.measure import width
from pathdiff.render.picture.palette import LIGHT
from pathdiff.render.picture.sheet import HEADING, WORD, sheet

_HEAD: Final = 7.0
"""The length of an arrow's head."""
_RING: Final = 4.0
"""How far a second outline is outside the first."""


def placed(drawing: Drawing, kinds: Sequence[Kind], engine: Engine | None = None) -> str:
    """The graphs with their headings and what their shapes mean."""
    found = sheet(drawing, kinds, engine)
    lines = [
        "digraph {",
        f'bgcolor="{LIGHT.paper}"; pad=0.1; outputorder=edgesfirst;',
        'node [fontname="sans-serif", fixedsize=true];',
    ]
    for index, (each, corner) in enumerate(zip(found.figures, found.corners, strict=True)):
        lines += _places(each, found.layout, corner, index)
    for index, (each, point) in enumerate(zip(found.figures, found.headings, strict=False)):
        lines.append(_from_the_left(f"heading {index}", each.heading, point, HEADING, bold=True))
    for index, meaning in enumerate(found.legend):
        lines.append(_shape(f"meaning {index}", meaning.shape, meaning.role, ""))
        lines.append(_from_the_left(f"words {index}", meaning.words, meaning.at, WORD))
    return "\n".join([*lines, "}", ""])


def _places(told: Figure, found: Layout, corner: Point, index: int) -> Iterator[str]:
    def moved(where: Rectangle) -> Rectangle:
        return Rectangle(where.x + corner.x, where.y + corner.y, where.width, where.height)

    named = {vertex.name: (number, vertex) for number, vertex in enumerate(told.vertices)}
    for number, vertex in named.values():
        place = found.nodes[vertex.name]
        yield _shape(f"{index} node {number}", moved(place.core), vertex.role, plain(vertex.symbol), lit=vertex.lit)
        below = LIGHT.ink if told.kind == "computation" else LIGHT.adjoint
        for part, math, ink in ((place.above, vertex.above, LIGHT.value), (place.below, vertex.below, below)):
            if math is not None:
                ident = f"{index} {'value' if part is place.above else 'below'} {number}"
                yield _words(ident, plain(math), moved(part).center, ink)
    for number, arrow in enumerate(told.arrows):
        (tail, leaves), (head, meets) = (named[name] for name in arrow.edge)
        route = _to_the_shapes(found.routes[arrow.edge], found, leaves, meets)
        pos = _spline(tuple(Point(x + corner.x, y + corner.y) for x, y in told.route(route)))
        if told.kind == "derivative":
            tail, head = head, tail
        attributes = ", ".join([f'pos="{pos}"', "arrowsize=0.7", *look(arrow, told)])
        yield f'"{index} node {tail}" -> "{index} node {head}" [{attributes}];'
        if arrow.edge in found.labels:
            label = found.labels[arrow.edge]
            ink = LIGHT.quiet if told.lights and not arrow.lit else LIGHT.ink
            for side, part, text in (("above", label.above, marked(arrow)), ("under", label.below, plain(arrow.below))):
                if text:
                    bold = arrow.lit and side == "above"
                    yield _words(f"{index} {side} label {number}", text, moved(part).center, ink, bold=bold)


def _to_the_shapes(route: Route, found: Layout, leaves: Vertex, meets: Vertex) -> Route:
    """A route, whose ends are at shapes as they are drawn elsewhere, to those that Graphviz draws."""
    start, end = route[0], route[-1]
    tail, head = found.nodes[leaves.name].core, found.nodes[meets.name].core
    left = tail.right - _recess(leaves.role, tail, start.y - tail.center.y)
    right = head.x + _recess(meets.role, head, end.y - head.center.y)
    return joined((Point(left, start.y),), route, (Point(right, end.y),))


def _recess(role: Role, core: Rectangle, off: float) -> float:
    """How far the side of a shape is within its rectangle, so far above or below the middle."""
    part = abs(off) / (core.height / 2)
    match role:
        case "input":
            return 0.0
        case "parameter":
            return part * core.width / 4
        case "intermediate" | "dependent":
            return core.width / 2 * (1 - sqrt(1 - part * part))


def _spline(route: Route) -> str:
    """A route as Graphviz wants it: the tip of the arrow's head, then the line up to the head."""
    shaft, _ = shortened(route, _HEAD)
    return f"e,{_at(route[-1])} {' '.join(map(_at, shaft))}"


def _shape(ident: str, where: Rectangle, role: Role, name: str, *, lit: bool = False) -> str:
    ring = 2 * _RING if role == "dependent" else 0
    wide, high = (where.width - ring) / 72, (where.height - ring) / 72
    return (
        f'"{ident}" [pos="{_at(where.center)}", width={wide:.4f}, height={high:.4f}, '
        f'{SHAPES[role]}, style=filled, fillcolor="{LIGHT.fills[ROLES.index(role)]}", fontsize={NAME:g}, '
        f"penwidth={2.6 if lit else 1.2}, label={quoted(name)}];"
    )


def _words(ident: str, told: str, middle: Point, ink: str, *, bold: bool = False) -> str:
    font = ', fontname="sans-serif bold"' * bold
    look = f'shape=plaintext, fixedsize=false, margin=0, width=0, height=0, fontsize={NOTE:g}, fontcolor="{ink}"{font}'
    return f'"{ident}" [pos="{_at(middle)}", {look}, label={quoted(told)}];'


def _from_the_left(ident: str, told: str, at: Point, size: float, *, bold: bool = False) -> str:
    """Words of our own that begin at a point, which is at the foot of their letters."""
    wide = width(told, size, bold=bold)
    font = ', fontname="sans-serif bold"' * bold
    look = f"shape=plaintext, margin=0, width={wide / 72:.4f}, height={1.6 * size / 72:.4f}, fontsize={size:g}{font}"
    middle = Point(at.x + wide / 2, at.y - 0.35 * size)
    return f'"{ident}" [pos="{_at(middle)}", {look}, fontcolor="{LIGHT.ink}", label="{told}\\l"];'


def _at(point: Point) -> str:
    return f"{point.x:.2f},{-point.y:.2f}"
