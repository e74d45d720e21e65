"""Expressions and statements as lines of Python, formatted as ruff would: what is long gets a line of its own."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Container, Iterable, Sequence
from fractions import Fraction
from typing import Final, Literal, NamedTuple

from pathdiff.diagnostics import cell_width
from pathdiff.expression import Tree, postorder, slot
from pathdiff.functions import called
from pathdiff.numeric import NotReal, value
from pathdiff.points import with_digits

WIDTH: Final = 88
"""How long a line may be."""
INDENT: Final = "    "
LONGEST_PART: Final = 50
"""A part of an expression with a longer text gets a line of its own."""
LONGEST_CONSTANT: Final = 30
"""A longer constant is worked out, such as 1/3 is not."""
DEEPEST_PART: Final = 6
"""And one whose brackets nest deeper."""
LARGEST_INTEGER: Final = 2**53
Library = Literal["np", "torch", "jnp"]

_SUM, _PRODUCT, _UNARY, _POWER, _ATOM = range(1, 6)


class Written(NamedTuple):
    """The text of an expression, how tightly it binds, and how deep its brackets nest."""

    text: str
    binds: int
    depth: int = 0
    pieces: tuple[str, ...] = ()
    """A sum or a product in the pieces between which a line may end."""

    def at(self, place: int) -> str:
        """The text, in brackets where it has to bind more tightly."""
        return self.text if self.binds >= place else f"({self.text})"


def used_often(trees: Iterable[Tree]) -> frozenset[Tree]:
    """The operations that stand in several places of some expressions."""
    counts: Counter[Tree] = Counter()
    seen: set[Tree] = set()
    for root in trees:
        counts[root] += 1
        for tree in postorder(root):
            if tree not in seen:
                seen.add(tree)
                counts.update(tree.args)
    return frozenset(tree for tree, count in counts.items() if count > 1)


class Writer:
    """Writes expressions in the names of variables, and puts what is shared or long into variables of its own."""

    def __init__(
        self, library: Library, names: Sequence[str], fresh: Callable[[], str], shared: Container[Tree]
    ) -> None:
        self.library: Library = library
        self.names = list(names)
        """What stands in each slot."""
        self.lines: list[str] = []
        self.used: set[str] = set()
        """The variables that were read."""
        self.functions: set[str] = set()
        """The functions that were called and that the library lacks."""
        self._fresh = fresh
        self._shared = shared
        self._done: dict[Tree, Written] = {}
        self._constant: set[Tree] = set()

    def variable(self, name: str) -> Tree:
        """A slot for one more variable."""
        self.names.append(name)
        return slot(len(self.names) - 1)

    def assign(self, name: str, tree: Tree, *, array: bool = False) -> None:
        """Writes the line that gives a variable its value, after those that it needs.

        With `array` it is one that nothing else is: no number, and for torch no other name for a variable.
        """
        found = self._shortened(tree, self._written(tree), cell_width(name))
        self.lines += assignment(name, self._as_array(tree, found) if array else found)
        if tree.args:
            self._done[tree] = Written(name, _ATOM)

    def _written(self, root: Tree) -> Written:
        for tree in postorder(root):
            if tree not in self._done:
                found = self._operation(tree, [self._done[arg] for arg in tree.args])
                self._done[tree] = found if tree is root else self._apart(tree, found)
        found = self._done[root]
        self.used.update(_names_in(found.text))
        return found

    def _apart(self, tree: Tree, found: Written) -> Written:
        """The variable that holds a part which is shared or long."""
        simple = not tree.args or tree.kind == "neg" or tree in self._constant
        if simple or not (tree in self._shared or len(found.text) > LONGEST_PART or found.depth > DEEPEST_PART):
            return found
        return self._named(tree, found)

    def _named(self, tree: Tree, found: Written) -> Written:
        name = self._fresh()
        found = self._shortened(tree, found, cell_width(name))
        self.lines += assignment(name, found)
        self.used.update(_names_in(found.text))
        return Written(name, _ATOM)

    def _shortened(self, tree: Tree, found: Written, name: int) -> Written:
        """An operation that a line has room for, or of which each argument gets a line of its own.

        Its longest arguments become variables. Where a line of few pieces would end is a matter of taste of ruff's.
        """
        while len(INDENT) + name + len(" = ") + cell_width(found.text) > WIDTH and len(found.pieces) <= 2:
            parts = [arg.args[0] if arg.kind == "neg" else arg for arg in tree.args]
            long = max(parts, key=lambda part: len(self._done[part].text), default=tree)
            if not long.args or _is_simple(self._done[long].text):
                break  # names alone
            self._done[long] = self._named(long, self._done[long])
            for arg in tree.args:
                if arg.kind == "neg":
                    self._done[arg] = self._operation(arg, [self._done[arg.args[0]]])
            found = self._operation(tree, [self._done[arg] for arg in tree.args])
        return found

    def _as_array(self, root: Tree, found: Written) -> Written:
        """A value that is more than a number or another name for a variable."""
        if root in self._constant and not _NAME.fullmatch(found.text):
            how = "torch.tensor({}, dtype=torch.float64)" if self.library == "torch" else self.library + ".asarray({})"
            return Written(how.format(found.text), _ATOM)
        if self.library == "torch" and _NAME.fullmatch(found.text):
            return Written(f"{found.text}.clone()", _ATOM)
        return found

    def _operation(self, tree: Tree, args: list[Written]) -> Written:
        depth = max((arg.depth for arg in args), default=0)
        match tree.kind:
            case "number":
                self._constant.add(tree)
                assert isinstance(tree.value, Fraction)
                return Written(_number(tree.value), _ATOM)
            case "pi":
                self._constant.add(tree)
                return Written(f"{self.library}.pi", _ATOM)
            case "slot":
                assert isinstance(tree.value, int)
                return Written(self.names[tree.value], _ATOM)
        if all(arg in self._constant for arg in tree.args):
            self._constant.add(tree)
            if tree.kind in ("call", "^") or (tree.kind == "/" and not self._divides(tree.args[1])):
                return self._constant_value(tree)
            if sum(len(arg.text) for arg in args) > LONGEST_CONSTANT:
                return self._constant_value(tree)
        match tree.kind:
            case "neg":
                if tree.args[0].kind == "neg":
                    return self._done[tree.args[0].args[0]]
                inner = args[0].at(_PRODUCT)
                if tree.args[0] in self._constant and inner.startswith("-"):
                    return Written(inner[1:], _ATOM)
                if _leads_with_power(tree.args[0]) or inner.startswith("-"):
                    inner = f"({inner})"  # as ruff has it
                return Written(f"-{inner}", min(_UNARY, max(args[0].binds, _PRODUCT)), depth)
            case "+":
                return self._sum(tree, args)
            case "*":
                pieces = (*_factors(args[0]), *(f"* {arg.at(_UNARY)}" for arg in args[1:]))
                return Written(" ".join(pieces), _PRODUCT, depth + 1, pieces)
            case "/":
                pieces = (*_factors(args[0]), f"/ {args[1].at(_UNARY)}")
                return Written(" ".join(pieces), _PRODUCT, depth + 1, pieces)
            case "^":
                base = args[0].at(_ATOM)
                exponent = args[1].at(_ATOM if args[1].binds == _POWER else _UNARY)  # a tower is read with brackets
                close = _is_simple(base) and _is_simple(exponent)
                return Written(f"{base}**{exponent}" if close else f"{base} ** {exponent}", _POWER, depth + 1)
            case _:
                return self._call(tree, args, depth)

    def _sum(self, tree: Tree, args: list[Written]) -> Written:
        pieces = [args[0].at(_PRODUCT if tree.args[0].kind == "+" else _SUM)]
        for arg, found in zip(tree.args[1:], args[1:], strict=True):
            minus = arg.kind == "neg" and found.text.startswith("-")
            pieces.append(f"- {self._done[arg.args[0]].at(_PRODUCT)}" if minus else f"+ {found.at(_PRODUCT)}")
        return Written(" ".join(pieces), _SUM, max(found.depth for found in args) + 1, tuple(pieces))

    def _call(self, tree: Tree, args: list[Written], depth: int) -> Written:
        name = called(tree.text, self.library)
        if name.startswith("_"):
            self.functions.add(name)
        texts = [arg.text for arg in args]
        if self.library == "torch":  # its functions take no numbers
            texts = [
                f"torch.tensor({text}, dtype=torch.float64)" if arg in self._constant else text
                for arg, text in zip(tree.args, texts, strict=True)
            ]
        return Written(f"{name}({', '.join(texts)})", _ATOM, depth + 1)

    def _divides(self, tree: Tree) -> bool:
        """Whether Python can divide by a constant: it raises an error for 0."""
        return self._constant_value(tree).text not in ("0.0", "-0.0", f"{self.library}.nan")

    def _constant_value(self, tree: Tree) -> Written:
        """The value of a constant, to the last digit of a double."""
        try:
            number = float(value(tree, (), with_digits(40)))
        except NotReal:
            return Written(f"{self.library}.nan", _ATOM)
        if math.isinf(number):
            return Written(f"{self.library}.inf" if number > 0 else f"-{self.library}.inf", _UNARY)
        return Written(double(number), _ATOM if number >= 0 else _UNARY)


def _number(number: Fraction) -> str:
    """A number as Python reads it: a whole one without a point, others as the nearest double."""
    if number.denominator == 1 and number <= LARGEST_INTEGER:
        return str(number.numerator)
    try:
        return double(float(number))
    except OverflowError:
        return "1e999"


_SIMPLE: Final = re.compile(r"-?[\w.]+(e-\d+)?")
_NAME: Final = re.compile(r"(?<![\w.])[^\W\d]\w*")
"""A name, but not the e of 1e30 nor the pi of np.pi."""


def double(number: float) -> str:
    """A double as ruff writes it: 1e20, not 1e+20."""
    return repr(number).replace("e+", "e")


def _factors(first: Written) -> tuple[str, ...]:
    """The pieces of what a product begins with, which may be a product itself."""
    return first.pieces if first.binds == _PRODUCT and first.pieces else (first.at(_PRODUCT),)


def _leads_with_power(tree: Tree) -> bool:
    """Whether the text begins with a power, to which a minus before it would seem to belong."""
    while tree.kind in ("*", "/"):
        tree = tree.args[0]
    return tree.kind == "^"


def _is_simple(text: str) -> bool:
    """Whether a power of it is written without space, as ruff does."""
    return _SIMPLE.fullmatch(text) is not None


def _names_in(text: str) -> list[str]:
    return _NAME.findall(text)


def assignment(name: str, found: Written) -> list[str]:
    """A variable and its value, on several lines where one is too short."""
    whole = f"{INDENT}{name} = {found.text}"
    if cell_width(whole) <= WIDTH or not found.pieces:
        return [whole]
    if len(INDENT) * 2 + cell_width(found.text) <= WIDTH:
        return [f"{INDENT}{name} = (", f"{INDENT * 2}{found.text}", f"{INDENT})"]
    return [f"{INDENT}{name} = (", *(INDENT * 2 + piece for piece in found.pieces), f"{INDENT})"]


def bracketed(head: str, items: Sequence[str], tail: str, indent: str = "") -> list[str]:
    """Items between brackets: on one line, on one line of their own, or a line each."""
    one = f"{indent}{head}{', '.join(items)}{tail}"
    if cell_width(one) <= WIDTH:
        return [one]
    inner = f"{indent}{INDENT}{', '.join(items)}"
    if head.startswith("def ") and cell_width(inner) <= WIDTH:
        return [indent + head, inner, indent + tail]
    return [indent + head, *(f"{indent}{INDENT}{item}," for item in items), indent + tail]
