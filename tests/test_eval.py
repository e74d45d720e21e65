"""`pathdiff eval`: both passes at a point and at many, what is shown of them, and what goes wrong."""

from __future__ import annotations

import csv
import io
import json
import math
from fractions import Fraction
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import Drawn, specs
from test_cli import Answer, run  # noqa: F401  # a fixture

from pathdiff.arrays import run as run_arrays
from pathdiff.diagnostics import InputError
from pathdiff.evaluation import evaluated
from pathdiff.functions import TABLE
from pathdiff.program import program
from pathdiff.reader import read_constant, read_spec
from pathdiff.render.terminal import evaluation_text
from pathdiff.spec import Spec
from pathdiff.table import results

GRAPHS = Path(__file__).parent.parent / "graphs"

SHARED = "z = x*y; p = z^2 + x"
EXACT = """\
Forward pass       x            1/2
                   y             −3
                   z = x y     −3/2
                   p = z² + x  11/4

Backward pass      ∂p/∂p                           1
                   ∂p/∂z                          −3
                   dp/dx = ∂p/∂x + ∂p/∂z ∂z/∂x    10
                   ∂p/∂y = ∂p/∂z ∂z/∂y          −3/2

Derivative graph   the value of each node above it, its adjoint below it
                   11/4     −3/2     1/2
                    p        z        x
                    1        −3      10

                                      −3
                                      y
                                     −3/2

                   p → z  2z = −3     z → x  y = −3
                   p → x  1           z → y  x = 1/2

Gradient check     central differences, computed with 50 digits and a step of
                   1e-12
                   ✓ ∂p/∂x    10  relative error ERROR
                   ✓ ∂p/∂y  −3/2  relative error ERROR
"""
NARROW = """\
Forward pass
x                    0
y                    1
z = relu(x)          0
p = z + sin(y)  0.8415
relu(x) at its kink in z: the
  mean of the two one-sided
  derivatives is taken

Backward pass
∂p/∂p                     1
∂p/∂z                     1
∂p/∂y                0.5403
∂p/∂x = ∂p/∂z ∂z/∂x     0.5

Derivative graph
the value of each node above
it, its adjoint below it
0.8415     0           0
  p        z           x
  1        1          0.5

             1
             y
           0.5403

p → z  1
p → y  cos(y) = 0.5403
z → x  heaviside(x) = 0.5
"""


def spec_of(text: str) -> Spec:
    return read_spec(text, inline="nodes" not in text)


def at(**told: str) -> dict[str, Any]:
    return {name: read_constant(text, name) for name, text in told.items()}


def test_both_passes_beside_their_formulas() -> None:
    found = evaluated(spec_of(SHARED), at=at(x="1/2", y="-3"), exact=True, gradcheck=True)
    shown = evaluation_text(found, 80)
    errors = [line for line in shown.splitlines() if "relative error" in line]
    for line in errors:
        shown = shown.replace(line, line.partition("error ")[0] + "error ERROR")
    assert shown == EXACT


def test_a_narrow_terminal_has_the_names_above() -> None:
    assert (
        evaluation_text(evaluated(spec_of("z = relu(x); p = z + sin(y)"), at=at(x="0", y="1"), digits=4), 30) == NARROW
    )


def test_json(run: Any) -> None:  # noqa: F811
    told = json.loads(run("eval", "-e", SHARED, "--at", "x=0.5,y=2", "--format", "json").out)
    assert told["at"] == {"x": 0.5, "y": 2.0}
    assert told["values"] == {"x": 0.5, "y": 2.0, "z": 1.0, "p": 1.5}
    assert told["gradients"] == {"p": {"x": 5.0, "y": 1.0, "z": 2.0, "p": 1.0}}


def test_exact_json_has_fractions_as_text() -> None:
    from pathdiff.render.records import evaluation_record

    record = evaluation_record(evaluated(spec_of(SHARED), at=at(x="1/2", y="-3"), exact=True))
    assert record["values"] == {"x": "1/2", "y": -3, "z": "-3/2", "p": "11/4"}


def test_exact_goes_on_behind_what_is_not() -> None:
    """A function that has no rational value makes approximate only what needs it."""
    found = evaluated(spec_of("z = exp(x); w = x/3; p = z*0 + w; q = z + w"), of=["p"], at=at(x="1/2"), exact=True)
    assert (found.values["w"], found.adjoints[0].values["w"]) == (Fraction(1, 6), 1)
    assert not isinstance(found.values["z"], Fraction)


@pytest.mark.parametrize("digits", [1, 17, 60, 1000])
def test_so_many_digits_are_right(digits: int) -> None:
    found = evaluated(spec_of("z = sin(x) - x; p = exp(z)*cos(z)"), at=at(x="1e-20"), digits=digits)
    with mpmath.workdps(digits + 100):
        x = mpmath.mpf(10) ** -20
        z = mpmath.sin(x) - x
        slope = mpmath.exp(z) * (mpmath.cos(z) - mpmath.sin(z)) * (mpmath.cos(x) - 1)
        for number, wanted in ((found.values["z"], z), (found.adjoints[0].values["x"], slope)):
            assert abs(number - wanted) < abs(wanted) * mpmath.mpf(10) ** -digits


def test_a_missing_value_is_an_error_that_names_all(run: Any) -> None:  # noqa: F811
    answer = run("eval", "-e", "p = x*y + sin(z)", "--at", "y=1")
    assert answer == Answer(
        2,
        "",
        "error[no-point]: `x`, `z` have no value\n  -e\n  hint: --at x=1,z=1\n",
    )


@pytest.mark.parametrize(
    ("told", "error"),
    [
        (
            ["--at", "x=-1"],
            "error[outside-domain]: `p` has no value at this point: log(-1), which is defined for x > 0",
        ),
        (["--exact", "--digits", "9", "--at", "x=1"], "error[usage]: --exact and --digits exclude each other"),
        (["--digits", "1001", "--at", "x=1"], "error[usage]: --digits: at most 1,000"),
        (["--format", "csv"], "error[usage]: --points and the format csv go together"),
        (
            ["--points", "no-such.csv"],
            "error[unreadable]: there is no such file\n  no-such.csv\n  hint: give the path of",
        ),
        (["--points", "a.csv", "--exact"], "error[usage]: --points computes with doubles"),
    ],
)
def test_what_goes_wrong(run: Any, told: list[str], error: str) -> None:  # noqa: F811
    status, out, err = run("eval", "-e", "p = log(x)", *told)
    assert (status, out) == (2, "")
    assert err.startswith(error)


@pytest.mark.parametrize("x", ["-100", "-1000"])
def test_gelu_far_below_0_has_a_derivative(x: str) -> None:
    found = evaluated(spec_of("p = gelu(x); q = 1 + erf(x); r = 1 + tanh(x)"), at=at(x=x))
    with mpmath.workdps(40):
        size = mpmath.mpf(x)
        wanted = mpmath.ncdf(size) + size * mpmath.npdf(size)
        assert mpmath.almosteq(found.adjoints[0].values["x"], wanted, rel_eps=1e-15)
        assert mpmath.almosteq(found.values["q"], mpmath.erfc(-size), rel_eps=1e-15)
        assert mpmath.almosteq(found.values["r"], 2 / (1 + mpmath.exp(-2 * size)), rel_eps=1e-15)


def test_an_abstract_node_has_no_value(run: Any) -> None:  # noqa: F811
    status, _, err = run("eval", str(GRAPHS / "neuron-loss.yaml"))
    assert status == 2
    assert err.startswith("error[no-value]: `L` is abstract, so it has no value\n")


def test_gradcheck_refutes_a_wrong_label(monkeypatch: pytest.MonkeyPatch) -> None:
    """The check shares nothing with the labels: a wrong row of the table is seen."""
    from dataclasses import replace

    import pathdiff.partials as made
    from pathdiff.functions import ROWS

    made.partials.cache_clear()
    made._template.cache_clear()
    monkeypatch.setitem(ROWS, "sin", replace(ROWS["sin"], derivatives=("-cos(x)",)))
    try:
        found = evaluated(spec_of("p = sin(x) + y"), at=at(x="1", y="1"), gradcheck=True)
    finally:
        made.partials.cache_clear()
        made._template.cache_clear()
    assert [(each.wrt, each.verdict) for each in found.differences] == [("x", "refuted"), ("y", "agree")]
    assert found.verdict == "refuted"


def test_gradcheck_is_undecided_at_the_edge_of_a_domain(run: Any) -> None:  # noqa: F811
    status, out, _ = run("eval", "-e", "p = sqrt(x)", "--at", "x=1e-14", "--gradcheck")
    assert status == 3
    assert "p has no value beside this point" in " ".join(out.split())


@settings(max_examples=30)
@given(specs(abstract=False))
def test_adjoints_of_any_graph_are_central_differences(drawn: Drawn) -> None:
    spec = read_spec(drawn.yaml())
    point = {name: read_constant(f"{0.4 + 0.3 * i:.1f}", name) for i, name in enumerate(spec.independents)}
    try:
        found = evaluated(spec, (), ["all"], point, gradcheck=True)
    except InputError:
        return
    if not found.notes:
        assert {each.verdict for each in found.differences} <= {"agree", "undecided"}


NUMBERS = st.one_of(
    *(st.integers(-1000 * size, 1000 * size).map(lambda thousandths: thousandths / 1000) for size in (1, 30, 1000))
)
"""Thousandths, away from what is singular at a whole number."""


@pytest.mark.parametrize("function", [row for row in TABLE if not row.kink], ids=lambda row: row.name)
@settings(max_examples=20)
@given(x=NUMBERS, y=NUMBERS)
def test_doubles_are_right_to_twelve_digits(function: Any, x: float, y: float) -> None:
    """Of each function and its derivatives, wherever fifty digits say there is one that a double holds."""
    names = ["x", "y"][: 2 if function.selects else len(function.parameters)]
    spec = spec_of(f"p = {function.name}({', '.join(names)})")
    told = {"x": x, "y": y}
    passes = program(spec, ["p"], names)
    found = run_arrays(passes, spec.nodes, {name: np.array([told[name]]) for name in names})
    try:
        exact = evaluated(spec, ["p"], ["all"], at(**{name: str(Fraction(told[name])) for name in names}), digits=50)
    except InputError:
        return
    derivatives = found.adjoints(passes)
    pairs = [(found.values["p"], exact.values["p"])]
    pairs += [(derivatives[name], exact.adjoints[0].values[name]) for name in names]
    for number, wanted in pairs:
        if 1e-300 < abs(wanted) < 1e300:
            assert float(np.asarray(number).reshape(-1)[0]) == pytest.approx(float(wanted), rel=1e-12)


def table(
    text: str, spec: str, tmp_path: Path, name: str = "points.csv", **asked: Any
) -> tuple[list[dict[str, str]], list[str]]:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    pieces, report = results(spec_of(spec), str(path), **asked)
    return list(csv.DictReader(io.StringIO("".join(pieces)))), list(report.lines())


def test_a_table_of_points(tmp_path: Path) -> None:
    rows, told = table('x,y,note\n1,2,a\n\n1/2,"3",b\n', "z = x*y; p = z^2", tmp_path)
    assert rows == [
        {"x": "1.0", "y": "2.0", "z": "2.0", "p": "4.0", "dp/dx": "8.0", "dp/dy": "4.0"},
        {"x": "0.5", "y": "3.0", "z": "1.5", "p": "2.25", "dp/dx": "9.0", "dp/dy": "1.5"},
    ]
    assert told == ["left out, no independent names: `note`"]


@pytest.mark.parametrize(
    "text", ['[{"x": 1, "y": "1/2"},\n {"x": 2, "y": 3}]', '{"x": 1, "y": 0.5}\n{"x": 2, "y": 3}\n']
)
def test_points_in_json(text: str, tmp_path: Path) -> None:
    rows, _ = table(text, "p = x*y", tmp_path, "points.json", digits=3)
    assert [tuple(row.values()) for row in rows] == [("1", "0.5", "0.5", "0.5", "1"), ("2", "3", "6", "3", "2")]


def test_points_in_json_longer_than_what_is_read_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pathdiff.columns.PIECE", 7)
    rows, _ = table("[" + ",\n".join(f'{{"x": {i}.5}}' for i in range(30)) + "]\n", "p = 2*x", tmp_path, "a.json")
    assert [row["p"] for row in rows] == [f"{2 * i + 1}.0" for i in range(30)]


def test_empty_lines_are_counted(tmp_path: Path) -> None:
    _, told = table("x\n\n1\n\n\n0\n", "p = log(x)", tmp_path)
    assert told == ["p: no value in 1 point, in line 6: log(0), which is defined for x > 0 only"]


def test_cells_in_quotation_marks_may_be_of_several_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pathdiff.columns.AT_ONCE", 2)
    text = 'x,"no\nte",y\n1,"a\n\nb, ""c""",2\n\n3,d,"1/4"\n0,"",5\n6,,7\n'
    rows, told = table(text, "p = log(x) + y", tmp_path)
    assert [row["y"] for row in rows] == ["2.0", "0.25", "5.0", "7.0"]
    assert told == [
        "left out, no independent names: `no\nte`",
        "p: no value in 1 point, in line 8: log(0), which is defined for x > 0 only",
    ]


def test_what_is_met_is_told_by_node(tmp_path: Path) -> None:
    rows, told = table("x\n1\n0\n-1\n0\n", "z = log(x); w = relu(x); p = z + w", tmp_path)
    assert [row["p"] for row in rows] == ["1.0", "nan", "nan", "nan"]
    assert [row["dp/dx"] for row in rows] == ["2.0", "nan", "nan", "nan"]
    assert told == [
        "z: no value in 3 points, first in line 3: log(0), which is defined for x > 0 only",
        "w: relu at its kink in 2 points, first in line 3",
    ]


@pytest.mark.parametrize("expression", ["atan(1/x)", "exp(-1/x^2)", "acot(x)", "atan2(x, x)", "x^-2", "log(x)"])
def test_what_is_undefined_on_the_way_is_nan_in_the_end(expression: str, tmp_path: Path) -> None:
    rows, told = table("x\n0\n1\n", f"p = {expression}", tmp_path)
    assert (rows[0]["p"], rows[1]["p"] != "nan", len(told)) == ("nan", True, 1)


def test_what_a_double_cannot_hold_is_told_and_gives_no_derivative(tmp_path: Path) -> None:
    rows, told = table("a,b\n1000,1\n1,1\n", "u = exp(a); v = exp(b); s = u + v; p = log(s)", tmp_path)
    assert [rows[0][name] for name in ("u", "p", "dp/da")] == ["inf", "inf", "nan"]
    assert rows[1]["dp/da"] == "0.5"
    assert told == ["u: a number beyond what a double holds in 1 point, in line 2"]


def test_a_label_without_bound_gives_no_derivative_where_the_adjoint_is_0(tmp_path: Path) -> None:
    rows, told = table("x\n0\n4\n", "s = sqrt(x); p = s^2", tmp_path)
    assert [(row["p"], row["dp/dx"]) for row in rows] == [("0.0", "nan"), ("4.0", "1.0")]
    assert told == ["dp/dx: no value in 1 point, in line 2"]


@pytest.mark.parametrize(
    ("name", "text", "error"),
    [
        ("a.csv", "x,y\n1,two\n", "error[not-a-number]: the value of `y` is no number: `two`\n  PATH:2:3"),
        ("a.csv", "x,y\n1,2\n1\n", "error[no-point]: `y` has no value in this line\n  PATH:3:2"),
        ("a.csv", "x,y\n1,nan\n", "error[not-a-number]: the value of `y` is no number: `nan`\n  PATH:2:3"),
        (
            "a.csv",
            "x,y\n1,2,\n1,5,2,0\n",
            "error[wrong-type]: this line has 4 values, and the first line 2 names\n  PATH:3:5\n   3 | 1,5,2,0\n",
        ),
        ("a.csv", 'x,y\n1,2\n1,"2\n3,4\n', "error[open-quote]: a quotation mark is never closed\n  PATH:3:1"),
        ("a.csv", 'x,"y\n1,2\n', "error[open-quote]: a quotation mark is never closed\n  PATH:1:1"),
        ("a.csv", 'x,y\n1,"2"3\n', "error[not-a-number]: this line is not CSV: ',' expected after '\"'\n  PATH:2:1"),
        ("a.csv", 'x,y\n"1",two\n', "error[not-a-number]: the value of `y` is no number: `two`\n  PATH:2:1"),
        ("a.csv", "x,x,y\n1,2,3\n", "error[duplicate-name]: `x` has two columns"),
        ("a.csv", "x\n1\n", "error[no-point]: `y` has no value"),
        ("a.csv", "", "error[no-point]: this file has no points"),
        ("a.csv", "u,v\n1,2\n", "error[no-point]: no column has the name of an input or a parameter"),
        ("a.json", "[1, 2]", "error[wrong-type]: a point is an object of names and numbers"),
        ("a.json", '[{"x": 1, "y": 2}, {"x": 1,]', "error[not-json]: this is not JSON after point 1"),
        (
            "a.json",
            '[{"x": 1, "y": 2}',
            "error[not-json]: the array does not end after point 1: the file may be cut off",
        ),
        ("a.json", '[{"x": 1, "y": true}]', "error[not-a-number]: the value of `y` in point 1 is no number: `True`"),
    ],
)
def test_a_wrong_table_is_an_error(name: str, text: str, error: str, tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        table(text, "p = x*y", tmp_path, name)
    assert str(caught.value).replace(str(tmp_path / name), "PATH").startswith(error)


def test_many_points_are_what_each_is_alone(tmp_path: Path) -> None:
    """More than are computed at once, of a graph with every kind of operation."""
    spec = "s = a*x - y/x; z = sigmoid(s)*tanh(s^2); p = log(exp(z) + exp(s)) + max(x, y)"
    numbers = np.random.default_rng(1).normal(size=(40_000, 3)).round(3)
    text = "x,y,a\n" + "".join(f"{x},{y},{a}\n" for x, y, a in numbers if x)
    rows, _ = table(text, spec, tmp_path)
    assert len(rows) == np.count_nonzero(numbers[:, 0])
    for row in (rows[0], rows[33_000], rows[-1]):
        exact = evaluated(spec_of(spec), (), (), at(x=row["x"], y=row["y"], a=row["a"]), digits=50)
        for name, value in exact.values.items():
            assert float(row[name]) == pytest.approx(float(value), rel=1e-12)
        for name in ("x", "y", "a"):
            assert math.isclose(float(row[f"dp/d{name}"]), float(exact.adjoints[0].values[name]), rel_tol=1e-11)


NO_NUMPY = """\
error[missing-package]: --points needs NumPy
  command line
  hint: pip install 'pathdiff-chainrule[arrays]'
"""


def test_without_numpy_there_are_no_tables(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    assert run("eval", "-e", "p = x", "--points", "points.csv") == Answer(2, "", NO_NUMPY)
