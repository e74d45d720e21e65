"""Mathematics as it is written: a small language of symbols, fractions and brackets for every renderer to read.

Where a bracket, a dot or a minus sign goes is decided here, once, for the terminal, LaTeX and whatever comes.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from pathdiff.derivation import Accumulated, Formula, Partial, Product, Sum, Total, Value
from pathdiff.expression import BINDS, Expression, Tree, postorder
from pathdiff.functions import KNOWN


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


@dataclass(frozen=True, slots=True)
class Number:
    """A number as text, never negative; an exponent of ten is written `e-7`."""

    text: str


@dataclass(frozen=True, slots=True)
class Constant:
    """π."""


@dataclass(frozen=True, slots=True)
class Sign:
    """A sign between or before other things; `before` where it has nothing on its left."""

    text: Literal["+", "−", "·", "=", ",", "↦"]
    before: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """Things side by side."""

    items: tuple[Math, ...]


@dataclass(frozen=True, slots=True)
class Space:
    """The small space between two factors that are written without a dot."""


@dataclass(frozen=True, slots=True)
class Fraction:
    """One thing over another."""

    above: Math
    below: Math


@dataclass(frozen=True, slots=True)
class Raised:
    """A power; the base has its brackets already."""

    base: Math
    exponent: Math


@dataclass(frozen=True, slots=True)
class Brackets:
    """Round brackets, or the bars of an absolute value."""

    inner: Math
    shape: Literal["round", "bars"] = "round"


@dataclass(frozen=True, slots=True)
class Apply:
    """A known function, a user's function, or an abstract node, before its arguments."""

    function: str | Symbol
    """The name of a row of the table or of a user's function; the symbol of an abstract node."""
    arguments: tuple[Math, ...]


@dataclass(frozen=True, slots=True)
class Root:
    """A square root, or a cube root."""

    inner: Math
    degree: Literal[2, 3] = 2


@dataclass(frozen=True, slots=True)
class Ratio:
    """A derivative as a ratio of differentials: ∂p/∂x, or dp/dx where `total` must be told from an edge's label."""

    of: Symbol
    wrt: Symbol
    total: bool = False


@dataclass(frozen=True, slots=True)
class Term:
    """A term that is a path: whatever the renderer ties to the path of this number, by colour and by mark."""

    number: int
    inner: Math


@dataclass(frozen=True, slots=True)
class Known:
    """A bracket that is a stage before, named below it."""

    inner: Math
    name: Ratio


@dataclass(frozen=True, slots=True)
class Elided:
    """What is too long to be read; the whole of it is in the JSON."""

    size: int


Math = (
    Symbol
    | Number
    | Constant
    | Sign
    | Row
    | Space
    | Fraction
    | Raised
    | Brackets
    | Apply
    | Root
    | Ratio
    | Term
    | Known
    | Elided
)

LONGEST_READABLE: Final = 400
"""How many symbols an expression may have and still be typeset."""
DEEPEST_READABLE: Final = 30

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


_SUM, _PRODUCT, _POWER, _ATOM = 1, 2, 3, 4


def expression_math(
    expression: Expression,
    symbols: Symbols,
    numbers: Callable[[str], Math | None] = lambda _: None,
    own: Container[str] = (),
) -> Math:
    """An expression as it is written.

    `numbers` may give what stands for a name instead, at a point; `own` are the functions that are the spec's own.
    """
    size = _size(expression.tree)
    if size is None or size > LONGEST_READABLE:
        return Elided(size or 0)
    done: dict[Tree, Math] = {}
    for tree in postorder(expression.tree):
        args = [done[arg] for arg in tree.args]
        if tree.kind == "call":
            done[tree] = Apply(tree.text, tuple(args)) if tree.text in own else _call_math(tree.text, tuple(args))
        else:
            done[tree] = _tree_math(tree, args, expression, symbols, numbers)
    return done[expression.tree]


def _size(root: Tree) -> int | None:
    """How many symbols the expression has, written out; None where it nests too deep."""
    size: dict[Tree, int] = {}
    depth: dict[Tree, int] = {}
    for tree in postorder(root):
        size[tree] = 1 + sum(size[arg] for arg in tree.args)
        depth[tree] = 1 + max((depth[arg] for arg in tree.args), default=0)
    return size[root] if depth[root] <= DEEPEST_READABLE else None


def _tree_math(
    tree: Tree, args: list[Math], expression: Expression, symbols: Symbols, numbers: Callable[[str], Math | None]
) -> Math:
    def bracketed(index: int, place: int) -> Math:
        return args[index] if _binds(tree.args[index], args[index]) >= place else Brackets(args[index])

    match tree.kind:
        case "number":
            return Number(tree.text)
        case "pi":
            return Constant()
        case "slot":
            assert isinstance(tree.value, int)
            name = expression.name(tree.value)
            return numbers(name) or symbols[name]
        case "neg":
            return Row((Sign("−", before=True), bracketed(0, _PRODUCT)))
        case "+":
            items: list[Math] = []
            for index, arg in enumerate(tree.args):
                minus = arg.kind == "neg" and index > 0
                if index:
                    items.append(Sign("−" if minus else "+"))
                shown = args[index]
                if minus:
                    assert isinstance(shown, Row)
                    items.extend(shown.items[1:])
                else:
                    items.append(shown if not index or _leads(shown) != "−" else Brackets(shown))
            return Row(tuple(items))
        case "*":
            return product_math(
                [bracketed(i, _PRODUCT if tree.args[i].kind == "/" else _POWER) for i in range(len(args))]
            )
        case "/":
            return Fraction(args[0], args[1])
        case "^":
            return Raised(
                bracketed(0, _ATOM) if not isinstance(args[0], Fraction | Raised | Root) else Brackets(args[0]), args[1]
            )
        case _:
            raise ValueError(f"a {tree.kind} is not written here")


def _call_math(function: str, args: tuple[Math, ...]) -> Math:
    known = KNOWN.get(function)
    match known.name if known else function:
        case "sqrt":
            return Root(args[0])
        case "cbrt":
            return Root(args[0], 3)
        case "abs":
            return Brackets(args[0], "bars")
        case _:
            return Apply(known.name if known else function, args)


def _binds(tree: Tree, shown: Math) -> int:
    """How tightly what is shown binds: a number put in the place of a name may have a minus sign."""
    return _SUM if isinstance(shown, Row) and tree.kind == "slot" else BINDS[tree.kind]


def _leads(shown: Math) -> str:
    """The sign that something begins with."""
    while isinstance(shown, Row | Term | Known):
        shown = shown.items[0] if isinstance(shown, Row) else shown.inner
    return shown.text if isinstance(shown, Sign) else ""


def product_math(factors: Sequence[Math]) -> Math:
    """Factors side by side: a dot only where two numbers, or something and a number, would run together."""
    items: list[Math] = []
    for factor in factors:
        if items:
            items.append(_between(items[-1], factor))
        items.append(factor)
    return items[0] if len(items) == 1 else Row(tuple(items))


def _between(left: Math, right: Math) -> Math:
    numeric = _first(right)
    if (
        isinstance(numeric, Number)
        or (isinstance(left, Fraction) and isinstance(right, Fraction))
        or isinstance(left, Fraction)
    ):
        return Sign("·")
    return Space()


def _first(item: Math) -> Math:
    while isinstance(item, Row | Raised | Term):
        item = item.items[0] if isinstance(item, Row) else item.base if isinstance(item, Raised) else item.inner
    return item


def number_math(value: Any, shown: Callable[[Any], str]) -> Math:
    """A number, with its minus sign."""
    text = shown(value)
    return Row((Sign("−", before=True), Number(text[1:]))) if text.startswith("-") else Number(text)


def formula_math(formula: Formula, symbols: Symbols, shown: Callable[[Any], str] = str) -> Math:
    """A formula of a derivation as it is written. `shown` writes the numbers of a point."""
    match formula:
        case Partial():
            return Ratio(symbols[formula.of], symbols[formula.wrt])
        case Total():
            return Brackets(ratio(formula, symbols))
        case Accumulated():
            return symbols[formula.name]
        case Value():
            numbers = formula.numbers
            if numbers is None:
                return expression_math(formula.label, symbols)
            known: Mapping[str, Any] = numbers
            return expression_math(
                formula.label, symbols, lambda name: number_math(known[name], shown) if name in known else None
            )
        case Product():
            return _factors_math(formula.factors, symbols, shown)
        case Sum():
            return _sum_math(formula, symbols, shown)


def ratio(result: Total, symbols: Symbols) -> Ratio:
    """The derivative that a line works out, as its left side."""
    return Ratio(symbols[result.of], symbols[result.wrt], result.also_edge)


def _factors_math(factors: Sequence[Formula], symbols: Symbols, shown: Callable[[Any], str]) -> Math:
    """A product of labels: ratios side by side, dots between labels that are written out."""
    if not factors:
        return Number("1")
    items: list[Math] = []
    for factor in factors:
        math = formula_math(factor, symbols, shown)
        if isinstance(factor, Sum):
            math = Brackets(math)
            math = Known(math, ratio(factor.known_as, symbols)) if factor.known_as else math
        elif isinstance(factor, Value) and len(factors) > 1 and _is_sum(math):
            math = Brackets(math)
        if items:
            items.append(Sign("·") if isinstance(factor, Value) else Space())
        items.append(math)
    return items[0] if len(items) == 1 else Row(tuple(items))


def _is_sum(math: Math) -> bool:
    return isinstance(math, Row) and any(isinstance(item, Sign) and item.text in "+−" for item in math.items)


def _sum_math(formula: Sum, symbols: Symbols, shown: Callable[[Any], str]) -> Math:
    if not formula.terms:
        return Number("0")
    items: list[Math] = []
    for index, term in enumerate(formula.terms):
        math = formula_math(term, symbols, shown)
        if len(formula.terms) == 1 and isinstance(math, Row):  # a chain: no bracket is needed to tell a line before
            math = Row(
                tuple(i.inner if isinstance(i, Brackets) and isinstance(i.inner, Ratio) else i for i in math.items)
            )
        if index:
            items.append(Sign("+"))
            math = Brackets(math) if _leads(math) == "−" else math
        items.append(Term(formula.marks[index], math) if formula.marks else math)
    return items[0] if len(items) == 1 and not formula.marks else Row(tuple(items))
