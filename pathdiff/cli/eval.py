"""`pathdiff eval`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import click

from pathdiff.cli.answering import AGREED, EXIT
from pathdiff.cli.asked import Asked, shared
from pathdiff.cli.options import whole, write, write_pieces
from pathdiff.diagnostics import Diagnostic, InputError, printable

if TYPE_CHECKING:
    from pathdiff.expression import Tree
    from pathdiff.spec import Spec

_FORMATS = ("text", "json", "csv")


@click.command("eval")
@shared(_FORMATS)
@click.option("--exact", is_flag=True, help="Rational numbers stay exact, where the functions allow it.")
@click.option("--digits", callback=whole(1), metavar="N", help="So many digits, up to 1000; 6 when not told.")
@click.option("--points", metavar="FILE", help="Many points: CSV or JSON, - is CSV on standard input. Writes CSV.")
@click.option("--gradcheck", is_flag=True, help="Compare each derivative with a central difference.")
def evaluate(
    asked: Asked,
    exact: bool,
    digits: int | None,
    points: str | None,
    gradcheck: bool,
) -> int:
    """Numbers: the value of every node, and its adjoint.

    The forward pass gives the values, the backward pass the derivative of each --of with respect to every node; both
    are shown on the derivative graph too. `pathdiff draw --values` makes a picture of it.
    """
    output = asked.output
    form = "csv" if points is not None and (asked.form, output) == (None, None) else asked.format
    if (form == "csv") != (points is not None):
        raise click.UsageError("--points and the format csv go together")
    if points is not None and (exact or gradcheck or (digits or 1) > 17):
        raise click.UsageError(
            "--points computes with doubles: --exact, --gradcheck and more than 17 digits do not fit"
        )
    if exact and digits:
        raise click.UsageError("--exact and --digits exclude each other: give one of them")
    from pathdiff.evaluation import MOST_DIGITS, evaluated

    if digits and digits > MOST_DIGITS:
        raise click.UsageError(f"--digits: at most {MOST_DIGITS:,}")
    spec, point = asked.read()
    if points is not None:
        return _table(spec, points, asked.of, asked.wrt, point, digits, output)
    found = evaluated(spec, asked.of, asked.wrt, point, digits=digits, exact=exact, gradcheck=gradcheck)
    if form == "json":
        from pathdiff.render.records import as_json, evaluation_record

        write(output, lambda _: as_json(evaluation_record(found)), json=True)
    else:
        from pathdiff.render.terminal import evaluation_text

        write(output, lambda width: evaluation_text(found, width, color=output is None))
    return EXIT[found.verdict]


def _table(
    spec: Spec,
    points: str,
    of: Sequence[str],
    wrt: Sequence[str],
    at: Mapping[str, Tree],
    digits: int | None,
    output: str | None,
) -> int:
    """Writes the results at the points of a file, and tells what was met in them."""
    require_numpy("--points")
    from pathdiff.table import results

    pieces, report = results(spec, points, of, wrt, at, digits=digits)
    write_pieces(output, lambda _: pieces)
    for line in report.lines():
        click.echo(printable(line), err=True)
    return AGREED


def require_numpy(what: str) -> None:
    """Raises InputError where NumPy is not installed."""
    from importlib.util import find_spec

    if find_spec("numpy") is None:
        hint = "pip install 'pathdiff-chainrule[arrays]'"
        raise InputError([Diagnostic("missing-package", f"{what} needs NumPy", "command line", hint=hint)])
