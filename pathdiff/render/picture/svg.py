"""SVG: a picture that stands alone or in a page, text as text, for light and dark, in words for a screen reader."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from pathdiff.diagnostics import unseen
from pathdiff.drawing import Drawing
from pathdiff.render.picture.figure import ROLES, Arrow, Figure, Kind, Role, Vertex
from pathdiff.render.picture.geometry import POINTED, Engine, Layout, Place, Point, Rectangle, Route, shortened
from pathdiff.render.picture.lettering import NAME, NOTE, in_words, marked, plain
from pathdiff.render.picture.palette import DARK, LIGHT, colours
from pathdiff.render.picture.sheet import HEADING, WORD, Sheet, sheet

_HEAD: Final = 8.5
"""The length of an arrow's head."""


def svg(drawing: Drawing, kinds: Sequence[Kind] = ("computation", "derivative"), engine: Engine | None = None) -> str:
    """The graphs as one SVG document: side by side, or one below the other where that would be too wide."""
    found = sheet(drawing, kinds, engine)
    title = drawing.spec.title.strip() or " and ".join(each.heading for each in found.figures)
    return "".join(f"{piece}\n" for piece in _document(title, found))


def _document(title: str, found: Sheet) -> Iterator[str]:
    wide, high = _n(found.width), _n(found.height)
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="pathdiff-picture" viewBox="0 0 {wide} {high}" '
        f'width="{wide}" height="{high}" role="img" aria-label="{escaped(title)}" '
        'font-family="system-ui, -apple-system, &quot;Segoe UI&quot;, Roboto, &quot;DejaVu Sans&quot;, sans-serif">'
    )
    yield f"<title>{escaped(title)}</title>"
    yield f"<desc>{escaped(' '.join(map(in_words, found.figures)))}</desc>"
    yield style()
    yield f'<rect class="paper" width="100%" height="100%" fill="{LIGHT.paper}"/>'
    for each, at in zip(found.figures, found.headings, strict=False):  # there are none for one graph
        yield _text(each.heading, at, "heading", HEADING, "start", bold=True)
    for each, corner in zip(found.figures, found.corners, strict=True):
        yield f'<g class="{each.kind}" transform="translate({_n(corner.x)} {_n(corner.y)})">'
        yield from graph(each, found.layout)
        yield "</g>"
    yield '<g class="legend">'
    for meaning in found.legend:
        yield f'<g class="{meaning.role}">'
        yield from _shape(meaning.shape, meaning.role, 1.1, 2.5)
        yield _text(meaning.words, meaning.at, "legend-word", WORD, "start")
        yield "</g>"
    yield "</g>"
    yield "</svg>"


def style() -> str:
    """What makes the picture dark where its viewer wants that; everything else stands on the elements."""
    rules = [
        f".paper{{fill:{DARK.paper}}}",
        f"text{{fill:{DARK.ink}}}",
        f".shape{{stroke:{DARK.ink}}}",
        *(f".{role} .shape{{fill:{fill}}}" for role, fill in zip(ROLES, DARK.fills, strict=True)),
        f".line{{stroke:{DARK.ink}}}",
        f".head{{fill:{DARK.ink}}}",
        f".edge.back text{{fill:{DARK.quiet}}}",
        f".back .line{{stroke:{DARK.quiet}}}",
        f".back .head{{fill:{DARK.quiet}}}",
        f"text.value{{fill:{DARK.value}}}",
        f"text.adjoint{{fill:{DARK.adjoint}}}",
        *(f".line.line-{i}{{stroke:{colour}}}" for i, colour in enumerate(DARK.paths)),
        *(f".head.line-{i}{{fill:{colour}}}" for i, colour in enumerate(DARK.paths)),
    ]
    scoped = "".join(f".pathdiff-picture {rule}" for rule in rules)
    return f"<style>@media (prefers-color-scheme: dark){{{scoped}}}</style>"


def graph(told: Figure, found: Layout) -> Iterator[str]:
    """The nodes and edges of a figure as SVG elements, to be put into a `<g>`.

    Each edge is `<g class="edge" data-of data-wrt>`, each node `<g class="node ROLE" data-node>`; what stands out has
    the class `lit`, what steps back the class `back`.
    """
    for arrow in sorted(told.arrows, key=lambda arrow: arrow.lit):
        yield from _arrow(arrow, told, found)
    for vertex in told.vertices:
        yield from _vertex(vertex, found.nodes[vertex.name], told)


def _arrow(arrow: Arrow, told: Figure, found: Layout) -> Iterator[str]:
    u, v = arrow.edge
    back = told.lights and not arrow.lit
    states = " lit" * arrow.lit + " back" * back
    yield f'<g class="edge{states}" data-of="{escaped(v)}" data-wrt="{escaped(u)}">'
    tail, head = told.ends(arrow.edge)
    yield f"<title>{escaped(f'{tail} → {head}' + (f': {plain(arrow.above)}' if arrow.above else ''))}</title>"
    shaft, tip = _headed(told.route(found.routes[arrow.edge]))
    path = _path(shaft)
    ink = LIGHT.quiet if back else LIGHT.ink
    numbers = colours(arrow, told)
    if not numbers:
        yield f'<path class="line" d="{path}" fill="none" stroke="{ink}" stroke-width="1.3"/>'
        yield f'<path class="head" d="{tip}" fill="{ink}"/>'
    for inside, number in enumerate(numbers):
        thick = 2.6 + 2.6 * (len(numbers) - 1 - inside)
        stroke = LIGHT.paths[number]
        yield f'<path class="line line-{number}" d="{path}" fill="none" stroke="{stroke}" stroke-width="{_n(thick)}"/>'
    if numbers:
        yield f'<path class="head line-{numbers[0]}" d="{tip}" fill="{LIGHT.paths[numbers[0]]}"/>'
    place = found.labels.get(arrow.edge)
    if place is not None:
        yield from _noted(place, marked(arrow), plain(arrow.below), ink, bold=arrow.lit)
    yield "</g>"


def _noted(
    place: Place, above: str, below: str, ink: str, *, bold: bool = False, classes: tuple[str, str] = ("label", "known")
) -> Iterator[str]:
    """What stands above and below, as close as it may."""
    if above:
        base = Point(place.above.center.x, place.above.bottom - 0.28 * NOTE)
        yield _text(above, base, classes[0], NOTE, bold=bold, fill=ink)
    if below:
        base = Point(place.below.center.x, place.below.y + 0.95 * NOTE)
        yield _text(below, base, classes[1], NOTE, fill=ink)


def _vertex(vertex: Vertex, place: Place, told: Figure) -> Iterator[str]:
    back = told.lights and not vertex.lit
    states = " lit" * vertex.lit + " back" * back
    yield f'<g class="node {vertex.role}{states}" data-node="{escaped(vertex.name)}">'
    yield f"<title>{escaped(f'{vertex.name} ({vertex.role})')}</title>"
    yield from _shape(place.core, vertex.role, 2.6 if vertex.lit else 1.3)
    center = place.core.center
    yield _text(plain(vertex.symbol), Point(center.x, center.y + 0.34 * NAME), "name", NAME)
    below = "definition" if told.kind == "computation" else "adjoint"
    above_ink, below_ink = LIGHT.value, LIGHT.ink if told.kind == "computation" else LIGHT.adjoint
    yield from _noted(place, plain(vertex.above), "", above_ink, classes=("value", below))
    yield from _noted(place, "", plain(vertex.below), below_ink, classes=("value", below))
    yield "</g>"


def _shape(where: Rectangle, role: Role, stroke: float, ring: float = 3.5) -> Iterator[str]:
    """The outline that tells a role: a box, a hexagon, a circle or what is round at its ends, two of these."""
    look = f'class="shape" fill="{LIGHT.fills[ROLES.index(role)]}" stroke="{LIGHT.ink}" stroke-width="{_n(stroke)}"'
    x, y, wide, high = where.x, where.y, where.width, where.height
    match role:
        case "input":
            yield f'<rect {look} x="{_n(x)}" y="{_n(y)}" width="{_n(wide)}" height="{_n(high)}"/>'
        case "parameter":
            middle, deep = y + high / 2, POINTED * high
            corners = [
                (x, middle), (x + deep, y), (x + wide - deep, y), (x + wide, middle),
                (x + wide - deep, y + high), (x + deep, y + high),
            ]  # fmt: skip
            yield f'<polygon {look} points="{" ".join(f"{_n(a)},{_n(b)}" for a, b in corners)}"/>'
        case "intermediate" | "dependent":
            for inset in (0.0, ring) if role == "dependent" else (0.0,):
                yield (
                    f'<rect {look} x="{_n(x + inset)}" y="{_n(y + inset)}" width="{_n(wide - 2 * inset)}" '
                    f'height="{_n(high - 2 * inset)}" rx="{_n(high / 2 - inset)}"/>'
                )


def _headed(route: Route) -> tuple[Route, str]:
    """A route that ends within its arrow's head, and the head, whose tip is where the route ended."""
    shaft, way = shortened(route, _HEAD * 0.7)
    tip, half = route[-1], _HEAD * 0.42
    base = Point(tip.x - way.x * _HEAD, tip.y - way.y * _HEAD)
    corners = [
        tip, Point(base.x - way.y * half, base.y + way.x * half), Point(base.x + way.y * half, base.y - way.x * half),
    ]  # fmt: skip
    return shaft, "M" + "L".join(f"{_n(p.x)} {_n(p.y)}" for p in corners) + "Z"


def _path(route: Route) -> str:
    curves = (route[start : start + 3] for start in range(1, len(route), 3))
    drawn = ("C" + " ".join(f"{_n(p.x)} {_n(p.y)}" for p in curve) for curve in curves)
    return f"M{_n(route[0].x)} {_n(route[0].y)}{''.join(drawn)}"


def _text(
    told: str, at: Point, name: str, size: float, anchor: str = "middle", *, bold: bool = False, fill: str = LIGHT.ink
) -> str:
    weight = ' font-weight="600"' if bold else ""
    return (
        f'<text class="{name}" x="{_n(at.x)}" y="{_n(at.y)}" font-size="{_n(size)}" text-anchor="{anchor}"{weight} '
        f'fill="{fill}">{escaped(told)}</text>'
    )


_ENTITIES: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;"}


def escaped(told: str) -> str:
    r"""Any text within XML, in an element or an attribute; what XML cannot hold, and what is not seen, as code points.

    >>> escaped('<b>"\x1b[0m')
    '&lt;b&gt;&quot;U+001B[0m'
    """
    return "".join(
        _ENTITIES.get(char) or (f"U+{ord(char):04X}" if unseen(char) and char != "\n" else char) for char in told
    )


def _n(number: float) -> str:
    """A coordinate with a tenth's precision."""
    return f"{number:.1f}".removesuffix(".0")
