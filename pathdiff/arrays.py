"""A program run on arrays by NumPy, for many points at once, in double precision."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Final

import numpy as np

from pathdiff import array_functions
from pathdiff.expression import Tree, postorder, slot, substitute
from pathdiff.functions import KNOWN, called
from pathdiff.program import Adjoint, Program
from pathdiff.spec import Node
from pathdiff.stable import stable

Array = Any
"""A NumPy array of float64, or a number; they broadcast."""


@dataclass(slots=True)
class Met:
    """What was met in a node, and in how many points."""

    node: str
    what: str
    """In words."""
    count: int
    first: int
    """The first of these points, counted from 0."""


@dataclass(slots=True)
class Run:
    """A program run on arrays of points: the values, and for each `of` the adjoints."""

    program: Program
    """The forward pass is that of this one."""
    nodes: Mapping[str, Node]
    values: dict[str, Array]
    """Of each name. Where a node has no real value it is nan, and so is what depends on it."""
    met: list[Met] = field(default_factory=list)
    _done: dict[Tree, Array] = field(default_factory=dict)
    _ties: dict[str, Array] = field(default_factory=dict)

    def adjoints(self, program: Program) -> dict[str, Array]:
        """The adjoints of a program's backward pass, which begins with 1 for each of its `of`."""
        found: dict[str, Array] = {}
        with np.errstate(all="ignore"):
            for each in program.backward:
                found[each.name] = self._adjoint(each, found)
        return found

    def _adjoint(self, line: Adjoint, found: Mapping[str, Array]) -> Array:
        total: Array = 1.0 if line.seeded else 0.0
        for user, label in line.terms:
            value = self._value(label)
            if user in self._ties:
                value = np.where(self._ties[user], np.nan, value)
            total = total + found[user] * value
        return total

    def _value(self, tree: Tree) -> Array:
        for part in postorder(tree):
            if part not in self._done:
                self._done[part] = self._computed(part)
        return self._done[tree]

    def _computed(self, part: Tree) -> Array:
        if part.kind == "slot":
            assert isinstance(part.value, int)
            return self.values[self.program.names[part.value]]
        return operation(part, [self._done[arg] for arg in part.args])


def run(program: Program, nodes: Mapping[str, Node], points: Mapping[str, Array], *, watch: bool = True) -> Run:
    """Runs the forward pass of a program on arrays of one length; with `watch`, what was met on the way is in `met`.

    A node without a real value is nan there: a division by 0, what is outside a domain. What is beyond a double is inf.
    """
    found = Run(program, nodes, dict(points))
    with np.errstate(all="ignore"):
        for line in program.forward:
            value = np.asarray(found._value(line.tree), dtype=float)
            wrong = _without_value(line.tree, found)
            if wrong is not None and np.any(wrong):
                value = np.where(wrong, np.nan, value)
                found._done[line.tree] = value
            found.values[line.name] = value
            if watch:
                _tell_undefined(line.name, nodes[line.name], value, found)
                _tell_too_large(line.name, nodes[line.name], value, found)
                _tell_kinks(line.name, nodes[line.name], found)
    return found


def _without_value(tree: Tree, found: Run) -> Array | None:
    """Where an operation on the way to a node has no real value."""
    wrong: Array | None = None
    for part in postorder(tree):
        args = [found._done[arg] for arg in part.args]
        here = _undefined(part, args, found._done[part])
        if here is not None:
            wrong = here if wrong is None else wrong | here
    return wrong


def _undefined(part: Tree, args: list[Array], value: Array) -> Array | None:
    """Where one operation has no real value though its result may be a number, or infinite."""
    match part.kind:
        case "/":
            return np.equal(args[1], 0)
        case "^" if part.args[1].kind != "number":
            return np.equal(args[0], 0) & np.less(args[1], 0)
        case "call" if part.text == "atan2":
            return np.equal(args[0], 0) & np.equal(args[1], 0)
        case "call" if part.text in _BOUNDLESS:
            return np.isinf(value) & np.isfinite(args[0])
        case _:
            return None


_BOUNDLESS: Final = {"log", "log2", "log10", "log1p", "atanh", "csch"}
"""Functions with a pole, where a double is infinite."""


def _tell_undefined(name: str, node: Node, value: Array, found: Run) -> None:
    wrong = np.isnan(value)
    if not np.any(wrong):
        return
    for argument in node.arguments:
        wrong = wrong & ~np.isnan(found.values[argument])
    if np.any(wrong):
        found.met.append(_met(name, "no value", wrong))


def _tell_too_large(name: str, node: Node, value: Array, found: Run) -> None:
    beyond = np.isinf(value)
    if not np.any(beyond):
        return
    for argument in node.arguments:
        beyond = beyond & np.isfinite(found.values[argument])
    if np.any(beyond):
        found.met.append(_met(name, "a number beyond what a double holds", beyond))


def _met(name: str, what: str, where: Array) -> Met:
    flat = np.atleast_1d(where)
    return Met(name, what, int(np.count_nonzero(flat)), int(np.argmax(flat)))


def _tell_kinks(name: str, node: Node, found: Run) -> None:
    """Where a call meets a kink or a jump, and where arguments of min and max are equal."""
    calls = list(_with_kinks(node))
    place = {argument: index for index, argument in enumerate(found.program.names)} if calls else {}
    inner = {index: slot(place[argument]) for index, argument in enumerate(node.arguments)} if calls else {}

    def value(part: Tree) -> Array:
        return found._value(substitute(stable(part), inner))

    for call in calls:
        function = KNOWN[call.text]
        if function.kink:
            at = np.equal(value(call.args[0]), 0)
            if np.any(at):
                found.met.append(_met(name, f"{function.name} at its {function.kink}", at))
            continue
        best = value(call)
        equal = sum(np.equal(value(arg), best).astype(int) for arg in dict.fromkeys(call.args))
        if np.any(equal > 1):
            found.met.append(_met(name, f"equal arguments of {function.name}", equal > 1))
        if np.any(equal > 2):
            found._ties[name] = found._ties.get(name, False) | (equal > 2)


def _with_kinks(node: Node) -> Iterator[Tree]:
    for part in postorder(node.tree) if node.tree is not None else ():
        if part.kind == "call" and (KNOWN[part.text].kink or KNOWN[part.text].selects):
            yield part


def operation(part: Tree, args: list[Array]) -> Array:
    """One operation on arrays, number by number."""
    match part.kind:
        case "number":
            assert isinstance(part.value, Fraction)
            return np.float64(_rounded(part.value))
        case "pi":
            return np.float64(np.pi)
        case "+":
            return _together(np.add, args)
        case "*":
            return _together(np.multiply, args)
        case "neg":
            return -args[0]
        case "/":
            return np.divide(args[0], args[1])
        case "^":
            return np.power(args[0], args[1])
        case _:
            name = called(part.text, "np")
            return getattr(np if "." in name else array_functions, name.removeprefix("np."))(*args)


def _together(join: Any, args: Iterable[Array]) -> Array:
    first, *others = args
    for other in others:
        first = join(first, other)
    return first


def _rounded(number: Fraction) -> float:
    """The nearest double, infinite where it is beyond all."""
    try:
        return float(number)
    except OverflowError:
        return math.inf
