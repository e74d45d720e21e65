"""Reading a claim: which derivative it is about, and its right sides, in every way in which its words can be meant.

Where the words leave open what is meant, the claim has several parses: `sigma(1 - sigma)` is a product or a value of
the function σ, `1/2x` is half of x or one over 2x, `dp/dh` is a derivative or, where `dp` and `dh` are nodes, a
quotient.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import product
from typing import Final

from pathdiff.calls import Functions, meant
from pathdiff.claim.derivatives import derivative_at
from pathdiff.claim.latex import is_latex, latex_words
from pathdiff.claim.statement import Claim, Factor, Parse, Side
from pathdiff.claim.vocabulary import Vocabulary
from pathdiff.claim.words import Token, plain_words
from pathdiff.claim.writing import SideWords
from pathdiff.diagnostics import Diagnostic, InputError
from pathdiff.grammar import parse
from pathdiff.source import Source, Text
from pathdiff.syntax import Span, SyntaxProblem

LONGEST: Final = 20_000
"""How many characters a claim may have: whoever answers by hand writes fewer."""
MOST_OPERATIONS: Final = 20_000
"""How many operations a claim may have when the spec's functions are put in."""
_LIKE: Final = "write `dp/dx = ...`, with a node for p and a name for x"
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
    readers = [SideWords(member, end, text, known) for member, end in zip(members, ends, strict=True)]
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
    found = derivative_at(words, 0, known)
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


_HOW: Final = {
    "call": ("a name before a bracket as a function", "a name before a bracket as a factor"),
    "quotient": ("dp/dx as a derivative", "dp/dx as a quotient of two nodes"),
    "tight": ("1/2x as (1/2)x", "1/2x as 1/(2x)"),
}
"""What can be left open, and the two ways to read it."""


def _sides(readers: Sequence[SideWords], other: frozenset[str]) -> Iterator[Side]:
    """The right sides read in one way. Raises InputError with every error in them."""
    problems: list[Diagnostic] = []
    found = [_side(reader, other, problems) for reader in readers]
    if problems:
        raise InputError(problems)
    return (side for side in found if side is not None)


def _side(reader: SideWords, other: frozenset[str], problems: list[Diagnostic]) -> Side | None:
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
