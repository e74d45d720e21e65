"""Specs split into elementary operations: what the nodes are, and that the function stays the same."""

from __future__ import annotations

from pathlib import Path

import mpmath
import networkx as nx
import pytest
from hypothesis import given
from strategies import Drawn, specs

import pathdiff
from pathdiff.elementary import elementary
from pathdiff.expression import postorder
from pathdiff.graph import computation_graph
from pathdiff.numeric import forward_pass
from pathdiff.reader import read_spec
from pathdiff.spec import Spec

GRAPHS = Path(__file__).parent.parent / "graphs"


@pytest.mark.parametrize(
    ("text", "nodes"),
    [
        ("p = x", {"p": "x"}),
        ("p = 2", {"p": "2"}),
        ("p = p(x, y)", {"p": "p(x, y)"}),
        ("s = a*x + b*y - 1", {"s_1": "a*x", "s_2": "b*y", "s_3": "s_1 + s_2", "s": "s_3 - 1"}),
        ("p = x - y", {"p": "x - y"}),
        ("p = -x + y", {"p_1": "-x", "p": "p_1 + y"}),
        ("p = x - (-y)", {"p_1": "-y", "p": "x - p_1"}),
        ("p = 2*pi*x/log(3)", {"p_1": "(2*pi)*x", "p": "p_1/log(3)"}),
        ("p = x*y*z", {"p_1": "x*y", "p": "p_1*z"}),
        ("p = max(x, y, z, 2)", {"p_1": "max(x, y)", "p_2": "max(p_1, z)", "p": "max(p_2, 2)"}),
        ("p = sin(x*y) + cos(x*y)", {"p_1": "x*y", "p_2": "sin(p_1)", "p_3": "cos(p_1)", "p": "p_2 + p_3"}),
        ("p = (x + 1)**2", {"p_1": "x + 1", "p": "p_1**2"}),
        ("p = sin(sin(p_1)); q = p_2*p", {"p_3": "sin(p_1)", "p": "sin(p_3)", "q": "p_2*p"}),
    ],
)
def test_the_operations_of_a_node(text: str, nodes: dict[str, str]) -> None:
    split = elementary(read_spec(text, inline=True)).nodes
    assert {name: str(node.written or f"{name}({', '.join(node.arguments)})") for name, node in split.items()} == nodes


def test_functions_of_the_user_are_split_too() -> None:
    text = "functions: {sq(t): t**2, log(t): sq(t) + known_log(t)}\nnodes: {p: log(x*y)}"
    split = elementary(read_spec(text))
    assert {name: str(node.written) for name, node in split.nodes.items()} == {
        "p_1": "x*y",
        "p_2": "p_1**2",
        "p_3": "ln(p_1)",
        "p": "p_2 + p_3",
    }
    assert pathdiff.Composite(split).derivative("p", "x").verdict == "agree"


def operations(spec: Spec) -> set[int]:
    """How many arguments that are not constant the operations of the nodes have, and how deep they are."""
    found = set()
    for node in spec.nodes.values():
        parts = postorder(node.tree) if node.tree is not None else ()
        varying = [part for part in parts if part.args and any(inner.kind == "slot" for inner in postorder(part))]
        signs = sum(part.kind == "neg" for part in varying) if len(varying) > 1 else 0
        found.add(len(varying) - signs)
    return found


@given(specs())
def test_every_node_is_one_operation_and_the_function_is_the_same(drawn: Drawn) -> None:
    spec = read_spec(drawn.yaml())
    split = elementary(spec)
    assert operations(split) <= {0, 1}
    point = {name: mpmath.mpf(index + 1) / 7 for index, name in enumerate(spec.independents)}
    abstract = {name: mpmath.mpf(index + 2) / 9 for index, name in enumerate(spec.nodes) if spec.nodes[name].abstract}
    before, after = (
        forward_pass(each.nodes, list(nx.topological_sort(computation_graph(each))), {**point, **abstract}, mpmath.mp)
        for each in (spec, split)
    )
    for name in spec.nodes:
        assert mpmath.almosteq(before[name], after[name], rel_eps=1e-10, abs_eps=1e-10)


@pytest.mark.parametrize("name", ["black-scholes", "gru-cell", "softmax-cross-entropy"])
def test_a_split_spec_is_verified_as_any_other(name: str) -> None:
    whole = pathdiff.load(GRAPHS / f"{name}.yaml")
    split = whole.elementary()
    of, wrt = next((of, wrt[0]) for of, wrt in whole.spec.derive.items())
    first, second = whole.derivative(of, wrt), split.derivative(of, wrt)
    assert second.verdict == "agree"
    assert second.value == pytest.approx(first.value)
