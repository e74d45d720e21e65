"""Derivatives of several nodes with respect to several others at random labels, modulo a prime, from the spec.

Two polynomials in the labels of degree d that differ are equal there with a probability of at most d/p (Schwartz 1980).
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from typing import Final

from pathdiff.spec import Spec

PRIME: Final = 2**61 - 1


def residue(of: str, wrt: str) -> int:
    """The number that stands for the label ∂of/∂wrt, the same every time."""
    return int.from_bytes(sha256(f"{of}\0{wrt}".encode()).digest()[:16], "big") % PRIME


def totals(spec: Spec, of: Iterable[str], wrt: Iterable[str]) -> dict[tuple[str, str], int]:
    """For each pair with a path between the sum over all paths, by the chain rule, node after node; O(V + E) a name."""
    found: dict[tuple[str, str], int] = {}
    rows = tuple(dict.fromkeys(of))
    for x in dict.fromkeys(wrt):
        tangent: dict[str, int | None] = {x: 1}
        for p in rows:
            waiting = [p]
            while waiting:
                name = waiting[-1]
                arguments = spec.nodes[name].arguments if name in spec.nodes else ()
                missing = [u for u in arguments if u not in tangent] if name not in tangent else []
                waiting += missing
                if not missing:
                    waiting.pop()
                    if name not in tangent:
                        terms = [residue(name, u) * value for u in arguments if (value := tangent[u]) is not None]
                        tangent[name] = sum(terms) % PRIME if terms else None
            value = tangent[p]
            if value is not None:
                found[p, x] = value
    return found
