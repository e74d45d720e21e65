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
from pathdiff.functions import KNOWN

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
_TOKENS: Final = re.compile(rf"({NUMBER_PATTERN}|{NAME_PATTERN}(?:[ \t\r\n\f\u00a0\u2009\u202f]*\()?)")
# The signs that people paste, as the signs of the grammar; each is one character, so columns stay true.
_PASTED: Final = str.maketrans(
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

MAX_DIGITS: Final = 4000
"""How many digits an exact number may have, written out."""
MAX_LENGTH: Final = 250_000
"""How many characters an expression may have: reading takes some microseconds for each."""


@dataclass(frozen=True, slots=True)
class Span:
    """Characters of an expression's text, from `start` up to `end`, counted from 0."""

    start: int
    end: int


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


class SyntaxProblem(Exception):
    """The text is not an expression: what is wrong, where, and what would help."""

    def __init__(self, code: str, message: str, span: Span, hint: str = "") -> None:
        super().__init__(message)
        self.code, self.message, self.span, self.hint = code, message, span, hint


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
        self.calls.append(Call(str(token), len(args), _span(token)))
        return ex.call(str(token), *args)

    def raised(self, children: list[Any]) -> Tree:
        base, token = children
        if len(token) > MAX_DIGITS:
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
    if len(text) > MAX_DIGITS or (exponent and (len(exponent) > 6 or abs(int(exponent)) > MAX_DIGITS)):
        raise _too_long(token)
    return ex.number(Fraction(text if mantissa[-1] != "." else mantissa + "0" + text[len(mantissa) :]), text)


def _too_long(number: lark.Token) -> SyntaxProblem:
    return SyntaxProblem("number-too-long", f"a number may have {MAX_DIGITS} digits written out", _span(number))


class _Parser(threading.local):
    """A parser for each thread, since what it builds is collected on the way."""

    @cached_property
    def parts(self) -> tuple[lark.Lark, _Builder]:
        builder = _Builder()
        grammar = GRAMMAR.replace("NAME_PATTERN", NAME_PATTERN).replace("NUMBER_PATTERN", NUMBER_PATTERN)
        return lark.Lark(grammar, parser="lalr", transformer=builder, propagate_positions=False), builder


_parser: Final = _Parser()


def parse(text: str, declared: Container[str] = ()) -> Parsed:
    """Reads one expression; `pi` is the constant unless it is a declared name. Raises SyntaxProblem. Cost O(length).

    Of expressions that differ in names only one is parsed; of the others the names are put in their slots.
    """
    if len(text) > MAX_LENGTH:
        message, hint = f"an expression has at most {MAX_LENGTH} characters", "give its parts nodes of their own"
        raise SyntaxProblem("too-long", message, Span(0, len(text)), hint)
    signs = text.translate(_PASTED)
    shape, names, called = _shape(signs, declared)
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
    """Says in a reader's words what lark met: the place is the first token that cannot stand where it does."""
    at = cast("int | None", error.pos_in_stream) or 0
    if isinstance(error, UnexpectedToken) and error.token.type == "$END":
        return _ended(text, signs)
    if isinstance(error, UnexpectedCharacters):
        return _foreign(text, at)
    assert isinstance(error, UnexpectedToken)
    token = error.token
    word, span = text[at : at + len(token)], Span(at, at + len(token))
    complete = "NAME" not in error.expected  # what stands before it is an expression
    if complete and token.type in ("NAME", "NUMBER", "LPAR", "SUPERSCRIPT"):
        return _missing_operator(text, signs, word, span)
    if token.type == "RPAR" and signs.count("(", 0, at) <= signs.count(")", 0, at):
        return SyntaxProblem("unbalanced-bracket", "this bracket was never opened", span)
    expected = "an operator or the end" if complete else "a name, a number or a bracket"
    decimal = re.match(r"\d,\d", signs[max(at - 1, 0) :])
    hint = "a decimal has a point: write 1.5, not 1,5" if decimal else ""
    return SyntaxProblem("syntax", f"`{word}` cannot stand here: {expected} is expected", span, hint)


def _missing_operator(text: str, signs: str, word: str, span: Span) -> SyntaxProblem:
    end = len(signs[: span.start].rstrip())
    start = end
    while start > 0 and signs[start - 1] not in "+-*/^()," and not signs[start - 1].isspace():
        start -= 1
    left = text[min(start, end - 1) : end]
    if word[0] == "." or (left[0].isdigit() and left[-1] == "."):
        hint = "a number has one point at most"
    elif left in KNOWN:
        hint = f"write `{left}({word})` for a function's value"
    else:
        called = word[0].isalpha() and signs[span.end :].lstrip().startswith("(")
        hint = f"write `{left}*{word}{'...)' if word == '(' else '(...)' if called else ''}` for a product"
    return SyntaxProblem("missing-operator", f"an operator is missing between `{left}` and `{word}`", span, hint)


def _ended(text: str, signs: str) -> SyntaxProblem:
    if not text.strip():
        return SyntaxProblem("empty-expression", "there is no expression here", Span(0, max(1, len(text))))
    opened: list[int] = []
    for position, char in enumerate(signs):
        if char == "(":
            opened.append(position)
        elif char == ")":
            opened.pop()
    if opened:
        span = Span(opened[-1], opened[-1] + 1)
        return SyntaxProblem("unbalanced-bracket", "this bracket is never closed", span, "add `)`")
    end = len(text.rstrip())
    start = end - (2 if signs.endswith("**", 0, end) else 1)
    message = f"the expression ends after `{text[start:end]}`, where a value is missing"
    return SyntaxProblem("syntax", message, Span(start, end))


_FOREIGN_HINTS: Final = {
    "=": "a node is defined once, by its key; an expression has no `=`",
    "[": "everything is a real scalar: write x1, x2, ... for the entries of a vector",
    "{": "use round brackets",
    ".": "a name has no dots, and a number has one at most",
    "|": "write abs(x) for |x|",
    "%": "there is no remainder of a division here",
    "'": "an expression has no text in it, and no primes: give a derivative a name of its own",
    '"': "an expression has no text in it",
    "√": "write sqrt(x)",
    "!": "there is no factorial here",
}


def _foreign(text: str, at: int) -> SyntaxProblem:
    hint = _FOREIGN_HINTS.get(text[at], "")
    return SyntaxProblem("unknown-sign", f"`{text[at]}` is not part of an expression", Span(at, at + 1), hint)
