"""Mermaid's own drawing, in Chromium, of what is written for it: every node and edge, texts as they read."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import path_of
from selenium import webdriver
from test_drawing import BOTH, GRAPHS, of_file, of_text

from pathdiff.render.picture.mermaid import mermaid

DRAWN = """
const [told, done] = arguments;
mermaid.initialize({startOnLoad: false, securityLevel: "strict"});
mermaid.render("drawn", told).then(({svg}) => {
    document.body.innerHTML = svg;
    const all = (selector) => [...document.querySelectorAll(selector)];
    done({
        nodes: all(".node").map((node) => node.textContent),
        edges: all(".edgePaths path").length,
        labels: all(".edgeLabel span").map((label) => label.textContent).filter((text) => text),
        graphs: all(".cluster").map((each) => [each.textContent.trim(), each.getBoundingClientRect().top]),
    });
}, (error) => done({error: String(error)}));
"""

Draw = Callable[[str], Any]


@pytest.fixture(scope="module")
def draw(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Draw]:
    """What Mermaid makes of a text; it comes from the folder of node_modules that MERMAID names."""
    folder = os.environ.get("MERMAID")
    if not folder:
        if "CI" in os.environ:
            pytest.fail("MERMAID does not say where Mermaid is installed", pytrace=False)
        pytest.skip("MERMAID does not say where Mermaid is installed (npm install --no-save --prefix DIR mermaid)")
    page = tmp_path_factory.mktemp("mermaid") / "page.html"
    script = (Path(folder) / "dist" / "mermaid.min.js").as_uri()
    page.write_text(f'<!doctype html><meta charset="utf-8"><script src="{script}"></script>', encoding="utf-8")
    options = webdriver.ChromeOptions()
    options.binary_location = path_of("chromium")
    for flag in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(flag)
    driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(path_of("chromedriver")))
    try:
        driver.set_script_timeout(60)
        driver.get(page.as_uri())
        yield lambda told: driver.execute_async_script(DRAWN, told)
    finally:
        driver.quit()


LECTURE = [path for path in GRAPHS if path.parent.name == "graphs"]


@pytest.mark.parametrize("path", LECTURE, ids=lambda path: path.stem)
def test_every_graph_of_the_lecture_is_drawn_by_mermaid(path: Path, draw: Draw) -> None:
    drawing = of_file(path, values=True)
    found = draw(mermaid(drawing, BOTH))
    assert "error" not in found
    assert len(found["nodes"]) == 2 * len(drawing.computation)
    assert found["edges"] == 2 * drawing.computation.size() + 1  # and the one that nobody sees, which stacks them
    names = [name for name, _ in sorted(found["graphs"], key=lambda graph: float(graph[1]))]
    assert names == ["Computation graph", "Derivative graph"]


def test_texts_read_as_they_are(draw: Draw) -> None:
    found = draw(mermaid(of_text("z = x*y; p = sin(z) + x", wrt=["x"], ranks=[2]), ["derivative"]))
    assert found["nodes"] == ["x", "y", "z", "p"]
    assert sorted(set(found["labels"])) == ["∂p/∂x1", "∂p/∂z ②cos(z)", "∂z/∂x ②y", "∂z/∂yx"]


@pytest.mark.parametrize(
    "name", ["end", "graph", "subgraph", "click", "style", "default", "linkStyle", "x", "o", "__x__", "变量", "א"]
)
def test_no_name_means_anything_to_mermaid(name: str, draw: Draw) -> None:
    found = draw(mermaid(of_text(f"{name} = {name}({name}_1); q9 = {name}*{name}")))
    assert "error" not in found
    assert len(found["nodes"]) == 6
