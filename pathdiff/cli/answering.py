"""How a command ends: its exit code, and every error in the one form, on standard error."""

from __future__ import annotations

import gc
import os
import re
import sys
from collections.abc import Sequence
from contextlib import suppress
from itertools import pairwise
from typing import Any, Final

import click

from pathdiff.diagnostics import Diagnostic, InputError, nearest

AGREED, REFUTED, BAD_INPUT, UNDECIDED, BROKEN, INTERRUPTED = 0, 1, 2, 3, 70, 130
EXIT: Final = {"agree": AGREED, "refuted": REFUTED, "undecided": UNDECIDED}
"""The exit code of a verdict."""


class Commands(click.Group):
    """The commands, each of which returns its exit code. Errors of use are answered as errors of a spec are."""

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> Any:
        """Runs a command; when `standalone_mode`, errors are shown and the process ends with the exit code."""
        if not standalone_mode:
            return super().main(args, prog_name, complete_var, standalone_mode=False, **extra)
        told = list(sys.argv[1:] if args is None else args)
        # Importing makes half a million objects that stay: collecting among them, as the default has it, every 700th
        # one costs a seventh of the time of a short command.
        before = gc.get_threshold()
        gc.set_threshold(200_000, 20, 20)
        try:
            code = super().main(told, prog_name, complete_var, standalone_mode=False, **extra)
            if sys.stdout is not None:  # a closed one, as after `>&-`
                sys.stdout.flush()
        except InputError as error:
            code = _answered(error, told)
        except click.UsageError as error:
            code = _answered(InputError([_misused(error)]), told)
        except (click.Abort, KeyboardInterrupt):
            code = INTERRUPTED
        except BrokenPipeError:
            code = AGREED  # whoever reads has read enough
        except OSError as error:
            code = _answered(InputError([unwritten(error.strerror or str(error))]), told)
        except MemoryError:
            code = _answered(InputError([_OUT_OF_MEMORY]), told)
        except Exception as error:  # noqa: BLE001  # a mistake of ours must not look like a verdict
            code = _broken(error)
        finally:
            gc.set_threshold(*before)
        _let_go_of_standard_output()
        sys.exit(code)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that is named. Raises InputError with the one that was meant."""
        if self.get_command(ctx, args[0]) is None:
            hint = nearest(args[0], self.commands) or f"try `{ctx.command_path} --help`"
            raise InputError([Diagnostic("usage", f"there is no command `{args[0]}`", "command line", hint=hint)])
        return super().resolve_command(ctx, args)


_OUT_OF_MEMORY: Final = Diagnostic(
    "out-of-memory",
    "there is not enough memory for this",
    "pathdiff",
    hint="ask for less of it: --of and --wrt name the nodes",
)


def unwritten(reason: str) -> Diagnostic:
    """The error that standard output does not take what is written to it."""
    message, hint = f"standard output cannot be written: {reason}", "-o FILE writes a file, whole or not at all"
    return Diagnostic("unwritable", message, "<stdout>", hint=hint)


def show_errors(error: InputError, *, json: bool) -> None:
    """Writes the diagnostics to standard error."""
    if json:
        from pathdiff.render.records import as_json, error_record

        text = as_json(error_record(error.diagnostics))
    else:
        text = f"{error}\n"
    with suppress(OSError, ValueError):  # standard error may be closed
        click.echo(text, nl=False, err=True)


def _answered(error: InputError, told: Sequence[str]) -> int:
    show_errors(error, json=_json_is_asked_for(told))
    return BAD_INPUT


def _broken(error: Exception) -> int:
    """The answer to a mistake in pathdiff itself; PATHDIFF_DEBUG=1 shows where it happened."""
    if os.environ.get("PATHDIFF_DEBUG"):
        raise error
    found = Diagnostic(
        "internal",
        f"{type(error).__name__}: {error}",
        "pathdiff",
        note="this is a mistake in pathdiff, not in your spec",
        hint="report it with the spec; PATHDIFF_DEBUG=1 shows where it happened",
    )
    show_errors(InputError([found]), json=False)
    return BROKEN


def _json_is_asked_for(told: Sequence[str]) -> bool:
    """Whether the answer would be JSON, as far as arguments that may be wrong tell."""
    pairs = list(pairwise([*told, ""]))
    formats = [after for word, after in pairs if word == "--format"]
    formats += [word.removeprefix("--format=") for word in told if word.startswith("--format=")]
    return "json" in formats if formats else any(word == "-o" and after.endswith(".json") for word, after in pairs)


def _misused(error: click.UsageError) -> Diagnostic:
    """A wrong option or choice as a diagnostic, with the one that was meant."""
    message, context = error.format_message().rstrip("."), error.ctx
    hint = f"try `{context.command_path} --help`" if context else ""
    if isinstance(error, click.NoSuchOption):
        known = [name for option in context.command.params for name in option.opts] if context else []
        near = nearest(error.option_name.lstrip("-"), [name.lstrip("-") for name in known if name.startswith("--")])
        message, hint = f"there is no option `{error.option_name}`", near.replace("`", "`--", 1) or hint
    elif isinstance(error, click.MissingParameter) and error.param is not None:
        kinds = getattr(error.param.type, "choices", ())
        message = f"`{error.param.name}` is missing" + ": one of " * bool(kinds) + ", ".join(map(str, kinds))
    elif isinstance(error, click.BadParameter) and isinstance(kind := getattr(error.param, "type", None), click.Choice):
        given = re.match(r"'(.*)' is not one of ", error.message, re.DOTALL)
        message = f"`{given[1]}` is not one of {', '.join(map(str, kind.choices))}" if given else message
        option = error.param.opts[0] if error.param else ""
        near = nearest(given[1], map(str, kind.choices)) if given else ""
        message, hint = f"{option}: {message}", near or hint
    return Diagnostic("usage", message[:1].lower() + message[1:], "command line", hint=hint)


def _let_go_of_standard_output() -> None:
    """What a broken or full standard output still holds is not written when the process ends."""
    if sys.stdout is None:
        return
    try:
        sys.stdout.flush()
    except (OSError, ValueError):
        with suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
