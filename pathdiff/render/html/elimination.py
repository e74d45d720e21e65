"""Vertex elimination on the page: a section for each order, with a picture of the edges that come and go."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from pathdiff.derivation import Accumulated, Partial, Product, readable
from pathdiff.exploration import Shown
from pathdiff.render.html.pictures import drawn
from pathdiff.render.html.record import DEEPEST, LONGEST, Writer, agreement
from pathdiff.render.picture.figure import Arrow, Figure, figure
from pathdiff.render.picture.lettering import measured, plain
from pathdiff.render.picture.svg import escaped
from pathdiff.typesetting import formula_math, ratio

if TYPE_CHECKING:
    from pathdiff.elimination.search import Found
    from pathdiff.elimination.steps import EliminationStep, Line, Made

MOST_NAMES: Final = 60
"""Of a longer order the first are named."""
_BESIDE: Final = """@media (min-width: 70rem) {{
  .numbers main {{ grid-template-rows: repeat({rows}, auto) 1fr; }}
  .inputs {{ grid-row: 2 / span {rows}; }}
}}
"""
"""The inputs stand beside everything, in as many rows."""
_BUTTONS: Final = (("first", "From the start"), ("back", "Back"), ("next", "Next"), ("all", "All"))


def eliminations(told: Writer) -> tuple[str, str]:
    """The sections, and the rules of style that their pictures need."""
    shown_orders = told.exploration.eliminations
    sections: list[str] = []
    rules = _BESIDE.format(rows=4 + len(shown_orders)) if shown_orders else ""
    for number, shown in enumerate(shown_orders, 1):
        which = f" {number}" if len(shown_orders) > 1 else ""
        heading = f"Elimination{which} ({shown.ordered.name or 'order given'})"
        picture, least = _picture(shown, heading, told)
        sections += _section(f"elimination-{number}", heading, shown, picture, told)
        if picture:
            rules += f"@media screen {{ #elimination-{number} svg {{ min-width: {least}px; }} }}\n"
    return "\n".join(sections), rules


def elimination_record(shown: Shown, told: Writer) -> dict[str, Any]:
    """The steps of an elimination and its results for the page's script, in its order."""
    found = shown.ordered.elimination
    numbers = _Numbers(found.lines, told) if shown.whole else None
    return {
        "steps": [_step(step, numbers, told) for step in shown.steps],
        "results": [_line(line, numbers, told) for line in (found.factored() if shown.whole else ())],
        "lines": numbers.lines if numbers else [],
        "edges": [[stay.of, stay.wrt, stay.made, stay.gone] for stay in shown.edges],
        "agreement": agreement(shown.ordered.verdict),
    }


class _Numbers:
    """What the value of each line is made of: terms of factors, a label by its number, a line before by -1, -2, ..."""

    def __init__(self, lines: Sequence[Line], told: Writer) -> None:
        self.labels = told.edge_numbers
        self.places = {_key(line): -1 - place for place, line in enumerate(lines)}
        self.lines = [[self.factors(term) for term in line.formula.terms] for line in lines] if told.tape.nodes else []

    def factors(self, product: Any) -> list[int]:
        """The factors of a product."""
        assert isinstance(product, Product)
        return [
            self.labels[factor.of, factor.wrt] if isinstance(factor, Partial) else self.places[factor.name]
            for factor in product.factors
            if isinstance(factor, Partial | Accumulated)
        ]

    def of(self, product: Product) -> list[int] | None:
        """The same, of a page with numbers."""
        return self.factors(product) if self.lines else None


def _key(line: Line) -> str | tuple[str, str]:
    return line.result.name if isinstance(line.result, Accumulated) else (line.of, line.wrt)


def _step(step: EliminationStep, numbers: _Numbers | None, told: Writer) -> dict[str, Any]:
    return {
        "node": step.node,
        "text": plain(told.symbols[step.node]),
        "math": told.mathml(told.symbols[step.node]),
        "lines": [_line(line, numbers, told) for line in step.lines],
        "products": [
            {
                "of": made.of,
                "wrt": made.wrt,
                "path": f"{plain(told.symbols[made.of])} → {plain(told.symbols[made.wrt])}",
                "math": told.mathml(formula_math(made.product, told.symbols)),
                "kind": _kind(made, step.node),
                "factors": numbers.of(made.product) if numbers else None,
            }
            for made in step.products
        ],
        "multiplications": step.multiplications,
        "additions": step.additions,
    }


def _kind(made: Made, node: str) -> str:
    """What becomes of a product: an edge to or from the node itself is that of its copy, which stays."""
    return "absorbed" if made.absorbed else "kept" if node in (made.of, made.wrt) else "fill-in"


def _line(line: Line, numbers: _Numbers | None, told: Writer) -> dict[str, Any]:
    """A line and where its value is; without a right side where a derivative is a label, None where it is too long."""
    result = line.result
    name = told.symbols[result.name] if isinstance(result, Accumulated) else ratio(result, told.symbols)
    left = told.mathml(name)
    right = told.pieces(formula_math(line.formula, told.symbols)) if readable(line.formula, LONGEST, DEEPEST) else None
    place = -1 - numbers.places[_key(line)] if numbers and numbers.lines else None
    return {"left": left, "right": [] if right == [left] else right, "place": place}


# The section.


def _section(name: str, heading: str, shown: Shown, picture: str, told: Writer) -> Iterator[str]:
    found = shown.ordered.elimination
    names = [plain(told.symbols[node]) for node in found.order[:MOST_NAMES]]
    more = [f"… {len(found.order) - MOST_NAMES:,} more"] if len(found.order) > MOST_NAMES else []
    order = ", ".join([*names, *more]) or "nothing to eliminate"
    counts = f"{_counted(found.spent.multiplications, 'multiplication')}, {_counted(found.spent.additions, 'addition')}"
    yield f'<section class="elimination" id="{name}" aria-labelledby="{name}-heading">'
    yield f'<h2 id="{name}-heading">{heading}</h2>'
    yield f'<p class="cost">{escaped(order)}: {counts}</p>'
    notes = [_searched(shown.ordered.found)] if shown.ordered.found and found.order else []
    notes += [*_left_out(shown), *([_words(shown)] if shown.steps else [])]
    yield from (f'<p class="quiet">{note}</p>' for note in notes)
    if shown.steps:
        yield f'<div class="steps-control" role="group" aria-label="{heading}: step through">'
        yield from (f'<button type="button" class="{button}">{label}</button>' for button, label in _BUTTONS)
        yield '</div><p class="status" aria-live="polite"></p>'
        yield f'<div class="board">{picture}'
        yield f'<div class="list" tabindex="0" role="region" aria-label="{heading}: its steps, may be scrolled">'
        yield '<ol class="stages"></ol></div></div>'
    if shown.whole and found.results:
        what = "The derivatives, what is used once put in its place" if found.steps else "The derivatives"
        yield f'<div class="outcome scroll" tabindex="0" role="region" aria-label="{heading}: the derivatives">'
        yield f'<h3>{what}</h3><ul class="results"></ul></div>'
    yield '<ul class="verdict"></ul></section>'


def _words(shown: Shown) -> str:
    """What the words beside the products mean."""
    told = "A product is absorbed by the edge that is there, or else a new edge: fill-in."
    kept = any(_kind(made, step.node) == "kept" for step in shown.steps for made in step.products)
    return told + " A node that is asked for keeps its own edges when it is eliminated." * kept


def _left_out(shown: Shown) -> Iterator[str]:
    found, count = shown.ordered.elimination, len(shown.ordered.elimination.steps) - len(shown.steps)
    if not found.complete:
        yield "Too many products to be written: only counted."
    elif count:
        here = f"the first {len(shown.steps):,} of {len(found.steps):,} steps are" if shown.steps else "none is"
        yield f"Too many products for a page: {here} here; JSON has all of them."
    if shown.steps and not shown.edges:
        yield "The graph with the edges that fill in is too large for a picture."


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _searched(found: Found) -> str:
    """What is known of an order that was searched for."""
    least = f"no order takes fewer than {_counted(found.floor, 'multiplication')}"
    told = f"Optimal: {least}."
    if not found.optimal:
        told = f"Best found, by {_counted(found.annealings, 'annealing')}; {least}."
    return told + (" The search was interrupted before its end." if found.interrupted else "")


def _picture(shown: Shown, heading: str, told: Writer) -> tuple[str, int]:
    """The derivative graph with every edge that there ever is, and how wide it is at least; nothing where too large."""
    drawing = told.exploration.drawing
    if not shown.edges or drawing is None:
        return "", 0
    names = {name for stay in shown.edges for name in (stay.of, stay.wrt)}
    vertices = [replace(each, below=None) for each in figure(drawing, "derivative").vertices if each.name in names]
    arrows = tuple(Arrow((stay.wrt, stay.of)) for stay in shown.edges)
    whole = Figure("derivative", tuple(vertices), arrows)
    return drawn(whole, measured([whole]), "Derivative graph, what fills in dashed", f"{heading}: the graph", "img")
