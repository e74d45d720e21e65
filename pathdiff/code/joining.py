"""What makes the two passes one function that torch or JAX differentiates, as text."""

from __future__ import annotations

import json
from collections.abc import Sequence

from pathdiff.code.writing import Library, bracketed
from pathdiff.program import Program

_TORCH = '''\
class Graph(torch.autograd.Function):
    """Both passes as one function that torch differentiates, as often as asked."""

    @staticmethod
    def forward(ctx: Any, *inputs: Tensor) -> tuple[Tensor, ...]:
        values = forward_pass(dict(zip(INPUTS, inputs, strict=True)))
        ctx.names = list(values)
        ctx.save_for_backward(*values.values())
        return tuple(values[name] for name in OUTPUTS)

    @staticmethod
    def backward(ctx: Any, *adjoints: Tensor) -> tuple[Tensor | None, ...]:
        values = dict(zip(ctx.names, ctx.saved_tensors, strict=True))
        if torch.is_grad_enabled():  # to be differentiated again, down to the inputs
            values = forward_pass({name: values[name] for name in INPUTS})
        found = backward_pass(values, *adjoints)
        return tuple(
            found[name].sum_to_size(values[name].shape) if name in found else None
            for name in INPUTS
        )'''

_TORCH_EVALUATE = '''\
def evaluate(inputs: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The nodes of OUTPUTS; torch takes their derivatives from `backward_pass`."""
    found = Graph.apply(*(inputs[name] for name in INPUTS))
    return dict(zip(OUTPUTS, found, strict=True))'''

_JAX_EVALUATE = '''\
@jax.custom_vjp
def evaluate(inputs: dict[str, Array]) -> dict[str, Array]:
    """The nodes of OUTPUTS; JAX takes their derivatives from `backward_pass`.

    `inputs` has an array for each of INPUTS. JAX computes with 32 bits, unless
    jax.config.update("jax_enable_x64", True) was called before.
    """
    return _forward(inputs)[0]'''

_JAX = (
    '''\
def _forward(inputs: dict[str, Array]) -> tuple[dict[str, Array], dict[str, Array]]:
    """The outputs, and the values that the backward pass needs."""
    values = forward_pass(inputs)
    return {name: values[name] for name in OUTPUTS}, values''',
    '''\
def _backward(
    values: dict[str, Array], adjoints: dict[str, Array]
) -> tuple[dict[str, Array]]:
    """The derivatives, each in the shape of its input."""
    found = backward_pass(values, *(adjoints[name] for name in OUTPUTS))
    return ({name: _sum_to(found.get(name, 0.0), values[name]) for name in INPUTS},)''',
    '''\
def _sum_to(derivative: Array | float, like: Array) -> Array:
    """A derivative summed over the axes along which an input was repeated."""
    derivative = jnp.broadcast_to(
        derivative, jnp.broadcast_shapes(jnp.shape(derivative), like.shape)
    )
    more = derivative.ndim - like.ndim
    axes = [axis + more for axis, size in enumerate(like.shape) if size == 1]
    return derivative.sum(axis=(*range(more), *axes)).reshape(like.shape)


evaluate.defvjp(_forward, _backward)''',
)


def joining(program: Program, library: Library) -> tuple[list[str], list[str]]:
    """The lines of the names of inputs and outputs, and the functions below the two passes; nothing for NumPy."""
    if library == "np":
        return [], []
    constants = [*_names("INPUTS", program.inputs), *_names("OUTPUTS", program.of)]
    return constants, [_TORCH, _TORCH_EVALUATE] if library == "torch" else [_JAX_EVALUATE, *_JAX]


def _names(variable: str, names: Sequence[str]) -> list[str]:
    items = [json.dumps(name, ensure_ascii=False) for name in names]
    if len(items) == 1:
        return [f"{variable} = ({items[0]},)"]
    return bracketed(f"{variable} = (", items, ")")
