"""The functions that array libraries lack, in double precision: real numbers, one by one.

Generated code carries their text along, so each is complete in itself, and says `np` where a library is meant.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

Array = Any
"""An array of the library, or a number."""


def _sigmoid(x: Array) -> Array:
    """1/(1 + exp(-x)), where nothing overflows and what is small keeps its digits."""
    e = np.exp(-np.abs(x))
    return np.where(x >= 0, 1.0, e) / (1.0 + e)


def _softplus(x: Array) -> Array:
    """log(1 + exp(x)), where nothing overflows."""
    return np.logaddexp(x, np.zeros_like(x))


def _sech(x: Array) -> Array:
    """1/cosh(x), where nothing overflows."""
    e = np.exp(-np.abs(x))
    return 2.0 * e / (1.0 + e * e)


def _csch(x: Array) -> Array:
    """1/sinh(x), where nothing overflows."""
    a = np.abs(x)
    return np.sign(x) * 2.0 * np.exp(-a) / -np.expm1(-2.0 * a)


def _cbrt(x: Array) -> Array:
    """The real cube root."""
    return np.sign(x) * np.abs(x) ** (1.0 / 3.0)


def _erf(x: Array) -> Array:
    """The error function, number by number."""
    found: Array = np.vectorize(math.erf, otypes=[float])(x)
    return found


def _erfc(x: Array) -> Array:
    """1 - erf(x), number by number, where what is small keeps its digits."""
    found: Array = np.vectorize(math.erfc, otypes=[float])(x)
    return found
