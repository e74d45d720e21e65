"""`pathdiff new`."""

from __future__ import annotations

from pathlib import Path

import click

from pathdiff.cli.answering import AGREED
from pathdiff.cli.options import output_option, whole, write
from pathdiff.starters import ACTIVATIONS, KINDS, LOSSES, Wanted, starter


def _widths(context: click.Context, parameter: click.Parameter, told: str | None) -> tuple[int, ...]:
    """Widths of layers, 2,3,1."""
    read = whole(1)
    found = [read(context, parameter, piece) for piece in told.split(",")] if told is not None else []
    return tuple(width for width in found if width is not None)


@click.command()
@click.argument("kind", type=click.Choice(list(KINDS)))
@click.option("--widths", callback=_widths, metavar="N,N,...", help="Of the layers of neuron and mlp: inputs first.")
@click.option("--activation", type=click.Choice(ACTIVATIONS), help="Of neuron and mlp; sigmoid when not told.")
@click.option("--loss", type=click.Choice(LOSSES), help="Of neuron and mlp; squared when not told.")
@click.option("--length", callback=whole(1), metavar="N", help="Of chain and product; the steps of lstm.")
@output_option
def new(
    kind: str,
    widths: tuple[int, ...],
    activation: str | None,
    loss: str | None,
    length: int | None,
    output: str | None,
) -> int:
    """Write a starter spec, which explains itself by comments.

    KIND is neuron, mlp, chain, product, lecture or lstm.
    """
    if output is not None:
        from pathdiff.files import refuse_output

        refuse_output(Path(output))
    text = starter(kind, Wanted(widths, activation, loss, length))
    write(output, lambda _: text)
    return AGREED
