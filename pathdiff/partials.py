"""Local partials: one reverse sweep over a node's expression gives all of them, as a textbook writes them.

A tree has slots for names, so the partials are computed once for all nodes of the same shape.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Final

from pathdiff import expression as ex
from pathdiff.algebra import MAX_FACTORS, Effort, exact, negative, over, plus, raised, times
from pathdiff.expression import ONE, OWN, ZERO, Tree
from pathdiff.functions import ROWS, visible_name
from pathdiff.grammar import parse

MAX_STEPS: Final = 100_000
"""How much is done to collect factors and terms in the partials of one expression; after it, they stay as they come."""


@lru_cache(maxsize=10_000)  # one for each shape of node
def partials(tree: Tree, *, accurate: bool = False) -> dict[int, Tree]:
    """The partial derivative of an expression with respect to each of its slots; real scalars.

    The reverse sweep over the expression's own operations (Linnainmaa 1970; Speelpenning 1980): every operation
    hands its adjoint, times its elementary derivative, to its arguments. Cost O(size), all slots together.
    A partial may name the slot `OWN`, the value of the whole expression. One that is 0 everywhere is the tree 0. With
    `accurate` they are written as floating point wants them: the derivative of h = tanh(s) is sech(s)**2.

    >>> from pathdiff.expression import Expression
    >>> print(Expression(partials(parse("sigmoid(a*x + b)").tree)[0], ["a", "x", "b"], own="h"))
    x*h*(1 - h)
    """
    return _sweep(_balanced(tree), accurate=accurate)


def visible(tree: Tree, hidden: frozenset[str]) -> Tree:
    """The same value written without names that mean something else in the spec: `ln` for `log`, `acos(-1)` for π."""

    def combine(part: Tree, args: list[Tree]) -> Tree:
        if part.kind == "pi" and "pi" in hidden:
            return ex.call(visible_name("acos", hidden), ex.neg(ONE))
        if part.kind == "call" and part.text in hidden:
            return ex.call(visible_name(part.text, hidden), *args)
        return ex.rebuilt(part, args) if args else part

    return ex.fold(tree, combine) if hidden else tree


def _sweep(root: Tree, *, accurate: bool) -> dict[int, Tree]:
    order = ex.postorder(root)
    active: set[Tree] = set()
    for tree in order:
        if tree.kind == "slot" or any(arg in active for arg in tree.args):
            active.add(tree)
    effort = Effort(MAX_STEPS)
    place = _places(root)
    received: dict[Tree, list[tuple[int, Tree]]] = {root: [(0, ONE)]}
    found: dict[int, Tree] = {}
    for tree in reversed(order):
        if tree not in active:
            continue
        parts = sorted(received.pop(tree, [(0, ZERO)]), key=lambda part: part[0])
        adjoint = plus((part for _, part in parts), effort=effort)
        if tree.kind == "slot":
            assert isinstance(tree.value, int)
            found[tree.value] = adjoint
            continue
        for index, arg in enumerate(tree.args):
            if arg in active:
                own = ex.slot(OWN) if tree is root else tree
                part = _elementary(tree, index, own, effort, accurate=accurate)
                received.setdefault(arg, []).append((place[tree, index], times(adjoint, part, effort=effort)))
    return found


def _places(root: Tree) -> dict[tuple[Tree, int], int]:
    """When each argument of each operation is met by who reads the expression from left to right.

    In this order the terms of a partial come: those of a + b x + c x² are b + 2c x.
    """
    places: dict[tuple[Tree, int], int] = {}
    seen = {root}
    waiting = [(root, index) for index in reversed(range(len(root.args)))]
    while waiting:
        tree, index = waiting.pop()
        places[tree, index] = len(places)
        arg = tree.args[index]
        if arg not in seen:
            seen.add(arg)
            waiting.extend((arg, each) for each in reversed(range(len(arg.args))))
    return places


def _elementary(tree: Tree, index: int, own: Tree, effort: Effort, *, accurate: bool = False) -> Tree:
    """The derivative of one operation with respect to one of its arguments, all arguments told apart."""
    args = tree.args
    match tree.kind:
        case "+":
            return ONE
        case "neg":
            return ex.neg(ONE)
        case "*":
            return times(*args[:index], *args[index + 1 :], effort=effort)
        case "/" if index == 0:
            return over(ONE, args[1], effort=effort)
        case "/":
            return negative(over(args[0], raised(args[1], ex.TWO, effort=effort), effort=effort), effort=effort)
        case "^" if index == 0:
            less = plus([args[1], ex.neg(ONE)], effort=effort)
            return times(args[1], raised(args[0], less, effort=effort), effort=effort)
        case "^":
            known = exact(args[0])
            if known is not None and known.value in (0, 1):
                return ZERO
            return times(tree, ex.call("log", args[0]), effort=effort)
        case _ if ROWS[tree.text].selects:
            others = [arg for position, arg in enumerate(args) if position != index]
            other = others[0] if len(others) == 1 else ex.call(tree.text, *others)
            over_other = plus([args[index], negative(other)], effort=effort)
            under_other = plus([other, negative(args[index])], effort=effort)
            return ex.call("heaviside", over_other if ROWS[tree.text].selects == "+" else under_other)
        case _:
            return _put_in(_template(tree.text, index, accurate), {OWN: own, **dict(enumerate(args))}, effort)


def _put_in(template: Tree, slots: Mapping[int, Tree], effort: Effort) -> Tree:
    """A derivative of the table with arguments put in, collected as all else: exp(-(x/√2)²) is exp(-x²/2)."""

    def combine(part: Tree, args: list[Tree]) -> Tree:
        match part.kind:
            case "slot":
                assert isinstance(part.value, int)
                return slots[part.value]
            case "*":
                return times(*args, effort=effort)
            case "/":
                return over(*args, effort=effort)
            case "^":
                return raised(*args, effort=effort)
            case "neg":
                return negative(*args, effort=effort)
            case _:
                return ex.rebuilt(part, args) if args else part

    return ex.fold(template, combine)


@cache
def _template(function: str, index: int, accurate: bool) -> Tree:
    """A row of the table as a tree in the slots of the arguments and `OWN`."""
    row = ROWS[function]
    names = row.parameters
    read = parse((row.accurate if accurate and row.accurate else row.derivatives)[index])
    return ex.substitute(
        read.tree, {i: ex.slot(OWN if name == "own" else names.index(name)) for i, name in enumerate(read.names)}
    )


def _balanced(root: Tree) -> Tree:
    """The same value in a form that is quick and safe to differentiate.

    Long products, min and max become balanced trees of short ones: those without one argument share their parts. Of
    equal arguments of min and max one stays: otherwise each would count as one half of a kink that isn't there.
    """

    def combine(tree: Tree, args: list[Tree]) -> Tree:
        if tree.kind == "*":
            while len(args) > MAX_FACTORS:
                args = [
                    ex.mul(*pair) if len(pair) == 2 else pair[0]
                    for pair in (args[i : i + 2] for i in range(0, len(args), 2))
                ]
        if tree.kind == "call" and ROWS[tree.text].selects:
            args = list(dict.fromkeys(args))
            while len(args) > MAX_FACTORS:
                chunks = (args[i : i + MAX_FACTORS] for i in range(0, len(args), MAX_FACTORS))
                args = [ex.call(tree.text, *chunk) if len(chunk) > 1 else chunk[0] for chunk in chunks]
            if len(args) == 1:
                return args[0]
        return ex.rebuilt(tree, args) if args else tree

    return ex.fold(root, combine)
