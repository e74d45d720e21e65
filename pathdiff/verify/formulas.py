"""Formulas evaluated where the verifier needs them: as polynomials in the labels, modulo a prime, as numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, product
from typing import Final, TypeVar

from pathdiff.derivation import Accumulated, Formula, Partial, Path, Product, Step, Sum, Sweep, Total, Value
from pathdiff.verify.composition import Ring
from pathdiff.verify.verdict import Counterexample, Edge

T = TypeVar("T")

PRIME: Final = 2**61 - 1
_NAME: Final = (Partial, Total)
MOST_TERMS: Final = 20_000
"""A product that has more terms than this when multiplied out isn't multiplied out."""


Monomial = tuple[Edge, ...]
"""Labels, sorted, each as often as it is a factor."""
Polynomial = dict[Monomial, int]


class Unlike(Exception):
    """A form is not what it claims to be."""

    def __init__(self, found: Counterexample) -> None:
        super().__init__(found.text)
        self.found = found


class TooMany(Exception):
    """Multiplied out, a form has too many terms."""


def _sum(terms: list[Polynomial]) -> Polynomial:
    total: Polynomial = {}
    for term in terms:
        for monomial, coefficient in term.items():
            total[monomial] = total.get(monomial, 0) + coefficient
    return total


def _product(factors: list[Polynomial]) -> Polynomial:
    if math.prod(map(len, factors)) > MOST_TERMS:
        raise TooMany
    total: Polynomial = {}
    for picked in product(*(factor.items() for factor in factors)):
        monomial = tuple(sorted(chain.from_iterable(labels for labels, _ in picked)))
        total[monomial] = total.get(monomial, 0) + math.prod(coefficient for _, coefficient in picked)
    return total


def _product_modulo(factors: list[int]) -> int:
    total = 1
    for factor in factors:
        total = total * factor % PRIME
    return total


POLYNOMIALS: Final[Ring[Polynomial]] = Ring({(): 1}, _sum, _product)
RESIDUES: Final[Ring[int]] = Ring(1, lambda terms: sum(terms) % PRIME, _product_modulo)
DEGREES: Final[Ring[int]] = Ring(0, lambda terms: max(terms, default=0), sum)
COUNTS: Final[Ring[tuple[int, int]]] = Ring(
    (1, 0),
    lambda sums: (sum(terms for terms, _ in sums), sum(factors for _, factors in sums)),
    lambda pair: (pair[0][0] * pair[1][0], pair[0][0] * pair[1][1] + pair[1][0] * pair[0][1]),
)
"""How many terms a polynomial has, and how many factors all of them together; for products of two."""


def evaluate(root: Formula, leaf: Callable[[Partial | Total], T], ring: Ring[T], done: dict[int, T]) -> T:
    """The value of a formula; `done` keeps those of its parts by identity, so what is shared is evaluated once."""
    stack: list[Formula] = [root]
    while stack:
        formula = stack.pop()
        if id(formula) in done:
            continue
        if isinstance(formula, Partial | Total):
            done[id(formula)] = leaf(formula)
            continue
        if isinstance(formula, Value | Accumulated):
            what = formula.label if isinstance(formula, Value) else formula.name
            raise Unlike(Counterexample(f"{what} stands where the name of a label should stand"))
        inner = formula.factors if isinstance(formula, Product) else formula.terms
        waiting = [part for part in inner if not isinstance(part, Partial | Total) and id(part) not in done]
        if waiting:
            stack.append(formula)
            stack.extend(reversed(waiting))
            continue
        values = [leaf(part) if isinstance(part, Partial | Total) else done[id(part)] for part in inner]
        done[id(formula)] = ring.multiply(values) if isinstance(formula, Product) else ring.add(values)
    return done[id(root)]


def _flat(root: Sum, leaf: Callable[[Partial | Total], T], ring: Ring[T]) -> T | None:
    """The value of a sum of products of names; None where there are brackets in it."""
    terms: list[T] = []
    for term in root.terms:
        if not isinstance(term, Product):
            return None
        factors: list[T] = []
        for factor in term.factors:
            if not isinstance(factor, _NAME):
                return None
            factors.append(leaf(factor))
        terms.append(ring.multiply(factors))
    return ring.add(terms)


def brackets(root: Formula) -> list[Sum]:
    """The sums in a formula that say which stage they are, each once, what is inside others before them."""
    found: dict[int, Formula] = {}
    stack: list[Formula] = [root]
    while stack:
        formula = stack.pop()
        if isinstance(formula, Product | Sum) and id(formula) not in found:
            found[id(formula)] = formula
            stack.extend(formula.factors if isinstance(formula, Product) else formula.terms)
    return [inner for inner in reversed(found.values()) if isinstance(inner, Sum) and inner.known_as is not None]


def swept(sweep: Sweep, ring: Ring[T], label: Callable[[Edge], T]) -> Iterator[tuple[Step, T]]:
    """The lines of a sweep, each computed from the lines before it. Raises Unlike where it needs another one."""
    known: dict[Edge, T] = {}
    done: dict[int, T] = {}
    for step in sweep.steps:

        def leaf(name: Partial | Total, step: Step = step) -> T:
            if isinstance(name, Partial):
                return label((name.of, name.wrt))
            if (name.of, name.wrt) not in known:
                text = f"{line_of(sweep, step)} needs {named(name)}, which no line before it is"
                raise Unlike(Counterexample(text, line=step.result))
            return known[name.of, name.wrt]

        value = _flat(step.formula, leaf, ring)
        if value is None:
            value = evaluate(step.formula, leaf, ring, done)
        known[step.result.of, step.result.wrt] = value
        yield step, value


def swept_to(sweep: Sweep, of: str, wrt: Iterable[str], ring: Ring[T], label: Callable[[Edge], T]) -> list[T]:
    """What a sweep has for ∂of/∂wrt: the value of that line, 1 where both are one node, 0 where there is no line."""
    found = {(of, of): ring.one}
    found.update(((step.result.of, step.result.wrt), value) for step, value in swept(sweep, ring, label))
    return [found.get((of, name), ring.add([])) for name in wrt]


def line_of(sweep: Sweep, step: Step) -> str:
    """A line of a sweep, in words."""
    return f"the line for {named(step.result)} of the {sweep.mode} sweep"


def named(total: Total) -> str:
    """∂of/∂wrt, or with a d."""
    return f"{'d' if total.also_edge else '∂'}{total.of}/{'d' if total.also_edge else '∂'}{total.wrt}"


def shown(path: Path) -> str:
    """A path, all of it unless it is long."""
    return " -> ".join(path if len(path) <= 24 else (*path[:12], "...", *path[-11:]))
