"""One derivative as sections: its paths, the loop that finds them, their sum, and the way from there to one formula."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from typing import Final

from pathdiff.derivation import Derivation, bracketed
from pathdiff.diagnostics import cell_width
from pathdiff.notation import Elided, Math, gist, number_math
from pathdiff.render.terminal.layout import NO_BREAK, Fragment, Line, columns
from pathdiff.render.terminal.loop import loop
from pathdiff.render.terminal.paths import largest
from pathdiff.render.terminal.pen import fits_stacked
from pathdiff.render.terminal.sheet import FIRST_PATHS, MOST_PATHS, MOST_TERMS, Section, Sheet
from pathdiff.render.text import Box, box
from pathdiff.typesetting import expression_math

LONGEST_WAY: Final = 36
"""How many lines the way from the path sum to the factored form may take."""


def derivative(derivation: Derivation, sheet: Sheet, *, trace: bool) -> Iterator[Section]:
    """The derivative of one node with respect to another, as far as it is its own."""
    name = sheet.line(sheet.result(derivation.result))
    of, wrt = sheet.name(derivation.of), sheet.name(derivation.wrt)
    if derivation.of == derivation.wrt:
        yield Section(name, tuple(sheet.prose((f"= 1: {of} changes as much as it does itself", ""))))
    elif not derivation.path_sum.count:
        why = f"= 0: no path leads from {of} to {wrt}, so {of} does not depend on {wrt}"
        yield Section(name, tuple(sheet.prose((why, ""))))
    else:
        yield Section(name, tuple(_paths(derivation, sheet)))
        if trace:
            yield Section("The loop", tuple(loop(derivation, sheet)))
        yield Section(
            "Sum over paths" if derivation.path_sum.count > 1 else "Path product", tuple(_sum(derivation, sheet))
        )
        yield Section("Factoring", tuple(_factoring(derivation, sheet)))
        yield Section("One formula", tuple(_one_formula(derivation, sheet)))


def _paths(derivation: Derivation, sheet: Sheet) -> list[Line]:
    """How many paths there are, and which."""
    count, paths = derivation.path_sum.count, derivation.path_sum.paths
    head = f"{sheet.counted(count, 'path')} from {sheet.name(derivation.of)} to {sheet.name(derivation.wrt)}"
    if count == 1:
        return sheet.prose((f"{head}:  {sheet.path(paths[0])}", ""), hang=2)
    listed = paths if count <= MOST_PATHS else paths[:FIRST_PATHS]
    if len(listed) < count:
        head += f", the first {len(listed)} of them"
    marks = [sheet.mark(number) for number in range(1, len(listed) + 1)]
    width = max(map(cell_width, marks))
    texts = [f"{m:<{width}}  {sheet.path(path)}" for m, path in zip(marks, listed, strict=True)]
    lines = sheet.prose((head, ""))
    if max(map(cell_width, texts)) <= sheet.width:
        lines += columns([(Box((text,)), number) for number, text in enumerate(texts, 1)], sheet.width)
    else:
        for number, text in enumerate(texts, 1):
            mark, path = text[:width], text[width + 2 :]
            lines += sheet.prose((mark + NO_BREAK, number), " ", (path, number), hang=width + 2)
    if len(listed) < count:
        lines += sheet.prose("`pathdiff paths` lists them all", tone="quiet")
    return lines


def _sum(derivation: Derivation, sheet: Sheet) -> list[Line]:
    """The path sum, then with the labels put in, then with numbers."""
    path_sum, numbers = derivation.path_sum, derivation.numbers
    most = MOST_PATHS if path_sum.count <= MOST_PATHS else max(1, MOST_TERMS - len(path_sum.paths[0]) // 4)
    rights: list[Math] = []
    if len(path_sum.paths[0]) > 2 or path_sum.count > 1:
        rights.append(sheet.sum(path_sum.formula, most))
    if derivation.labelled is not None:
        rights.append(sheet.sum(derivation.labelled, most))
    if derivation.expression is not None and not bracketed(derivation.factored):
        answer = expression_math(derivation.expression, sheet.symbols)
        rights += [] if isinstance(answer, Elided) else [answer]
    if numbers is not None and path_sum.count <= MOST_PATHS and numbers.formula.terms:
        rights.append(sheet.sum(numbers.formula, most))
    result = number_math(numbers.result) if numbers is not None else None
    lines = _chain(derivation, rights, result, sheet)
    if not lines:
        lines = sheet.prose("the partial derivative along the one arrow, with nothing to multiply")
    if numbers is not None and numbers.largest:
        told = f"the {len(numbers.largest)} largest terms; `pathdiff paths --top N` shows more:"
        lines += [*sheet.prose(told, tone="quiet"), *largest(numbers.largest, sheet)]
    if derivation.why_no_numbers:
        lines += sheet.prose(derivation.why_no_numbers, tone="unsure")
    return lines


def _chain(derivation: Derivation, rights: Sequence[Math], result: Math | None, sheet: Sheet) -> list[Line]:
    """The derivative = one right side after the other, without those that say the same again; last its value."""
    said: dict[Hashable, Math] = {}
    for right in rights:
        said.setdefault(gist(right), right)
    kept = list(said.values())
    if result is not None and kept[-1:] != [result]:
        kept.append(result)
    return sheet.equation(sheet.result(derivation.result), kept) if kept else []


def _factoring(derivation: Derivation, sheet: Sheet) -> list[Line]:
    """Which paths share a tail, and the way from the path sum to stages: tail after tail taken out."""
    if not derivation.factoring or derivation.path_sum.count > MOST_PATHS:
        return []
    left = sheet.result(derivation.result)
    rights = [sheet.math(line) for line in derivation.factoring]
    stacked = all(fits_stacked(left, right, sheet.width, sheet.style) for right in rights)
    lines = sheet.equation(left, rights, stacked=stacked, marks=False)
    if len(lines) > LONGEST_WAY:
        lines = sheet.equation(left, rights, stacked=False, marks=False)
    if len(lines) > LONGEST_WAY and len(rights) > 3:
        lines = sheet.equation(left, [*rights[:2], rights[-1]], stacked=False, marks=False)
        lines += sheet.prose("between the last two lines the other tails are taken out in the same way", tone="quiet")
    return _shared_tails(derivation, sheet) + lines


def _shared_tails(derivation: Derivation, sheet: Sheet) -> list[Line]:
    """The sentence that says which paths share a tail."""
    fragments: list[str | Fragment] = []
    for tail in derivation.tails:
        their_tail = "" if fragments else "their tail "
        fragments.append(", " if fragments else "")
        for number in tail.paths:
            fragments.append(" + " if number > tail.paths[0] else "")
            fragments.append((sheet.mark(number), number))
        fragments.append((f" share {their_tail}{sheet.ratio(tail.edge.of, tail.edge.wrt)}", ""))
    return sheet.prose(*fragments, ":")


def _one_formula(derivation: Derivation, sheet: Sheet) -> list[Line]:
    """Every bracket written out, named below; and the same in node names."""
    formula = derivation.factored
    if formula is not None and not bracketed(formula):
        return []
    if formula is None or not sheet.shows(formula):
        return sheet.prose("too long to read; reverse mode has it in stages", tone="quiet")
    left = sheet.result(derivation.result)
    factored = sheet.math(formula)
    rights = [factored]
    if derivation.factoring and sheet.line(factored) == sheet.line(sheet.math(derivation.factoring[0])):
        rights = []
    if derivation.expression is not None:
        answer = expression_math(derivation.expression, sheet.symbols)
        if box(answer).baseline and fits_stacked(left, answer, sheet.width, sheet.style):
            return sheet.equation(left, rights, stacked=False) + sheet.equation(left, [answer])
        rights.append(answer)
    return sheet.equation(left, rights, stacked=False)
