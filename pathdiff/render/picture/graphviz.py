"""Places by Graphviz: its `dot` ranks, orders, and routes (Gansner, Koutsofios, North and Vo 1993).

It is told numbers only: no name, title or formula of a spec reaches it. Where an edge leads to the next column, its own
curve is replaced by one that is level within the columns, as the edges of the other engine are.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from typing import Any, Final

from pathdiff.render.picture.geometry import Found, Point, Route, Size, level_then_bent

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
    return Found(found.centers, tuple(_smooth(sizes, edges, found)))


def _smooth(sizes: Sequence[Size], edges: Sequence[tuple[int, int]], found: Found) -> Iterator[Route]:
    """The routes, those between neighbouring columns drawn anew."""
    widths: dict[int, float] = {}
    for size, center in zip(sizes, found.centers, strict=True):
        column = round(center.x)
        widths[column] = max(widths.get(column, 0.0), size.width)
    place = {column: index for index, column in enumerate(sorted(widths))}
    for (tail, head), route in zip(edges, found.routes, strict=True):
        left, right = found.centers[tail], found.centers[head]
        columns = round(left.x), round(right.x)
        if place[columns[1]] - place[columns[0]] == 1:
            across = sizes[tail].width, sizes[head].width
            yield level_then_bent(left, right, across, (widths[columns[0]], widths[columns[1]]))
        else:
            yield route


def _read(told: dict[str, Any], count: int, edge_count: int) -> Found:
    """Raises KeyError or ValueError for what is no answer to the question."""
    top = float(told["bb"].split(",")[3])

    def point(text: str) -> Point:
        x, y = map(float, text.split(",")[-2:])
        return Point(x, top - y)

    centers = {int(each["name"]): point(each["pos"]) for each in told["objects"]}
    routes: dict[int, Route] = {}
    for each in told.get("edges", []):
        routes[int(each["id"])] = tuple(point(text) for text in each["pos"].split() if text[0] not in "es")
    return Found(tuple(centers[i] for i in range(count)), tuple(routes[i] for i in range(edge_count)))
