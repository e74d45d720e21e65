"""The grammar of expressions: the one module that turns their text into trees. Nothing is ever executed.

LALR(1) by lark, without recursion and in time linear in the text, so brackets may nest as deep as they like.
A minus sign before a product belongs to the whole product, -x^2 is -(x^2), and 2^3^2 is 2^(3^2).
"""

from __future__ import annotations

import re
import threading
from collections.abc import Container
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Any, Final, cast

import lark
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from pathdiff import expression as ex
from pathdiff.expression import Tree
from pathdiff.limits import limit, to_raise
from pathdiff.syntax import Span, SyntaxProblem, cannot_stand, ended, foreign

GRAMMAR: Final = r"""
?start: sum
?sum: signed (_plus_or_minus_term)*        -> sum
_plus_or_minus_term: "+" signed | minus
minus: "-" signed
?signed: product | "-" signed -> neg | "+" signed
?product: power (_times_or_over_factor)*   -> product
_times_or_over_factor: "*" factor | over
over: "/" factor
?factor: power | "-" factor -> neg | "+" factor
?power: atom | atom _POWER exponent -> power
?exponent: power | "-" exponent -> neg | "+" exponent
?atom: NUMBER -> number
    | NAME -> name
    | atom SUPERSCRIPT -> raised
    | "(" sum ")"
    | NAME "(" [sum ("," sum)*] ")" -> call

_POWER: "**" | "^"
NUMBER: /NUMBER_PATTERN/
NAME: /NAME_PATTERN/
SUPERSCRIPT: /[⁺⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+/
%ignore /[ \t\r\n\f\u00a0\u2009\u202f]+/
"""

NUMBER_PATTERN: Final = r"(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"

# Letters, then letters, digits, subscript digits, combining accents and primes; no superscripts, fractions, circles.
_NOT_IN_NAMES = "⁰¹²³⁴-⁹ⁿⁱ¼-¾⅐-↉①-⓿❶-➓"
NAME_PATTERN: Final = rf"[^\W\d₀-₉{_NOT_IN_NAMES}](?:[^\W{_NOT_IN_NAMES}]|[₀-₉\u0300-\u036f′])*"
_COUNTED: Final = re.compile(r"\w+|[^\w\s]")
_TOKENS: Final = re.compile(rf"({NUMBER_PATTERN}|{NAME_PATTERN}(?:[ \t\r\n\f\u00a0\u2009\u202f]*\()?)")
# The signs that people paste, as the signs of the grammar; each is one character, so columns stay true.
PASTED: Final = str.maketrans(
    {
        **dict.fromkeys("·×⋅∙∗＊", "*"),
        **dict.fromkeys("−–‐‑－", "-"),
        **dict.fromkeys("÷∕⁄／", "/"),
        "＋": "+",
        "（": "(",
        "）": ")",
        "，": ",",
    }
)
_SUPERSCRIPTS: Final = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")

MAX_NAME: Final = 1000
"""How many characters a name may have."""
LONGEST_MARKED: Final = 20_000
"""How long a text may be for its operations to be found in it once more: each takes about a kilobyte."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call as typed: the function's name, where it stands, and how many arguments it got."""

    function: str
    count: int
    span: Span


@dataclass(slots=True)
class Parsed:
    """An expression read: its tree, its slots' names in order of first use, and where names and calls stand."""

    tree: Tree
    names: list[str]
    first_use: dict[str, Span]
    calls: list[Call] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Over:
    """A factor that divides, on its way into a product."""

    under: Tree


class _Builder(lark.Transformer[Any, Tree]):
    """Makes trees while lark parses. `pi` is the constant unless the spec declares it as a name."""

    def __init__(self) -> None:
        super().__init__()
        self.begin(())

    def begin(self, declared: Container[str]) -> None:
        self.declared = declared
        self.names: dict[str, int] = {}
        self.first_use: dict[str, Span] = {}
        self.calls: list[Call] = []

    def number(self, children: list[lark.Token]) -> Tree:
        return _number(children[0])

    def name(self, children: list[lark.Token]) -> Tree:
        token = children[0]
        name = str(token)
        if name in ("pi", "π") and name not in self.declared:
            return ex.PI
        if name not in self.names:
            self.names[name] = len(self.names)
            self.first_use[name] = _span(token)
        return ex.slot(self.names[name])

    def call(self, children: list[Any]) -> Tree:
        token, *args = children
        args = [arg for arg in args if arg is not None]
        name = str(token)
        _check_length(name, _span(token))
        self.calls.append(Call(name, len(args), _span(token)))
        return ex.call(name, *args)

    def raised(self, children: list[Any]) -> Tree:
        base, token = children
        if len(token) > limit("digits"):
            raise _too_long(token)
        exponent = int(str(token).translate(_SUPERSCRIPTS))
        tree = ex.number(abs(exponent))
        return ex.power(base, ex.neg(tree) if exponent < 0 else tree)

    def sum(self, children: list[Tree]) -> Tree:
        return children[0] if len(children) == 1 else ex.add(*children)

    def product(self, children: list[Tree | _Over]) -> Tree:
        factors: list[Tree] = []
        for child in children:
            if isinstance(child, _Over):
                factors = [ex.div(_product(factors), child.under)]
            else:
                factors.append(child)
        return _product(factors)

    def over(self, children: list[Tree]) -> _Over:
        return _Over(children[0])

    def power(self, children: list[Tree]) -> Tree:
        return ex.power(*children)

    def neg(self, children: list[Tree]) -> Tree:
        return ex.neg(*children)

    minus = neg


def _product(factors: list[Tree]) -> Tree:
    return factors[0] if len(factors) == 1 else ex.mul(*factors)


def _span(token: lark.Token) -> Span:
    start = token.start_pos or 0
    return Span(start, start + len(token))


def _number(token: lark.Token) -> Tree:
    text = str(token)
    mantissa, _, exponent = text.lower().partition("e")
    most = limit("digits")
    if len(text) > most or (exponent and (len(exponent) > 12 or abs(int(exponent)) > most)):
        raise _too_long(token)
    return ex.number(Fraction(text if mantissa[-1] != "." else mantissa + "0" + text[len(mantissa) :]), text)


def _too_long(number: lark.Token) -> SyntaxProblem:
    message = f"a number may have {limit('digits'):,} digits written out"
    return SyntaxProblem("number-too-long", message, _span(number), to_raise("digits"))


def _check_length(name: str, span: Span) -> None:
    if len(name) > MAX_NAME:
        raise SyntaxProblem("name-too-long", f"a name has at most {MAX_NAME:,} characters", span)


def _grammar() -> str:
    return GRAMMAR.replace("NAME_PATTERN", NAME_PATTERN).replace("NUMBER_PATTERN", NUMBER_PATTERN)


class _Parser(threading.local):
    """A parser for each thread, since what it builds is collected on the way."""

    @cached_property
    def parts(self) -> tuple[lark.Lark, _Builder]:
        builder = _Builder()
        return lark.Lark(_grammar(), parser="lalr", transformer=builder, propagate_positions=False), builder

    @cached_property
    def positioned(self) -> lark.Lark:
        return lark.Lark(_grammar(), parser="lalr", propagate_positions=True)


_parser: Final = _Parser()


def parse(text: str, declared: Container[str] = ()) -> Parsed:
    """Reads one expression; `pi` is the constant unless it is a declared name. Raises SyntaxProblem. Cost O(length).

    Of expressions that differ in names only one is parsed; of the others the names are put in their slots.
    """
    if len(text) > limit("expression"):
        message = f"an expression has at most {limit('expression'):,} characters"
        hint = f"give its parts nodes of their own, or raise the limit: {to_raise('expression')}"
        raise SyntaxProblem("too-long", message, Span(0, len(text)), hint)
    signs = text.translate(PASTED)
    shape, names, called = _shape(signs, declared)
    for name, span in names.items():
        _check_length(name, span)
    known = _known.get(shape)
    if known is not None:
        tree, calls = known
        return Parsed(tree, list(names), names, [Call(name, count, called[place]) for name, count, place in calls])
    parser, builder = _parser.parts
    builder.begin(declared)
    try:
        tree = cast(Tree, parser.parse(signs))  # the transformer is built in
    except UnexpectedInput as error:
        raise _problem(text, signs, error) from None
    if len(_known) >= MOST_SHAPES:
        _known.clear()
    place = {span: index for index, span in enumerate(called)}
    _known[shape] = tree, [(call.function, call.count, place[call.span]) for call in builder.calls]
    return Parsed(tree, list(builder.names), builder.first_use, builder.calls)


MOST_SHAPES: Final = 5000
"""How many shapes of expressions are kept."""
_Shape = tuple[str | int, ...]
_known: dict[_Shape, tuple[Tree, list[tuple[str, int, int]]]] = {}
"""The tree of each shape, and its calls: the function, how many arguments, and which of the calls of the text it is."""


def count_tokens(text: str) -> int:
    """About how many names, numbers and signs an expression has: what reading it costs."""
    return len(_COUNTED.findall(text))


def _shape(signs: str, declared: Container[str]) -> tuple[_Shape, dict[str, Span], list[Span]]:
    """The text with slots for names, the names with their first places, and the places of functions' names."""
    pieces: list[str | int] = []
    slots: dict[str, int] = {}
    names: dict[str, Span] = {}
    called: list[Span] = []
    at = 0
    for place, piece in enumerate(_TOKENS.split(signs)):
        if not place % 2 or piece[0] in "0123456789.":
            pieces.append(piece)
        elif piece[-1] == "(":
            pieces.append(piece)
            called.append(Span(at, at + len(piece[:-1].rstrip())))
        elif piece in ("pi", "π") and piece not in declared:
            pieces.append(piece)
        else:
            slot = slots.get(piece)
            if slot is None:
                slot = slots[piece] = len(slots)
                names[piece] = Span(at, at + len(piece))
            pieces.append(slot)
        at += len(piece)
    return tuple(pieces), names, called


def _problem(text: str, signs: str, error: UnexpectedInput) -> SyntaxProblem:
    """The place is the first token that cannot stand where it does."""
    at = cast("int | None", error.pos_in_stream) or 0
    if isinstance(error, UnexpectedCharacters):
        return foreign(text, signs, at)
    assert isinstance(error, UnexpectedToken)
    if error.token.type == "$END":
        return ended(text, signs)
    complete = "NAME" not in error.expected  # what stands before it is an expression
    return cannot_stand(text, signs, Span(at, at + len(error.token)), error.token.type, complete)


def operations(text: str, declared: Container[str] = ()) -> list[tuple[Tree, Span]]:
    """The operations of an expression that was read before, and where each stands; arguments before what uses them.

    A second reading, so that the first pays nothing for what an error alone needs. Nothing for a long text.
    """
    if len(text) > LONGEST_MARKED:
        return []
    root = _parser.positioned.parse(text.translate(PASTED))
    builder = _Builder()
    builder.begin(declared)
    made: dict[int, Tree | _Over] = {}
    found: list[tuple[Tree, Span]] = []
    for part in _postorder(root):
        children = [made[id(child)] if isinstance(child, lark.Tree) else child for child in part.children]
        if part.data == "product":
            for count in range(1, len(children)):
                divides = isinstance(children[count], _Over), isinstance(children[count - 1], _Over)
                if any(divides):  # what stands before a division, or ends with one, is an operation of its own
                    meta = part.children[count - 1].meta
                    end = getattr(meta, "container_end_pos", meta.end_pos)  # that of the brackets around it
                    found.append((builder.product(cast(Any, children[:count])), Span(part.meta.start_pos, end)))
        tree = getattr(builder, str(part.data))(children)
        made[id(part)] = tree
        if isinstance(tree, Tree):
            found.append((tree, Span(part.meta.start_pos, part.meta.end_pos)))
    return found


def _postorder(root: Any) -> list[Any]:
    """The nodes of what lark made, each after its children from left to right."""
    order, waiting = [], [root]
    while waiting:
        part = waiting.pop()
        order.append(part)
        waiting += [child for child in part.children if isinstance(child, lark.Tree)]
    return order[::-1]
