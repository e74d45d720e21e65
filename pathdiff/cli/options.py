"""What every command shares: its options, the spec and the point that they name, and where the result goes."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from pathdiff.diagnostics import Diagnostic, InputError

if TYPE_CHECKING:
    from pathdiff.expression import Tree
    from pathdiff.spec import Spec

_ENDINGS: Final = {".json": "json", ".tex": "latex", ".txt": "text"}
_Command = TypeVar("_Command", bound=Callable[..., Any])


def shared(formats: Sequence[str], *, many: bool = False) -> Callable[[_Command], _Command]:
    """The options that every command has."""
    options = [
        click.argument("specs" if many else "spec", required=False, nargs=-1 if many else 1),
        click.option("-e", "text", metavar="TEXT", help='Inline spec instead of a file: "z = x*y; p = sin(z) + x".'),
        click.option("--of", multiple=True, metavar="NODE", help="Node to derive; may be repeated."),
        click.option(
            "--wrt", multiple=True, metavar="NODE", help="With respect to this; may be repeated, or be `all`."
        ),
        click.option("--at", multiple=True, metavar="NAME=VALUE,...", help="A numeric point: x1=1,x2=1/2."),
        click.option(
            "--format", "form", type=click.Choice(formats), help="What to write; text unless -o says otherwise."
        ),
        click.option("-o", "output", metavar="FILE", help="Write to this file; its ending tells the format."),
    ]

    def decorate(command: _Command) -> _Command:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


def orders_told(orders: Sequence[str]) -> list[list[str]]:
    """The names of each `--order v3,v1,v2`."""
    return [[name.strip() for name in order.split(",")] for order in orders]


elementary_option: Final = click.option(
    "--elementary", is_flag=True, help="Split every node into elementary operations first, one node each."
)


def spec_of(path: str | None, text: str | None, *, elementary: bool = False) -> Spec:
    """The spec of a file, of standard input, or of `-e`; with `elementary` split into elementary operations."""
    if elementary:
        from pathdiff.elementary import elementary as split

        return split(spec_of(path, text))
    from pathdiff.files import read_text
    from pathdiff.reader import read_spec

    if text is not None and not path:
        return read_spec(text, "-e", inline=True)
    if text is not None or not path:
        hint = 'graph.yaml, or -e "p = x*y"'
        raise InputError([Diagnostic("usage", "give either a file or -e TEXT", "command line", hint=hint)])
    return read_spec(read_text(path), "<stdin>" if path == "-" else path)


def point_told(told: Sequence[str]) -> dict[str, Tree]:
    """The values of `--at x1=1,x2=1/2`."""
    from pathdiff.reader import read_constant

    point: dict[str, Tree] = {}
    for piece in (piece for text in told for piece in _outside_brackets(text) if piece.strip()):
        name, equals, value = (part.strip() for part in piece.partition("="))
        if not equals:
            raise InputError(
                [Diagnostic("usage", f"`{piece.strip()}` is not NAME=VALUE", "--at", hint="--at x1=1,x2=1/2")]
            )
        point[name] = read_constant(value, f"--at {name}")
    return point


def _outside_brackets(text: str) -> Iterator[str]:
    """The pieces between commas that do not stand between the brackets of a call."""
    depth, piece = 0, ""
    for char in text:
        depth += (char == "(") - (char == ")")
        if char == "," and depth <= 0:
            yield piece
            piece = ""
        else:
            piece += char
    yield piece


def format_told(form: str | None, output: str | None, formats: Sequence[str]) -> str:
    """The format asked for, else the one that the ending of the output tells."""
    if form is not None or output is None:
        return form or "text"
    ending = Path(output).suffix.lower()
    if _ENDINGS.get(ending) not in formats:
        known = ", ".join(ending for ending, told in _ENDINGS.items() if told in formats)
        raise click.UsageError(f"no format of this command has the ending {ending!r} ({known}): name one with --format")
    return _ENDINGS[ending]


def write(output: str | None, render: Callable[[int | None], str], *, json: bool = False) -> None:
    """Writes a rendering to a file, or to standard output as wide as the terminal.

    A sign that standard output's encoding lacks is written as `?`, in JSON as its escape.
    """
    write_pieces(output, lambda width: [render(width)], json=json)


def write_pieces(output: str | None, render: Callable[[int | None], Iterable[str]], *, json: bool = False) -> None:
    """The same piece by piece: each is written when it comes, and a file is there when all are."""
    if output is not None:
        from pathdiff.files import write_text

        write_text(Path(output), render(80))
        return
    for text in render(None):
        try:
            click.echo(text, nl=False, color=True)
        except UnicodeEncodeError:
            told = _FOREIGN.sub(_escaped, text) if json else text
            encoding = sys.stdout.encoding
            click.echo(told.encode(encoding, "replace").decode(encoding), nl=False, color=True)
        except BrokenPipeError:
            return  # whoever reads has read enough; click would end with 1, which says refuted


_FOREIGN: Final = re.compile(r"[^\x00-\x7f]")


def _escaped(sign: re.Match[str]) -> str:
    from json import dumps

    return dumps(sign[0])[1:-1]
