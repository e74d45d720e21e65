"""The command line: options in, one call, a rendering out. Each command imports what it needs when it runs."""

from __future__ import annotations

import gc
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from pathdiff import __version__
from pathdiff.diagnostics import Diagnostic, InputError

if TYPE_CHECKING:
    from pathdiff.explain import Explanation
    from pathdiff.expression import Tree
    from pathdiff.render.latex import Differential
    from pathdiff.spec import Spec

AGREED, REFUTED, BAD_INPUT, UNDECIDED, INTERRUPTED = 0, 1, 2, 3, 130
_EXPLAIN_FORMATS = ("text", "latex", "latex-fragment", "json")
_CHECK_FORMATS = ("text", "json")
_EXIT = {"agree": AGREED, "refuted": REFUTED, "undecided": UNDECIDED}
_ENDINGS = {".json": "json", ".tex": "latex", ".txt": "text"}
_COMMA = re.compile(r",(?![^()]*\))")
"""A comma between values, not between the arguments of a function."""
_Command = TypeVar("_Command", bound=Callable[..., Any])


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="pathdiff")
def main() -> None:
    """The chain rule made visible.

    Reads a composite function as a graph, and derives it as a sum over paths and by reverse mode.
    """


def _shared(formats: Sequence[str], *, many: bool = False) -> Callable[[_Command], _Command]:
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


@main.command()
@_shared(_EXPLAIN_FORMATS)
@click.option("--trace", is_flag=True, help="Show the loop running: path found, product, sum so far.")
@click.option(
    "--notation",
    type=click.Choice(["partial", "d", "upright-d"]),
    default="partial",
    help="Write derivatives with ∂, an italic d or an upright d.",
)
def explain(
    spec: str | None,
    text: str | None,
    of: tuple[str, ...],
    wrt: tuple[str, ...],
    at: tuple[str, ...],
    form: str | None,
    output: str | None,
    trace: bool,
    notation: Differential,
) -> None:
    """Derive: paths, path sum, reverse mode, and their agreement.

    SPEC is a YAML file, or - for standard input.
    """
    form = _format(form, output, _EXPLAIN_FORMATS)
    with _answering(form):
        from pathdiff.explain import explained

        explanation = explained(_spec(spec, text), of, wrt, _point(at))
        _write(output, lambda width: _rendered(explanation, form, notation, trace, width, output is None))
    _leave(explanation.verdict)


@main.command()
@_shared(_CHECK_FORMATS, many=True)
def check(
    specs: tuple[str, ...],
    text: str | None,
    of: tuple[str, ...],
    wrt: tuple[str, ...],
    at: tuple[str, ...],
    form: str | None,
    output: str | None,
) -> None:
    """Verify the derivatives of one spec or of many.

    Exits with 0 when all agree, 1 when one is refuted, 2 when one cannot be read, 3 when one is undecided.
    """
    form = _format(form, output, _CHECK_FORMATS)
    results: list[tuple[str, Explanation]] = []
    unreadable = 0
    with _answering(form):
        from pathdiff.explain import explained, worst
        from pathdiff.render.records import as_json, check_record
        from pathdiff.render.terminal import check_text

        point = _point(at)
        for name in specs or ((None,) if text is not None else ("",)):
            try:
                results.append((name or "-e", explained(_spec(name, text), of, wrt, point)))
            except InputError as error:
                unreadable += 1
                _show_errors(error, form)
        if form == "json":
            _write(output, lambda _: as_json(check_record(results)))
        elif results:
            _write(output, lambda width: check_text(results, width, color=output is None, unreadable=unreadable))
    if unreadable:
        sys.exit(BAD_INPUT)
    _leave(worst(explanation.verdict for _, explanation in results))


def _spec(path: str | None, text: str | None) -> Spec:
    """The spec of a file, of standard input, or of `-e`."""
    from pathdiff.files import read_text
    from pathdiff.reader import read_spec

    if text is not None and not path:
        return read_spec(text, "-e", inline=True)
    if text is not None or not path:
        hint = 'graph.yaml, or -e "p = x*y"'
        raise InputError([Diagnostic("usage", "give either a file or -e TEXT", "command line", hint=hint)])
    return read_spec(read_text(path), "<stdin>" if path == "-" else path)


def _point(told: Sequence[str]) -> dict[str, Tree]:
    """The values of `--at x1=1,x2=1/2`."""
    from pathdiff.reader import read_constant

    point: dict[str, Tree] = {}
    for piece in (piece for text in told for piece in _COMMA.split(text) if piece.strip()):
        name, equals, value = (part.strip() for part in piece.partition("="))
        if not equals:
            raise InputError(
                [Diagnostic("usage", f"`{piece.strip()}` is not NAME=VALUE", "--at", hint="--at x1=1,x2=1/2")]
            )
        point[name] = read_constant(value, f"--at {name}")
    return point


def _format(form: str | None, output: str | None, formats: Sequence[str]) -> str:
    """The format asked for, else the one that the ending of the output tells."""
    if form is not None or output is None:
        return form or "text"
    ending = Path(output).suffix.lower()
    if _ENDINGS.get(ending) not in formats:
        known = ", ".join(ending for ending, told in _ENDINGS.items() if told in formats)
        raise click.UsageError(f"no format of this command has the ending {ending!r} ({known}): name one with --format")
    return _ENDINGS[ending]


def _rendered(
    explanation: Explanation, form: str, notation: Differential, trace: bool, width: int | None, color: bool
) -> str:
    if form == "json":
        from pathdiff.render.records import as_json, explanation_record

        return as_json(explanation_record(explanation))
    if form.startswith("latex"):
        from pathdiff.render.latex import document, fragment

        return (fragment if form == "latex-fragment" else document)(explanation, notation, trace=trace)
    from pathdiff.render.terminal import explanation_text

    return explanation_text(explanation, width, color=color, notation=notation, trace=trace)


def _write(output: str | None, render: Callable[[int | None], str]) -> None:
    """Writes a rendering to a file, or to standard output as wide as the terminal."""
    if output is not None:
        from pathdiff.files import write_text

        write_text(Path(output), render(80))
        return
    text = render(None)
    try:
        click.echo(text, nl=False, color=True)
    except UnicodeEncodeError:
        encoding = sys.stdout.encoding
        click.echo(text.encode(encoding, "replace").decode(encoding), nl=False, color=True)


@contextmanager
def _answering(form: str) -> Iterator[None]:
    """Turns errors of the input into their answer on standard error, and Ctrl-C into its exit code."""
    # Importing makes half a million objects that stay: collecting among them, as the default has it, every 700th one
    # costs a seventh of the time of a short command.
    gc.set_threshold(200_000, 20, 20)
    try:
        yield
    except InputError as error:
        _show_errors(error, form)
        sys.exit(BAD_INPUT)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


def _show_errors(error: InputError, form: str) -> None:
    if form == "json":
        from pathdiff.render.records import as_json, error_record

        click.echo(as_json(error_record(error.diagnostics)), nl=False, err=True)
    else:
        click.echo(str(error), err=True)


def _leave(verdict: str) -> None:
    sys.exit(_EXIT[verdict])
