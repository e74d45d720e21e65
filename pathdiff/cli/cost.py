"""`pathdiff cost`."""

from __future__ import annotations

import click

from pathdiff.cli.answering import AGREED
from pathdiff.cli.asked import Asked, shared
from pathdiff.cli.options import elementary_option, write
from pathdiff.cli.searching import processes, search_options, tell_interrupted, watched

_FORMATS = ("text", "json")


@click.command()
@shared(_FORMATS)
@search_options(
    "An order of elimination: all intermediate nodes, v3,v1,v2. May be repeated. The table has forward, reverse, "
    "markowitz and search anyway."
)
@elementary_option
def cost(
    asked: Asked,
    orders: tuple[str, ...],
    budget: float | None,
    seed: int | None,
    dask: str | None,
    elementary: bool,
) -> int:
    """Count what it costs: path sum, forward, reverse, Markowitz, and the cheapest order found.

    All nodes and names asked for make one Jacobian. Ctrl-C ends the search with the best order so far.
    """
    form, output = asked.format, asked.output
    from pathdiff.cost import costs

    spec, _ = asked.read(elementary=elementary)  # costs are the same at every point
    with processes(dask) as (workers, pool), watched() as report:
        found = costs(
            spec, asked.of, asked.wrt, orders,
            seed=seed or 0, budget=budget, workers=workers, pool=pool, report=report,
        )  # fmt: skip
    tell_interrupted(found.found)
    if form == "json":
        from pathdiff.render.records import as_json, cost_record

        write(output, lambda _: as_json(cost_record(found)), json=True)
    else:
        from pathdiff.render.terminal import cost_text

        write(output, lambda width: cost_text(found, width, color=output is None))
    return AGREED
