"""Whether the paths that a derivation lists, and the terms that it makes of them, are the spec's own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import islice, pairwise
from typing import Final

from pathdiff.derivation import Brief, Derivation, Formula, Partial, Path, PathSum, Product, Sum, Total, Value
from pathdiff.graph import Label
from pathdiff.verify.composition import COUNTING, Composition, adjoints, every_path
from pathdiff.verify.formulas import DEGREES, Unlike, shown
from pathdiff.verify.verdict import Counterexample, Edge, counted

LISTED_EDGES: Final = 500_000
"""How many edges the paths that are listed may have together: of long paths there may be fewer than asked for."""


def check_listed(function: Composition, derivation: Derivation, count: int, listed: int) -> None:
    """Each listed path is one of the spec's own, told once, with its own labels; as many as there should be."""
    told = derivation.path_sum
    _check_paths(told, derivation.of, derivation.wrt, set(function.edges))
    if len(told.paths) < min(count, listed) and len(told.paths) < max(1, LISTED_EDGES // _longest(function)):
        seen = set(told.paths)
        missing = next((path for path in islice(every_path(function), len(told.paths) + 1) if path not in seen), ())
        raise Unlike(Counterexample(f"{shown(missing)} is missing from the paths", "0", "1", path=missing))
    _check_terms(told, count)
    _check_labelled(derivation)


def check_briefs(function: Composition, briefs: Sequence[Brief]) -> None:
    """The same for the derivatives of a gradient, of which some paths are listed: one at least, unless they are long.

    Cost O(V + E).
    """
    counts = adjoints(function, COUNTING, lambda _: 1)
    long = _longest(function) * len(briefs) > LISTED_EDGES
    edges = set(function.edges)
    for brief in briefs:
        count = counts.get(brief.wrt, 0)
        _check_paths(brief.path_sum, function.of, brief.wrt, edges)
        _check_terms(brief.path_sum, count)
        if count and not brief.path_sum.paths and not long:
            raise Unlike(Counterexample(f"no path from {function.of} to {brief.wrt} is listed"))


def _longest(function: Composition) -> int:
    """How many edges the longest path has, 1 at least."""
    return max([1, *adjoints(function, DEGREES, lambda _: 1).values()])


def _check_paths(told: PathSum, of: str, wrt: str, edges: set[Edge]) -> None:
    seen: set[Path] = set()
    for path in told.paths:
        if path in seen:
            raise Unlike(Counterexample(f"{shown(path)} is listed twice", "2", "1", path=path))
        seen.add(path)
        ends = path[:1] == (of,) and path[-1:] == (wrt,)
        gap = next((edge for edge in pairwise(path) if edge not in edges), None)
        if not ends or gap:
            why = f"there is no edge {gap[0]} -> {gap[1]}" if gap else "its ends are others"
            raise Unlike(Counterexample(f"{shown(path)} is not a path of the spec: {why}", "1", "0", path=path))


def _check_terms(told: PathSum, count: int) -> None:
    if told.count != count:
        text = f"there are {counted(count)} paths, not {counted(told.count)}"
        raise Unlike(Counterexample(text, str(Decimal(told.count)), str(Decimal(count))))
    if len(told.terms) != len(told.paths):
        raise Unlike(Counterexample(f"{len(told.paths)} paths, but {len(told.terms)} terms"))
    for path, term in zip(told.paths, told.terms, strict=True):
        if sorted(map(_edge, term.factors)) != sorted(pairwise(path)):
            text = f"the term of {shown(path)} is not the product of the labels on it"
            raise Unlike(Counterexample(text, path=path))


def check_marks(derivation: Derivation, formulas: Iterable[tuple[str, Formula]]) -> None:
    """Where a formula of names says which path a term is, it is the term of that path, or its only one with that tail.

    Within a bracket it is that term without its tail. The tails that paths share are those of these paths, all of them.
    """
    told = derivation.path_sum
    terms = dict(enumerate(told.terms, 1))
    ends: dict[Edge, list[int]] = {}
    for number, term in terms.items():
        ends.setdefault(_edge(term.factors[-1]) if term.factors else ("", ""), []).append(number)
    for what, formula in formulas:
        if isinstance(formula, Sum) and not all(_is_marked(term, mark, terms, ends) for term, mark in _marked(formula)):
            raise Unlike(Counterexample(f"the terms of {what} have the numbers of other paths"))
    shared = {(tail.edge.of, tail.edge.wrt): list(tail.paths) for tail in derivation.tails}
    if derivation.factoring and shared != {edge: paths for edge, paths in ends.items() if len(paths) > 1}:
        raise Unlike(Counterexample("the paths that share a tail are others"))


def _marked(formula: Sum, rest: tuple[Formula, ...] = ()) -> Iterator[tuple[Formula, int]]:
    """The terms with the numbers of paths that they are said to have; those of a bracket with what is behind it."""
    numbers = formula.marks or (0,) * len(formula.terms)
    if len(numbers) != len(formula.terms):
        yield Product(()), -1
    for term, number in zip(formula.terms, numbers, strict=False):
        factors = term.factors if isinstance(term, Product) else (term,)
        if number:
            yield Product((*factors, *rest)), number
        elif factors and isinstance(factors[0], Sum) and not rest:
            yield from _marked(factors[0], factors[1:])


def _is_marked(term: Formula, mark: int, terms: Mapping[int, Product], ends: Mapping[Edge, list[int]]) -> bool:
    known = terms.get(mark)
    if known is None or term == known:
        return known is not None
    if not isinstance(term, Product) or len(term.factors) != 2 or not isinstance(term.factors[0], Total):
        return False
    edge = _edge(term.factors[1])
    return ends.get(edge) == [mark] and term.factors[0].wrt == edge[0]


def _edge(factor: Formula) -> Edge:
    return (factor.of, factor.wrt) if isinstance(factor, Partial) else ("", "")


def _check_labelled(derivation: Derivation) -> None:
    """The path sum with the labels put in has the label of each edge where the path sum has its name."""
    if derivation.labelled is None:
        return
    labels = derivation.part.labels
    terms = [term.factors if isinstance(term, Product) else (term,) for term in derivation.labelled.terms]
    names = [term.factors for term in derivation.path_sum.terms]
    if len(terms) != len(names):
        raise Unlike(Counterexample("with the labels put in, the path sum has other terms"))
    if derivation.labelled.marks != tuple(range(1, len(names) + 1)):
        raise Unlike(
            Counterexample("with the labels put in, the terms of the path sum have the numbers of other paths")
        )
    known: set[tuple[int, Edge]] = set()  # one object stands for the label of an edge on all paths, most often

    def is_label(put_in: Formula, edge: Edge) -> bool:
        if (id(put_in), edge) in known:
            return True
        if not _is_label(labels, put_in, edge):
            return False
        known.add((id(put_in), edge))
        return True

    for path, factors, edges in zip(derivation.path_sum.paths, terms, names, strict=True):
        same = len(factors) == len(edges)
        if not same or not all(is_label(f, _edge(name)) for f, name in zip(factors, edges, strict=True)):
            raise Unlike(Counterexample(f"with the labels put in, the term of {shown(path)} differs", path=path))


def _is_label(labels: dict[Edge, Label], put_in: Formula, edge: Edge) -> bool:
    expression = labels[edge].expression if edge in labels else None
    if expression is None or not isinstance(put_in, Value):
        return expression is None and _edge(put_in) == edge
    return put_in.label == expression
