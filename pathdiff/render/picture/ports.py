"""Where edges touch the shapes: each at a height of its own, so that no two run into one another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pathdiff.render.picture.geometry import Block, Point, Route
from pathdiff.render.picture.spacing import spaced

_REACH: Final = 0.36
"""How far above and below the middle of a shape an edge may touch it, by the shape's height."""
_APART: Final = 0.2
"""How far apart two edges touch it where there is room, by the same."""
_NEAR: Final = 0.18
"""How far off an edge may be there for the sake of running straight, by the same."""
_STRAIGHT: Final = 100.0
"""How much more an edge that may run straight wants its place than one that bends anyway."""

Ends = tuple[float, float]
"""The heights at which an edge leaves its tail and meets its head."""


def ports(
    blocks: Sequence[Block], centers: Sequence[Point], pieces: Sequence[tuple[int, int]], routes: Sequence[Route]
) -> list[Ends]:
    """Where each piece of an edge leaves its tail and meets its head; `routes` lead from middle to middle.

    On a node the order is that in which the edges part, and an edge that needs no bend runs straight where it may. A
    label lies in the middle of its edge. Cost O(E log E).
    """
    heights = [[centers[tail].y, centers[head].y] for tail, head in pieces]
    touching: dict[tuple[int, int], list[tuple[float, int]]] = {}
    for number, (piece, route) in enumerate(zip(pieces, routes, strict=True)):
        for end, block in enumerate(piece):
            if blocks[block].core.height:  # that of a label is a line
                touching.setdefault((block, end), []).append((_aim(route if end == 0 else route[::-1]), number))
    for (block, end), aims in touching.items():
        aims.sort()
        height, middle = blocks[block].core.height, centers[block].y
        reach = _REACH * height
        apart = min(_APART * height, 2 * reach / max(1, len(aims) - 1))
        offs = []
        for aim, number in aims:
            other = blocks[pieces[number][1 - end]]
            # Two nodes meet half way.
            offs.append((aim - middle) / (2 if other.core.height else 1))
        straight = [abs(off) <= _NEAR * height for off in offs]
        wanted = [off if near else 0.0 for off, near in zip(offs, straight, strict=True)]
        found = spaced(wanted, [_STRAIGHT if near else 1.0 for near in straight], [apart] * (len(aims) - 1))
        for index, ((_, number), off) in enumerate(zip(aims, found, strict=True)):
            least, most = index * apart - reach, reach - (len(aims) - 1 - index) * apart
            heights[number][end] = middle + min(max(off, least), most)
    return [(left, right) for left, right in heights]


def _aim(route: Route) -> float:
    """The height that a route goes to first, where it leaves that of its start."""
    ends = route[::3]
    return next((point.y for point in ends if abs(point.y - ends[0].y) > 0.01), ends[0].y)
