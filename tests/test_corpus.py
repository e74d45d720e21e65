"""Formulas from physics, finance, statistics, learning and the AD literature, each against an independent oracle.

An oracle is the composed function written a second time, in Python for mpmath; its derivative is numeric, to 50 digits.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import mpmath
import pytest
import yaml

import pathdiff
from pathdiff.expression import Expression, slots_of
from pathdiff.numeric import forward_pass, value
from pathdiff.reader import read_constant, read_spec

CORPUS: list[dict[str, Any]] = yaml.load(
    (Path(__file__).parent / "corpus" / "formulas.yaml").read_text(encoding="utf-8"),
    Loader=yaml.BaseLoader,  # noqa: S506  # every scalar stays text
)
DIGITS = 50


@pytest.mark.parametrize("entry", CORPUS, ids=[entry["name"] for entry in CORPUS])
def test_derivative_paths_and_verdict(entry: dict[str, Any]) -> None:
    derivative = pathdiff.parse(entry["spec"]).derivative(entry["of"], entry["wrt"], at=entry["at"])
    assert derivative.count == int(entry["paths"])
    assert derivative.verdict == "agree", derivative.agreement
    expression = derivative.derivation.expression
    assert expression is not None
    with mpmath.workdps(DIGITS + 20):
        point = {name: _number(text) for name, text in entry["at"].items()}
        expected = _oracle_derivative(entry["oracle"], entry["wrt"], point)
        found = _at(entry["spec"], expression, point)
        assert mpmath.almosteq(found, expected, rel_eps=mpmath.mpf(10) ** -DIGITS, abs_eps=mpmath.mpf(10) ** -DIGITS)
    assert derivative.value == pytest.approx(float(expected), rel=1e-12, abs=1e-300)


def _number(text: str) -> Any:
    return value(read_constant(text, "corpus"), (), mpmath.mp)


def _oracle_derivative(oracle: str, wrt: str, point: dict[str, Any]) -> Any:
    code = compile(oracle, "oracle", "eval")
    with mpmath.workdps(3 * DIGITS):

        def composed(x: Any) -> Any:
            return eval(code, {"m": mpmath.mp, "v": {**point, wrt: x}})  # noqa: S307  # the corpus is ours

        step = mpmath.mpf(10) ** -DIGITS * max(1, abs(point[wrt]))
        return (composed(point[wrt] + step) - composed(point[wrt] - step)) / (2 * step)


def _at(text: str, expression: Expression, point: dict[str, Any]) -> Any:
    nodes = read_spec(text, inline=True).nodes
    values = forward_pass(nodes, _order(nodes), point, mpmath.mp)
    return value(
        expression.tree, {slot: values[expression.name(slot)] for slot in slots_of(expression.tree)}, mpmath.mp
    )


def _order(nodes: dict[str, Any]) -> list[str]:
    order: list[str] = []
    while len(order) < len(nodes):
        order += [
            name
            for name, node in nodes.items()
            if name not in order and all(a in order or a not in nodes for a in node.arguments)
        ]
    return order
