"""A program as Python code for NumPy, torch or JAX, formatted as ruff would."""

from __future__ import annotations

from pathdiff.code.module import code
from pathdiff.code.writing import Library

__all__ = ["Library", "code"]
