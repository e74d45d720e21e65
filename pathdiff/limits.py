"""Limits of what is read and compared, which the environment raises: `PATHDIFF_LIMITS="spec=90000000,digits=9000"`."""

from __future__ import annotations

import os
from functools import lru_cache
from typing import Final

from pathdiff.diagnostics import Diagnostic, InputError, nearest

VARIABLE: Final = "PATHDIFF_LIMITS"
DEFAULTS: Final = {
    "spec": 8_000_000,
    "values": 300_000,
    "expression": 120_000,
    "tokens": 200_000,
    "operations": 100_000,
    "between": 500_000,
    "digits": 4_000,
    "compared": 600_000,
    "seconds": 20,
    "megabytes": 2_000,
}
"""Bytes of a spec, keys and values in it, characters of an expression, names, numbers and signs of all expressions,
operations that functions put in, nodes and edges between the nodes asked for and the names, those of each node of its
own, digits of a number, operations that are compared by numbers. Each keeps the worst
input below it within some seconds and a gigabyte. Of each of many answers, the seconds and megabytes that looking at it
may take."""


def limit(name: str) -> int:
    """The limit in force. Raises InputError where `PATHDIFF_LIMITS` is not a list of NAME=NUMBER."""
    return _limits(os.environ.get(VARIABLE, ""))[name]


def to_raise(name: str) -> str:
    """A hint that says how the limit is raised."""
    return f"{VARIABLE}={name}={10 * limit(name)} in the environment allows ten times as much"


@lru_cache(maxsize=4)
def _limits(told: str) -> dict[str, int]:
    found = dict(DEFAULTS)
    for piece in filter(None, map(str.strip, told.split(","))):
        name, _, number = (part.strip() for part in piece.partition("="))
        if name not in DEFAULTS:
            message = f"there is no limit `{name}`"
            hint = nearest(name, DEFAULTS) or "the limits are " + ", ".join(DEFAULTS)
            raise InputError([Diagnostic("bad-limit", message, VARIABLE, hint=hint)])
        if not (number.isascii() and number.isdigit() and len(number) < 19):
            message = f"the limit `{name}` must be a whole number, not `{number}`"
            raise InputError([Diagnostic("bad-limit", message, VARIABLE, hint=f"{VARIABLE}={name}={DEFAULTS[name]}")])
        found[name] = int(number)
    return found
