"""A figure in letters on one line: how they read, how large they are, how much room they take."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pathdiff.notation import Math
from pathdiff.render.picture.figure import ROLES, Arrow, Figure, Vertex, laid_out
from pathdiff.render.picture.geometry import Engine, Layout, Size
from pathdiff.render.picture.measure import text_size, width
from pathdiff.render.text import line, mark

NAME: Final = 16.0
"""The size of the letters of a node's name."""
NOTE: Final = 12.5
"""The size of those of labels and notes."""
LEAST: Final = 38.0
"""The height of a node, and its least width."""


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
