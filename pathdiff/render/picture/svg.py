"""SVG: a picture that stands alone or in a page, text as text, for light and dark, in words for a screen reader."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import hypot
from typing import Final

from pathdiff.diagnostics import unseen
from pathdiff.drawing import Drawing
from pathdiff.notation import Math
from pathdiff.render.picture.figure import ROLES, Arrow, Figure, Kind, Role, Vertex, figure, laid_out
from pathdiff.render.picture.geometry import POINTED, Engine, Layout, Place, Point, Rectangle, Route, Size
from pathdiff.render.picture.measure import text_size, width
from pathdiff.render.terminal.text import line, mark

NAME: Final = 16.0
"""The size of the letters of a node's name."""
NOTE: Final = 12.5
"""The size of those of labels and notes."""
LEAST: Final = 38.0
"""The height of a node, and its least width."""
HEADING: Final = 30.0
"""The room above a graph for its heading."""
LEGEND: Final = 34.0
"""The room below for what the shapes mean."""
APART: Final = 28.0
"""What separates the two graphs."""
WIDEST: Final = 1500.0
"""Two graphs that are wider together stand one below the other."""
_HEAD: Final = 8.5
"""The length of an arrow's head."""


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of one scheme, with contrast enough for text on paper and on every fill."""

    paper: str
    ink: str
    quiet: str
    fills: tuple[str, str, str, str]
    """Of the roles, in their order."""
    value: str
    adjoint: str
    paths: tuple[str, ...]
    """Of the paths that stand out, one after the other; the first also of all paths together."""


LIGHT: Final = Palette(
    "#ffffff", "#1f2328", "#6e7781", ("#dceafb", "#fdf0d0", "#f3f4f6", "#dff3e4"), "#116329", "#a40e26",
    ("#0550ae", "#b35900", "#116329", "#a0317f", "#0f6a70", "#6639ba"),
)  # fmt: skip
DARK: Final = Palette(
    "#0d1117", "#e6edf3", "#8b949e", ("#173150", "#463410", "#21262d", "#12381f"), "#7ee787", "#ffa198",
    ("#79c0ff", "#ffb366", "#7ee787", "#f5a3d8", "#76d9e0", "#d2a8ff"),
)  # fmt: skip


def svg(drawing: Drawing, kinds: Sequence[Kind] = ("computation", "derivative"), engine: Engine | None = None) -> str:
    """The graphs as one SVG document: side by side, or one below the other where that would be too wide."""
    figures = [figure(drawing, kind) for kind in kinds]
    found = measured(figures, engine)
    title = drawing.spec.title.strip() or " and ".join(each.heading for each in figures)
    return "".join(f"{piece}\n" for piece in _document(title, figures, found))


def measured(figures: Sequence[Figure], engine: Engine | None = None) -> Layout:
    """The layout of figures as this module writes them."""

    def note(math: Math | None) -> Size:
        return text_size(plain(math), NOTE)

    def label(arrow: Arrow) -> tuple[Size, Size]:
        return text_size(marked(arrow), NOTE, bold=arrow.lit), note(arrow.below)

    return laid_out(figures, _core, note, label, engine)


def _core(vertex: Vertex) -> Size:
    text = width(plain(vertex.symbol), NAME) + {"parameter": 22, "dependent": 22}.get(vertex.role, 16)
    return Size(max(LEAST + (8 if vertex.role == "parameter" else 0), text), LEAST)


def plain(math: Math | None) -> str:
    """Mathematics as it stands in a picture, on one line."""
    return "" if math is None else line(math).strip()


def marked(arrow: Arrow) -> str:
    """What stands above an edge: its label, and the numbers of the paths that use it where these stand out."""
    marks = "".join(map(mark, arrow.paths))
    return f"{plain(arrow.above)} {marks}".strip()


def _document(title: str, figures: Sequence[Figure], found: Layout) -> Iterator[str]:
    heading = HEADING if len(figures) > 1 else 0
    beside = stands_beside(found, len(figures))
    legend = list(_legend(figures, found))
    columns, rows = (len(figures), 1) if beside else (1, len(figures))
    across = max(found.width * columns + APART * (columns - 1), _legend_width(figures) + 16)
    down = (found.height + heading) * rows + APART * (rows - 1) + LEGEND
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="pathdiff-picture" viewBox="0 0 {_n(across)} {_n(down)}" '
        f'width="{_n(across)}" height="{_n(down)}" role="img" aria-label="{escaped(title)}" '
        'font-family="system-ui, -apple-system, &quot;Segoe UI&quot;, Roboto, &quot;DejaVu Sans&quot;, sans-serif">'
    )
    yield f"<title>{escaped(title)}</title>"
    yield f"<desc>{escaped(' '.join(map(in_words, figures)))}</desc>"
    yield style()
    yield f'<rect class="paper" width="100%" height="100%" fill="{LIGHT.paper}"/>'
    for index, each in enumerate(figures):
        x, y = (index * (found.width + APART), 0.0) if beside else (0.0, index * (found.height + heading + APART))
        if heading:
            yield _text(each.heading, Point(x + 8, y + 20), "heading", 14, "start", bold=True)
        yield f'<g class="{each.kind}" transform="translate({_n(x)} {_n(y + heading)})">'
        yield from graph(each, found)
        yield "</g>"
    yield f'<g class="legend" transform="translate(0 {_n(down - LEGEND / 2)})">'
    yield from legend
    yield "</g>"
    yield "</svg>"


def stands_beside(found: Layout, count: int) -> bool:
    """Whether so many graphs of this layout stand side by side."""
    return found.width * count + APART * (count - 1) <= WIDEST or found.width < found.height


def stroke_of(arrow: Arrow, told: Figure) -> str:
    """The colour of an edge that stands out: that of the first of its paths."""
    return LIGHT.paths[_colours(arrow, told)[0]]


def _colours(arrow: Arrow, told: Figure) -> list[int]:
    """The numbers of the colours of an edge, one for each path on it that stands out."""
    numbers = sorted({rank for each in told.arrows for rank in each.paths})
    return [numbers.index(rank) % len(LIGHT.paths) for rank in arrow.paths] or [0] * arrow.lit


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


def in_words(told: Figure) -> str:
    """A figure for who cannot see it: its nodes by their roles, its arrows, what stands out."""
    parts = []
    for role in ROLES:
        names = [plain(vertex.symbol) for vertex in told.vertices if vertex.role == role]
        if names:
            parts.append(f"{role}{'s' * (len(names) > 1 and role != 'intermediate')} {', '.join(names)}")
    symbols = {vertex.name: plain(vertex.symbol) for vertex in told.vertices}
    arrows = []
    for arrow in told.arrows:
        tail, head = told.ends(arrow.edge)
        label = f" ({plain(arrow.above)})" if arrow.above else ""
        arrows.append(f"{symbols[tail]} to {symbols[head]}{label}{', highlighted' * arrow.lit}")
    return f"{told.heading}. Nodes: {'; '.join(parts)}. Arrows: {'; '.join(arrows) or 'none'}."


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
    route = found.routes[arrow.edge] if told.kind == "computation" else found.routes[arrow.edge][::-1]
    shaft, tip = _headed(route)
    path = _path(shaft)
    ink = LIGHT.quiet if back else LIGHT.ink
    colours = _colours(arrow, told)
    if not colours:
        yield f'<path class="line" d="{path}" fill="none" stroke="{ink}" stroke-width="1.3"/>'
        yield f'<path class="head" d="{tip}" fill="{ink}"/>'
    for inside, colour in enumerate(colours):
        thick = 2.6 + 2.6 * (len(colours) - 1 - inside)
        stroke = LIGHT.paths[colour]
        yield f'<path class="line line-{colour}" d="{path}" fill="none" stroke="{stroke}" stroke-width="{_n(thick)}"/>'
    if colours:
        yield f'<path class="head line-{colours[0]}" d="{tip}" fill="{LIGHT.paths[colours[0]]}"/>'
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


def _shape(where: Rectangle, role: Role, stroke: float = 1.3) -> Iterator[str]:
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
            for inset in (0.0, 3.5) if role == "dependent" else (0.0,):
                yield (
                    f'<rect {look} x="{_n(x + inset)}" y="{_n(y + inset)}" width="{_n(wide - 2 * inset)}" '
                    f'height="{_n(high - 2 * inset)}" rx="{_n(high / 2 - inset)}"/>'
                )


_WORDS: Final[dict[Role, str]] = {
    "input": "input", "parameter": "parameter", "intermediate": "intermediate node", "dependent": "dependent node",
}  # fmt: skip


def _roles(figures: Sequence[Figure]) -> list[Role]:
    met = {vertex.role for each in figures for vertex in each.vertices}
    return [role for role in ROLES if role in met]


def _legend_width(figures: Sequence[Figure]) -> float:
    return sum(30 + width(_WORDS[role], 11.5) + 18 for role in _roles(figures))


def _legend(figures: Sequence[Figure], found: Layout) -> Iterator[str]:
    """What the shapes mean."""
    x = 8.0
    for role in _roles(figures):
        yield f'<g class="{role}">'
        yield from (
            _shape(Rectangle(x, -8, 26 if role == "parameter" else 16, 16), role)
            if role != "dependent"
            else (_small_dependent(x))
        )
        x += 30
        yield _text(_WORDS[role], Point(x, 4), "legend-word", 11.5, "start")
        yield "</g>"
        x += width(_WORDS[role], 11.5) + 18


def _small_dependent(x: float) -> Iterator[str]:
    fill = LIGHT.fills[ROLES.index("dependent")]
    for radius in (8.0, 5.5):
        yield (
            f'<circle class="shape" fill="{fill}" stroke="{LIGHT.ink}" stroke-width="1.1" cx="{_n(x + 8)}" cy="0" '
            f'r="{_n(radius)}"/>'
        )


def _headed(route: Route) -> tuple[Route, str]:
    """A route that ends within its arrow's head, and the head, whose tip is where the route ended."""
    tip, before = route[-1], next(p for p in reversed(route[:-1]) if hypot(p.x - route[-1].x, p.y - route[-1].y) > 0.1)
    length = hypot(tip.x - before.x, tip.y - before.y)
    dx, dy = (tip.x - before.x) / length, (tip.y - before.y) / length
    cut = _HEAD * 0.7
    # The last curve's own control moves along, or the line would turn back within the head.
    moved = [Point(p.x - dx * cut, p.y - dy * cut) for p in route[-2:]]
    base = Point(tip.x - dx * _HEAD, tip.y - dy * _HEAD)
    half = _HEAD * 0.42
    corners = [tip, Point(base.x - dy * half, base.y + dx * half), Point(base.x + dy * half, base.y - dx * half)]
    drawn = "M" + "L".join(f"{_n(p.x)} {_n(p.y)}" for p in corners) + "Z"
    return (*route[:-2], *moved), drawn


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
