"""`pathdiff code`."""

from __future__ import annotations

from typing import Final

import click

from pathdiff.cli.answering import AGREED
from pathdiff.cli.options import refuse_unknown, shared, spec_and_point, write
from pathdiff.diagnostics import Diagnostic, InputError

_FORMATS = ("python",)
_LIBRARIES: Final = ("numpy", "torch", "jax")


@click.command("code")
@shared(_FORMATS)
@click.option("--to", "to", type=click.Choice(_LIBRARIES), default="numpy", help="The library; numpy by default.")
def generate(
    spec: str | None,
    text: str | None,
    of: tuple[str, ...],
    wrt: tuple[str, ...],
    at: tuple[str, ...],
    form: str | None,
    output: str | None,
    to: str,
) -> int:
    """Forward and backward pass as Python code.

    Without --wrt the derivatives are those with respect to all independent names. The code needs the library alone.
    """
    del form  # there is one
    from pathdiff.code import LIBRARIES, code
    from pathdiff.explain import questions
    from pathdiff.graph import computation_graph
    from pathdiff.program import program

    # the code is the same at every point, but what is no point is an error all the same
    read, point = spec_and_point(spec, text, at)
    refuse_unknown(read, of, wrt, point)
    graph = computation_graph(read)
    pairs = questions(read, graph, of, wrt or ["all"])
    names = tuple(dict.fromkeys(name for each in pairs.values() for name in each))
    if to != "numpy" and (inner := [name for name in names if name in read.nodes]):
        message = f"{to} differentiates with respect to inputs, and `{inner[0]}` is a node"
        raise InputError([Diagnostic("usage", message, "--wrt", hint="--to numpy has the derivatives of nodes too")])
    made = code(program(read, tuple(pairs), names, graph), read.title, LIBRARIES[to])
    write(output, lambda _: made)
    return AGREED
