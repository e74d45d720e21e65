"""Slides: what is on them and in which order, and that pdflatex takes them without a word."""

from __future__ import annotations

import re
import subprocess
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest
from conftest import Need

from pathdiff.cost import with_orders
from pathdiff.explain import explain
from pathdiff.expression import Tree
from pathdiff.expression import number as number_of
from pathdiff.render.latex.beamer import beamer

GRAPHS = Path(__file__).parents[1] / "graphs"


def frames(text: str) -> list[str]:
    return re.findall(r"\\begin\{frame\}.*?\\end\{frame\}", text, re.DOTALL)


def titles(text: str) -> list[str]:
    return [match[1] if (match := re.search(r"\\frametitle\{(.*)\}\n", frame)) else "" for frame in frames(text)]


def slides(name: str, *wrt: str) -> str:
    return beamer(explain((GRAPHS / f"{name}.yaml").read_text(encoding="utf-8"), name, wrt=wrt))


def test_a_slide_for_each_path_then_factoring_then_reverse_mode() -> None:
    assert titles(slides("mlp2", "x1")) == [
        "",
        "How $p$ depends on $x_{1}$",
        "Every arrow reversed, a partial derivative on each",
        r"Path (1) of 4: $p \to h_{1} \to z_{1} \to x_{1}$",
        r"Path (2) of 4: $p \to h_{2} \to z_{1} \to x_{1}$",
        r"Path (3) of 4: $p \to h_{1} \to z_{2} \to x_{1}$",
        r"Path (4) of 4: $p \to h_{2} \to z_{2} \to x_{1}$",
        "Factoring, step 1 of 4",
        "Factoring, step 2 of 4",
        "Factoring, step 3 of 4",
        "Factoring, step 4 of 4",
        "Reverse mode, stage 1 of 3: every edge once",
        "Reverse mode, stage 2 of 3: every edge once",
        "Reverse mode, stage 3 of 3: every edge once",
        "The two forms agree",
    ]


def test_the_edges_of_a_path_light_up_as_its_term_joins_the_sum() -> None:
    found = frames(slides("mlp2", "x1"))
    for number, frame in enumerate(found[3:7], 1):
        assert frame.count("draw=pathdiffpath0") == 3
        assert frame.count(r"\draw[->,pathdiffquiet]") == 5
        assert frame.count(r"\underbrace") == number
        assert (r"\cdots" in frame) == (number < 4)
    # each stage uses edges that no other stage does
    lit = [re.findall(r"\\draw\[->,draw=pathdiffpath0.*?\] (\(.*?\))", frame) for frame in found[11:14]]
    assert [len(each) for each in lit] == [2, 4, 2]


def at(**point: int) -> dict[str, Tree]:
    return {name: number_of(Fraction(value), str(value)) for name, value in point.items()}


def test_at_a_point_there_are_numbers() -> None:
    found = frames(beamer(explain("z = x*y; p = z^2 + x", inline=True, wrt=["x"], at=at(x=2, y=3))))
    first, second, put_in = found[3:6]
    assert "At the point this path gives $1$, and the sum so far is $1$." in first
    assert "At the point this path gives $36$, and the sum is $37$." in second
    assert r"&= 1 + 2 \cdot 6 \cdot 3" in put_in
    assert "&= 37" in put_in
    values = re.findall(r"text=pathdiffvalue\] at \(.*?\) \{\$(.*?)\$\}", first)
    assert values == ["2", "6", "38"]
    labels = re.findall(r"anchor=north,font=.footnotesize[^\]]*\] at \(.*?\) \{\$(.*?)\$\}", first)
    assert sorted(labels) == ["1", "12", "3"]


def test_adjoints_come_with_their_stage() -> None:
    found = frames(beamer(explain("z = x*y; p = z^2 + x", inline=True, wrt=["x"], at=at(x=2, y=3))))
    stages = [frame for frame in found if "Reverse mode, stage" in frame]
    shown = [re.findall(r"text=pathdiffadjoint\] at \(.*?\) \{\$.*? = (.*?)\$\}", frame) for frame in stages]
    assert [sorted(each) for each in shown] == [["1", "12"], ["1", "12", "37"]]


def test_without_a_point_there_are_none() -> None:
    text = beamer(explain("z = x*y; p = z^2 + x", inline=True, wrt=["x"]))
    assert "At the point" not in text
    assert "text=pathdiff" not in text.replace("text=pathdiffquiet", "")


def test_how_to_see_the_paths_that_are_left_out() -> None:
    text = "a = x + x^2; " + "; ".join(f"{v} = {v}({u}, x)" for u, v in pairwise("abcdefghijklmnopq"))
    found = frames(beamer(explain(text, inline=True, wrt=["x"])))
    [told] = [frame for frame in found if "And so on" in frame]
    assert "5 more paths add a term each in the same way." in told
    assert r"\texttt{pathdiff paths} lists them, \texttt{pathdiff draw -{}-path 13} draws one." in told


def test_many_derivatives_are_on_one_slide(need: Need, tmp_path: Path) -> None:
    text = slides("mlp2-sigmoid", "all")
    assert titles(text) == [
        "", "The gradient of $p$ with respect to 18 names",
        "The gradient of $L$ with respect to 18 names",
    ]  # fmt: skip
    assert "There are 1 to 4 paths to each, 30 in all." in frames(text)[2]
    need("pdflatex")
    assert "Overfull" not in compiled(text, tmp_path)


def test_a_chain_has_one_path_and_nothing_to_factor() -> None:
    assert titles(beamer(explain("s = a*x; z = sigmoid(s)", inline=True, wrt=["a"]))) == [
        "",
        "How $z$ depends on $a$",
        "Every arrow reversed, a partial derivative on each",
        r"The only path: $z \to s \to a$",
        "Reverse mode, stage 1 of 2: every edge once",
        "Reverse mode, stage 2 of 2: every edge once",
        "The two forms agree",
    ]


def test_without_a_path_the_slide_says_so() -> None:
    text = beamer(explain("z = x*y; p = sin(x)", inline=True, of=["p"], wrt=["y"]))
    assert "No path leads from $p$ to $y$: the derivative is 0." in text


def compiled(text: str, folder: Path) -> str:
    (folder / "a.tex").write_text(text, encoding="ascii")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "a.tex"]
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False)
    told = done.stdout.decode("latin-1")
    assert done.returncode == 0, told[-2000:]
    return told


def test_an_elimination_has_a_slide_for_each_node(need: Need, tmp_path: Path) -> None:
    found = with_orders(explain("z = x*y; w = sin(z); p = w*z", inline=True, wrt=["x"]), ["reverse", "search"])
    text = beamer(found)
    shown = titles(text)
    first = shown.index("Elimination (reverse)")
    assert shown[first : first + 6] == [
        "Elimination (reverse)",
        "$w$ is eliminated (1 multiplication and 1 addition so far)",
        "$z$ is eliminated (2 multiplications and 1 addition so far)",
        "The results with what is used once in its place",
        "The elimination gives the path sums",
        "Elimination (search)",
    ]
    assert "Optimal: no order takes fewer than 2 multiplications." in frames(text)[first + 5]
    need("pdflatex")
    assert "Overfull" not in compiled(text, tmp_path)


def test_of_many_eliminated_nodes_the_first_have_a_slide() -> None:
    chain = "; ".join(f"v{i + 1} = sin(v{i})" for i in range(15))
    text = beamer(with_orders(explain(chain, inline=True), ["forward"]))
    assert len([title for title in titles(text) if "is eliminated" in title]) == 12
    assert "2 more steps are left out." in text


@pytest.mark.parametrize("name", ["mlp2", "mlp3", "neuron", "chain", "lstm-cell"])
def test_slides_compile_without_overfull_lines(name: str, need: Need, tmp_path: Path) -> None:
    need("pdflatex")
    assert "Overfull" not in compiled(slides(name), tmp_path)


def test_a_title_is_no_command(need: Need, tmp_path: Path) -> None:
    need("pdflatex")
    found = explain("p = x*y", inline=True)
    title = '\\input{/etc/passwd} \\end{frame} \\end{document} "];<script> $%&#_{}~^ `x` \x1b[31m'
    text = beamer(replace(found, spec=replace(found.spec, title=title)))
    assert r"\input" not in text
    assert text.count(r"\end{document}") == 1
    assert "Font Warning" not in compiled(text, tmp_path)


def test_a_title_without_spaces_is_broken(need: Need, tmp_path: Path) -> None:
    need("pdflatex")
    found = explain("p = x*y", inline=True)
    assert "Overfull" not in compiled(beamer(replace(found, spec=replace(found.spec, title="a" * 300))), tmp_path)
