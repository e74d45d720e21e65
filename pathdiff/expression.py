"""Expressions as data: the language that node texts and labels are written in.

A `Tree` is interned: two trees that read the same are the same object, so comparing and hashing cost O(1)
and a shared subtree is stored, evaluated and differentiated once. Its leaves are numbered slots rather than
names, so that nodes which differ in names only share one tree; an `Expression` is a tree with its names.
Every walk is a loop over `postorder`, never a recursion, so depth has no limit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Final, Literal, TypeVar
from weakref import WeakValueDictionary

Value = TypeVar("Value")
Kind = Literal["number", "slot", "pi", "+", "*", "/", "^", "neg", "call"]

LONGEST_TEXT: Final = 1_000_000
"""How many characters the text of an expression may have to be of use; a shared tree can have exponentially many."""
OWN: Final = -1
"""The slot that stands for the value of the node itself, as in the label h(1 - h) of h = sigmoid(s)."""


class Tree:
    """One operation or leaf of an expression. Make one with the functions below, never directly."""

    __slots__ = ("__weakref__", "args", "kind", "text", "value")

    kind: Kind
    args: tuple[Tree, ...]
    value: Fraction | int | None
    """The number of a "number" (never negative), the index of a "slot"."""
    text: str
    """A number as it was typed, the name of a "call"."""

    def __repr__(self) -> str:
        return f"Tree({spec_text(Expression(self, _SlotNames(), 'own'), 200)})"


_Key = tuple[Kind, str, "Fraction | int | None", tuple[int, ...]]
_interned: WeakValueDictionary[_Key, Tree] = WeakValueDictionary()


def _make(kind: Kind, args: tuple[Tree, ...] = (), value: Fraction | int | None = None, text: str = "") -> Tree:
    key = (kind, text, value, tuple(map(id, args)))
    found = _interned.get(key)
    if found is None:
        found = Tree()
        found.kind, found.args, found.value, found.text = kind, args, value, text
        found = _interned.setdefault(key, found)  # another thread may have been first
    return found


def number(value: Fraction | int, text: str | None = None) -> Tree:
    """A number that is not negative: an integer, or a decimal with the text it was typed as."""
    return _make("number", (), Fraction(value), str(value) if text is None else text)


def slot(index: int) -> Tree:
    """The value of the argument with this index, or of the node itself for `OWN`."""
    return _make("slot", (), index)


def add(*terms: Tree) -> Tree:
    """A sum as written; a subtracted term is a `neg`."""
    return _make("+", terms)


def mul(*factors: Tree) -> Tree:
    """A product as written."""
    return _make("*", factors)


def div(over: Tree, under: Tree) -> Tree:
    """A quotient as written."""
    return _make("/", (over, under))


def power(base: Tree, exponent: Tree) -> Tree:
    """A power as written."""
    return _make("^", (base, exponent))


def neg(tree: Tree) -> Tree:
    """A minus sign before an expression."""
    return _make("neg", (tree,))


def call(function: str, *args: Tree) -> Tree:
    """A call of a function by its name in the table, or of a user's function."""
    return _make("call", args, None, function)


ZERO: Final = number(0)
ONE: Final = number(1)
TWO: Final = number(2)
PI: Final = _make("pi")


@dataclass(frozen=True, slots=True)
class Expression:
    """A tree with the names of its slots, and of the node itself where it says `OWN`."""

    tree: Tree
    names: Sequence[str] | Mapping[int, str]
    own: str = ""

    def name(self, index: int) -> str:
        """The name that stands in a slot."""
        return self.own if index == OWN else self.names[index]

    def __str__(self) -> str:
        return spec_text(self, LONGEST_TEXT)


class _SlotNames(Mapping[int, str]):
    """Names for showing a bare tree: $0, $1, ..."""

    def __getitem__(self, index: int) -> str:
        return f"${index}"

    def __iter__(self) -> Iterator[int]:
        return iter(())

    def __len__(self) -> int:
        return 0


@lru_cache(maxsize=64)  # one expression is walked many times in a row
def postorder(root: Tree) -> tuple[Tree, ...]:
    """Each distinct subtree once, arguments before what uses them, left before right. Cost O(size)."""
    order: list[Tree] = []
    seen: set[Tree] = set()
    stack: list[tuple[Tree, bool]] = [(root, False)]
    while stack:
        tree, expanded = stack.pop()
        if expanded:
            order.append(tree)
        elif tree not in seen:
            seen.add(tree)
            stack.append((tree, True))
            stack.extend((arg, False) for arg in reversed(dict.fromkeys(tree.args)) if arg not in seen)
    return tuple(order)


def fold(root: Tree, combine: Callable[[Tree, list[Value]], Value], done: dict[Tree, Value] | None = None) -> Value:
    """Computes a value for each distinct subtree from the values of its arguments, and returns the root's.

    `done` has the values that are known already and keeps those that are found: of several trees, each part that they
    share is visited once.
    """
    if done is None:
        done = {}
        for tree in postorder(root):
            done[tree] = combine(tree, [done[arg] for arg in tree.args])
        return done[root]
    stack = [root]
    while stack:
        tree = stack[-1]
        missing = [arg for arg in tree.args if arg not in done]
        if missing:
            stack.extend(reversed(missing))
            continue
        stack.pop()
        if tree not in done:
            done[tree] = combine(tree, [done[arg] for arg in tree.args])
    return done[root]


def rebuilt(tree: Tree, args: Iterable[Tree]) -> Tree:
    """The same operation on other arguments."""
    return _make(tree.kind, tuple(args), tree.value, tree.text)


def substitute(root: Tree, slots: Mapping[int, Tree]) -> Tree:
    """Puts a tree in the place of each slot that is named."""

    def combine(tree: Tree, args: list[Tree]) -> Tree:
        if tree.kind == "slot":
            assert isinstance(tree.value, int)
            return slots.get(tree.value, tree)
        return rebuilt(tree, args) if args else tree

    return fold(root, combine)


def slots_of(root: Tree) -> list[int]:
    """The slots that occur, in order of first occurrence."""
    return [tree.value for tree in postorder(root) if tree.kind == "slot" and isinstance(tree.value, int)]


# How tightly each kind of operation binds; an argument that binds less tightly than its place gets brackets.
_SUM, _PRODUCT, _POWER, _ATOM = 1, 2, 3, 4
BINDS: Final[dict[Kind, int]] = {
    "+": _SUM, "neg": _SUM, "*": _PRODUCT, "/": _PRODUCT, "^": _POWER,
    "number": _ATOM, "slot": _ATOM, "pi": _ATOM, "call": _ATOM,
}  # fmt: skip


def spec_text(expression: Expression, most: int | None = None) -> str:
    """The expression in the spec's own syntax; reading it again gives the same tree. Cost O(length of the text).

    The text may be exponentially longer than the tree, whose parts are shared; `most` cuts it after that many
    characters.
    """
    pieces: list[str] = []
    left = -1 if most is None else most
    for piece in _pieces(expression):
        if most is not None and len(piece) > left:
            return "".join([*pieces, piece[:left], "…"])
        pieces.append(piece)
        left -= len(piece)
    return "".join(pieces)


def whole_text(expression: Expression) -> str | None:
    """The text of an expression, or None where it has more than `LONGEST_TEXT` characters."""
    text = spec_text(expression, LONGEST_TEXT)
    return None if len(text) > LONGEST_TEXT else text


def _pieces(expression: Expression) -> Iterator[str]:
    """The text from left to right. A tree waits with the place that it stands in: how tightly it has to bind."""
    names = expression.names.values() if isinstance(expression.names, Mapping) else expression.names
    waiting: list[str | tuple[Tree, int]] = [(expression.tree, 0)]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            yield item
            continue
        tree, place = item
        if BINDS[tree.kind] < place:
            waiting += [")", (tree, 0), "("]
            continue
        args = tree.args
        parts: list[str | tuple[Tree, int]]
        match tree.kind:
            case "number":
                parts = [tree.text]
            case "pi":
                parts = ["π" if "pi" in names else "pi"]  # the constant, where a spec has a name `pi`
            case "slot":
                assert isinstance(tree.value, int)
                parts = [expression.name(tree.value)]
            case "call":
                parts = [f"{tree.text}("]
                for index, arg in enumerate(args):
                    parts += [", ", (arg, 0)] if index else [(arg, 0)]
                parts.append(")")
            case "neg":
                parts = ["-", (args[0], _PRODUCT)]
            case "+":
                parts = [(args[0], _PRODUCT if args[0].kind == "+" else 0)]
                for arg in args[1:]:
                    parts += [" - ", (arg.args[0], _PRODUCT)] if arg.kind == "neg" else [" + ", (arg, _PRODUCT)]
            case "*":
                parts = [(args[0], 0 if args[0].kind == "/" else _POWER)]
                for arg in args[1:]:
                    parts += ["*", (arg, _POWER)]
            case "/":
                parts = [(args[0], _PRODUCT), "/", (args[1], _POWER)]
            case "^":
                parts = [(args[0], _ATOM), "**", (args[1], _POWER)]
        waiting.extend(reversed(parts))
