"""Places by Graphviz: its `dot` ranks, orders, and routes (Gansner, Koutsofios, North and Vo 1993).

It is told numbers only: no name, title or formula of a spec reaches it.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Sequence
from typing import Any, Final

from pathdiff.render.picture.geometry import Found, Point, Route, Size

LONGEST: Final = 20.0
"""After so many seconds it is given up."""
_INCH: Final = 72.0
_HEAD: Final = 'digraph { rankdir=LR; nodesep=0.14; ranksep=0.34; node [shape=box, fixedsize=true, label=""];\n'


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
        return _read(json.loads(done.stdout), len(sizes), len(edges))
    except (OSError, subprocess.SubprocessError, ValueError, KeyError):
        return None


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
