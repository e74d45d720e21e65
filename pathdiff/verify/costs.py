"""The costs that a derivation tells, counted again on the spec's own edges: labels free, products of two."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from pathdiff.derivation import Count, Derivation, Gradient
from pathdiff.verify.composition import Composition, adjoints
from pathdiff.verify.formulas import COUNTS
from pathdiff.verify.verdict import Check, Counterexample

_WAYS: Final = {"path_sum": "the path sum", "forward": "the forward sweep", "reverse": "the reverse sweep"}


def check_costs(function: Composition, derivation: Derivation) -> Check | None:
    """The first cost of a derivation that is wrong; None where all are right. Cost O(V + E)."""
    expected = {
        "path_sum": path_sum_costs(function, [derivation.wrt])[0],
        "forward": forward_cost(function),
        "reverse": reverse_cost(function),
    }
    return _differing({way: (derivation.costs.get(way), count) for way, count in expected.items()})


def check_gradient_costs(function: Composition, gradient: Gradient, alone: Iterable[Composition]) -> Check | None:
    """The same for the derivatives of a gradient together, and for each path sum; `alone` has those of derivations."""
    summed = path_sum_costs(function, gradient.wrt)
    expected = {"path_sum": _added(summed), "reverse": reverse_cost(function)}
    if gradient.derivations:
        expected["forward"] = _added(map(forward_cost, alone))
    told = {way: (gradient.costs.get(way), count) for way, count in expected.items()}
    briefs = zip(gradient.briefs, summed, strict=False)
    told |= {f"the path sum for {brief.wrt}": (brief.cost, count) for brief, count in briefs}
    return _differing(told)


def path_sum_costs(function: Composition, names: Sequence[str]) -> list[Count]:
    """For each name: a path of k edges is k - 1 multiplications, n paths are n - 1 additions."""
    found = adjoints(function, COUNTS, lambda _: (1, 1))
    counts = []
    for name in names:
        paths, factors = found.get(name, (0, 0)) if name != function.of else (0, 0)
        counts.append(Count(factors - paths, max(0, paths - 1)))
    return counts


def reverse_cost(function: Composition) -> Count:
    """A multiplication for each edge but those of `of`, whose adjoint is 1; a sum of n terms is n - 1 additions."""
    return Count(sum(v != function.of for v, _ in function.edges), _additions(function))


def forward_cost(function: Composition) -> Count:
    """A multiplication for each edge but those to the one name of `wrt`, whose tangent is 1."""
    return Count(sum(u not in function.wrt for _, u in function.edges), _additions(function))


def _additions(function: Composition) -> int:
    """A line for each node but the first, with a term for each edge."""
    return sum(1 for _ in function.edges) - len(function.inside) + 1 if function.inside else 0


def _added(counts: Iterable[Count]) -> Count:
    told = list(counts)
    return Count(sum(each.multiplications for each in told), sum(each.additions for each in told))


def _differing(counts: Mapping[str, tuple[Count | None, Count]]) -> Check | None:
    for way, (told, actual) in counts.items():
        if told != actual:
            text = f"{_WAYS.get(way, way)} takes {_words(actual)}, not {_words(told)}"
            found = Counterexample(text, _words(told), _words(actual))
            return Check("forms", "refuted", f"a cost is wrong: {text}", text, counterexample=found)
    return None


def _words(count: Count | None) -> str:
    return f"{count.multiplications:,} · and {count.additions:,} +" if count is not None else "an unknown number"
