"""What the commands share that show orders of elimination and search for one: options, processes, progress."""

from __future__ import annotations

import logging
import math
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from pathdiff.cli.options import whole

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from pathdiff.elimination.search import Found, Progress

_ERASE_LINE: Final = "\r\x1b[K"
_Command = TypeVar("_Command", bound=Callable[..., Any])


def search_options(order_help: str) -> Callable[[_Command], _Command]:
    """`--order`, `--budget`, `--seed` and `--dask`."""
    options = [
        click.option("--order", "orders", multiple=True, metavar="ORDER", help=order_help),
        click.option(
            "--budget",
            callback=_seconds,
            metavar="SECONDS",
            help="Search for so long, unless an order is proved to be the cheapest. Without it, the search takes a "
            "fixed number of steps.",
        ),
        click.option(
            "--seed",
            callback=whole(0),
            metavar="N",
            help="Of the random numbers of the search; 0 unless told.",
        ),
        click.option(
            "--dask",
            metavar="ADDRESS",
            help="Search on the Dask cluster whose scheduler has this address, tcp://HOST:8786, instead of here.",
        ),
    ]

    def decorate(command: _Command) -> _Command:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


def _seconds(context: click.Context, parameter: click.Parameter, told: str | None) -> float | None:
    """Reads a time that is finite and more than nothing."""
    if told is None:
        return None
    try:
        seconds = float(told)
    except ValueError:
        seconds = math.nan
    if not 0 < seconds < math.inf:
        raise click.BadParameter(f"`{told}` is not a finite number of seconds above 0", context, parameter)
    return seconds


def cores() -> int:
    """How many processes can run at once here."""
    affinity: Callable[[int], set[int]] | None = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity is not None else os.cpu_count() or 1


@contextmanager
def processes(dask: str | None) -> Iterator[tuple[int, Callable[[], Executor] | None]]:
    """How many processes search and, on a Dask cluster, their pool. Raises InputError when there is no such cluster."""
    if dask is None:
        yield cores(), None
        return
    from pathdiff.elimination.cluster import cluster

    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)  # what matters of the cluster's messages is said in our own words
    try:
        with cluster(dask, lambda words: click.echo(words, err=True)) as found:
            yield found.workers, found.pool
    finally:
        logging.disable(before)


@contextmanager
def watched() -> Iterator[Callable[[Progress], None]]:
    """A line on a terminal that says how far a search is, at most ten times a second; it disappears in the end."""
    terminal = sys.stderr is not None and sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
    shown = 0.0

    def report(now: Progress) -> None:
        nonlocal shown
        if terminal and now.seconds >= shown + 0.1:
            shown = now.seconds
            told = f"{now.seconds:.1f} s: {now.best:,} multiplications at best, no fewer than {now.floor:,}"
            click.echo(f"{_ERASE_LINE}{told} ({now.steps:,} steps)", nl=False, err=True)

    try:
        yield report
    finally:
        if shown:
            click.echo(_ERASE_LINE, nl=False, err=True)


def tell_interrupted(found: Found | None) -> None:
    """Says on standard error that a search did not come to its end."""
    if found is not None and found.interrupted:
        click.echo("the search was interrupted: this is the best order so far", err=True)
