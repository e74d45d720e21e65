"""Mermaid, which GitHub, GitLab and many notebooks draw from text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from pathdiff.diagnostics import unseen
from pathdiff.drawing import Drawing
from pathdiff.render.picture.figure import Figure, Kind, Role, figure
from pathdiff.render.picture.lettering import marked, plain
from pathdiff.render.picture.palette import strokes_of

_SHAPES: Final[dict[Role, tuple[str, str]]] = {
    "input": ("[", "]"), "parameter": ("{{", "}}"), "intermediate": ("([", "])"), "dependent": ("(((", ")))"),
}  # fmt: skip
_SPACE: Final = "#nbsp;" * 3
"""Beside the lines of a circle above and below its middle: Mermaid makes it as wide as its text, corners outside."""


def mermaid(drawing: Drawing, kinds: Sequence[Kind] = ("computation", "derivative")) -> str:
    """The graphs as one flowchart, inputs on the left; names are shown and never used as identifiers."""
    figures = [figure(drawing, kind) for kind in kinds]
    if len(figures) == 1:
        [each] = figures
        lines = [f"flowchart {_direction(each)}", *(f"  {line}" for line in _statements(each, "n"))]
    else:
        lines = ["flowchart TB"]
        for each in figures:
            lines.append(f'  subgraph {each.kind}["{each.heading}"]')
            lines.append(f"    direction {_direction(each)}")
            lines += [f"    {line}" for line in _statements(each, each.kind[0])]
            lines.append("  end")
        lines.append(f"  {' ~~~ '.join(each.kind for each in figures)}")  # one above the other, in this order
    return "\n".join([*lines, *_links(figures), ""])


def _direction(told: Figure) -> str:
    return "LR" if told.kind == "computation" else "RL"


def _statements(told: Figure, prefix: str) -> Iterator[str]:
    identifier = {vertex.name: f"{prefix}{number}" for number, vertex in enumerate(told.vertices)}
    for vertex in told.vertices:
        left, right = _SHAPES[vertex.role]
        symbol, above, below = (escaped(plain(math)) for math in (vertex.symbol, vertex.above, vertex.below))
        beside = _SPACE if vertex.role == "dependent" else ""
        text = "<br/>".join([*_noted(above, beside), symbol, *_noted(below, beside)])
        yield f'{identifier[vertex.name]}{left}"{text}"{right}'
    for arrow in told.arrows:
        tail, head = (identifier[name] for name in told.ends(arrow.edge))
        label = "<br/>".join(escaped(text) for text in (marked(arrow), plain(arrow.below)) if text)
        shown = f'|"{label}"|' if label else ""
        yield f"{tail} -->{shown} {head}"


def _noted(told: str, beside: str) -> list[str]:
    return [f"{beside}{told}{beside}"] if told else []


def _links(figures: Sequence[Figure]) -> Iterator[str]:
    """The colours of the arrows that stand out; arrows are counted from 0 in order of the text."""
    number = 0
    for each in figures:
        for arrow in each.arrows:
            if arrow.lit:
                yield f"  linkStyle {number} stroke:{strokes_of(arrow, each)[0]},stroke-width:3px"
            number += 1


def escaped(told: str) -> str:
    """A text within the quotes of a label: letters, digits and what has no meaning there; all else as a code.

    >>> escaped('z(1 - z)"]; click `x`')
    'z(1 - z)#quot;#93;#59; click #96;x#96;'
    """
    return "".join(map(_escaped, told))


_NAMED: Final = {'"': "#quot;", "<": "#lt;", ">": "#gt;", "&": "#amp;"}


def _escaped(char: str) -> str:
    if char in _NAMED:
        return _NAMED[char]
    if unseen(char):
        return f"U+{ord(char):04X}"
    return char if char.isalnum() or not char.isascii() or char in " ()+-=/^,.|!'_" else f"#{ord(char)};"
