"""`pathdiff code`."""

from __future__ import annotations

from typing import Final

import click

from pathdiff.cli.answering import AGREED
from pathdiff.cli.asked import Asked, shared
from pathdiff.cli.options import write
from pathdiff.diagnostics import Diagnostic, InputError

_FORMATS = ("python",)
_LIBRARIES: Final = ("numpy", "torch", "jax")


@click.command("code")
@shared(_FORMATS)
@click.option("--to", "to", type=click.Choice(_LIBRARIES), default="numpy", help="The library; numpy by default.")
def generate(
    asked: Asked,
    to: str,
) -> int:
    """Forward and backward pass as Python code.

    Without --wrt the derivatives are those with respect to all independent names. The code needs the library alone.
    """
    from pathdiff.code import LIBRARIES, code
    from pathdiff.explain import questions
    from pathdiff.graph import computation_graph
    from pathdiff.program import program

    spec, _ = asked.read()  # the code is the same at every point
    graph = computation_graph(spec)
    pairs = questions(spec, graph, asked.of, asked.wrt or ["all"])
    names = tuple(dict.fromkeys(name for each in pairs.values() for name in each))
    if to != "numpy" and (inner := [name for name in names if name in spec.nodes]):
        message = f"{to} differentiates with respect to inputs, and `{inner[0]}` is a node"
        raise InputError([Diagnostic("usage", message, "--wrt", hint="--to numpy has the derivatives of nodes too")])
    made = code(program(spec, tuple(pairs), names, graph), spec.title, LIBRARIES[to])
    write(asked.output, lambda _: made)
    return AGREED
