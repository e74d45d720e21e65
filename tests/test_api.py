"""The way in from Python, as a notebook uses it."""

from __future__ import annotations

import math
from pathlib import Path

import networkx as nx
import pytest
import sympy

import pathdiff
from pathdiff import InputError

NEURON = Path(__file__).parent.parent / "graphs" / "neuron.yaml"


def test_load_and_derive() -> None:
    found = pathdiff.load(NEURON).derivative("L", "alpha")
    assert found.paths == (("L", "z", "s", "alpha"),)
    assert found.count == 1
    assert found.verdict == "agree"
    assert found.value == pytest.approx(-0.20806212773516962)
    assert repr(found) == "<dL/dalpha: 1 path, agree>"


def test_the_two_graphs_are_networkx_digraphs() -> None:
    model = pathdiff.parse("z = x*z0; p = sin(z) + x*z*z")
    computation, derivative = model.computation_graph, model.derivative_graph
    assert type(computation) is type(derivative) is nx.DiGraph
    assert set(computation.edges) == {("x", "z"), ("z0", "z"), ("z", "p"), ("x", "p")}
    assert set(derivative.edges) == {(v, u) for u, v in computation.edges}
    assert nx.get_node_attributes(computation, "role") == {
        "x": "input",
        "z0": "input",
        "z": "intermediate",
        "p": "dependent",
    }


def test_labels_are_sympy_expressions_when_asked_for() -> None:
    label = pathdiff.parse("h = sigmoid(s)").derivative_graph.edges["h", "s"]["label"]
    h = sympy.Symbol("h", real=True)
    assert str(label) == "h*(1 - h)"
    assert label.sympy == h * (1 - h)
    assert sympy.diff(label, h) == 1 - 2 * h  # as an operand, a label is its SymPy expression


def test_an_abstract_label_stays_a_derivative() -> None:
    label = pathdiff.parse("z1 = z1(x1, x2)").derivative_graph.edges["z1", "x1"]["label"]
    x1, x2 = sympy.symbols("x1 x2", real=True)
    assert str(label) == "∂z1/∂x1"
    assert label.sympy == sympy.Derivative(sympy.Function("z1")(x1, x2), x1)


def test_build_is_what_a_file_would_be() -> None:
    built = pathdiff.build(
        {"s": "alpha*x1 + beta*x2", "z": "sigmoid(s)", "L": "(z - y)**2"},
        inputs=["x1", "x2", "y"],
        parameters=["alpha", "beta"],
        derive={"L": ["alpha", "beta"]},
        at={"x1": 1, "x2": -2, "y": 1, "alpha": "1/2", "beta": 0.1},
        title="One neuron with a loss",
    )
    loaded = pathdiff.load(NEURON)
    assert built.spec.nodes.keys() == loaded.spec.nodes.keys()
    assert built.explain().record()["derivatives"] == loaded.explain().record()["derivatives"]


def test_errors_carry_diagnostics() -> None:
    with pytest.raises(InputError) as caught:
        pathdiff.build({"p": "sin(x", "q": "cos(x, y)"})
    assert [(d.code, d.line_text) for d in caught.value.diagnostics] == [
        ("unbalanced-bracket", "sin(x"),
        ("wrong-arity", "cos(x, y)"),
    ]


def test_an_explanation_is_a_sequence_of_derivatives_with_renderings() -> None:
    explanation = pathdiff.load(NEURON).explain()
    assert [(d.derivation.of, d.derivation.wrt) for d in explanation] == [("L", "alpha"), ("L", "beta")]
    assert explanation.verdict == "agree"
    assert str(explanation).startswith("One neuron")
    assert "\\begin{document}" not in explanation.latex()
    assert "\\begin{document}" in explanation.latex(document=True)
    assert len(explanation[0].record()["derivatives"]) == 1


def test_a_notebook_shows_the_path_sum() -> None:
    shown = pathdiff.parse("p = z1*z2; z1 = x^2; z2 = sin(x)").derivative("p", "x")._repr_latex_()
    assert shown == (
        r"$\displaystyle \frac{\partial p}{\partial x} = "
        r"\frac{\partial p}{\partial z_{1}} \frac{\partial z_{1}}{\partial x} + "
        r"\frac{\partial p}{\partial z_{2}} \frac{\partial z_{2}}{\partial x}$"
    )


def test_the_derivative_as_sympy_is_the_one_that_sympy_finds() -> None:
    x, y = sympy.symbols("x y", real=True)
    found = pathdiff.parse("z = x*y; p = sin(z) + x^2").derivative("p", "x").sympy
    with_nodes = found.subs(sympy.Symbol("z", real=True), x * y)
    assert with_nodes == sympy.diff(sympy.sin(x * y) + x**2, x)


def test_one_name_may_be_given_as_text() -> None:
    model = pathdiff.parse("loss = x*y")
    assert repr(model.explain("loss", "x")) == "<1 derivative, agree>"
    assert repr(model.explain()) == "<2 derivatives, agree>"
    with pytest.raises(pathdiff.InputError, match="`all` is not one node"):
        model.derivative("loss", "all")


def test_a_derivative_of_very_many_is_derived_when_asked_for() -> None:
    names = [f"w{i}" for i in range(80)]
    model = pathdiff.parse(
        "; ".join(f"h{i} = sin({name}*x)" for i, name in enumerate(names))
        + f"; p = {' + '.join(f'h{i}' for i in range(80))}"
    )
    found = model.explain("p", names, at={**dict.fromkeys(names, 1), "x": 2})
    assert len(found) == 80
    assert found.explanation.derivations == ()
    assert (found[79].paths, found[79].expression) == ((("p", "h79", "w79"),), "x*cos(w79*x)")
    assert found[79].value == pytest.approx(2 * math.cos(2))
