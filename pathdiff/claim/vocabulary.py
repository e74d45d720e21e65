"""What the names in a claim may mean: those of the spec, also as mathematics writes them, and its functions."""

from __future__ import annotations

from typing import Final

from pathdiff.functions import KNOWN
from pathdiff.names import GREEK, Symbol, Symbols
from pathdiff.spec import Spec

_SPLIT: Final = Symbols(())


def _look(symbol: Symbol) -> tuple[str, tuple[str, ...]]:
    return GREEK.get(symbol.base, symbol.base), symbol.subscripts


class Vocabulary:
    """The names of a spec, each also in the form in which it is typeset: h₁ and h_1 for h1, α for alpha.

    Two names that would look the same have no other form than the one that was typed.
    """

    def __init__(self, spec: Spec) -> None:
        self.spec = spec
        self.names = frozenset((*spec.independents, *spec.nodes))
        symbols = Symbols(self.names)
        self._looks = {_look(symbols[name]): name for name in self.names if not symbols[name].as_typed}

    def name(self, word: str) -> str | None:
        """The name of the spec that is meant, None where it is none."""
        return word if word in self.names else self._looks.get(_look(_SPLIT[word]))

    def is_function(self, word: str) -> bool:
        """Whether a function has this name."""
        return word in self.spec.functions or word in KNOWN
