"""`pathdiff train`."""

from __future__ import annotations

import math
from pathlib import Path

import click

from pathdiff.cli.answering import AGREED
from pathdiff.cli.asked import Asked, shared
from pathdiff.cli.eval import require_numpy
from pathdiff.cli.options import telling, whole, write
from pathdiff.diagnostics import printable

_FORMATS = ("text", "json")


def _rate(context: click.Context, parameter: click.Parameter, told: str) -> float:
    """A positive number."""
    try:
        rate = float(told)
    except ValueError:
        rate = math.nan
    if not 0 < rate < math.inf:
        raise click.BadParameter(f"`{told}` is not a finite number above 0", context, parameter)
    return rate


@click.command()
@shared(_FORMATS)
@click.option("--data", metavar="FILE", help="Points to train on: CSV or JSON, - is CSV on standard input.")
@click.option("--lr", "rate", callback=_rate, default="0.1", metavar="RATE", help="The learning rate; 0.1 by default.")
@click.option("--steps", callback=whole(1), default="1000", metavar="N", help="How many steps; 1000 by default.")
def train(
    asked: Asked,
    data: str | None,
    rate: float,
    steps: int,
) -> int:
    """Train the parameters by gradient descent.

    Makes the mean of --of over the data small, from the point on. With -o the spec with the trained parameters is
    written to a file.
    """
    if asked.output is not None and Path(asked.output).suffix.lower() == ".json":
        raise click.UsageError("-o writes a spec, which is YAML: --format json is for standard output")
    require_numpy("train")
    from pathdiff.training import trained
    from pathdiff.writing import spec_yaml

    spec, point = asked.read()
    with telling() as tell:
        found = trained(spec, asked.of, asked.wrt, point, data=data, rate=rate, steps=steps, tell=tell)
    for note in found.notes:
        click.echo(printable(note), err=True)
    first, last = found.history[0], found.history[-1]
    if last.loss > first.loss:
        told = f"the loss grew from {first.loss:.6g} to {last.loss:.6g}: take smaller steps, --lr {rate / 10:g}"
        click.echo(told, err=True)
    if asked.output is not None:
        from pathdiff.files import write_text

        about = f"Trained by gradient descent: {last.step:,} steps, learning rate {rate:g}."
        write_text(Path(asked.output), [spec_yaml(found.trained, about)])
    if asked.form == "json":
        from pathdiff.render.records import as_json, training_record

        write(None, lambda _: as_json(training_record(found)), json=True)
    else:
        from pathdiff.render.terminal import training_text

        write(None, lambda width: training_text(found, width, color=True))
    return AGREED
