"""`pathdiff eval`."""

from __future__ import annotations

import click

from pathdiff.cli.answering import EXIT
from pathdiff.cli.options import format_told, point_told, refuse_unknown, shared, spec_of, whole, write

_FORMATS = ("text", "json")


@click.command("eval")
@shared(_FORMATS)
@click.option("--exact", is_flag=True, help="Rational numbers stay exact, where the functions allow it.")
@click.option("--digits", callback=whole(1), metavar="N", help="So many digits, up to 1000; 6 when not told.")
@click.option("--gradcheck", is_flag=True, help="Compare each derivative with a central difference.")
def evaluate(
    spec: str | None,
    text: str | None,
    of: tuple[str, ...],
    wrt: tuple[str, ...],
    at: tuple[str, ...],
    form: str | None,
    output: str | None,
    exact: bool,
    digits: int | None,
    gradcheck: bool,
) -> int:
    """Numbers: the value of every node, and its adjoint.

    The forward pass gives the values, the backward pass the derivative of each --of with respect to every node.
    """
    form = format_told(form, output, _FORMATS)
    if exact and digits:
        raise click.UsageError("--exact and --digits exclude each other: give one of them")
    from pathdiff.evaluation import MOST_DIGITS, evaluated

    if digits and digits > MOST_DIGITS:
        raise click.UsageError(f"--digits: at most {MOST_DIGITS:,}")
    read, point = spec_of(spec, text), point_told(at)
    refuse_unknown(read, of, wrt, point)
    found = evaluated(read, of, wrt, point, digits=digits, exact=exact, gradcheck=gradcheck)
    if form == "json":
        from pathdiff.render.records import as_json, evaluation_record

        write(output, lambda _: as_json(evaluation_record(found)), json=True)
    else:
        from pathdiff.render.terminal import evaluation_text

        write(output, lambda width: evaluation_text(found, width, color=output is None))
    return EXIT[found.verdict]
