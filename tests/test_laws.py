"""Laws that hold on every graph: path sum = reverse = forward = numeric derivative; counts are of what is there."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import mpmath
import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pathdiff.derivation import Formula, Partial, Product, Sum, Sweep, Total
from pathdiff.derive import derive
from pathdiff.explain import explained
from pathdiff.expression import OWN, Expression, slots_of
from pathdiff.graph import computation_graph, derivative_graph
from pathdiff.numeric import forward_pass, value
from pathdiff.reader import read_spec
from pathdiff.spec import Spec

INPUTS = ("x", "y")
# Each is defined and smooth for all real arguments, and keeps values small.
SHAPES = (
    "sin({0})", "cos({0})*{1}", "tanh({0} + {1})", "{0}*{1}", "{0} + {1}", "{0} - 2*{1}", "sigmoid({0})/(2 + cos({1}))",
    "exp(-{0}^2)", "log(3 + sin({0}))", "sqrt(1 + {0}^2)", "{0}*{0}", "{0} - {0} + {1}", "softplus({0})*{1}/3",
    "1**{0} + {1}",
)  # fmt: skip


@st.composite
def specs(draw: st.DrawFn, most: int = 9) -> str:
    """The inline text of a random graph of smooth nodes; later nodes use earlier ones, the last one is p."""
    lines: list[str] = []
    names = list(INPUTS)
    for index in range(draw(st.integers(1, most))):
        shape = draw(st.sampled_from(SHAPES))
        used = [draw(st.sampled_from(names)) for _ in range(2)]
        name = f"v{index}"
        lines.append(f"{name} = {shape.format(*used)}")
        names.append(name)
    lines.append(f"p = {names[-1]}*{draw(st.sampled_from(names))} + x - x + y - y")
    return "; ".join(lines)


def values_at(spec: Spec, x: Any, y: Any, **fixed: Any) -> dict[str, Any]:
    order = list(nx.topological_sort(computation_graph(spec)))
    nodes = {name: node for name, node in spec.nodes.items() if name not in fixed}
    return forward_pass(nodes, order, {"x": x, "y": y, **fixed}, mpmath.mp)


def expression_value(expression: Expression, values: dict[str, Any]) -> Any:
    known = {slot: values[expression.name(slot)] for slot in slots_of(expression.tree)}
    return value(expression.tree, known, mpmath.mp, known.get(OWN))


def formula_value(formula: Formula, labels: dict[Any, Any], lines: dict[tuple[str, str], Any]) -> Any:
    match formula:
        case Partial(of, wrt):
            return labels[of, wrt]
        case Total(of, wrt):
            return lines[of, wrt]
        case Product(factors):
            return mpmath.fprod(formula_value(factor, labels, lines) for factor in factors)
        case Sum(terms):
            return mpmath.fsum(formula_value(term, labels, lines) for term in terms)
    raise AssertionError(formula)


def swept(sweep: Sweep, labels: dict[Any, Any]) -> dict[tuple[str, str], Any]:
    lines: dict[tuple[str, str], Any] = {}
    for step in sweep.steps:
        lines[step.result.of, step.result.wrt] = formula_value(step.formula, labels, lines)
    return lines


@given(specs(), st.sampled_from(INPUTS))
def test_every_form_is_the_numeric_derivative(text: str, wrt: str) -> None:
    spec = read_spec(text, inline=True)
    found = derive(derivative_graph(computation_graph(spec)), "p", wrt)
    with mpmath.workdps(100):
        point = {"x": mpmath.mpf(7) / 10, "y": -mpmath.mpf(4) / 10}
        values = values_at(spec, **point)
        labels = {}
        for edge, label in found.part.labels.items():
            assert label.expression is not None
            labels[edge] = expression_value(label.expression, values)
        step = mpmath.mpf(10) ** -30
        above, below = ({**point, wrt: point[wrt] + sign * step} for sign in (1, -1))
        numeric = (values_at(spec, **above)["p"] - values_at(spec, **below)["p"]) / (2 * step)
        reverse = swept(found.reverse, labels)
        forms = {
            "path sum": formula_value(found.path_sum.formula, labels, {}),
            "reverse": reverse["p", wrt],
            "forward": swept(found.forward, labels)["p", wrt],
            "factored": formula_value(found.factored or Sum(()), labels, {}),
            "substituted": formula_value(found.substituted or Sum(()), labels, {}),
            "in node names": found.expression and expression_value(found.expression, values),
        }
        for number, line in enumerate(found.factoring):
            forms[f"factoring {number}"] = formula_value(line, labels, reverse)
        wrong = {name: value for name, value in forms.items() if abs(value - numeric) > mpmath.mpf(10) ** -40}
        assert not wrong, numeric


@given(specs(), st.sampled_from(INPUTS))
def test_the_paths_are_those_of_networkx(text: str, wrt: str) -> None:
    graph = derivative_graph(computation_graph(read_spec(text, inline=True)))
    found = derive(graph, "p", wrt).path_sum
    assert found.count == len(found.paths)
    assert Counter(found.paths) == Counter(tuple(path) for path in nx.all_simple_paths(graph, "p", wrt))


@given(specs(), st.sampled_from(INPUTS))
def test_costs_are_those_of_the_operations_written(text: str, wrt: str) -> None:
    found = derive(derivative_graph(computation_graph(read_spec(text, inline=True))), "p", wrt)
    for name, sweep in (("reverse", found.reverse), ("forward", found.forward)):
        used = Counter(
            factor
            for step in sweep.steps
            for term in step.formula.terms
            if isinstance(term, Product)
            for factor in term.factors
            if isinstance(factor, Partial) and (factor.of, factor.wrt) in found.part.labels
        )
        first = found.of if name == "reverse" else found.wrt
        times = sum(
            len(term.factors) - 1 for step in sweep.steps for term in step.formula.terms if isinstance(term, Product)
        )
        ends = [edge for edge in found.part.labels if edge[0 if name == "reverse" else 1] == first]
        assert times == len(found.part.labels) - len(ends) == found.costs[name].multiplications
        assert used.keys() == {Partial(*edge) for edge in found.part.labels}
    assert found.costs["path_sum"].multiplications == sum(len(path) - 2 for path in found.path_sum.paths)
    assert found.costs["path_sum"].additions == found.path_sum.count - 1


@given(specs(), st.randoms(use_true_random=False))
def test_the_order_of_the_nodes_changes_nothing(text: str, random: Any) -> None:
    lines = text.split("; ")
    shuffled = random.sample(lines, len(lines))
    first, second = (
        derive(derivative_graph(computation_graph(read_spec("; ".join(order), inline=True))), "p", "x")
        for order in (lines, shuffled)
    )
    assert first == second


@given(specs(most=5))
def test_the_verifier_agrees(text: str) -> None:
    explanation = explained(read_spec(text, inline=True), ["p"], ["x", "y"])
    assert explanation.verdict == "agree", [verdict.checks for verdict in explanation.verdicts]


@pytest.mark.parametrize("wrt", INPUTS)
@given(text=specs(most=5))
def test_a_renamed_spec_has_the_renamed_derivative(wrt: str, text: str) -> None:
    names = {"x": "lambda", "y": "E", "p": "class"}
    renamed = text
    for old, new in names.items():
        renamed = re.sub(rf"\b{old}\b", new, renamed)
    first = derive(derivative_graph(computation_graph(read_spec(text, inline=True))), "p", wrt)
    second = derive(derivative_graph(computation_graph(read_spec(renamed, inline=True))), "class", names[wrt])
    assert first.path_sum.count == second.path_sum.count
    assert first.expression is not None
    assert second.expression is not None
    assert first.expression.tree is second.expression.tree
