"""What every command shares: its options, the spec and the point that they name, and where the result goes."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from functools import wraps
from io import RawIOBase
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TextIO, TypeVar, cast

import click

from pathdiff.cli.answering import unwritten
from pathdiff.diagnostics import Diagnostic, InputError

if TYPE_CHECKING:
    from pathdiff.expression import Tree
    from pathdiff.source import Text
    from pathdiff.spec import Spec

_ENDINGS: Final = {
    ".json": ("json",), ".tex": ("latex", "tikz"), ".txt": ("text",), ".svg": ("svg",), ".png": ("png",),
    ".pdf": ("pdf",), ".dot": ("dot",), ".gv": ("dot",), ".mmd": ("mermaid",), ".md": ("markdown",),
    ".csv": ("csv",), ".jsonl": ("jsonl",), ".html": ("html",),
}  # fmt: skip
"""The formats that an ending may mean; a command has one of them at most."""
_Command = TypeVar("_Command", bound=Callable[..., Any])


def shared(formats: Sequence[str], *, many: bool = False) -> Callable[[_Command], _Command]:
    """The options that every command has."""
    options = [
        click.argument("specs" if many else "spec", required=False, nargs=-1 if many else 1),
        click.option(
            "-e",
            "text",
            metavar="TEXT",
            multiple=True,
            callback=_only_one,
            help='Inline spec instead of a file: "z = x*y; p = sin(z) + x".',
        ),
        click.option("--of", multiple=True, metavar="NODE", callback=_names, help="Node to derive; may be repeated."),
        click.option(
            "--wrt",
            multiple=True,
            metavar="NODE",
            callback=_names,
            help="With respect to this; may be repeated, or be `all`.",
        ),
        click.option("--at", multiple=True, metavar="NAME=VALUE,...", help="A numeric point: x1=1,x2=1/2."),
        click.option(
            "--format", "form", type=click.Choice(formats), help="What to write; text unless -o says otherwise."
        ),
        click.option(
            "-o",
            "output",
            metavar="FILE",
            callback=_file,
            help="Write to this file, - is standard output; its ending tells the format.",
        ),
    ]

    def decorate(command: _Command) -> _Command:
        @wraps(command)
        def checked(**told: Any) -> Any:
            if told["output"] is not None:
                from pathdiff.files import refuse_output

                specs = told["specs"] if many else filter(None, [told["spec"]])
                refuse_output(Path(told["output"]), specs, filter(None, [told.get("points"), told.get("data")]))
            return command(**told)

        for option in reversed(options):
            checked = option(checked)
        return cast(_Command, checked)

    return decorate


def _names(_context: click.Context, _option: click.Parameter, names: tuple[str, ...]) -> tuple[str, ...]:
    from pathdiff.source import normal_form

    return tuple(map(normal_form, names))


def _only_one(context: click.Context, option: click.Parameter, texts: tuple[str, ...]) -> str | None:
    if len(texts) > 1:
        raise click.UsageError("-e is given twice: `;` separates the definitions of one", context)
    return texts[0] if texts else None


def _file(_context: click.Context, _option: click.Parameter, name: str | None) -> str | None:
    """The name of the file to be written; None for standard output, by any of its names."""
    return None if name in ("-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1") else name


output_option: Final = click.option("-o", "output", metavar="FILE", callback=_file, help="Write to this file.")


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


def spec_and_point(
    path: str | None, text: str | None, at: Sequence[str], *, elementary: bool = False
) -> tuple[Spec, dict[str, Tree]]:
    """The spec, and the values of `--at`. Raises InputError with the errors of both."""
    point, problems = point_or_errors(at)
    try:
        spec = spec_of(path, text, elementary=elementary)
    except InputError as error:
        raise InputError([*error.diagnostics, *problems]) from None
    if problems:
        raise InputError(problems)
    return spec, point


def point_or_errors(at: Sequence[str]) -> tuple[dict[str, Tree], Sequence[Diagnostic]]:
    """The values of `--at`, or what is wrong with them."""
    try:
        return point_told(at), ()
    except InputError as error:
        return {}, error.diagnostics


def refuse_unknown(
    spec: Spec, of: Sequence[str], wrt: Sequence[str], point: Mapping[str, Tree], among: str = "the spec"
) -> None:
    """Raises InputError for every name in `--of`, `--wrt` and `--at` that the spec does not have, each with its place.

    `all` is known after `--wrt`; `among` says which spec it is, where there are many.
    """
    from pathdiff.calls import meant

    problems: list[Diagnostic] = []
    nodes, independents = [*spec.independents, *spec.nodes], spec.independents
    told = [("--of", name) for name in of] + [("--wrt", name) for name in wrt] + [("--at", name) for name in point]
    for option, name in zip(told, _options(told), strict=True):
        known, what = (independents, "an independent name") if option[0] == "--at" else (nodes, "a node")
        if name.value not in known and option != ("--wrt", "all"):
            note = "a node has the value that its expression gives it" if name.value in spec.nodes else ""
            hint = "" if note else meant(name.value, known, problems)
            message = f"`{name.value}` is not {what} of {among}"
            problems.append(name.problem("unknown-name", message, note=note, hint=hint))
    if problems:
        raise InputError(problems)


def _options(told: Sequence[tuple[str, str]]) -> list[Text]:
    """The values of options, in a text that has a line for each of them."""
    from pathdiff.source import Source, Text

    source = Source("command line", "\n".join(f"{option} {value}" for option, value in told))
    found, start = [], 0
    for option, value in told:
        found.append(Text(value, source, start + len(option) + 1))
        start += len(option) + len(value) + 2
    return found


def point_told(told: Sequence[str]) -> dict[str, Tree]:
    """The values of `--at x1=1,x2=1/2`. Raises InputError with every error in them."""
    from pathdiff.reader import read_constant_at

    point: dict[str, Tree] = {}
    problems: list[Diagnostic] = []
    seen: set[str] = set()
    for text, whole in zip(told, _options([("--at", text) for text in told]), strict=True):
        start = 0
        for piece in _outside_brackets(text):
            part, start = whole.slice(start, start + len(piece)), start + len(piece) + 1
            name, equals, _ = part.value.partition("=")
            if not part.value:
                continue
            if not equals or not name.strip():
                message = f"`{part.value}` is not NAME=VALUE"
                problems.append(part.problem("usage", message, hint="--at x1=1,x2=1/2"))
                continue
            key = part.slice(0, len(name)).normal
            if key.value in seen:
                problems.append(key.problem("duplicate-name", f"`{key.value}` has two values"))
            try:
                point[key.value] = read_constant_at(part.slice(len(name) + 1, len(part.value)))
            except InputError as error:
                problems += error.diagnostics
            seen.add(key.value)
    if problems:
        raise InputError(problems)
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


@contextmanager
def telling() -> Iterator[Callable[[str], None]]:
    """What is called with words for what is done next: shown on standard error, where that is a terminal."""
    if sys.stderr is None or not sys.stderr.isatty():
        yield lambda _: None
        return
    from pathdiff.render.terminal.waiting import waiting

    with waiting() as tell:
        yield tell


def format_told(form: str | None, output: str | None, formats: Sequence[str]) -> str:
    """The format asked for, else the one that the ending of the output tells."""
    if form is not None or output is None:
        return form or "text"
    ending = Path(output).suffix.lower()
    meant = [name for name in _ENDINGS.get(ending, ()) if name in formats]
    if not meant:
        known = ", ".join(ending for ending, told in _ENDINGS.items() if any(name in formats for name in told))
        raise click.UsageError(f"no format of this command has the ending {ending!r} ({known}): name one with --format")
    return meant[0]


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
