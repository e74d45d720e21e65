"""From spec text to labels, gradients and single formulas, beside SymPy, CasADi and SymEngine, and beside itself."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib import import_module
from time import perf_counter
from typing import Any

import pytest

from pathdiff.derivation import Product, Sweep
from pathdiff.derive import in_node_names
from pathdiff.explain import explained
from pathdiff.expression import Expression
from pathdiff.graph import Between, between, computation_graph, derivative_graph
from pathdiff.reader import read_spec
from pathdiff.spec import Spec
from pathdiff.sweeps import reverse_sweep

casadi: Any = import_module("casadi")
symengine: Any = import_module("symengine")
sympy: Any = import_module("sympy")


def perceptron(*widths: int) -> str:
    """The spec of an MLP of scalar sigmoid nodes; weights and biases are parameters, the last node is `y`."""
    below, nodes, parameters = [f"x{i}" for i in range(widths[0])], [], []
    inputs = below
    for layer, width in enumerate(widths[1:], 1):
        last = layer == len(widths) - 1
        names = ["y"] if last and width == 1 else [f"h{layer}_{i}" for i in range(width)]
        for unit, name in enumerate(names):
            weights = [f"w{layer}_{unit}_{i}" for i in range(len(below))]
            parameters += [f"b{layer}_{unit}", *weights]
            terms = " + ".join(f"{weight}*{used}" for weight, used in zip(weights, below, strict=True))
            nodes.append(f"  {name}: sigmoid(b{layer}_{unit} + {terms})\n")
        below = names
    return f"inputs: [{', '.join(inputs)}]\nparameters: [{', '.join(parameters)}]\nnodes:\n{''.join(nodes)}"


BIG, SMALL = perceptron(64, 64, 64, 10, 1), perceptron(5, 5, 5, 5, 1)


def labels_of(text: str) -> list[Expression | None]:
    """All local partials, from the text on."""
    graph = derivative_graph(computation_graph(read_spec(text)))
    return [known["label"].expression for _, _, known in graph.edges(data=True)]


def gradient_of(text: str) -> tuple[Spec, Between, Sweep]:
    """The sweep with respect to all parameters, from the text on, and the label of each edge."""
    spec = read_spec(text)
    part = between(derivative_graph(computation_graph(spec)), "y", spec.parameters)
    assert all(label.expression is not None for label in part.labels.values())
    return spec, part, reverse_sweep(part)


def _expressions(text: str) -> dict[str, str]:
    return dict(re.findall(r"^  (\w+): (.*)$", text, re.MULTILINE))


def in_symbols(text: str, symbol: Any, exp: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """The nodes of a spec in another library, each in the symbols of its arguments and with all put in."""
    expressions = _expressions(text)
    used = {name: symbol(name) for name in re.findall(r"\b[xwbhy]\w*", text)}
    whole = {"sigmoid": lambda s: 1 / (1 + exp(-s)), **used}
    alone = dict(whole)
    nodes = {}
    for name, expression in expressions.items():
        code = compile(expression, name, "eval")
        nodes[name] = eval(code, {}, alone)  # noqa: S307  # as the peer's own users would
        whole[name] = eval(code, {}, whole)  # noqa: S307
    return nodes, whole


def test_all_local_partials_of_a_big_perceptron(against: Any) -> None:
    """17,823 edges, 50 times as fast at least, better 500; SymPy has those of every 20th node, its time multiplied."""
    labels = labels_of(BIG)
    assert len(labels) == 17_823
    edges = [(v, u) for v, expression in _expressions(BIG).items() for u in re.findall(r"[xwbh]\d\w*", expression)]
    assert len(set(edges)) == len(labels)
    names = {name: sympy.Symbol(name, real=True) for edge in edges for name in edge}
    sigmoid = {"sigmoid": lambda s: 1 / (1 + sympy.exp(-s)), **names}
    nodes = {v: eval(expression, {}, sigmoid) for v, expression in _expressions(BIG).items()}  # noqa: S307
    some = set(list(nodes)[::20])
    told = [edge for edge in edges if edge[0] in some]

    def by_sympy() -> None:
        sympy.core.cache.clear_cache()
        for v, u in told:
            sympy.diff(nodes[v], names[u])

    work = "the 17,823 local partials of an MLP of 64-64-64-10-1 nodes, from the text"
    against(work, lambda: labels_of(BIG), "sympy", by_sympy, rounds=3, times=len(edges) / len(told))


def test_the_gradient_of_a_big_perceptron(against: Any) -> None:
    """In twice the time at most of CasADi, better in less.

    CasADi builds its SX from the same expressions, read by Python, and makes the gradient of all parameters.
    """
    parameters = read_spec(BIG).parameters

    def by_casadi() -> None:
        names = {name: casadi.SX.sym(name) for name in {*parameters, *(f"x{i}" for i in range(64))}}
        values = {"sigmoid": lambda s: 1 / (1 + casadi.exp(-s)), **names}
        for name, expression in _expressions(BIG).items():
            values[name] = eval(expression, {}, values)  # noqa: S307
        gradient = casadi.gradient(values["y"], casadi.vertcat(*(names[name] for name in parameters)))
        assert gradient.shape == (len(parameters), 1)

    work = "its gradient in all 9,045 parameters, as a sweep, from the text"
    against(work, lambda: gradient_of(BIG), "casadi SX", by_casadi)


def in_one_formula(text: str) -> list[Expression]:
    """The gradient as formulas in node names, from the text on."""
    spec, part, _ = gradient_of(text)
    found = in_node_names(part, spec.parameters)
    assert len(found) == len(spec.parameters)
    return list(found.values())


@pytest.mark.parametrize("peer", ["sympy", "symengine"])
def test_the_gradient_of_the_composed_expression(against: Any, peer: str) -> None:
    """Widths 5-5-5-5-1, 100 times as fast as SymPy at least, better as fast as SymEngine.

    The peer differentiates the function with all nodes put in, by each of the 96 parameters.
    """
    library = {"sympy": sympy, "symengine": symengine}[peer]
    parameters = read_spec(SMALL).parameters

    def by_peer() -> None:
        sympy.core.cache.clear_cache()
        _, whole = in_symbols(SMALL, library.Symbol, library.exp)
        for name in parameters:
            library.diff(whole["y"], library.Symbol(name))

    work = "the 96 derivatives of one of 5-5-5-5-1, each as one formula"
    against(work, lambda: in_one_formula(SMALL), peer, by_peer, rounds=3 if peer == "sympy" else 10)


def test_each_edge_is_multiplied_by_once(row: Any) -> None:
    """Counted on the lines of the sweep: no edge's label is a factor twice, and none is left out."""
    _, part, sweep = gradient_of(BIG)
    factors = [
        factor
        for step in sweep.steps
        for term in step.formula.terms
        if isinstance(term, Product)
        for factor in term.factors[-1:]
    ]
    assert len(factors) == len(part.labels) == 17_823 - 64 * 64  # less the edges to the inputs, which are not asked for
    assert len({(factor.of, factor.wrt) for factor in factors}) == len(factors)  # type: ignore[union-attr]
    row(
        "uses of a label in that sweep, counted", f"{len(factors):,}", "its edges", f"{len(part.labels):,}", "once each"
    )


GROWTH = """
import gc, sys
from time import perf_counter
sys.path.insert(0, sys.argv[1])
from test_gradient_speed import gradient_of, perceptron
gc.set_threshold(200_000, 20, 20)
text = perceptron(*map(int, sys.argv[2].split("-")))
start = perf_counter()
_, part, _ = gradient_of(text)
import resource
print(len(part.labels), perf_counter() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20)
"""


def test_growth(row: Any, request: pytest.FixtureRequest) -> None:
    """From 10^4 edges to 10^6, 12 times the time at most for ten times the edges, better 10; under 6 GB, better 2."""
    pytest.importorskip("resource", reason="memory is measured on POSIX systems")
    found: list[tuple[float, ...]] = []
    for widths in ("44-44-44-44-1", "141-141-141-141-1", "447-447-447-447-1"):
        command = [sys.executable, "-c", GROWTH, str(request.path.parent), widths]
        limits = {**os.environ, "PATHDIFF_LIMITS": "tokens=9000000,values=9000000"}
        runs = [subprocess.run(command, capture_output=True, text=True, check=True, env=limits) for _ in range(3)]
        edges, time, gigabytes = map(min, zip(*(map(float, run.stdout.split()) for run in runs), strict=True))
        for fewer, less, _ in found[-1:]:
            row(
                f"such a sweep of {edges:,.0f} edges",
                time,
                f"{fewer:,.0f} edges",
                less,
                f"{time / less:.3g} times its time",
            )
        found.append((edges, time, gigabytes))
    row("its memory", f"{found[-1][2]:.2g} GB")
    assert found[-1][2] < 6


def test_verifying_a_big_perceptron(row: Any) -> None:
    """Whole verifications, in time linear in the edges."""
    times = []
    for widths in ((20, 20, 20, 10, 1), (64, 64, 64, 10, 1)):
        spec = read_spec(perceptron(*widths))
        start = perf_counter()
        assert explained(spec, wrt=["all"]).verdict == "agree"
        times.append(perf_counter() - start)
    how = f"{times[1] / times[0]:.2g} times its time"
    row("explaining and verifying that gradient of 17,823 edges", times[1], "2,071 edges", times[0], how)
