"""A layout as data: where each node, each label and each edge of a drawn graph stands.

The computation graph runs from left to right, inputs on the left; the derivative graph is the same picture with its
arrows turned round. x grows to the right, y downwards, from (0, 0); a unit is what a browser calls a pixel. An edge is
(u, v), where v uses u, so u stands on the left of v in either graph.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import hypot, sqrt
from typing import Final, Literal, NamedTuple

Edge = tuple[str, str]
"""(u, v), where v uses u."""
Engine = Literal["graphviz", "layered"]


class Point(NamedTuple):
    """A place in the picture."""

    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Size:
    """How much room a thing takes."""

    width: float
    height: float


NOTHING: Final = Size(0, 0)


@dataclass(frozen=True, slots=True)
class Rectangle:
    """A part of the picture, by its left upper corner."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Where it ends on the right."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """Where it ends below."""
        return self.y + self.height

    @property
    def center(self) -> Point:
        """Its middle."""
        return Point(self.x + self.width / 2, self.y + self.height / 2)

    @property
    def empty(self) -> bool:
        """Whether nothing stands there."""
        return not self.width or not self.height

    def overlaps(self, other: Rectangle) -> bool:
        """Whether both cover a point; touching is no overlap, and what is empty covers nothing."""
        apart = self.right <= other.x or other.right <= self.x or self.bottom <= other.y or other.bottom <= self.y
        return not (apart or self.empty or other.empty)


NOTE_GAP: Final = 3.0
"""What separates a shape, or an edge, from what is written above and below it."""

Side = Literal["flat", "pointed", "round"]
"""What the left and the right side of a shape look like: half a circle where they are round."""
POINTED: Final = 0.3
"""How far the points of a shape stick out, by its height."""


@dataclass(frozen=True, slots=True)
class Block:
    """What has to find a place together: a node's shape, or the piece of an edge that bears its label, with notes."""

    core: Size
    """The shape; of a label a piece of the edge, which is as wide as the label and has no height."""
    above: Size = NOTHING
    below: Size = NOTHING
    side: Side = "flat"
    """What edges touch."""

    def recess(self, off: float) -> float:
        """How far the side of the shape is within its rectangle, so far above or below the middle."""
        half = self.core.height / 2
        match self.side:
            case "flat":
                return 0.0
            case "pointed":
                return 2 * POINTED * abs(off)
            case "round":
                return half - sqrt(max(0.0, half * half - off * off))

    @property
    def extent(self) -> Size:
        """The room for all of it; as much above as below, so that the core is in the middle."""
        note = max(self.above.height, self.below.height)
        height = self.core.height + 2 * (note + NOTE_GAP if note else 0)
        return Size(max(self.core.width, self.above.width, self.below.width), height)

    def at(self, center: Point) -> Place:
        """The block around a point."""

        def around(size: Size, y: float) -> Rectangle:
            return Rectangle(center.x - size.width / 2, y, size.width, size.height)

        half = self.core.height / 2
        return Place(
            around(self.core, center.y - half),
            around(self.above, center.y - half - NOTE_GAP - self.above.height),
            around(self.below, center.y + half + NOTE_GAP),
        )


@dataclass(frozen=True, slots=True)
class Place:
    """Where the parts of a block stand; those that it has not are empty."""

    core: Rectangle
    above: Rectangle
    below: Rectangle

    @property
    def parts(self) -> tuple[Rectangle, ...]:
        """All that something stands in."""
        return tuple(part for part in (self.core, self.above, self.below) if not part.empty)


Route = tuple[Point, ...]
"""The way of an edge from the shape of u to that of v: cubic Bézier curves, a point and then three for each."""


@dataclass(frozen=True, slots=True)
class Layout:
    """A graph with a place for everything: no node or label covers another one."""

    width: float
    height: float
    nodes: Mapping[str, Place]
    labels: Mapping[Edge, Place]
    """Of the edges that have a label: above and below a piece of the edge that runs straight."""
    routes: Mapping[Edge, Route]
    engine: Engine
    """What found the places."""


Router = Callable[[float, float], Route]
"""The route of an edge by the heights at which it leaves its tail and meets its head, both near their middles."""


class Found(NamedTuple):
    """What an engine answers: the middle of each block, and the way of each edge between two blocks."""

    centers: tuple[Point, ...]
    routers: tuple[Router, ...]


def straight(start: Point, end: Point) -> Route:
    """A line as a Bézier curve."""
    between = (Point(start.x + (end.x - start.x) * part, start.y + (end.y - start.y) * part) for part in (1 / 3, 2 / 3))
    return (start, *between, end)


def along(route: Route, count: int = 16) -> list[Point]:
    """Points on a route, so many more for each of its curves."""
    found = [route[0]]
    for start in range(0, len(route) - 1, 3):
        curve = route[start : start + 4]
        for step in range(1, count + 1):
            t = step / count
            weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
            pairs = list(zip(weights, curve, strict=True))
            found.append(Point(sum(w * p.x for w, p in pairs), sum(w * p.y for w, p in pairs)))
    return found


def joined(*routes: Route) -> Route:
    """Routes one after another, straight lines where one doesn't begin where the one before ends."""
    whole: Route = ()
    for route in routes:
        if not whole:
            whole = route
            continue
        if abs(whole[-1].x - route[0].x) + abs(whole[-1].y - route[0].y) > 0.01:
            whole += straight(whole[-1], route[0])[1:]
        whole = (*whole[:-1], *route)
    return whole


def shortened(route: Route, cut: float) -> tuple[Route, Point]:
    """A route without so much of its end, where an arrow's head goes; and the way that it ends in, of length 1."""
    tip = route[-1]
    before = next(point for point in reversed(route[:-1]) if hypot(point.x - tip.x, point.y - tip.y) > 0.1)
    length = hypot(tip.x - before.x, tip.y - before.y)
    way = Point((tip.x - before.x) / length, (tip.y - before.y) / length)
    # The last curve's own control moves along, or the line would turn back within the head.
    moved = (Point(point.x - way.x * cut, point.y - way.y * cut) for point in route[-2:])
    return (*route[:-2], *moved), way


def level_then_bent(left: Point, right: Point, across: tuple[float, float], columns: tuple[float, float]) -> Route:
    """The way between two blocks in neighbouring columns: level within the columns, and a bend between them.

    The blocks are as wide as `across`, their columns, in whose middle they stand, as `columns`. Where the
    heights hardly differ it is a straight line.
    """
    start, end = Point(left.x + across[0] / 2, left.y), Point(right.x - across[1] / 2, right.y)
    if abs(left.y - right.y) < 2:
        return straight(start, end)
    turn, back = Point(left.x + columns[0] / 2, left.y), Point(right.x - columns[1] / 2, right.y)
    middle = (turn.x + back.x) / 2
    bend = (turn, Point(middle, turn.y), Point(middle, back.y), back)
    return joined((start,), bend, (end,))
