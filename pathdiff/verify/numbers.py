"""Whether the numbers that a derivation shows at a point are right, worked out again from the spec with more digits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from random import Random
from typing import Final

from pathdiff.derivation import Derivation, Gradient, Path
from pathdiff.graph import Label
from pathdiff.numeric import NotReal, label_value, value
from pathdiff.verify.composition import Composition
from pathdiff.verify.labels import scale
from pathdiff.verify.sampling import Context, Real, context, decimal
from pathdiff.verify.verdict import Check, Counterexample, Edge

_PRECISION: Final = 200
_DIGITS: Final = 20
"""To how many digits the numbers have to be right; six are shown."""
_ROUNDED: Final = 45
"""A difference in this digit of the largest number may come from rounding the point."""
_RESULT: Final = "the derivative"
_NUDGE: Final = 50
"""At a kink or a jump, a change in this digit changes the answer; nothing is said of the numbers there."""


def check_numbers(function: Composition, derivation: Derivation) -> Check | None:
    """Compares node values, terms and result with those of a forward sweep; None without numbers, and at a kink.

    The labels are taken as they are: that they are right is another part's claim. Cost O(V + E) and the listed paths.
    """
    numbers = derivation.numbers
    if numbers is None:
        return None
    terms = {f"term {place}": term for place, term in enumerate(numbers.terms, 1)}
    shown = {**numbers.values, **terms, _RESULT: numbers.result}
    paths = derivation.path_sum.paths
    return _compared(function, derivation.part.labels, numbers.values, paths, {derivation.wrt: 1}, shown)


def check_results(function: Composition, gradient: Gradient) -> Check | None:
    """The same for the derivatives of a gradient, all of them along one random direction."""
    values, results = gradient.values, gradient.results
    if values is None or results is None:
        return None
    random, m = Random(len(results)), context(_PRECISION)
    steps = {name: m.ldexp(random.randint(512, 1023), -9 - scale(number, m)) for name, number in results.items()}
    along = m.fsum(m.mpf(results[name]) * step for name, step in steps.items())
    return _compared(function, gradient.part.labels, values, (), steps, {**values, _RESULT: along})


def _compared(
    function: Composition,
    labels: Mapping[Edge, Label],
    values: Mapping[str, Real],
    paths: Sequence[Path],
    steps: Mapping[str, Real],
    shown: Mapping[str, Real],
) -> Check | None:
    """What is shown against what is found again; `steps` says how far each name moves."""
    if any(name not in values for name in function.order):
        return None
    m = context(_PRECISION)
    try:
        here, *nudged = (_found(function, labels, values, paths, steps, sign, m) for sign in (0, 1, -1))
    except NotReal:
        return None
    rounding = max(map(abs, here.values())) * m.mpf(10) ** -_ROUNDED
    if any(not _alike(number, other[name], rounding, m) for other in nudged for name, number in here.items()):
        return None
    for name, number in here.items():
        if not _alike(shown[name], number, rounding, m):
            claimed, actual = decimal(shown[name]), decimal(number)
            text = f"at the point {name} is shown as {claimed}, and is {actual}"
            return Check("numbers", "refuted", text, text, counterexample=Counterexample(text, claimed, actual))
    method = f"worked out again to {_DIGITS} digits"
    return Check("numbers", "checked", f"the numbers at the point, {method}", method, 1, _DIGITS)


def _found(
    function: Composition,
    labels: Mapping[Edge, Label],
    told: Mapping[str, Real],
    paths: Sequence[Path],
    steps: Mapping[str, Real],
    sign: int,
    m: Context,
) -> dict[str, Real]:
    """The values, the terms and the result, with the variables nudged up, down or not at all."""
    values: dict[str, Real] = {}
    for name in function.order:
        node = function.nodes.get(name)
        if node is not None and node.tree is not None:
            values[name] = value(node.tree, [values[u] for u in node.arguments], m)
        else:
            values[name] = told[name] + sign * m.mpf(10) ** -_NUDGE * max(1, abs(told[name]))
    expressions = {edge: label.expression for edge, label in labels.items()}
    local = {edge: label_value(label, values, m) for edge, label in expressions.items() if label is not None}
    moved: dict[str, Real] = {}
    for name in function.order:
        terms = [local[v, u] * moved[u] for v, u in _edges(name, local, moved, function)]
        if terms or name in steps:
            moved[name] = m.fsum([*terms, steps[name]] if name in steps else terms)
    products = (m.fprod(local[edge] for edge in pairwise(path)) for path in paths)
    named = {f"term {place}": term for place, term in enumerate(products, 1)}
    return {**values, **named, _RESULT: moved.get(function.of, m.mpf(0))}


def _edges(
    name: str, local: Mapping[tuple[str, str], Real], moved: Mapping[str, Real], function: Composition
) -> list[tuple[str, str]]:
    node = function.nodes.get(name)
    return [(name, u) for u in node.arguments if (name, u) in local and u in moved] if node is not None else []


def _alike(claimed: Real, number: Real, rounding: Real, m: Context) -> bool:
    size = max(abs(claimed), abs(number)) * m.mpf(10) ** -_DIGITS
    return bool(abs(claimed - number) <= max(size, rounding))
