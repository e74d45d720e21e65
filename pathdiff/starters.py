"""Starter specs: a neuron, a network, a chain and others, as text that explains itself by its comments."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from textwrap import fill
from typing import Final

from pathdiff.diagnostics import Diagnostic, InputError

ACTIVATIONS: Final = ("sigmoid", "tanh", "relu", "softplus", "silu", "gelu", "identity")
LOSSES: Final = ("squared", "absolute", "cross-entropy")
MOST_PARAMETERS: Final = 100_000
"""A starter spec has no more weights and biases, ..."""
MOST_LENGTH: Final = 10_000
"""... factors, links or steps than these."""
WIDTH: Final = 100


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the spec is to have."""

    widths: tuple[int, ...] = ()
    """Of the layers, inputs first."""
    activation: str | None = None
    """Sigmoid when not told."""
    loss: str | None = None
    """The squared distance when not told."""
    length: int | None = None
    """How many factors, links or steps."""


@dataclass(frozen=True, slots=True)
class _Spec:
    """The parts of a spec as text, in order."""

    about: str
    title: str
    inputs: Sequence[str]
    parameters: Sequence[str]
    nodes: Sequence[tuple[str, str, str]]
    """Name, expression, and what is said of it."""
    derive: str
    at: Sequence[tuple[str, float]] = ()


def starter(kind: str, wanted: Wanted) -> str:
    """The text of a spec of this kind. Raises InputError for widths or a length that it cannot have.

    >>> print(starter("product", Wanted(length=3)).split("nodes:")[1].splitlines()[1])
      p: x1*x2*x3
    """
    _refuse_foreign(kind, wanted)
    return _text(KINDS[kind](wanted))


_OPTIONS: Final = {
    "neuron": ("widths", "activation", "loss"),
    "mlp": ("widths", "activation", "loss"),
    "chain": ("length",),
    "product": ("length",),
    "lstm": ("length",),
}
"""What each kind lets be wanted."""


def _refuse_foreign(kind: str, wanted: Wanted) -> None:
    known = _OPTIONS.get(kind, ())
    for option in ("widths", "activation", "loss", "length"):
        if getattr(wanted, option) and option not in known:
            kinds = ", ".join(name for name, options in _OPTIONS.items() if option in options)
            hint = f"`{kind}` takes " + (", ".join(f"--{name}" for name in known) or "no option but -o")
            raise _wrong(f"--{option}", f"--{option} is for {kinds}", hint)


def _text(spec: _Spec) -> str:
    lines = [fill(spec.about, WIDTH, initial_indent="# ", subsequent_indent="# "), f"title: {spec.title}"]
    lines.append(f"inputs: {_listed(spec.inputs)}")
    if spec.parameters:
        lines.append(f"parameters: {_listed(spec.parameters)}    # trained rather than fed")
    lines.append("nodes:")
    lines += [f"  {name}: {text}" + (f"    # {about}" if about else "") for name, text, about in spec.nodes]
    lines.append(f"derive: {spec.derive}    # what is derived when nothing else is asked for: --of, --wrt")
    if spec.at:
        lines.append("at:    # a point, for numbers: try `pathdiff eval`; --at changes single values")
        lines += [f"  {name}: {value:g}" for name, value in spec.at]
    return "\n".join(lines) + "\n"


def _listed(names: Iterable[str]) -> str:
    return f"[{', '.join(names)}]"


def _wrong(option: str, message: str, hint: str) -> InputError:
    return InputError([Diagnostic("usage", message, option, hint=hint)])


def _length(wanted: Wanted, default: int) -> int:
    length = default if wanted.length is None else wanted.length
    if not 1 <= length <= MOST_LENGTH:
        raise _wrong("--length", f"a length is from 1 to {MOST_LENGTH:,}", f"--length {default}")
    return length


def _number(place: int) -> float:
    """A number for a weight: small, and not the same as others'."""
    return round(0.9 * math.sin(1 + 2.4 * place), 2) or 0.1


def _numbers(names: Sequence[str], start: int = 0) -> list[tuple[str, float]]:
    return [(name, _number(start + place)) for place, name in enumerate(names)]


def _activated(activation: str, argument: str) -> str:
    return argument if activation == "identity" else f"{activation}({argument})"


def _loss(loss: str, output: str, target: str) -> tuple[str, str]:
    """The loss of an output, and what is said of it; cross-entropy takes the output before its sigmoid."""
    if loss == "cross-entropy":
        return f"softplus({output}) - {target}*{output}", "-y ln(p) - (1 - y) ln(1 - p), in a form that never overflows"
    if loss == "absolute":
        return f"abs({output} - {target})", "has a kink where the output is the target"
    return f"({output} - {target})**2", "the squared distance from the target"


def _neuron(wanted: Wanted) -> _Spec:
    widths = wanted.widths or (2,)
    if len(widths) > 2 or widths[1:] not in ((), (1,)):
        raise _wrong("--widths", "a neuron has some inputs and one output", "--widths 2, or `pathdiff new mlp`")
    inputs = [f"x{i + 1}" for i in range(widths[0])]
    weights = [f"w{i + 1}" for i in range(widths[0])]
    _refuse_many(len(weights) + 1)
    summed = " + ".join(["w0", *(f"{w}*{x}" for w, x in zip(weights, inputs, strict=True))])
    nodes = [("s", summed, "a linear combination of the inputs; w0 is the bias")]
    loss, activation = wanted.loss or "squared", wanted.activation or "sigmoid"
    entropy = loss == "cross-entropy"
    if entropy and activation != "sigmoid":
        message, hint = "the cross-entropy of one neuron is that of its sigmoid", "leave --activation out"
        raise _wrong("--activation", message, hint)
    nodes.append(("z", _activated(activation, "s"), "the prediction" + " of the probability that y is 1" * entropy))
    nodes.append(("L", *_loss(loss, "s" if entropy else "z", "y")))
    parameters = ["w0", *weights]
    about = (
        f"One neuron: it weighs its {len(inputs)} inputs, adds a bias and activates the sum; the loss L compares "
        "the prediction z with the target y. One path leads from L to each weight, since each is used once: "
        "`pathdiff explain` shows it, `pathdiff train` follows it downhill."
    )
    at = [*_numbers(inputs, 3), ("y", 1), *_numbers(parameters)]
    return _Spec(about, "One neuron", [*inputs, "y"], parameters, nodes, f"{{L: {_listed(parameters)}}}", at)


def _refuse_many(parameters: int) -> None:
    if parameters > MOST_PARAMETERS:
        message = f"that would be {parameters:,} parameters, and a starter spec has {MOST_PARAMETERS:,} at most"
        raise _wrong("--widths", message, "--widths 2,3,2,1")


def _mlp(wanted: Wanted) -> _Spec:
    widths = wanted.widths or (2, 3, 1)
    if len(widths) < 2 or widths[-1] != 1:
        raise _wrong("--widths", "a network has two layers or more, the last of them one output", "--widths 2,3,2,1")
    _refuse_many(sum((below + 1) * width for below, width in pairwise(widths)))
    loss, activation = wanted.loss or "squared", wanted.activation or "sigmoid"
    below = inputs = [f"x{i + 1}" for i in range(widths[0])]
    nodes: list[tuple[str, str, str]] = []
    parameters: list[str] = []
    for layer, width in enumerate(widths[1:], 1):
        last = layer == len(widths) - 1
        names = ["s"] if last else [f"h{layer}_{unit + 1}" for unit in range(width)]
        for unit, name in enumerate(names, 1):
            weights = [f"w{layer}_{unit}_{i + 1}" for i in range(len(below))]
            summed = " + ".join([f"b{layer}_{unit}", *(f"{w}*{x}" for w, x in zip(weights, below, strict=True))])
            about = "the output layer is linear" if last else f"hidden layer {layer}" if unit == 1 else ""
            nodes.append((name, summed if last else _activated(activation, summed), about))
            parameters += [f"b{layer}_{unit}", *weights]
        below = names
    if loss == "cross-entropy":
        nodes.append(("p", "sigmoid(s)", "the probability that y is 1"))
    nodes.append(("L", *_loss(loss, "s", "y")))
    first = parameters[: widths[0] + 1]
    about = (
        f"A network with layers of {', '.join(map(str, widths))}. A weight w2_1_3 leads in layer 2 to unit 1 from "
        "unit 3 of the layer below, and b2_1 is a bias. The deeper a weight lies, the more paths lead to it from "
        "L; reverse mode walks them together. `--wrt all` gives the whole gradient."
    )
    at = [*_numbers(inputs, 3), ("y", 1), *_numbers(parameters)]
    return _Spec(about, "A multilayer perceptron", [*inputs, "y"], parameters, nodes, f"{{L: {_listed(first)}}}", at)


def _chain(wanted: Wanted) -> _Spec:
    length = _length(wanted, 3)
    names = [*(f"z{i + 1}" for i in range(length - 1)), "p"]
    below = ["x", *names]
    nodes = [(name, f"{name}({used})", "") for name, used in zip(names, below, strict=False)]
    nodes[0] = (*nodes[0][:2], "abstract: known by its argument alone, so its derivative stays a symbol")
    about = (
        f"A chain of {length} abstract functions, one inside the other: one path, whose product is the chain "
        "rule. Write an expression in the place of one, say `z1: sin(x)`, and its derivative is no longer a "
        "symbol."
    )
    return _Spec(about, "A chain of functions", ["x"], [], nodes, "{p: [x]}")


def _product(wanted: Wanted) -> _Spec:
    length = _length(wanted, 4)
    inputs = [f"x{i + 1}" for i in range(length)]
    about = (
        "Speelpenning's product (1980): each derivative is the product of all other factors. In one node the "
        "labels say so; `--elementary` splits it into products of two, and reverse mode shares what the "
        "derivatives have in common."
    )
    nodes = [("p", "*".join(inputs), "")]
    at = [(name, 1 + place % 4) for place, name in enumerate(inputs)]
    return _Spec(about, "Speelpenning's product", inputs, [], nodes, f"{{p: {_listed(inputs[:1])}}}", at)


def _lecture(_: Wanted) -> _Spec:
    about = (
        "The network of the lecture: two hidden layers of two, every node abstract. Four paths lead from p to "
        "x1, and the derivative has four terms of three factors; reverse mode takes the common ones out. What "
        "the nodes compute plays no part in that: give them expressions, and the labels are written out."
    )
    nodes = [
        ("z1", "z1(x1, x2)", "the first hidden layer"),
        ("z2", "z2(x1, x2)", ""),
        ("h1", "h1(z1, z2)", "the second hidden layer"),
        ("h2", "h2(z1, z2)", ""),
        ("p", "p(h1, h2)", "the output"),
    ]
    return _Spec(about, "An MLP with two hidden layers", ["x1", "x2"], [], nodes, "{p: [x1, x2]}")


def _lstm(wanted: Wanted) -> _Spec:
    steps = _length(wanted, 1)
    gates = {"i": "the input gate", "f": "the forget gate", "g": "the candidate", "o": "the output gate"}
    nodes: list[tuple[str, str, str]] = []
    for step in range(1, steps + 1):
        end, before = (f"_{step}", f"_{step - 1}")
        for gate, said in gates.items():
            summed = f"w_{gate}*x{end} + u_{gate}*h{before} + b_{gate}"
            nodes.append((gate + end, f"{'tanh' if gate == 'g' else 'sigmoid'}({summed})", said * (step == 1)))
        kept = "what is kept of the old state, and what is let in" * (step == 1)
        nodes.append((f"c{end}", f"f{end}*c{before} + i{end}*g{end}", kept))
        nodes.append((f"h{end}", f"o{end}*tanh(c{end})", "what is let out" * (step == 1)))
    parameters = [f"{kind}_{gate}" for gate in gates for kind in "wub"]
    inputs = [*(f"x_{step}" for step in range(1, steps + 1)), "h_0", "c_0"]
    about = (
        "An LSTM cell with one unit (Hochreiter and Schmidhuber 1997; the forget gate by Gers, Schmidhuber and "
        f"Cummins 2000), {steps} step{'s' * (steps > 1)}. The label of the edge from c_1 to c_0 is the forget "
        "gate itself: while it stays near 1 the gradient survives many steps."
    )
    derive = f"{{h_{steps}: [c_0, w_f]}}"
    at = [*_numbers(inputs, 3), *_numbers(parameters)]
    return _Spec(about, "An LSTM cell", inputs, parameters, nodes, derive, at)


KINDS: Final[dict[str, Callable[[Wanted], _Spec]]] = {
    "neuron": _neuron,
    "mlp": _mlp,
    "chain": _chain,
    "product": _product,
    "lecture": _lecture,
    "lstm": _lstm,
}
"""What may be asked for."""
