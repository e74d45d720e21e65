"""What several commands share: an option, words while one waits, and where the result goes."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from io import RawIOBase
from pathlib import Path
from typing import Final, TextIO

import click

from pathdiff.cli.answering import unwritten
from pathdiff.diagnostics import Diagnostic, InputError


def file_told(_context: click.Context, _option: click.Parameter, name: str | None) -> str | None:
    """The name of the file to be written; None for standard output, by any of its names."""
    return None if name in ("-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1") else name


output_option: Final = click.option("-o", "output", metavar="FILE", callback=file_told, help="Write to this file.")


def whole(least: int) -> Callable[[click.Context, click.Parameter, str | None], int | None]:
    """Reads a whole number of any length from `least` on, which may be grouped: 1000000, 1,000,000."""

    def read(context: click.Context, parameter: click.Parameter, told: str | None) -> int | None:
        if told is None:
            return None
        plain = re.fullmatch("[0-9]+([,_][0-9]+)*", told.strip())
        number = int(Decimal(re.sub("[,_]", "", plain[0]))) if plain else -1  # int() reads 4300 digits at most
        if number < least:
            raise click.BadParameter(f"`{told}` is not a whole number from {least} on", context, parameter)
        return number

    return read


elementary_option: Final = click.option(
    "--elementary", is_flag=True, help="Split every node into elementary operations first, one node each."
)


@contextmanager
def telling() -> Iterator[Callable[[str], None]]:
    """What is called with words for what is done next: shown on standard error, where that is a terminal."""
    if sys.stderr is None or not sys.stderr.isatty():
        yield lambda _: None
        return
    from pathdiff.render.terminal.progress import waiting

    with waiting() as tell:
        yield tell


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
    if sys.stdout is None:  # after `>&-`
        raise InputError([unwritten("it is closed")])
    stream = _standard_output()
    for text in render(None):
        try:
            click.echo(text, stream, nl=False, color=True)
        except UnicodeEncodeError:
            told = _FOREIGN.sub(_escaped, text) if json else text
            click.echo(told.encode(stream.encoding, "replace").decode(stream.encoding), stream, nl=False, color=True)
        except BrokenPipeError:
            return  # whoever reads has read enough; click would end with 1, which says refuted


def write_data(output: str | None, data: bytes) -> None:
    """Writes what is no text to a file, or to standard output where that is no terminal."""
    if output is not None:
        from pathdiff.files import write_bytes

        write_bytes(Path(output), [data])
        return
    if sys.stdout is None:
        raise InputError([unwritten("it is closed")])
    if sys.stdout.isatty():
        message, hint = "this format is no text, and standard output is a terminal", "-o FILE writes it to a file"
        raise InputError([Diagnostic("usage", message, "command line", hint=hint)])
    sys.stdout.buffer.write(data)


def _standard_output() -> TextIO:
    """Standard output, buffered.

    Python's own is not where PYTHONUNBUFFERED is set, and then loses what a full disk doesn't take, and says nothing.
    """
    raw = getattr(sys.stdout, "buffer", None)
    if not isinstance(raw, RawIOBase):
        return sys.stdout
    return open(raw.fileno(), "w", encoding=sys.stdout.encoding, errors=sys.stdout.errors, closefd=False)


_FOREIGN: Final = re.compile(r"[^\x00-\x7f]")


def _escaped(sign: re.Match[str]) -> str:
    from json import dumps

    return dumps(sign[0])[1:-1]
