"""A gradient of many names, on the terminal and in LaTeX, where each derivative in every form would be too much."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from conftest import Need
from test_latex import complaints, log_of
from test_terminal import AGREE, explained, section, shown

from pathdiff.explain import explain
from pathdiff.render import latex
from pathdiff.render.terminal import explanation_text
from pathdiff.verify import Check, Verdict

SPEC = """
title: An MLP with 13 parameters
inputs: [x1, x2, y]
parameters: [w11, w12, b1, w21, w22, b2, w31, w32, b3, v1, v2, v3, c]
nodes:
  h1: tanh(w11*x1 + w12*x2 + b1)
  h2: tanh(w21*x1 + w22*x2 + b2)
  h3: tanh(w31*x1 + w32*x2 + b3)
  p: sigmoid(v1*h1 + v2*h2 + v3*h3 + c)
  L: (p - y)**2
derive: {L: [w11, w12, b1, w21, w22, b2, w31, w32, b3, v1, v2, v3, c]}
"""
POINT = """\
at: {x1: 1, x2: -1/2, y: 1, w11: 0.1, w12: 0.2, b1: 0, w21: -0.3, w22: 0.4, b2: 0.1, w31: 0.5, w32: -0.6, b3: 0,
  v1: 1, v2: -1, v3: 1/2, c: 0.2}
"""


def test_without_a_point_each_derivative_is_shown_in_node_names() -> None:
    text = shown(SPEC)
    assert (
        "\n" + text[text.index("Gradient ") :]
        == """
Gradient           of L with respect to 13 names: 1 path to each
                   ∂L/∂w₁₁ = 2v₁ p x₁(p − y)(1 − p)(1 − h₁²)
                   ∂L/∂w₁₂ = 2v₁ p x₂(p − y)(1 − p)(1 − h₁²)
                   ∂L/∂b₁  = 2v₁ p(p − y)(1 − p)(1 − h₁²)
                   ∂L/∂w₂₁ = 2v₂ p x₁(p − y)(1 − p)(1 − h₂²)
                   ∂L/∂w₂₂ = 2v₂ p x₂(p − y)(1 − p)(1 − h₂²)
                   ∂L/∂b₂  = 2v₂ p(p − y)(1 − p)(1 − h₂²)
                   ∂L/∂w₃₁ = 2v₃ p x₁(p − y)(1 − p)(1 − h₃²)
                   ∂L/∂w₃₂ = 2v₃ p x₂(p − y)(1 − p)(1 − h₃²)
                   ∂L/∂b₃  = 2v₃ p(p − y)(1 − p)(1 − h₃²)
                   ∂L/∂v₁  = 2h₁ p(p − y)(1 − p)
                   ∂L/∂v₂  = 2h₂ p(p − y)(1 − p)
                   ∂L/∂v₃  = 2h₃ p(p − y)(1 − p)
                   ∂L/∂c   = 2p(p − y)(1 − p)
                   `--wrt NAME` shows the paths to one

Reverse mode       one sweep for all 13 derivatives
                   3   ∂L/∂p
                   2   ∂L/∂v₁ = ∂L/∂p ∂p/∂v₁
                       ∂L/∂h₁ = ∂L/∂p ∂p/∂h₁
                       ∂L/∂v₂ = ∂L/∂p ∂p/∂v₂
                       ∂L/∂h₂ = ∂L/∂p ∂p/∂h₂
                       ∂L/∂v₃ = ∂L/∂p ∂p/∂v₃
                       ∂L/∂h₃ = ∂L/∂p ∂p/∂h₃
                       ∂L/∂c = ∂L/∂p ∂p/∂c
                   1   ∂L/∂w₁₁ = ∂L/∂h₁ ∂h₁/∂w₁₁
                       ∂L/∂w₁₂ = ∂L/∂h₁ ∂h₁/∂w₁₂
                       ∂L/∂b₁ = ∂L/∂h₁ ∂h₁/∂b₁
                       ∂L/∂w₂₁ = ∂L/∂h₂ ∂h₂/∂w₂₁
                       ∂L/∂w₂₂ = ∂L/∂h₂ ∂h₂/∂w₂₂
                       ∂L/∂b₂ = ∂L/∂h₂ ∂h₂/∂b₂
                       ∂L/∂w₃₁ = ∂L/∂h₃ ∂h₃/∂w₃₁
                       ∂L/∂w₃₂ = ∂L/∂h₃ ∂h₃/∂w₃₂
                       ∂L/∂b₃ = ∂L/∂h₃ ∂h₃/∂b₃

Agreement          ✓ the forms are the same polynomial: N terms
                   ✓ the function's own derivative, at 5 points to 50 digits

Cost               all 13 derivatives together: path sum 22 multiplications, 0
                   additions; forward mode 22 and 0; reverse mode 16 and 0
"""
    )


def test_at_a_point_each_derivative_has_its_value() -> None:
    assert (
        "\n" + section(shown(SPEC + POINT), "Gradient")
        == """
Gradient           of L with respect to 13 names: 1 path to each
                   ∂L/∂w₁₁ = −0.117195      ∂L/∂w₃₂ = 0.0163796
                   ∂L/∂w₁₂ = 0.0585975      ∂L/∂b₃  = −0.0327592
                   ∂L/∂b₁  = −0.117195      ∂L/∂v₁  = 0
                   ∂L/∂w₂₁ = 0.100277       ∂L/∂v₂  = 0.0445281
                   ∂L/∂w₂₂ = −0.0501383     ∂L/∂v₃  = −0.0778218
                   ∂L/∂b₂  = 0.100277       ∂L/∂c   = −0.117195
                   ∂L/∂w₃₁ = −0.0327592
                   `--wrt NAME` shows the paths to one
"""
    )


def test_on_a_narrow_terminal_the_values_stand_in_as_many_columns_as_fit() -> None:
    text = shown(SPEC + POINT, width=50)
    assert (
        text[text.index("\nGradient") : text.index("\nReverse mode")]
        == """
Gradient
of L with respect to 13 names: 1 path to each
∂L/∂w₁₁ = −0.117195      ∂L/∂w₃₂ = 0.0163796
∂L/∂w₁₂ = 0.0585975      ∂L/∂b₃  = −0.0327592
∂L/∂b₁  = −0.117195      ∂L/∂v₁  = 0
∂L/∂w₂₁ = 0.100277       ∂L/∂v₂  = 0.0445281
∂L/∂w₂₂ = −0.0501383     ∂L/∂v₃  = −0.0778218
∂L/∂b₂  = 0.100277       ∂L/∂c   = −0.117195
∂L/∂w₃₁ = −0.0327592
`--wrt NAME` shows the paths to one
"""
    )


def test_paths_are_counted_for_each_where_their_numbers_differ() -> None:
    text = section(shown(SPEC + POINT, "all"), "Gradient")
    assert "of L with respect to 16 names: 1 to 3 paths to each, 20 in\n" in text
    assert " ∂L/∂x₁  = −0.0581821   3 paths\n" in text
    assert " ∂L/∂y   = 0.573195     1 path\n" in text


@pytest.mark.parametrize("point", [True, False], ids=["point", "no point"])
def test_of_very_many_the_first_and_the_largest_are_shown(point: bool) -> None:
    text = section(explanation_text(explain(MANY + MANY_AT * point)), "Gradient")
    assert text == (VALUES if point else NODE_NAMES)


MANY = "nodes: {p: " + " + ".join(f"{i}*k{i}**2" for i in range(70)) + "}\n"
MANY_AT = "at: {" + ", ".join(f"k{i}: 1" for i in range(70)) + "}\n"


VALUES = """\
Gradient           of p with respect to 70 names: 1 path to each
                   ∂p/∂k₀  = 0       ∂p/∂k₄  = 8       ∂p/∂k₆₆ = 132
                   ∂p/∂k₁  = 2       ∂p/∂k₅  = 10      ∂p/∂k₆₇ = 134
                   ∂p/∂k₂  = 4       ∂p/∂k₆  = 12      ∂p/∂k₆₈ = 136
                   ∂p/∂k₃  = 6       ∂p/∂k₇  = 14      ∂p/∂k₆₉ = 138
                   the first and the largest of them; `--wrt NAME` shows the
                   paths to one, `--format json` has all
"""
NODE_NAMES = """\
Gradient           of p with respect to 70 names: 1 path to each
                   ∂p/∂k₀ = 0        ∂p/∂k₃ = 6k₃      ∂p/∂k₆ = 12k₆
                   ∂p/∂k₁ = 2k₁      ∂p/∂k₄ = 8k₄      ∂p/∂k₇ = 14k₇
                   ∂p/∂k₂ = 4k₂      ∂p/∂k₅ = 10k₅
                   `--wrt NAME` shows the paths to one, `--format json` has all
"""


def fragment(spec: str) -> str:
    return latex.fragment(explained(spec))


def test_a_gradient_in_latex() -> None:
    whole = fragment(SPEC)
    assert whole[whole.index(r"\subsection*") :] == IN_NODE_NAMES
    whole = fragment(SPEC + POINT)
    assert whole[whole.index(r"\subsection*") : whole.index(r"\paragraph{Reverse mode:}")] == AT_THE_POINT


IN_NODE_NAMES = r"""\subsection*{\raggedright The gradient of $L$ with respect to 13 names}
There is 1 path to each.
\paragraph{In node names:}
\begin{alignat*}{1}
  \frac{\partial L}{\partial w_{11}} &= 2 v_{1} p x_{1} (p - y) (1 - p) (1 - h_{1}^{2}) \\
  \frac{\partial L}{\partial w_{12}} &= 2 v_{1} p x_{2} (p - y) (1 - p) (1 - h_{1}^{2}) \\
  \frac{\partial L}{\partial b_{1}} &= 2 v_{1} p (p - y) (1 - p) (1 - h_{1}^{2}) \\
  \frac{\partial L}{\partial w_{21}} &= 2 v_{2} p x_{1} (p - y) (1 - p) (1 - h_{2}^{2}) \\
  \frac{\partial L}{\partial w_{22}} &= 2 v_{2} p x_{2} (p - y) (1 - p) (1 - h_{2}^{2}) \\
  \frac{\partial L}{\partial b_{2}} &= 2 v_{2} p (p - y) (1 - p) (1 - h_{2}^{2}) \\
  \frac{\partial L}{\partial w_{31}} &= 2 v_{3} p x_{1} (p - y) (1 - p) (1 - h_{3}^{2}) \\
  \frac{\partial L}{\partial w_{32}} &= 2 v_{3} p x_{2} (p - y) (1 - p) (1 - h_{3}^{2}) \\
  \frac{\partial L}{\partial b_{3}} &= 2 v_{3} p (p - y) (1 - p) (1 - h_{3}^{2}) \\
  \frac{\partial L}{\partial v_{1}} &= 2 h_{1} p (p - y) (1 - p) \\
  \frac{\partial L}{\partial v_{2}} &= 2 h_{2} p (p - y) (1 - p) \\
  \frac{\partial L}{\partial v_{3}} &= 2 h_{3} p (p - y) (1 - p) \\*
  \frac{\partial L}{\partial c} &= 2 p (p - y) (1 - p)
\end{alignat*}
\paragraph{Reverse mode:} one sweep for all 13 derivatives, from $L$ on; each line needs only lines before it, and each label is multiplied by once:
\begin{alignat*}{2}
  \text{3:} &\quad& \frac{\partial L}{\partial p} & \\
  \text{2:} &\quad& \frac{\partial L}{\partial v_{1}} &= \frac{\partial L}{\partial p} \frac{\partial p}{\partial v_{1}} \\
  && \frac{\partial L}{\partial h_{1}} &= \frac{\partial L}{\partial p} \frac{\partial p}{\partial h_{1}} \\
  && \frac{\partial L}{\partial v_{2}} &= \frac{\partial L}{\partial p} \frac{\partial p}{\partial v_{2}} \\
  && \frac{\partial L}{\partial h_{2}} &= \frac{\partial L}{\partial p} \frac{\partial p}{\partial h_{2}} \\
  && \frac{\partial L}{\partial v_{3}} &= \frac{\partial L}{\partial p} \frac{\partial p}{\partial v_{3}} \\
  && \frac{\partial L}{\partial h_{3}} &= \frac{\partial L}{\partial p} \frac{\partial p}{\partial h_{3}} \\
  && \frac{\partial L}{\partial c} &= \frac{\partial L}{\partial p} \frac{\partial p}{\partial c} \\
  \text{1:} &\quad& \frac{\partial L}{\partial w_{11}} &= \frac{\partial L}{\partial h_{1}} \frac{\partial h_{1}}{\partial w_{11}} \\
  && \frac{\partial L}{\partial w_{12}} &= \frac{\partial L}{\partial h_{1}} \frac{\partial h_{1}}{\partial w_{12}} \\
  && \frac{\partial L}{\partial b_{1}} &= \frac{\partial L}{\partial h_{1}} \frac{\partial h_{1}}{\partial b_{1}} \\
  && \frac{\partial L}{\partial w_{21}} &= \frac{\partial L}{\partial h_{2}} \frac{\partial h_{2}}{\partial w_{21}} \\
  && \frac{\partial L}{\partial w_{22}} &= \frac{\partial L}{\partial h_{2}} \frac{\partial h_{2}}{\partial w_{22}} \\
  && \frac{\partial L}{\partial b_{2}} &= \frac{\partial L}{\partial h_{2}} \frac{\partial h_{2}}{\partial b_{2}} \\
  && \frac{\partial L}{\partial w_{31}} &= \frac{\partial L}{\partial h_{3}} \frac{\partial h_{3}}{\partial w_{31}} \\
  && \frac{\partial L}{\partial w_{32}} &= \frac{\partial L}{\partial h_{3}} \frac{\partial h_{3}}{\partial w_{32}} \\*
  && \frac{\partial L}{\partial b_{3}} &= \frac{\partial L}{\partial h_{3}} \frac{\partial h_{3}}{\partial b_{3}}
\end{alignat*}
\paragraph{Agreement:}
\begin{itemize}
\item Proved: the forms are the same polynomial: N terms
\item Checked: the function's own derivative, at 5 points to 50 digits
\end{itemize}
\paragraph{Cost of all 13 derivatives together:} path sum 22 multiplications and 0 additions; reverse mode 16 and 0; forward mode 22 and 0.
\par
\endgroup
"""  # noqa: E501
AT_THE_POINT = r"""\subsection*{\raggedright The gradient of $L$ with respect to 13 names}
There is 1 path to each.
\paragraph{At the point:}
\begin{alignat*}{3}
  \frac{\partial L}{\partial w_{11}} &\approx -0.117195 &\qquad \frac{\partial L}{\partial b_{2}} &\approx 0.100277 &\qquad \frac{\partial L}{\partial v_{2}} &\approx 0.0445281 \\
  \frac{\partial L}{\partial w_{12}} &\approx 0.0585975 &\qquad \frac{\partial L}{\partial w_{31}} &\approx -0.0327592 &\qquad \frac{\partial L}{\partial v_{3}} &\approx -0.0778218 \\
  \frac{\partial L}{\partial b_{1}} &\approx -0.117195 &\qquad \frac{\partial L}{\partial w_{32}} &\approx 0.0163796 &\qquad \frac{\partial L}{\partial c} &\approx -0.117195 \\
  \frac{\partial L}{\partial w_{21}} &\approx 0.100277 &\qquad \frac{\partial L}{\partial b_{3}} &\approx -0.0327592 &\qquad & \\*
  \frac{\partial L}{\partial w_{22}} &\approx -0.0501383 &\qquad \frac{\partial L}{\partial v_{1}} &= 0 &\qquad &
\end{alignat*}
"""  # noqa: E501


@pytest.mark.parametrize("spec", [SPEC, SPEC + POINT, MANY, MANY + MANY_AT], ids=["13", "13 at", "70", "70 at"])
def test_the_fragment_compiles_with_no_line_too_long(spec: str, need: Need, tmp_path: Path) -> None:
    (tmp_path / "part.tex").write_text(latex.fragment(explain(spec, wrt=["all"])), encoding="ascii")
    source = "\\documentclass{article}\n\\usepackage{amsmath}\n\\begin{document}\n\\input{part}\n\\end{document}\n"
    assert complaints(log_of(need("pdflatex"), source, tmp_path)) == []


def test_what_was_checked_in_another_way_is_told_with_its_names() -> None:
    one, other = (
        Verdict("agree", (Check("forms", "proved", f"the same polynomial: {n}", n), *AGREE.checks[1:]))
        for n in ("1 term", "3 terms")
    )
    found = explained(SPEC)
    found = replace(found, verdicts=(one, other, *(one,) * 11))
    assert (
        "\n" + section(explanation_text(found), "Agreement")
        == """
Agreement          ✓ the same polynomial:
                     ∂L/∂w₁₁, ∂L/∂b₁, ∂L/∂w₂₁, ∂L/∂w₂₂, ∂L/∂b₂, ∂L/∂w₃₁,
                       ∂L/∂w₃₂, ∂L/∂b₃, ∂L/∂v₁, ∂L/∂v₂, ∂L/∂v₃, ∂L/∂c: 1 term
                     ∂L/∂w₁₂: 3 terms
                   ✓ the function's own derivative, at 5 points to 50 digits
"""
    )
    text = latex.fragment(found)
    start = text.index(r"\paragraph{Agreement:}")
    assert text[start : text.index(r"\paragraph{Cost")] == (
        r"""\paragraph{Agreement:}
\begin{itemize}
\item Proved: the same polynomial:
\begin{itemize}
\item $\partial L/\partial w_{11}$, $\partial L/\partial b_{1}$, $\partial L/\partial w_{21}$, $\partial L/\partial w_{22}$, $\partial L/\partial b_{2}$, $\partial L/\partial w_{31}$, $\partial L/\partial w_{32}$, $\partial L/\partial b_{3}$, $\partial L/\partial v_{1}$, $\partial L/\partial v_{2}$, $\partial L/\partial v_{3}$, $\partial L/\partial c$: 1 term
\item $\partial L/\partial w_{12}$: 3 terms
\end{itemize}
\item Checked: the function's own derivative, at 5 points to 50 digits
\end{itemize}
"""  # noqa: E501
    )
