"""Python functions and SymPy expressions as composite functions."""

from __future__ import annotations

import math
from collections.abc import Callable
from math import exp
from typing import Any

import numpy as np
import pytest
import sympy

import pathdiff
from pathdiff.diagnostics import InputError


def helper(t: Any) -> Any:
    return math.tanh(t) + exp(-t)


def neuron(x: Any, w: Any, b: Any) -> Any:
    s = w * x + b
    z = 1 / (1 + math.exp(-s))
    return z**2 - z


def ufuncs(x: Any, y: Any) -> Any:
    z = np.sin(x * y)
    w = np.maximum(z, 0.5) + np.arctan2(y, x) + np.float64(2) * z
    return w, z


def with_a_loop(x: Any) -> Any:
    total = 0
    for power in range(4):
        total += x**power / math.factorial(power)
    return total


def with_helpers(x: Any, y: Any) -> Any:
    h = helper(x) + max(x, y, 1) + abs(-y) + sum([x, y]) - math.log(y, 3) + math.fsum([x, y, 1])
    return {"first": h, "second": math.hypot(h, x)}


def shared(x: Any) -> Any:
    for _ in range(40):
        x = x * x + math.sin(x)
    return x


CASES: list[tuple[Callable[..., Any], str]] = [
    (neuron, "inputs: [x, w, b]\nnodes:\n  s: w*x + b\n  z: 1/(1 + exp(-s))\n  neuron: z**2 - z\n"),
    (
        ufuncs,
        "inputs: [x, y]\nnodes:\n  z: sin(x*y)\n  w: max(z, 0.5) + atan2(y, x) + 2*z\n  ufuncs_1: w\n  ufuncs_2: z\n",
    ),
    (with_a_loop, "inputs: [x]\nnodes:\n  total: x**0/1 + x**1/1 + x**2/2 + x**3/6\n"),
    (lambda x, y: x * np.pi + y, "inputs: [x, y]\nnodes:\n  p: x*pi + y\n"),
]


@pytest.mark.parametrize(("function", "text"), CASES)
def test_a_function_is_its_graph(function: Callable[..., Any], text: str) -> None:
    found = pathdiff.trace(function)
    assert found.yaml() == text
    assert pathdiff.loads(found.yaml()).spec == found.spec


@pytest.mark.parametrize("function", [neuron, ufuncs, with_a_loop, with_helpers])
def test_the_graph_has_the_values_of_the_function(function: Callable[..., Any]) -> None:
    found = pathdiff.trace(function)
    numbers = dict(zip(found.spec.inputs, (0.7, 1.3, -0.4), strict=False))
    values = found.evaluate({name: repr(value) for name, value in numbers.items()}, gradcheck=True)
    result = function(*numbers.values())
    results = result.values() if isinstance(result, dict) else result if isinstance(result, tuple) else [result]
    names = [*result] if isinstance(result, dict) else [*found.spec.nodes][-len(results) :]
    assert [float(values.values[name]) for name in names] == pytest.approx([float(each) for each in results], rel=1e-14)
    assert values.verdict == "agree"


def test_what_is_used_twice_is_one_node() -> None:
    assert len(pathdiff.trace(shared).yaml()) < 3000


def test_the_function_is_left_as_it_was() -> None:
    pathdiff.trace(with_helpers)
    assert with_helpers(1.0, 2.0)["first"] == pytest.approx(helper(1.0) + 2 + 2 + 3 - math.log(2.0, 3) + 4)


def branching(x: Any) -> Any:
    if x > 0:
        return x
    return -x


BRANCHING = """\
error[control-flow]: control flow depends on a value, and a value has no number while it is traced
  FILE:LINE:5
LINE |     if x > 0:
     |     ^^^^^^^^^
  hint: write it without if, while and comparisons: by max, min, abs, ..."""


def named_like_functions(x: Any) -> Any:
    exp = math.exp(x)
    sin = math.sin(exp)
    return {"log": math.log(sin), "p": sin * exp}


def test_a_name_that_is_also_the_function_is_no_abstract_node() -> None:
    found = pathdiff.trace(named_like_functions, at={"x": "0.5"})
    assert [node.name for node in found.spec.nodes.values() if node.abstract] == []
    value = math.sin(math.exp(0.5))
    assert float(found.evaluate().values["p"]) == pytest.approx(value * math.exp(0.5), rel=1e-15)
    assert float(found.evaluate().values["log"]) == pytest.approx(math.log(value), rel=1e-15)
    assert pathdiff.loads(found.yaml()).spec.nodes.keys() == found.spec.nodes.keys()
    mapped = pathdiff.from_sympy({"exp": sympy.exp(x)})
    assert mapped.yaml() == "inputs: [x]\nnodes:\n  exp: known_exp(x)\n"


@pytest.mark.parametrize(
    ("function", "text"),
    [
        (lambda x: x * math.fsum(i * 0.5 for i in range(4)), "x*3"),
        (lambda x: x * max(i for i in range(4)), "x*3"),
        (lambda x: min(x * i for i in range(1, 3)), "min(x*1, x*2)"),
        (lambda x: math.prod([x, x], start=3), "3*x*x"),
        (lambda x: max((x, 1), default=0), "max(x, 1)"),
        (lambda x: min([x]) * 2, "x*2"),
        (lambda x: math.hypot(x, 1, 2) + math.hypot(x), "hypot(hypot(x, 1), 2) + abs(x)"),
    ],
)
def test_calls_mean_what_python_means(function: Callable[..., Any], text: str) -> None:
    assert pathdiff.trace(function).yaml() == f"inputs: [x]\nnodes:\n  p: {text}\n"


class Model:
    weight = 2

    def loss(self, x: Any) -> Any:
        return math.exp(x) * self.weight


@pytest.mark.parametrize(
    ("function", "text"),
    [
        (lambda x: np.exp(np.array([x, 2 * x])).sum(), "exp(x) + exp(2*x)"),
        (lambda x: np.linalg.norm(np.array([x, 3])), "sqrt(x*x + 9)"),
        (lambda x: np.array([1, 2.5]) @ np.tanh([x, 1 - x]), "1*tanh(x) + 2.5*tanh(1 - x)"),
        (lambda x: np.sum([x, 1]) + np.mean([x, x]) + np.dot([x, 1], [2, 3]), "x + 1 + (x + x)/2 + (x*2 + 3)"),
        (lambda x: (np.array([x, 1]) ** 2 / np.float64(3)).prod() - x, "x**2/3*0.3333333333333333 - x"),
        (lambda x: math.e**x + math.tau * x, "exp(1)**x + 2*pi*x"),
        (lambda x: (f"{x:.3f} {x!r}", x + 1)[1], "x + 1"),
    ],
)
def test_arrays_and_constants_of_numpy_and_math(function: Callable[..., Any], text: str) -> None:
    assert pathdiff.trace(function).yaml() == f"inputs: [x]\nnodes:\n  p: {text}\n"


def test_an_array_is_as_many_results() -> None:
    found = pathdiff.trace(lambda x, y: np.exp([x, y]) / np.exp([x, y]).sum() * np.array([1, 2]))
    assert found.yaml() == (
        "inputs: [x, y]\nnodes:\n  v1: exp(x)\n  v2: exp(y)\n  v3: v1 + v2\n  p_1: v1/v3*1\n  p_2: v2/v3*2\n"
    )


def test_a_method_is_traced_without_its_self() -> None:
    assert pathdiff.trace(Model().loss).yaml() == "inputs: [x]\nnodes:\n  loss: exp(x)*2\n"


def catching(x: Any) -> Any:
    try:
        if x > 0:
            return x
    except Exception:  # noqa: BLE001
        pass
    return 2 * x


def test_control_flow_is_an_error_also_when_the_function_catches_it() -> None:
    with pytest.raises(InputError, match="control flow depends on a value"):
        pathdiff.trace(catching)


def test_control_flow_is_an_error_with_its_line() -> None:
    with pytest.raises(InputError) as caught:
        pathdiff.trace(branching)
    line = branching.__code__.co_firstlineno + 1
    expected = BRANCHING.replace("FILE:LINE", f"{__file__}:{line}").replace("LINE", f"{line:>4}")
    assert str(caught.value) == expected


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda x: int(x), "something asked for the number of a value"),
        (lambda x: max([x, 1], key=lambda value: 0), "`max` with a key cannot be traced"),
        (lambda x: math.floor(x), "`floor` is no function that pathdiff knows"),
        (lambda x: x + "1", "only real numbers and traced values can be computed with"),
        (lambda x: x * [1, 2], "only real numbers"),
        (lambda x: round(x) + x // 2, "rounding and remainders are no functions"),
        (lambda x: divmod(5, x)[0], "rounding and remainders are no functions"),
        (lambda x: pow(x, 2, 3), "rounding and remainders are no functions"),
        (lambda x: math.dist([x, 1], [0, 0]), "only real numbers"),
        (max, "only a function that is written in Python can be traced"),
        (3, "only a function that is written in Python can be traced"),
        (lambda x: x + math.inf, "only real numbers"),
        (lambda x: None, "the function returns something else"),
        (lambda *xs: xs[0], "`*xs` is no single value"),
        (math.sin, "only a function that is written in Python can be traced"),
    ],
)
def test_what_cannot_be_traced(function: Callable[..., Any], message: str) -> None:
    with pytest.raises(InputError) as caught:
        pathdiff.trace(function)
    assert message in str(caught.value)


def test_an_error_of_no_line_of_the_function_shows_who_asked() -> None:
    with pytest.raises(InputError) as caught:
        pathdiff.trace(lambda x: None)
    assert caught.value.diagnostics[0].source == __file__


def floored(x: Any) -> Any:
    return math.floor(x)


FLOORED = """\
error[not-traceable]: `floor` is no function that pathdiff knows
  FILE:LINE:5
LINE |     return math.floor(x)
     |     ^^^^^^^^^^^^^^^^^^^^
  hint: the README lists those that it knows"""


def test_a_function_that_pathdiff_lacks_is_shown_in_full() -> None:
    with pytest.raises(InputError) as caught:
        pathdiff.trace(floored)
    line = floored.__code__.co_firstlineno + 1
    expected = FLOORED.replace("FILE:LINE", f"{__file__}:{line}").replace("LINE", f"{line:>4}")
    assert str(caught.value) == expected


x, y = sympy.symbols("x y", real=True)


@pytest.mark.parametrize(
    "expression",
    [
        sympy.sin(x * y) + sympy.exp(x * y) / (1 + x**2),
        sympy.sqrt(x) * sympy.Rational(2, 3) - sympy.pi * y + sympy.E**x - sympy.Float("0.25"),
        sympy.Max(x, y, 1) + sympy.atan2(y, x) - sympy.Abs(x - 2) * sympy.erf(y),
        -x / y - (x - y) ** -2 + x**-y,
        y + sympy.log(x + sympy.tanh(x)) ** 2 + (x + sympy.tanh(x)) ** sympy.Rational(3, 2),
    ],
)
@pytest.mark.parametrize("cse", [True, False])
def test_sympy_says_the_same(expression: Any, cse: bool) -> None:
    found = pathdiff.from_sympy({"f": expression}, cse=cse, at={"x": "0.7", "y": "1.3"})
    point = {x: sympy.Rational(7, 10), y: sympy.Rational(13, 10)}
    values = found.evaluate()
    assert float(values.values["f"]) == pytest.approx(float(expression.subs(point)), rel=1e-14)
    for name in found.spec.inputs:
        wanted = sympy.diff(expression, sympy.Symbol(name, real=True)).subs(point)
        assert float(values.adjoints[0].values[name]) == pytest.approx(float(wanted), rel=1e-12)


def test_sympy_lists_and_names_that_clash() -> None:
    found = pathdiff.from_sympy([sympy.Symbol("p1") * x, sympy.Symbol("v1") + x], cse=True)
    assert (found.spec.inputs, list(found.spec.nodes)) == (("p1", "v1", "x"), ["p2", "p3"])


@pytest.mark.parametrize(
    ("expression", "name"),
    [
        (sympy.gamma(x), "gamma"),
        (sympy.Piecewise((x, x > 0), (0, True)), "Piecewise"),
        (sympy.Function("f")(x).diff(x), "Derivative"),
        (sympy.Sum(y, (y, 1, x)), "Sum"),
        (sympy.Lambda(x, x**2), "Lambda"),
        (x * sympy.I, "ImaginaryUnit"),
        (x < y, "StrictLessThan"),
    ],
)
def test_sympy_has_what_pathdiff_lacks(expression: Any, name: str) -> None:
    with pytest.raises(InputError, match=f"unknown-function.*`{name}` of SymPy"):
        pathdiff.from_sympy(expression)


def test_sympy_matrices_complements_and_small_numbers() -> None:
    found = pathdiff.from_sympy(sympy.Matrix([[sympy.erfc(x), sympy.Float("3e-400") * x]]))
    assert found.yaml() == "inputs: [x]\nnodes:\n  p1: 1 - erf(x)\n  p2: 3.0000000000000000e-400*x\n"
    assert pathdiff.from_sympy(2 * sympy.UnevaluatedExpr(x)).yaml() == "inputs: [x]\nnodes:\n  p: 2*x\n"


@pytest.mark.parametrize("told", [None, object(), [None]])
def test_what_is_nothing_of_sympy(told: Any) -> None:
    with pytest.raises(InputError, match="wrong-type"):
        pathdiff.from_sympy(told)


@pytest.mark.parametrize("told", ["x*y", ["x"], {"p": "x"}])
def test_text_is_not_handed_to_sympy_which_would_run_it(told: Any) -> None:
    with pytest.raises(InputError, match="text is no SymPy expression"):
        pathdiff.from_sympy(told)


def test_sympy_symbols_of_one_name_are_told_apart() -> None:
    with pytest.raises(InputError, match="two symbols with different assumptions are called `x`"):
        pathdiff.from_sympy(sympy.Symbol("x", positive=True) + sympy.Symbol("x"))


def test_sympy_doubles_keep_their_digits_and_the_step_its_value_at_0() -> None:
    number = 0.1 + 0.2
    found = pathdiff.from_sympy(sympy.Float(number) * sympy.Heaviside(x))
    assert found.yaml() == "inputs: [x]\nnodes:\n  p: 0.30000000000000004*heaviside(x)\n"
    with pytest.raises(InputError, match="heaviside"):
        pathdiff.from_sympy(sympy.Heaviside(x, 1))
