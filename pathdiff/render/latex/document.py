"""An explanation as sections of LaTeX: what is given, each derivative in every form, whether they agree, the cost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from pathdiff.derivation import Count, Derivation, Formula, Gradient, Sum, Total
from pathdiff.explain import Explanation
from pathdiff.render.claims import claims
from pathdiff.render.latex import sweep
from pathdiff.render.latex.displays import Cell, Right, grid, steps
from pathdiff.render.latex.elimination import elimination
from pathdiff.render.latex.gradient import results, spread
from pathdiff.render.latex.letters import Box, text
from pathdiff.render.latex.lines import PAGE
from pathdiff.render.latex.loop import loop
from pathdiff.render.latex.math import mark, slashed
from pathdiff.render.latex.overview import overview
from pathdiff.render.latex.sheet import LISTED, Sheet
from pathdiff.typesetting import expression_math, ratio
from pathdiff.verify import Check, Counterexample, Verdict


def sections(explanation: Explanation, sheet: Sheet, *, trace: bool = False) -> Iterator[str]:
    """What is given, then each derivative, and for each node that is derived its reverse sweep."""
    if explanation.spec.title:
        yield rf"\section*{{\raggedright {text(explanation.spec.title)}}}"
    yield from overview(explanation, sheet)
    for gradient, verdicts in explanation.verified:
        if gradient.is_brief:
            yield from _briefly(gradient, sheet)
            yield from _joint_sweep(gradient, sheet)
            yield from _agreement(_named(gradient, verdicts, sheet))
        else:
            for derivation, verdict in zip(gradient.derivations, verdicts, strict=True):
                yield from _derivation(derivation, sheet, trace=trace)
                if len(gradient.wrt) == 1 and not gradient.sweep.is_labels:
                    yield rf"\paragraph{{Reverse mode}} from {sheet.name(gradient.of)} on: {_REVERSE}:"
                    yield sweep.lines(gradient.sweep.steps[:LISTED], sheet)
                yield from _forward(derivation, sheet)
                yield from _agreement([("", verdict)])
                yield _cost("Cost" if len(gradient.wrt) == 1 else "Cost of this one alone", derivation.costs, sheet)
            if len(gradient.wrt) > 1:
                yield rf"\subsection*{{\raggedright All derivatives of {sheet.name(gradient.of)} together}}"
                yield from _joint_sweep(gradient, sheet)
        if len(gradient.wrt) > 1:
            yield _cost(f"Cost of {_all(gradient)} together", gradient.costs, sheet)
    for order in explanation.orders:
        yield from elimination(order, sheet)
        yield from _agreement([("", order.verdict)])


_REVERSE: Final = "each line needs only lines before it, and each label is multiplied by once"


def _joint_sweep(gradient: Gradient, sheet: Sheet) -> Iterator[str]:
    """The reverse sweep that several derivatives share."""
    if not gradient.sweep.is_labels:
        of = sheet.name(gradient.of)
        yield rf"\paragraph{{Reverse mode:}} one sweep for {_all(gradient)}, from {of} on; {_REVERSE}:"
        yield sweep.lines(gradient.sweep.steps[:LISTED], sheet)


def _all(gradient: Gradient) -> str:
    return "both derivatives" if len(gradient.wrt) == 2 else f"all {len(gradient.wrt)} derivatives"


def _briefly(gradient: Gradient, sheet: Sheet) -> Iterator[str]:
    """How many paths there are to each name, and each derivative at the point, or in node names."""
    of, count = sheet.name(gradient.of), len(gradient.told)
    yield rf"\subsection*{{\raggedright The gradient of {of} with respect to {count} names}}"
    yield spread(gradient, sheet)
    if found := results(gradient, sheet):
        yield rf"\paragraph{{{found.where}:}}{f' {found.some}' * bool(found.some)}"
        yield grid(found.cells, sheet.hand)
    if gradient.why_no_numbers:
        yield text(gradient.why_no_numbers) + "."


def _derivation(derivation: Derivation, sheet: Sheet, *, trace: bool) -> Iterator[str]:
    """The paths, their sum, and the way from there to one formula."""
    of, wrt = sheet.name(derivation.of), sheet.name(derivation.wrt)
    yield rf"\subsection*{{\raggedright The derivative of {of} with respect to {wrt}}}"
    if derivation.why_zero:
        yield f"No path leads from {of} to {wrt}: {of} does not depend on it."
    else:
        yield from _paths(derivation, sheet)
        if trace:
            yield from loop(derivation, sheet)
        yield r"\paragraph{Sum over paths:}"
    yield _path_sum(derivation, sheet)
    if derivation.why_no_numbers:
        yield text(derivation.why_no_numbers) + "."
    yield from _factoring(derivation, sheet)
    yield from _in_node_names(derivation, sheet)


def _paths(derivation: Derivation, sheet: Sheet) -> Iterator[str]:
    count, paths = derivation.path_sum.count, derivation.path_sum.paths[:LISTED]
    ends = f"from {sheet.name(derivation.of)} to {sheet.name(derivation.wrt)}"
    if count == 1:
        yield rf"\paragraph{{Paths:}} one {ends}: ${sheet.path(paths[0]).source}$."
        return
    some = "" if count == len(paths) else f", the first {len(paths)} of them"
    yield rf"\paragraph{{Paths:}} {sheet.count(count)} {ends}{some}:"
    numbered = [(mark(number), sheet.path(path)) for number, path in enumerate(paths, 1)]
    if max(path.width for _, path in numbered) < PAGE - 4:
        cells = [Cell(number, Box(rf"\quad {path.source}", path.width + 1)) for number, path in numbered]
        yield grid(cells, sheet.hand)
    else:
        items = "\n".join(rf"\item[{number.source}] ${path.source}$" for number, path in numbered)
        yield f"\\begin{{itemize}}\\raggedright\n{items}\n\\end{{itemize}}"


def _path_sum(derivation: Derivation, sheet: Sheet) -> str:
    """In Leibniz form, with the labels put in, with numbers; the marks of the paths stand below the first."""
    path_sum, numbers = derivation.path_sum, derivation.numbers
    rights = [sheet.sum(path_sum.formula if path_sum.count > 1 else Sum(path_sum.terms), path_sum.complete)]
    if derivation.labelled is not None and path_sum.count:
        rights.append(_labelled(derivation.labelled, derivation, sheet))
        if numbers is not None:
            rights.append(_labelled(numbers.formula, derivation, sheet))
    if numbers is not None:
        rights.append(sheet.number(numbers.result))
    return steps(sheet.left(derivation.result), rights, replace(sheet.hand, marks=True))


def _labelled(formula: Sum, derivation: Derivation, sheet: Sheet) -> Right:
    return sheet.sum(replace(formula, marks=()), derivation.path_sum.complete)


def _factoring(derivation: Derivation, sheet: Sheet) -> Iterator[str]:
    """The way from the path sum to reverse mode, and all of it in one formula."""
    left = sheet.left(derivation.result)
    lines = derivation.factoring if all(map(sheet.shows, derivation.factoring)) else derivation.factoring[-1:]
    if lines:
        told = f"{_shared_tails(derivation, sheet)}; each bracket is a derivative known before"
        yield rf"\paragraph{{Factoring:}} {told}:"
        yield steps(left, [sheet.formula(line) for line in lines], sheet.hand)
    if lines and derivation.factored is not None and sheet.shows(derivation.factored):
        yield r"\paragraph{In one formula:}"
        yield steps(left, [sheet.formula(derivation.factored)], replace(sheet.hand, braces=False))


def _shared_tails(derivation: Derivation, sheet: Sheet) -> str:
    """Which paths share a tail."""
    told: list[str] = []
    for tail in derivation.tails:
        numbers = " + ".join(mark(number).source for number in tail.paths)
        edge = slashed(ratio(Total(tail.edge.of, tail.edge.wrt), sheet.symbols), sheet.hand)
        told.append(f"${numbers}$ share {'' if told else 'their tail '}${edge}$")
    return ", ".join(told)


def _in_node_names(derivation: Derivation, sheet: Sheet) -> Iterator[str]:
    if derivation.expression is None or derivation.labelled is None:
        return
    right = Right(expression_math(derivation.expression, sheet.symbols))
    if right != _labelled(derivation.labelled, derivation, sheet):
        yield r"\paragraph{In node names:}"
        yield steps(sheet.left(derivation.result), [right], sheet.hand)


def _forward(derivation: Derivation, sheet: Sheet) -> Iterator[str]:
    if derivation.forward.is_labels:
        return
    yield rf"\paragraph{{Forward mode}} from {sheet.name(derivation.wrt)} on: each line needs only lines before it:"
    yield sweep.lines(derivation.forward.steps[:LISTED], sheet)
    formula = derivation.substituted
    if formula is not None and sheet.shows(formula) and _unmarked(formula) != Sum(derivation.path_sum.terms):
        yield "Substituted back:"
        yield steps(sheet.left(derivation.result), [sheet.formula(formula)], replace(sheet.hand, braces=False))


def _unmarked(formula: Formula) -> Sum:
    return Sum(formula.terms if isinstance(formula, Sum) else (formula,))


def _named(gradient: Gradient, verdicts: Sequence[Verdict], sheet: Sheet) -> list[tuple[str, Verdict]]:
    """The verdicts of derivatives with the names of these."""
    names = [f"${slashed(ratio(each.result, sheet.symbols), sheet.hand)}$" for each in gradient.derivations]
    return list(zip(names or [""], verdicts, strict=True))


def _agreement(found: Sequence[tuple[str, Verdict]]) -> Iterator[str]:
    """The checks of derivatives by name; what was done in the same way for several is said once."""
    yield r"\paragraph{Agreement:}"
    yield r"\begin{itemize}"
    for claim in claims(found):
        outcome = _OUTCOMES[claim.outcome]
        if claim.for_all or not claim.text:
            yield from (rf"\item {outcome}: {_checked(check, check.text)}" for _, check in claim.groups)
        else:
            yield rf"\item {outcome}: {text(claim.text)}:"
            yield r"\begin{itemize}"
            yield from (rf"\item {', '.join(names)}: {_checked(check, check.method)}" for names, check in claim.groups)
            yield r"\end{itemize}"
    yield r"\end{itemize}"


def _checked(check: Check, told: str) -> str:
    """What was done, and what was found where something differs."""
    return text(told) + (f"\n{text(_told(check.counterexample))}" if check.counterexample is not None else "")


_OUTCOMES: Final = {
    "proved": "Proved", "checked": "Checked", "refuted": r"\textbf{Refuted}", "undecided": r"\textbf{Undecided}",
}  # fmt: skip


def _told(found: Counterexample) -> str:
    """A counterexample as a sentence: what differs, where, and both values."""
    point = ", ".join(f"{told} = {value}" for told, value in found.point.items())
    return (
        found.text
        + (f", at {point}" if point else "")
        + (f": the derivation has {found.claimed}, right is {found.actual}" if found.claimed and found.actual else "")
    )


_WAYS: Final = (("path_sum", "path sum"), ("reverse", "reverse mode"), ("forward", "forward mode"))


def _cost(heading: str, costs: Mapping[str, Count], sheet: Sheet) -> str:
    (first, *others) = ((way, costs[key]) for key, way in _WAYS if key in costs)
    multiplications = _counted(sheet.count(first[1].multiplications), "multiplication")
    additions = _counted(sheet.count(first[1].additions), "addition")
    also = [f"{way} {sheet.count(count.multiplications)} and {sheet.count(count.additions)}" for way, count in others]
    return rf"\paragraph{{{heading}:}} {first[0]} {multiplications} and {additions}; {'; '.join(also)}."


def _counted(count: str, noun: str) -> str:
    return f"{count} {noun}" + ("" if count == "1" else "s")
