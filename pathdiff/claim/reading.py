"""Reading a claim: which derivative it is about, and its right sides, in every way in which its words can be meant.

Where the words leave open what is meant, the claim has several parses: `sigma(1 - sigma)` is a product or a value of
the function σ, `1/2x` is half of x or one over 2x, `dp/dh` is a derivative or, where `dp` and `dh` are nodes, a
quotient.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Final, Literal

from pathdiff.calls import Functions, meant
from pathdiff.claim.latex import is_latex, latex_words
from pathdiff.claim.statement import Claim, Factor, Parse, Side
from pathdiff.claim.vocabulary import Vocabulary
from pathdiff.claim.words import Token, plain_words
from pathdiff.diagnostics import Diagnostic, InputError
from pathdiff.grammar import Parsed, parse
from pathdiff.source import Source, Text
from pathdiff.syntax import Span, SyntaxProblem

LONGEST: Final = 20_000
"""How many characters a claim may have: whoever answers by hand writes fewer."""
MOST_OPERATIONS: Final = 20_000
"""How many operations a claim may have when the spec's functions are put in."""
_LIKE: Final = "write `dp/dx = ...`, with a node for p and a name for x"
_BETWEEN: Final = "ǀ"
"""Stands between the two names of a derivative while it is read as one; a letter, so that this is a name."""
Question = tuple[str, str]
"""Which derivative is asked for: of a node, with respect to another."""


def read_claim(text: str | Text, known: Vocabulary, asked: Question | None = None, name: str = "--claim") -> Claim:
    """Reads `dp/dx = ...`, plain or LaTeX; without a left side it is about what was `asked`.

    Raises InputError with every error that was found. Cost O(length) for each way to read it.
    """
    whole = (Text(text, Source(name, text), 0) if isinstance(text, str) else text).normal
    try:
        return _read(whole, known, asked)
    except SyntaxProblem as error:
        raise InputError([_problem(whole, error)]) from None


def _problem(text: Text, error: SyntaxProblem) -> Diagnostic:
    return text.problem(error.code, error.message, error.span.start, error.span.end, hint=error.hint)


def _read(text: Text, known: Vocabulary, asked: Question | None) -> Claim:
    if len(text.value) > LONGEST:
        message, hint = f"a claim has at most {LONGEST:,} characters", "a derivative by hand is shorter"
        raise SyntaxProblem("too-long", message, Span(0, len(text.value)), hint)
    words = latex_words(text.value, known) if is_latex(text.value) else plain_words(text.value)
    members = list(_members(words))
    if len(members) > 1:
        of, wrt, members = *_left_side(members[0], text, known), members[1:]
    elif asked is not None and any(members):
        of, wrt = asked
    elif not words:
        raise SyntaxProblem("empty-expression", "there is no claim here", Span(0, max(1, len(text.value))), _LIKE)
    else:
        raise SyntaxProblem("no-equals", "a claim has a derivative on the left of `=`", Span(0, len(text.value)), _LIKE)
    ends = [member[-1].end if member else len(text.value) for member in members]
    readers = [_Side(member, end, text, known) for member, end in zip(members, ends, strict=True)]
    choices = sorted({choice for reader in readers for choice in reader.open})
    parses: list[Parse] = []
    for taken in product(*((False, True) for _ in choices)):
        other = frozenset(choice for choice, is_taken in zip(choices, taken, strict=True) if is_taken)
        how = ", ".join(_HOW[choice][is_taken] for choice, is_taken in zip(choices, taken, strict=True))
        try:
            found = Parse(tuple(_sides(readers, other)), how)
        except InputError:
            if not any(taken):
                raise
            continue
        if all(found.sides != before.sides for before in parses):
            parses.append(found)
    return Claim(of, wrt, tuple(parses), text)


def _members(words: Iterable[Token]) -> Iterator[list[Token]]:
    """What stands between the signs `=`."""
    member: list[Token] = []
    for word in words:
        if word.kind == "equals":
            yield member
            member = []
        else:
            member.append(word)
    yield member


def _left_side(words: list[Token], text: Text, known: Vocabulary) -> Question:
    problems: list[Diagnostic] = []
    found = _derivative(words, 0, known)
    if found is None or found.end != len(words):
        span = Span(words[0].start, words[-1].end) if words else Span(0, 1)
        shown = text.value[span.start : span.end]
        raise SyntaxProblem("no-derivative", f"`{shown}` is not a derivative, which a claim begins with", span, _LIKE)
    for word, name in ((found.of, found.factor.of), (found.wrt, found.factor.wrt)):
        if name not in known.names:
            problems.append(_unknown(text, Span(word.start, word.end), name, known, problems))
    if problems:
        raise InputError(problems)
    return found.factor.of, found.factor.wrt


def _unknown(text: Text, span: Span, name: str, known: Vocabulary, problems: Sequence[Diagnostic]) -> Diagnostic:
    note = "a claim uses the nodes and the inputs of the spec"
    hint = meant(name, known.names, problems)
    return text.problem("unknown-name", f"`{name}` is not defined", span.start, span.end, note=note, hint=hint)


@dataclass(frozen=True, slots=True)
class _Derivative:
    """Tokens that are a derivative: which, up to where, and the words that name its two nodes."""

    factor: Factor
    end: int
    of: Token
    wrt: Token
    literal: bool
    """Whether the words are names of the spec themselves, so that it may be a quotient as well."""


def _derivative(words: Sequence[Token], at: int, known: Vocabulary) -> _Derivative | None:
    """The derivative that begins at a token: ∂p/∂x, dp/dx, d(p)/d(x), (dp)/(dx), also within brackets."""
    opened = 0
    while opened < 2 and _is(words, at + opened, "open", "("):
        opened += 1
    for brackets in range(opened, -1, -1):
        above = _differential(words, at + brackets, known)
        if above is None:
            continue
        end, closed = above[3], 0
        while closed < brackets and _is(words, end, "close", ")"):
            end, closed = end + 1, closed + 1
        if not _is(words, end, "sign", "/"):
            continue
        end += 1
        inner = _is(words, end, "open", "(")
        below = _differential(words, end + inner, known)
        if below is None or below[1] != above[1]:
            continue
        end = below[3]
        if inner and not _is(words, end, "close", ")"):
            continue
        end += inner
        while closed < brackets and _is(words, end, "close", ")"):
            end, closed = end + 1, closed + 1
        if closed == brackets:
            factor = Factor(above[0], below[0], above[1])
            return _Derivative(factor, end, above[2], below[2], above[4] and below[4])
    return None


def _differential(
    words: Sequence[Token], at: int, known: Vocabulary
) -> tuple[str, Literal["∂", "d"], Token, int, bool] | None:
    """∂p, dp, d p or d(p): the name, the sign, the word that has it, its end, whether it may be read literally."""
    if at >= len(words):
        return None
    first = words[at]
    sign: Literal["∂", "d"] = "∂" if first.kind == "partial" else "d"
    if first.kind == "name" and len(first.text) > 1 and first.text[0] == "d":
        name = known.name(first.text[1:])
        literal = known.name(first.text) is not None
        if name is None and literal:
            return None
        return name or first.text[1:], "d", first, at + 1, literal
    if first.kind != "partial" and not (first.kind == "name" and first.text == "d"):
        return None
    bracket = _is(words, at + 1, "open", "(")
    place = at + 1 + bracket
    if place >= len(words) or words[place].kind != "name" or (bracket and not _is(words, place + 1, "close", ")")):
        return None
    word = words[place]
    literal = sign == "d" and "d" in known.names and known.name(word.text) is not None
    return known.name(word.text) or word.text, sign, word, place + 1 + bracket, literal


def _is(words: Sequence[Token], at: int, kind: str, text: str) -> bool:
    return at < len(words) and words[at].kind == kind and words[at].text == text


_HOW: Final = {
    "call": ("a name before a bracket as a function", "a name before a bracket as a factor"),
    "quotient": ("dp/dx as a derivative", "dp/dx as a quotient of two nodes"),
    "tight": ("1/2x as (1/2)x", "1/2x as 1/(2x)"),
}
"""What can be left open, and the two ways to read it."""


@dataclass(slots=True)
class _Side:
    """The words of one right side."""

    words: list[Token]
    end: int
    text: Text
    known: Vocabulary
    open: set[str] = field(default_factory=set)
    """What these words leave open."""

    def __post_init__(self) -> None:
        for other in ({"quotient"}, set[str]()):  # what is left open shows when it is written
            self.written(frozenset(other))

    def written(self, other: frozenset[str]) -> _Written:
        """The text of the side for the grammar of expressions, read the `other` way where that is told."""
        return _Written(_rewritten(self._factors("quotient" in other), self.known), self, other)

    def _factors(self, quotients: bool) -> list[Token]:
        """The words with each derivative as one of them."""
        found: list[Token] = []
        at = 0
        while at < len(self.words):
            word = self.words[at]
            begins = word.kind in ("partial", "open") or (word.kind == "name" and word.text[0] == "d")
            derivative = _derivative(self.words, at, self.known) if begins else None
            if derivative is not None and found and word.kind == "open" and self._is_call(found[-1]):
                derivative = None  # sin(dp/dx): the bracket is the function's
            if derivative is not None and derivative.literal:
                self.open.add("quotient")
                derivative = None if quotients else derivative
            if derivative is None:
                found.append(word)
                at += 1
                continue
            end = self.words[derivative.end - 1].end
            found.append(Token("factor", str(derivative.factor), word.start, end, derivative.factor))
            at = derivative.end
        return found

    def _is_call(self, word: Token) -> bool:
        return word.kind == "name" and self.known.name(word.text) is None


def _rewritten(words: list[Token], known: Vocabulary) -> list[Token]:
    """The words with brackets around each function's argument: sin²x as sin(x)^2, e^x as exp(x), from the right on."""
    at = len(words) - 1
    while at >= 0:
        word = words[at]
        function = word.kind == "name" and known.name(word.text) is None and known.is_function(word.text)
        if word.kind == "name" and word.text == "e" and known.name("e") is None and _is(words, at + 1, "sign", "^"):
            end = _operand(words, at + 2)
            inner = words[at + 2 : end]
            words[at:end] = [_as(word, "name", "exp"), _as(word, "open", "("), *inner, _as(inner[-1], "close", ")")]
        elif function and at + 1 < len(words):
            after = at + 1
            if words[after].kind == "raised":
                after += 1
            elif _is(words, after, "sign", "^"):
                after = _operand(words, after + 1)
            raised = words[at + 1 : after]
            if raised and any(
                _is(words, place, "sign", "-") or words[place].text[:1] == "⁻" for place in range(at + 1, after)
            ):
                message = f"`{word.text}` to a negative power may be its inverse function or a quotient"
                hint = f"write 1/{word.text}(x), or a{word.text}(x)" if len(word.text) == 3 else "write 1/f(x)"
                raise SyntaxProblem("syntax", message, Span(word.start, raised[-1].end), hint)
            if _is(words, after, "open", "("):
                end = _closing(words, after) + 1
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


def _operand(words: Sequence[Token], at: int) -> int:
    """Where an exponent ends that begins here."""
    first = at
    while _is(words, at, "sign", "-") or _is(words, at, "sign", "+"):
        at += 1
    if at >= len(words) or not words[at].begins_value:
        end = words[min(first, len(words)) - 1].end
        raise SyntaxProblem("syntax", "an exponent is missing", Span(end - 1, end), "write x^2")
    if words[at].kind == "open":
        at = _closing(words, at)
    elif _is(words, at + 1, "open", "(") and words[at].kind == "name":
        at = _closing(words, at + 1)
    at += 1
    if at < len(words) and words[at].kind == "raised":
        at += 1
    return _operand(words, at + 1) if _is(words, at, "sign", "^") and at - first < 200 else at


def _closing(words: Sequence[Token], at: int) -> int:
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
            at = _operand(words, at + 1)
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


class _Written:
    """A right side as the grammar of expressions has it, each character with its place in the claim."""

    def __init__(self, words: list[Token], side: _Side, other: frozenset[str]) -> None:
        self.side, self.known, self.other = side, side.known, other
        self.value: list[str] = []
        self.places: list[int] = []
        self.leaves: dict[str, str | Factor] = {}
        self.shown: dict[str, str] = {}
        self._words = words
        self._tight: list[int] = []
        """Where brackets end that were put around what stands behind a slash."""
        self._write()

    def _put(self, text: str, start: int, end: int) -> None:
        self.value.append(text)
        self.places += [min(start + index, end - 1) for index in range(len(text))]

    def _write(self) -> None:
        words = self._words
        at = 0
        before: Token | None = None
        while at < len(words):
            word = words[at]
            while self._tight and self._tight[-1] == at:
                self._tight.pop()
                self._put(")", word.start, word.start + 1)
            if before is not None and before.ends_value and word.begins_value and not self._calls(before, words, at):
                self._put("*", word.start, word.start + 1)
            if word.kind == "name" and (values := self._own_value(words, at)):
                self._name(word)
                before, at = words[values - 1], values
                continue
            if word.kind == "factor" and word.factor is not None:
                self._factor(word, word.factor)
            elif word.kind == "name":
                self._name(word)
            elif word.kind == "partial":
                hint = "a derivative is ∂p/∂h1, of a node with respect to a name"
                raise SyntaxProblem("syntax", "`∂` begins no derivative here", Span(word.start, word.end), hint)
            else:
                self._put(word.text, word.start, word.end)
                if word.text == "/":
                    self._behind_slash(at)
            before = word
            at += 1
        self._put(")" * len(self._tight), self.side.end - 1, self.side.end)

    def _calls(self, before: Token, words: Sequence[Token], at: int) -> bool:
        """Whether a name before a bracket is a function of what is in it."""
        if before.kind != "name" or words[at].kind != "open":
            return False
        name = self.known.name(before.text)
        if name is None:
            return True
        if not self.known.is_function(before.text):
            return False
        self.side.open.add("call")
        return "call" not in self.other

    def _own_value(self, words: Sequence[Token], at: int) -> int:
        """Where h1(z1, z2) ends, a node with all that it depends on in brackets, which is its value; else 0."""
        node = self.known.spec.nodes.get(self.known.name(words[at].text) or "")
        if node is None or len(node.arguments) < 2 or not _is(words, at + 1, "open", "("):
            return 0
        place = at + 2
        for index, argument in enumerate(node.arguments):
            if index:
                if not _is(words, place, "comma", ","):
                    return 0
                place += 1
            if place >= len(words) or words[place].kind != "name" or self.known.name(words[place].text) != argument:
                return 0
            place += 1
        return place + 1 if _is(words, place, "close", ")") else 0

    def _behind_slash(self, at: int) -> None:
        """Puts brackets around factors side by side behind a slash, where they are to be read so."""
        words, end, factors = self._words, at + 1, 0
        while end < len(words) and (
            words[end].begins_value or words[end].kind == "raised" or _is(words, end, "sign", "^")
        ):
            factors += words[end].begins_value
            if words[end].kind == "open":
                end = _closing(words, end)
            elif _is(words, end, "sign", "^"):
                end = _operand(words, end + 1) - 1
            elif words[end].kind == "name" and _is(words, end + 1, "open", "("):
                node = self.known.name(words[end].text)
                end = end if node else _closing(words, end + 1)
            end += 1
        if factors > 1:
            self.side.open.add("tight")
            if "tight" in self.other:
                self._put("(", words[at].start, words[at].end)
                self._tight.append(end)

    def _name(self, word: Token) -> None:
        name = self.known.name(word.text)
        follows_call = name is not None and self.known.is_function(word.text) and "call" not in self.other
        shown = word.text if name is None or follows_call else name
        if name is not None:
            self.leaves[shown] = name
        self._put(shown, word.start, word.end)

    def _factor(self, word: Token, factor: Factor) -> None:
        between = _BETWEEN
        while any(between in name for name in self.known.names):
            between += _BETWEEN
        sign = "d" if factor.sign == "d" else "ð"
        placeholder = f"{sign}{factor.of}{between}{sign}{factor.wrt}"
        self.leaves[placeholder] = factor
        self.shown[placeholder] = str(factor)
        self._put(placeholder, word.start, word.end)

    @property
    def text(self) -> Text:
        """The text, whose every character knows where it comes from."""
        whole = self.side.text
        places = whole.places
        known = [
            whole.start + place if places is None else places[min(place, len(places) - 1)] for place in self.places
        ]
        return Text("".join(self.value), whole.source, whole.start, known or [whole.start])


def _sides(readers: Sequence[_Side], other: frozenset[str]) -> Iterator[Side]:
    """The right sides read in one way. Raises InputError with every error in them."""
    problems: list[Diagnostic] = []
    found = [_side(reader, other, problems) for reader in readers]
    if problems:
        raise InputError(problems)
    return (side for side in found if side is not None)


def _side(reader: _Side, other: frozenset[str], problems: list[Diagnostic]) -> Side | None:
    known = reader.known
    try:
        written = reader.written(other)
    except SyntaxProblem as error:
        problems.append(_problem(reader.text, error))
        return None
    text = written.text

    def told(words: str) -> str:
        for placeholder, shown in written.shown.items():
            words = words.replace(placeholder, shown)
        return words

    try:
        read = parse(text.value, known.names)
    except SyntaxProblem as error:
        message, hint = told(error.message), told(error.hint)
        if not reader.words:
            text, message, hint = reader.text, "there is nothing behind `=`", "write the derivative there"
            problems.append(text.problem(error.code, message, len(text.value) - 1, len(text.value), hint=hint))
        else:
            problems.append(text.problem(error.code, message, error.span.start, error.span.end, hint=hint))
        return None
    functions = Functions(problems)
    functions.adopt(known.spec.functions)
    before = len(problems)
    for name, span in read.first_use.items():
        factor = written.leaves.get(name)
        for each in (factor.of, factor.wrt) if isinstance(factor, Factor) else ((name,) if factor is None else ()):
            if each not in known.names:
                place = Span(span.start, span.end)
                problems.append(_unknown(text, place, each, known, problems))
    functions.check(text, read, known.names)
    if len(problems) > before:
        return None
    tree = functions.put_in(read.tree, text, read)
    side = Side(tree, tuple(written.leaves[name] for name in read.names))
    if side.size > MOST_OPERATIONS:
        message = f"a claim has at most {MOST_OPERATIONS:,} operations"
        problems.append(reader.text.problem("too-many-operations", message, hint="a derivative by hand has fewer"))
    return side


__all__ = ["LONGEST", "Parsed", "Question", "read_claim"]
