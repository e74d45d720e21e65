"""What is asked: the options that every command has, the spec and the point that they name, and the format."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

import click

from pathdiff.cli.options import file_told
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


@dataclass(frozen=True, slots=True)
class Asked:
    """What the options say that every command has."""

    specs: tuple[str, ...]
    """The files; one at most, where a command has one spec."""
    text: str | None
    """The spec itself, of `-e`."""
    of: tuple[str, ...]
    wrt: tuple[str, ...]
    at: tuple[str, ...]
    """Each as it was typed."""
    form: str | None
    """The format, where it is named."""
    output: str | None
    """The file to write to; None for standard output."""
    formats: tuple[str, ...]
    """Those that the command has."""

    @property
    def format(self) -> str:
        """The format that is named, else the one that the ending of the output tells. Raises UsageError."""
        if self.form is not None or self.output is None:
            return self.form or "text"
        ending = Path(self.output).suffix.lower()
        meant = [name for name in _ENDINGS.get(ending, ()) if name in self.formats]
        if not meant:
            known = ", ".join(each for each, told in _ENDINGS.items() if any(name in self.formats for name in told))
            message = f"no format of this command has the ending {ending!r} ({known}): name one with --format"
            raise click.UsageError(message)
        return meant[0]

    def read(self, *, elementary: bool = False) -> tuple[Spec, dict[str, Tree]]:
        """The spec, and the values of `--at`. Raises InputError with the errors of both.

        Also for every name that the spec does not have; with `elementary` the spec is split first.
        """
        point, problems = point_or_errors(self.at)
        try:
            spec = spec_of(next(iter(self.specs), None), self.text, elementary=elementary)
        except InputError as error:
            raise InputError([*error.diagnostics, *problems]) from None
        if problems:
            raise InputError(problems)
        refuse_unknown(spec, self.of, self.wrt, point)
        return spec, point


def shared(formats: Sequence[str], *, many: bool = False) -> Callable[[_Command], _Command]:
    """The options that every command has; it is called with what they say as `asked`, beside its own."""
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
            callback=file_told,
            help="Write to this file, - is standard output; its ending tells the format.",
        ),
    ]

    def decorate(command: _Command) -> _Command:
        @wraps(command)
        def checked(
            text: str | None, of: Any, wrt: Any, at: Any, form: str | None, output: str | None, **own: Any
        ) -> Any:
            specs = own.pop("specs") if many else tuple(filter(None, [own.pop("spec")]))
            if output is not None:
                from pathdiff.files import refuse_output

                refuse_output(Path(output), specs, filter(None, [own.get("points"), own.get("data")]))
            return command(Asked(specs, text, of, wrt, at, form, output, tuple(formats)), **own)

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
