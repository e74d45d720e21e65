"""The names of a spec as mathematics writes them: Greek letters, subscripts, two that look alike kept apart."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Symbol:
    """A name of the spec: its letter or word, and its subscripts; the `base` of a Greek letter is its English name."""

    name: str
    base: str
    subscripts: tuple[str, ...] = ()
    as_typed: bool = False
    """Whether the base is shown as it is because another name would look the same; then `alpha` is no α."""

    @property
    def greek(self) -> str:
        """The Greek letter that the base names, if it does."""
        return "" if self.as_typed else GREEK.get(self.base, "")


_SMALL: Final = {
    "alpha": "α", "beta": "β", "gamma": "γ", "delta": "δ", "epsilon": "ε", "zeta": "ζ",
    "eta": "η", "theta": "θ", "iota": "ι", "kappa": "κ", "lambda": "λ", "mu": "μ",
    "nu": "ν", "xi": "ξ", "omicron": "ο", "pi": "π", "rho": "ρ", "sigma": "σ",
    "tau": "τ", "upsilon": "υ", "phi": "φ", "chi": "χ", "psi": "ψ", "omega": "ω",
}  # fmt: skip
GREEK: Final[dict[str, str]] = _SMALL | {name.capitalize(): letter.upper() for name, letter in _SMALL.items()}
_GREEK_NAMES: Final = {letter: name for name, letter in GREEK.items()} | {"ϵ": "epsilon", "ϕ": "phi", "ϑ": "theta"}
_SUBSCRIPT_DIGITS: Final = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
_BASE: Final = re.compile(r"(?P<base>.*?[^\d_₀-₉]_*)(?P<digits>[0-9₀-₉]*)$", re.DOTALL)


class Symbols:
    """How the names of a spec are typeset: h1 as h₁, w12 as w₁₂, alpha as α, z_1_2 as z₁,₂.

    Two names that would look the same stay as they were typed, both of them.
    """

    def __init__(self, names: Iterable[str]) -> None:
        split = {name: _split(name) for name in names}
        looks = Counter(GREEK.get(s.base, s.base) + "|" + ",".join(s.subscripts) for s in split.values())
        self._symbols = {
            name: s
            if looks[GREEK.get(s.base, s.base) + "|" + ",".join(s.subscripts)] == 1
            else Symbol(name, name, (), True)
            for name, s in split.items()
        }

    def __contains__(self, name: str) -> bool:
        return name in self._symbols

    def __getitem__(self, name: str) -> Symbol:
        found = self._symbols.get(name)
        return _split(name) if found is None else found


def _split(name: str) -> Symbol:
    base, *parts = name.split("_") if not name.startswith("_") and not name.endswith("_") else [name]
    if "" in parts:
        return Symbol(name, name)
    match = _BASE.match(base)
    if match and match["digits"] and not base.startswith("_"):
        base, parts = match["base"], [match["digits"].translate(_SUBSCRIPT_DIGITS), *parts]
    return Symbol(name, _GREEK_NAMES.get(base, base), tuple(part.translate(_SUBSCRIPT_DIGITS) for part in parts))
