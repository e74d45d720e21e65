"""Slides: one for each path, whose edges light up as its term joins the sum, each step of factoring, each stage.

pdflatex compiles them as they are. Formulas are small, so that lines broken for the page of an article fit a slide.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from typing import Any, Final

from pathdiff.derivation import Derivation, Formula, Gradient, Partial, Product, Sum, labels_beside_totals
from pathdiff.drawing import MOST_EDGES, MOST_NODES, Drawing, of_derivation, with_numbers
from pathdiff.explain import Explanation, Ordered
from pathdiff.names import Symbols
from pathdiff.render.latex import sweep
from pathdiff.render.latex.displays import Right, grid, steps
from pathdiff.render.latex.elimination import parts
from pathdiff.render.latex.gradient import results, spread
from pathdiff.render.latex.letters import text
from pathdiff.render.latex.math import Differential, Hand, box, mark
from pathdiff.render.latex.picture import begun, drawn, measured
from pathdiff.render.latex.sheet import Sheet
from pathdiff.render.picture.figure import HEADINGS, Figure, Kind, figure
from pathdiff.render.picture.figure import number as rounded
from pathdiff.render.picture.geometry import Edge, Layout
from pathdiff.verify import Verdict

MOST_PATHS: Final = 12
"""How many paths have a slide of their own."""
MOST_STEPS: Final = 12
"""How many steps of an elimination do."""
MOST_TERMS: Final = 8
"""How many terms of a sum stand on a slide; of a longer one the last of them."""
_ACROSS: Final = 385.0
"""How wide a picture may be, in points, and how high together with what is below it."""
_DOWN: Final = 172.0
_LINE: Final = 36.0
"""The height of a line of formulas with marks below its terms."""
_SMALL_LINE: Final = 30.0
_MANY: Final = 3
"""So many lines are set smaller."""
_UNBROKEN: Final = 40
"""A word of a title with so many characters may be broken."""
_LEAST: Final = 60.0
_LARGEST: Final = 1.5

_HEAD: Final = r"""\documentclass[aspectratio=169]{beamer}
\usepackage{amsmath}
\usepackage{tikz}
\setbeamertemplate{navigation symbols}{}
\setbeamertemplate{frametitle continuation}[from second]
% Backslashes and braces are in no sans-serif font: without a word from one that has them.
\DeclareFontFamily{OMS}{cmss}{}
\DeclareFontShape{OMS}{cmss}{m}{n}{<->ssub*cmsy/m/n}{}
\begin{document}
"""


def beamer(explanation: Explanation, style: Differential = "partial") -> str:
    """An explanation as slides, a document of its own."""
    hand = Hand(style, labels_beside_totals(explanation.all_sweeps))
    sheet = Sheet(Symbols(explanation.computation), hand)
    return _HEAD + "\n".join(_slides(explanation, sheet)) + "\n\\end{document}\n"


def _slides(explanation: Explanation, sheet: Sheet) -> Iterator[str]:
    title = _title(explanation.spec.title) or "Derivatives over the paths of a graph"
    yield _frame("", rf"\centering\Large {title}")
    for gradient, verdicts in explanation.verified:
        if gradient.is_brief:
            yield _briefly(gradient, sheet)
        for derivation, verdict in zip(() if gradient.is_brief else gradient.derivations, verdicts, strict=False):
            yield from _derivation(explanation, derivation, verdict, sheet)
    for order in explanation.orders:
        yield from _elimination(order, sheet)


def _briefly(gradient: Gradient, sheet: Sheet) -> str:
    """A slide for derivatives that are too many to have slides of their own."""
    parts = [f"{spread(gradient, sheet)} \\texttt{{-{{}}-wrt}} with some of the names has slides for each path."]
    if found := results(gradient, sheet):
        parts += [f"{found.where}:{f' {found.some}' * bool(found.some)}", _small(grid(found.cells, sheet.hand))]
    title = f"The gradient of {sheet.name(gradient.of)} with respect to {len(gradient.told)} names"
    return _frame(title, "\n\n".join(parts), breaks=True)


def _title(told: str) -> str:
    """A title whose long words may be broken anywhere."""
    pieces = re.findall(rf"\S{{1,{_UNBROKEN}}}|\s+", told)
    return "".join(text(piece) + r"\hspace{0pt}" * (len(piece) == _UNBROKEN) for piece in pieces).strip()


class _Stage:
    """The pictures that stay while their edges light up; nothing where there are too many nodes for one."""

    def __init__(self, explanation: Explanation, derivation: Derivation) -> None:
        self.drawn = 1 < len(derivation.part.order) <= MOST_NODES and len(derivation.part.labels) <= MOST_EDGES
        if self.drawn:
            drawing = of_derivation(explanation, derivation)
            figures = {kind: figure(drawing, kind) for kind in HEADINGS}
            self.plain = _Picture(figures, measured([*figures.values()]))
            self.at_point = self.plain
            if explanation.values is not None:
                told = _with_numbers(figures["derivative"], with_numbers(drawing, derivation.of, explanation.point))
                self.at_point = _Picture({"derivative": told}, measured([told]))

    def form(self, kind: Kind) -> str:
        """One of the graphs with formulas."""
        return self.plain.shown(kind, 0)

    def lit(self, lines: int, lit: Collection[Edge], known: Collection[str] = ()) -> str:
        """The derivative graph above so many lines of formulas, some edges lit; at the point where there is one.

        The adjoints of `known` nodes are on them there.
        """
        return self.at_point.shown("derivative", lines, lit, known) if self.drawn else ""


def _with_numbers(told: Figure, drawing: Drawing) -> Figure:
    """The derivative graph at a point: values and adjoints, and of each label that has one its number alone."""
    arrows = (
        replace(
            each, below=rounded(drawing.labels[each.edge[::-1]]) if each.edge[::-1] in drawing.labels else each.below
        )
        for each in told.arrows
    )
    return replace(figure(drawing, "derivative"), arrows=tuple(arrows))


@dataclass(frozen=True, slots=True)
class _Picture:
    """Figures of the same layout."""

    figures: Mapping[Kind, Figure]
    layout: Layout

    def shown(self, kind: Kind, lines: int, lit: Collection[Edge] | None = None, known: Collection[str] = ()) -> str:
        """A figure as large as there is room for; `lit` edges stand out, where that is said."""
        room = max(_LEAST, _DOWN - (_LINE if lines < _MANY else _SMALL_LINE) * lines)
        scale = min(_LARGEST, _ACROSS / self.layout.width, room / self.layout.height)
        told = self.figures[kind]
        if kind == "derivative":
            vertices = (each if each.name in known else replace(each, below=None) for each in told.vertices)
            told = replace(told, vertices=tuple(vertices))
        commands = drawn(told, self.layout, lit is not None, lit or ())
        picture = "\n".join([*begun(), *commands, r"\end{tikzpicture}"])
        return f"{{\\centering\\scalebox{{{scale:.3f}}}{{%\n{picture}}}\\par}}\n"


def _derivation(explanation: Explanation, derivation: Derivation, verdict: Verdict, sheet: Sheet) -> Iterator[str]:
    stage = _Stage(explanation, derivation)
    of, wrt = sheet.name(derivation.of), sheet.name(derivation.wrt)
    if derivation.why_zero:
        yield _frame(f"{of} with respect to {wrt}", f"No path leads from {of} to {wrt}: the derivative is 0.")
        return
    if stage.drawn:
        yield _frame(f"How {of} depends on {wrt}", stage.form("computation"))
        yield _frame("Every arrow reversed, a partial derivative on each", stage.form("derivative"))
    yield from _paths(derivation, stage, sheet)
    yield from _factoring(derivation, sheet)
    yield from _reverse(derivation, stage, sheet)
    yield from _result(derivation, verdict, sheet)


def _paths(derivation: Derivation, stage: _Stage, sheet: Sheet) -> Iterator[str]:
    """A slide for each path: its edges, and the sum so far."""
    listed, count = derivation.path_sum, derivation.path_sum.count
    marked = replace(sheet.hand, marks=count > 1)
    for number, path in enumerate(listed.paths[:MOST_PATHS], 1):
        first = max(0, number - MOST_TERMS)
        formula = Sum(listed.terms[first:number], tuple(range(first + 1, number + 1)) if count > 1 else ())
        right = sheet.sum(formula, complete=number == count)
        left = sheet.left(derivation.result)
        if first:
            left = replace(left, source=f"{left.source} = \\cdots + {{}}", width=left.width + 3)
            right = replace(right, relation=replace(right.relation, source="", width=0))
        told = steps(left, [right, *_labels_put_in(derivation, sheet)] if count == 1 else [right], marked)
        lit = {(u, v) for v, u in pairwise(path)}
        so_far = _so_far(derivation, number, sheet)
        body = stage.lit(_lines(told) + bool(so_far), lit) + _small(told) + so_far
        title = f"Path {mark(number).source} of {sheet.count(count)}: ${sheet.path(path).source}$"
        yield _frame(title if count > 1 else f"The only path: ${sheet.path(path).source}$", body)
    if count > MOST_PATHS:
        told = f"{sheet.count(count - MOST_PATHS)} more paths add a term each in the same way."
        how = rf"\texttt{{pathdiff paths}} lists them, \texttt{{pathdiff draw -{{}}-path {MOST_PATHS + 1}}} draws one."
        yield _frame("And so on", f"{told}\n\n{how}")
    if count > 1 and (rights := _labels_put_in(derivation, sheet)):
        yield _frame("The labels put in", _small(steps(sheet.left(derivation.result), rights, sheet.hand)), breaks=True)


def _labels_put_in(derivation: Derivation, sheet: Sheet) -> list[Right]:
    """The path sum with what the labels are, with numbers in it, and what that is, as far as these are known."""
    path_sum, numbers = derivation.path_sum, derivation.numbers
    forms = [derivation.labelled, numbers.formula if numbers and derivation.labelled else None]
    rights = [sheet.sum(replace(form, marks=()), path_sum.complete) for form in forms if form is not None]
    return [*rights, sheet.number(numbers.result)] if numbers else rights


def _so_far(derivation: Derivation, number: int, sheet: Sheet) -> str:
    """What a path gives to the sum at the point, and what that is with it."""
    numbers, count = derivation.numbers, derivation.path_sum.count
    if numbers is None or count == 1 or number > len(numbers.terms):
        return ""
    term, total = (_number(value, sheet) for value in (numbers.terms[number - 1], numbers.sums[number - 1]))
    told = f"At the point this path gives {term}, and the sum {'is' if number == count else 'so far is'} {total}."
    return f"\n\n{{\\centering\\footnotesize {told}\\par}}\n"


def _number(value: Any, sheet: Sheet) -> str:
    right = sheet.number(value)
    about = right.relation.source.strip().removeprefix("=")
    return f"${about}{' ' * bool(about)}{box(right.formula, sheet.hand).source}$"


def _factoring(derivation: Derivation, sheet: Sheet) -> Iterator[str]:
    """A slide for each step from the path sum to the last line of reverse mode: what was, and what it becomes."""
    left = sheet.left(derivation.result)
    lines = [line for line in derivation.factoring if sheet.shows(line)]
    if len(lines) < len(derivation.factoring) or not lines:
        return
    told = [Sum(derivation.path_sum.terms), *lines]
    for number, (before, after) in enumerate(pairwise(told), 1):
        body = _small(steps(left, [sheet.formula(before), sheet.formula(after)], sheet.hand))
        yield _frame(f"Factoring, step {number} of {len(lines)}", body, breaks=True)


def _reverse(derivation: Derivation, stage: _Stage, sheet: Sheet) -> Iterator[str]:
    """A slide for each stage of reverse mode: the edges that it uses, and its lines."""
    if derivation.reverse.is_labels:
        return
    grouped = [list(group) for _, group in groupby(derivation.reverse.steps, lambda step: step.stage)]
    used: set[Edge] = set()
    known = {derivation.of}
    for number, group in enumerate(grouped, 1):
        told = sweep.lines(group, sheet)
        lit = {(edge.wrt, edge.of) for step in group for edge in _labels(step.formula)} - used
        used |= lit  # a label that is an adjoint itself is met again, as what is known before
        known |= {step.result.wrt for step in group}
        body = stage.lit(_lines(told), lit, known) + _small(told)
        title = f"Reverse mode, stage {number} of {len(grouped)}: every edge once"
        yield _frame(title, body, breaks=_lines(told) > 3)


def _labels(formula: Formula) -> Iterator[Partial]:
    """The labels in a line of a sweep."""
    waiting: list[Formula] = [formula]
    while waiting:
        part = waiting.pop()
        if isinstance(part, Partial):
            yield part
        elif isinstance(part, Product | Sum):
            waiting.extend(part.factors if isinstance(part, Product) else part.terms)


def _result(derivation: Derivation, verdict: Verdict, sheet: Sheet) -> Iterator[str]:
    """Both forms side by side by what they cost, and whether they agree."""
    rows = [
        f"{way} & {sheet.count(count.multiplications)} & {sheet.count(count.additions)}"
        for name, way in (("path_sum", "path sum"), ("reverse", "reverse mode"))
        if (count := derivation.costs.get(name))
    ]
    table = (
        "\\begin{tabular}{lrr}\n & multiplications & additions \\\\\n" + " \\\\\n".join(rows) + "\n\\end{tabular}\n\n"
    )
    told = {"agree": "The two forms agree", "refuted": "The two forms do not agree"}
    body = f"\\footnotesize\\centering {table}\\medskip\n{_checked(verdict)}"
    yield _frame(told.get(verdict.verdict, "Undecided"), body, breaks=True)


def _elimination(order: Ordered, sheet: Sheet) -> Iterator[str]:
    """A slide for the order, one for each node, the results, and whether these are the path sums."""
    head, *rest = parts(order, sheet, MOST_STEPS)
    yield _frame(head.heading, "\n\n".join((head.told, *head.left_out)), breaks=True)
    for part in rest:
        body = "\n\n".join((*map(_small, part.displays), *part.left_out))
        yield _frame(f"{part.heading} {part.told}", body, breaks=True)
    told = {"agree": "The elimination gives the path sums", "refuted": "The elimination does not give the path sums"}
    yield _frame(told.get(order.verdict.verdict, "Undecided"), _checked(order.verdict), breaks=True)


def _checked(verdict: Verdict) -> str:
    checks = "\n".join(rf"\item {text(check.text)}" for check in verdict.checks)
    return f"\\begin{{itemize}}\\footnotesize\n{checks}\n\\end{{itemize}}"


def _lines(display: str) -> int:
    return display.count("\\\\") + 1


def _small(display: str) -> str:
    size = "small" if _lines(display) < _MANY else "footnotesize"
    return f"{{\\{size}\\allowdisplaybreaks\\setlength{{\\jot}}{{5pt}}\n{display}\n}}"


def _frame(title: str, body: str, *, breaks: bool = False) -> str:
    options = "[allowframebreaks]" if breaks else ""
    return f"\\begin{{frame}}{options}\n" + f"\\frametitle{{{title}}}\n" * bool(title) + f"{body}\n\\end{{frame}}"
