"""One or both graphs on one sheet: where each stands, its heading, and below them what the shapes mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pathdiff.drawing import Drawing
from pathdiff.render.picture.figure import ROLES, Figure, Kind, Role, figure
from pathdiff.render.picture.geometry import Engine, Layout, Point, Rectangle
from pathdiff.render.picture.lettering import measured
from pathdiff.render.picture.measure import width

HEADING: Final = 14.0
"""The size of the letters of a heading."""
WORD: Final = 11.5
"""The size of the words below."""
_LEFT: Final = 8.0
_ABOVE: Final = 30.0
"""The room above a graph for its heading."""
_BELOW: Final = 34.0
"""The room below for what the shapes mean."""
_APART: Final = 28.0
"""What separates the two graphs."""
_WIDEST: Final = 1500.0
"""Two graphs that are wider together stand one below the other, if they aren't higher than wide."""
_MEANINGS: Final[dict[Role, str]] = {
    "input": "input", "parameter": "parameter", "intermediate": "intermediate node", "dependent": "dependent node",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Meaning:
    """A small shape and what it stands for."""

    role: Role
    shape: Rectangle
    words: str
    at: Point
    """The left end of the line that the words stand on."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """Everything with its place, in the units of the layout."""

    figures: tuple[Figure, ...]
    layout: Layout
    corners: tuple[Point, ...]
    """The left upper corner of each graph."""
    headings: tuple[Point, ...]
    """The left end of the line that each heading stands on; none where there is one graph."""
    legend: tuple[Meaning, ...]
    width: float
    height: float


def sheet(drawing: Drawing, kinds: Sequence[Kind], engine: Engine | None = None) -> Sheet:
    """The graphs side by side, or one below the other where that would be too wide."""
    figures = tuple(figure(drawing, kind) for kind in kinds)
    found = measured(figures, engine)
    above = _ABOVE if len(figures) > 1 else 0.0
    wide = (found.width + _APART) * len(figures) - _APART
    beside = wide <= _WIDEST or found.width < found.height
    corners = [
        Point(index * (found.width + _APART), above) if beside
        else Point(0, above + index * (found.height + above + _APART))
        for index in range(len(figures))
    ]  # fmt: skip
    bottom = corners[-1].y + found.height
    legend, right = [], _LEFT
    for role in ROLES:
        if any(vertex.role == role for each in figures for vertex in each.vertices):
            shape = Rectangle(right, bottom + _BELOW / 2 - 8, 22 if role == "parameter" else 16, 16)
            legend.append(Meaning(role, shape, _MEANINGS[role], Point(right + 30, bottom + _BELOW / 2 + 4)))
            right += 48 + width(_MEANINGS[role], WORD)
    return Sheet(
        figures,
        found,
        tuple(corners),
        tuple(Point(corner.x + _LEFT, corner.y - 10) for corner in corners) if len(figures) > 1 else (),
        tuple(legend),
        max(wide if beside else found.width, right + _LEFT),
        bottom + _BELOW,
    )
