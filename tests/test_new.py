"""`pathdiff new`: specs that can be read, explained and evaluated, and that say what they are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from test_cli import Answer, run  # noqa: F401  # a fixture

import pathdiff
from pathdiff.evaluation import evaluated
from pathdiff.reader import read_spec
from pathdiff.starters import ACTIVATIONS, KINDS, LOSSES, Wanted, starter

NEURON = """\
# One neuron: it weighs its 2 inputs, adds a bias and activates the sum; the loss L compares the
# prediction z with the target y. One path leads from L to each weight, since each is used once:
# `pathdiff explain` shows it, `pathdiff train` follows it downhill.
title: One neuron
inputs: [x1, x2, y]
parameters: [w0, w1, w2]    # trained rather than fed
nodes:
  s: w0 + w1*x1 + w2*x2    # a linear combination of the inputs; w0 is the bias
  z: tanh(s)    # the prediction
  L: (z - y)**2    # the squared distance from the target
derive: {L: [w0, w1, w2]}    # what is derived when nothing else is asked for: --of, --wrt
at:    # a point, for numbers: try `pathdiff eval`; --at changes single values
  x1: 0.85
  x2: -0.83
  y: 1
  w0: 0.76
  w1: -0.23
  w2: -0.42
"""


def test_a_neuron(run: Any) -> None:  # noqa: F811
    assert run("new", "neuron", "--activation", "tanh") == Answer(0, NEURON, "")


def test_to_a_file(run: Any, tmp_path: Path) -> None:  # noqa: F811
    target = tmp_path / "net.yaml"
    assert run("new", "mlp", "--widths", "2,3,2,1", "--loss", "cross-entropy", "-o", str(target)) == Answer(0, "", "")
    spec = read_spec(target.read_text(encoding="utf-8"))
    assert (len(spec.parameters), list(spec.nodes)) == (20, ["h1_1", "h1_2", "h1_3", "h2_1", "h2_2", "s", "p", "L"])


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_derived_and_agrees(kind: str) -> None:
    assert pathdiff.loads(starter(kind, Wanted())).explain().verdict == "agree"


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("loss", LOSSES)
def test_every_network_has_numbers(activation: str, loss: str) -> None:
    for kind, widths in (("neuron", (3,)), ("mlp", (2, 2, 1))):
        if (kind, loss) == ("neuron", "cross-entropy") and activation != "sigmoid":
            continue
        found = evaluated(read_spec(starter(kind, Wanted(widths, activation, loss))), gradcheck=True)
        assert found.verdict == "agree"


def test_lengths() -> None:
    assert len(read_spec(starter("chain", Wanted(length=5))).nodes) == 5
    assert len(read_spec(starter("product", Wanted(length=7))).inputs) == 7
    assert evaluated(read_spec(starter("lstm", Wanted(length=3)))).values["h_3"]


@pytest.mark.parametrize(
    ("told", "error"),
    [
        (["mlp", "--widths", "2,3"], "a network has two layers or more, the last of them one output"),
        (["neuron", "--widths", "2,2"], "a neuron has some inputs and one output"),
        (["mlp", "--widths", "1000,1000,1"], "that would be 1,002,001 parameters"),
        (["chain", "--length", "10001"], "a length is from 1 to 10,000"),
        (["mlp", "--widths", "2,x"], "invalid value for '--widths': `x` is not a whole number from 1 on"),
        (["perceptron"], "`perceptron` is not one of"),
        ([], "error[usage]: `kind` is missing: one of neuron, mlp, chain, product, lecture, lstm\n"),
        (["chain", "--widths", "3"], "--widths is for neuron, mlp\n  --widths\n  hint: `chain` takes --length\n"),
        (["lecture", "--loss", "squared"], "hint: `lecture` takes no option but -o"),
        (
            ["neuron", "--loss", "cross-entropy", "--activation", "tanh"],
            "the cross-entropy of one neuron is that of its sigmoid",
        ),
    ],
)
def test_what_goes_wrong(run: Any, told: list[str], error: str) -> None:  # noqa: F811
    status, out, err = run("new", *told)
    assert (status, out) == (2, "")
    assert error in err
