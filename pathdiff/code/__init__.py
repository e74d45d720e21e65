"""A program as Python code for NumPy, torch or JAX, formatted as ruff would."""

from __future__ import annotations

from typing import Final

from pathdiff.code.module import code
from pathdiff.code.writing import Library

__all__ = ["LIBRARIES", "Library", "code"]

LIBRARIES: Final[dict[str, Library]] = {"numpy": "np", "torch": "torch", "jax": "jnp"}
"""What code calls each library, by its name."""
