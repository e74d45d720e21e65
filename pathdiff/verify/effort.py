"""How much is computed to verify something by numbers: less the larger it is, so that the time has a bound.

What was done is said in each answer: at how many points, and to how many digits.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from pathdiff.expression import Tree, postorder
from pathdiff.spec import Node

SMALL: Final = 1_500
"""What has at most so many operations is looked at with all points and digits."""
_MEDIUM: Final = 3_000
"""What has more is looked at to fewer digits."""
_LARGE: Final = 20_000
"""What is smooth and has more is looked at in one point."""
_WORK: Final = 5_000
"""Operations times points, where five points would be more: but two points at least."""
_DIGITS: Final = 8_000_000
"""Operations times the digits that may be lost: but 200 at least."""
_GROUPS: Final = 200_000
"""Operations times the groups of derivatives of about one size: but two at least."""
_LOOKED: Final = 120_000
"""Operations times the points that are drawn where some can't be used: but four at least."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How thoroughly numbers are compared."""

    points: int = 5
    """At so many points."""
    digits: int = 50
    """To so many significant decimal digits."""
    levels: tuple[int, ...] = (200, 400, 800, 1600)
    """The digits to compute with, one after the other until the answer is clear; the step has 3/10 as many zeros."""
    most_digits: int = 4000
    """So many digits more may be lost in a difference."""
    clear: int = 12
    """How many points are looked at to find those where the derivative is not 0."""
    looked: int = 30
    """The same where at some of them nothing can be measured."""
    tries: int = 300
    """How many points are drawn at most to find those."""
    groups: int = 1000
    """In how many groups derivatives of different sizes are measured at most."""

    @property
    def full(self) -> bool:
        """Whether nothing is saved."""
        return self.points == 5


FULL: Final = Effort()


def effort_for(operations: int, *, smooth: bool = False) -> Effort:
    """The effort for something of so many operations: fifteen digits, and two points at least.

    What is large and `smooth`, without branches, is looked at in one: a random point that shows no difference of
    two analytic functions shows, as good as certainly, that there is none.
    """
    if operations <= SMALL:
        return FULL
    points = 1 if smooth and operations > _LARGE else min(4, max(2, _WORK // operations))
    tries = max(4, _LOOKED // operations)
    if operations <= _MEDIUM:
        return Effort(points, 50, (200, 400), 800, points + 2, points + 4, tries)
    most = min(800, max(200, _DIGITS // operations))
    return Effort(points, 15, (120, 240), most, points, points + 1, tries, max(2, _GROUPS // operations))


@lru_cache(maxsize=4096)
def operations(tree: Tree) -> int:
    """How many operations of two arguments an expression has, and names and numbers."""
    return sum(max(1, len(part.args) - 1) for part in postorder(tree))


def operations_of(nodes: Iterable[Node]) -> int:
    """How many operations and arguments some nodes have."""
    return sum(len(node.arguments) + 1 + (operations(node.tree) if node.tree is not None else 0) for node in nodes)
