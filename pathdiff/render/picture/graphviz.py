"""Columns by Graphviz: its `dot` ranks, orders, and finds heights (Gansner, Koutsofios, North and Vo 1993).

It is told numbers only: no name, title or formula of a spec reaches it. Its curves tell where a long edge crosses the
columns on its way; the routes are made anew, like those of the other engine.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Sequence
from typing import Any, Final

from pathdiff.render.picture.columns import Layers, levelled, upright
from pathdiff.render.picture.geometry import NOTHING, Point, Route, Size, along

LONGEST: Final = 20.0
"""After so many seconds it is given up."""
_INCH: Final = 72.0
_HEAD: Final = 'digraph { rankdir=LR; nodesep=0.25; ranksep=0.6; node [shape=box, fixedsize=true, label=""];\n'


def graphviz(sizes: Sequence[Size], edges: Sequence[tuple[int, int]], nodes: int) -> Layers | None:
    """The columns of blocks by their number, the first `nodes` of which are nodes and the others lie on an edge.

    None where there is no `dot`, or where it fails or takes too long.
    """
    program = shutil.which("dot")
    if program is None:
        return None
    lines = [
        f"{number} [width={size.width / _INCH:.4f}, height={size.height / _INCH:.4f}];"
        for number, size in enumerate(sizes)
    ]
    lines += [f"{tail}:e -> {head}:w [dir=none, id={number}];" for number, (tail, head) in enumerate(edges)]
    try:
        done = subprocess.run(
            [program, "-Tjson0"],
            input=_HEAD + "\n".join(lines) + "\n}\n",
            capture_output=True,
            encoding="ascii",
            errors="replace",
            timeout=LONGEST,
            check=True,
        )
        centers, routes = _read(json.loads(done.stdout), len(sizes), len(edges))
    except (OSError, subprocess.SubprocessError, ValueError, KeyError):
        return None
    return upright(levelled(_layers(sizes, edges, nodes, centers, routes)))


def _layers(
    sizes: Sequence[Size],
    edges: Sequence[tuple[int, int]],
    nodes: int,
    centers: Sequence[Point],
    routes: Sequence[Route],
) -> Layers:
    """The columns in which the blocks stand, and where between these the edges cross them."""
    middles = sorted({round(center.x) for center in centers})
    column_of = [middles.index(round(center.x)) for center in centers]
    heights = [center.y for center in centers]
    chains = []
    for (tail, head), route in zip(edges, routes, strict=True):
        crossed = range(column_of[tail] + 1, column_of[head])
        chains.append((tail, *range(len(heights), len(heights) + len(crossed)), head))
        column_of += crossed
        heights += [_height_at(route, middles[column]) for column in crossed]
    columns: list[list[int]] = [[] for _ in middles]
    for vertex in sorted(range(len(heights)), key=heights.__getitem__):
        columns[column_of[vertex]].append(vertex)
    room = (*sizes, *[NOTHING] * (len(heights) - len(sizes)))
    return Layers(tuple(map(tuple, columns)), room, tuple(chains), nodes, tuple(heights))


def _height_at(route: Route, x: float) -> float:
    """How high a route, which runs from left to right, is there."""
    return min(along(route), key=lambda point: abs(point.x - x)).y


def _read(told: dict[str, Any], count: int, edge_count: int) -> tuple[tuple[Point, ...], tuple[Route, ...]]:
    """The middles and the routes. Raises KeyError or ValueError for what is no answer to the question."""
    top = float(told["bb"].split(",")[3])

    def point(text: str) -> Point:
        x, y = map(float, text.split(",")[-2:])
        return Point(x, top - y)

    centers = {int(each["name"]): point(each["pos"]) for each in told["objects"]}
    routes: dict[int, Route] = {}
    for each in told.get("edges", []):
        routes[int(each["id"])] = tuple(point(text) for text in each["pos"].split() if text[0] not in "es")
    return tuple(centers[i] for i in range(count)), tuple(routes[i] for i in range(edge_count))
