"""`pathdiff train`: what is shown, where it ends, and specs written back."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import Drawn, specs
from test_cli import run  # noqa: F401  # a fixture

import pathdiff
from pathdiff.reader import read_spec
from pathdiff.render.terminal import training_text
from pathdiff.spec import Spec
from pathdiff.starters import Wanted, starter
from pathdiff.training import trained
from pathdiff.writing import spec_yaml

GRAPHS = Path(__file__).parent.parent / "graphs"

SHOWN = """\
Update rule        η = 0.15; each derivative is the mean over 2 points

                   a ← a − η ∂L/∂a
                   ∂L   ∂L ∂s
                   ── = ── ──
                   ∂a   ∂s ∂a
                      = 2(s − y) · x

Loss               step             L   length of gradient
                      0           2.5                    5
                      1       0.15625                 1.25
                      2    0.00976563               0.3125
                      3   0.000610352             0.078125

                           2.5 │██████████
                               │██████████
                               │██████████
                               │██████████
                               │██████████
                               │██████████
                               │██████████
                   0.000610352 │██████████▄▄▄▄▄▄▄▄▄▄▁▁▁▁▁▁▁▁▁▁
                                0                            3

Parameters         a  0 → 0.984375
"""


def logistic(features: Any, target: Any) -> Any:
    """The weights of a logistic regression without penalty, bias first, by Newton's method."""
    x = np.column_stack([np.ones(len(target)), features])
    weights = np.zeros(x.shape[1])
    for _ in range(50):
        p = 1 / (1 + np.exp(-x @ weights))
        weights += np.linalg.solve(x.T @ (x * (p * (1 - p))[:, None]), x.T @ (target - p))
    return weights


@pytest.fixture
def inseparable(tmp_path: Path) -> tuple[Path, Any, Any]:
    """A file of points that no line separates, and its columns."""
    random = np.random.default_rng(7)
    x = random.normal(size=(300, 2))
    y = (random.random(300) < 1 / (1 + np.exp(-(x @ [1.5, -2.0] + 0.5)))).astype(float)
    path = tmp_path / "points.csv"
    path.write_text("x1,x2,y\n" + "".join(f"{a!r},{b!r},{c:g}\n" for (a, b), c in zip(x.tolist(), y, strict=True)))
    return path, x, y


def test_a_neuron_finds_what_logistic_regression_finds(inseparable: tuple[Path, Any, Any]) -> None:
    path, x, y = inseparable
    spec = read_spec(starter("neuron", Wanted(loss="cross-entropy")))
    found = trained(spec, data=str(path), rate=2, steps=1000)
    wanted = logistic(x, y)
    assert list(found.after.values()) == pytest.approx(list(wanted), rel=1e-3)
    sklearn = pytest.importorskip("sklearn.linear_model", reason="scikit-learn is not installed")
    peer = sklearn.LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000).fit(x, y)
    assert list(found.after.values()) == pytest.approx([*peer.intercept_, *peer.coef_[0]], rel=1e-3)


def test_what_is_shown(tmp_path: Path) -> None:
    path = tmp_path / "points.csv"
    path.write_text("x,y\n1,1\n2,2\n")
    spec = read_spec("inputs: [x, y]\nparameters: [a]\nnodes: {s: a*x, L: (s - y)**2}\nat: {a: 0}\n")
    assert training_text(trained(spec, data=str(path), rate=0.15, steps=3), 80) == SHOWN


def test_more_points_than_are_computed_at_once_are_one_mean(tmp_path: Path) -> None:
    path = tmp_path / "points.csv"
    numbers = np.random.default_rng(3).normal(size=40_000)
    path.write_text("x\n" + "".join(f"{x!r}\n" for x in numbers.tolist()))
    spec = read_spec("inputs: [x]\nparameters: [a]\nnodes: {L: (a - x)**2}\nat: {a: 0}\n")
    found = trained(spec, data=str(path), rate=0.5, steps=1)
    assert found.after["a"] == pytest.approx(numbers.mean(), rel=1e-9)
    assert found.history[1].loss == pytest.approx(numbers.var(), rel=1e-9)


def test_without_data_the_point_is_all(run: Any, tmp_path: Path) -> None:  # noqa: F811
    target = tmp_path / "trained.yaml"
    told = ["train", str(GRAPHS / "neuron.yaml"), "--lr", "0.5", "--steps", "40", "--format", "json", "-o", str(target)]
    status, out, _ = run(*told)
    record = json.loads(out)
    assert (status, record["of"], record["points"], record["history"][-1]["step"]) == (0, "L", 0, 40)
    losses = [each["loss"] for each in record["history"]]
    assert losses == sorted(losses, reverse=True)
    written = read_spec(target.read_text(encoding="utf-8"))
    assert json.loads(run("eval", str(target), "--format", "json").out)["at"]["alpha"] == record["after"]["alpha"]
    assert written.nodes == read_spec((GRAPHS / "neuron.yaml").read_text(encoding="utf-8")).nodes


@pytest.mark.parametrize(
    ("told", "error"),
    [
        (["-e", "L = x**4", "--wrt", "x", "--at", "x=9", "--lr", "1"], "error[diverged]: `L` has no value after step"),
        (["-e", "L = x**2", "--at", "x=9"], "error[usage]: `L` depends on no parameter"),
        (["-e", "L = x**2; M = x", "--wrt", "x", "--at", "x=9"], "error[usage]: one node is made small"),
        (["-e", "L = (x - y)**2", "--wrt", "x", "--at", "y=9"], "error[no-point]: `x` has no value"),
        (["-e", "L = log(x)", "--wrt", "x", "--at", "x=0"], "error[outside-domain]: `L` or its gradient has no value"),
        (["-e", "L = x**2", "--lr", "0"], "error[usage]: invalid value for '--lr'"),
        (["-e", "L = x**2", "--wrt", "x", "--data", "none.csv"], "error[unreadable]"),
    ],
)
def test_what_goes_wrong(run: Any, told: list[str], error: str) -> None:  # noqa: F811
    status, out, err = run("train", *told)
    assert (status, out) == (2, "")
    assert err.startswith(error)


def test_a_loss_that_grows_is_told(run: Any) -> None:  # noqa: F811
    status, out, err = run("train", "-e", "L = x**2", "--wrt", "x", "--at", "x=1", "--lr", "2", "--steps", "2")
    assert (status, out[:6]) == (0, "Update")
    assert err == "the loss grew from 1 to 81: take smaller steps, --lr 0.2\n"


def test_what_the_data_lack_or_have_besides_is_told(run: Any, tmp_path: Path) -> None:  # noqa: F811
    path = tmp_path / "points.csv"
    path.write_text("x,a,note,v\n1,9,two,3\n", encoding="utf-8")
    spec = tmp_path / "spec.yaml"
    spec.write_text("inputs: [x, y, v]\nparameters: [a]\nnodes: {L: (a*x - y)**2, M: v}\nat: {a: 0, y: 1}\n")
    status, _, err = run("train", str(spec), "--of", "L", "--data", str(path), "--steps", "1")
    assert status == 0
    assert (
        err
        == "left out of the data: `note`, `a`, `v`\nnot in the data, at all points what the spec or --at says: `y`\n"
    )


def test_a_spec_is_not_written_as_json(run: Any, tmp_path: Path) -> None:  # noqa: F811
    target = tmp_path / "trained.json"
    status, out, err = run("train", "-e", "L = x**2", "--wrt", "x", "--at", "x=1", "-o", str(target))
    assert (status, out, target.exists()) == (2, "", False)
    assert "-o writes a spec, which is YAML" in json.loads(err)["errors"][0]["message"]


def test_a_spec_written_has_the_loss_that_was_reached(run: Any, tmp_path: Path) -> None:  # noqa: F811
    target = tmp_path / "trained.yaml"
    told = [
        "train",
        "-e",
        "z = a*x - y; L = z^2",
        "--wrt",
        "a",
        "--at",
        "x=3,y=1/3,a=2",
        "--lr",
        "0.01",
        "--steps",
        "9",
    ]
    record = json.loads(run(*told, "--format", "json", "-o", str(target)).out)
    values = json.loads(run("eval", str(target), "--format", "json").out)["values"]
    assert values["L"] == pytest.approx(record["history"][-1]["loss"], rel=1e-14)


@pytest.mark.parametrize("told", [["train", "--data"], ["eval", "--points"]])
def test_points_are_never_written_over(run: Any, tmp_path: Path, told: list[str]) -> None:  # noqa: F811
    path = tmp_path / "points.csv"
    path.write_text("x\n1\n", encoding="utf-8")
    command, option = told
    status, out, err = run(
        command, "-e", "L = (x - a)**2", option, str(path), "-o", str(path), "--at", "a=1", "--wrt", "a"
    )
    assert (status, out) == (2, "")
    assert err.startswith("error[unwritable]: this is the file that the points are read from\n")
    assert path.read_text(encoding="utf-8") == "x\n1\n"


def again(spec: Spec) -> Spec:
    return read_spec(spec_yaml(spec))


@pytest.mark.parametrize("path", sorted(GRAPHS.rglob("*.yaml")), ids=lambda path: path.stem)
def test_a_spec_written_is_the_spec_that_was_read(path: Path) -> None:
    spec = read_spec(path.read_text(encoding="utf-8"))
    assert again(spec) == spec


@given(specs(tame=False))
def test_any_spec_written_is_the_spec_that_was_read(drawn: Drawn) -> None:
    from pathdiff.diagnostics import InputError

    try:
        spec = read_spec(drawn.yaml())
    except InputError:
        return
    assert again(spec) == spec


@given(st.text() | st.text("\n\t\\\"': #-[{}\x00\x85\u2028\ufeff\U0001f600\U000e0001é", max_size=5))
def test_any_title_written_is_the_title_that_was_read(title: str) -> None:
    spec = pathdiff.build({"p": "x"}, title=title).spec
    assert again(spec) == spec


def test_half_a_sign_is_written_as_one_that_says_so() -> None:
    assert pathdiff.build({"p": "x"}, title="a\ud800").yaml().startswith('title: "a\ufffd"\n')


def test_what_yaml_would_misread_is_quoted() -> None:
    text = """\
title: 'a: "b" # c'
inputs: [no, x′, pi]
functions: {'log(t, u)': t*u, "sq(x)": "known_log(x)**2"}
nodes: {y: "y(no, x′)", p: "-y*log(no, 2) + sq(pi)", q: "- x′"}
derive: {p: [], q: [all]}
at: {no: -1/2}
"""
    spec = read_spec(text)
    assert again(spec) == spec
