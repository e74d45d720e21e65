"""`pathdiff paths`."""

from __future__ import annotations

import re
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import click

from pathdiff.cli.answering import AGREED
from pathdiff.cli.asked import Asked, shared
from pathdiff.cli.options import whole, write_pieces

if TYPE_CHECKING:
    from pathdiff.listing import Mode

_FORMATS = ("text", "json")
_BETWEEN: Final = re.compile(r"\s*(?:,|->|→)\s*")
"""What stands between the nodes of a path."""


_MODES: Final[dict[str, Mode]] = {
    "--nth": "nth",
    "--rank": "rank",
    "--sample": "sample",
    "--top": "top",
    "--by-node": "nodes",
}
"""The options that say what is shown of the paths, one at a time."""


@click.command()
@shared(_FORMATS)
@click.option("--limit", callback=whole(0), metavar="N", help="List so many at most; 10,000 when not told.")
@click.option("--nth", callback=whole(1), metavar="K", help="The path of this rank; ranks count from 1.")
@click.option("--rank", metavar="PATH", help='The rank of a path: "p,h1,z1,x1", or with ->.')
@click.option("--sample", callback=whole(1), metavar="N", help="Draw so many at random, each path as likely.")
@click.option("--seed", callback=whole(0), metavar="S", help="Another seed for --sample draws others; 0 when not told.")
@click.option("--top", callback=whole(1), metavar="N", help="The paths with the largest products at the point.")
@click.option(
    "--by-node", "nodes", is_flag=True, help="How many paths, and how much at the point, go through each node."
)
@click.option("--through", multiple=True, metavar="NODE", help="Only paths through this node; may be repeated.")
@click.option("--avoid", multiple=True, metavar="NODE", help="Only paths that avoid this node; may be repeated.")
def paths(
    asked: Asked,
    through: tuple[str, ...],
    avoid: tuple[str, ...],
    limit: int | None,
    rank: str | None,
    seed: int | None,
    **modes: int | None,
) -> int:
    """Count the paths, exactly, and walk among them.

    Lists them by the last node before the one they lead to, then by the one before that, and so on.
    """
    form, output = asked.format, asked.output
    modes |= {"rank": None if rank is None else 1}
    given = [option for option, name in _MODES.items() if modes[name]]
    if len(given) > 1:
        raise click.UsageError(f"{' and '.join(given)} exclude each other: give one of them")
    if seed is not None and given != ["--sample"]:
        raise click.UsageError("--seed goes with --sample")
    from pathdiff import listing

    mode: Mode = _MODES[given[0]] if given else "first"
    path = () if rank is None else tuple(_BETWEEN.split(rank.strip()))
    wanted = listing.Asked(mode, modes.get(mode) or 0, path, seed or 0, limit, through, avoid)
    spec, point = asked.read()
    found = listing.listings(spec, asked.of, asked.wrt, point, wanted)
    if sys.stderr and sys.stderr.isatty() and (output is not None or (sys.stdout and not sys.stdout.isatty())):
        from pathdiff.render.terminal.progress import watched

        found = tuple(replace(each, watch=watched) for each in found)
    if form == "json":
        from pathdiff.render.records import paths_json

        write_pieces(output, lambda _: paths_json(found), json=True)
    else:
        from pathdiff.render.terminal import paths_text

        write_pieces(output, lambda width: paths_text(found, width, color=output is None))
    return AGREED
