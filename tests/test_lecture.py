"""The lecture, row by row of its formulas: the spec, the derivative, and the whole of what is written for it.

Every formula stands here twice, in LaTeX and on one line of text, factors and terms in the order of the lecture.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from pathdiff.derivation import Count, Derivation, Formula, Partial, Product, Sweep, Total
from pathdiff.explain import Explanation, explain
from pathdiff.names import Symbols
from pathdiff.notation import Math, Ratio, Row, Sign
from pathdiff.render import latex
from pathdiff.render.text import line
from pathdiff.typesetting import expression_math, formula_math, ratio

GRAPHS = Path(__file__).parents[1] / "graphs"
Written = tuple[str, str]


@cache
def explained(graph: str) -> Explanation:
    return explain((GRAPHS / f"{graph}.yaml").read_text(encoding="utf-8"), graph)


def sweep(graph: str, of: str) -> Sweep:
    return next(gradient.sweep for gradient in explained(graph).gradients if gradient.of == of)


def derived(graph: str, of: str, wrt: str) -> Derivation:
    return next(each for each in explained(graph).derivations if (each.of, each.wrt) == (of, wrt))


def symbols(graph: str) -> Symbols:
    return Symbols(explained(graph).computation)


def one_line(text: str) -> str:
    """An expected formula, which stands here on several lines."""
    return " ".join(text.split())


def written(math: Math) -> Written:
    return latex.math(math), line(math)


def equation(graph: str, result: Total, formula: Formula) -> Written:
    """A derivative and what it equals."""
    names = symbols(graph)
    return written(Row((ratio(result, names), Sign("="), formula_math(formula, names))))


def path_sum(graph: str, of: str, wrt: str) -> Written:
    found = derived(graph, of, wrt)
    assert found.path_sum.complete
    return equation(graph, found.result, found.path_sum.formula)


def with_labels(graph: str, of: str, wrt: str) -> Written:
    found = derived(graph, of, wrt)
    assert found.labelled is not None
    return equation(graph, found.result, found.labelled)


def factoring(graph: str, of: str, wrt: str) -> list[Written]:
    found = derived(graph, of, wrt)
    return [equation(graph, found.result, each) for each in found.factoring]


def stage(graph: str, of: str, number: int) -> list[Written]:
    """The lines of a stage of the reverse sweep for all that is asked of a node."""
    return [equation(graph, step.result, step.formula) for step in sweep(graph, of).steps if step.stage == number]


def test_row_1_the_chain_rule_for_two_functions() -> None:
    assert path_sum("chain", "p", "x1") == (
        one_line(
            r"""
            \frac{\partial p}{\partial x_{1}} =
            \frac{\partial p}{\partial z_{1}} \frac{\partial z_{1}}{\partial x_{1}}
            + \frac{\partial p}{\partial z_{2}} \frac{\partial z_{2}}{\partial x_{1}}
            """
        ),
        "∂p/∂x₁ = ∂p/∂z₁ ∂z₁/∂x₁ + ∂p/∂z₂ ∂z₂/∂x₁",
    )


def test_row_2_the_product_rule_found_by_the_chain_rule() -> None:
    assert with_labels("product-rule", "h", "x") == (
        r"\frac{\partial h}{\partial x} = g \frac{\partial f}{\partial x} + f \frac{\partial g}{\partial x}",
        "∂h/∂x = g ∂f/∂x + f ∂g/∂x",
    )


def test_row_3_the_graph_of_derivatives_is_the_graph_reversed_with_a_derivative_on_each_edge() -> None:
    found, names = explained("chain"), symbols("chain")
    assert set(found.derivative) == set(found.computation)
    assert set(found.derivative.edges) == {(v, u) for u, v in found.computation.edges}
    labels = {edge: written(Ratio(names[edge[0]], names[edge[1]])) for edge in found.derivative.edges}
    assert labels == {
        ("p", "z1"): (r"\frac{\partial p}{\partial z_{1}}", "∂p/∂z₁"),
        ("p", "z2"): (r"\frac{\partial p}{\partial z_{2}}", "∂p/∂z₂"),
        ("z1", "x1"): (r"\frac{\partial z_{1}}{\partial x_{1}}", "∂z₁/∂x₁"),
        ("z1", "x2"): (r"\frac{\partial z_{1}}{\partial x_{2}}", "∂z₁/∂x₂"),
        ("z2", "x1"): (r"\frac{\partial z_{2}}{\partial x_{1}}", "∂z₂/∂x₁"),
        ("z2", "x2"): (r"\frac{\partial z_{2}}{\partial x_{2}}", "∂z₂/∂x₂"),
    }


def test_row_4_each_term_is_matched_with_its_path() -> None:
    found = derived("mlp2", "p", "x1")
    assert [(mark, line(formula_math(term, symbols("mlp2")))) for mark, term in
            zip(found.path_sum.formula.marks, found.path_sum.terms, strict=True)] == [
        (1, "∂p/∂h₁ ∂h₁/∂z₁ ∂z₁/∂x₁"),
        (2, "∂p/∂h₂ ∂h₂/∂z₁ ∂z₁/∂x₁"),
        (3, "∂p/∂h₁ ∂h₁/∂z₂ ∂z₂/∂x₁"),
        (4, "∂p/∂h₂ ∂h₂/∂z₂ ∂z₂/∂x₁"),
    ]  # fmt: skip
    assert found.path_sum.paths == (
        ("p", "h1", "z1", "x1"),
        ("p", "h2", "z1", "x1"),
        ("p", "h1", "z2", "x1"),
        ("p", "h2", "z2", "x1"),
    )


@pytest.mark.parametrize(
    ("wrt", "expected", "labels"),
    [
        (
            "alpha",
            (
                one_line(
                    r"""
                    \frac{\partial L}{\partial \alpha} =
                    \frac{\partial L}{\partial z} \frac{\partial z}{\partial s}
                    \frac{\partial s}{\partial \alpha}
                    """
                ),
                "∂L/∂α = ∂L/∂z ∂z/∂s ∂s/∂α",
            ),
            (
                r"\frac{\partial L}{\partial \alpha} = \frac{\partial L}{\partial z} \cdot z (1 - z) \cdot x_{1}",
                "∂L/∂α = ∂L/∂z · z(1 − z) · x₁",
            ),
        ),
        (
            "beta",
            (
                one_line(
                    r"""
                    \frac{\partial L}{\partial \beta} =
                    \frac{\partial L}{\partial z} \frac{\partial z}{\partial s}
                    \frac{\partial s}{\partial \beta}
                    """
                ),
                "∂L/∂β = ∂L/∂z ∂z/∂s ∂s/∂β",
            ),
            (
                r"\frac{\partial L}{\partial \beta} = \frac{\partial L}{\partial z} \cdot z (1 - z) \cdot x_{2}",
                "∂L/∂β = ∂L/∂z · z(1 − z) · x₂",
            ),
        ),
    ],
)
def test_row_6_one_neuron_with_any_loss(wrt: str, expected: Written, labels: Written) -> None:
    assert derived("neuron-loss", "L", wrt).path_sum.count == 1
    assert path_sum("neuron-loss", "L", wrt) == expected
    assert with_labels("neuron-loss", "L", wrt) == labels


def test_row_7_from_the_loss_to_one_weight() -> None:
    assert path_sum("weight", "L", "w1") == (
        one_line(
            r"""
            \frac{\partial L}{\partial w_{1}} =
            \frac{\partial L}{\partial p} \frac{\partial p}{\partial h_{2}}
            \frac{\partial h_{2}}{\partial w_{1}}
            """
        ),
        "∂L/∂w₁ = ∂L/∂p ∂p/∂h₂ ∂h₂/∂w₁",
    )


def test_row_7_the_chain_with_its_intermediate_step() -> None:
    before, last = derived("weight", "L", "w1").forward.steps[-2:]
    assert equation("weight", last.result, last.formula) == (
        one_line(
            r"""
            \frac{\partial L}{\partial w_{1}} =
            \frac{\partial L}{\partial p} \frac{\partial p}{\partial w_{1}}
            """
        ),
        "∂L/∂w₁ = ∂L/∂p ∂p/∂w₁",
    )
    assert equation("weight", before.result, before.formula) == (
        one_line(
            r"""
            \frac{\partial p}{\partial w_{1}} =
            \frac{\partial p}{\partial h_{2}} \frac{\partial h_{2}}{\partial w_{1}}
            """
        ),
        "∂p/∂w₁ = ∂p/∂h₂ ∂h₂/∂w₁",
    )


def test_row_7_the_neuron() -> None:
    node = explained("weight").spec.nodes["h2"]
    assert node.written is not None
    assert written(expression_math(node.written, symbols("weight"))) == (
        r"\sigma(w_{0} + w_{1} z_{1} + w_{2} z_{2})",
        "σ(w₀ + w₁ z₁ + w₂ z₂)",
    )


def test_row_8_stage_3() -> None:
    steps = [step for step in sweep("mlp2", "p").steps if step.stage == 3]
    assert [written(formula_math(step.formula, symbols("mlp2"))) for step in steps] == [
        (r"\frac{\partial p}{\partial h_{1}}", "∂p/∂h₁"),
        (r"\frac{\partial p}{\partial h_{2}}", "∂p/∂h₂"),
    ]


def test_row_9_stage_2() -> None:
    assert stage("mlp2", "p", 2) == [
        (
            one_line(
                r"""
                \frac{\partial p}{\partial z_{1}} =
                \frac{\partial p}{\partial h_{1}} \frac{\partial h_{1}}{\partial z_{1}}
                + \frac{\partial p}{\partial h_{2}} \frac{\partial h_{2}}{\partial z_{1}}
                """
            ),
            "∂p/∂z₁ = ∂p/∂h₁ ∂h₁/∂z₁ + ∂p/∂h₂ ∂h₂/∂z₁",
        ),
        (
            one_line(
                r"""
                \frac{\partial p}{\partial z_{2}} =
                \frac{\partial p}{\partial h_{1}} \frac{\partial h_{1}}{\partial z_{2}}
                + \frac{\partial p}{\partial h_{2}} \frac{\partial h_{2}}{\partial z_{2}}
                """
            ),
            "∂p/∂z₂ = ∂p/∂h₁ ∂h₁/∂z₂ + ∂p/∂h₂ ∂h₂/∂z₂",
        ),
    ]


@pytest.mark.parametrize(
    ("wrt", "expected"),
    [
        (
            "x1",
            (
                one_line(
                    r"""
                    \frac{\partial p}{\partial x_{1}} =
                    \frac{\partial p}{\partial h_{1}} \frac{\partial h_{1}}{\partial z_{1}}
                    \frac{\partial z_{1}}{\partial x_{1}}
                    + \frac{\partial p}{\partial h_{2}} \frac{\partial h_{2}}{\partial z_{1}}
                    \frac{\partial z_{1}}{\partial x_{1}}
                    + \frac{\partial p}{\partial h_{1}} \frac{\partial h_{1}}{\partial z_{2}}
                    \frac{\partial z_{2}}{\partial x_{1}}
                    + \frac{\partial p}{\partial h_{2}} \frac{\partial h_{2}}{\partial z_{2}}
                    \frac{\partial z_{2}}{\partial x_{1}}
                    """
                ),
                one_line(
                    """
                    ∂p/∂x₁ = ∂p/∂h₁ ∂h₁/∂z₁ ∂z₁/∂x₁ + ∂p/∂h₂ ∂h₂/∂z₁ ∂z₁/∂x₁
                    + ∂p/∂h₁ ∂h₁/∂z₂ ∂z₂/∂x₁ + ∂p/∂h₂ ∂h₂/∂z₂ ∂z₂/∂x₁
                    """
                ),
            ),
        ),
        (
            "x2",
            (
                one_line(
                    r"""
                    \frac{\partial p}{\partial x_{2}} =
                    \frac{\partial p}{\partial h_{1}} \frac{\partial h_{1}}{\partial z_{1}}
                    \frac{\partial z_{1}}{\partial x_{2}}
                    + \frac{\partial p}{\partial h_{2}} \frac{\partial h_{2}}{\partial z_{1}}
                    \frac{\partial z_{1}}{\partial x_{2}}
                    + \frac{\partial p}{\partial h_{1}} \frac{\partial h_{1}}{\partial z_{2}}
                    \frac{\partial z_{2}}{\partial x_{2}}
                    + \frac{\partial p}{\partial h_{2}} \frac{\partial h_{2}}{\partial z_{2}}
                    \frac{\partial z_{2}}{\partial x_{2}}
                    """
                ),
                one_line(
                    """
                    ∂p/∂x₂ = ∂p/∂h₁ ∂h₁/∂z₁ ∂z₁/∂x₂ + ∂p/∂h₂ ∂h₂/∂z₁ ∂z₁/∂x₂
                    + ∂p/∂h₁ ∂h₁/∂z₂ ∂z₂/∂x₂ + ∂p/∂h₂ ∂h₂/∂z₂ ∂z₂/∂x₂
                    """
                ),
            ),
        ),
    ],
)
def test_row_10_stage_1_unfactored(wrt: str, expected: Written) -> None:
    assert path_sum("mlp2", "p", wrt) == expected
    assert latex.formula(derived("mlp2", "p", wrt), symbols("mlp2")) == expected[0]


def test_row_11_half_factored() -> None:
    assert factoring("mlp2", "p", "x1")[0] == (
        one_line(
            r"""
            \frac{\partial p}{\partial x_{1}} =
            \underbrace{\left(\frac{\partial p}{\partial h_{1}} \frac{\partial h_{1}}{\partial z_{1}}
            + \frac{\partial p}{\partial h_{2}}
            \frac{\partial h_{2}}{\partial z_{1}}\right)}_{\partial p/\partial z_{1}}
            \frac{\partial z_{1}}{\partial x_{1}}
            + \frac{\partial p}{\partial h_{1}} \frac{\partial h_{1}}{\partial z_{2}}
            \frac{\partial z_{2}}{\partial x_{1}}
            + \frac{\partial p}{\partial h_{2}} \frac{\partial h_{2}}{\partial z_{2}}
            \frac{\partial z_{2}}{\partial x_{1}}
            """
        ),
        "∂p/∂x₁ = (∂p/∂h₁ ∂h₁/∂z₁ + ∂p/∂h₂ ∂h₂/∂z₁) ∂z₁/∂x₁ + ∂p/∂h₁ ∂h₁/∂z₂ ∂z₂/∂x₁ + ∂p/∂h₂ ∂h₂/∂z₂ ∂z₂/∂x₁",
    )


@pytest.mark.parametrize(
    ("wrt", "half", "whole"),
    [
        (
            "x1",
            (
                one_line(
                    r"""
                    \frac{\partial p}{\partial x_{1}} =
                    \left(\frac{\partial p}{\partial z_{1}}\right) \frac{\partial z_{1}}{\partial x_{1}}
                    + \frac{\partial p}{\partial h_{1}} \frac{\partial h_{1}}{\partial z_{2}}
                    \frac{\partial z_{2}}{\partial x_{1}}
                    + \frac{\partial p}{\partial h_{2}} \frac{\partial h_{2}}{\partial z_{2}}
                    \frac{\partial z_{2}}{\partial x_{1}}
                    """
                ),
                "∂p/∂x₁ = (∂p/∂z₁) ∂z₁/∂x₁ + ∂p/∂h₁ ∂h₁/∂z₂ ∂z₂/∂x₁ + ∂p/∂h₂ ∂h₂/∂z₂ ∂z₂/∂x₁",
            ),
            (
                one_line(
                    r"""
                    \frac{\partial p}{\partial x_{1}} =
                    \left(\frac{\partial p}{\partial z_{1}}\right) \frac{\partial z_{1}}{\partial x_{1}}
                    + \left(\frac{\partial p}{\partial z_{2}}\right) \frac{\partial z_{2}}{\partial x_{1}}
                    """
                ),
                "∂p/∂x₁ = (∂p/∂z₁) ∂z₁/∂x₁ + (∂p/∂z₂) ∂z₂/∂x₁",
            ),
        ),
        (
            "x2",
            (
                one_line(
                    r"""
                    \frac{\partial p}{\partial x_{2}} =
                    \left(\frac{\partial p}{\partial z_{1}}\right) \frac{\partial z_{1}}{\partial x_{2}}
                    + \frac{\partial p}{\partial h_{1}} \frac{\partial h_{1}}{\partial z_{2}}
                    \frac{\partial z_{2}}{\partial x_{2}}
                    + \frac{\partial p}{\partial h_{2}} \frac{\partial h_{2}}{\partial z_{2}}
                    \frac{\partial z_{2}}{\partial x_{2}}
                    """
                ),
                "∂p/∂x₂ = (∂p/∂z₁) ∂z₁/∂x₂ + ∂p/∂h₁ ∂h₁/∂z₂ ∂z₂/∂x₂ + ∂p/∂h₂ ∂h₂/∂z₂ ∂z₂/∂x₂",
            ),
            (
                one_line(
                    r"""
                    \frac{\partial p}{\partial x_{2}} =
                    \left(\frac{\partial p}{\partial z_{1}}\right) \frac{\partial z_{1}}{\partial x_{2}}
                    + \left(\frac{\partial p}{\partial z_{2}}\right) \frac{\partial z_{2}}{\partial x_{2}}
                    """
                ),
                "∂p/∂x₂ = (∂p/∂z₁) ∂z₁/∂x₂ + (∂p/∂z₂) ∂z₂/∂x₂",
            ),
        ),
    ],
)
def test_row_12_reusing_stage_2(wrt: str, half: Written, whole: Written) -> None:
    lines = factoring("mlp2", "p", wrt)
    assert (lines[1], lines[-1]) == (half, whole)
    assert whole in stage("mlp2", "p", 1)


def test_row_13_the_count() -> None:
    found = derived("mlp2", "p", "x1")
    assert (found.costs["path_sum"], found.costs["reverse"]) == (Count(8, 3), Count(6, 3))


def test_row_13_each_edge_is_used_once_in_the_sweep_for_both_inputs() -> None:
    used = [
        (factor.of, factor.wrt)
        for step in sweep("mlp2", "p").steps
        for term in step.formula.terms
        if isinstance(term, Product)
        for factor in term.factors[-1:]
        if isinstance(factor, Partial)
    ]
    assert sorted(used) == sorted(explained("mlp2").derivative.edges)


def test_row_15_the_derivative_for_a_step_of_gradient_descent() -> None:
    assert with_labels("neuron", "L", "alpha") == (
        r"\frac{\partial L}{\partial \alpha} = 2 (z - y) \cdot z (1 - z) \cdot x_{1}",
        "∂L/∂α = 2(z − y) · z(1 − z) · x₁",
    )
    assert with_labels("neuron", "L", "beta") == (
        r"\frac{\partial L}{\partial \beta} = 2 (z - y) \cdot z (1 - z) \cdot x_{2}",
        "∂L/∂β = 2(z − y) · z(1 − z) · x₂",
    )
    values = [derived("neuron", "L", wrt).numbers for wrt in ("alpha", "beta")]
    assert [f"{float(each.result):.6f}" for each in values if each] == ["-0.208062", "0.416124"]
