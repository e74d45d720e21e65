"""Names that Python takes: of a spec's names, which may be its keywords, in other scripts, or thousands of letters."""

from __future__ import annotations

import builtins
import keyword
import re
import unicodedata
from collections.abc import Iterable
from typing import Final

from pathdiff.names import Symbols

LONGEST: Final = 32
"""A longer name is cut, so that lines stay short."""
_CONFUSED: Final = frozenset({"l", "O", "I"})
"""Letters that look like digits; ruff refuses them as names."""


class Names:
    """A Python name for each thing that has one, no two the same; none is a keyword, a builtin or reserved."""

    def __init__(self, reserved: Iterable[str]) -> None:
        self._taken = {*keyword.kwlist, *keyword.softkwlist, *dir(builtins), *reserved, *_CONFUSED}

    def fresh(self, wanted: str) -> str:
        """The wanted name, or one like it that is free."""
        name, count = wanted, 1
        while name in self._taken:
            name, count = f"{wanted}_" if count == 1 and wanted[-1:] != "_" else f"{wanted}_{count}", count + 1
        self._taken.add(name)
        return name

    def of(self, name: str) -> str:
        """A name for one of the spec's, which it keeps where Python lets it: β becomes beta, x₁ x1."""
        return self.fresh(plain(name))


def plain(name: str) -> str:
    """A name of a spec in the letters that Python code is written in.

    >>> plain("x₁"), plain("β"), plain("h′"), plain("Größe")
    ('x1', 'beta', 'h_', 'Große')
    """
    if not name.isascii():
        symbol = Symbols(())[name]
        name = "_".join((symbol.base, *symbol.subscripts)) if len(symbol.subscripts) > 1 else name
        if len(symbol.subscripts) <= 1:
            name = symbol.base + "".join(symbol.subscripts)
        name = unicodedata.normalize("NFKD", name)
        name = "".join(sign for sign in name if not unicodedata.combining(sign))
        name = unicodedata.normalize("NFKC", re.sub(r"\W", "_", name))
    name = name[:LONGEST]
    return name if name.isidentifier() and not name.startswith("__") else f"v{name.strip('_')}"
