"""What stands on the nodes and edges of a drawn graph, as mathematics; how it is written is each format's own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from pathdiff.diagnostics import cell_width
from pathdiff.drawing import Drawing
from pathdiff.names import Symbols
from pathdiff.notation import Dots, Math, Ratio, Row, Sign, number_math, significant
from pathdiff.render.picture.geometry import Block, Edge, Engine, Layout, Route, Side, Size
from pathdiff.render.picture.layout import layout
from pathdiff.render.text import line
from pathdiff.typesetting import definition, expression_math, ratio

Kind = Literal["computation", "derivative"]
Role = Literal["input", "parameter", "intermediate", "dependent"]
ROLES: Final[tuple[Role, ...]] = ("input", "parameter", "intermediate", "dependent")
_SIDES: Final[dict[Role, Side]] = {
    "input": "flat", "parameter": "pointed", "intermediate": "round", "dependent": "round",
}  # fmt: skip
HEADINGS: Final[dict[Kind, str]] = {"computation": "Computation graph", "derivative": "Derivative graph"}

DIGITS: Final = 4
"""How many significant digits of a number are shown in a picture."""
LONGEST: Final = 30
"""What has more characters than this on one line is left out: a formula beside an edge or below a node."""


@dataclass(frozen=True, slots=True)
class Vertex:
    """A node as it is drawn: its name in a shape, and notes above and below it."""

    name: str
    symbol: Math
    role: Role
    above: Math | None = None
    """Its value."""
    below: Math | None = None
    """What it is defined as, or the derivative with respect to it."""
    lit: bool = False


@dataclass(frozen=True, slots=True)
class Arrow:
    """An edge as it is drawn; (u, v) where v uses u, whichever way the arrow points."""

    edge: Edge
    above: Math | None = None
    """The label, ∂v/∂u."""
    below: Math | None = None
    """What the label is, where that is known."""
    lit: bool = False
    paths: tuple[int, ...] = ()
    """The ranks of the paths that stand out and use it."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One of the two graphs as it is drawn."""

    kind: Kind
    vertices: tuple[Vertex, ...]
    arrows: tuple[Arrow, ...]

    @property
    def heading(self) -> str:
        """Which graph it is, in words."""
        return HEADINGS[self.kind]

    @property
    def lights(self) -> bool:
        """Whether something stands out, so that the rest steps back."""
        return any(arrow.lit for arrow in self.arrows)

    def ends(self, edge: Edge) -> Edge:
        """Where the arrow of an edge starts and where it points."""
        u, v = edge
        return (u, v) if self.kind == "computation" else (v, u)

    def route(self, route: Route) -> Route:
        """A route of an edge, from u to v, in the direction of its arrow."""
        return route if self.kind == "computation" else route[::-1]


def figure(drawing: Drawing, kind: Kind) -> Figure:
    """One of the two graphs with everything that stands on it. Cost O(V + E)."""
    symbols = Symbols([*drawing.spec.independents, *drawing.spec.nodes])
    lit = {name for edge in drawing.lit for name in edge}
    below = _definitions(drawing, symbols) if kind == "computation" else _adjoints(drawing, symbols)
    vertices = tuple(
        Vertex(name, symbols[name], known["role"], _value(drawing.values, name), below.get(name), name in lit)
        for name, known in drawing.computation.nodes(data=True)
    )
    return Figure(kind, vertices, tuple(_arrows(drawing, kind, symbols)))


def _definitions(drawing: Drawing, symbols: Symbols) -> dict[str, Math]:
    """What each node is, after a sign of equality, where that is short enough."""
    own = Symbols(drawing.spec.functions)
    found: dict[str, Math] = {}
    for name in drawing.computation:
        node = drawing.spec.nodes.get(name)
        if node is not None and not node.abstract:
            _, right = definition(node, symbols, own)
            found[name] = Row((Sign("="), right if _short(right) else Dots()))
    return found


def _adjoints(drawing: Drawing, symbols: Symbols) -> dict[str, Math]:
    return {
        name: Row((ratio(result, symbols), Sign("="), number(value)))
        for name, (result, value) in drawing.adjoints.items()
    }


def _arrows(drawing: Drawing, kind: Kind, symbols: Symbols) -> Iterator[Arrow]:
    for v, u, known in drawing.derivative.edges(data=True):
        lit, paths = (v, u) in drawing.lit, drawing.on((v, u))
        if kind == "computation":
            yield Arrow((u, v), lit=lit, paths=paths)
            continue
        expression = known["label"].expression
        told: list[Math] = [] if expression is None else [expression_math(expression, symbols)]
        told = [math if _short(math) else Dots() for math in told]
        value = drawing.labels.get((v, u))
        if value is not None and told and told[0] != number(value):
            told.append(number(value))
        below = told[0] if len(told) == 1 else Row((told[0], Sign("="), told[1])) if told else None
        yield Arrow((u, v), Ratio(symbols[v], symbols[u]), below, lit, paths)


def _short(math: Math) -> bool:
    return cell_width(line(math)) <= LONGEST


def _value(values: Mapping[str, Any], name: str) -> Math | None:
    return number(values[name]) if name in values else None


def number(value: Any) -> Math:
    """A number as it stands in a picture."""
    return number_math(value, lambda told: significant(told, DIGITS))


def laid_out(
    figures: Iterable[Figure],
    core: Callable[[Vertex], Size],
    note: Callable[[Math | None], Size],
    label: Callable[[Arrow], tuple[Size, Size]],
    engine: Engine | None = None,
) -> Layout:
    """One layout for both graphs, which then differ by their arrows only, with room for what stands on either.

    The sizes are those of a node's shape, of a note, and of what stands above and below an edge.
    """
    nodes: dict[str, list[Block]] = {}
    labels: dict[Edge, list[Block]] = {}
    edges: dict[Edge, None] = {}
    for each in figures:
        for vertex in each.vertices:
            block = Block(core(vertex), note(vertex.above), note(vertex.below), _SIDES[vertex.role])
            nodes.setdefault(vertex.name, []).append(block)
        for arrow in each.arrows:
            edges[arrow.edge] = None
            above, below = label(arrow)
            if above.width or below.width:
                block = Block(Size(max(above.width, below.width), 0), above, below)
                labels.setdefault(arrow.edge, []).append(block)
    return layout(
        {name: _largest(blocks) for name, blocks in nodes.items()},
        edges,
        {edge: _largest(blocks) for edge, blocks in labels.items()},
        engine,
    )


def _largest(blocks: list[Block]) -> Block:
    def most(sizes: Iterable[Size]) -> Size:
        told = list(sizes)
        return Size(max(size.width for size in told), max(size.height for size in told))

    core, above, below = (most(getattr(block, part) for block in blocks) for part in ("core", "above", "below"))
    return Block(core, above, below, blocks[0].side)
