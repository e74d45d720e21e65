"""Brackets that people leave out around the argument of a function or behind e^, put around what is meant."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from pathdiff.claim.vocabulary import Vocabulary
from pathdiff.claim.words import Token, is_word
from pathdiff.syntax import Span, SyntaxProblem


def with_brackets(words: list[Token], known: Vocabulary) -> list[Token]:
    """The words with brackets around each function's argument: sin²x as sin(x)^2, e^x as exp(x), from the right on."""
    at = len(words) - 1
    while at >= 0:
        word = words[at]
        function = word.kind == "name" and known.name(word.text) is None and known.is_function(word.text)
        if word.kind == "name" and word.text == "e" and known.name("e") is None and is_word(words, at + 1, "sign", "^"):
            end = operand_end(words, at + 2)
            inner = words[at + 2 : end]
            words[at:end] = [_as(word, "name", "exp"), _as(word, "open", "("), *inner, _as(inner[-1], "close", ")")]
        elif function and at + 1 < len(words):
            after = at + 1
            if words[after].kind == "raised":
                after += 1
            elif is_word(words, after, "sign", "^"):
                after = operand_end(words, after + 1)
            raised = words[at + 1 : after]
            if raised and any(
                is_word(words, place, "sign", "-") or words[place].text[:1] == "⁻" for place in range(at + 1, after)
            ):
                message = f"`{word.text}` to a negative power may be its inverse function or a quotient"
                hint = f"write 1/{word.text}(x), or a{word.text}(x)" if len(word.text) == 3 else "write 1/f(x)"
                raise SyntaxProblem("syntax", message, Span(word.start, raised[-1].end), hint)
            if is_word(words, after, "open", "("):
                end = closing(words, after) + 1
                argument = words[after:end]
            else:
                end = _bracketless(words, after, known)
                if end == after:
                    at -= 1
                    continue
                inner = words[after:end]
                argument = [_as(inner[0], "open", "("), *inner, _as(inner[-1], "close", ")")]
            if raised or argument is not words[after:end]:
                words[at:end] = [word, *argument, *raised]
        at -= 1
    return words


def _as(word: Token, kind: Literal["name", "open", "close"], text: str) -> Token:
    return Token(kind, text, word.start, word.end)


def operand_end(words: Sequence[Token], at: int) -> int:
    """Where an exponent ends that begins here."""
    first = at
    while is_word(words, at, "sign", "-") or is_word(words, at, "sign", "+"):
        at += 1
    if at >= len(words) or not words[at].begins_value:
        end = words[min(first, len(words)) - 1].end
        raise SyntaxProblem("syntax", "an exponent is missing", Span(end - 1, end), "write x^2")
    if words[at].kind == "open":
        at = closing(words, at)
    elif is_word(words, at + 1, "open", "(") and words[at].kind == "name":
        at = closing(words, at + 1)
    at += 1
    if at < len(words) and words[at].kind == "raised":
        at += 1
    return operand_end(words, at + 1) if is_word(words, at, "sign", "^") and at - first < 200 else at


def closing(words: Sequence[Token], at: int) -> int:
    """The place of the bracket that closes the one at a place."""
    depth = 0
    for place in range(at, len(words)):
        depth += (words[place].kind == "open") - (words[place].kind == "close")
        if not depth:
            return place
    raise SyntaxProblem(
        "unbalanced-bracket", "this bracket is never closed", Span(words[at].start, words[at].end), "add `)`"
    )


def _bracketless(words: Sequence[Token], at: int, known: Vocabulary) -> int:
    """Where the argument of a function without brackets ends: after one name, with numbers before it and its power."""
    names = 0
    while at < len(words) and words[at].kind in ("number", "name", "raised", "sign"):
        word = words[at]
        if word.kind == "sign":
            if word.text != "^" or not names:
                break
            at = operand_end(words, at + 1)
            continue
        if word.kind == "name":
            if known.name(word.text) is None and known.is_function(word.text):
                break
            names += 1
            if names > 1:
                message = "it is not clear how far the argument of this function goes"
                raise SyntaxProblem("syntax", message, Span(word.start, word.end), "write brackets around it")
        at += 1
    return at
