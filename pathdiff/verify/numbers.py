"""Whether the numbers that a derivation shows at a point are right, worked out again from the spec with more digits."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Final

from pathdiff.derivation import Derivation, Numbers
from pathdiff.numeric import NotReal, label_value, value
from pathdiff.verify.composition import Composition
from pathdiff.verify.sampling import Context, Real, context, decimal
from pathdiff.verify.verdict import Check, Counterexample

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
    if numbers is None or any(name not in numbers.values for name in function.order):
        return None
    m = context(_PRECISION)
    try:
        here, *nudged = (_found(function, derivation, numbers, sign, m) for sign in (0, 1, -1))
    except NotReal:
        return None
    rounding = max(map(abs, here.values())) * m.mpf(10) ** -_ROUNDED
    if any(not _alike(number, other[name], rounding, m) for other in nudged for name, number in here.items()):
        return None
    terms = {f"term {place}": term for place, term in enumerate(numbers.terms, 1)}
    shown: dict[str, Real] = {**numbers.values, **terms, _RESULT: numbers.result}
    for name, number in here.items():
        if not _alike(shown[name], number, rounding, m):
            claimed, actual = decimal(shown[name]), decimal(number)
            text = f"at the point {name} is shown as {claimed}, and is {actual}"
            return Check("numbers", "refuted", text, text, counterexample=Counterexample(text, claimed, actual))
    method = f"worked out again to {_DIGITS} digits"
    return Check("numbers", "checked", f"the numbers at the point, {method}", method, 1, _DIGITS)


def _found(function: Composition, derivation: Derivation, numbers: Numbers, sign: int, m: Context) -> dict[str, Real]:
    """The values, the terms and the result, with the variables nudged up, down or not at all."""
    values: dict[str, Real] = {}
    for name in function.order:
        node = function.nodes.get(name)
        if node is not None and node.tree is not None:
            values[name] = value(node.tree, [values[u] for u in node.arguments], m)
        else:
            told = numbers.values[name]
            values[name] = told + sign * m.mpf(10) ** -_NUDGE * max(1, abs(told))
    labels = {edge: label.expression for edge, label in derivation.part.labels.items()}
    local = {edge: label_value(label, values, m) for edge, label in labels.items() if label is not None}
    moved: dict[str, Real] = {derivation.wrt: m.mpf(1)}
    for name in function.order:
        if name != derivation.wrt:
            moved[name] = m.fsum(local[v, u] * moved[u] for v, u in _edges(name, local, moved, function))
    terms = (m.fprod(local[edge] for edge in pairwise(path)) for path in derivation.path_sum.paths)
    named = {f"term {place}": term for place, term in enumerate(terms, 1)}
    return {**values, **named, _RESULT: moved.get(derivation.of, m.mpf(0))}


def _edges(
    name: str, local: Mapping[tuple[str, str], Real], moved: Mapping[str, Real], function: Composition
) -> list[tuple[str, str]]:
    node = function.nodes.get(name)
    return [(name, u) for u in node.arguments if (name, u) in local and u in moved] if node is not None else []


def _alike(claimed: Real, number: Real, rounding: Real, m: Context) -> bool:
    size = max(abs(claimed), abs(number)) * m.mpf(10) ** -_DIGITS
    return bool(abs(claimed - number) <= max(size, rounding))
