"""The gradient at a million points: generated NumPy code, beside autograd and torch on the same forward pass."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from pathdiff.code import Library, code
from pathdiff.program import program
from pathdiff.reader import read_spec

GRAPHS = Path(__file__).parents[2] / "graphs"
POINTS = 1_000_000
CASES = [("neuron", "L"), ("mlp2-sigmoid", "L"), ("lstm-cell", "h"), ("black-scholes", "C")]


def generated(name: str, of: str, library: Library, replaced: tuple[str, str] = ("", "")) -> Any:
    spec = read_spec((GRAPHS / f"{name}.yaml").read_text(encoding="utf-8"))
    text = code(program(spec, [of], spec.independents), spec.title, library)
    module = ModuleType("generated")
    exec(compile(text.replace(*replaced) if replaced[0] else text, "generated", "exec"), module.__dict__)
    return module


def points(name: str) -> dict[str, Any]:
    """A million points near that of the spec."""
    spec = read_spec((GRAPHS / f"{name}.yaml").read_text(encoding="utf-8"))
    import pathdiff

    at = pathdiff.Composite(spec).evaluate().values
    random = np.random.default_rng(0)
    return {name: float(at[name]) * (1 + 0.1 * random.random(POINTS)) for name in spec.independents}


@pytest.mark.parametrize(("name", "of"), CASES[:-1])  # autograd has erf with SciPy only
def test_beside_autograd(against: Any, name: str, of: str) -> None:
    autograd = pytest.importorskip("autograd", reason="autograd is not installed")
    ours, inputs = generated(name, of, "np"), points(name)
    line = "import numpy as np\nfrom numpy"
    theirs = generated(name, of, "np", (line, "import autograd.numpy as np\nfrom numpy"))
    names = [key for key in ours.forward_pass(inputs) if key in inputs]

    def total(*arrays: Any) -> Any:
        return autograd.numpy.sum(theirs.forward_pass(dict(zip(names, arrays, strict=True)))[of])

    theirs.np.asarray = lambda array, dtype=None: array  # autograd's values are arrays already
    gradient = autograd.grad(total, list(range(len(names))))
    arrays = [inputs[key] for key in names]
    mine = ours.backward_pass(ours.forward_pass(inputs))
    for key, peer in zip(names, gradient(*arrays), strict=True):
        np.testing.assert_allclose(np.broadcast_to(mine[key], POINTS), peer, rtol=1e-6, atol=1e-12)
    against(
        f"gradient of {name} at 10^6 points",
        lambda: ours.backward_pass(ours.forward_pass(inputs)),
        "autograd",
        lambda: gradient(*arrays),
        "1",
    )


@pytest.mark.parametrize(("name", "of"), CASES)
def test_beside_torch(against: Any, name: str, of: str) -> None:
    torch = pytest.importorskip("torch", reason="torch is not installed")
    ours, theirs, inputs = generated(name, of, "np"), generated(name, of, "torch"), points(name)
    tensors = {key: torch.tensor(value, requires_grad=True) for key, value in inputs.items()}

    def gradient() -> Any:
        return torch.autograd.grad(theirs.forward_pass(tensors)[of].sum(), [tensors[key] for key in theirs.INPUTS])

    mine = ours.backward_pass(ours.forward_pass(inputs))
    for key, peer in zip(theirs.INPUTS, gradient(), strict=True):
        np.testing.assert_allclose(np.broadcast_to(mine[key], POINTS), peer.numpy(), rtol=1e-6, atol=1e-12)
    against(
        f"gradient of {name} at 10^6 points",
        lambda: ours.backward_pass(ours.forward_pass(inputs)),
        "torch",
        gradient,
        "1",
    )
