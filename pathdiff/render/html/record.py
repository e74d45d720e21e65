"""What the page's script is given: formulas as MathML, paths and sweeps as numbers of nodes, and what to compute."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, Final

from pathdiff.derivation import Count, Derivation, Formula, Partial, Product, Step, Sum, bracketed, digits, readable
from pathdiff.exploration import MOST_TERMS, Exploration
from pathdiff.expression import Expression, slots_of
from pathdiff.names import Symbols
from pathdiff.notation import Math, Ratio, Row, Sign, Term
from pathdiff.render.html.mathml import mathml, pieces, signed
from pathdiff.render.latex.math import Hand
from pathdiff.render.picture.lettering import plain
from pathdiff.tape import Tape, tape
from pathdiff.typesetting import definition, expression_math, formula_math, ratio
from pathdiff.verify import Verdict

LONGEST: Final = 150
"""How many factors of a formula with brackets are written."""
DEEPEST: Final = 8
"""How deep its brackets nest."""
MOST_OPERATIONS: Final = 20_000
"""Of more a page has no numbers: they would not follow a slider."""


class Shared(dict[str, int]):
    """What stands in many places, once: each text and its number, by which the others name it."""

    def __missing__(self, text: str) -> int:
        self[text] = len(self)
        return self[text]


_INNERMOST: Final = re.compile(r"<mfrac>(?:(?!</?mfrac>).)*</mfrac>")


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes the derivatives of one spec for its page."""

    exploration: Exploration
    symbols: Symbols
    hand: Hand
    numbers: dict[str, int]
    """The nodes that the page tells of, counted in the order of the graph."""
    tape: Tape
    fractions: Shared = field(default_factory=Shared)
    """Fractions without others in them, such as ∂p/∂x; `@7;` in a formula stands for the one with the number 7."""
    lines: Shared = field(default_factory=Shared)
    """The lines of sweeps: most have the same ones up to where they end."""

    def record(self) -> dict[str, Any]:
        """Everything, as JSON has it, but for the eliminations."""
        explanation = self.exploration.explanation
        pairs = [self._pair(each) for each in self.exploration.derivations]
        return {
            "nodes": [self._node(name, explanation.computation.nodes[name]["role"]) for name in self.numbers],
            "inputs": [self.numbers[name] for name in explanation.spec.independents if self.tape.nodes],
            "start": list(self.exploration.start.values()) if self.tape.nodes else [],
            "tape": self.tape.operations,
            "edges": list(self._edges()),
            "kinks": [
                {
                    "node": self.numbers[kink.node],
                    "names": sorted(self.numbers[name] for name in kink.names),
                    "places": kink.places,
                    "picks": kink.picks,
                    "told": kink.told,
                    "torn": kink.torn,
                }
                for kink in self.tape.kinks
            ],
            "sign": "∂" if self.hand.differential == "partial" else "d",
            "complete": self.exploration.complete,
            "pairs": pairs,
            "lines": [json.loads(line) for line in self.lines],
            "fractions": list(self.fractions),
        }

    def mathml(self, math: Math) -> str:
        """A formula as the page's script is given it."""
        return self._short(mathml(math, self.hand))

    def _short(self, markup: str) -> str:
        return _INNERMOST.sub(lambda found: f"@{self.fractions[found[0]]};", markup)

    def _node(self, name: str, role: str) -> dict[str, Any]:
        symbol = self.symbols[name]
        return {
            "name": name,
            "role": role,
            "text": plain(symbol),
            "math": self.mathml(symbol),
            "place": self.tape.nodes.get(name),
        }

    @property
    def edge_numbers(self) -> dict[tuple[str, str], int]:
        """The edges v -> u that the page tells of, counted in the order of the graph."""
        edges = self.exploration.explanation.derivative.edges()
        return {edge: number for number, edge in enumerate(edge for edge in edges if self.numbers.keys() >= {*edge})}

    def _edges(self) -> Iterator[dict[str, Any]]:
        """The label of each edge: ∂v/∂u, and where its value is."""
        for v, u in self.edge_numbers:
            label = self.exploration.explanation.derivative.edges[v, u]["label"]
            expression: Expression | None = label.expression
            yield {
                "of": self.numbers[v],
                "wrt": self.numbers[u],
                "text": plain(signed(Ratio(self.symbols[v], self.symbols[u]), self.hand)),
                "place": self.tape.labels.get((v, u)),
                "constant": expression is not None and not slots_of(expression.tree),
            }

    def _pair(self, derivation: Derivation) -> dict[str, Any]:
        path_sum, verdict = derivation.path_sum, self.exploration.verdicts.get((derivation.of, derivation.wrt))
        short = replace(path_sum, paths=path_sum.paths[:MOST_TERMS], terms=path_sum.terms[:MOST_TERMS])
        labelled = derivation.labelled
        return {
            "of": self.numbers[derivation.of],
            "wrt": self.numbers[derivation.wrt],
            "left": self.mathml(ratio(derivation.result, self.symbols)),
            "count": digits(path_sum.count),
            "paths": [[self.numbers[name] for name in path] for path in short.paths],
            "terms": self._terms(Sum(short.terms, short.formula.marks)),
            "labelled": self._terms(replace(labelled, terms=labelled.terms[:MOST_TERMS])) if labelled else None,
            "tails": [[self._partial(tail.edge), list(tail.paths)] for tail in derivation.tails],
            "factoring": [self._lines(line) for line in derivation.factoring],
            "factored": self._lines(derivation.factored) if bracketed(derivation.factored) else None,
            "expression": self._expression(derivation.expression),
            "steps": [self.lines[json.dumps(self._step(step, derivation))] for step in derivation.reverse.steps],
            "costs": {way: _cost(derivation.costs[way]) for way in ("path_sum", "reverse")},
            "zero": derivation.why_zero,
            "agreement": None if verdict is None else agreement(verdict),
        }

    def _terms(self, formula: Sum) -> list[str]:
        """The products of a sum of paths, one by one."""
        if len(formula.terms) == 1:
            return [self.mathml(formula_math(replace(formula, marks=()), self.symbols))]
        math = formula_math(formula, self.symbols)
        items = math.items if isinstance(math, Row) else (math,)
        return [self.mathml(item) for item in items if isinstance(item, Term)]

    def _lines(self, formula: Formula | None) -> list[str] | None:
        """A formula with brackets as pieces; None where nobody could read it."""
        if formula is None or not readable(formula, LONGEST, DEEPEST):
            return None
        return self.pieces(formula_math(formula, self.symbols))

    def _expression(self, expression: Expression | None) -> list[str] | None:
        return None if expression is None else self.pieces(expression_math(expression, self.symbols))

    def pieces(self, math: Math) -> list[str]:
        """The same in pieces between which a line may break."""
        return list(map(self._short, pieces(math, self.hand)))

    def _partial(self, edge: Partial) -> str:
        return self.mathml(formula_math(edge, self.symbols))

    def _step(self, step: Step, derivation: Derivation) -> dict[str, Any]:
        """A line of the sweep, with the users of its node: an edge leads from each of them to it."""
        label = derivation.part.labels[step.result.of, step.result.wrt].expression if step.is_label else None
        right = None if step.is_label else self.pieces(formula_math(step.formula, self.symbols))
        products = [term for term in step.formula.terms if isinstance(term, Product)]
        last = [product.factors[-1] for product in products]
        return {
            "node": self.numbers[step.result.wrt],
            "stage": step.stage,
            "left": self.mathml(ratio(step.result, self.symbols)),
            "text": plain(signed(ratio(step.result, self.symbols), self.hand)),
            "right": right or self._expression(label),
            "users": [self.numbers[edge.of] for edge in last if isinstance(edge, Partial)],
            "multiplications": sum(len(product.factors) - 1 for product in products),
        }

    def definitions(self) -> Iterator[str]:
        """Each node and what it is, for the page itself."""
        spec = self.exploration.explanation.spec
        own = Symbols(spec.functions)
        for node in spec.nodes.values():
            left, right = definition(node, self.symbols, own)
            yield "".join(mathml(part, self.hand) for part in (left, Sign("="), right))


def _cost(count: Count) -> list[str]:
    return [digits(count.multiplications), digits(count.additions)]


def agreement(verdict: Verdict) -> dict[str, Any]:
    """What was checked, and what came of it."""
    told = [
        {
            "outcome": check.outcome,
            "text": check.text + (f": {check.counterexample.text}" if check.counterexample else ""),
        }
        for check in verdict.checks
    ]
    return {"verdict": verdict.verdict, "checks": told}


def writer(exploration: Exploration, hand: Hand) -> Writer:
    """A writer with the names of the spec; a page has numbers where there is a picture for them."""
    graph = exploration.explanation.computation
    made = tape(exploration.explanation) if exploration.drawing else Tape()
    if len(made.operations) > MOST_OPERATIONS or not made.nodes.keys() & exploration.explanation.spec.nodes.keys():
        made = Tape()
    shown = {name for each in exploration.derivations for name in (each.of, each.wrt, *each.part.order)}
    names = [name for name in graph if exploration.drawing or name in shown]
    return Writer(exploration, Symbols(graph), hand, {name: number for number, name in enumerate(names)}, made)


def embedded(record: dict[str, Any]) -> str:
    r"""JSON that can stand within a script element: no text in it ends the element, or a line.

    >>> embedded({"title": "</script>\u2028"})
    '{"title":"\\u003c/script>\\u2028"}'
    """
    told = json.dumps(record, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return _UNSAFE.sub(lambda found: "".join(rf"\u{ord(char):04x}" for char in found[0]), told)


_UNSAFE: Final = re.compile("(?i)<(?=/?script|!--)|[\u2028\u2029\ud800-\udfff]")
"""What ends the script element, or begins a comment in it; what some readers take for a line."""
