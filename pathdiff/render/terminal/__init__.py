"""The terminal: an explanation, or the verdicts of a check, with colours where the terminal has them.

Only this module imports rich. What is shown is made elsewhere, as lines whose pieces say what they are; here they get
their colours and the names of the sections their place. A text of the user's is never read as rich's markup.
"""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final, Literal

from rich.console import Console
from rich.text import Text

from pathdiff.derivation import labels_beside_totals
from pathdiff.diagnostics import cell_width
from pathdiff.explain import Explanation
from pathdiff.names import Symbols
from pathdiff.render.terminal.agreement import agreement, found, heading, tally
from pathdiff.render.terminal.derivative import derivative
from pathdiff.render.terminal.gradient import gradient_table
from pathdiff.render.terminal.layout import Line, Tone, wrapped
from pathdiff.render.terminal.modes import cost, forward_mode, reverse_mode
from pathdiff.render.terminal.overview import overview
from pathdiff.render.terminal.sheet import Section, Sheet
from pathdiff.render.text import ASCII, UNICODE, Style, words

if TYPE_CHECKING:
    from pathdiff.cost import Costs
    from pathdiff.drawing import Drawing
    from pathdiff.evaluation import Evaluation
    from pathdiff.grading.findings import Row
    from pathdiff.listing import Listing
    from pathdiff.render.picture.figure import Kind
    from pathdiff.training import Training

Differential = Literal["partial", "d"]

NARROW: Final = 72
"""A terminal with fewer columns has the names of sections above them, not beside."""
MARGIN: Final = 19
"""How wide the column of the names is."""
NARROWEST: Final = 24
"""A terminal with fewer columns is written to as if it had these."""
# Readable on black and on white: a contrast of 3.7 to 1 or better with both.
PATHS: Final = ("color(27)", "color(166)", "color(28)", "color(162)", "color(30)", "color(99)")
_LOOKS: Final[dict[Tone, str]] = {
    "": "", "title": "bold", "name": "bold", "quiet": "dim", "good": "color(28)", "bad": "bold color(160)",
    "unsure": "color(166)",
}  # fmt: skip
_NEEDED: Final = "∂₁─①→σ⎛✓"
"""What an encoding must have for mathematics to be shown as such."""


def render(explanation: Explanation, console: Console, *, sign: Differential = "partial", trace: bool = False) -> None:
    """Writes a whole explanation to a terminal; `sign` "d" writes every derivative with d, `trace` shows the loop."""
    width = max(console.width, NARROWEST)
    style = replace(_style(console), always_d=sign == "d", kept=labels_beside_totals(explanation.all_sweeps))
    inner = width if width < NARROW else width - MARGIN
    sheet = Sheet(inner, style, Symbols(explanation.computation))
    _write(_page(explanation.spec.title, _sections(explanation, sheet, trace), sheet, width), console)


def explanation_text(
    explanation: Explanation,
    width: int | None = None,
    *,
    color: bool = False,
    notation: str = "partial",
    trace: bool = False,
) -> str:
    """The same as text; with `color` as standard output would show it, without for wherever it goes."""
    console = _console(width, color)
    with console.capture() as captured:
        render(explanation, console, sign="partial" if notation == "partial" else "d", trace=trace)
    return captured.get()


def cost_text(costs: Costs, width: int | None = None, *, color: bool = False) -> str:
    """What `pathdiff cost` prints, as text."""
    from pathdiff.render.terminal.costs import cost_sections

    return _sections_text(costs.spec.title, costs.computation, partial(cost_sections, costs), width, color)


def evaluation_text(evaluation: Evaluation, width: int | None = None, *, color: bool = False) -> str:
    """What `pathdiff eval` prints at one point, as text."""
    from pathdiff.render.terminal.evaluation import evaluation_sections

    sections = partial(evaluation_sections, evaluation)
    return _sections_text(evaluation.spec.title, evaluation.computation, sections, width, color)


def training_text(training: Training, width: int | None = None, *, color: bool = False) -> str:
    """What `pathdiff train` prints, as text."""
    from pathdiff.render.terminal.training import training_sections

    sections = partial(training_sections, training)
    return _sections_text(training.spec.title, training.computation, sections, width, color)


def _sections_text(
    title: str, names: Iterable[str], sections: Callable[[Sheet], Iterable[Section]], width: int | None, color: bool
) -> str:
    """A title and sections, as text."""
    console = _console(width, color)
    width = max(console.width, NARROWEST)
    inner = width if width < NARROW else width - MARGIN
    sheet = Sheet(inner, _style(console), Symbols(names))
    with console.capture() as captured:
        _write(_page(title, sections(sheet), sheet, width), console)
    return captured.get()


def check_text(
    results: Sequence[tuple[str, Explanation]],
    width: int | None = None,
    *,
    color: bool = False,
    unreadable: int = 0,
    claims: Mapping[str, Sequence[Row]] | None = None,
) -> str:
    """What was found of specs by name, and of the claims about each, as text; `unreadable` more could not be read."""
    console = _console(width, color)
    with console.capture() as captured:
        render_check(results, console, unreadable, claims)
    return captured.get()


def answers_text(
    rows: Iterable[Row], ids: Sequence[str], width: int | None = None, *, color: bool = False
) -> Iterator[str]:
    """A table of many answers as text, a row when it comes; `ids` are all that there will be."""
    from pathdiff.render.terminal.graded import table

    console = _console(width, color)

    def styled(lines: Iterable[Line]) -> str:
        with console.capture() as captured:
            _write(lines, console)
        return captured.get()

    yield from table(rows, ids, Sheet(max(console.width, NARROWEST), _style(console), Symbols(())), styled)


def render_check(
    results: Sequence[tuple[str, Explanation]],
    console: Console,
    unreadable: int = 0,
    claims: Mapping[str, Sequence[Row]] | None = None,
) -> None:
    """Writes what was found of specs by name, in full for one and for those that don't agree, and of the claims."""
    plain = Sheet(max(console.width, NARROWEST), _style(console), Symbols(()))
    for name, explanation in results:
        style = replace(plain.style, kept=labels_beside_totals(explanation.all_sweeps))
        sheet = replace(plain, style=style, symbols=Symbols(explanation.computation))
        _write(heading(name, explanation, sheet), console)
        for note in (*explanation.notes, *explanation.why_no_values):
            _write(sheet.prose(note, tone="unsure", hang=4, indent=2), console)
        if (len(results) == 1 and claims is None) or explanation.verdict != "agree":
            inner = replace(sheet, width=sheet.width - 2)
            told = [pair for each in explanation.verified for pair in found(*each, inner)]
            _write([(("  ", ""), *line) for line in agreement(told, inner)], console)
        if claims is not None:
            from pathdiff.render.terminal.graded import claim_lines

            for row in claims[name]:
                _write([(), *claim_lines(row, plain)], console)
    if len(results) + unreadable > 1:
        _write([(), *tally([explanation.checked for _, explanation in results], unreadable, plain)], console)


def paths_text(listings: Sequence[Listing], width: int | None = None, *, color: bool = False) -> Iterator[str]:
    """What is shown of the paths between nodes, as text, some lines at a time, in constant memory."""
    from pathdiff.render.terminal.paths import paths

    console = _console(width, color)

    def styled(lines: Iterable[Line]) -> str:
        with console.capture() as captured:
            _write(lines, console)
        return captured.get()

    names = Symbols(listings[0].graph if listings else ())  # of one graph: there may be thousands of listings
    for index, listing in enumerate(listings):
        sheet = Sheet(max(console.width, NARROWEST), _style(console), names)
        if index:
            yield "\n"
        yield from paths(listing, sheet, styled)


def drawing_text(drawing: Drawing, kinds: Sequence[Kind], width: int | None = None, *, color: bool = False) -> str:
    """Both graphs, or one, as pictures of characters; where there is no room, what to do about it."""
    from pathdiff.render.picture.figure import figure  # which writes mathematics as this package does
    from pathdiff.render.terminal.picture import legend, picture

    console = _console(width, color)
    width = max(console.width, NARROWEST)
    sheet = Sheet(width, _style(console), Symbols([*drawing.spec.independents, *drawing.spec.nodes]))
    lines: list[Line] = []
    title = words(drawing.spec.title, sheet.style)
    if title.strip():
        lines += [*wrapped([(title, "title")], width), ()]
    for kind in kinds:
        told = figure(drawing, kind)
        drawn = picture(told, sheet)
        lines.append(((told.heading, "name"),))
        lines += drawn or sheet.prose(
            f"{told.heading.lower()} does not fit into {width} columns: `-o picture.svg` draws it, and so do .png, "
            ".pdf and .tex; `--only` with --of and --wrt leaves out what is not between",
            tone="quiet",
        )
        lines.append(())
    lines += sheet.prose("  ".join(legend(told)), tone="quiet")
    with console.capture() as captured:
        _write(lines, console)
    return captured.get()


def _console(width: int | None, color: bool) -> Console:
    if color:
        size = shutil.get_terminal_size()
        # without a height rich takes a dumb terminal to be 80 columns wide, whatever it is
        return Console(width=width or size.columns, height=size.lines, force_jupyter=False)
    return Console(width=width or 80, file=io.StringIO(), color_system=None, force_jupyter=False)


def _style(console: Console) -> Style:
    try:
        _NEEDED.encode(console.encoding)
    except (UnicodeEncodeError, LookupError):
        return ASCII
    return UNICODE


def _sections(explanation: Explanation, sheet: Sheet, trace: bool) -> Iterator[Section]:
    """Everything in reading order: what is given, each derivative, and what belongs to all of one node together."""
    yield from overview(explanation, sheet)
    for gradient, verdicts in explanation.verified:
        derivations = gradient.derivations
        reverse = Section("Reverse mode", tuple(reverse_mode(gradient, sheet)))
        if gradient.is_brief:
            yield Section("Gradient", tuple(gradient_table(gradient, sheet)))
            yield reverse
        else:
            for each in derivations:
                yield from derivative(each, sheet, trace=trace)
                if len(derivations) == 1:
                    yield reverse
                yield Section("Forward mode", tuple(forward_mode(each, sheet)))
            if len(derivations) > 1:
                yield reverse
        yield Section("Agreement", tuple(agreement(found(gradient, verdicts, sheet), sheet)))
        yield Section("Cost", tuple(cost(gradient, sheet)))
    if explanation.orders:
        from pathdiff.render.terminal.elimination import elimination

        for order in explanation.orders:
            yield Section("Elimination", tuple(elimination(order, sheet)))


def _page(title: str, sections: Iterable[Section], sheet: Sheet, width: int) -> list[Line]:
    """The title and the sections that are not empty, with space between."""
    shown = words(title, sheet.style)
    lines = wrapped([(shown, "title")], width) if shown.strip() else []
    for section in sections:
        if section.lines:
            lines += [()] * bool(lines) + _placed(section, beside=sheet.width < width)
    return lines


def _placed(section: Section, *, beside: bool) -> list[Line]:
    """The lines of a section with its name, above them or on their left."""
    name: Line = ((section.name, "name"),)
    if not beside:
        return [name, *section.lines]
    rest = [((" " * MARGIN, ""), *line) if line else line for line in section.lines]
    room = MARGIN - cell_width(section.name)
    if room < 2:
        return [name, *rest]
    return [(*name, (" " * room, ""), *section.lines[0]), *rest[1:]]


def _write(lines: Iterable[Line], console: Console) -> None:
    text = Text()
    for line in lines:
        text.append_tokens((piece, _look(tone)) for piece, tone in (*line, ("\n", "")))
    console.print(text, end="", no_wrap=True, overflow="ignore", crop=False, soft_wrap=True)


def _look(tone: Tone) -> str:
    return PATHS[(tone - 1) % len(PATHS)] if isinstance(tone, int) else _LOOKS[tone]
