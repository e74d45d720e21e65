"""What is said of a text that is not an expression: what is wrong, where, and what its writer probably meant."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from pathdiff.functions import KNOWN


@dataclass(frozen=True, slots=True)
class Span:
    """Characters of an expression's text, from `start` up to `end`, counted from 0."""

    start: int
    end: int


class SyntaxProblem(Exception):
    """The text is not an expression: what is wrong, where, and what would help."""

    def __init__(self, code: str, message: str, span: Span, hint: str = "") -> None:
        super().__init__(message)
        self.code, self.message, self.span, self.hint = code, message, span, hint


_NO_COMPARISONS: Final = "there are no comparisons here: heaviside(x - y) is 1 where x > y, and 0 where x < y"
_NO_LOGIC: Final = "there is no logic here: max and min are `or` and `and` of 0 and 1, 1 - x is `not x`"
_NO_CONDITIONS: Final = "there are no conditions here: build the branches with heaviside, relu, abs, max or min"
_FOREIGN_HINTS: Final = {
    "[": "everything is a real scalar: write x1, x2, ... for the entries of a vector",
    "]": "everything is a real scalar: write x1, x2, ... for the entries of a vector",
    "{": "use round brackets",
    "}": "use round brackets",
    ".": "a name has no dots, and a number has one at most",
    "|": "write abs(x) for |x|",
    "%": "there is no remainder of a division here, and no percent sign: write 0.03 for 3%",
    "'": "an expression has no text in it, and no primes: give a derivative a name of its own",
    '"': "an expression has no text in it",
    "√": "write sqrt(x)",
    "∛": "write cbrt(x)",
    "!": "there is no factorial here",
    **dict.fromkeys("<>≤≥≠≈", _NO_COMPARISONS),
    **dict.fromkeys("&~¬∧∨⊕", _NO_LOGIC),
    "?": _NO_CONDITIONS,
    ":": "a node is defined by its key, and an expression defines nothing",
    ";": "a file has a line `name: expression` for each node",
    "\\": "this is not LaTeX: write 1/2 for \\frac{1}{2}, sqrt(x) for \\sqrt{x}, alpha for \\alpha",
    "$": "this is not LaTeX: write the expression without $",
    "@": "there are no matrices here: everything is a real scalar",
    "`": "write the expression without `",
    "∂": "an expression has no derivatives in it: pathdiff makes them",
    "∇": "an expression has no derivatives in it: pathdiff makes them",
    "∑": "write the terms with + between",
    "∏": "write the factors with * between",
    "∫": "there are no integrals here",
    "∞": "every value is a real number",
    "°": "angles are in radians: write x*pi/180 for degrees",
    "ⁿ": "write x^n for xⁿ",
    "#": "a comment begins with a blank and #",
}
_FRACTIONS: Final = {"½": "1/2", "⅓": "1/3", "⅔": "2/3", "¼": "1/4", "¾": "3/4", "⅛": "1/8"}
_MADE_OF_WORDS: Final = {
    "and": _NO_LOGIC,
    "or": _NO_LOGIC,
    "not": _NO_LOGIC,
    "if": _NO_CONDITIONS,
    "else": _NO_CONDITIONS,
    "for": "there are no loops here: write each term, or a node for each",
    "in": "there are no lists here",
    "mod": "there is no remainder of a division here",
}
"""Words between two values that mean something in Python or in English."""
_POWER_OF_A_FUNCTION: Final = re.compile(
    r"(?P<function>\w+?)(?:(?:\^|\*\*)\s*(?P<digits>\d+)|(?P<raised>[⁰¹²³⁴-⁹]+))\s*$"
)
_PLAIN: Final = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")


def foreign(text: str, signs: str, at: int) -> SyntaxProblem:
    """A sign that no expression has; `signs` is the text with pasted signs as plain ones."""
    end = at + 1
    message = ""
    rest = text[at:]
    hint = _FOREIGN_HINTS.get(text[at], "")
    if rest.startswith(("==", "!=", "<=", ">=")):
        end, hint = at + 2, _NO_COMPARISONS
    elif rest.startswith("="):
        hint = "a node is defined once, by its key; an expression has no `=`"
    elif rest.startswith(":="):
        end, hint = at + 2, "a node is defined by its key, and an expression defines nothing"
    elif rest.startswith("//"):
        end = at + 2
    elif text[at] in _FRACTIONS:
        hint = f"write {_FRACTIONS[text[at]]}"
    elif not text[at].isascii() and text[at].isdecimal():
        digits = re.match(r"\d+", rest)
        end = at + len(digits[0]) if digits else end
        hint = f"write {int(text[at:end])} with the digits 0 to 9" if end - at < 20 else "write the digits 0 to 9"
    elif text[at] == "\\":
        word = re.match(r"\\[a-zA-Z]*", rest)
        end = at + max(1, len(word[0])) if word else end
    elif text[at] in "₀₁₂₃₄₅₆₇₈₉":
        hint = "a name begins with a letter"
    elif text[at] in "⁺⁻":
        hint = "a superscript is a whole number, as in x⁻²"
    message = f"`{text[at:end]}` is not part of an expression"
    return SyntaxProblem("unknown-sign", message, Span(at, end), hint)


def cannot_stand(text: str, signs: str, span: Span, kind: str, complete: bool) -> SyntaxProblem:
    """A token where it cannot stand; `complete` says whether what stands before it is an expression."""
    word = text[span.start : span.end]
    if complete and kind in ("NAME", "NUMBER", "LPAR", "SUPERSCRIPT"):
        return _missing_operator(text, signs, word, span)
    if kind == "RPAR" and signs.count("(", 0, span.start) <= signs.count(")", 0, span.start):
        return SyntaxProblem(
            "unbalanced-bracket", "this bracket was never opened", span, "take it away, or add `(` before"
        )
    expected = "an operator or the end" if complete else "a name, a number or a bracket"
    before = signs[: span.start].rstrip()
    hint = ""
    if re.match(r"\d,\d", signs[max(span.start - 1, 0) :]):
        hint = "a decimal has a point: write 1.5, not 1,5"
    elif word == "/" and before.endswith("/"):
        hint = "write x/y; floor(x/y) does not exist here"
    elif word in ("*", "**") and before.endswith("**"):
        hint = "a power is x**y or x^y"
    elif word == "," and complete:
        hint = "a node has one value; a comma stands between the arguments of a function"
    elif kind == "SUPERSCRIPT":
        hint = "write the value to be raised before it"
    return SyntaxProblem("syntax", f"`{word}` cannot stand here: {expected} is expected", span, hint)


def _missing_operator(text: str, signs: str, word: str, span: Span) -> SyntaxProblem:
    end = len(signs[: span.start].rstrip())
    start = end
    while start > 0 and signs[start - 1] not in "+-*/^()," and not signs[start - 1].isspace():
        start -= 1
    left = text[min(start, end - 1) : end]
    raised = _POWER_OF_A_FUNCTION.search(signs[max(0, end - 100) : end])
    touching = end == span.start
    if left in _MADE_OF_WORDS or word in _MADE_OF_WORDS:
        between = left if left in _MADE_OF_WORDS else word
        return SyntaxProblem(
            "missing-operator", f"`{between}` is no operator", _word_at(text, span, between), _MADE_OF_WORDS[between]
        )
    if touching and left == "0" and re.match(r"[xXbBoO][0-9a-fA-F]+$", word):
        hint = f"numbers are decimal: write {int('0' + word, 0)}" if _is_number("0" + word) else "numbers are decimal"
    elif touching and left.isdigit() and re.match(r"_[0-9_]+$", word):
        hint = f"write {(left + word).replace('_', '')} without _"
    elif touching and word in ("e", "E") and left[-1].isdigit():
        hint = f"write {left}e0 or {left}*{word}: an exponent has digits"
    elif word[0] == "." or (left[0].isdigit() and left[-1] == "."):
        hint = "a number has one point at most"
    elif raised and raised["function"] in KNOWN and word == "(":
        hint = f"write `{raised['function']}(x)^{raised['digits'] or raised['raised'].translate(_PLAIN)}`"
        hint += " for the power of a function's value"
    elif left in KNOWN:
        hint = f"write `{left}({word})` for a function's value"
    else:
        called = word[0].isalpha() and signs[span.end :].lstrip().startswith("(")
        hint = f"write `{left}*{word}{'...)' if word == '(' else '(...)' if called else ''}` for a product"
    return SyntaxProblem("missing-operator", f"an operator is missing between `{left}` and `{word}`", span, hint)


def _is_number(text: str) -> bool:
    try:
        int(text, 0)
    except ValueError:
        return False
    return len(text) < 20


def _word_at(text: str, span: Span, word: str) -> Span:
    """Where the word stands: it is the token itself, or the one before it."""
    start = span.start if text.startswith(word, span.start) else text.rindex(word, 0, span.start)
    return Span(start, start + len(word))


def ended(text: str, signs: str) -> SyntaxProblem:
    """An expression that ends where a value or a bracket is missing, or that is none."""
    if not text.strip():
        hint = "write a name, a number or a formula"
        return SyntaxProblem("empty-expression", "there is no expression here", Span(0, max(1, len(text))), hint)
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
    return SyntaxProblem("syntax", message, Span(start, end), "write the value, or take the operator away")
