"""DOT, the language of Graphviz: to be laid out by whoever reads it, or with the places of a layout."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from pathdiff.diagnostics import unseen
from pathdiff.drawing import Drawing
from pathdiff.render.picture.figure import ROLES, Arrow, Figure, Kind, Role, figure
from pathdiff.render.picture.geometry import Engine, Layout, Point, Rectangle
from pathdiff.render.picture.svg import (
    APART,
    HEADING,
    LIGHT,
    NAME,
    NOTE,
    marked,
    measured,
    plain,
    stands_beside,
    stroke_of,
)

_SHAPES: Final[dict[Role, str]] = {
    "input": "shape=box", "parameter": "shape=hexagon", "intermediate": "shape=ellipse",
    "dependent": "shape=ellipse, peripheries=2",
}  # fmt: skip


def dot(drawing: Drawing, kinds: Sequence[Kind] = ("computation", "derivative")) -> str:
    """The graphs as one DOT graph, inputs on the left, for `dot` and its kin to lay out.

    Two of them are clusters in it, and then the arrows of the derivative graph are edges u -> v that point back.
    """
    figures = [figure(drawing, kind) for kind in kinds]
    backwards = len(figures) == 1 and figures[0].kind == "derivative"
    lines = [f"digraph {quoted(drawing.spec.title.strip() or 'pathdiff')} {{"]
    lines.append(f"  rankdir={'RL' if backwards else 'LR'};")
    lines.append('  node [fontname="sans-serif", style=filled]; edge [fontname="sans-serif", fontsize=11];')
    for each in figures:
        if len(figures) == 1:
            lines += [f"  {line}" for line in _statements(each, "")]
        else:
            lines.append(f"  subgraph {quoted(f'cluster {each.kind}')} {{")
            lines.append(f"    label={quoted(each.heading)}; color=none;")
            lines += [f"    {line}" for line in _statements(each, f"{each.kind} ")]
            lines.append("  }")
    return "\n".join([*lines, "}", ""])


def _statements(told: Figure, prefix: str) -> Iterator[str]:
    for vertex in told.vertices:
        label = "\\n".join(
            text
            for text in (
                _escaped(plain(math)) for math in (vertex.above, vertex.symbol, vertex.below) if math is not None
            )
        )
        bold = ", penwidth=2.5" * vertex.lit
        fill = LIGHT.fills[ROLES.index(vertex.role)]
        yield f'{quoted(prefix + vertex.name)} [{_SHAPES[vertex.role]}, label="{label}", fillcolor="{fill}"{bold}];'
    for arrow in told.arrows:
        label = "\\n".join(_escaped(text) for text in (marked(arrow), plain(arrow.below)) if text)
        tail, head = told.ends(arrow.edge)
        attributes = [f'label="{label}"'] * bool(label)
        if prefix and told.kind == "derivative":
            tail, head = head, tail
            attributes.append("dir=back")
        attributes += _look(arrow, told)
        shown = f" [{', '.join(attributes)}]" if attributes else ""
        yield f"{quoted(prefix + tail)} -> {quoted(prefix + head)}{shown};"


def _look(arrow: Arrow, told: Figure) -> list[str]:
    if arrow.lit:
        return [f'color="{stroke_of(arrow, told)}"', "penwidth=2.5"]
    return [f'color="{LIGHT.quiet}"'] if told.lights else []


def placed(drawing: Drawing, kinds: Sequence[Kind], engine: Engine | None = None) -> str:
    """The same picture as in SVG, as DOT in which everything has its place: for `neato -n2`."""
    figures = [figure(drawing, kind) for kind in kinds]
    found = measured(figures, engine)
    heading = HEADING if len(figures) > 1 else 0.0
    beside = stands_beside(found, len(figures))
    lines = ["digraph {", f'bgcolor="{LIGHT.paper}"; node [fontname="sans-serif", fixedsize=true]; pad=0.1;']
    for index, each in enumerate(figures):
        corner = Point(index * (found.width + APART), heading)
        if not beside:
            corner = Point(0, index * (found.height + heading + APART) + heading)
        if heading:
            middle = Point(corner.x + 8 + 5 * len(each.heading), corner.y - heading + heading / 2)
            lines.append(_words(f"heading {index}", each.heading, middle, 14, LIGHT.ink))
        lines += _places(each, found, corner, index)
    return "\n".join([*lines, "}", ""])


def _places(told: Figure, found: Layout, corner: Point, index: int) -> Iterator[str]:
    def at(point: Point) -> str:
        return f"{point.x + corner.x:.2f},{-(point.y + corner.y):.2f}"

    def middle(where: Rectangle) -> Point:
        return Point(where.center.x + corner.x, where.center.y + corner.y)

    for number, vertex in enumerate(told.vertices):
        place, fill = found.nodes[vertex.name], LIGHT.fills[ROLES.index(vertex.role)]
        core = place.core
        yield (
            f'"{index} node {number}" [pos="{at(core.center)}", width={core.width / 72:.4f}, '
            f'height={core.height / 72:.4f}, {_SHAPES[vertex.role]}, style=filled, fillcolor="{fill}", '
            f"fontsize={NAME:g}, penwidth={2.6 if vertex.lit else 1.2}, label={quoted(plain(vertex.symbol))}];"
        )
        below = LIGHT.ink if told.kind == "computation" else LIGHT.adjoint
        for part, math, ink in ((place.above, vertex.above, LIGHT.value), (place.below, vertex.below, below)):
            if math is not None:
                yield _words(f"{index} {part is place.above} {number}", plain(math), middle(part), NOTE, ink)
    numbers = {vertex.name: number for number, vertex in enumerate(told.vertices)}
    for number, arrow in enumerate(told.arrows):
        route = found.routes[arrow.edge] if told.kind == "computation" else found.routes[arrow.edge][::-1]
        tail, head = (numbers[name] for name in told.ends(arrow.edge))
        pos = f"e,{at(route[-1])} {' '.join(map(at, route))}"
        look = ", ".join(_look(arrow, told))
        yield f'"{index} node {tail}" -> "{index} node {head}" [pos="{pos}", arrowsize=0.7{", " * bool(look)}{look}];'
        if arrow.edge in found.labels:
            label = found.labels[arrow.edge]
            told_here = (("above", label.above, marked(arrow)), ("below", label.below, plain(arrow.below)))
            ink = LIGHT.quiet if told.lights and not arrow.lit else LIGHT.ink
            for side, part, text in told_here:
                if text:
                    yield _words(f"{index} {side} label {number}", text, middle(part), NOTE, ink)


def _words(ident: str, told: str, middle: Point, size: float, ink: str) -> str:
    look = f'shape=plaintext, fixedsize=false, margin=0, width=0, height=0, fontsize={size:g}, fontcolor="{ink}"'
    return f'"{ident}" [pos="{middle.x:.2f},{-middle.y:.2f}", {look}, label={quoted(told)}];'


def _escaped(told: str) -> str:
    """A text within a quoted string; Graphviz reads entities and backslashes there."""
    seen = "".join(f"U+{ord(char):04X}" if unseen(char) else char for char in told)
    return seen.replace("&", "&amp;").replace("\\", "&#92;").replace('"', "&quot;")


def quoted(told: str) -> str:
    r"""A text as a string of DOT, whatever is in it.

    >>> print(quoted('"]; x -> y\\N'))
    "&quot;]; x -> y&#92;N"
    """
    return f'"{_escaped(told)}"'
