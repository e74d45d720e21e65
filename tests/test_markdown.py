"""Markdown, and what a notebook shows."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from xml.etree import ElementTree

import pytest

import pathdiff
from pathdiff.explain import explain
from pathdiff.expression import Tree, number
from pathdiff.render.markdown import escaped, markdown

GRAPHS = sorted((Path(__file__).parents[1] / "graphs").glob("*.yaml"))


def test_an_explanation_as_markdown() -> None:
    text = markdown(explain("s = a*x; p = relu(s)", inline=True, wrt=["a"]))
    before, agreement, after = re.split("(### Agreement\n\n(?:- .*\n)+)", text)
    assert len(agreement.splitlines()) == 5
    assert before + after == (
        r"""## Function

$$
\begin{alignedat}{2}
  s &= a x &\qquad p &= \mathop{\mathrm{relu}}(s)
\end{alignedat}
$$

## Derivative graph

Every arrow of the computation graph reversed, with the partial derivative along it.

```mermaid
flowchart RL
  n0["a"]
  n1["x"]
  n2(["s"])
  n3((("p")))
  n2 -->|"∂s/∂a<br/>x"| n0
  n2 -->|"∂s/∂x<br/>a"| n1
  n3 -->|"∂p/∂s<br/>heaviside(s)"| n2
```

## The derivative of $p$ with respect to $a$

### Paths

1 path from $p$ to $a$:

1. $p \to s \to a$

### Sum over paths

$$
\begin{aligned}
  \frac{\partial p}{\partial a} &= \frac{\partial p}{\partial s} \frac{\partial s}{\partial a} \\
  &= \mathop{\mathrm{H}}(s) \cdot x
\end{aligned}
$$

### In node names

$$
\begin{aligned}
  \frac{\partial p}{\partial a} &= x \mathop{\mathrm{H}}(s)
\end{aligned}
$$

### Reverse mode from $p$ on

Each line needs only lines before it, and each label is multiplied by once.

$$
\begin{alignedat}{2}
  \text{2:} &\quad& \frac{\partial p}{\partial s} & \\
  \text{1:} &\quad& \frac{\partial p}{\partial a} &= \frac{\partial p}{\partial s} \frac{\partial s}{\partial a}
\end{alignedat}
$$


### Cost

| | multiplications | additions |
| --- | ---: | ---: |
| path sum | 1 | 0 |
| forward mode | 1 | 0 |
| reverse mode | 1 | 0 |
"""
    )


def test_a_gradient_of_many_names_is_shown_as_a_whole() -> None:
    names = [f"x{i}" for i in range(1, 14)]
    text = f"p = {'*'.join(names)}"
    found = markdown(explain(text, inline=True, wrt=names, at=at(dict.fromkeys(names, 2))))
    assert [line for line in found.splitlines() if line.startswith("#")] == [
        "## Function", "## Derivative graph", "## The gradient of $p$ with respect to 13 names", "### At the point",
        "### Agreement", "### Cost",
    ]  # fmt: skip
    assert "There is 1 path to each." in found
    assert found.count(r"\frac{\partial p}{\partial x_{13}} &= 4096") == 1


def at(values: dict[str, int]) -> dict[str, Tree]:
    return {name: number(Fraction(value), str(value)) for name, value in values.items()}


def test_the_point_is_told() -> None:
    found = markdown(explain("p = x*y", inline=True, at=at({"x": 2, "y": 3})))
    assert "\n\nAt the point $x = 2$, $y = 3$, so $p = 6$.\n\n" in found


def test_no_backslash_before_a_sign_that_markdown_takes_for_its_own() -> None:
    found = markdown(explain("p = sqrt(first)*second", inline=True))
    displays = re.findall(r"\$\$\n(.*?)\n\$\$", found, re.DOTALL)
    assert [display for display in displays if "\\," in display] == []
    assert any(r"\thinspace" in display for display in displays)


ELIMINATION = r"""## Elimination (reverse)

$w$, $z$: 3 multiplications and 1 addition.

### $w$ is eliminated (1 multiplication and 1 addition so far)

$$
\begin{alignedat}{1}
  p \to z &\colon\ {} + \frac{\partial p}{\partial w} \frac{\partial w}{\partial z}
\end{alignedat}
$$

### $z$ is eliminated (3 multiplications and 1 addition so far)

$$
\begin{alignedat}{1}
  c_{1} &= \frac{\partial p}{\partial z} + \frac{\partial p}{\partial w} \frac{\partial w}{\partial z}
\end{alignedat}
$$

$$
\begin{alignedat}{2}
  p \to x &\colon\ c_{1} \frac{\partial z}{\partial x} &\qquad p \to y &\colon\ c_{1} \frac{\partial z}{\partial y}
\end{alignedat}
$$

### The results with what is used once in its place

$$
\begin{alignedat}{3}
  c_{1} &= \frac{\partial p}{\partial z} + \frac{\partial p}{\partial w} \frac{\partial w}{\partial z} &\qquad \frac{\partial p}{\partial x} &= c_{1} \frac{\partial z}{\partial x} &\qquad \frac{\partial p}{\partial y} &= c_{1} \frac{\partial z}{\partial y}
\end{alignedat}
$$

### Agreement

- ✓ the elimination gives the path sums: 2 steps with 3 products and all counts made again on the spec's own edges; the results, polynomials of degree 3 at most, equal at 3 random points modulo 2\*\*61 - 1, error probability below 1e-53
"""  # noqa: E501  # a display


def test_an_elimination_as_markdown() -> None:
    text = pathdiff.parse("z = x*y; w = sin(z); p = w*z").explain(orders="reverse").markdown()
    assert text[text.index("## Elimination") :] == ELIMINATION


def test_displays_are_those_that_renderers_know() -> None:
    for path in GRAPHS:
        text = markdown(explain(path.read_text(encoding="utf-8"), path.name))
        assert "align*" not in text
        assert "alignat*" not in text
        assert "operatorname" not in text
        parts = text.split("$$\n")
        assert len(parts) % 2 == 1
        assert not [display for display in parts[1::2] if "\n\n" in display or "$" in display]
        # what is left of dollars is in pairs on one line
        assert not [line for part in parts[::2] for line in part.splitlines() if line.replace("\\$", "").count("$") % 2]


def test_a_title_is_no_markup() -> None:
    found = explain("p = x*y", inline=True)
    title = "<script>alert(1)</script> [a](http://b) `c` $d$ {e}`f` *g* \x1b[31m\n# h"
    text = markdown(replace(found, spec=replace(found.spec, title=title)))
    assert text.splitlines()[0] == (
        r"# &lt;script\>alert(1)&lt;/script\> \[a\](http://b) \`c\` \$d\$ \{e\}\`f\` \*g\* U+001B\[31m \# h"
    )


@pytest.mark.parametrize("told", ["plain words, e.g. 1 - 2 + 3", "(a: b)"])
def test_plain_words_stay(told: str) -> None:
    assert escaped(told) == told


def test_a_notebook_shows_the_graphs_of_a_function() -> None:
    model = pathdiff.parse("z = x*y; p = sin(z) + x")
    shown = model._repr_html_()
    assert shown is not None
    assert shown == model.svg()
    assert ElementTree.fromstring(shown).tag == "{http://www.w3.org/2000/svg}svg"
    assert 'id="' not in shown  # a page may show several
    lit = model.svg(wrt="x", paths=[2], at={"x": 1, "y": 2}, graph="derivative")
    assert lit.count('class="edge lit"') == 2
    assert "∂p/∂z" in lit


def test_a_notebook_shows_the_text_of_what_is_too_large_to_draw() -> None:
    assert pathdiff.parse("; ".join(f"x{i + 1} = sin(x{i})" for i in range(300)))._repr_html_() is None


def test_a_notebook_typesets_an_explanation() -> None:
    found = pathdiff.parse("p = x*y").explain()
    assert found._repr_mimebundle_() == {"text/plain": "<2 derivatives, agree>", "text/markdown": found.markdown()}
