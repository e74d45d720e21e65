"""Places by Graphviz: its `dot` ranks, orders, and routes (Gansner, Koutsofios, North and Vo 1993).

It is told numbers only: no name, title or formula of a spec reaches it. Where an edge leads to the next column, its own
curve is replaced by one that is level within the columns, as the edges of the other engine are.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import accumulate
from typing import Any, Final

from pathdiff.render.picture.geometry import Found, Point, Route, Router, Size, level_then_bent, room_for

LONGEST: Final = 20.0
"""After so many seconds it is given up."""
_INCH: Final = 72.0
_HEAD: Final = 'digraph { rankdir=LR; nodesep=0.25; ranksep=0.6; node [shape=box, fixedsize=true, label=""];\n'


def graphviz(sizes: Sequence[Size], edges: Sequence[tuple[int, int]]) -> Found | None:
    """The places of blocks by their number; None where there is no `dot`, or where it fails or takes too long."""
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
        found = _read(json.loads(done.stdout), len(sizes), len(edges))
    except (OSError, subprocess.SubprocessError, ValueError, KeyError):
        return None
    centers, routes = _wider(sizes, edges, *found)
    return Found(tuple(centers), tuple(_routers(sizes, edges, centers, routes)))


def _columns(sizes: Sequence[Size], centers: Sequence[Point]) -> dict[int, float]:
    """The width of each column by the whole number next to its middle, from left to right."""
    widths: dict[int, float] = {}
    for size, center in sorted(zip(sizes, centers, strict=True), key=lambda pair: pair[1].x):
        column = round(center.x)
        widths[column] = max(widths.get(column, 0.0), size.width)
    return widths


def _wider(
    sizes: Sequence[Size], edges: Sequence[tuple[int, int]], centers: Sequence[Point], routes: Sequence[Route]
) -> tuple[list[Point], list[Route]]:
    """The same with columns further apart where the edges between them are steep."""
    widths = _columns(sizes, centers)
    place = {column: index for index, column in enumerate(widths)}
    steepest = [0.0] * len(widths)
    for left, right in ((centers[tail], centers[head]) for tail, head in edges):
        index = place[round(left.x)]
        if place[round(right.x)] == index + 1:
            steepest[index] = max(steepest[index], abs(left.y - right.y))
    starts = [column + width / 2 for column, width in widths.items()]
    ends = [*(column - width / 2 for column, width in widths.items()), starts[-1]][1:]
    extras = [room_for(steep) for steep in steepest]
    before = [0.0, *accumulate(extras)]

    def moved(point: Point) -> Point:
        index = bisect_right(starts, point.x) - 1
        if index < 0:
            return point
        part = min(1.0, (point.x - starts[index]) / max(1.0, ends[index] - starts[index]))
        return Point(point.x + before[index] + part * extras[index], point.y)

    return [moved(point) for point in centers], [tuple(map(moved, route)) for route in routes]


def _routers(
    sizes: Sequence[Size], edges: Sequence[tuple[int, int]], centers: Sequence[Point], routes: Sequence[Route]
) -> Iterator[Router]:
    """The ways of the edges, those between neighbouring columns found anew."""
    widths = _columns(sizes, centers)
    place = {column: index for index, column in enumerate(widths)}
    for (tail, head), route in zip(edges, routes, strict=True):
        left, right = centers[tail], centers[head]
        columns = round(left.x), round(right.x)
        if place[columns[1]] - place[columns[0]] == 1:
            across = sizes[tail].width, sizes[head].width
            yield partial(_between, left.x, right.x, across, (widths[columns[0]], widths[columns[1]]))
        else:
            yield partial(_ending, route)


def _between(
    left: float, right: float, across: tuple[float, float], columns: tuple[float, float], start: float, end: float
) -> Route:
    return level_then_bent(Point(left, start), Point(right, end), across, columns)


def _ending(route: Route, start: float, end: float) -> Route:
    """The route with its ends at other heights, and as level there as it was."""
    up, down = start - route[0].y, end - route[-1].y
    first, second = (Point(point.x, point.y + up) for point in route[:2])
    third, last = (Point(point.x, point.y + down) for point in route[-2:])
    return (first, second, *route[2:-2], third, last)


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
