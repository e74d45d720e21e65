"""Numbers at a point: both passes as tables beside their formulas, and the derivative graph as a circuit diagram."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from functools import partial
from itertools import groupby
from typing import Any, Final

from pathdiff.diagnostics import cell_width
from pathdiff.evaluation import Adjoints, Difference, Evaluation
from pathdiff.expression import Expression
from pathdiff.names import Symbols
from pathdiff.notation import DIGITS, Math, Number, Ratio, number_math, significant
from pathdiff.numeric import real
from pathdiff.points import with_digits
from pathdiff.render.terminal.layout import Entry, Fragment, Line, columns, grid, grid_width, plain, stripped
from pathdiff.render.terminal.sheet import Section, Sheet
from pathdiff.render.text import Box
from pathdiff.typesetting import NO_NAMES, definition, expression_math

MOST_ROWS: Final = 60
"""How many rows of a table are shown before the rest is only counted."""
MOST_DRAWN: Final = 40
"""A graph of more nodes than this is not drawn."""
LONGEST_FRACTION: Final = 24
"""An exact number with more characters is shown by its digits."""
_GAP: Final = 2
_Row = tuple[Math, Math | None, str]
"""The left side, the right side, the number."""


def evaluation_sections(evaluation: Evaluation, sheet: Sheet) -> Iterator[Section]:
    """The forward pass, and for each node its backward pass and the derivative graph with both on it."""
    notes = [line for note in evaluation.notes for line in sheet.prose(note, tone="unsure", hang=2)]
    yield Section("Forward pass", (*_table(_forward(evaluation, sheet), sheet), *notes))
    for each in evaluation.adjoints:
        yield Section("Backward pass", tuple(_table(_backward(evaluation, each, sheet), sheet)))
        yield Section("Derivative graph", tuple(_circuit(evaluation, each, sheet)))
    if evaluation.differences:
        yield Section("Gradient check", tuple(_differences(evaluation, sheet)))


def _shown(evaluation: Evaluation, sheet: Sheet) -> Callable[[Any], str]:
    """How a number is written: exact where it is and that is short, else with as many digits as are wanted."""
    digits = evaluation.digits or DIGITS

    def shown(number: Any) -> str:
        if isinstance(number, Fraction):
            text = str(number)
            if len(text) <= LONGEST_FRACTION or (number.denominator == 1 and evaluation.exact):
                return text.replace("-", sheet.words("−"))
            number = real(number, with_digits(digits + 10))
        about = sheet.words("≈ ") if evaluation.exact else ""
        return about + sheet.line(number_math(number, partial(significant, digits=digits)))

    return shown


def _forward(evaluation: Evaluation, sheet: Sheet) -> Iterator[_Row]:
    """Independent names as they were given, then each node with its formula, in the order of the spec."""
    spec, own = evaluation.spec, Symbols(evaluation.spec.functions)
    shown = _shown(evaluation, sheet)
    for name, number in evaluation.values.items():
        node = spec.nodes.get(name)
        if node is not None:
            yield *definition(node, sheet.symbols, own), shown(number)
            continue
        given = expression_math(Expression(evaluation.point[name], ()), NO_NAMES)
        told = shown(number)
        yield sheet.symbols[name], None if sheet.line(given) == told else given, told


def _backward(evaluation: Evaluation, each: Adjoints, sheet: Sheet) -> Iterator[_Row]:
    """The lines of the reverse sweep, each with what it comes to."""
    shown = _shown(evaluation, sheet)
    of = sheet.symbols[each.of]
    yield Ratio(of, of), None, shown(each.values[each.of])
    for step in each.sweep.steps:
        left = sheet.result(step.result)
        yield left, None if step.is_label else sheet.sum(step.formula), shown(each.values[step.result.wrt])


def _table(rows: Iterator[_Row], sheet: Sheet) -> list[Line]:
    """Equations on the left, their numbers on the right, all numbers ending in one column where they are short."""
    listed = list(rows)
    room = min(sheet.width // 2, max((cell_width(number) for *_, number in listed[:MOST_ROWS]), default=0))
    inner = replace(sheet, width=sheet.width - room - _GAP)
    left = [_equation(row[0], row[1], inner) for row in listed[:MOST_ROWS]]
    column = max((cell_width(plain(line)) for lines in left for line in lines), default=0) + _GAP
    found: list[Line] = []
    for lines, (*_, number) in zip(left, listed, strict=False):
        found += lines[:-1]
        space = column - cell_width(plain(lines[-1])) + max(0, room - cell_width(number))
        if cell_width(number) <= room:
            found.append(stripped([*lines[-1], (" " * space, ""), (number, "")]))
        else:
            found += [lines[-1], *_long(number, sheet)]
    rest = len(listed) - MOST_ROWS
    if rest > 0:
        found += sheet.prose(f"… and {sheet.counted(rest, 'more line')}; `--format json` has all", tone="quiet")
    return found


def _long(number: str, sheet: Sheet) -> list[Line]:
    """A number with too many digits for its column, on lines of its own."""
    width = sheet.width - 4
    return [((f"    {number[start : start + width]}", ""),) for start in range(0, len(number), width)]


def _equation(left: Math, right: Math | None, sheet: Sheet) -> list[Line]:
    if right is None:
        return [((sheet.line(left), ""),)]
    told = f"{sheet.line(left)} = {sheet.line(right)}"
    return [((told, ""),)] if cell_width(told) <= sheet.width else sheet.equation(left, [right], stacked=False)


def _circuit(evaluation: Evaluation, each: Adjoints, sheet: Sheet) -> list[Line]:
    """Each node with its value above and its adjoint below, by depth; then the arrows with their labels."""
    part, shown = each.part, _shown(evaluation, sheet)
    if not part.labels or len(part.order) > MOST_DRAWN:
        return []
    about = sheet.prose("the value of each node above it, its adjoint below it", tone="quiet")
    boxes = {
        name: Box(_centred(shown(evaluation.values[name]), sheet.name(name), shown(each.values[name])), 1)
        for name in part.order
    }
    layers = [list(layer) for _, layer in groupby(part.order, key=part.depth.__getitem__)]
    split: list[list[Entry]] = [[(boxes[name], "name") for name in layer] for layer in layers]
    if grid_width(split) <= sheet.width:
        lines = grid(split)
    else:
        lines = []
        for layer in layers:
            lines += [()] * bool(lines) + columns([(boxes[name], "name") for name in layer], sheet.width)
    arrows = [(Box((text,)), "") for text in _arrows(each, sheet, shown)]
    if max(cell_width(box.lines[0]) for box, _ in arrows) <= sheet.width:
        return [*about, *lines, (), *columns([(box, "") for box, _ in arrows], sheet.width)]
    told = [line for box, _ in arrows for line in sheet.prose((box.lines[0], ""), hang=4)]
    return [*about, *lines, (), *told]


def _centred(*texts: str) -> tuple[str, ...]:
    """Lines of one width, each in the middle."""
    width = max(map(cell_width, texts))
    left = [(width - cell_width(text)) // 2 for text in texts]
    return tuple(
        " " * space + text + " " * (width - space - cell_width(text)) for space, text in zip(left, texts, strict=True)
    )


def _arrows(each: Adjoints, sheet: Sheet, shown: Callable[[Any], str]) -> list[str]:
    """The arrows, each with its label and what it comes to."""
    edges = list(each.part.labels)
    paths = [sheet.path(edge) for edge in edges]
    width = max(map(cell_width, paths))
    texts = []
    for path, (v, u) in zip(paths, edges, strict=True):
        expression = each.part.labels[v, u].expression
        formula = "" if expression is None else sheet.line(expression_math(expression, sheet.symbols))
        number = shown(each.labels[v, u])
        equals = "" if number.startswith(sheet.words("≈")) else "= "
        told = number if formula == number else f"{formula} {equals}{number}"
        texts.append(f"{path}{' ' * (width - cell_width(path) + 2)}{told}")
    return texts


def _differences(evaluation: Evaluation, sheet: Sheet) -> list[Line]:
    """Each derivative beside its central difference, and the relative error."""
    about = sheet.prose("central differences, computed with 50 digits and a step of 1e-12", tone="quiet")
    lines = list(about)
    shown = _shown(replace(evaluation, exact=False), sheet)
    found = evaluation.differences[:MOST_ROWS]
    names = [sheet.ratio(each.of, each.wrt) for each in found]
    numbers = [shown(each.derivative) for each in found]
    widths = max(map(cell_width, names)), max(map(cell_width, numbers))
    for each, name, number in zip(found, names, numbers, strict=True):
        lines += _difference(each, _padded(name, widths[0]), _padded(number, widths[1], right=True), sheet)
    rest = len(evaluation.differences) - len(found)
    return lines + (sheet.prose(f"… and {rest:,} more; `--format json` has all", tone="quiet") if rest else [])


def _difference(each: Difference, name: str, number: str, sheet: Sheet) -> list[Line]:
    if each.difference is None:
        return sheet.prose((f"{sheet.words('?')} {name}  {number}  ", "unsure"), each.why_not, hang=2)
    good = each.verdict == "agree"
    mark: Fragment = (sheet.words("✓") if good else sheet.words("✗"), "good" if good else "bad")
    if sheet.style.ascii:
        mark = ("ok" if good else "WRONG", mark[1])
    told = "the same" if not each.error else "relative error " + sheet.line(_error(each.error))
    if not good:
        told += ": the difference is " + sheet.line(number_math(each.difference))
    return [stripped([mark, (f" {name}  {number}  {told}", "")])]


def _error(error: float) -> Math:
    digit, _, exponent = f"{error:.0e}".partition("e")
    return Number(f"{digit}e{int(exponent)}")


def _padded(text: str, width: int, *, right: bool = False) -> str:
    space = " " * (width - cell_width(text))
    return space + text if right else text + space
