"""The loop over the paths as it runs, in LaTeX: find an unvisited path, multiply along it, add."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from pathdiff.derivation import Derivation, Sum
from pathdiff.render.latex.displays import steps
from pathdiff.render.latex.letters import Box
from pathdiff.render.latex.math import mark
from pathdiff.render.latex.sheet import Sheet

TURNS: Final = 20
"""How many turns of the loop are shown."""
_PRODUCT: Final = Box(r"\text{product}", 3.6)
_SUM: Final = Box(r"\text{sum so far}", 5.0)


def loop(derivation: Derivation, sheet: Sheet) -> Iterator[str]:
    """A turn for each path: the path found, its product, the sum so far, with numbers where there is a point."""
    path_sum, numbers = derivation.path_sum, derivation.numbers
    forms = [path_sum.formula, *([derivation.labelled] if derivation.labelled is not None else [])]
    yield r"\paragraph{The loop:} the sum is 0 at first; as long as a path is unvisited, its product is added."
    for turn, path in enumerate(path_sum.paths[:TURNS], 1):
        products = [sheet.sum(Sum(form.terms[turn - 1 : turn])) for form in forms]
        sums = [sheet.sum(replace(path_sum.formula, terms=path_sum.terms[:turn], marks=path_sum.formula.marks[:turn]))]
        if numbers is not None:
            products.append(sheet.number(numbers.terms[turn - 1]))
            sums.append(sheet.number(numbers.sums[turn - 1]))
        yield f"Path {mark(turn).source} is found: ${sheet.path(path).source}$."
        yield steps(_PRODUCT, products, sheet.hand)
        yield steps(_SUM, sums, sheet.hand)
    rest = path_sum.count - min(len(path_sum.paths), TURNS)
    yield f"{sheet.count(rest)} more paths follow." if rest else "No path is left unvisited."
