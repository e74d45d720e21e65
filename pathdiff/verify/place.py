"""The given point: values of nodes and labels there, from the numbers as they were typed, to as many digits as needed.

The evaluator of expressions is the one that the numbers were made with; what is not shared is the point, which starts
from the spec's text and is computed with far more digits, and the way from there to a derivative.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from fractions import Fraction
from functools import lru_cache
from typing import Final

from pathdiff.expression import ONE, OWN, Tree, postorder, slots_of
from pathdiff.functions import KNOWN
from pathdiff.graph import Label
from pathdiff.numeric import Called, NotReal, called, real, values_of_parts
from pathdiff.spec import Node, Spec
from pathdiff.verify.composition import Composition, in_order
from pathdiff.verify.sampling import Context, Real, context
from pathdiff.verify.search import branching, parts_within_limits

_BASE: Final = 200
"""The digits to compute with, beside those between the largest number that is met and the smallest."""
_BASE_OF_LARGE: Final = 60
"""The same where there are more than `LARGE` names."""
LARGE: Final = 5000
MOST: Final = 2000
_NOISE: Final = 0.85
"""What is smaller than 1 by this part of all digits is the noise that 0 leaves."""
_SHRINKS: Final = 0.95
"""By this part of the digits that the second of two contexts has more, at least, it gets smaller: twice as many."""
_FIRST: Final = 60
"""The digits to find out with how large the numbers are."""


class Place:
    """The point of a spec: numbers for independent names. What is rational stays exact; what has no value has none."""

    def __init__(self, spec: Spec, told: Mapping[str, Tree]) -> None:
        self._nodes, self._told = spec.nodes, told
        self._known: dict[int, dict[str, Real]] = {}
        self._calls: dict[tuple[int, str], Called | None] = {}
        self._labels: dict[tuple[int, int], tuple[Label, Real]] = {}
        self._order: list[str] = []
        self._has: set[str] = set()
        self._lost: set[str] = set()
        self._zeros: dict[str, frozenset[Tree]] = {}
        self._label_zeros: dict[int, frozenset[Tree]] = {}
        self._levels: tuple[Context, ...] = ()

    def look_at(self, names: Iterable[str]) -> None:
        """These names, and what they are computed from, will be asked for."""
        wanted = [name for name in names if name not in self._has]
        new = [name for name in in_order(self._nodes, wanted) if name not in self._has]
        self._order += new
        self._has.update(new)

    def values(self, m: Context) -> dict[str, Real]:
        """The value of each name that was asked for, None where it has none; kept for each precision."""
        values = self._known.setdefault(m.dps, {})
        for name in self._order[len(values) :]:
            values[name] = self._value(name, values, m)
        return values

    def _value(self, name: str, values: Mapping[str, Real], m: Context) -> Real:
        return next(reversed(self._computed(name, values, m).values()), None)

    def _computed(self, name: str, values: Mapping[str, Real], m: Context) -> dict[Tree, Real]:
        """The values of all operations of a name, its own as the last one; nothing where it has none."""
        node = self._nodes.get(name)
        tree = node.tree if node is not None else self._told.get(name)
        arguments = node.arguments if node is not None else ()
        known = [values[u] for u in arguments]
        if tree is not None and None not in known:
            try:
                calls = self._called(dict(enumerate(arguments)), m)
                parts = values_of_parts(tree, known, m, zeros=self._zeros.get(name, ()), calls=calls)
                self._calls[m.dps, name] = called(tree, parts)
                return parts
            except NotReal:
                self._lost.add(name)
        self._lost.update([name] if any(u in self._lost for u in arguments) else ())
        return {}

    def _called(self, names: Mapping[int, str], m: Context) -> dict[int, Called]:
        """The slots whose names are values of a function that comes near 1."""
        found = ((slot, self._calls.get((m.dps, name))) for slot, name in names.items())
        return {slot: call for slot, call in found if call is not None}

    def settle(self, *levels: Context) -> None:
        """Finds what only gets smaller with more digits, as what rounding leaves of 0 does, and takes it to be 0."""
        if levels != self._levels:
            self._zeros.clear()
            self._label_zeros.clear()
        self._levels = levels
        known: list[dict[str, Real]] = [{} for _ in levels]
        for name in self._order:
            found: list[Real] = []
            if name not in self._zeros:
                self._zeros[name], found = self._zeros_of(name, known, levels)
            if self._zeros[name] or not found:
                found = [self._value(name, values, m) for values, m in zip(known, levels, strict=True)]
            for values, number in zip(known, found, strict=True):
                values[name] = number
        self._known = {m.dps: values for values, m in zip(known, levels, strict=True)}
        self._labels.clear()

    def _zeros_of(
        self, name: str, known: Sequence[Mapping[str, Real]], levels: Sequence[Context]
    ) -> tuple[frozenset[Tree], list[Real]]:
        """The operations that vanish, and the values where they had to be computed for that."""
        node = self._nodes.get(name)
        tree = node.tree if node is not None else self._told.get(name)
        arguments = node.arguments if node is not None else ()
        at = [{i: values[u] for i, u in enumerate(arguments)} for values in known]
        if tree is None or any(None in values.values() for values in at):
            return frozenset(), []
        if jumps(tree):
            return _zeros(tree, at, levels, [self._called(dict(enumerate(arguments)), m) for m in levels]), []
        found = [self._value(name, values, m) for values, m in zip(known, levels, strict=True)]
        vanishes = type(found[-1]) is not Fraction and _vanishes(found[0], found[-1])
        return frozenset([tree] if vanishes else ()), found

    def lost(self, name: str) -> bool:
        """Whether a name has no value because something that it needs can't be computed, not for lack of a number."""
        return name in self._lost

    def parts(self, name: str, m: Context) -> dict[Tree, Real]:
        """The value of every operation of a node that has a value."""
        node, values = self._nodes[name], self.values(m)
        assert node.tree is not None
        known, calls = [values[u] for u in node.arguments], self._called(dict(enumerate(node.arguments)), m)
        return values_of_parts(node.tree, known, m, zeros=self._zeros.get(name, ()), calls=calls)

    def label(self, label: Label, m: Context) -> Real:
        """The value of a label; raises NotReal, also where it is abstract or a name in it has no value."""
        key = m.dps, id(label)
        if key not in self._labels:
            told, values = label.expression, self.values(m)
            if told is None:
                raise NotReal(ONE, "an abstract label")
            names = {i: told.name(i) for i in slots_of(told.tree)}
            used = {i: values.get(name) for i, name in names.items()}
            if None in used.values():
                raise NotReal(told.tree, "a name without a value")
            if id(label) not in self._label_zeros:
                self._label_zeros[id(label)] = frozenset()
                if jumps(told.tree) and self._levels:
                    at = [{i: self.values(level)[name] for i, name in names.items()} for level in self._levels]
                    called_at = [self._called(names, level) for level in self._levels]
                    self._label_zeros[id(label)] = _zeros(told.tree, at, self._levels, called_at)
            zeros = self._label_zeros[id(label)]
            parts = values_of_parts(told.tree, used, m, used.get(OWN), zeros=zeros, calls=self._called(names, m))
            self._labels[key] = label, real(parts[told.tree], m)
        return self._labels[key][1]

    @property
    def most(self) -> int:
        """The digits that may be computed with at most."""
        return MOST if len(self._order) <= LARGE else MOST // 5

    def digits(self) -> int:
        """So many digits that nothing is lost beside the largest number; within bounds."""
        m = context(_FIRST)
        top = bottom = 0
        values: dict[str, Real] = {}
        for name in self._order:
            parts = self._computed(name, values, m)
            values[name] = next(reversed(parts.values()), None)
            sizes = [int(m.mag(real(part, m))) for part in parts.values() if part]
            top, bottom = max([top, *sizes]), min([bottom, *sizes])
        self._known[m.dps] = values
        base = _BASE if len(self._order) <= LARGE else _BASE_OF_LARGE
        return min(self.most, base + (top - bottom) * 30103 // 100000 // 100 * 100)

    def moved(self, function: Composition, steps: Mapping[str, Real], m: Context) -> Real:
        """The function's value when some names grow by so much. Raises NotReal, also where a name has no value."""
        moved = dict(self.values(m))
        if any(moved[name] is None for name in steps):
            raise NotReal(ONE, "a name without a value")
        for name in function.inside:
            node = function.nodes.get(name)
            if node is not None and function.arguments[name]:
                moved[name] = _within_limits(node, [moved[u] for u in node.arguments], m)
            if name in steps:
                moved[name] = real(moved[name], m) + steps[name]
        return real(moved[function.of], m)


def _zeros(
    tree: Tree, at: Sequence[Mapping[int, Real]], levels: Sequence[Context], calls: Sequence[Mapping[int, Called]]
) -> frozenset[Tree]:
    """The operations whose value only gets smaller from one level to the next."""
    zeros: frozenset[Tree] = frozenset()
    while True:
        parts: list[dict[Tree, Real]] = []
        for arguments, m, known in zip(at, levels, calls, strict=True):
            parts.append({})
            with suppress(NotReal):
                values_of_parts(tree, arguments, m, arguments.get(OWN), zeros=zeros, done=parts[-1], calls=known)
        pairs = ((part, parts[0].get(part), number) for part, number in parts[-1].items())
        new: dict[Tree, None] = {}
        after: set[Tree] = set()
        for part, first, number in pairs:
            if not after.isdisjoint(part.args):
                after.add(part)  # what it is comes from what is 0: it is looked at again
            elif type(number) is not Fraction and _vanishes(first, number):
                new[part] = None
                after.add(part)
        if not new:
            return zeros
        zeros |= frozenset(new)


def _vanishes(first: Real, second: Real) -> bool:
    if first is None or second is None:
        return False
    m = second.context
    if second and abs(second) > abs(real(first, m)) * m.mpf(10) ** int(-_SHRINKS * m.dps / 2):
        return False
    return not second or bool(m.mag(second) < -_NOISE * m.prec)


def _within_limits(node: Node, arguments: Sequence[Real], m: Context) -> Real:
    if node.tree is None or None in arguments:
        raise NotReal(ONE, "a name without a value")
    return parts_within_limits(node.tree, arguments, m)[node.tree]


@lru_cache(maxsize=4096)
def jumps(tree: Tree) -> tuple[Tree, ...]:
    """The calls in an expression whose value or slope jumps somewhere."""
    calls = set(branching(tree))
    return tuple(part for part in postorder(tree) if part in calls or _is_atan2(part))


def _is_atan2(part: Tree) -> bool:
    return part.kind == "call" and KNOWN[part.text].name == "atan2"


def met(place: Place, function: Composition, name: str, m: Context) -> list[str]:
    """The kinks and jumps that a node meets in what depends on the variables: "kink", "jump", or "near" one.

    Near: where an argument is so close to one that its digits don't tell which side it is on.
    """
    node = function.nodes[name]
    assert node.tree is not None
    calls = jumps(node.tree)
    if not calls:
        return []
    moving = {i for i, u in enumerate(node.arguments) if u in function.arguments}
    parts = place.parts(name, m)
    sizes = [int(m.mag(real(part, m))) for part in parts.values() if part]
    tiny = max(sizes, default=0) - int(m.prec) // 2
    found = []
    for call in calls:
        if moving.isdisjoint(slots_of(call)):
            continue
        row = KNOWN[call.text]
        if row.name == "atan2":  # it jumps where y = 0 and x < 0
            gaps = [parts[call.args[0]]] if parts[call.args[1]] < 0 else []
            found += ["jump"] * (gaps != [] and not gaps[0])
        elif row.selects:
            trees = dict.fromkeys(call.args)
            gaps = [
                parts[tree] - parts[call] if _exact(parts, call) else real(parts[tree], m) - real(parts[call], m)
                for tree in trees
            ]
            ties = gaps.count(0) - 1
            found += ["kink"] * ties
        else:
            gaps = [parts[call.args[0]]]
            found += [row.kink] * (not gaps[0])
        if any(gap and type(gap) is not Fraction and m.mag(gap) < tiny for gap in gaps):
            found.append("near")
    return found


def _exact(parts: Mapping[Tree, Real], call: Tree) -> bool:
    return all(type(parts[arg]) is Fraction for arg in (call, *call.args))


def settled(found: Sequence[Real]) -> Real:
    """A number that is known, from what it is with some digits and with twice as many; None where that differs.

    One that only gets smaller, as what rounding leaves, is 0.
    """
    first, second = found
    if first is None or second is None:
        return None
    if type(second) is Fraction:
        return second
    m = second.context
    first = real(first, m)
    if second and abs(first - second) <= abs(second) * m.mpf(10) ** -40:
        return second
    return m.mpf(0) if _vanishes(first, second) else None
