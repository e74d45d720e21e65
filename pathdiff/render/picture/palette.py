"""The colours of pictures, in light and in dark."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pathdiff.render.picture.figure import Arrow, Figure


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


def colours(arrow: Arrow, told: Figure) -> list[int]:
    """The numbers of the colours of an edge, one for each path on it that stands out; none where it does not."""
    numbers = sorted({rank for each in told.arrows for rank in each.paths})
    return [numbers.index(rank) % len(LIGHT.paths) for rank in arrow.paths] or [0] * arrow.lit


def strokes_of(arrow: Arrow, told: Figure) -> list[str]:
    """These colours, on paper."""
    return [LIGHT.paths[number] for number in colours(arrow, told)]
