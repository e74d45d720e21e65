"""From spec text to labels, gradients and single formulas, beside SymPy, CasADi and SymEngine, and beside itself."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib import import_module
from time import perf_counter
from typing import Any

import pytest

from pathdiff.derivation import Product, Sweep
from pathdiff.derive import in_node_names
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
    """17,823 edges; SymPy differentiates every 97th of them, and the time is multiplied."""
    labels = labels_of(BIG)
    assert len(labels) == 17_823
    edges = [(v, u) for v, expression in _expressions(BIG).items() for u in re.findall(r"[xwbh]\d\w*", expression)]
    assert len(set(edges)) == len(labels)
    names = {name: sympy.Symbol(name, real=True) for edge in edges for name in edge}
    sigmoid = {"sigmoid": lambda s: 1 / (1 + sympy.exp(-s)), **names}
    nodes = {v: eval(expression, {}, sigmoid) for v, expression in _expressions(BIG).items()}  # noqa: S307

    def by_sympy() -> float:
        start = perf_counter()
        for v, u in edges[::97]:
            sympy.diff(nodes[v], names[u])
        return (perf_counter() - start) * len(edges) / len(edges[::97])

    against("17,823 local partials from the text", lambda: labels_of(BIG), "sympy.diff", by_sympy, "50, aim 500", 1)


def test_the_gradient_of_a_big_perceptron(against: Any) -> None:
    """CasADi builds its SX from the same expressions, read by Python, and makes the gradient of all parameters."""
    parameters = read_spec(BIG).parameters

    def by_casadi() -> float:
        start = perf_counter()
        names = {name: casadi.SX.sym(name) for name in {*parameters, *(f"x{i}" for i in range(64))}}
        values = {"sigmoid": lambda s: 1 / (1 + casadi.exp(-s)), **names}
        for name, expression in _expressions(BIG).items():
            values[name] = eval(expression, {}, values)  # noqa: S307
        gradient = casadi.gradient(values["y"], casadi.vertcat(*(names[name] for name in parameters)))
        assert gradient.shape == (len(parameters), 1)
        return perf_counter() - start

    against("its gradient as a sweep, from the text", lambda: gradient_of(BIG), "CasADi SX", by_casadi, "0.5, aim 1")


def in_one_formula(text: str) -> list[Expression]:
    """The gradient as formulas in node names, from the text on."""
    spec, part, _ = gradient_of(text)
    found = in_node_names(part, spec.parameters)
    assert len(found) == len(spec.parameters)
    return list(found.values())


@pytest.mark.parametrize(("peer", "wanted"), [("SymPy", "100"), ("SymEngine", "1")])
def test_the_gradient_of_the_composed_expression(against: Any, peer: str, wanted: str) -> None:
    """Widths 5-5-5-5-1; the peer differentiates the function with all nodes put in, by each of the 96 parameters."""
    library = {"SymPy": sympy, "SymEngine": symengine}[peer]
    parameters = read_spec(SMALL).parameters

    def by_peer() -> float:
        start = perf_counter()
        _, whole = in_symbols(SMALL, library.Symbol, library.exp)
        for name in parameters:
            library.diff(whole["y"], library.Symbol(name))
        return perf_counter() - start

    work = "5-5-5-5-1 in one formula each"
    against(work, lambda: in_one_formula(SMALL), f"{peer} diff", by_peer, wanted, rounds=1)


def test_each_edge_is_multiplied_by_once() -> None:
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


def test_growth(request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]) -> None:
    """Ten times the edges in a process of its own: time and memory, three sizes from 10^4 to 10^6."""
    pytest.importorskip("resource", reason="memory is measured on POSIX systems")
    rows = []
    for widths in ("44-44-44-44-1", "141-141-141-141-1", "447-447-447-447-1"):
        command = [sys.executable, "-c", GROWTH, str(request.path.parent), widths]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        edges, seconds, gigabytes = map(float, done.stdout.split())
        rows.append((edges, seconds, gigabytes))
    with capsys.disabled():
        for edges, seconds, gigabytes in rows:
            each = seconds / edges * 1e6
            sys.stdout.write(f"\n{edges:>12,.0f} edges {seconds:8.2f} s {each:6.1f} us each {gigabytes:6.2f} GB")
    assert rows[-1][2] < 6
