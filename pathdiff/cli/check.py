"""`pathdiff check`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

import click

from pathdiff.cli.answering import BAD_INPUT, EXIT, show_errors
from pathdiff.cli.asked import Asked, point_or_errors, refuse_unknown, shared, spec_of
from pathdiff.cli.options import telling, write
from pathdiff.diagnostics import Diagnostic, InputError

if TYPE_CHECKING:
    from pathdiff.claim.reading import Question
    from pathdiff.explain import Explanation
    from pathdiff.grading.findings import Row
    from pathdiff.source import Text
    from pathdiff.spec import Spec

_FORMATS = ("text", "json", "csv", "jsonl")


def _tell(tell: Callable[[str], None], head: str, doing: str) -> None:
    tell(head + doing)


@click.command()
@shared(_FORMATS, many=True)
@click.option(
    "--claim",
    "told",
    multiple=True,
    metavar="CLAIM",
    help='Check somebody\'s answer, "dp/dx1 = ...", and say what is wrong with it; may be repeated.',
)
@click.option(
    "--claims",
    "file",
    metavar="FILE",
    help="Claims from a file: YAML, a claim a line, or CSV with the columns id and claim.",
)
def check(
    asked: Asked,
    told: tuple[str, ...],
    file: str | None,
) -> int:
    """Verify the derivatives of one spec or of many, or what somebody claims of them.

    Exits with 0 when all agree, 1 when one is refuted, 2 when one cannot be read, 3 when one is undecided.
    """
    form, output, specs, text = asked.format, asked.output, asked.specs, asked.text
    claimed = bool(told) or file is not None
    if form in ("csv", "jsonl") and not claimed:
        raise click.UsageError(f"--format {form} has a row for each claim: give --claim or --claims")
    if file == "-" and "-" in specs:
        raise click.UsageError("standard input is either the spec or the claims")
    if file is not None:
        from pathdiff.grading.answers import is_csv

        if is_csv(file):
            if told or len(specs) > 1:
                raise click.UsageError("--claims FILE.csv goes with one spec, and without --claim")
            from pathdiff.cli.grading import grade

            return grade(asked, file)
    from pathdiff.explain import explained, worst
    from pathdiff.render.records import as_json, check_record
    from pathdiff.render.terminal import check_text

    answers = _answers(told, file) if claimed else []
    results: list[tuple[str, Explanation]] = []
    claims: dict[str, Sequence[Row]] = {}
    errors: list[Diagnostic] = []
    unreadable = 0
    point, wrong = point_or_errors(asked.at)
    with telling() as tell:
        for number, name in enumerate(specs or ((None,) if text is not None else ("",)), 1):
            head = f"{name} ({number} of {len(specs)}): " if name and len(specs) > 1 else ""
            try:
                tell(f"{head}reading")
                read = spec_of(name, text)
                if wrong:
                    continue
                refuse_unknown(read, asked.of, asked.wrt, point, f"{name}" if len(specs) > 1 else "the spec")
                graded = _graded(read, asked.of, asked.wrt, answers) if claimed else []
                results.append(
                    (name or "-e", explained(read, asked.of, asked.wrt, point, tell=partial(_tell, tell, head)))
                )
                claims[name or "-e"] = graded
            except InputError as error:
                unreadable += 1
                errors += error.diagnostics
    errors += wrong
    if errors:
        show_errors(InputError(errors), json=form == "json")
    if not results:
        return BAD_INPUT
    rows = [row for graded in claims.values() for row in graded]
    if form in ("csv", "jsonl"):
        from pathdiff.render.graded import csv_rows, json_lines

        write(output, lambda _: "".join((csv_rows if form == "csv" else json_lines)(rows)), json=form == "jsonl")
    elif form == "json":
        from pathdiff.render.graded import claim_record

        records = {name: [claim_record(row) for row in graded] for name, graded in claims.items()}
        write(output, lambda _: as_json(check_record(results, records if claimed else None)), json=True)
    else:
        write(
            output,
            lambda width: check_text(
                results, width, color=output is None, unreadable=unreadable, claims=claims if claimed else None
            ),
        )
    if unreadable:
        return BAD_INPUT
    verdicts = [explanation.checked for _, explanation in results]
    if claimed:  # the spec's own verdict counts where it is refuted: the claims have theirs
        verdicts = ["refuted"] * ("refuted" in verdicts) + [row.verdict for row in rows]
    return EXIT[worst(verdicts)]


def _answers(told: Sequence[str], file: str | None) -> list[tuple[str, Text]]:
    """The claims of the command line and of a file, each with its number or its id."""
    from pathdiff.grading.answers import claims_in
    from pathdiff.source import Source, Text

    found = [(str(number), Text(claim, Source("--claim", claim), 0)) for number, claim in enumerate(told, 1)]
    return found + (claims_in(file) if file is not None else [])


def asked_in(spec: Spec, of: Sequence[str], wrt: Sequence[str]) -> Question | None:
    """The derivative that a claim without a left side is about: the one that is asked for, if it is only one."""
    from pathdiff.explain import questions
    from pathdiff.graph import computation_graph

    pairs = [(p, x) for p, xs in questions(spec, computation_graph(spec), of, wrt).items() for x in xs]
    return pairs[0] if len(pairs) == 1 else None


def _graded(spec: Spec, of: Sequence[str], wrt: Sequence[str], answers: Sequence[tuple[str, Text]]) -> list[Row]:
    from pathdiff.grading.graded import Grader, grade_all

    return grade_all(Grader(spec, asked_in(spec, of, wrt)), answers)
