"""The explorer without a browser: what its page holds, what is escaped, and what is left out with a word."""

from __future__ import annotations

import json
import re
from itertools import product
from pathlib import Path
from random import Random
from typing import Any

import networkx as nx
import pytest
from click.testing import CliRunner
from dags import Asked, asked
from hypothesis import given
from hypothesis import strategies as st

import pathdiff
from pathdiff.cli import main
from pathdiff.elimination.eliminate import eliminate
from pathdiff.elimination.sets import members
from pathdiff.exploration import stays
from pathdiff.expression import Expression
from pathdiff.functions import ROWS
from pathdiff.grammar import parse
from pathdiff.names import Symbols
from pathdiff.render.html.mathml import mathml, pieces
from pathdiff.render.latex.math import Hand
from pathdiff.typesetting import expression_math

GRAPHS = Path(__file__).parents[1] / "graphs"
SPECS = sorted(GRAPHS.glob("*.yaml"))
LARGEST = 500_000
REQUEST = r"""https?:|["'(]//|\bsrc=|\bhref=|@import|url\("""
"""What a page would ask for something with."""


def data_of(page: str) -> dict[str, Any]:
    """The JSON within a page."""
    [told] = re.findall(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    found: dict[str, Any] = json.loads(told)
    return found


def page_of(text: str, **asked: Any) -> str:
    return pathdiff.parse(text).explain(**asked).html()


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_a_page_is_small_asks_for_nothing_and_has_every_pair(path: Path) -> None:
    model = pathdiff.load(path)
    page = model.explain().html()
    assert len(page.encode()) < LARGEST
    assert not re.findall(REQUEST, page)
    assert "default-src 'none'" in page
    graph, found = model.derivative_graph, data_of(page)
    names = [node["name"] for node in found["nodes"]]
    pairs = {(names[pair["of"]], names[pair["wrt"]]): pair for pair in found["pairs"]}
    for of in graph:
        for wrt in graph:
            count = model.paths(of, wrt).count if of != wrt else 0
            if count:
                pair = pairs[of, wrt]
                assert pair["count"] == str(count)
                told = [tuple(names[number] for number in path) for path in pair["paths"]]
                assert told == list(model.paths(of, wrt))
    assert found["complete"]


def test_the_command_writes_what_python_gives(tmp_path: Path) -> None:
    out = tmp_path / "page.html"
    spec = str(GRAPHS / "mlp2.yaml")
    found = CliRunner().invoke(main, ["explain", spec, "--wrt", "x2", "-o", str(out)])
    assert (found.exit_code, found.output) == (0, "")
    page = out.read_text(encoding="utf-8")
    assert page == pathdiff.load(spec).explain(wrt="x2").html()
    assert page == CliRunner().invoke(main, ["explain", spec, "--wrt", "x2", "--format", "html"]).output
    first = data_of(page)["pairs"][0]
    names = [node["name"] for node in data_of(page)["nodes"]]
    assert (names[first["of"]], names[first["wrt"]]) == ("p", "x2")


def test_titles_and_names_stay_text() -> None:
    title = "</title></script><script>alert(1)</script><img src=x onerror=alert(2)>\u2028$title ${x}"
    page = pathdiff.build({"p": "sin(x)*on_error"}, title=title).explain().html()
    assert page.count("<script") == 2
    assert "<img" not in page
    assert "\u2028" not in page
    assert "&lt;/title&gt;&lt;/script&gt;&lt;script&gt;alert(1)" in page
    assert "$title ${x}" in page


def test_the_data_holds_nothing_that_ends_its_element() -> None:
    from pathdiff.render.html.record import embedded

    told = {"a": "</script><!--<SCRIPT>\u2028\u2029"}
    found = embedded(told)
    assert not re.search("</?script|<!--|[\u2028\u2029]", found, re.IGNORECASE)
    assert json.loads(found) == told


def test_too_many_paths_leave_the_derivatives_asked_for() -> None:
    layers = [f"a{i} = x{i}*b{i - 1} + b{i - 1}; b{i} = sin(a{i})*b{i - 1}" for i in range(1, 12)]
    page = page_of("; ".join(["b0 = x*x", *layers]), of="b11", wrt="x11")
    told = "The paths between any two nodes are too many for a page: only derivatives that were asked for are here."
    assert told in page
    found = data_of(page)
    assert [pair["count"] for pair in found["pairs"]] == ["1"]
    assert not found["complete"]
    page = page_of("; ".join(["b0 = x*x", *layers]), of="b11", wrt="x")
    [pair] = data_of(page)["pairs"]
    assert pair["count"] == str(2**11)
    assert len(pair["paths"]) == 100


def test_a_graph_too_large_for_a_picture_has_none() -> None:
    chain = "; ".join(["v0 = sin(x)", *(f"v{i} = sin(v{i - 1})" for i in range(1, 400))])
    page = page_of(chain)
    told = "401 nodes and 400 edges are too many for a picture, and only derivatives that were asked for are here."
    assert told in page
    assert "<svg" not in page
    assert data_of(page)["tape"] == []
    wide = "p = " + " + ".join(f"x{i}*y{i}" for i in range(3000))
    page = page_of(wide)
    assert "12 of the 6,000 derivatives asked for are here: a page has no room for more." in page
    assert len(page.encode()) < LARGEST


def test_the_script_computes_every_known_function() -> None:
    folder = Path(pathdiff.__file__).parent / "render" / "html" / "script"
    script = "".join(path.read_text(encoding="utf-8") for path in folder.glob("*.js"))
    table = re.search(r"const FUNCTIONS = \{(.*?)\n\};", script, re.DOTALL)
    assert table is not None
    known = set(re.findall(r"(?:^|[,{\n])\s*\"?([\w^]+)\"?(?=[:,])", table[1]))
    assert {row.name for row in ROWS.values()} <= known
    assert not re.search(r"\beval\b|\bFunction\(|setTimeout|fetch|XMLHttp|import\b", script)


FORMULAS = {
    "x1**2": "<msup><msub><mi>x</mi><mn>1</mn></msub><mn>2</mn></msup>",
    "sin(x)**2": '<mrow><msup><mi>sin</mi><mn>2</mn></msup><mo>\u2061</mo><mrow><mo stretchy="false">(</mo><mi>x</mi>'
    '<mo stretchy="false">)</mo></mrow></mrow>',
    "-a/b": '<mrow><mo form="prefix">−</mo><mfrac><mi>a</mi><mi>b</mi></mfrac></mrow>',
    "sqrt(x)": "<msqrt><mi>x</mi></msqrt>",
    "cbrt(x)": "<mroot><mi>x</mi><mn>3</mn></mroot>",
    "abs(x)": '<mrow><mo fence="true" stretchy="true" form="prefix">|</mo><mi>x</mi>'
    '<mo fence="true" stretchy="true" form="postfix">|</mo></mrow>',
    "2.5e-7": "<mrow><mn>2.5</mn><mo>·</mo><msup><mn>10</mn><mn>−7</mn></msup></mrow>",
    "log2(alpha)": '<mrow><msub><mi>log</mi><mn>2</mn></msub><mo>\u2061</mo><mrow><mo stretchy="false">(</mo><mi>α</mi>'
    '<mo stretchy="false">)</mo></mrow></mrow>',
}


@pytest.mark.parametrize("text", FORMULAS)
def test_formulas_as_mathml(text: str) -> None:
    read = parse(text)
    math = expression_math(Expression(read.tree, read.names), Symbols(read.names))
    assert mathml(math, Hand()) == FORMULAS[text]


def test_a_formula_breaks_between_its_terms() -> None:
    read = parse("a + b*c - d")
    math = expression_math(Expression(read.tree, read.names), Symbols(read.names))
    assert pieces(math, Hand()) == [
        "<mi>a</mi>",
        '<mo form="infix">+</mo><mrow><mi>b</mi><mspace width=".17em"/><mi>c</mi></mrow>',
        '<mo form="infix">−</mo><mi>d</mi>',
    ]


@pytest.mark.parametrize("style", ["partial", "d", "upright-d"])
def test_derivatives_are_written_with_the_sign_told(style: Any) -> None:
    found = data_of(pathdiff.parse("s = a*x; z = sin(s)").explain().html(notation=style))
    signs = {"partial": "<mi>∂</mi>", "d": "<mi>d</mi>", "upright-d": '<mi mathvariant="normal">d</mi>'}
    assert (
        f"<mfrac><mrow>{signs[style]}<mi>z</mi></mrow><mrow>{signs[style]}<mi>a</mi></mrow></mfrac>"
        in found["fractions"]
    )


def test_the_pictures_are_written_with_the_sign_told() -> None:
    model = pathdiff.parse("s = a*x; z = sin(s) + a").explain()
    for style, label, kept in (("partial", "∂z/∂s", "∂z/∂a"), ("d", "dz/ds", "∂z/∂a"), ("upright-d", "dz/ds", "∂z/∂a")):
        page = model.html(notation=style)  # type: ignore[arg-type]
        found = set(re.findall(r'class="label"[^>]*>([^<]*)<', page))
        assert found == {label, kept, *(text.replace("∂", label[0]) for text in ("∂s/∂a", "∂s/∂x"))}
        assert [data_of(page)["lines"][line]["text"] for line in data_of(page)["pairs"][0]["steps"]] == [label, "dz/da"]


def test_what_the_page_begins_with_is_said_where_it_is_not_the_point() -> None:
    page = pathdiff.parse("p = x*y*z").explain(at={"x": "1/4", "y": "1e400"}).html()
    assert data_of(page)["start"] == [0.25, 1, 1]
    assert "The point has no number for y, z that this page could compute with: each begins with 1." in page
    assert "begins with 1" not in page_of("p = x*y")


ORDERS = ("reverse", "forward", "markowitz")


@pytest.mark.parametrize("path", SPECS, ids=lambda path: path.stem)
def test_a_page_has_the_eliminations_that_json_has(path: Path) -> None:
    model = pathdiff.load(path).explain(orders=ORDERS)
    page, wanted = model.html(), model.record()["eliminations"]
    assert len(page.encode()) < LARGEST
    assert not re.findall(REQUEST, page)
    found = data_of(page)
    names = [node["name"] for node in found["nodes"]]
    labels = [f"{names[edge['of']]}->{names[edge['wrt']]}" for edge in found["edges"]]
    assert len(found["eliminations"]) == len(wanted)
    for told, elimination in zip(found["eliminations"], wanted, strict=True):
        lines = [line for step in elimination["steps"] for line in step["lines"]] + elimination["results"]
        called = [line.get("name") for line in lines]

        def factors(numbers: list[int], called: list[Any] = called) -> list[str]:
            return [labels[number] if number >= 0 else called[-1 - number] for number in numbers]

        for step, other in zip(told["steps"], elimination["steps"], strict=True):
            assert [step[key] for key in ("node", "multiplications", "additions")] == [
                other[key] for key in ("node", "multiplications", "additions")
            ]
            made = [(each["of"], each["wrt"], each["kind"] == "absorbed") for each in step["products"]]
            assert made == [(each["of"], each["wrt"], each["absorbed"]) for each in other["products"]]
            if told["lines"]:
                wanted_factors = [each["factors"] for each in other["products"]]
                assert [factors(each["factors"]) for each in step["products"]] == wanted_factors
        if told["lines"]:
            assert [list(map(factors, terms)) for terms in told["lines"]] == [line["terms"] for line in lines]
        assert bool(told["lines"]) == bool(found["tape"])


def test_an_elimination_in_its_section() -> None:
    model = pathdiff.parse("z = x*y; w = sin(z) + x; p = w*z; q = w + z")
    page = model.explain(orders=["reverse", "z,w"]).html()
    headings = re.findall("<h2 id=.elimination-[12]-heading.>(.*?)</h2>\n<p class=.cost.>(.*?)</p>", page)
    assert headings == [
        ("Elimination 1 (reverse)", "w, z: 8 multiplications, 4 additions"),
        ("Elimination 2 (order given)", "z, w: 10 multiplications, 5 additions"),
    ]
    [_, told] = data_of(page)["eliminations"]
    assert [[(each["path"], each["kind"]) for each in step["products"]] for step in told["steps"]] == [
        [("w → x", "absorbed"), ("w → y", "fill-in"), ("p → x", "fill-in"), ("p → y", "fill-in"), ("q → x", "fill-in"),
         ("q → y", "fill-in")],
        [("p → x", "absorbed"), ("p → y", "absorbed"), ("q → x", "absorbed"), ("q → y", "absorbed")],
    ]  # fmt: skip
    assert [line["place"] for line in told["results"]] == [0, 1, 2, 3, 4, 5]


def test_a_node_that_is_asked_for_keeps_its_edges() -> None:
    page = pathdiff.parse("z = x*y; p = sin(z)").explain(of=["p", "z"], orders="reverse").html()
    [told] = data_of(page)["eliminations"]
    assert [(each["path"], each["kind"]) for each in told["steps"][0]["products"]] == [
        ("p → x", "fill-in"), ("p → y", "fill-in"), ("z → x", "kept"), ("z → y", "kept"),
    ]  # fmt: skip
    there = {f"{of}->{wrt}": (made, gone) for of, wrt, made, gone in told["edges"]}
    assert there == {"p->z": (0, 1), "z->x": (0, None), "z->y": (0, None), "p->x": (1, None), "p->y": (1, None)}
    assert "A node that is asked for keeps its own edges when it is eliminated." in page


@given(asked(), st.randoms(use_true_random=False))
def test_edges_come_and_go_as_in_the_elimination_of_a_graph(told: Asked, chance: Random) -> None:
    part = told.jacobian
    labels = [(label.of, label.wrt) for label in part.labels.values()]
    graph: nx.DiGraph[int] = nx.DiGraph()
    graph.add_edges_from((v, u) for v, found in enumerate(part.arguments) for u in members(found))
    order = chance.sample(range(part.count), part.count)
    found = list(stays(labels, eliminate(part, tuple(order)).steps))
    for number in range(part.count + 1):
        there = {(each.of, each.wrt) for each in found if each.made <= number and (each.gone or 99) > number}
        named = {(part.names[v], part.names[u]) for v, u in graph.edges}
        assert there == {(of, wrt) for of, wrt in named if of != wrt}, "an edge to a copy has its node's name twice"
        if number < part.count:
            v = order[number]
            graph.add_edges_from(list(product(graph.predecessors(v), graph.successors(v))))
            graph.remove_node(v)


def test_of_many_products_the_first_steps_are_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pathdiff.exploration.MOST_MADE", 11)
    monkeypatch.setattr("pathdiff.exploration.MOST_FILLED", 11)
    orders = ["reverse", "forward", "markowitz"]
    page = pathdiff.load(GRAPHS / "mlp2.yaml").explain(orders=orders).html()
    first, second, third = (each["steps"] for each in data_of(page)["eliminations"])
    assert (len(first), len(second), len(third)) == (4, 0, 0)
    assert "Too many products for a page: none is here; JSON has all of them." in page
    assert "<h3>" in page.partition('id="elimination-2"')[0]
    assert "<h3>" not in page.partition('id="elimination-2"')[2]
    assert "The graph with the edges that fill in is too large for a picture." in page
    page = pathdiff.load(GRAPHS / "mlp2.yaml").explain(orders=orders[1]).html()
    [forward] = data_of(page)["eliminations"]
    assert [step["node"] for step in forward["steps"]] == ["z1", "z2", "h1"]
    assert forward["lines"] == forward["results"] == []
    assert "Too many products for a page: the first 3 of 4 steps are here; JSON has all of them." in page
