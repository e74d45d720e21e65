"""The terminal: whole explanations as a reader sees them, at several widths, and what holds of all of them."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from pathdiff.derivation import Total
from pathdiff.diagnostics import cell_width
from pathdiff.explain import Explanation, explain
from pathdiff.expression import number
from pathdiff.render import latex
from pathdiff.render.records import check_record, explanation_record
from pathdiff.render.terminal import check_text, explanation_text, render
from pathdiff.verify import Check, Counterexample, Verdict

GRAPHS = sorted((Path(__file__).parents[1] / "graphs").glob("*.yaml"))
AGREE = Verdict(
    "agree",
    (
        Check("forms", "proved", "the forms are the same polynomial: N terms", "N terms"),
        Check(
            "whole", "checked", "the function's own derivative, at 5 points to 50 digits", "at 5 points to 50 digits"
        ),
    ),
)
MLP = """
title: An MLP with two hidden layers
nodes:
  z1: z1(x1, x2)
  z2: z2(x1, x2)
  h1: h1(z1, z2)
  h2: h2(z1, z2)
  p: p(h1, h2)
"""
NEURON = """
title: One neuron with a loss
inputs: [x1, x2, y]
parameters: [alpha, beta]
nodes:
  s: alpha*x1 + beta*x2
  z: sigmoid(s)
  L: (z - y)**2
derive: {L: [alpha, beta]}
at: {x1: 1, x2: -2, y: 1, alpha: 1/2, beta: 0.1}
"""
SKIP = """
title: Two blocks with skip connections
inputs: [x]
parameters: [w1, w2]
nodes:
  f1: tanh(w1*x)
  h: x + f1
  f2: tanh(w2*h)
  y: h + f2
at: {x: 0.5, w1: 0.1, w2: -0.2}
"""
PRODUCT = """
title: The product rule
nodes:
  f: f(x)
  g: g(x)
  h: f*g
"""
LAYERS = (
    "nodes:\n"
    + "".join(
        f"  {layer}{i}: {layer}{i}({', '.join(f'{below}{j}' for j in range(1, 5)) if below != 'x' else 'x'})\n"
        for below, layer in zip("xabc", "abcd", strict=True)
        for i in range(1, 5)
    )
    + "  p: p(d1, d2, d3, d4)\n"
)


def explained(text: str, *wrt: str, inline: bool = False) -> Explanation:
    """An explanation with a verdict that always says the same."""
    found = explain(text, wrt=wrt, inline=inline)
    return replace(found, verdicts=tuple(AGREE for _ in found.derivations))


def shown(text: str, *wrt: str, width: int = 80, trace: bool = False, inline: bool = False) -> str:
    return explanation_text(explained(text, *wrt, inline=inline), width, trace=trace)


def written(explanation: Explanation, width: int = 80, encoding: str = "utf-8", *, trace: bool = False) -> str:
    """What goes to a terminal of this encoding."""
    file = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    render(explanation, Console(file=file, width=width), trace=trace)
    file.seek(0)
    return file.read()


def section(text: str, name: str) -> str:
    """The lines of a section, as wide as they are."""
    lines = text.splitlines()
    start = next(index for index, line in enumerate(lines) if line.startswith(name))
    end = next((index for index in range(start + 1, len(lines)) if lines[index][:1].strip()), len(lines))
    return "\n".join(lines[start:end]).rstrip() + "\n"


def test_an_abstract_mlp() -> None:
    assert (
        "\n" + shown(MLP, "x1")
        == """
An MLP with two hidden layers

Function           z₁ = z₁(x₁, x₂)     h₁ = h₁(z₁, z₂)     p = p(h₁, h₂)
                   z₂ = z₂(x₁, x₂)     h₂ = h₂(z₁, z₂)

Computation graph  x₁, x₂ → z₁, z₂     z₁, z₂ → h₁, h₂     h₁, h₂ → p

Derivative graph   every arrow reversed, with the partial derivative along it
                   p → h₁  ∂p/∂h₁     h₁ → z₁  ∂h₁/∂z₁     z₁ → x₁  ∂z₁/∂x₁
                   p → h₂  ∂p/∂h₂     h₁ → z₂  ∂h₁/∂z₂     z₂ → x₁  ∂z₂/∂x₁
                                      h₂ → z₁  ∂h₂/∂z₁
                                      h₂ → z₂  ∂h₂/∂z₂

∂p/∂x₁             4 paths from p to x₁
                   ①  p → h₁ → z₁ → x₁     ③  p → h₁ → z₂ → x₁
                   ②  p → h₂ → z₁ → x₁     ④  p → h₂ → z₂ → x₁

Sum over paths     ∂p    ∂p  ∂h₁ ∂z₁   ∂p  ∂h₂ ∂z₁   ∂p  ∂h₁ ∂z₂   ∂p  ∂h₂ ∂z₂
                   ─── = ─── ─── ─── + ─── ─── ─── + ─── ─── ─── + ─── ─── ───
                   ∂x₁   ∂h₁ ∂z₁ ∂x₁   ∂h₂ ∂z₁ ∂x₁   ∂h₁ ∂z₂ ∂x₁   ∂h₂ ∂z₂ ∂x₁
                              ①             ②             ③             ④

Factoring          ① + ② share their tail ∂z₁/∂x₁, ③ + ④ share ∂z₂/∂x₁:
                   ∂p    ⎛∂p  ∂h₁   ∂p  ∂h₂⎞ ∂z₁   ∂p  ∂h₁ ∂z₂   ∂p  ∂h₂ ∂z₂
                   ─── = ⎜─── ─── + ─── ───⎟ ─── + ─── ─── ─── + ─── ─── ───
                   ∂x₁   ⎝∂h₁ ∂z₁   ∂h₂ ∂z₁⎠ ∂x₁   ∂h₁ ∂z₂ ∂x₁   ∂h₂ ∂z₂ ∂x₁
                         └──── ∂p/∂z₁ ─────┘
                         ⎛∂p ⎞ ∂z₁   ∂p  ∂h₁ ∂z₂   ∂p  ∂h₂ ∂z₂
                       = ⎜───⎟ ─── + ─── ─── ─── + ─── ─── ───
                         ⎝∂z₁⎠ ∂x₁   ∂h₁ ∂z₂ ∂x₁   ∂h₂ ∂z₂ ∂x₁

                         ⎛∂p ⎞ ∂z₁   ⎛∂p  ∂h₁   ∂p  ∂h₂⎞ ∂z₂
                       = ⎜───⎟ ─── + ⎜─── ─── + ─── ───⎟ ───
                         ⎝∂z₁⎠ ∂x₁   ⎝∂h₁ ∂z₂   ∂h₂ ∂z₂⎠ ∂x₁
                                     └──── ∂p/∂z₂ ─────┘
                         ⎛∂p ⎞ ∂z₁   ⎛∂p ⎞ ∂z₂
                       = ⎜───⎟ ─── + ⎜───⎟ ───
                         ⎝∂z₁⎠ ∂x₁   ⎝∂z₂⎠ ∂x₁

One formula        ∂p/∂x₁ = (∂p/∂h₁ ∂h₁/∂z₁ + ∂p/∂h₂ ∂h₂/∂z₁) ∂z₁/∂x₁
                            └─────────── ∂p/∂z₁ ────────────┘
                            + (∂p/∂h₁ ∂h₁/∂z₂ + ∂p/∂h₂ ∂h₂/∂z₂) ∂z₂/∂x₁
                              └─────────── ∂p/∂z₂ ────────────┘

Reverse mode       3   ∂p/∂h₁     ∂p/∂h₂
                   2   ∂p/∂z₁ = ∂p/∂h₁ ∂h₁/∂z₁ + ∂p/∂h₂ ∂h₂/∂z₁
                       ∂p/∂z₂ = ∂p/∂h₁ ∂h₁/∂z₂ + ∂p/∂h₂ ∂h₂/∂z₂
                   1   ∂p/∂x₁ = (∂p/∂z₁) ∂z₁/∂x₁ + (∂p/∂z₂) ∂z₂/∂x₁

Forward mode       1   ∂z₁/∂x₁     ∂z₂/∂x₁
                   2   ∂h₁/∂x₁ = ∂h₁/∂z₁ ∂z₁/∂x₁ + ∂h₁/∂z₂ ∂z₂/∂x₁
                       ∂h₂/∂x₁ = ∂h₂/∂z₁ ∂z₁/∂x₁ + ∂h₂/∂z₂ ∂z₂/∂x₁
                   3   ∂p/∂x₁ = ∂p/∂h₁ (∂h₁/∂x₁) + ∂p/∂h₂ (∂h₂/∂x₁)
                   substituted back:
                   ∂p/∂x₁ = ∂p/∂h₁ (∂h₁/∂z₁ ∂z₁/∂x₁ + ∂h₁/∂z₂ ∂z₂/∂x₁)
                                   └──────────── ∂h₁/∂x₁ ────────────┘
                            + ∂p/∂h₂ (∂h₂/∂z₁ ∂z₁/∂x₁ + ∂h₂/∂z₂ ∂z₂/∂x₁)
                                     └──────────── ∂h₂/∂x₁ ────────────┘

Agreement          ✓ the forms are the same polynomial: N terms
                   ✓ the function's own derivative, at 5 points to 50 digits

Cost               path sum 8 multiplications, 3 additions; forward mode 6 and
                   3; reverse mode 6 and 3
"""
    )


def test_a_neuron_at_a_point() -> None:
    assert (
        "\n" + shown(NEURON)
        == """
One neuron with a loss

Function           s = α x₁ + β x₂     z = σ(s)     L = (z − y)²
                   at x₁ = 1, x₂ = −2, y = 1, α = 1/2, β = 0.1
                   so s = 0.3, z = 0.574443, L = 0.181099

Computation graph  x₁, x₂, α, β → s     s → z     y, z → L

Derivative graph   every arrow reversed, with the partial derivative along it
                   L → z  ∂L/∂z = 2(z − y)     s → α  ∂s/∂α = x₁
                   z → s  ∂z/∂s = z(1 − z)     s → β  ∂s/∂β = x₂

∂L/∂α              1 path from L to α: L → z → s → α

Path product       ∂L   ∂L ∂z ∂s
                   ── = ── ── ──
                   ∂α   ∂z ∂s ∂α
                      = 2(z − y) · z(1 − z) · x₁
                      = 2(0.574443 − 1) · 0.574443(1 − 0.574443) · 1
                      = −0.208062

Forward mode       1   ∂s/∂α
                   2   ∂z/∂α = ∂z/∂s ∂s/∂α
                   3   ∂L/∂α = ∂L/∂z ∂z/∂α

∂L/∂β              1 path from L to β: L → z → s → β

Path product       ∂L   ∂L ∂z ∂s
                   ── = ── ── ──
                   ∂β   ∂z ∂s ∂β
                      = 2(z − y) · z(1 − z) · x₂
                      = 2(0.574443 − 1) · 0.574443(1 − 0.574443) · (−2)
                      = 0.416124

Forward mode       1   ∂s/∂β
                   2   ∂z/∂β = ∂z/∂s ∂s/∂β
                   3   ∂L/∂β = ∂L/∂z ∂z/∂β

Reverse mode       one sweep for both derivatives
                   3   ∂L/∂z
                   2   ∂L/∂s = ∂L/∂z ∂z/∂s
                   1   ∂L/∂α = ∂L/∂s ∂s/∂α
                       ∂L/∂β = ∂L/∂s ∂s/∂β

Agreement          ✓ the forms are the same polynomial: N terms
                   ✓ the function's own derivative, at 5 points to 50 digits

Cost               both derivatives together: path sum 4 multiplications, 0
                   additions; forward mode 4 and 0; reverse mode 3 and 0
"""
    )


def test_a_skip_connection_on_a_wide_terminal() -> None:
    assert (
        "\n" + shown(SKIP, "x", width=120)
        == """
Two blocks with skip connections

Function           f₁ = tanh(w₁ x)     h = x + f₁     f₂ = tanh(w₂ h)     y = h + f₂
                   at x = 0.5, w₁ = 0.1, w₂ = −0.2
                   so f₁ = 0.0499584, h = 0.549958, f₂ = −0.10955, y = 0.440408

Computation graph  x → f₁, h     f₁ → h     h → f₂, y     f₂ → y
                   w₁ → f₁
                   w₂ → f₂

Derivative graph   every arrow reversed, with the partial derivative along it
                   y → h   ∂y/∂h = 1      f₂ → h  ∂f₂/∂h = w₂(1 − f₂²)     h → f₁  ∂h/∂f₁ = 1
                   y → f₂  ∂y/∂f₂ = 1     h → x   ∂h/∂x = 1                f₁ → x  ∂f₁/∂x = w₁(1 − f₁²)
                   dh/dx is over all paths from h to x, ∂h/∂x over the one arrow

∂y/∂x              4 paths from y to x
                   ①  y → h → x     ②  y → f₂ → h → x     ③  y → h → f₁ → x     ④  y → f₂ → h → f₁ → x

Sum over paths     ∂y   ∂y ∂h   ∂y  ∂f₂ ∂h   ∂y ∂h  ∂f₁   ∂y  ∂f₂ ∂h  ∂f₁
                   ── = ── ── + ─── ─── ── + ── ─── ─── + ─── ─── ─── ───
                   ∂x   ∂h ∂x   ∂f₂ ∂h  ∂x   ∂h ∂f₁ ∂x    ∂f₂ ∂h  ∂f₁ ∂x
                          ①         ②            ③               ④
                      = 1 · 1 + 1 · w₂(1 − f₂²) · 1 + 1 · 1 · w₁(1 − f₁²) + 1 · w₂(1 − f₂²) · 1 · w₁(1 − f₁²)
                      = 1 · 1 + 1 · (−0.2)(1 − (−0.10955)²) · 1 + 1 · 1 · 0.1(1 − 0.0499584²)
                        + 1 · (−0.2)(1 − (−0.10955)²) · 1 · 0.1(1 − 0.0499584²)
                      = 0.88244

Factoring          ① + ② share their tail ∂h/∂x, ③ + ④ share ∂f₁/∂x:
                   ∂y   ⎛∂y   ∂y  ∂f₂⎞ ∂h   ∂y ∂h  ∂f₁   ∂y  ∂f₂ ∂h  ∂f₁
                   ── = ⎜── + ─── ───⎟ ── + ── ─── ─── + ─── ─── ─── ───
                   ∂x   ⎝∂h   ∂f₂ ∂h ⎠ ∂x   ∂h ∂f₁ ∂x    ∂f₂ ∂h  ∂f₁ ∂x
                        └── dy/dh ───┘
                        ⎛dy⎞ ∂h   ∂y ∂h  ∂f₁   ∂y  ∂f₂ ∂h  ∂f₁
                      = ⎜──⎟ ── + ── ─── ─── + ─── ─── ─── ───
                        ⎝dh⎠ ∂x   ∂h ∂f₁ ∂x    ∂f₂ ∂h  ∂f₁ ∂x

                        ⎛dy⎞ ∂h   ⎛∂y ∂h    ∂y  ∂f₂ ∂h ⎞ ∂f₁
                      = ⎜──⎟ ── + ⎜── ─── + ─── ─── ───⎟ ───
                        ⎝dh⎠ ∂x   ⎝∂h ∂f₁   ∂f₂ ∂h  ∂f₁⎠ ∂x
                                  └────── ∂y/∂f₁ ──────┘
                        ⎛dy⎞ ∂h   ⎛∂y ⎞ ∂f₁
                      = ⎜──⎟ ── + ⎜───⎟ ───
                        ⎝dh⎠ ∂x   ⎝∂f₁⎠ ∂x

One formula        ∂y/∂x = (∂y/∂h + ∂y/∂f₂ ∂f₂/∂h) ∂h/∂x + (∂y/∂h + ∂y/∂f₂ ∂f₂/∂h) ∂h/∂f₁ ∂f₁/∂x
                           └─────── dy/dh ───────┘         └─────── dy/dh ───────┘
                         = 1 + w₂(1 − f₂²) + w₁(1 + w₂(1 − f₂²))(1 − f₁²)

Reverse mode       4   ∂y/∂f₂
                   3   dy/dh = ∂y/∂h + ∂y/∂f₂ ∂f₂/∂h
                   2   ∂y/∂f₁ = dy/dh ∂h/∂f₁
                   1   ∂y/∂x = (dy/dh) ∂h/∂x + (∂y/∂f₁) ∂f₁/∂x

Forward mode       1   ∂f₁/∂x
                   2   dh/dx = ∂h/∂f₁ ∂f₁/∂x + ∂h/∂x
                   3   ∂f₂/∂x = ∂f₂/∂h dh/dx
                   4   ∂y/∂x = ∂y/∂f₂ (∂f₂/∂x) + ∂y/∂h (dh/dx)
                   substituted back:
                   ∂y/∂x = ∂y/∂f₂ ∂f₂/∂h (∂h/∂f₁ ∂f₁/∂x + ∂h/∂x) + ∂y/∂h (∂h/∂f₁ ∂f₁/∂x + ∂h/∂x)
                                         └─────── dh/dx ───────┘         └─────── dh/dx ───────┘

Agreement          ✓ the forms are the same polynomial: N terms
                   ✓ the function's own derivative, at 5 points to 50 digits

Cost               path sum 8 multiplications, 3 additions; forward mode 4 and 2; reverse mode 4 and 2
"""
    )


def test_the_product_rule_on_a_narrow_terminal() -> None:
    assert (
        "\n" + shown(PRODUCT, width=60)
        == """
The product rule

Function
f = f(x)     h = f g
g = g(x)

Computation graph
x → f, g     f, g → h

Derivative graph
every arrow reversed, with the partial derivative along it
h → f  ∂h/∂f = g     f → x  ∂f/∂x
h → g  ∂h/∂g = f     g → x  ∂g/∂x

∂h/∂x
2 paths from h to x
①  h → f → x     ②  h → g → x

Sum over paths
∂h   ∂h ∂f   ∂h ∂g
── = ── ── + ── ──
∂x   ∂f ∂x   ∂g ∂x
       ①       ②
       ∂f     ∂g
   = g ── + f ──
       ∂x     ∂x

Reverse mode
2   ∂h/∂f     ∂h/∂g
1   ∂h/∂x = ∂h/∂f ∂f/∂x + ∂h/∂g ∂g/∂x

Forward mode
1   ∂f/∂x     ∂g/∂x
2   ∂h/∂x = ∂h/∂f ∂f/∂x + ∂h/∂g ∂g/∂x

Agreement
✓ the forms are the same polynomial: N terms
✓ the function's own derivative, at 5 points to 50 digits

Cost
each way 2 multiplications, 1 addition
"""
    )


def test_a_graph_of_many_paths_shows_the_first_of_everything() -> None:
    assert (
        "\n" + shown(LAYERS)
        == """
Function           a₁ = a₁(x)                  c₂ = c₂(b₁, b₂, b₃, b₄)
                   a₂ = a₂(x)                  c₃ = c₃(b₁, b₂, b₃, b₄)
                   a₃ = a₃(x)                  c₄ = c₄(b₁, b₂, b₃, b₄)
                   a₄ = a₄(x)                  d₁ = d₁(c₁, c₂, c₃, c₄)
                   b₁ = b₁(a₁, a₂, a₃, a₄)     d₂ = d₂(c₁, c₂, c₃, c₄)
                   b₂ = b₂(a₁, a₂, a₃, a₄)     d₃ = d₃(c₁, c₂, c₃, c₄)
                   b₃ = b₃(a₁, a₂, a₃, a₄)     d₄ = d₄(c₁, c₂, c₃, c₄)
                   b₄ = b₄(a₁, a₂, a₃, a₄)     p = p(d₁, d₂, d₃, d₄)
                   c₁ = c₁(b₁, b₂, b₃, b₄)

Computation graph  x → a₁, a₂, a₃, a₄
                   a₁, a₂, a₃, a₄ → b₁, b₂, b₃, b₄
                   b₁, b₂, b₃, b₄ → c₁, c₂, c₃, c₄
                   c₁, c₂, c₃, c₄ → d₁, d₂, d₃, d₄
                   d₁, d₂, d₃, d₄ → p

Derivative graph   every arrow reversed, with the partial derivative along it
                   p → d₁   ∂p/∂d₁      d₄ → c₄  ∂d₄/∂c₄     b₁ → a₃  ∂b₁/∂a₃
                   p → d₂   ∂p/∂d₂      c₁ → b₁  ∂c₁/∂b₁     b₁ → a₄  ∂b₁/∂a₄
                   p → d₃   ∂p/∂d₃      c₁ → b₂  ∂c₁/∂b₂     b₂ → a₁  ∂b₂/∂a₁
                   p → d₄   ∂p/∂d₄      c₁ → b₃  ∂c₁/∂b₃     b₂ → a₂  ∂b₂/∂a₂
                   d₁ → c₁  ∂d₁/∂c₁     c₁ → b₄  ∂c₁/∂b₄     b₂ → a₃  ∂b₂/∂a₃
                   d₁ → c₂  ∂d₁/∂c₂     c₂ → b₁  ∂c₂/∂b₁     b₂ → a₄  ∂b₂/∂a₄
                   d₁ → c₃  ∂d₁/∂c₃     c₂ → b₂  ∂c₂/∂b₂     b₃ → a₁  ∂b₃/∂a₁
                   d₁ → c₄  ∂d₁/∂c₄     c₂ → b₃  ∂c₂/∂b₃     b₃ → a₂  ∂b₃/∂a₂
                   d₂ → c₁  ∂d₂/∂c₁     c₂ → b₄  ∂c₂/∂b₄     b₃ → a₃  ∂b₃/∂a₃
                   d₂ → c₂  ∂d₂/∂c₂     c₃ → b₁  ∂c₃/∂b₁     b₃ → a₄  ∂b₃/∂a₄
                   d₂ → c₃  ∂d₂/∂c₃     c₃ → b₂  ∂c₃/∂b₂     b₄ → a₁  ∂b₄/∂a₁
                   d₂ → c₄  ∂d₂/∂c₄     c₃ → b₃  ∂c₃/∂b₃     b₄ → a₂  ∂b₄/∂a₂
                   d₃ → c₁  ∂d₃/∂c₁     c₃ → b₄  ∂c₃/∂b₄     b₄ → a₃  ∂b₄/∂a₃
                   d₃ → c₂  ∂d₃/∂c₂     c₄ → b₁  ∂c₄/∂b₁     b₄ → a₄  ∂b₄/∂a₄
                   d₃ → c₃  ∂d₃/∂c₃     c₄ → b₂  ∂c₄/∂b₂     a₁ → x   ∂a₁/∂x
                   d₃ → c₄  ∂d₃/∂c₄     c₄ → b₃  ∂c₄/∂b₃     a₂ → x   ∂a₂/∂x
                   d₄ → c₁  ∂d₄/∂c₁     c₄ → b₄  ∂c₄/∂b₄     a₃ → x   ∂a₃/∂x
                   d₄ → c₂  ∂d₄/∂c₂     b₁ → a₁  ∂b₁/∂a₁     a₄ → x   ∂a₄/∂x
                   d₄ → c₃  ∂d₄/∂c₃     b₁ → a₂  ∂b₁/∂a₂

∂p/∂x              256 paths from p to x, the first 8 of them
                   ①  p → d₁ → c₁ → b₁ → a₁ → x     ⑤  p → d₁ → c₂ → b₁ → a₁ → x
                   ②  p → d₂ → c₁ → b₁ → a₁ → x     ⑥  p → d₂ → c₂ → b₁ → a₁ → x
                   ③  p → d₃ → c₁ → b₁ → a₁ → x     ⑦  p → d₃ → c₂ → b₁ → a₁ → x
                   ④  p → d₄ → c₁ → b₁ → a₁ → x     ⑧  p → d₄ → c₂ → b₁ → a₁ → x
                   `pathdiff paths` lists them all

Sum over paths     ∂p   ∂p  ∂d₁ ∂c₁ ∂b₁ ∂a₁   ∂p  ∂d₂ ∂c₁ ∂b₁ ∂a₁
                   ── = ─── ─── ─── ─── ─── + ─── ─── ─── ─── ───
                   ∂x   ∂d₁ ∂c₁ ∂b₁ ∂a₁ ∂x    ∂d₂ ∂c₁ ∂b₁ ∂a₁ ∂x
                                 ①                     ②
                          ∂p  ∂d₃ ∂c₁ ∂b₁ ∂a₁   ∂p  ∂d₄ ∂c₁ ∂b₁ ∂a₁
                        + ─── ─── ─── ─── ─── + ─── ─── ─── ─── ───
                          ∂d₃ ∂c₁ ∂b₁ ∂a₁ ∂x    ∂d₄ ∂c₁ ∂b₁ ∂a₁ ∂x
                                   ③                     ④
                          ∂p  ∂d₁ ∂c₂ ∂b₁ ∂a₁
                        + ─── ─── ─── ─── ─── + ⋯
                          ∂d₁ ∂c₂ ∂b₁ ∂a₁ ∂x
                                   ⑤

One formula        too long to read; reverse mode has it in stages

Reverse mode       5   ∂p/∂d₁     ∂p/∂d₂     ∂p/∂d₃     ∂p/∂d₄
                   4   ∂p/∂c₁ = ∂p/∂d₁ ∂d₁/∂c₁ + ∂p/∂d₂ ∂d₂/∂c₁ + ∂p/∂d₃ ∂d₃/∂c₁
                                + ∂p/∂d₄ ∂d₄/∂c₁
                       ∂p/∂c₂ = ∂p/∂d₁ ∂d₁/∂c₂ + ∂p/∂d₂ ∂d₂/∂c₂ + ∂p/∂d₃ ∂d₃/∂c₂
                                + ∂p/∂d₄ ∂d₄/∂c₂
                       ∂p/∂c₃ = ∂p/∂d₁ ∂d₁/∂c₃ + ∂p/∂d₂ ∂d₂/∂c₃ + ∂p/∂d₃ ∂d₃/∂c₃
                                + ∂p/∂d₄ ∂d₄/∂c₃
                       ∂p/∂c₄ = ∂p/∂d₁ ∂d₁/∂c₄ + ∂p/∂d₂ ∂d₂/∂c₄ + ∂p/∂d₃ ∂d₃/∂c₄
                                + ∂p/∂d₄ ∂d₄/∂c₄
                   3   ∂p/∂b₁ = (∂p/∂c₁) ∂c₁/∂b₁ + (∂p/∂c₂) ∂c₂/∂b₁
                                + (∂p/∂c₃) ∂c₃/∂b₁ + (∂p/∂c₄) ∂c₄/∂b₁
                       ∂p/∂b₂ = (∂p/∂c₁) ∂c₁/∂b₂ + (∂p/∂c₂) ∂c₂/∂b₂
                                + (∂p/∂c₃) ∂c₃/∂b₂ + (∂p/∂c₄) ∂c₄/∂b₂
                       ∂p/∂b₃ = (∂p/∂c₁) ∂c₁/∂b₃ + (∂p/∂c₂) ∂c₂/∂b₃
                                + (∂p/∂c₃) ∂c₃/∂b₃ + (∂p/∂c₄) ∂c₄/∂b₃
                       ∂p/∂b₄ = (∂p/∂c₁) ∂c₁/∂b₄ + (∂p/∂c₂) ∂c₂/∂b₄
                                + (∂p/∂c₃) ∂c₃/∂b₄ + (∂p/∂c₄) ∂c₄/∂b₄
                   2   ∂p/∂a₁ = (∂p/∂b₁) ∂b₁/∂a₁ + (∂p/∂b₂) ∂b₂/∂a₁
                                + (∂p/∂b₃) ∂b₃/∂a₁ + (∂p/∂b₄) ∂b₄/∂a₁
                       ∂p/∂a₂ = (∂p/∂b₁) ∂b₁/∂a₂ + (∂p/∂b₂) ∂b₂/∂a₂
                                + (∂p/∂b₃) ∂b₃/∂a₂ + (∂p/∂b₄) ∂b₄/∂a₂
                       ∂p/∂a₃ = (∂p/∂b₁) ∂b₁/∂a₃ + (∂p/∂b₂) ∂b₂/∂a₃
                                + (∂p/∂b₃) ∂b₃/∂a₃ + (∂p/∂b₄) ∂b₄/∂a₃
                       ∂p/∂a₄ = (∂p/∂b₁) ∂b₁/∂a₄ + (∂p/∂b₂) ∂b₂/∂a₄
                                + (∂p/∂b₃) ∂b₃/∂a₄ + (∂p/∂b₄) ∂b₄/∂a₄
                   1   ∂p/∂x = (∂p/∂a₁) ∂a₁/∂x + (∂p/∂a₂) ∂a₂/∂x
                               + (∂p/∂a₃) ∂a₃/∂x + (∂p/∂a₄) ∂a₄/∂x

Forward mode       1   ∂a₁/∂x     ∂a₂/∂x     ∂a₃/∂x     ∂a₄/∂x
                   2   ∂b₁/∂x = ∂b₁/∂a₁ ∂a₁/∂x + ∂b₁/∂a₂ ∂a₂/∂x + ∂b₁/∂a₃ ∂a₃/∂x
                                + ∂b₁/∂a₄ ∂a₄/∂x
                       ∂b₂/∂x = ∂b₂/∂a₁ ∂a₁/∂x + ∂b₂/∂a₂ ∂a₂/∂x + ∂b₂/∂a₃ ∂a₃/∂x
                                + ∂b₂/∂a₄ ∂a₄/∂x
                       ∂b₃/∂x = ∂b₃/∂a₁ ∂a₁/∂x + ∂b₃/∂a₂ ∂a₂/∂x + ∂b₃/∂a₃ ∂a₃/∂x
                                + ∂b₃/∂a₄ ∂a₄/∂x
                       ∂b₄/∂x = ∂b₄/∂a₁ ∂a₁/∂x + ∂b₄/∂a₂ ∂a₂/∂x + ∂b₄/∂a₃ ∂a₃/∂x
                                + ∂b₄/∂a₄ ∂a₄/∂x
                   3   ∂c₁/∂x = ∂c₁/∂b₁ (∂b₁/∂x) + ∂c₁/∂b₂ (∂b₂/∂x)
                                + ∂c₁/∂b₃ (∂b₃/∂x) + ∂c₁/∂b₄ (∂b₄/∂x)
                       ∂c₂/∂x = ∂c₂/∂b₁ (∂b₁/∂x) + ∂c₂/∂b₂ (∂b₂/∂x)
                                + ∂c₂/∂b₃ (∂b₃/∂x) + ∂c₂/∂b₄ (∂b₄/∂x)
                       ∂c₃/∂x = ∂c₃/∂b₁ (∂b₁/∂x) + ∂c₃/∂b₂ (∂b₂/∂x)
                                + ∂c₃/∂b₃ (∂b₃/∂x) + ∂c₃/∂b₄ (∂b₄/∂x)
                       ∂c₄/∂x = ∂c₄/∂b₁ (∂b₁/∂x) + ∂c₄/∂b₂ (∂b₂/∂x)
                                + ∂c₄/∂b₃ (∂b₃/∂x) + ∂c₄/∂b₄ (∂b₄/∂x)
                   4   ∂d₁/∂x = ∂d₁/∂c₁ (∂c₁/∂x) + ∂d₁/∂c₂ (∂c₂/∂x)
                                + ∂d₁/∂c₃ (∂c₃/∂x) + ∂d₁/∂c₄ (∂c₄/∂x)
                       ∂d₂/∂x = ∂d₂/∂c₁ (∂c₁/∂x) + ∂d₂/∂c₂ (∂c₂/∂x)
                                + ∂d₂/∂c₃ (∂c₃/∂x) + ∂d₂/∂c₄ (∂c₄/∂x)
                       ∂d₃/∂x = ∂d₃/∂c₁ (∂c₁/∂x) + ∂d₃/∂c₂ (∂c₂/∂x)
                                + ∂d₃/∂c₃ (∂c₃/∂x) + ∂d₃/∂c₄ (∂c₄/∂x)
                       ∂d₄/∂x = ∂d₄/∂c₁ (∂c₁/∂x) + ∂d₄/∂c₂ (∂c₂/∂x)
                                + ∂d₄/∂c₃ (∂c₃/∂x) + ∂d₄/∂c₄ (∂c₄/∂x)
                   5   ∂p/∂x = ∂p/∂d₁ (∂d₁/∂x) + ∂p/∂d₂ (∂d₂/∂x)
                               + ∂p/∂d₃ (∂d₃/∂x) + ∂p/∂d₄ (∂d₄/∂x)
                   substituted back it would be too long to read

Agreement          ✓ the forms are the same polynomial: N terms
                   ✓ the function's own derivative, at 5 points to 50 digits

Cost               path sum 1,024 multiplications, 255 additions; forward mode
                   52 and 39; reverse mode 52 and 39
"""
    )


def test_a_terminal_that_has_nothing_but_ascii() -> None:
    assert (
        "\n" + written(explained(SKIP, "x"), encoding="ascii")
        == r"""
Two blocks with skip connections

Function           f1 = tanh(w1 x)     f2 = tanh(w2 h)
                   h = x + f1          y = h + f2
                   at x = 0.5, w1 = 0.1, w2 = -0.2
                   so f1 = 0.0499584, h = 0.549958, f2 = -0.10955, y = 0.440408

Computation graph  x -> f1, h     f1 -> h     h -> f2, y     f2 -> y
                   w1 -> f1
                   w2 -> f2

Derivative graph   every arrow reversed, with the partial derivative along it
                   y -> h   dy/dh = 1
                   y -> f2  dy/df2 = 1
                   f2 -> h  df2/dh = w2 (1 - f2^2)
                   h -> x   dh/dx = 1
                   h -> f1  dh/df1 = 1
                   f1 -> x  df1/dx = w1 (1 - f1^2)
                   Dh/Dx is over all paths from h to x, dh/dx over the one arrow

dy/dx              4 paths from y to x
                   (1)  y -> h -> x           (3)  y -> h -> f1 -> x
                   (2)  y -> f2 -> h -> x     (4)  y -> f2 -> h -> f1 -> x

Sum over paths     dy   dy dh   dy  df2 dh   dy dh  df1   dy  df2 dh  df1
                   -- = -- -- + --- --- -- + -- --- --- + --- --- --- ---
                   dx   dh dx   df2 dh  dx   dh df1 dx    df2 dh  df1 dx
                         (1)       (2)          (3)             (4)
                      = 1 * 1 + 1 * w2 (1 - f2^2) * 1 + 1 * 1 * w1 (1 - f1^2)
                        + 1 * w2 (1 - f2^2) * 1 * w1 (1 - f1^2)
                      = 1 * 1 + 1 * (-0.2) (1 - (-0.10955)^2) * 1
                        + 1 * 1 * 0.1 (1 - 0.0499584^2)
                        + 1 * (-0.2) (1 - (-0.10955)^2) * 1
                          * 0.1 (1 - 0.0499584^2)
                      = 0.88244

Factoring          (1) + (2) share their tail dh/dx, (3) + (4) share df1/dx:
                   dy   /dy   dy  df2\ dh   dy dh  df1   dy  df2 dh  df1
                   -- = |-- + --- ---| -- + -- --- --- + --- --- --- ---
                   dx   \dh   df2 dh / dx   dh df1 dx    df2 dh  df1 dx
                        \-- Dy/Dh ---/
                        /Dy\ dh   dy dh  df1   dy  df2 dh  df1
                      = |--| -- + -- --- --- + --- --- --- ---
                        \Dh/ dx   dh df1 dx    df2 dh  df1 dx

                        /Dy\ dh   /dy dh    dy  df2 dh \ df1
                      = |--| -- + |-- --- + --- --- ---| ---
                        \Dh/ dx   \dh df1   df2 dh  df1/ dx
                                  \------ dy/df1 ------/
                        /Dy\ dh   /dy \ df1
                      = |--| -- + |---| ---
                        \Dh/ dx   \df1/ dx

One formula        dy/dx = (dy/dh + dy/df2 df2/dh) dh/dx
                           \------- Dy/Dh -------/
                           + (dy/dh + dy/df2 df2/dh) dh/df1 df1/dx
                             \------- Dy/Dh -------/
                         = 1 + w2 (1 - f2^2) + w1 (1 + w2 (1 - f2^2)) (1 - f1^2)

Reverse mode       4   dy/df2
                   3   Dy/Dh = dy/dh + dy/df2 df2/dh
                   2   dy/df1 = Dy/Dh dh/df1
                   1   dy/dx = (Dy/Dh) dh/dx + (dy/df1) df1/dx

Forward mode       1   df1/dx
                   2   Dh/Dx = dh/df1 df1/dx + dh/dx
                   3   df2/dx = df2/dh Dh/Dx
                   4   dy/dx = dy/df2 (df2/dx) + dy/dh (Dh/Dx)
                   substituted back:
                   dy/dx = dy/df2 df2/dh (dh/df1 df1/dx + dh/dx)
                                         \------- Dh/Dx -------/
                           + dy/dh (dh/df1 df1/dx + dh/dx)
                                   \------- Dh/Dx -------/

Agreement          ok the forms are the same polynomial: N terms
                   ok the function's own derivative, at 5 points to 50 digits

Cost               path sum 8 multiplications, 3 additions; forward mode 4 and
                   2; reverse mode 4 and 2
"""
    )


def test_the_loop_running() -> None:
    spec = "u = 1 - x; v = y - x^2; f = u^2 + 100*v^2"
    text = explanation_text(explain(spec, inline=True, wrt=["x"], at={"x": number(2), "y": number(1)}), trace=True)
    assert (
        "\n" + section(text, "The loop")
        == """
The loop           sum so far:    0
                   path ① found:  f → u → x
                   product:       ∂f/∂u ∂u/∂x = 2u · (−1) = 2
                   sum so far:    ∂f/∂u ∂u/∂x = 2
                   path ② found:  f → v → x
                   product:       ∂f/∂v ∂v/∂x = 200v · (−2x) = 2400
                   sum so far:    ∂f/∂u ∂u/∂x + ∂f/∂v ∂v/∂x = 2402
                   no path is left unvisited: the sum is ∂f/∂x
"""
    )


def test_a_long_loop_adds_up_by_marks() -> None:
    text = section(shown(LAYERS, "x", trace=True), "The loop")
    assert "sum so far:    ① + ② + ③ + ④ + ⑤\n" in text
    assert text.endswith("and so on, 248 more paths\n")


def test_no_path_and_the_node_itself() -> None:
    text = shown("z = x*y; p = z*x; q = y", "q", "p", "x", inline=True)
    assert (
        "\n" + section(text, "∂p/∂q") + section(text, "∂p/∂p")
        == """
∂p/∂q              = 0: no path leads from p to q, so p does not depend on q
∂p/∂p              = 1: p changes as much as it does itself
"""
    )


def test_a_label_without_a_value_at_the_point_is_told() -> None:
    found = explain("p = x + sqrt(y)", inline=True, wrt=["y"], at={"x": number(1), "y": number(0)})
    assert (
        "\n" + section(explanation_text(found), "Path product")
        == """
Path product       ∂p    1
                   ── = ───
                   ∂y   2√y
                   ∂p/∂y has no value at this point: a division by 0 in
                   1/(2*sqrt(y)) where y = 0
"""
    )


def test_a_point_given_later_is_the_one_that_is_shown() -> None:
    found = explain(NEURON, wrt=["alpha"], at={"x1": number(3)})
    assert "at x₁ = 3, x₂ = −2, y = 1, α = 1/2, β = 0.1\n" in explanation_text(found)


def test_a_function_of_the_users_is_shown_as_it_was_defined() -> None:
    text = shown("functions: {log(t): t/2 + 1}\nnodes: {z: log(x), p: z*log(z)}", "z")
    assert (
        "\n" + section(text, "Function")
        == """
Function                    t
                   log(t) = ─ + 1
                            2

                   z = log(x)     p = z log(z)
"""
    )


def test_an_input_that_no_node_uses_is_told() -> None:
    text = section(shown("inputs: [x, y]\nnodes: {p: 2*x}"), "Computation graph")
    assert text == "Computation graph  x → p\n                   not used: y\n"


def test_a_sum_that_cancels_is_0() -> None:
    text = shown("nodes: {a: x/3, b: -a, p: a + b + x/7 - 3*x/21}\nat: {x: 0.1}")
    assert " = 0\n" in text


SMALL = "nodes: {a: x, b: -x*(1 - 1e-25), p: a + b}\nat: {x: 1}"


def test_a_small_value_is_not_taken_for_rounding() -> None:
    text = explanation_text(explain(SMALL), trace=True)
    assert section(text, "Sum over paths").endswith("   = 10⁻²⁵\n")
    assert "sum so far:    ∂p/∂a ∂a/∂x + ∂p/∂b ∂b/∂x = 10⁻²⁵\n" in section(text, "The loop")


def test_what_the_loop_has_added_up_is_right_where_it_cancels() -> None:
    text = explanation_text(explain("nodes: {a: x/3, b: -x/3, c: 7*x, p: a + b + c}\nat: {x: 1}"), trace=True)
    assert "= 0\n" in section(text, "The loop")
    assert section(text, "The loop").count("= 7\n") == 2


@pytest.mark.parametrize(
    ("nodes", "at", "shown"),
    [
        # The digits of the one product are those of the other.
        ("z = b*x; p = a*z", {"a": 6, "b": 21, "x": 1}, ["a · b", "6 · 21", "126"]),
        ("z = a*x; p = b*z", {"a": 12, "b": 1, "x": 1}, ["b · a", "1 · 12", "12"]),
        ("z = 2*x; p = 3*z", {"x": 1}, ["3 · 2", "6"]),
        # The factors are the same, in another order, with factors of 1 and brackets.
        ("z = a*x; p = z*(z - 1)", {}, ["(2z − 1) · a"]),
        ("z = x + a; p = c*z", {}, ["c · 1"]),
    ],
)
def test_a_right_side_is_left_out_for_the_same_factors_only(nodes: str, at: dict[str, int], shown: list[str]) -> None:
    found = explain(nodes, inline=True, wrt=["x"], at={name: number(value) for name, value in at.items()})
    lines = section(explanation_text(found), "Path product").splitlines()
    assert [line.partition(" = ")[2] for line in lines if " = " in line][1:] == shown


def test_a_users_function_that_is_called_in_another_one_is_written_by_its_name() -> None:
    text = shown("functions: {sqrt(x): x + 1, g(x): sqrt(x)*2}\nnodes: {p: g(y) + sqrt(y)}")
    assert (
        "\n" + section(text, "Function")
        == """
Function           sqrt(x) = x + 1
                   g(x) = sqrt(x) · 2
                   p = g(y) + sqrt(y)
"""
    )


def test_the_renderings_agree_about_the_cost() -> None:
    found = explain(MLP, wrt=["x1", "x2"])
    both = "path sum 16 multiplications, 6 additions; forward mode 12 and 6; reverse mode 8 and 4"
    assert section(explanation_text(found, 140), "Cost") == f"Cost               both derivatives together: {both}\n"
    record = explanation_record(found)
    assert record["gradients"] == [
        {
            "of": "p",
            "wrt": ["x1", "x2"],
            "cost": {
                "path_sum": {"multiplications": 16, "additions": 6},
                "forward": {"multiplications": 12, "additions": 6},
                "reverse": {"multiplications": 8, "additions": 4},
            },
        }
    ]
    assert [each["cost"]["reverse"] for each in record["derivatives"]] == [{"multiplications": 6, "additions": 3}] * 2
    alone = "path sum 8 multiplications and 3 additions; reverse mode 6 and 3; forward mode 6 and 3."
    both = "path sum 16 multiplications and 6 additions; reverse mode 8 and 4; forward mode 12 and 6."
    assert re.findall(r"\\paragraph\{(Cost.*)\} (.*)", latex.fragment(found)) == [
        ("Cost of this one alone:", alone),
        ("Cost of this one alone:", alone),
        ("Cost of both derivatives together:", both),
    ]


def test_a_check_says_what_was_met_at_the_point() -> None:
    found = explain("nodes: {q: heaviside(x), r: relu(y), p: q*y + r}\nat: {x: 0, y: 0}")
    found = replace(found, verdicts=tuple(AGREE for _ in found.derivations))
    assert (
        "\n" + check_text([("jump.yaml", found)], 80)
        == """
✓ jump.yaml: 2 derivatives agree
  heaviside(x) at its jump in q: it has no derivative there, and 0 is taken, its
    derivative on both sides
  relu(y) at its kink in r: the mean of the two one-sided derivatives is taken
  several of these are met at once: what is taken follows operation by
    operation, and need not be the mean of the two sides of the whole
  ✓ the forms are the same polynomial: N terms
  ✓ the function's own derivative, at 5 points to 50 digits
"""
    )
    [result] = check_record([("jump.yaml", found)])["results"]
    assert result["notes"][:2] == [
        "heaviside(x) at its jump in q: it has no derivative there, and 0 is taken, its derivative on both sides",
        "relu(y) at its kink in r: the mean of the two one-sided derivatives is taken",
    ]


def test_a_check_of_specs_none_of_which_could_be_read() -> None:
    assert check_text([], unreadable=2) == "\n2 specs: 2 could not be read\n"


REFUTED = Verdict(
    "refuted",
    (
        Check("forms", "refuted", "y -> x is listed twice", counterexample=Counterexample("twice", "2 times", "once")),
        Check("whole", "undecided", "no point was found"),
    ),
)


def test_disagreement_is_shown_with_its_counterexample() -> None:
    found = replace(explained(SKIP, "x"), verdicts=(REFUTED,))
    assert (
        "\n" + section(explanation_text(found), "Agreement")
        == """
Agreement          ✗ y -> x is listed twice
                     claimed 2 times, actual once
                   ? no point was found
"""
    )


def test_a_check_that_differs_between_derivatives_is_told_for_each() -> None:
    one = Verdict("agree", (Check("forms", "proved", "the same: 1 term", "1 term"),))
    two = Verdict("agree", (Check("forms", "proved", "the same: 2 terms", "2 terms"),))
    found = replace(explained(SKIP, "x", "w1", "w2"), verdicts=(two, two, one))
    assert (
        "\n" + section(explanation_text(found), "Agreement")
        == """
Agreement          ✓ the same:
                     ∂y/∂x, ∂y/∂w₁: 2 terms
                     ∂y/∂w₂: 1 term
"""
    )


def test_a_check_of_many_specs() -> None:
    good, bad = explained(NEURON), replace(explained(SKIP, "x"), verdicts=(REFUTED,))
    assert (
        "\n" + check_text([("neuron.yaml", good), ("skip.yaml", bad)], 80)
        == """
✓ neuron.yaml: 2 derivatives agree
✗ skip.yaml: 1 of 1 derivative refuted
  ✗ y -> x is listed twice
    claimed 2 times, actual once
  ? no point was found

2 specs: 1 agree, 1 refuted
"""
    )


def test_a_check_of_one_spec_says_what_was_done() -> None:
    assert (
        "\n" + check_text([("mlp.yaml", explained(MLP, "x1"))], 80)
        == """
✓ mlp.yaml: 1 derivative agrees
  ✓ the forms are the same polynomial: N terms
  ✓ the function's own derivative, at 5 points to 50 digits
"""
    )


def test_every_derivative_with_d() -> None:
    text = explanation_text(explained(SKIP, "x"), notation="d")
    assert "dy/dx " in section(text, "dy/dx")
    assert (
        section(text, "Reverse mode")
        == """\
Reverse mode       4   dy/df₂
                   3   dy/dh = ∂y/∂h + dy/df₂ df₂/dh
                   2   dy/df₁ = dy/dh dh/df₁
                   1   dy/dx = (dy/dh) ∂h/∂x + (dy/df₁) df₁/dx
"""
    )


def test_what_a_user_wrote_is_neither_markup_nor_obeyed() -> None:
    text = shown('title: "[bold red]a[/] \\e[31m[link=b]"\nnodes: {p: x}')
    assert text.splitlines()[0] == r"[bold red]a[/] \x1b[31m[link=b]"


def colours(monkeypatch: pytest.MonkeyPatch, **environment: str) -> str:
    for name in ("NO_COLOR", "FORCE_COLOR", "TERM", "COLORTERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {"TERM": "xterm-256color", **environment}.items():
        monkeypatch.setenv(name, value)
    console = Console(file=io.StringIO(), width=80, force_terminal=True)
    with console.capture() as captured:
        render(explained(MLP, "x1"), console)
    return captured.get()


def test_a_path_its_mark_and_its_term_have_one_colour(monkeypatch: pytest.MonkeyPatch) -> None:
    text = colours(monkeypatch)
    assert "\x1b[38;5;27m①  p → h₁ → z₁ → x₁\x1b[0m" in text
    assert "\x1b[38;5;27m─── ─── ───\x1b[0m + \x1b[38;5;166m─── ─── ───\x1b[0m" in text
    assert "\x1b[38;5;27m①\x1b[0m + \x1b[38;5;166m②\x1b[0m share their tail" in text
    assert "\x1b[1mFunction\x1b[0m" in text


def test_without_colours_the_text_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "38;5" not in colours(monkeypatch, NO_COLOR="1")
    assert "\x1b" not in colours(monkeypatch, TERM="dumb")
    assert colours(monkeypatch, TERM="dumb") == shown(MLP, "x1")


def test_a_dumb_terminal_is_as_wide_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    for name, value in {"TERM": "dumb", "FORCE_COLOR": "1", "COLUMNS": "60"}.items():
        monkeypatch.setenv(name, value)
    text = explanation_text(explained(MLP, "x1"), color=True)
    assert max(map(cell_width, text.splitlines())) <= 60


@pytest.mark.parametrize("path", GRAPHS, ids=lambda path: path.stem)
def test_no_line_is_too_long_or_ends_in_spaces(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pathdiff.explain.verify_gradient", lambda _, each, *__: (AGREE,) * len(each.derivations))
    explanation = explain(path.read_text(encoding="utf-8"), path.name)
    for width, encoding in ((40, "utf-8"), (60, "ascii"), (80, "utf-8")):
        lines = written(explanation, width, encoding, trace=True).splitlines()
        assert [line for line in lines if cell_width(line) > width or line != line.rstrip()] == []
        assert "" not in (lines[0], lines[-1])


def test_a_name_wider_than_its_column_stands_above() -> None:
    text = shown("loss_of_the_network = rate_of_learning*x", "rate_of_learning", inline=True)
    assert (
        "\n" + section(text, "∂loss")
        == """
∂loss_of_the_network/∂rate_of_learning
                   1 path from loss_of_the_network to rate_of_learning:
                     loss_of_the_network → rate_of_learning
"""
    )


def test_a_line_of_a_sweep_that_is_beside_an_arrow_is_told_from_it() -> None:
    found = explained(SKIP, "x")
    assert Total("y", "h", True) in [step.result for step in found.derivations[0].reverse.steps]
    assert "dh/dx is over all paths from h to x, ∂h/∂x over the one arrow" in explanation_text(found)


def test_long_names_begin_on_the_left() -> None:
    names = "the_total_loss_of_the_whole_network", "an_activation_with_a_long_name_of_its_own", "temperature_outside"
    found = explained(f"nodes: {{{names[0]}: sin({names[1]}), {names[1]}: tanh(2*{names[2]})}}")
    lines = written(found, 80).splitlines()
    label = next(place for place, line in enumerate(lines) if line.endswith("tanh(2 temperature_outside)"))
    assert label
    begins = [len(line) - len(line.lstrip()) for line in lines if "cos(" in line or line.lstrip().startswith("= ∂")]
    assert begins
    assert max(begins) <= 25
