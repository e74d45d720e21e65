"""Sets of vertices as integers, bit v set where v is in the set: what makes an elimination fast in Python."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

Set = int
"""A set of vertices."""


def members(found: Set) -> Iterator[int]:
    """The vertices of a set, in ascending order.

    >>> list(members(0b1101))
    [0, 2, 3]
    """
    while found:
        low = found & -found
        yield low.bit_length() - 1
        found ^= low


def reach(first: Set, gone: Set, through: Sequence[Set]) -> Set:
    """What is met first on every way on from some vertices when those that are gone are passed through.

    >>> bin(reach(0b0001, 0b0011, [0b0010, 0b1100]))
    '0b1100'
    """
    found, left = first, gone
    while passed := found & left:
        low = passed & -passed
        found |= through[low.bit_length() - 1]
        left ^= low
    return found & ~gone
