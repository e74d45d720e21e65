"""DOT, the language of Graphviz, to be laid out by whoever reads it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from pathdiff.diagnostics import unseen
from pathdiff.drawing import Drawing
from pathdiff.render.picture.figure import ROLES, Arrow, Figure, Kind, Role, figure
from pathdiff.render.picture.lettering import marked, plain
from pathdiff.render.picture.palette import LIGHT, strokes_of

SHAPES: Final[dict[Role, str]] = {
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
    for each in reversed(figures):  # `dot` puts the last cluster on top
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
        yield f'{quoted(prefix + vertex.name)} [{SHAPES[vertex.role]}, label="{label}", fillcolor="{fill}"{bold}];'
    for arrow in told.arrows:
        label = "\\n".join(_escaped(text) for text in (marked(arrow), plain(arrow.below)) if text)
        tail, head = told.ends(arrow.edge)
        attributes = [f'label="{label}"'] * bool(label)
        if prefix and told.kind == "derivative":
            tail, head = head, tail
            attributes.append("dir=back")
        attributes += look(arrow, told)
        shown = f" [{', '.join(attributes)}]" if attributes else ""
        yield f"{quoted(prefix + tail)} -> {quoted(prefix + head)}{shown};"


def look(arrow: Arrow, told: Figure) -> list[str]:
    """The attributes of an edge; one on several paths that stand out has a line for each, side by side."""
    if arrow.lit:
        return [f'color="{":".join(strokes_of(arrow, told))}"', "penwidth=2.5"]
    return [f'color="{LIGHT.quiet}"'] if told.lights else []


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
