"""`pathdiff explain`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from pathdiff.cli.answering import EXIT
from pathdiff.cli.asked import Asked, shared
from pathdiff.cli.options import elementary_option, telling, write
from pathdiff.cli.searching import processes, search_options, tell_interrupted, watched

if TYPE_CHECKING:
    from pathdiff.explain import Explanation
    from pathdiff.render.latex import Differential

_FORMATS = ("text", "latex", "latex-fragment", "beamer", "standalone", "markdown", "html", "json")
_TRACED = ("text", "latex", "latex-fragment")
"""The formats in which the loop is shown."""


@click.command()
@shared(_FORMATS)
@elementary_option
@search_options(
    "Show the elimination of all intermediate nodes, step by step: forward, reverse, markowitz, search, or in an "
    "order given, v3,v1,v2; may be repeated."
)
@click.option("--trace", is_flag=True, help="Show the loop running: path found, product, sum so far.")
@click.option(
    "--notation",
    type=click.Choice(["partial", "d", "upright-d"]),
    default="partial",
    help="Write derivatives with ∂, an italic d or an upright d.",
)
def explain(
    asked: Asked,
    elementary: bool,
    orders: tuple[str, ...],
    budget: float | None,
    seed: int | None,
    dask: str | None,
    trace: bool,
    notation: Differential,
) -> int:
    """Derive: paths, path sum, reverse mode, and their agreement.

    SPEC is a YAML file, or - for standard input.
    """
    form, output = asked.format, asked.output
    if form == "standalone" and orders:
        raise click.UsageError("--order does not go with the format standalone, which is a picture")
    if trace and form not in _TRACED:
        raise click.UsageError(f"--trace goes with the formats {', '.join(_TRACED)}")
    if "search" not in [order.strip() for order in orders]:
        told = [
            option for option, value in (("--budget", budget), ("--seed", seed), ("--dask", dask)) if value is not None
        ]
        if told:
            raise click.UsageError(f"{told[0]} goes with --order search")
    from pathdiff.explain import explained

    with telling() as tell:
        tell("reading")
        spec, point = asked.read(elementary=elementary)
    with processes(dask) as (workers, pool):
        with telling() as tell:
            explanation = explained(spec, asked.of, asked.wrt, point, tell=tell)
        if orders:
            from pathdiff.cost import with_orders

            with watched() as report:
                explanation = with_orders(
                    explanation, orders, seed=seed or 0, budget=budget, workers=workers, pool=pool, report=report
                )
    for order in explanation.orders:
        tell_interrupted(order.found)
    write(
        output, lambda width: _rendered(explanation, form, notation, trace, width, output is None), json=form == "json"
    )
    return EXIT[explanation.verdict]


def _rendered(
    explanation: Explanation, form: str, notation: Differential, trace: bool, width: int | None, color: bool
) -> str:
    if form == "json":
        from pathdiff.render.records import as_json, explanation_record

        return as_json(explanation_record(explanation))
    if form == "beamer":
        from pathdiff.render.latex.beamer import beamer

        return beamer(explanation, notation)
    if form == "markdown":
        from pathdiff.render.markdown import markdown

        return markdown(explanation, notation)
    if form == "standalone":
        from pathdiff.drawing import drawn
        from pathdiff.render.latex.picture import standalone

        return standalone(drawn(explanation.spec))
    if form == "html":
        from pathdiff.exploration import explored
        from pathdiff.render.html import page

        return page(explored(explanation), notation)
    if form.startswith("latex"):
        from pathdiff.render.latex import document, fragment

        return (fragment if form == "latex-fragment" else document)(explanation, notation, trace=trace)
    from pathdiff.render.terminal import explanation_text

    return explanation_text(explanation, width, color=color, notation=notation, trace=trace)
