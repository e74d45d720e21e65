"""`pathdiff draw`."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Final

import click

from pathdiff.cli.answering import AGREED
from pathdiff.cli.asked import Asked, shared
from pathdiff.cli.options import elementary_option, whole, write, write_data

if TYPE_CHECKING:
    from pathdiff.drawing import Drawing
    from pathdiff.render.picture.figure import Kind
    from pathdiff.render.picture.geometry import Engine

_FORMATS = ("text", "svg", "png", "pdf", "tikz", "tikz-fragment", "dot", "mermaid")
_GRAPHS: Final[dict[str, tuple[Kind, ...]]] = {
    "computation": ("computation",),
    "derivative": ("derivative",),
    "both": ("computation", "derivative"),
}
_rank = whole(1)


def _ranks(context: click.Context, option: click.Parameter, told: tuple[str, ...]) -> tuple[int, ...]:
    found = (_rank(context, option, each) for each in told)
    return tuple(rank for rank in found if rank is not None)


@click.command()
@shared(_FORMATS)
@click.option("--graph", type=click.Choice([*_GRAPHS]), default="both", help="Which graph; both when not told.")
@click.option(
    "--path", "ranks", multiple=True, callback=_ranks, metavar="K",
    help="Highlight the path of this rank; may be repeated. Without it, --of and --wrt highlight all paths between.",
)  # fmt: skip
@click.option("--values", is_flag=True, help="Values and adjoints at the spec's own point; --at shows them by itself.")
@click.option("--only", is_flag=True, help="Leave out what is on no path from --of to --wrt.")
@click.option(
    "--layout", "engine", type=click.Choice(["graphviz", "layered"]),
    help="What finds the places: Graphviz, which is the default where it is installed, or layers of our own.",
)  # fmt: skip
@elementary_option
def draw(
    asked: Asked,
    graph: str,
    ranks: tuple[int, ...],
    values: bool,
    only: bool,
    engine: Engine | None,
    elementary: bool,
) -> int:
    """Draw the computation graph and the derivative graph.

    Inputs are on the left, and both graphs have the same places. SPEC is a YAML file, or - for standard input.
    """
    form, output = asked.format, asked.output
    from pathdiff.drawing import drawn

    spec, point = asked.read(elementary=elementary)
    drawing = drawn(spec, asked.of, asked.wrt, point, ranks=ranks, values=values, only=only)
    for note in drawing.notes:
        click.echo(note, err=True)
    if engine == "graphviz" and shutil.which("dot") is None:
        click.echo("Graphviz is not installed: the places are by layers of our own", err=True)
    if form in ("png", "pdf"):
        from pathdiff.render.picture.raster import raster

        write_data(output, raster(drawing, "png" if form == "png" else "pdf", _GRAPHS[graph], engine))
    else:
        write(output, lambda width: _rendered(drawing, form, _GRAPHS[graph], engine, width, output is None))
    return AGREED


def _rendered(
    drawing: Drawing, form: str, kinds: tuple[Kind, ...], engine: Engine | None, width: int | None, color: bool
) -> str:
    match form:
        case "svg":
            from pathdiff.render.picture.svg import svg

            return svg(drawing, kinds, engine)
        case "dot":
            from pathdiff.render.picture.dot import dot

            return dot(drawing, kinds)
        case "mermaid":
            from pathdiff.render.picture.mermaid import mermaid

            return mermaid(drawing, kinds)
        case "tikz" | "tikz-fragment":
            from pathdiff.render.latex import picture

            write_picture = picture.standalone if form == "tikz" else picture.fragment
            return write_picture(drawing, kinds, engine)
        case _:
            from pathdiff.render.terminal import drawing_text

            return drawing_text(drawing, kinds, width, color=color)
