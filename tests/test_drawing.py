"""Pictures: what stands on them, in every format, whatever a spec may contain."""

# ruff: noqa: E501  # whole outputs stand here as they are

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from conftest import Need
from test_cli import Answer
from test_layout import ENGINES, ends, overlaps, struck

from pathdiff.cli import main
from pathdiff.diagnostics import InputError
from pathdiff.drawing import Drawing, drawn
from pathdiff.expression import number
from pathdiff.reader import build_spec, read_spec
from pathdiff.render.latex import picture as tikz
from pathdiff.render.picture import lettering, svg
from pathdiff.render.picture.dot import dot
from pathdiff.render.picture.figure import Kind, figure
from pathdiff.render.picture.geometry import Engine, Point, straight
from pathdiff.render.picture.measure import width
from pathdiff.render.picture.mermaid import mermaid
from pathdiff.render.picture.placed import placed
from pathdiff.render.picture.raster import raster
from pathdiff.render.terminal import drawing_text

GRAPHS = sorted((Path(__file__).parents[1] / "graphs").rglob("*.yaml"))
BOTH: tuple[Kind, Kind] = ("computation", "derivative")
HOSTILE = '<script>alert("x")</script>"]; x -> y; `b` \\input{/etc/passwd} \x1b[31m $%&#_{} ]]> --> %%{init}%% \u202e'


def of_text(text: str, **asked: Any) -> Drawing:
    return drawn(read_spec(text, "-e", inline=True), **asked)


def of_file(path: Path, **asked: Any) -> Drawing:
    return drawn(read_spec(path.read_text(encoding="utf-8"), path.name), **asked)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Any:
    def call(*args: str) -> Answer:
        with pytest.raises(SystemExit) as left:
            main([*args], prog_name="pathdiff")
        captured = capsys.readouterr()
        return Answer(int(left.value.code or 0), captured.out, captured.err)

    return call


# Places.


@pytest.mark.parametrize("engine", ENGINES)
def test_without_a_path_only_the_ends_are_left(engine: Engine) -> None:
    drawing = of_text("z = x*y; p = sin(x)", of=["p"], wrt=["y"], only=True, at={})
    assert list(drawing.computation) == ["y", "p"]
    assert svg.svg(drawing, BOTH, engine).count('class="edge') == 0
    assert drawing_text(drawing, ["derivative"], 60).splitlines()[1:4] == [" [y]", "", "((p))"]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("path", GRAPHS, ids=lambda path: path.stem)
def test_on_no_spec_does_anything_cover_or_strike_anything(path: Path, engine: Engine) -> None:
    for values in (False, True):
        drawing = of_file(path, values=values)
        figures = [figure(drawing, kind) for kind in BOTH]
        for found in (lettering.measured(figures, engine), tikz.measured(figures, engine)):
            assert found.engine == engine
            assert overlaps(found) == []
            assert struck(found) == []
            assert ends(found) == []
            assert set(found.labels) == {edge[::-1] for edge in drawing.derivative.edges}


def test_what_covers_something_is_noticed() -> None:
    found = lettering.measured([figure(of_text("s = a*x; z = sigmoid(s)"), "derivative")], "layered")
    moved = replace(found, labels=dict.fromkeys(found.labels, found.nodes["s"]))
    assert overlaps(moved) != []
    across = replace(found, routes=dict.fromkeys(found.routes, straight(Point(0, 0), Point(found.width, found.height))))
    assert struck(across) != []


def test_both_graphs_have_the_same_places() -> None:
    drawing = of_text("z = x*y; p = sin(z) + x")
    text = svg.svg(drawing, BOTH, "layered")
    shapes = re.findall(r'<rect class="shape"[^>]* x="[^"]*"[^>]*>', text)
    assert shapes[: len(shapes) // 2][:5] == shapes[5:10]


@pytest.mark.parametrize(
    ("text", "em"), [("∂h₁/∂z₁", 3.33), ("σ(w_i x + u_i h_prev + b_i)", 13.37), ("WAVE mmm", 6.11), ("ω", 0.83)]
)
def test_texts_are_given_no_less_room_than_a_wide_font_takes(text: str, em: float) -> None:
    """As a browser measures them in DejaVu Sans, which is among the widest."""
    assert em <= width(text, 1) <= 1.4 * em


# Every format, whole.


def test_an_svg() -> None:
    text = svg.svg(of_text("p = x^2"), ["derivative"], "layered")
    assert (
        re.sub("<style>.*</style>\n", "", text)
        == """\
<svg xmlns="http://www.w3.org/2000/svg" class="pathdiff-picture" viewBox="0 0 246.4 88" width="246.4" height="88" role="img" aria-label="Derivative graph" font-family="system-ui, -apple-system, &quot;Segoe UI&quot;, Roboto, &quot;DejaVu Sans&quot;, sans-serif">
<title>Derivative graph</title>
<desc>Derivative graph. Nodes: input x; dependent p. Arrows: p to x (∂p/∂x).</desc>
<rect class="paper" width="100%" height="100%" fill="#ffffff"/>
<g class="derivative" transform="translate(0 0)">
<g class="edge" data-of="p" data-wrt="x">
<title>p → x: ∂p/∂x</title>
<path class="line" d="M152.8 27C141.4 27 130.1 27 118.8 27C105.8 27 92.9 27 80 27C68.7 27 63.3 27 52 27" fill="none" stroke="#1f2328" stroke-width="1.3"/>
<path class="head" d="M46 27L54.5 23.4L54.5 30.6Z" fill="#1f2328"/>
<text class="label" x="99.4" y="20.5" font-size="12.5" text-anchor="middle" fill="#1f2328">∂p/∂x</text>
<text class="known" x="99.4" y="41.9" font-size="12.5" text-anchor="middle" fill="#1f2328">2x</text>
</g>
<g class="node input" data-node="x">
<title>x (input)</title>
<rect class="shape" fill="#dceafb" stroke="#1f2328" stroke-width="1.3" x="8" y="8" width="38" height="38"/>
<text class="name" x="27" y="32.4" font-size="16" text-anchor="middle" fill="#1f2328">x</text>
</g>
<g class="node dependent" data-node="p">
<title>p (dependent)</title>
<rect class="shape" fill="#dff3e4" stroke="#1f2328" stroke-width="1.3" x="152.8" y="8" width="38" height="38" rx="19"/>
<rect class="shape" fill="#dff3e4" stroke="#1f2328" stroke-width="1.3" x="156.2" y="11.5" width="31" height="31" rx="15.5"/>
<text class="name" x="171.8" y="32.4" font-size="16" text-anchor="middle" fill="#1f2328">p</text>
</g>
</g>
<g class="legend">
<g class="input">
<rect class="shape" fill="#dceafb" stroke="#1f2328" stroke-width="1.1" x="8" y="63" width="16" height="16"/>
<text class="legend-word" x="38" y="75" font-size="11.5" text-anchor="start" fill="#1f2328">input</text>
</g>
<g class="dependent">
<rect class="shape" fill="#dff3e4" stroke="#1f2328" stroke-width="1.1" x="88.8" y="63" width="16" height="16" rx="8"/>
<rect class="shape" fill="#dff3e4" stroke="#1f2328" stroke-width="1.1" x="91.3" y="65.5" width="11" height="11" rx="5.5"/>
<text class="legend-word" x="118.8" y="75" font-size="11.5" text-anchor="start" fill="#1f2328">dependent node</text>
</g>
</g>
</svg>
"""
    )


def test_dot() -> None:
    drawing = of_text("s = a*x; z = sigmoid(s)", wrt=["a"])
    assert dot(drawing, ["derivative"]) == (
        r"""digraph "pathdiff" {
  rankdir=RL;
  node [fontname="sans-serif", style=filled]; edge [fontname="sans-serif", fontsize=11];
  "a" [shape=box, label="a", fillcolor="#dceafb", penwidth=2.5];
  "x" [shape=box, label="x", fillcolor="#dceafb"];
  "s" [shape=ellipse, label="s", fillcolor="#f3f4f6", penwidth=2.5];
  "z" [shape=ellipse, peripheries=2, label="z", fillcolor="#dff3e4", penwidth=2.5];
  "s" -> "a" [label="∂s/∂a\nx", color="#0550ae", penwidth=2.5];
  "s" -> "x" [label="∂s/∂x\na", color="#6e7781"];
  "z" -> "s" [label="∂z/∂s\nz(1 − z)", color="#0550ae", penwidth=2.5];
}
"""
    )
    assert dot(drawing) == (
        r"""digraph "pathdiff" {
  rankdir=LR;
  node [fontname="sans-serif", style=filled]; edge [fontname="sans-serif", fontsize=11];
  subgraph "cluster derivative" {
    label="Derivative graph"; color=none;
    "derivative a" [shape=box, label="a", fillcolor="#dceafb", penwidth=2.5];
    "derivative x" [shape=box, label="x", fillcolor="#dceafb"];
    "derivative s" [shape=ellipse, label="s", fillcolor="#f3f4f6", penwidth=2.5];
    "derivative z" [shape=ellipse, peripheries=2, label="z", fillcolor="#dff3e4", penwidth=2.5];
    "derivative a" -> "derivative s" [label="∂s/∂a\nx", dir=back, color="#0550ae", penwidth=2.5];
    "derivative x" -> "derivative s" [label="∂s/∂x\na", dir=back, color="#6e7781"];
    "derivative s" -> "derivative z" [label="∂z/∂s\nz(1 − z)", dir=back, color="#0550ae", penwidth=2.5];
  }
  subgraph "cluster computation" {
    label="Computation graph"; color=none;
    "computation a" [shape=box, label="a", fillcolor="#dceafb", penwidth=2.5];
    "computation x" [shape=box, label="x", fillcolor="#dceafb"];
    "computation s" [shape=ellipse, label="s\n= a x", fillcolor="#f3f4f6", penwidth=2.5];
    "computation z" [shape=ellipse, peripheries=2, label="z\n= σ(s)", fillcolor="#dff3e4", penwidth=2.5];
    "computation a" -> "computation s" [color="#0550ae", penwidth=2.5];
    "computation x" -> "computation s" [color="#6e7781"];
    "computation s" -> "computation z" [color="#0550ae", penwidth=2.5];
  }
}
"""
    )


def test_mermaid() -> None:
    drawing = of_text("z = x*y; p = sin(z) + x", wrt=["x"], ranks=[2])
    assert (
        mermaid(drawing, ["derivative"])
        == """\
flowchart RL
  n0["x"]
  n1["y"]
  n2(["z"])
  n3((("p")))
  n2 -->|"∂z/∂x ②<br/>y"| n0
  n2 -->|"∂z/∂y<br/>x"| n1
  n3 -->|"∂p/∂z ②<br/>cos(z)"| n2
  n3 -->|"∂p/∂x<br/>1"| n0
  linkStyle 0 stroke:#0550ae,stroke-width:3px
  linkStyle 2 stroke:#0550ae,stroke-width:3px
"""
    )
    assert (
        mermaid(drawing)
        == """\
flowchart TB
  subgraph computation["Computation graph"]
    direction LR
    c0["x"]
    c1["y"]
    c2(["z<br/>= x y"])
    c3((("p<br/>#nbsp;#nbsp;#nbsp;= sin(z) + x#nbsp;#nbsp;#nbsp;")))
    c0 -->|"②"| c2
    c1 --> c2
    c2 -->|"②"| c3
    c0 --> c3
  end
  subgraph derivative["Derivative graph"]
    direction RL
    d0["x"]
    d1["y"]
    d2(["z"])
    d3((("p")))
    d2 -->|"∂z/∂x ②<br/>y"| d0
    d2 -->|"∂z/∂y<br/>x"| d1
    d3 -->|"∂p/∂z ②<br/>cos(z)"| d2
    d3 -->|"∂p/∂x<br/>1"| d0
  end
  computation ~~~ derivative
  linkStyle 0 stroke:#0550ae,stroke-width:3px
  linkStyle 2 stroke:#0550ae,stroke-width:3px
  linkStyle 4 stroke:#0550ae,stroke-width:3px
  linkStyle 6 stroke:#0550ae,stroke-width:3px
"""
    )


def test_tikz() -> None:
    assert tikz.fragment(of_text("p = x^2"), ["derivative"], "layered") == (
        r"""% Made by pathdiff. To be put into a document by \input; its preamble needs
% \usepackage{amsmath}
% \usepackage{tikz}
% and nothing else. A picture larger than the page is made smaller.
\par\noindent
\resizebox{\ifdim\width>\linewidth\linewidth\else\width\fi}{!}{%
\resizebox*{!}{\ifdim\totalheight>0.9\textheight 0.9\textheight\else\totalheight\fi}{%
\begin{tikzpicture}[x=1pt,y=-1pt,>=stealth,line width=0.6pt,every node/.style={inner sep=0pt,outer sep=0pt}]
\definecolor{pathdiffquiet}{HTML}{6E7781}
\definecolor{pathdiffvalue}{HTML}{116329}
\definecolor{pathdiffadjoint}{HTML}{A40E26}
\definecolor{pathdiffpath0}{HTML}{0550AE}
\definecolor{pathdiffpath1}{HTML}{B35900}
\definecolor{pathdiffpath2}{HTML}{116329}
\definecolor{pathdiffpath3}{HTML}{A0317F}
\definecolor{pathdiffpath4}{HTML}{0F6A70}
\definecolor{pathdiffpath5}{HTML}{6639BA}
\definecolor{pathdifffill0}{HTML}{DCEAFB}
\definecolor{pathdifffill1}{HTML}{FDF0D0}
\definecolor{pathdifffill2}{HTML}{F3F4F6}
\definecolor{pathdifffill3}{HTML}{DFF3E4}
\begin{scope}[shift={(0,0)}]
\begin{scope}[shift={(0,0)}]
\draw[->] (87.8,22.8) .. controls (80,22.8) and (72.2,22.8) .. (64.4,22.8) .. controls (59.9,22.8) and (55.4,22.8) .. (51,22.8) .. controls (43.1,22.8) and (35.3,22.8) .. (27.5,22.8);
\node[anchor=south,font=\footnotesize] at (57.7,20.7) {$\frac{\partial p}{\partial x}$};
\node[anchor=north,font=\footnotesize] at (57.7,24.9) {$2 x$};
\draw[fill=pathdifffill0] (5.5,11.8) rectangle (27.5,33.8);
\node at (16.5,22.8) {$x$};
\draw[fill=pathdifffill3,rounded corners=11pt] (87.8,11.8) rectangle (109.8,33.8);
\draw[fill=pathdifffill3,rounded corners=9pt] (89.8,13.8) rectangle (107.8,31.8);
\node at (98.8,22.8) {$p$};
\end{scope}
\end{scope}
\end{tikzpicture}}}
"""
    )


def test_on_a_terminal() -> None:
    assert (
        drawing_text(of_text("z = x*y; p = sin(z) + x", wrt=["x"], ranks=[2]), BOTH, 80)
        == """\
Computation graph
    ┌─────────────────────┐
[x]━┤                     ├━━►((p))
    ┗━━━ ② ━┓             ┃
            ├━━►(z)━━━ ② ━┛
[y]─────────┘

Derivative graph
    ┌────────────────────────────── ∂p/∂x = 1 ─────┐
[x]◄┤                                              ├━━━((p))
    ┗━━━ ∂z/∂x = y ② ━┓                            ┃
                      ├━━━(z)◄━━ ∂p/∂z = cos(z) ② ━┛
[y]◄───── ∂z/∂y = x ──┘

[ ] input ( ) intermediate (( )) dependent
"""
    )


def test_on_a_terminal_of_ascii(monkeypatch: pytest.MonkeyPatch) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pathdiff", "draw", "-e", "p = x*y", "--wrt", "x", "--graph", "derivative"],
        env={**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0", "COLUMNS": "60"},
        capture_output=True,
        check=True,
    )
    assert (
        done.stdout.decode("ascii")
        == """\
Derivative graph
[x]<== dp/dx = y =#
                  |===((p))
[y]<-- dp/dy = x -+

[ ] input (( )) dependent
"""
    )


def test_on_a_terminal_values_stand_in_one_graph_and_adjoints_in_the_other() -> None:
    point = {name: number(Fraction(value), str(value)) for name, value in (("x", 2), ("y", 3))}
    assert (
        drawing_text(of_text("z = x*y; p = z + x", at=point), BOTH, 100)
        == """\
Computation graph
        ┌───────────────────┐
[x = 2]─┤                   ├──►((p = 8))
        └────┐              │
             ├──►(z = 6)────┘
[y = 3]──────┘

Derivative graph
               ┌──────────────────────────────────────── ∂p/∂x = 1 ─┐
[x: dp/dx = 4]◄┤                                                    ├───((p: ∂p/∂p = 1))
               └─── ∂z/∂x = y = 3 ─┐                                │
                                   ├───(z: ∂p/∂z = 1)◄── ∂p/∂z = 1 ─┘
[y: ∂p/∂y = 2]◄──── ∂z/∂y = x = 2 ─┘

[ ] input ( ) intermediate (( )) dependent
"""
    )


def test_numbers_that_have_no_room_on_a_terminal_are_missed() -> None:
    spec = GRAPHS[0].parent / "skip-connection.yaml"
    text = drawing_text(of_file(spec, values=True), ["computation"], 80)
    assert "f₁ =" not in text
    assert "\n80 columns have no room for the numbers: `-o picture.svg` has them\n" in text


def test_what_is_too_wide_for_a_terminal_is_said() -> None:
    text = drawing_text(of_text("z = x*y; p = sin(z) + x"), ["computation"], 24)
    assert (
        text
        == """\
Computation graph
computation graph does
not fit into 24 columns:
`-o picture.svg` draws
it, and so do .png, .pdf
and .tex; `--only` with
--of and --wrt leaves
out what is not between

[ ] input ( )
intermediate (( ))
dependent
"""
    )


# Numbers, and what stands out.


def test_values_and_adjoints() -> None:
    drawing = of_text("z = x*y; p = sin(z) + x", at={}, values=False)
    assert drawing.values == {}
    spec = build_spec("", None, None, {}, {"z": "x*y", "p": "z*x"}, {}, {"x": "2", "y": "3"})
    found = drawn(spec, values=True)
    assert {name: float(value) for name, value in found.values.items()} == {"x": 2, "y": 3, "z": 6, "p": 12}
    adjoints = {name: (result.also_edge, float(value)) for name, (result, value) in found.adjoints.items()}
    assert adjoints == {"p": (False, 1), "z": (False, 2), "x": (True, 12), "y": (False, 4)}
    assert {edge: float(value) for edge, value in found.labels.items()} == {
        ("z", "x"): 3, ("z", "y"): 2, ("p", "z"): 2, ("p", "x"): 6,
    }  # fmt: skip


def test_a_path_or_all_paths_stand_out() -> None:
    text = "z = x*y; p = sin(z) + x"
    assert of_text(text).lit == frozenset()
    assert of_text(text, wrt=["x"]).lit == {("p", "x"), ("p", "z"), ("z", "x")}
    one = of_text(text, wrt=["x"], ranks=[2, 2])
    assert one.paths == {2: ("p", "z", "x")}
    assert one.lit == set(pairwise(("p", "z", "x")))
    assert one.on(("p", "z")) == (2,)
    assert one.on(("p", "x")) == ()


def test_only_what_lies_between() -> None:
    drawing = of_text("z = x*y; p = sin(z) + x; q = z + w", of=["p"], wrt=["y"], only=True)
    assert list(drawing.computation) == ["y", "z", "p"]
    assert list(drawing.derivative.edges) == [("z", "y"), ("p", "z")]


def test_the_path_of_no_derivative_cannot_be_highlighted() -> None:
    with pytest.raises(InputError) as caught:
        of_text("z = x*y; p = sin(z) + x", ranks=[1])
    assert str(caught.value) == (
        "error[usage]: --path counts the paths of one derivative\n  --path\n  hint: name it with --of and --wrt"
    )


def test_a_path_that_is_not_there_cannot_be_highlighted() -> None:
    with pytest.raises(InputError) as caught:
        of_text("z = x*y; p = sin(z) + x", wrt=["x"], ranks=[3])
    expected = "error[no-such-path]: there are 2 paths from p to x, so none has the rank 3\n  --path"
    assert str(caught.value) == expected


def test_a_graph_that_is_too_large_is_refused() -> None:
    chain = "; ".join(f"x{i + 1} = sin(x{i})" for i in range(300))
    with pytest.raises(InputError) as caught:
        of_text(chain)
    assert str(caught.value) == (
        "error[too-large-to-draw]: a picture has at most 250 nodes and 700 edges, not 301 and 300\n"
        "  -e\n"
        "  hint: --only with --of and --wrt draws what lies between two nodes"
    )
    assert len(of_text(chain, of=["x9"], wrt=["x5"], only=True).computation) == 5


# Whatever a spec may contain.


def hostile() -> Drawing:
    """A title of everything that means something somewhere; names are letters, so some are put in behind the reader."""
    drawing = of_text("z = x*y; p = sin(z) + x", wrt=["x"], ranks=[1])
    return replace(drawing, spec=replace(drawing.spec, title=HOSTILE))


def test_svg_lets_nothing_through() -> None:
    text = svg.svg(hostile(), BOTH, "layered")
    assert "<script" not in text
    assert "\x1b" not in text
    assert "\u202e" not in text
    root = ElementTree.fromstring(text)
    title = root.find("{http://www.w3.org/2000/svg}title")
    assert title is not None
    assert title.text == HOSTILE.replace("\x1b", "U+001B").replace("\u202e", "U+202E")
    tags = {element.tag.rpartition("}")[2] for element in root.iter()}
    assert tags == {"svg", "title", "desc", "style", "rect", "g", "path", "text"}
    attributes = {name for element in root.iter() for name in element.attrib}
    assert not [name for name in attributes if name.startswith("on") or "href" in name]


@pytest.mark.parametrize("engine", ENGINES)
def test_graphviz_reads_what_is_written(engine: Engine, need: Need) -> None:
    need("dot")
    for text in (dot(hostile()), dot(hostile(), ["derivative"]), placed(hostile(), BOTH, engine)):
        done = subprocess.run(["dot", "-Tplain"], input=text, capture_output=True, encoding="utf-8", check=True)
        assert done.stderr == ""
    nodes = subprocess.run(["dot", "-Tplain"], input=dot(hostile(), ["derivative"]), capture_output=True,
                           encoding="utf-8", check=True).stdout  # fmt: skip
    assert len(re.findall("^node ", nodes, re.MULTILINE)) == 4
    assert len(re.findall("^edge ", nodes, re.MULTILINE)) == 4


def test_dot_and_mermaid_have_no_line_but_ours() -> None:
    assert dot(hostile()).splitlines()[0] == (
        'digraph "<script>alert(&quot;x&quot;)</script>&quot;]; x -> y; `b` &#92;input{/etc/passwd} U+001B[31m '
        '$%&amp;#_{} ]]> --> %%{init}%% U+202E" {'
    )
    assert "script" not in mermaid(hostile())


def test_on_a_terminal_nothing_is_obeyed() -> None:
    text = drawing_text(hostile(), BOTH, 80)
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "\\x1b[31m" in text


@pytest.mark.parametrize("name", ["变量", "e\u0301", "x′", "__import__", "ñandú", "lambda"])
def test_any_name_is_drawn(name: str, need: Need, tmp_path: Path) -> None:
    spec = build_spec("", None, None, {}, {"p": f"sin({name})*{name}"}, {}, {})
    drawing = drawn(spec)
    ElementTree.fromstring(svg.svg(drawing, BOTH, "layered"))
    need("pdflatex")
    (tmp_path / "a.tex").write_text(tikz.standalone(drawing, BOTH, "layered"))
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "a.tex"]
    subprocess.run(command, cwd=tmp_path, capture_output=True, check=True)


def test_every_fragment_fits_the_page(need: Need, tmp_path: Path) -> None:
    need("pdflatex")
    lines = [r"\documentclass{article}", r"\usepackage{amsmath}", r"\usepackage{tikz}", r"\begin{document}"]
    for path in GRAPHS:
        (tmp_path / f"{path.stem}.tex").write_text(tikz.fragment(of_file(path, values=True)), encoding="ascii")
        lines.append(rf"\input{{{path.stem}}}\clearpage")
    (tmp_path / "all.tex").write_text("\n".join([*lines, r"\end{document}", ""]), encoding="ascii")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "all.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
    told = done.stdout.decode("latin-1")
    assert done.returncode == 0, told[-2000:]
    assert "Overfull" not in told


# The command.


def test_png_and_pdf(tmp_path: Path, run: Any, monkeypatch: pytest.MonkeyPatch, need: Need) -> None:
    need("neato")
    monkeypatch.setitem(sys.modules, "cairosvg", None)
    for ending, begins in ((".png", b"\x89PNG\r\n"), (".pdf", b"%PDF-1.")):
        file = tmp_path / f"picture{ending}"
        assert run("draw", "-e", "p = x*y", "-o", str(file)) == (0, "", "")
        assert file.read_bytes().startswith(begins)


def test_without_anything_that_makes_a_png_the_error_says_what_would(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cairosvg", None)
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(InputError) as caught:
        raster(of_text("p = x*y"), "png", BOTH)
    assert str(caught.value) == (
        "error[no-picture]: a PNG cannot be made here: neither CairoSVG nor Graphviz is installed\n"
        "  --format png\n"
        "  hint: install Graphviz, or `pip install 'pathdiff-chainrule[pictures]'`; --format svg needs neither"
    )


@pytest.mark.parametrize(
    ("ending", "begins"),
    [(".svg", "<svg "), (".dot", "digraph "), (".gv", "digraph "), (".mmd", "flowchart "), (".tex", r"\documentclass"),
     (".txt", "Computation graph")],
)  # fmt: skip
def test_the_ending_tells_the_format(tmp_path: Path, run: Any, ending: str, begins: str) -> None:
    file = tmp_path / f"picture{ending}"
    assert run("draw", "-e", "p = x*y", "-o", str(file)) == (0, "", "")
    assert file.read_text(encoding="utf-8").startswith(begins)


def test_a_layout_by_graphviz_that_cannot_be_had_is_missed(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    answer = run("draw", "-e", "p = x*y", "--layout", "graphviz", "--format", "svg")
    assert (answer.code, answer.err) == (0, "Graphviz is not installed: the places are by layers of our own\n")
    assert answer.out.startswith("<svg ")


def test_why_numbers_are_missing_is_said(run: Any) -> None:
    answer = run("draw", "-e", "p = sqrt(x) + y", "--at", "x=0,y=1", "--format", "dot")
    assert answer.code == 0
    assert answer.err == "∂p/∂x has no value at this point: a division by 0\n"
