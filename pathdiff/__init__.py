"""The chain rule made visible: derivatives as sums over the paths of a graph, beside reverse mode, verified.

>>> import pathdiff
>>> pathdiff.parse("z = x*y; p = sin(z) + x").derivative("p", "x").expression
'1 + y*cos(z)'
"""

from __future__ import annotations

from importlib import import_module

TYPE_CHECKING = False  # importing typing would double the time in which an interrupt is not answered yet
if TYPE_CHECKING:
    from typing import Any

    from pathdiff.answers import Derivative, Explained
    from pathdiff.api import Composite, build, from_sympy, load, loads, parse, trace
    from pathdiff.diagnostics import Diagnostic, InputError

__version__ = "0.1.0"
__all__ = [
    "Composite",
    "Derivative",
    "Diagnostic",
    "Explained",
    "InputError",
    "build",
    "from_sympy",
    "load",
    "loads",
    "parse",
    "trace",
]

_HOMES = {
    "Derivative": "pathdiff.answers",
    "Diagnostic": "pathdiff.diagnostics",
    "Explained": "pathdiff.answers",
    "InputError": "pathdiff.diagnostics",
}


def __getattr__(name: str) -> Any:
    """The public names, each imported when first used: the command line's --help pays for none of them."""
    if name not in __all__:
        raise AttributeError(f"module 'pathdiff' has no attribute {name!r}")
    return getattr(import_module(_HOMES.get(name, "pathdiff.api")), name)


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
