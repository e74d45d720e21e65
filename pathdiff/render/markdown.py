"""Markdown: an explanation for GitHub, MyST, Quarto or a notebook, with mathematics between dollars, and Mermaid."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

from pathdiff.derivation import Derivation, Gradient, Sum, labels_beside_totals
from pathdiff.diagnostics import unseen
from pathdiff.drawing import MOST_EDGES, MOST_NODES, Drawing
from pathdiff.explain import Explanation, Ordered
from pathdiff.names import Symbols
from pathdiff.render.claims import claims
from pathdiff.render.latex import sweep
from pathdiff.render.latex.displays import Cell, Right, grid, steps
from pathdiff.render.latex.elimination import parts
from pathdiff.render.latex.gradient import results, spread
from pathdiff.render.latex.math import Differential, Hand, box, mark
from pathdiff.render.latex.overview import at_point
from pathdiff.render.latex.sheet import LISTED, Sheet
from pathdiff.render.picture.mermaid import mermaid
from pathdiff.typesetting import definition, expression_math, function_definition
from pathdiff.verify import Verdict

_OUTCOMES: Final = {"proved": "✓", "checked": "✓", "refuted": "✗", "undecided": "?"}


def markdown(explanation: Explanation, style: Differential = "partial") -> str:
    """An explanation as Markdown, in the order of every other rendering."""
    hand = Hand(style, labels_beside_totals(explanation.all_sweeps))
    sheet = Sheet(Symbols(explanation.computation), hand)
    return "\n\n".join(_blocks(explanation, sheet)) + "\n"


def escaped(told: str) -> str:
    r"""Any text within a line of Markdown, as it reads; nothing in it is markup.

    >>> print(escaped("*a* <b> `c`"))
    \*a\* &lt;b\> \`c\`
    """
    seen = "".join(" " if char == "\n" else f"U+{ord(char):04X}" if unseen(char) else char for char in told)
    return re.sub(r"([\\`*_{}\[\]>#|~$!@^%])", r"\\\1", seen.replace("&", "&amp;").replace("<", "&lt;"))


def math(display: str) -> str:
    """A display of LaTeX as a block of mathematics, in which renderers know `aligned` and not `align*`."""
    inner = re.sub(r"\\operatorname\{([^{}]*)\}", r"\\mathop{\\mathrm{\1}}", display)  # which GitHub doesn't allow
    inner = inner.replace("{align*}", "{aligned}").replace("{alignat*}", "{alignedat}").replace(r"\\*", r"\\")
    inner = re.sub(r"\\, ?", r"\\thinspace ", inner)  # GitHub takes a backslash before a comma for Markdown's
    return f"$$\n{inner}\n$$"


def _blocks(explanation: Explanation, sheet: Sheet) -> Iterator[str]:
    spec = explanation.spec
    if spec.title.strip():
        yield f"# {escaped(spec.title.strip())}"
    yield "## Function"
    own = Symbols(spec.functions)
    defined = [function_definition(function, own) for function in spec.functions.values()]
    defined += [definition(node, sheet.symbols, own) for node in list(spec.nodes.values())[:LISTED]]
    yield math(grid([Cell(box(left, sheet.hand), Right(right)) for left, right in defined], sheet.hand))
    yield from (point[0].upper() + point[1:] for point in at_point(explanation, sheet))
    yield from (f"*{escaped(note)}*" for note in explanation.notes)
    if len(explanation.computation) <= MOST_NODES and explanation.computation.size() <= MOST_EDGES:
        drawing = Drawing(spec, explanation.computation, explanation.derivative)
        yield "## Derivative graph"
        yield "Every arrow of the computation graph reversed, with the partial derivative along it."
        yield f"```mermaid\n{mermaid(drawing, ['derivative'])}```"
    for gradient, verdicts in explanation.verified:
        if gradient.is_brief:
            yield from _briefly(gradient, sheet)
        for derivation in () if gradient.is_brief else gradient.derivations:
            yield from _derivation(derivation, sheet)
        if not gradient.sweep.is_labels:
            yield f"### Reverse mode from {sheet.name(gradient.of)} on"
            yield "Each line needs only lines before it, and each label is multiplied by once."
            yield math(sweep.lines(gradient.sweep.steps[:LISTED], sheet))
        names = [sheet.name(each.wrt) for each in gradient.derivations] or [""]
        yield _agreement(list(zip(names, verdicts, strict=False)))
        yield _cost(gradient, sheet)
    for order in explanation.orders:
        yield from _elimination(order, sheet)
        yield _agreement([("", order.verdict)])


def _briefly(gradient: Gradient, sheet: Sheet) -> Iterator[str]:
    """How many paths there are to each name, and each derivative at the point, or in node names."""
    yield f"## The gradient of {sheet.name(gradient.of)} with respect to {len(gradient.told)} names"
    yield spread(gradient, sheet)
    if found := results(gradient, sheet):
        yield f"### {found.where}"
        if found.some:
            yield f"{found.some}:"
        yield math(grid(found.cells, sheet.hand))
    if gradient.why_no_numbers:
        yield f"{escaped(gradient.why_no_numbers)}."


def _derivation(derivation: Derivation, sheet: Sheet) -> Iterator[str]:
    of, wrt = sheet.name(derivation.of), sheet.name(derivation.wrt)
    yield f"## The derivative of {of} with respect to {wrt}"
    if derivation.why_zero:
        yield f"No path leads from {of} to {wrt}: the derivative is 0."
        return
    path_sum, numbers = derivation.path_sum, derivation.numbers
    paths = path_sum.paths[:LISTED]
    some = "" if len(paths) == path_sum.count else f", the first {len(paths)} of them"
    yield f"### Paths\n\n{sheet.paths(path_sum.count)} from {of} to {wrt}{some}:"
    yield "\n".join(f"{number}. ${sheet.path(path).source}$" for number, path in enumerate(paths, 1))
    rights = [sheet.sum(path_sum.formula if path_sum.count > 1 else Sum(path_sum.terms), path_sum.complete)]
    if derivation.labelled is not None:
        rights.append(sheet.sum(replace(derivation.labelled, marks=()), path_sum.complete))
        if numbers is not None:
            rights.append(sheet.sum(replace(numbers.formula, marks=()), path_sum.complete))
    if numbers is not None:
        rights.append(sheet.number(numbers.result))
    yield "### Sum over paths"
    yield math(steps(sheet.left(derivation.result), rights, replace(sheet.hand, marks=True)))
    if derivation.why_no_numbers:
        yield f"{escaped(derivation.why_no_numbers)}."
    lines = [line for line in derivation.factoring if sheet.shows(line)]
    if lines and len(lines) == len(derivation.factoring):
        shared = ", ".join(
            f"${' + '.join(mark(number).source for number in tail.paths)}$ share $"
            f"{sheet.path((tail.edge.of, tail.edge.wrt)).source}$"
            for tail in derivation.tails
        )
        yield f"### Factoring\n\n{shared}:"
        yield math(steps(sheet.left(derivation.result), [sheet.formula(line) for line in lines], sheet.hand))
    if derivation.expression is not None:
        yield "### In node names"
        right = Right(expression_math(derivation.expression, sheet.symbols))
        yield math(steps(sheet.left(derivation.result), [right], sheet.hand))


def _elimination(order: Ordered, sheet: Sheet) -> Iterator[str]:
    """The order, a heading for each node, the Jacobian with what is used once put in its place."""
    head, *rest = parts(order, sheet)
    yield f"## {head.heading}"
    yield head.told
    yield from head.left_out
    for part in rest:
        yield f"### {part.heading} {part.told}"
        yield from map(math, part.displays)
        yield from part.left_out


def _agreement(named: Sequence[tuple[str, Verdict]]) -> str:
    lines = []
    for claim in claims(named):
        for told, check in claim.groups:
            which = "" if claim.for_all else f" (for {', '.join(told)})"
            lines.append(f"- {_OUTCOMES[claim.outcome]} {escaped(check.text)}{which}")
            if check.counterexample is not None:
                found = check.counterexample
                point = ", ".join(f"{name} = {value}" for name, value in found.point.items())
                lines.append(f"  - {escaped(f'at {point}' if point else 'everywhere')}")
    return "### Agreement\n\n" + "\n".join(lines)


def _cost(gradient: Gradient, sheet: Sheet) -> str:
    words = {"path_sum": "path sum", "forward": "forward mode", "reverse": "reverse mode"}
    rows = [
        f"| {words[way]} | {sheet.count(count.multiplications)} | {sheet.count(count.additions)} |"
        for way, count in gradient.costs.items()
    ]
    return "### Cost\n\n| | multiplications | additions |\n| --- | ---: | ---: |\n" + "\n".join(rows)
