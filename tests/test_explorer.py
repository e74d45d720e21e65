"""The explorer without a browser: what its page holds, what is escaped, and what is left out with a word."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import pathdiff
from pathdiff.cli import main
from pathdiff.expression import Expression
from pathdiff.functions import KNOWN
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
    script = (Path(pathdiff.__file__).parent / "render" / "html" / "page.js").read_text(encoding="utf-8")
    table = re.search(r"const OPERATIONS = \{(.*?)\n\};", script, re.DOTALL)
    assert table is not None
    known = set(re.findall(r"(?:^|[,{\n])\s*\"?([\w+*/^]+)\"?(?=[:,])", table[1]))
    assert {row.name for row in KNOWN.values()} <= known
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


def test_what_the_page_begins_with_is_said_where_it_is_not_the_point() -> None:
    page = pathdiff.parse("p = x*y*z").explain(at={"x": "1/4", "y": "1e400"}).html()
    assert data_of(page)["start"] == [0.25, 1, 1]
    assert "The point has no number for y, z that this page could compute with: each begins with 1." in page
    assert "begins with 1" not in page_of("p = x*y")


def test_eliminations_are_said_to_be_elsewhere() -> None:
    page = page_of("z = x*y; p = sin(z)", orders="reverse")
    assert "The orders of elimination asked for are not here: text, LaTeX and JSON have them." in page
