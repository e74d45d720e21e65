"""Layouts: everything has its place, nothing covers anything else, whichever engine finds the places."""

from __future__ import annotations

import shutil
from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pathdiff.render.picture.columns import Layers, upright
from pathdiff.render.picture.geometry import (
    Block,
    Edge,
    Engine,
    Layout,
    Point,
    Rectangle,
    Size,
    along,
    joined,
    straight,
)
from pathdiff.render.picture.layered import layered
from pathdiff.render.picture.layout import layout
from pathdiff.render.picture.spacing import spaced

ENGINES: list[Engine] = ["graphviz", "layered"] if shutil.which("dot") else ["layered"]


def overlaps(found: Layout) -> list[tuple[Rectangle, Rectangle]]:
    """Every two parts that cover each other: shapes, notes, labels."""
    parts = [part for place in (*found.nodes.values(), *found.labels.values()) for part in place.parts]
    return [(one, other) for one, other in combinations(parts, 2) if one.overlaps(other)]


def struck(found: Layout, slack: float = 1) -> list[tuple[Edge, str]]:
    """The edges that run through a node or through a label, be it their own, deeper than a little.

    How they touch the shapes at their own ends is for `ends`.
    """
    parts = [(name, place.core) for name, place in found.nodes.items()]
    parts += [(f"note {name}", part) for name, place in found.nodes.items() for part in (place.above, place.below)]
    parts += [(f"label {edge}", part) for edge, place in found.labels.items() for part in place.parts]
    inner = [
        (what, Rectangle(p.x + slack, p.y + slack, max(0, p.width - 2 * slack), max(0, p.height - 2 * slack)))
        for what, p in parts
    ]
    inside = []
    for edge, route in found.routes.items():
        for start in range(0, len(route) - 1, 3):
            curve = route[start : start + 4]
            xs, ys = [p.x for p in curve], [p.y for p in curve]
            hull = Rectangle(min(xs) - 0.1, min(ys) - 0.1, max(xs) - min(xs) + 0.2, max(ys) - min(ys) + 0.2)
            near = [(what, part) for what, part in inner if part.overlaps(hull) and what not in edge]
            points = along(curve, 12) if near else []
            inside += [
                (edge, what)
                for what, part in near
                if any(part.x < p.x < part.right and part.y < p.y < part.bottom for p in points)
            ]
    return inside


def ends(found: Layout) -> list[Edge]:
    """The edges that don't run from the right side of u to the left side of v, or not near the middles of these."""
    wrong = []
    for (u, v), route in found.routes.items():
        leaves, meets = found.nodes[u].core, found.nodes[v].core
        good = len(route) % 3 == 1 and leaves.right < meets.x
        for point, core, within in (
            (route[0], leaves, leaves.right - route[0].x),
            (route[-1], meets, route[-1].x - meets.x),
        ):
            off = abs(point.y - core.center.y)
            recess = max(Block(Size(0, core.height), side=side).recess(off) for side in ("pointed", "round"))
            good &= off <= 0.36 * core.height + 0.01 and -0.01 <= within <= recess + 0.01
        if not good:
            wrong.append((u, v))
    return wrong


@st.composite
def asked(draw: st.DrawFn) -> tuple[dict[str, Block], list[Edge], dict[Edge, Block]]:
    """A graph without cycles with sizes of every kind, labels on some of its edges."""

    def size() -> Size:
        return Size(draw(st.integers(1, 300)), draw(st.integers(1, 40)))

    names = [f"n{i}" for i in range(draw(st.integers(1, 9)))]
    pairs = st.sampled_from(list(combinations(names, 2)) or [("", "")])
    edges = draw(st.lists(pairs, unique=True, max_size=20)) if len(names) > 1 else []
    nodes = {name: Block(size(), size(), size()) for name in names}
    labels = {}
    for edge in edges:
        if draw(st.booleans()):
            above, below = size(), size()
            labels[edge] = Block(Size(max(above.width, below.width), 0), above, below)
    return nodes, edges, labels


@pytest.mark.parametrize("engine", ENGINES)
@given(told=asked())
def test_nothing_covers_or_strikes_anything(
    told: tuple[dict[str, Block], list[Edge], dict[Edge, Block]], engine: Engine
) -> None:
    nodes, edges, labels = told
    found = layout(nodes, edges, labels, engine)
    assert found.engine == engine
    assert list(found.nodes) == list(nodes)
    assert list(found.routes) == edges
    assert set(found.labels) == set(labels)
    assert overlaps(found) == []
    assert struck(found) == []
    assert ends(found) == []
    assert layout(nodes, edges, labels, engine) == found


@pytest.mark.parametrize("engine", ENGINES)
def test_a_picture_begins_at_the_origin_and_holds_everything(engine: Engine) -> None:
    block = Block(Size(30, 20), Size(50, 10), Size(20, 10))
    found = layout({"x": block, "p": block}, [("x", "p")], {("x", "p"): block}, engine)
    assert found.engine == engine
    parts = [part for place in (*found.nodes.values(), *found.labels.values()) for part in place.parts]
    assert min(part.x for part in parts) == pytest.approx(8)
    assert min(part.y for part in parts) == pytest.approx(8)
    assert max(part.right for part in parts) == pytest.approx(found.width - 8)
    assert max(part.bottom for part in parts) == pytest.approx(found.height - 8)


def test_edges_that_need_not_cross_do_not() -> None:
    """Six edges that cross nine times as they are told."""
    size = Size(10, 10)
    y = layered([size] * 12, [(0, 11), (1, 10), (2, 9), (3, 8), (4, 7), (5, 6)], 12).heights
    left, right = y[:6], y[:5:-1]
    assert [sorted(left).index(y) for y in left] == [sorted(right).index(y) for y in right]


def test_what_needs_nothing_stands_beside_what_needs_it() -> None:
    """x -> s -> z -> L, and y -> L: y stands beside z."""
    size = Size(10, 10)
    assert layered([size] * 5, [(0, 1), (1, 2), (2, 3), (4, 3)], 5).columns == ((0,), (1,), (2, 4), (3,))


def test_without_graphviz_there_is_a_picture_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    assert layout({"x": Block(Size(1, 1))}, [], {}).engine == "layered"


def test_a_graphviz_that_fails_is_done_without(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: "false")
    assert layout({"x": Block(Size(1, 1))}, [], {}).engine == "layered"


def test_routes_are_joined_by_straight_lines() -> None:
    one, other = straight(Point(0, 0), Point(3, 0)), straight(Point(6, 0), Point(9, 0))
    assert joined(one, other) == tuple(Point(float(x), 0.0) for x in range(10))


def test_of_a_picture_and_its_mirror_image_the_one_in_the_order_of_the_nodes_is_taken() -> None:
    size = Size(10, 10)
    found = layered([size] * 3, [(0, 2), (1, 2)], 3)
    assert found.columns == ((0, 1), (2,))
    turned = Layers(((1, 0), (2,)), (size,) * 3, found.chains, 3, (5.0, -5.0, 0.0))
    assert upright(turned) == Layers(((0, 1), (2,)), (size,) * 3, found.chains, 3, (-5.0, 5.0, 0.0))


@pytest.mark.parametrize("engine", ENGINES)
def test_each_edge_touches_a_shape_at_a_height_of_its_own(engine: Engine) -> None:
    block = Block(Size(40, 40), side="round")
    found = layout(dict.fromkeys("abcdz", block), [(name, "z") for name in "abcd"], {}, engine)
    heights = [found.routes[name, "z"][-1].y for name in sorted("abcd", key=lambda name: found.nodes[name].core.y)]
    assert all(lower - upper >= 8 for upper, lower in pairwise(heights)), heights


@pytest.mark.parametrize("engine", ENGINES)
def test_a_label_is_as_high_as_the_node_whose_only_edge_it_is_on(engine: Engine) -> None:
    """Of the edges x -> p and y -> p, each runs level up to its label, and bends once."""
    block = Block(Size(40, 40))
    edges: list[Edge] = [("x", "p"), ("y", "p")]
    found = layout(dict.fromkeys("xyp", block), edges, dict.fromkeys(edges, Block(Size(50, 0), Size(50, 12))), engine)
    for u, v in edges:
        assert found.labels[u, v].core.y == pytest.approx(found.nodes[u].core.center.y)
        assert found.routes[u, v][0].y == pytest.approx(found.nodes[u].core.center.y)


def test_things_in_a_row_are_as_near_to_their_places_as_may_be() -> None:
    assert spaced([], [], []) == []
    assert spaced([5, 0], [3, 1], [2]) == [3.25, 5.25]
