"""Reverse and forward mode as sweeps, and the way from the path sum to them by taking out common factors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import groupby
from typing import Literal

from pathdiff.derivation import Count, Formula, Partial, PathSum, Product, Step, Sum, Sweep, Tail, Total
from pathdiff.graph import Between

LONGEST_FORMULA = 5000
"""How many factors a formula may have in which everything is written out."""
DEEPEST_FORMULA = 50
"""How deep its brackets may nest."""
FACTORED_PATHS = 40
"""With how many paths the way from their sum to reverse mode is still written down."""


def total(part: Between, of: str, wrt: str) -> Total:
    """The derivative of a node with respect to another as a name; a d where an edge beside other paths needs it."""
    return Total(of, wrt, (of, wrt) in part.labels and len(part.users[wrt]) > 1 and len(part.arguments[of]) > 1)


def reverse_sweep(part: Between) -> Sweep:
    """The adjoints ∂p/∂v of all nodes between, from p on: ∂p/∂u = Σ ∂p/∂v · ∂v/∂u over the users v of u.

    Reverse mode, or backpropagation (Linnainmaa 1970; Baur and Strassen 1983 for its cost): the label of every edge
    is used once. O(E) multiplications for all nodes together.
    """
    deepest = max(part.depth.values(), default=0)
    before = {name: _before(part, part.of, name) for name in part.order}
    steps = []
    for name in part.order[1:]:
        terms = tuple(Product((*before[user], Partial(user, name))) for user in part.users[name])
        steps.append(Step(total(part, part.of, name), deepest - part.depth[name] + 1, Sum(terms)))
    return Sweep("reverse", tuple(steps))


def forward_sweep(part: Between, wrt: str) -> Sweep:
    """The tangents ∂v/∂x of all nodes between, from x on: ∂v/∂x = Σ ∂v/∂u · ∂u/∂x over the arguments u of v.

    Forward mode (Wengert 1964): one sweep for each x. O(E) multiplications.
    """
    height = {wrt: 0}
    steps = []
    for name in reversed(part.order):
        used = [argument for argument in part.arguments[name] if argument in height]
        if name == wrt or not used:
            continue
        height[name] = 1 + max(height[argument] for argument in used)
        terms = tuple(Product((Partial(name, argument), *_inner(part, argument, wrt))) for argument in used)
        steps.append(Step(total(part, name, wrt), height[name], Sum(terms)))
    rank = {name: position for position, name in enumerate(part.order)}
    return Sweep("forward", tuple(sorted(steps, key=lambda step: (step.stage, rank[step.result.of]))))


def factoring(part: Between, wrt: str, path_sum: PathSum) -> tuple[tuple[Sum, ...], tuple[Tail, ...]]:
    """From the path sum to the last line of reverse mode: the tails ∂v/∂wrt are taken out one after the other.

    Each tail of several terms gives two lines: these terms in a bracket, then the bracket recognised as a stage
    before, ∂p/∂v. With the tails. Nothing where no two paths share one, and where more than `FACTORED_PATHS` lead
    to `wrt`: every line has all terms, so the cost is O(P^2) and the length of the paths.
    """
    if wrt == part.of or not path_sum.complete or path_sum.count > FACTORED_PATHS:
        return (), ()
    marked = zip(path_sum.paths, path_sum.terms, path_sum.formula.marks, strict=True)
    groups = [
        (Partial(user, wrt), [(term, number) for _, term, number in group])
        for user, group in groupby(marked, lambda each: each[0][-2])
    ]
    tails = tuple(Tail(edge, tuple(number for _, number in terms)) for edge, terms in groups if len(terms) > 1)
    if not tails:
        return (), ()
    lines: list[Sum] = []
    taken: list[tuple[Formula, int]] = []
    for position, (edge, terms) in enumerate(groups):
        rest = [each for _, group in groups[position + 1 :] for each in group]
        if len(terms) > 1:
            stage = total(part, part.of, edge.of)
            heads = _marked([(Product(term.factors[:-1]), number) for term, number in terms])
            lines.append(_marked([*taken, (Product((replace(heads, known_as=stage), edge)), 0), *rest]))
            taken.append((Product((stage, edge)), 0))
            lines.append(_marked([*taken, *rest]))
        else:
            taken.append((Product((*_before(part, part.of, edge.of), edge)), terms[0][1]))
    last = _marked(taken)
    return (*lines, *([last] if lines[-1] != last else [])), tails


def _marked(terms: Iterable[tuple[Formula, int]]) -> Sum:
    """A sum of terms, each with the number of the path that it is, or 0."""
    formulas, numbers = zip(*terms, strict=True)
    return Sum(formulas, numbers if any(numbers) else ())


def written_out(part: Between, wrt: str, mode: Literal["reverse", "forward"]) -> Formula | None:
    """One formula in which every inner derivative of a sweep is written out, or None where that is too long.

    Reverse: ((...) ∂h/∂z) ∂z/∂x, brackets open towards `of`. Forward: ∂p/∂h (∂h/∂z (...)), towards `wrt`.
    """
    reverse = mode == "reverse"
    start, end = (part.of, wrt) if reverse else (wrt, part.of)
    inward = part.users if reverse else part.arguments
    if end not in part.users:
        return Sum(())
    order = part.order if reverse else tuple(reversed(part.order))
    if _is_too_long(order, inward, start, end):
        return None
    done: dict[str, tuple[Formula, int, int]] = {start: (Product(()), 0, 0)}
    for name in order:
        if name == start:
            continue
        terms: list[Formula] = []
        size = depth = 0
        for inner in inward[name]:
            if inner not in done:
                continue
            formula, inner_size, inner_depth = done[inner]
            edge = Partial(inner, name) if reverse else Partial(name, inner)
            pieces: Iterable[Formula] = formula.factors if isinstance(formula, Product) else (formula,)
            terms.append(Product((*pieces, edge) if reverse else (edge, *pieces)))
            size += inner_size + 1
            depth = max(depth, inner_depth)
        if size > LONGEST_FORMULA or depth > DEEPEST_FORMULA:
            if name == end:
                return None
            done[name] = (Sum(()), LONGEST_FORMULA + 1, depth)
        elif len(terms) == 1:
            done[name] = (terms[0], size, depth)
        elif terms:
            known_as = total(part, part.of, name) if reverse else total(part, name, wrt)
            done[name] = (Sum(tuple(terms), known_as=known_as), size, depth + 1)
    return done[end][0]


def _is_too_long(order: Iterable[str], inward: Mapping[str, Iterable[str]], start: str, end: str) -> bool:
    """Whether the formula of the last node is, found before any is made."""
    done = {start: (0, 0)}
    for name in order:
        inner = [done[each] for each in inward[name] if each in done]
        if name == start or not inner:
            continue
        size = sum(size for size, _ in inner) + len(inner)
        depth = max(depth for _, depth in inner)
        if size > LONGEST_FORMULA or depth > DEEPEST_FORMULA:
            size = LONGEST_FORMULA + 1
        done[name] = size, depth + (len(inner) > 1)
    return done[end][0] > LONGEST_FORMULA


def sweep_cost(sweep: Sweep) -> Count:
    """The operations of a sweep, counted on its lines: a product of k factors is k - 1 multiplications."""
    products = [term for step in sweep.steps for term in step.formula.terms]
    multiplications = sum(len(term.factors) - 1 for term in products if isinstance(term, Product))
    return Count(multiplications, sum(len(step.formula.terms) - 1 for step in sweep.steps))


def _before(part: Between, of: str, name: str) -> tuple[Formula, ...]:
    """The adjoint that a term goes on from: none at p, whose adjoint is 1; a label where that is all of it."""
    if name == of:
        return ()
    return (Partial(of, name) if part.users[name] == (of,) else total(part, of, name),)


def _inner(part: Between, name: str, wrt: str) -> tuple[Formula, ...]:
    """The tangent that a term goes on with: none at x, whose tangent is 1; a label where that is all of it."""
    if name == wrt:
        return ()
    return (Partial(name, wrt) if part.arguments[name] == (wrt,) else total(part, name, wrt),)
