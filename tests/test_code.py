"""`pathdiff code`: the text, and what it computes beside numbers of fifty digits; torch and JAX where present."""

from __future__ import annotations

import ast
import importlib
import importlib.util
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from strategies import Drawn, specs

from pathdiff.code import Library, code
from pathdiff.diagnostics import InputError
from pathdiff.evaluation import evaluated
from pathdiff.graph import computation_graph
from pathdiff.program import program
from pathdiff.reader import read_constant, read_spec
from pathdiff.spec import Spec

GRAPHS = Path(__file__).parent.parent / "graphs"
LIBRARIES: tuple[Library, ...] = ("np", "torch", "jnp")

NEURON = '''\
"""One neuron: forward and backward pass, by pathdiff."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]


def _sigmoid(x: Array) -> Array:
    """1/(1 + exp(-x)), where nothing overflows and what is small keeps its digits."""
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1.0, e) / (1.0 + e)


def forward_pass(inputs: Mapping[str, ArrayLike]) -> dict[str, Array]:
    """The values of s, z, L.

    `inputs` has x, y, w: real scalars, angles in radians, as numbers or arrays. Their
    shapes broadcast; the shape of a value is that of what it depends on. The result has
    the inputs too.
    """
    x = np.asarray(inputs["x"], dtype=float)
    y = np.asarray(inputs["y"], dtype=float)
    w = np.asarray(inputs["w"], dtype=float)
    s = w * x
    z = _sigmoid(s)
    L = (z - y) ** 2
    return {"x": x, "y": y, "w": w, "s": s, "z": z, "L": L}


def backward_pass(
    values: Mapping[str, Array], L_bar: Array | float = 1.0
) -> dict[str, Array]:
    """The derivatives of L with respect to w.

    `values` is what `forward_pass` returns. `L_bar` is the adjoint of L that the sweep
    begins with. Each label dv_du is computed once, and multiplied once by an adjoint.
    The derivatives are those at each number of an array, none summed.
    """
    x = values["x"]
    y = values["y"]
    s = values["s"]
    z = values["z"]
    L_bar = np.broadcast_to(L_bar, values["L"].shape)
    dL_dz = 2 * (z - y)
    z_bar = L_bar * dL_dz
    dz_ds = z * _sigmoid(-s)
    s_bar = z_bar * dz_ds
    w_bar = s_bar * x
    return {"w": w_bar}
'''


def spec_of(text: str) -> Spec:
    return read_spec(text, inline="nodes" not in text)


def dependents(spec: Spec) -> list[str]:
    return [name for name, known in computation_graph(spec).nodes(data=True) if known["role"] == "dependent"]


def text_of(spec: Spec, library: Library = "np") -> str:
    return code(program(spec, dependents(spec), spec.independents), spec.title, library)


def module_of(spec: Spec, library: Library = "np") -> Any:
    """The code of all derivatives of a spec, run."""
    module = ModuleType("generated")
    exec(compile(text_of(spec, library), "generated", "exec"), module.__dict__)
    return module


def needed(library: Library) -> Any:
    """The library, or a skipped test."""
    return pytest.importorskip({"np": "numpy", "torch": "torch", "jnp": "jax"}[library], reason="it is not installed")


def concrete() -> list[Path]:
    found = []
    for path in sorted(GRAPHS.glob("*.yaml")):
        spec = read_spec(path.read_text(encoding="utf-8"))
        if spec.at and not any(node.abstract for node in spec.nodes.values()):
            found.append(path)
    return found


def test_the_code_of_a_neuron() -> None:
    spec = read_spec(
        "title: One neuron\ninputs: [x, y]\nparameters: [w]\nnodes: {s: w*x, z: sigmoid(s), L: (z - y)**2}\n"
    )
    assert code(program(spec, ["L"], ["w"]), spec.title, "np") == NEURON


def gradients(module: Any, library: Library, inputs: Mapping[str, float]) -> tuple[dict[str, float], dict[str, float]]:
    """The values, and the derivatives of the sum of all dependent nodes."""
    if library == "np":
        values = module.forward_pass(inputs)
        seeds = [1.0] * (module.backward_pass.__code__.co_argcount - 1)
        found = module.backward_pass(values, *seeds)
    elif library == "torch":
        torch = needed("torch")
        tensors = {name: torch.tensor(value, dtype=torch.float64, requires_grad=True) for name, value in inputs.items()}
        values = module.forward_pass(tensors)
        sum(module.evaluate(tensors).values()).backward()
        values = {name: value.detach() for name, value in values.items()}
        found = {name: tensors[name].grad for name in module.INPUTS}
    else:
        jax = needed("jnp")
        jax.config.update("jax_enable_x64", True)
        arrays = {name: jax.numpy.asarray(inputs[name], dtype=float) for name in module.INPUTS}
        values = module.forward_pass(arrays)
        found = jax.grad(lambda told: sum(module.evaluate(told).values()))(arrays)
    return {k: float(v) for k, v in values.items()}, {k: float(v) for k, v in found.items()}


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("path", concrete(), ids=lambda path: path.stem)
def test_code_computes_what_fifty_digits_say(path: Path, library: Library) -> None:
    needed(library)
    spec = read_spec(path.read_text(encoding="utf-8"))
    exact = evaluated(spec, dependents(spec), ["all"], digits=50)
    inputs = {name: float(exact.values[name]) for name in spec.independents}
    values, found = gradients(module_of(spec, library), library, inputs)
    for name in spec.nodes:
        assert values[name] == pytest.approx(float(exact.values[name]), rel=1e-12, abs=1e-300), name
    for name, value in found.items():
        wanted = sum(each.values[name] for each in exact.adjoints)
        assert value == pytest.approx(float(wanted), rel=1e-12, abs=1e-15), name


AWKWARD = {
    "keywords": "lambda = class*x; def_ = lambda + np; p = def_*inputs + None*forward_pass",
    "unicode": "σ₁ = sin(α₁*x₁); p = σ₁ + ñ′*α1",
    "clashes": "t1 = sin(x)*cos(x)/(1 + sin(x)*cos(x)); t1_1 = t1*t1; p = exp(t1_1) + dp_dt1; q = p_bar + p",
    "l O I": "l = O*I; E = l**2 - O",
    "only a name": "q = x; p = q*1; r = 2; s = sqrt(2)*pi",
    "nothing": "p = x - x; q = 0*y; r = 1**x",
    "long": "p = " + " + ".join(f"a{i}*sin(b{i})" for i in range(60)),
    "deep": "p = " + "sin(cos(" * 30 + "x" + "))" * 30,
    "wide": "p = sin(alpha_very_long_name_of_a_variable*beta_very_long_name_of_a_variable + gamma_very_long_name)",
    "product": "p = " + "*".join(f"x{i}" for i in range(40)),
    "kinks": "p = max(x, y, z) + relu(x) + abs(y) + min(x, 3) + hypot(x, 1) + atan2(y, 2) + sign(x)*heaviside(z)",
    "special": "p = erf(x) + gelu(x) + silu(y) + softplus(x*y) + cbrt(x) + acot(y) + sech(x) + csch(y) + log(1 + x**2)",
    "powers": "p = -x**2*y - (-x)**2/-y + x**-y + (x**2)**3 - -x**(1/2) + 2**0.5*x + x**2**y - (x - y)**-3",
    "quotients": "p = x/(y/z) - (x/y)/z + x*(y*z)/(x*y) - (x - (y - z)) + (x + (y + z)) - -(x*y)",
    "log-sum-exp": "p = log(exp(x) + exp(y) + exp(z)); q = exp(x)/(exp(x) + exp(y) + exp(z)); r = log((exp(x) + 2)/3)",
    "minus": "p = -(-x)**2 - -x*-y + -(-x*y) - -(-(x**0.5)) - (-2)*y; q = exp(-(-x*y)) - 1; r = x + y - --x",
    "towers": "p = 2**x**3 + x**y**-1*(x + 1)**(y**2) + x**1e-30 + x**-y**2",
    "two long pieces": "u = acosh(1 + x^2)*cosh(y)/sinh(y); p = atan2(u, acosh(2 + x*y)) + max(u, x)*min(y, u^2 + 1);"
    "q = atan2(sinh(x*y)*acosh(2 + y^2), acosh(2 + x)*u)*sin(x)/(u*acosh(3 + x)*sqrt(1 + x*y))",
    "wide letters": "变量变量变量变 = 变量一*变量二 + sin(变量一)*cos(变量二); 变量乙 = 变量变量变量变**2*变量三; "
    "变量丙 = 变量乙*变量三 + 变量一",
    "constants alone": "p = (2/3)*0.12345678*12345678/(0.7654321 + 1.7654321)*7; e = 1e-30; q = p*e; r = (2/3)*x; "
    "s = (2/3)*0.12345678*12345678/(0.7654321 + 1.7654321)*7 + 1e-30*x",
    "constants of functions": "p = x*gelu(2) + y*erf(1) + log(1 + exp(3))*x",
    "constants": "p = x*9**9**2 + 1/3*y + 0.1*x + 123456789012345678901234567890*y + log(2)/log(3)",
}
"""What names, numbers and shapes of expressions may go wrong."""


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("text", AWKWARD.values(), ids=AWKWARD)
def test_awkward_specs_are_computed_all_the_same(text: str, library: Library) -> None:
    needed(library)
    spec = spec_of(text)
    at = {name: f"{0.3 + 0.17 * place:.4f}" for place, name in enumerate(spec.independents)}
    exact = evaluated(spec, dependents(spec), ["all"], {name: read_constant(v, name) for name, v in at.items()})
    if library != "np" and not any(line.name for line in program(spec, dependents(spec), spec.independents).backward):
        return
    values, found = gradients(module_of(spec, library), library, {name: float(v) for name, v in at.items()})
    for name in spec.nodes:
        assert values[name] == pytest.approx(float(exact.values[name]), rel=1e-12)
    for name, value in found.items():
        wanted = sum(each.values[name] for each in exact.adjoints)
        assert value == pytest.approx(float(wanted), rel=1e-11, abs=1e-15), name


@pytest.mark.parametrize("library", LIBRARIES)
def test_a_constant_without_value_is_nan_and_no_error(library: Library) -> None:
    needed(library)
    values, found = gradients(module_of(spec_of("p = x*(1/(2 - 2))"), library), library, {"x": 1.0})
    assert np.isnan(values["p"])
    assert np.isnan(found["x"])


def test_whole_numbers_do_not_overflow_in_jax() -> None:
    needed("jnp")
    module = module_of(spec_of("p = x**40; q = x**-1"), "jnp")
    values = module.forward_pass({"x": 3})
    assert (float(values["p"]), float(values["q"])) == pytest.approx((3.0**40, 1 / 3), rel=1e-6)


@pytest.fixture(scope="session")
def ruff() -> str:
    path = shutil.which("ruff", path=str(Path(sys.executable).parent)) or shutil.which("ruff")
    if path is None:
        pytest.skip("ruff is not installed")
    return path


@pytest.mark.parametrize("library", LIBRARIES)
def test_code_is_formatted_as_ruff_would_and_passes_it(ruff: str, library: Library, tmp_path: Path) -> None:
    texts = {path.stem.replace("-", "_"): read_spec(path.read_text(encoding="utf-8")) for path in concrete()}
    texts |= {name.replace(" ", "_").replace("-", "_"): spec_of(text) for name, text in AWKWARD.items()}
    for name, spec in texts.items():
        (tmp_path / f"{name}.py").write_text(text_of(spec, library), encoding="utf-8")
    for command in (["check"], ["format", "--diff"]):
        done = subprocess.run(
            [ruff, *command, "--isolated", "--no-cache", "."], cwd=tmp_path, capture_output=True, encoding="utf-8"
        )
        assert done.returncode == 0, done.stdout + done.stderr


@settings(max_examples=40)
@given(specs(abstract=False, tame=False))
def test_code_of_any_graph_passes_ruff(ruff: str, drawn: Drawn) -> None:
    spec = read_spec(drawn.yaml())
    with TemporaryDirectory() as folder:
        for library in LIBRARIES:
            (Path(folder) / f"{library}_.py").write_text(text_of(spec, library), encoding="utf-8")
        for command in (["check"], ["format", "--diff"]):
            told = [ruff, *command, "--isolated", "--no-cache", "."]
            done = subprocess.run(told, cwd=folder, capture_output=True, encoding="utf-8")
            assert done.returncode == 0, done.stdout + done.stderr


@settings(max_examples=60)
@given(specs(abstract=False))
def test_code_of_any_graph_computes_its_derivatives(drawn: Drawn) -> None:
    spec = read_spec(drawn.yaml())
    at = {name: read_constant(f"{0.4 + 0.3 * i:.1f}", name) for i, name in enumerate(spec.independents)}
    try:
        exact = evaluated(spec, dependents(spec), ["all"], at)
    except InputError:
        return
    inputs = {name: float(exact.values[name]) for name in spec.independents}
    _, found = gradients(module_of(spec), "np", inputs)
    scale = 1 + sum(abs(float(value)) for each in exact.adjoints for value in each.values.values())
    for name, value in found.items():
        wanted = sum(each.values[name] for each in exact.adjoints)
        assert value == pytest.approx(float(wanted), rel=1e-9, abs=1e-12 * scale)


STEEP = ["sigmoid(x)", "softplus(x)", "log(exp(x) + exp(-x))", "1/(1 + exp(-x))", "tanh(x)", "log(1 + exp(x))",
         "silu(x)", "exp(x)/(exp(x) + 1)", "log(3*exp(x))", "exp(x)*exp(-x)*x", "x*exp(x)/(2*exp(x))"]  # fmt: skip


@pytest.mark.parametrize("function", STEEP)
@pytest.mark.parametrize("library", LIBRARIES)
def test_nothing_overflows_at_a_thousand(function: str, library: Library) -> None:
    needed(library)
    spec = spec_of(f"p = {function}")
    module = module_of(spec, library)
    for x in (-1000.0, 1000.0):
        exact = evaluated(spec, ["p"], ["x"], {"x": read_constant(str(x), "x")})
        with np.errstate(all="raise", under="ignore"):
            values, found = gradients(module, library, {"x": x})
        assert values["p"] == pytest.approx(float(exact.values["p"]), rel=1e-12)
        assert found["x"] == pytest.approx(float(exact.adjoints[0].values["x"]), rel=1e-12)


FLAT = ["x^2/(1 + x^2)", "x/sqrt(1 + x^2)", "x/(1 + abs(x))", "(x - y)/(x + y)", "(2*x + 3)/(4*x + 5)",
        "x^4/(1 + x^4)", "log(1 + x^2)/(1 + log(1 + x^2))", "x/(y + x)/(3 + x)", "exp(x/(1 + x))", "x*y/(x + y)",
        "relu(x)/(1 + relu(x))", "1 + tanh(-x)", "1 - erf(x/200)", "(1 - tanh(x/99))/2", "1 - sigmoid(x/9)",
        "cos(1/x) - 1", "cosh(1/x) - 1"]  # fmt: skip


@pytest.mark.parametrize("function", FLAT)
@pytest.mark.parametrize("library", LIBRARIES)
def test_nothing_cancels_where_a_function_is_flat(function: str, library: Library) -> None:
    needed(library)
    spec = spec_of(f"p = {function}")
    module = module_of(spec, library)
    for x in ("0.25", "17", "1000"):
        told = {"x": x, "y": "0.7"}
        at = {name: read_constant(told[name], name) for name in spec.independents}
        exact = evaluated(spec, ["p"], ["all"], at, digits=50)
        values, found = gradients(module, library, {name: float(told[name]) for name in at})
        for number, wanted in [
            (values["p"], exact.values["p"]),
            *((found[n], exact.adjoints[0].values[n]) for n in at),
        ]:
            assert number == pytest.approx(float(wanted), rel=1e-12, abs=1e-300), x


def test_a_node_beyond_a_double_is_infinite_and_derivatives_through_it_are_nan() -> None:
    module = module_of(spec_of("u = exp(a); v = exp(b); s = u + v; p = log(s)"))
    with np.errstate(all="ignore"):
        values = module.forward_pass({"a": 1000.0, "b": 0.0})
        found = module.backward_pass(values)
    assert (values["u"], values["p"]) == (np.inf, np.inf)
    assert np.isnan(found["a"])


@pytest.mark.parametrize("library", LIBRARIES)
def test_arrays_broadcast_and_nothing_is_summed(library: Library) -> None:
    xp = {"np": np, "torch": needed(library), "jnp": getattr(needed(library), "numpy", None)}[library]
    module = module_of(spec_of("s = w*x; p = s + 3*b; q = b - b"), library)
    inputs = {"x": np.ones((3, 1)), "w": np.array([1.0, 2.0]), "b": np.array(0.5)}
    values = module.forward_pass({name: xp.asarray(each) for name, each in inputs.items()})
    assert values["p"].shape == (3, 2)
    found = module.backward_pass(values, 1.0, 0.0)
    assert {name: tuple(each.shape) for name, each in found.items()} == dict.fromkeys("wxb", (3, 2))
    assert float(found["b"].sum()) == 18


def test_adjoints_given_as_whole_numbers_are_doubles_that_can_be_written_to() -> None:
    module = module_of(spec_of("p = 1*x; p2 = p"))
    found = module.backward_pass(module.forward_pass({"x": [1, 2]}), 1)
    assert found["x"].dtype == float
    found["x"] *= 2
    assert found["x"].tolist() == [2.0, 2.0]


SMOOTH = ["exp(x)*sin(y)", "sigmoid(x*y)", "log(exp(x) + exp(y))", "tanh(x)/cosh(y)", "softplus(x) + erf(y)", "x**3*y",
          "sqrt(1 + x**2)*atan(y)", "silu(x)*gelu(y)", "hypot(x, 2) + atan2(y, x)"]  # fmt: skip


@pytest.mark.parametrize("text", SMOOTH)
def test_torch_checks_the_gradients_of_smooth_functions(text: str) -> None:
    torch = needed("torch")
    module = module_of(spec_of(f"z = {text}; p = z**2 + x*z; q = sin(z)*y"), "torch")
    inputs = [torch.tensor([0.7, -0.4], dtype=torch.float64, requires_grad=True),
              torch.tensor([[0.5], [1.5], [-0.8]], dtype=torch.float64, requires_grad=True)]  # fmt: skip
    assert torch.autograd.gradcheck(module.Graph.apply, inputs)
    assert torch.autograd.gradgradcheck(module.Graph.apply, inputs)


@pytest.mark.parametrize("path", concrete(), ids=lambda path: path.stem)
def test_torch_checks_the_gradients_of_the_graphs(path: Path) -> None:
    torch = needed("torch")
    spec = read_spec(path.read_text(encoding="utf-8"))
    exact = evaluated(spec)
    module = module_of(spec, "torch")
    values = (float(exact.values[name]) for name in module.INPUTS)
    inputs = [torch.tensor([value, value + 0.01], dtype=torch.float64, requires_grad=True) for value in values]
    assert torch.autograd.gradcheck(module.Graph.apply, inputs)
    assert torch.autograd.gradgradcheck(module.Graph.apply, inputs)


@pytest.mark.parametrize("text", SMOOTH)
def test_jax_checks_the_gradients_of_smooth_functions(text: str) -> None:
    jax = needed("jnp")
    jax.config.update("jax_enable_x64", True)
    test_util = importlib.import_module("jax.test_util")
    module = module_of(spec_of(f"z = {text}; p = z**2 + x*z; q = sin(z)*y"), "jnp")
    inputs = {"x": jax.numpy.asarray([0.7, -0.4]), "y": jax.numpy.asarray([[0.5], [1.5], [-0.8]])}
    test_util.check_grads(module.evaluate, (inputs,), order=2, modes=["rev"])


def test_the_size_of_the_code_is_linear() -> None:
    """A ladder with 2^n paths, and a product of n factors with n partials."""

    def size(text: str) -> int:
        return len(text_of(spec_of(text)))

    def ladder(n: int) -> str:
        return "; ".join(["a0 = sin(x)", *(f"a{i + 1} = sin(a{i})*cos(a{i}) + a{i}" for i in range(n))])

    def product(n: int) -> str:
        return "p = " + "*".join(f"sin(x{i})" for i in range(n))

    for text in (ladder, product):
        assert size(text(200)) < 2.3 * size(text(100))


def run(*told: str) -> tuple[int, str, str]:
    done = subprocess.run([sys.executable, "-m", "pathdiff", *told], capture_output=True, encoding="utf-8", check=False)
    return done.returncode, done.stdout, done.stderr


def test_the_command_writes_a_module(tmp_path: Path) -> None:
    target = tmp_path / "neuron.py"
    assert run("code", "-e", "s = w*x; z = sigmoid(s)", "--wrt", "w", "-o", str(target)) == (0, "", "")
    loaded = importlib.util.spec_from_file_location("neuron", target)
    assert loaded is not None
    assert loaded.loader is not None
    module = importlib.util.module_from_spec(loaded)
    loaded.loader.exec_module(module)
    values = module.forward_pass({"x": 2.0, "w": 0.0})
    assert {name: float(value) for name, value in module.backward_pass(values).items()} == {"w": 0.5}


def test_the_title_is_data() -> None:
    spec = read_spec('title: a """ + __import__("os").abort() + """ \\n \\\nnodes: {p: x}\n')
    text = text_of(spec)
    assert ast.parse(text).body[0].value.value == (  # type: ignore[attr-defined]
        "a ''' + __import__('os').abort() + ''' \\n \\: forward and backward pass, by pathdiff."
    )


def test_an_abstract_node_has_no_code() -> None:
    status, out, err = run("code", str(GRAPHS / "neuron-loss.yaml"))
    assert (status, out) == (2, "")
    assert err.startswith("error[no-value]: `L` is abstract, so it has no value\n")


def test_torch_has_no_derivative_with_respect_to_a_node() -> None:
    status, _, err = run("code", "-e", "z = x*y; p = z^2", "--wrt", "z", "--to", "torch")
    assert status == 2
    assert err.startswith("error[usage]: torch differentiates with respect to inputs, and `z` is a node\n")


@pytest.mark.parametrize(
    "text",
    [
        "p = " + " + ".join(f"x/({i} + x)" for i in range(1, 60)),
        "p = x/(" + ")/(".join(f"{i} + x" for i in range(1, 30)) + ")",
        "p = x^2/(" + " + ".join(f"x{i}*x" for i in range(1, 30)) + " + x)^2",
        "p = (x + y + x*y)^2*(x + 2)/((x + y + x*y)^2 + (x + 2)^2 + x*(y + 3))^2",
    ],
)
def test_many_denominators_lose_no_term(text: str) -> None:
    """What would be too much to multiply out stays as it is."""
    spec = spec_of(text)
    at = {name: f"{0.3 + place / 8}" for place, name in enumerate(spec.independents)}
    exact = evaluated(spec, ["p"], ["all"], {name: read_constant(v, name) for name, v in at.items()})
    _, found = gradients(module_of(spec), "np", {name: float(v) for name, v in at.items()})
    for name, value in found.items():
        assert value == pytest.approx(float(exact.adjoints[0].values[name]), rel=1e-11), name
