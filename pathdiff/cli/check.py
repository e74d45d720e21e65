"""`pathdiff check`."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import click

from pathdiff.cli.answering import BAD_INPUT, EXIT, show_errors
from pathdiff.cli.options import format_told, point_or_errors, refuse_unknown, shared, spec_of, telling, write
from pathdiff.diagnostics import Diagnostic, InputError

if TYPE_CHECKING:
    from pathdiff.explain import Explanation

_FORMATS = ("text", "json")


def _tell(tell: Callable[[str], None], head: str, doing: str) -> None:
    tell(head + doing)


@click.command()
@shared(_FORMATS, many=True)
def check(
    specs: tuple[str, ...],
    text: str | None,
    of: tuple[str, ...],
    wrt: tuple[str, ...],
    at: tuple[str, ...],
    form: str | None,
    output: str | None,
) -> int:
    """Verify the derivatives of one spec or of many.

    Exits with 0 when all agree, 1 when one is refuted, 2 when one cannot be read, 3 when one is undecided.
    """
    form = format_told(form, output, _FORMATS)
    from pathdiff.explain import explained, worst
    from pathdiff.render.records import as_json, check_record
    from pathdiff.render.terminal import check_text

    results: list[tuple[str, Explanation]] = []
    errors: list[Diagnostic] = []
    unreadable = 0
    point, wrong = point_or_errors(at)
    with telling() as tell:
        for number, name in enumerate(specs or ((None,) if text is not None else ("",)), 1):
            head = f"{name} ({number} of {len(specs)}): " if name and len(specs) > 1 else ""
            try:
                tell(f"{head}reading")
                read = spec_of(name, text)
                if wrong:
                    continue
                refuse_unknown(read, of, wrt, point, f"{name}" if len(specs) > 1 else "the spec")
                results.append((name or "-e", explained(read, of, wrt, point, tell=partial(_tell, tell, head))))
            except InputError as error:
                unreadable += 1
                errors += error.diagnostics
    errors += wrong
    if errors:
        show_errors(InputError(errors), json=form == "json")
    if not results:
        return BAD_INPUT
    if form == "json":
        write(output, lambda _: as_json(check_record(results)), json=True)
    else:
        write(output, lambda width: check_text(results, width, color=output is None, unreadable=unreadable))
    return BAD_INPUT if unreadable else EXIT[worst(explanation.checked for _, explanation in results)]
