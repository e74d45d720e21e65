"""Things in a row: each as near to where it wants to be as its neighbours allow."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate


def spaced(wanted: Sequence[float], weights: Sequence[float], gaps: Sequence[float]) -> list[float]:
    """Places in this order, the next at least a gap after the one before, with the least weighted squares of shifts.

    There is a gap less than there are things. Isotonic regression by pooling neighbours that are out of order (Ayer and
    others 1955). Cost O(V).

    >>> spaced([0, 0, 9], [1, 1, 1], [2, 2])
    [-1.0, 1.0, 9.0]
    """
    offsets = list(accumulate(gaps, initial=0.0))[: len(wanted)]
    pools: list[tuple[float, float, int]] = []  # mean, weight, how many
    for place, offset, weight in zip(wanted, offsets, weights, strict=True):
        pool = (place - offset, weight, 1)
        while pools and pools[-1][0] > pool[0]:
            mean, heavy, count = pools.pop()
            total = heavy + pool[1]
            pool = ((mean * heavy + pool[0] * pool[1]) / total, total, count + pool[2])
        pools.append(pool)
    means = [mean for mean, _, count in pools for _ in range(count)]
    return [mean + offset for mean, offset in zip(means, offsets, strict=True)]
