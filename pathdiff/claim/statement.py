"""What somebody claims, as data: which derivative, and what it is said to be."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, TypeVar

from pathdiff import expression as ex
from pathdiff.expression import Tree, fold, postorder
from pathdiff.source import Text

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Factor:
    """A derivative that stands in a claim, ∂of/∂wrt or d of/d wrt."""

    of: str
    wrt: str
    sign: Literal["∂", "d"]

    def __str__(self) -> str:
        return f"{self.sign}{self.of}/{self.sign}{self.wrt}"


@dataclass(frozen=True, slots=True)
class Side:
    """One right side: a tree in slots, and for each slot the name or the derivative that stands in it."""

    tree: Tree
    leaves: tuple[str | Factor, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the spec in it."""
        return tuple(leaf for leaf in self.leaves if isinstance(leaf, str))

    @property
    def factors(self) -> tuple[Factor, ...]:
        """The derivatives in it."""
        return tuple(leaf for leaf in self.leaves if isinstance(leaf, Factor))

    @property
    def size(self) -> int:
        """How many operations, names and numbers it has."""
        return sum(max(1, len(part.args) - 1) for part in postorder(self.tree))

    def __str__(self) -> str:
        return ex.spec_text(ex.Expression(self.tree, tuple(map(str, self.leaves))), 200)


@dataclass(frozen=True, slots=True)
class Parse:
    """One way to read the words of a claim; `how` says which where there are several."""

    sides: tuple[Side, ...]
    """`dp/dx = A = B` has two, each of which has to be right."""
    how: str = ""


@dataclass(frozen=True, slots=True)
class Claim:
    """That the derivative of one node with respect to another is something; real scalars."""

    of: str
    wrt: str
    parses: tuple[Parse, ...]
    text: Text = field(compare=False, repr=False)

    @property
    def names(self) -> frozenset[str]:
        """All names that its right sides use, those of derivatives too."""
        found = {leaf for parse in self.parses for side in parse.sides for leaf in side.names}
        for parse in self.parses:
            for side in parse.sides:
                found.update(name for factor in side.factors for name in (factor.of, factor.wrt))
        return frozenset(found)


def terms(tree: Tree) -> Iterator[tuple[int, Tree]]:
    """The terms of a sum, each with its sign; brackets of sums are gone into. No recursion."""
    waiting = [(1, tree)]
    while waiting:
        sign, part = waiting.pop()
        if part.kind == "+":
            waiting.extend((sign, arg) for arg in reversed(part.args))
        elif part.kind == "neg":
            waiting.append((-sign, part.args[0]))
        else:
            yield sign, part


def degree(tree: Tree) -> int | None:
    """The degree of numerator and denominator together where a tree is a rational function, else None."""

    def combine(part: Tree, args: list[int | None]) -> int | None:
        if part.kind == "number":
            return 0
        if part.kind == "slot":
            return 1
        if part.kind in ("pi", "call") or None in args:
            return None
        known = [arg for arg in args if arg is not None]
        if part.kind == "^":
            exponent = integer(part.args[1])
            return None if exponent is None or abs(exponent) > 64 else known[0] * abs(exponent)
        return sum(known)

    return fold(tree, combine)


def integer(tree: Tree) -> int | None:
    """The whole number that a tree is, if it is written as one."""
    sign = 1
    while tree.kind == "neg":
        sign, tree = -sign, tree.args[0]
    if tree.kind != "number" or tree.value is None or tree.value.denominator != 1:
        return None
    return sign * tree.value.numerator
