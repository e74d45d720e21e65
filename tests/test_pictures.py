"""Pictures of random graphs, read back from what was written: edges, labels, numbers and highlights by brute force."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import prod
from typing import Any
from xml.etree import ElementTree

import mpmath
import pytest
from dags import every_path
from hypothesis import given
from hypothesis import strategies as st
from test_layout import ENGINES

from pathdiff.drawing import Drawing, drawn
from pathdiff.reader import build_spec
from pathdiff.render.latex.picture import fragment
from pathdiff.render.picture.dot import dot
from pathdiff.render.picture.figure import Kind, number
from pathdiff.render.picture.geometry import Engine
from pathdiff.render.picture.lettering import plain
from pathdiff.render.picture.mermaid import mermaid
from pathdiff.render.picture.placed import placed
from pathdiff.render.picture.svg import svg

BOTH: tuple[Kind, Kind] = ("computation", "derivative")
SVG = "{http://www.w3.org/2000/svg}"
Edge = tuple[str, str]


@dataclass(frozen=True)
class Question:
    """A graph whose nodes are products, a point, and paths of one derivative by their ranks."""

    arguments: dict[str, tuple[str, ...]]
    point: dict[str, int]
    parameters: tuple[str, ...]
    of: str
    wrt: str
    ranks: tuple[int, ...]

    @property
    def drawing(self) -> Drawing:
        inputs = [name for name in self.point if name not in self.parameters]
        texts = {name: "*".join(used) for name, used in self.arguments.items()}
        point = {name: str(value) for name, value in self.point.items()}
        spec = build_spec("", inputs, list(self.parameters), {}, texts, {}, point)
        return drawn(spec, [self.of], [self.wrt], ranks=self.ranks, values=True)

    @property
    def edges(self) -> set[Edge]:
        return {(v, u) for v, used in self.arguments.items() for u in used}

    @property
    def values(self) -> dict[str, int]:
        known = dict(self.point)
        for name, used in self.arguments.items():
            known[name] = prod(known[u] for u in used)
        return known

    def label(self, edge: Edge) -> int:
        v, u = edge
        return prod(self.values[other] for other in self.arguments[v] if other != u)

    def adjoint(self, name: str) -> int:
        paths = every_path(self.arguments, self.of, name)
        return sum(prod(map(self.label, pairwise(path))) for path in paths)

    def role(self, name: str) -> str:
        if name in self.point:
            return "parameter" if name in self.parameters else "input"
        return "intermediate" if any(name in used for used in self.arguments.values()) else "dependent"


@st.composite
def questions(draw: st.DrawFn) -> Question:
    """Up to seven nodes of up to three arguments; a node and a name before it that it depends on, some of the paths."""
    names = [f"x{i}" for i in range(draw(st.integers(1, 3)))]
    inputs = tuple(names)
    arguments: dict[str, tuple[str, ...]] = {}
    for i in range(draw(st.integers(1, 7))):
        used = draw(st.lists(st.sampled_from(names), min_size=1, max_size=3, unique=True))
        arguments[f"v{i}"] = tuple(used)
        names.append(f"v{i}")
    point = {x: draw(st.sampled_from([1, -1, 2, 3])) for x in inputs if any(x in used for used in arguments.values())}
    parameters = tuple(draw(st.lists(st.sampled_from(sorted(point)), unique=True, max_size=len(point) - 1)))
    of = draw(st.sampled_from(sorted(arguments)))
    wrt = draw(st.sampled_from(sorted(u for u in names if u != of and every_path(arguments, of, u))))
    count = len(every_path(arguments, of, wrt))
    ranks = draw(st.lists(st.integers(1, count), unique=True, max_size=3))
    return Question(arguments, point, parameters, of, wrt, tuple(ranks))


def lit_edges(asked: Question, drawing: Drawing) -> set[Edge]:
    """The edges of the paths of these ranks, which are different paths; without ranks those of all paths."""
    paths = every_path(asked.arguments, asked.of, asked.wrt)
    if not asked.ranks:
        return {edge for path in paths for edge in pairwise(path)}
    assert tuple(drawing.paths) == asked.ranks
    assert set(drawing.paths.values()) <= set(paths)
    assert len(set(drawing.paths.values())) == len(asked.ranks)
    return {edge for path in drawing.paths.values() for edge in pairwise(path)}


def written(value: int) -> str:
    """A number as it stands in a picture."""
    return plain(number(mpmath.mpf(Fraction(value).numerator)))


def subscripted(name: str) -> str:
    return name.translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))


def partial(edge: Edge) -> str:
    return "∂{}/∂{}".format(*map(subscripted, edge))


def circled(drawing: Drawing, edge: Edge) -> str:
    """The numbers of the paths on an edge."""
    return "".join(chr(0x245F + rank) for rank, path in drawing.paths.items() if edge in pairwise(path))


def points(text: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in re.findall(r"(-?[\d.]+)[ ,](-?[\d.]+)", text)]


def box(shape: ElementTree.Element) -> tuple[float, float, float, float]:
    """Where a shape begins and ends."""
    if shape.tag == f"{SVG}polygon":
        xs, ys = zip(*points(shape.attrib["points"]), strict=True)
        return min(xs), min(ys), max(xs), max(ys)
    x, y, width, height = (float(shape.attrib[name]) for name in ("x", "y", "width", "height"))
    return x, y, x + width, y + height


def within(point: tuple[float, float], where: Sequence[float]) -> bool:
    left, top, right, bottom = where
    return left - 0.2 <= point[0] <= right + 0.2 and top - 0.2 <= point[1] <= bottom + 0.2


def texts_of(group: ElementTree.Element) -> dict[str, str]:
    return {each.attrib["class"]: each.text or "" for each in group.iter(f"{SVG}text")}


@pytest.mark.parametrize("engine", ENGINES[-1:])
@given(asked=questions())
def test_an_svg_is_its_graph(asked: Question, engine: Engine) -> None:
    drawing = asked.drawing
    lit = lit_edges(asked, drawing)
    root = ElementTree.fromstring(svg(drawing, BOTH, engine))
    for kind in BOTH:
        [graph] = [each for each in root.iter(f"{SVG}g") if each.attrib.get("class") == kind]
        shapes = {}
        for node in (each for each in graph if each.attrib["class"].startswith("node")):
            name, told = node.attrib["data-node"], texts_of(node)
            shapes[name] = box(next(each for each in node if each.attrib.get("class") == "shape"))
            assert node.attrib["class"].split()[1] == asked.role(name)
            assert told["name"] == subscripted(name)
            assert told["value"] == written(asked.values[name])
            if kind == "derivative":
                reached = every_path(asked.arguments, asked.of, name)
                assert ("adjoint" in told) == bool(reached)
                assert not reached or told["adjoint"].split(" = ")[1] == written(asked.adjoint(name))
        assert set(shapes) == set(asked.values)
        found = set()
        for group in (each for each in graph if each.attrib["class"].startswith("edge")):
            edge = v, u = group.attrib["data-of"], group.attrib["data-wrt"]
            found.add(edge)
            tail, head = (u, v) if kind == "computation" else (v, u)
            line, tip = (
                points(each.attrib["d"])[0]
                for word in ("line", "head")
                for each in [next(each for each in group if word in each.attrib.get("class", "").split())]
            )
            assert within(line, shapes[tail])
            assert within(tip, shapes[head])
            assert ("lit" in group.attrib["class"].split()) == (edge in lit)
            told, marks = texts_of(group), circled(drawing, edge)
            if kind == "derivative":
                assert told["label"] == f"{partial(edge)} {marks}".strip()
                assert told["known"].split(" = ")[-1] == written(asked.label(edge))
            else:
                assert told == ({"label": marks} if marks else {})
        assert found == asked.edges


@given(asked=questions())
def test_dot_and_mermaid_are_their_graphs(asked: Question) -> None:
    drawing = asked.drawing
    lit = lit_edges(asked, drawing)
    for kind in BOTH:
        told = re.findall(r'^  "(\w+)" -> "(\w+)"(?: \[(.*)\])?;$', dot(drawing, [kind]), re.MULTILINE)
        edges = {(head, tail) if kind == "computation" else (tail, head): look for tail, head, look in told}
        assert set(edges) == asked.edges
        for edge, look in edges.items():
            assert ("penwidth" in look) == (edge in lit)
            assert kind == "computation" or f'label="{partial(edge)}' in look
        text = mermaid(drawing, [kind])
        names = dict(re.findall(r'^  (n\d+)[\[({]+".*?<br/>([^<"]*)', text, re.MULTILINE))
        told = re.findall(r'^  (n\d+) -->(?:\|"(.*)"\|)? (n\d+)$', text, re.MULTILINE)
        strong = {int(place) for place in re.findall(r"linkStyle (\d+) ", text)}
        found = set()
        for place, (tail, label, head) in enumerate(told):
            pair = (names[head], names[tail]) if kind == "computation" else (names[tail], names[head])
            [edge] = [edge for edge in asked.edges if tuple(map(subscripted, edge)) == pair]
            found.add(edge)
            assert (place in strong) == (edge in lit)
            assert kind == "computation" or label.startswith(partial(edge))
        assert found == asked.edges


@given(asked=questions())
def test_tikz_is_its_graph(asked: Question) -> None:
    drawing = asked.drawing
    lit = lit_edges(asked, drawing)
    for kind in BOTH:
        boxes: dict[str, list[float]] = {}
        arrows = []
        outline: list[tuple[float, float]] = []
        for told in fragment(drawing, [kind], "layered").splitlines():
            if told.startswith(r"\draw[fill"):
                outline = [*outline, *points(told)]
            elif told.startswith(r"\node at "):
                name = re.sub(r"[_{}$;]", "", told.rpartition(" ")[2])
                xs, ys = zip(*outline, strict=True)
                boxes[name], outline = [min(xs), min(ys), max(xs), max(ys)], []
            elif "->" in told and told.startswith(r"\draw["):
                arrows.append((points(told)[0], points(told)[-1], "pathdiffpath" in told))
        found: dict[Edge, bool] = {}
        for start, tip, strong in arrows:
            [tail], [head] = ([name for name in boxes if within(point, boxes[name])] for point in (start, tip))
            found[(head, tail) if kind == "computation" else (tail, head)] = strong
        assert found == {edge: edge in lit for edge in asked.edges}


def test_heads_of_arrows_have_a_direction_where_graphviz_draws_them() -> None:
    """Before the end of a line there has to be a way to the tip."""
    told = placed(Question({"v": ("x", "y"), "p": ("v", "x")}, {"x": 2, "y": 3}, (), "p", "x", ()).drawing, BOTH)
    lines: list[Any] = [points(pos) for pos in re.findall(r'pos="e,([^"]*)"', told)]
    assert len(lines) == 8
    for (tip_x, tip_y), *line in lines:
        assert abs(tip_x - line[-1][0]) + abs(tip_y - line[-1][1]) == pytest.approx(7, abs=3)
        assert len(line) % 3 == 1
