"""`pathdiff cost`."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import click

from pathdiff.cli.answering import AGREED
from pathdiff.cli.options import (
    elementary_option,
    format_told,
    orders_told,
    point_told,
    refuse_unknown,
    shared,
    spec_of,
    write,
)

if TYPE_CHECKING:
    from pathdiff.elimination.search import Progress

_FORMATS = ("text", "json")
_ERASE_LINE: Final = "\r\x1b[K"


@click.command()
@shared(_FORMATS)
@click.option(
    "--order",
    "orders",
    multiple=True,
    metavar="ORDER",
    help="An order of elimination: all intermediate nodes, v3,v1,v2. May be repeated. The table has forward, reverse, "
    "markowitz and search anyway.",
)
@click.option(
    "--budget",
    type=click.FloatRange(min=0),
    metavar="SECONDS",
    help="Search for so long, unless an order is proved to be the cheapest. Without it, the search takes a fixed "
    "number of steps.",
)
@click.option("--seed", type=int, default=0, metavar="N", help="Of the random numbers of the search; 0 unless told.")
@elementary_option
def cost(
    spec: str | None,
    text: str | None,
    of: tuple[str, ...],
    wrt: tuple[str, ...],
    at: tuple[str, ...],
    form: str | None,
    output: str | None,
    orders: tuple[str, ...],
    budget: float | None,
    seed: int,
    elementary: bool,
) -> int:
    """Count what it costs: path sum, forward, reverse, Markowitz, and the cheapest order found.

    All nodes and names asked for make one Jacobian. Ctrl-C ends the search with the best order so far.
    """
    form = format_told(form, output, _FORMATS)
    from pathdiff.cost import costs

    point = point_told(at)  # costs are the same at every point, but what is no point is an error all the same
    read = spec_of(spec, text, elementary=elementary)
    refuse_unknown(read, of, wrt, point)
    progress = _Progress()
    given = orders_told(orders)
    found = costs(read, of, wrt, given, seed=seed, budget=budget, workers=_cores(), report=progress.report)
    progress.erase()
    if found.found.interrupted:
        click.echo("the search was interrupted: this is the best order so far", err=True)
    if form == "json":
        from pathdiff.render.records import as_json, cost_record

        write(output, lambda _: as_json(cost_record(found)), json=True)
    else:
        from pathdiff.render.terminal import cost_text

        write(output, lambda width: cost_text(found, width, color=output is None))
    return AGREED


def _cores() -> int:
    """How many processes can run at once here."""
    affinity: Callable[[int], set[int]] | None = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity is not None else os.cpu_count() or 1


class _Progress:
    """A line on a terminal that says how far the search is, at most ten times a second."""

    def __init__(self) -> None:
        self.shown = 0.0
        self.terminal = sys.stderr is not None and sys.stderr.isatty() and os.environ.get("TERM") != "dumb"

    def report(self, now: Progress) -> None:
        """Shows the best so far."""
        if self.terminal and now.seconds >= self.shown + 0.1:
            self.shown = now.seconds
            told = f"{now.seconds:.1f} s: {now.best:,} multiplications at best, no fewer than {now.floor:,}"
            click.echo(f"{_ERASE_LINE}{told} ({now.steps:,} steps)", nl=False, err=True)

    def erase(self) -> None:
        """Takes the line away."""
        if self.shown:
            click.echo(_ERASE_LINE, nl=False, err=True)
