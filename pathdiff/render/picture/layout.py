"""From the sizes of nodes and labels to a layout, by Graphviz where it is there, else by layers of our own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from pathdiff.render.picture.columns import placed
from pathdiff.render.picture.geometry import (
    Block,
    Edge,
    Engine,
    Layout,
    Place,
    Point,
    Rectangle,
    Route,
    joined,
    straight,
)
from pathdiff.render.picture.graphviz import graphviz
from pathdiff.render.picture.layered import layered
from pathdiff.render.picture.ports import ports

ORIGIN: Final = Point(0, 0)
MARGIN: Final = 8.0
"""What stays free around everything."""


def layout(
    nodes: Mapping[str, Block], edges: Iterable[Edge], labels: Mapping[Edge, Block], engine: Engine | None = None
) -> Layout:
    """Where nodes and labels stand and how edges run, for a graph without cycles whose edges (u, v) have u on the left.

    A label is a block of its own, in the middle of its edge, which runs straight through it between what stands above
    and below. Without `engine` Graphviz is asked first. Raises KeyError for an edge between nodes that aren't there.

    >>> from pathdiff.render.picture.geometry import Size
    >>> found = layout({"x": Block(Size(20, 20)), "p": Block(Size(20, 20))}, [("x", "p")], {}, "layered")
    >>> [(name, place.core.center) for name, place in found.nodes.items()]
    [('x', Point(x=18.0, y=18.0)), ('p', Point(x=72.0, y=18.0))]
    """
    told = list(edges)
    number: dict[str | Edge, int] = {name: place for place, name in enumerate(nodes)}
    blocks = list(nodes.values())
    pieces: list[tuple[int, int]] = []
    for u, v in told:
        if (u, v) in labels:
            number[u, v] = len(blocks)
            pieces += [(number[u], len(blocks)), (len(blocks), number[v])]
            blocks.append(labels[u, v])
        else:
            pieces.append((number[u], number[v]))
    sizes = [block.extent for block in blocks]
    found = graphviz(sizes, pieces, len(nodes)) if engine != "layered" else None
    by: Engine = "layered" if found is None else "graphviz"
    centers, routers = placed(found or layered(sizes, pieces, len(nodes)))
    places = [block.at(center) for block, center in zip(blocks, centers, strict=False)]  # and then bends
    level = [route(centers[tail].y, centers[head].y) for route, (tail, head) in zip(routers, pieces, strict=True)]
    touched = ports(blocks, centers, pieces, level)
    by_piece = (route(*ends) for route, ends in zip(routers, touched, strict=True))
    whole: dict[Edge, Route] = {}
    for edge in told:
        if edge in labels:
            label = places[number[edge]].core
            through = straight(Point(label.x, label.center.y), Point(label.right, label.center.y))
            whole[edge] = joined(next(by_piece), through, next(by_piece))
        else:
            whole[edge] = next(by_piece)
        whole[edge] = _to_the_shapes(whole[edge], nodes[edge[0]], nodes[edge[1]], *(places[number[v]] for v in edge))
    at = {name: places[number[name]] for name in nodes}
    named = {edge: places[number[edge]] for edge in told if edge in labels}
    return _moved(at, named, whole, by)


def _to_the_shapes(route: Route, tail: Block, head: Block, leaves: Place, meets: Place) -> Route:
    """The route from the right side of its tail to the left side of its head."""
    start, end = route[0].y, route[-1].y
    left = leaves.core.right - tail.recess(start - leaves.core.center.y)
    right = meets.core.x + head.recess(end - meets.core.center.y)
    return joined((Point(left, start),), route, (Point(right, end),))


def _moved(nodes: dict[str, Place], labels: dict[Edge, Place], routes: dict[Edge, Route], engine: Engine) -> Layout:
    """The layout with its left upper corner at (0, 0)."""
    parts = [part for place in (*nodes.values(), *labels.values()) for part in place.parts]
    points = [point for route in routes.values() for point in route]
    left = min([*(part.x for part in parts), *(point.x for point in points)], default=0.0) - MARGIN
    top = min([*(part.y for part in parts), *(point.y for point in points)], default=0.0) - MARGIN
    right = max([*(part.right for part in parts), *(point.x for point in points)], default=0.0) + MARGIN
    bottom = max([*(part.bottom for part in parts), *(point.y for point in points)], default=0.0) + MARGIN
    return scaled(Layout(right, bottom, nodes, labels, routes, engine), 1, Point(left, top))


def scaled(found: Layout, factor: float, corner: Point = ORIGIN) -> Layout:
    """The layout so many times as large, from this corner on."""

    def point(old: Point) -> Point:
        return Point((old.x - corner.x) * factor, (old.y - corner.y) * factor)

    def rectangle(old: Rectangle) -> Rectangle:
        return Rectangle(*point(Point(old.x, old.y)), old.width * factor, old.height * factor)

    def place(old: Place) -> Place:
        return Place(rectangle(old.core), rectangle(old.above), rectangle(old.below))

    return Layout(
        *point(Point(found.width, found.height)),
        {name: place(old) for name, old in found.nodes.items()},
        {edge: place(old) for edge, old in found.labels.items()},
        {edge: tuple(map(point, route)) for edge, route in found.routes.items()},
        found.engine,
    )
