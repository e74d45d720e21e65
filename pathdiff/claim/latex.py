r"""The words of a claim in LaTeX as people write it, as the tokens that the plain text would have.

Not TeX: nothing is expanded or executed, and a command that has no meaning here is an error. `\frac{a}{b}` comes out as
((a)/(b)). One pass with a stack of what is still open, so braces may nest as deep as they like.
"""

from __future__ import annotations

import re
from typing import Final

from pathdiff.claim.vocabulary import Vocabulary
from pathdiff.claim.words import PRIMES, Bars, Token, no_primes
from pathdiff.functions import KNOWN
from pathdiff.grammar import NUMBER_PATTERN, PASTED
from pathdiff.names import GREEK
from pathdiff.syntax import Span, SyntaxProblem

_LEXEME: Final = re.compile(
    r"\\(?P<command>[A-Za-z]+|.)|(?P<space>[\s~&$\u200b]+)"
    rf"|(?P<number>{NUMBER_PATTERN})|(?P<letters>[^\W\d_][^\W_]*)|(?P<other>.)",
    re.DOTALL,
)
_SPACES: Final = frozenset((
    ",", ";", ":", "!", "(", ")", "[", "]", "left", "right", "big", "Big", "bigg", "Bigg", "bigl", "bigr", "Bigl",
    "Bigr", "biggl", "biggr", "Biggl", "Biggr", "quad", "qquad", "thinspace", "displaystyle", "textstyle", "limits",
    "nonumber", "notag", "mathstrut", "strut", "space", "\\", " ", "\n",
))  # fmt: skip
"""Commands that only arrange: nothing is meant by them."""
_SIGNS: Final = {"cdot": "*", "times": "*", "ast": "*", "div": "/", "slash": "/"}
_FRACTIONS: Final = frozenset({"frac", "dfrac", "tfrac", "cfrac"})
_UPRIGHT: Final = frozenset({"mathrm", "operatorname", "text", "mathit", "mathbf", "textrm", "rm", "mathsf"})
_DIFFERENTIALS: Final = frozenset({"dd", "diff", "d"})
_LETTERS: Final = {
    "varepsilon": "epsilon", "vartheta": "theta", "varphi": "phi", "varrho": "rho", "varsigma": "sigma",
    "hbar": "hbar", "ell": "ell",
}  # fmt: skip
_BRACES: Final = {"{": "(", "}": ")", "lbrace": "(", "rbrace": ")", "lparen": "(", "rparen": ")", "lbrack": "(",
                  "rbrack": ")"}  # fmt: skip
_SUBSCRIPT: Final = re.compile(
    r"\s*_\s*(?:\{\s*(?:\\(?:text|mathrm|mathit)\s*\{(?P<upright>[^{}\\]*)\}|(?P<group>[^{}\\^]*))\s*\}|(?P<one>\w))"
)
_WORD: Final = re.compile(r"\s*(?:\{\s*(?P<word>[A-Za-z]\w*)\s*\}|(?P<letter>[A-Za-z]))")
_INDEX: Final = re.compile(r"\s*\[\s*(?P<index>[0-9]+)\s*\]")


def is_latex(text: str) -> bool:
    """Whether a text is LaTeX rather than plain: it has commands or braces, or stands between dollar signs."""
    return any(sign in text for sign in "\\{$")


def latex_words(text: str, known: Vocabulary) -> list[Token]:
    """The tokens of a text in LaTeX. Raises SyntaxProblem. Cost O(length)."""
    return _Reader(text, known).read()


class _Reader:
    """Goes through the text once. What awaits an argument, and each open brace, waits with what stands behind it."""

    def __init__(self, text: str, known: Vocabulary) -> None:
        self.text = text
        self.signs = text.translate(PASTED)
        self.known = known
        self.found: list[Token] = []
        self.waiting: list[tuple[str, list[str], int]] = []
        """Kinds "argument" and "brace": what is written behind it, piece after piece, and where it began."""
        self.bars = Bars()

    def read(self) -> list[Token]:
        at = 0
        while at < len(self.text):
            match = _LEXEME.match(self.signs, at)
            assert match is not None
            at = self._take(match)
        for kind, _, start in self.waiting[-1:]:
            what, hint = ("brace is never closed", "add `}`") if kind == "brace" else ("an argument is missing", "")
            message = f"this {what}" if kind == "brace" else what
            raise SyntaxProblem("unbalanced-bracket" if kind == "brace" else "syntax", message, _one(start), hint)
        return self.found

    def _take(self, match: re.Match[str]) -> int:
        """Takes one lexeme, with what belongs to it, and says where the next one begins."""
        start, end = match.span()
        word = match[0]
        match match.lastgroup:
            case "space":
                return end
            case "command":
                return self._command(match["command"], start, end)
            case "number":
                if self.waiting and self.waiting[-1][0] == "argument":  # \frac12, x^23: one digit
                    end = start + 1
                self._put("number", word[: end - start], start, end)
                self._done(end)
                return end
            case "letters":
                return self._letters(word, start, end)
        return self._sign(word, start, end)

    def _sign(self, word: str, start: int, end: int) -> int:
        match word:
            case "{":
                behind = [")"]
                if self.waiting and self.waiting[-1][0] == "argument":
                    behind = [""]  # the brackets of the argument are there already
                else:
                    self._put("open", "(", start, end)
                self.waiting.append(("brace", behind, start))
            case "}":
                if not self.waiting or self.waiting[-1][0] != "brace":
                    raise SyntaxProblem("unbalanced-bracket", "this brace was never opened", Span(start, end))
                _, [behind_it], _ = self.waiting.pop()
                if behind_it:
                    self._put("close", ")", start, end)
                self._done(end)
            case "^":
                self._put("sign", "^", start, end)
                self._put("open", "(", start, end)
                self.waiting.append(("argument", [")"], start))
            case "_":
                raise SyntaxProblem("syntax", "this subscript belongs to no name", Span(start, end))
            case "|":
                self.bars.meet(self.found, start)
            case "∂" | "𝜕" | "𝛛" | "𝝏":
                self._put("partial", "∂", start, end)
            case _ if word in PRIMES:
                raise no_primes(Span(start, end))
            case "=":
                self._put("equals", "=", start, end)
            case "(" | "[":
                self._put("open", "(", start, end)
            case ")" | "]":
                self._put("close", ")", start, end)
            case "," | ".":
                if word == "." and self.text[:start].rstrip().endswith((r"\left", r"\right")):
                    return end
                self._put("comma" if word == "," else "other", word, start, end)
            case "*" if self.signs.startswith("**", start):
                return self._sign("^", start, end + 1)
            case "+" | "-" | "*" | "/":
                self._put("sign", word, start, end)
            case _:
                self._put("other", self.text[start:end], start, end)
        return end

    def _command(self, name: str, start: int, end: int) -> int:
        if name in _SPACES:
            return end
        if name in _SIGNS:
            self._put("sign", _SIGNS[name], start, end)
            return end
        if name in _BRACES:
            bracket = _BRACES[name]
            self._put("open" if bracket == "(" else "close", bracket, start, end)
            return end
        if name in ("lvert", "rvert", "vert", "mid"):
            self.bars.meet(self.found, start)
            return end
        if name == "prime":
            raise no_primes(Span(start, end))
        if name == "partial":
            self._put("partial", "∂", start, end)
            return end
        if name in _FRACTIONS:
            self._put("open", "(", start, end)
            self._put("open", "(", start, end)
            self.waiting.append(("argument", [")/(", "))"], start))
            return end
        if name == "sqrt":
            return self._root(start, end)
        if name in _UPRIGHT:
            word = _WORD.match(self.text, end)
            if word is None:
                hint = "a name or a function stands in it"
                raise SyntaxProblem("syntax", f"`\\{name}` has no word", Span(start, end), hint)
            told = word["word"] or word["letter"]
            return self._name(told, start, word.end(), whole=len(told) > 1)
        if name in _DIFFERENTIALS:
            self._put("name", "d", start, end)
            return end
        letter = _LETTERS.get(name, name)
        if letter in GREEK or letter in _LETTERS or self.known.name(letter):
            return self._name(letter, start, end, whole=True)
        if name in KNOWN:
            base = re.compile(r"\s*_\s*(?:\{\s*(2|10|e)\s*\}|([2e])(?![0-9]))").match(self.text, end)
            if name == "log" and base is not None:
                number = base[1] or base[2]
                self._put("name", "log" if number == "e" else f"log{number}", start, base.end())
                return base.end()
            self._put("name", name, start, end)
            return end
        hint = "a claim is a formula: \\frac, \\partial, \\cdot, \\sqrt, Greek letters and functions such as \\sin"
        raise SyntaxProblem("unknown-sign", f"`\\{name}` has no meaning here", Span(start, end), hint)

    def _root(self, start: int, end: int) -> int:
        index = _INDEX.match(self.text, end)
        if index is None or index["index"] in ("2", "3"):
            self._put("name", "cbrt" if index is not None and index["index"] == "3" else "sqrt", start, end)
            self._put("open", "(", start, end)
            self.waiting.append(("argument", [")"], start))
        else:
            self._put("open", "(", start, end)
            self._put("open", "(", start, end)
            self.waiting.append(("argument", [f")^(1/{index['index']}))"], start))
        return end if index is None else index.end()

    def _letters(self, word: str, start: int, end: int) -> int:
        if self.waiting and self.waiting[-1][0] == "argument":  # \frac xy
            word, end = word[0], start + 1
        return self._name(word, start, end, whole=False)

    def _name(self, word: str, start: int, end: int, *, whole: bool) -> int:
        """A name, or several letters side by side, the last with its subscript."""
        subscript = _SUBSCRIPT.match(self.text, end)
        if subscript is None:
            self._split(word, start, end, whole=whole)
            self._done(end)
            return end
        told = subscript["upright"] or subscript["group"] or subscript["one"] or ""
        below = "_".join(re.findall(r"\w+", told))
        last = subscript.end()
        for cut in (0, 1) if word[:1] == "d" else (0,):
            name = self.known.name(f"{word[cut:]}_{below}") if word[cut:] else None
            if name is not None:
                self._put("name", word[:cut] + name, start, last)
                self._done(last)
                return last
        if not whole and len(word) > 1:
            self._split(word[:-1], start, end - 1, whole=False)
            start, word = end - 1, word[-1]
        self._put("name", self.known.name(f"{word}_{below}") or f"{word}_{below}", start, last)
        self._done(last)
        return last

    def _split(self, word: str, start: int, end: int, *, whole: bool) -> None:
        """A word of the spec, a function or a differential; else its letters, which are factors."""
        known = self.known
        as_one = known.name(word) or known.is_function(word) or word in ("pi", "π")
        if whole or as_one or len(word) == 1 or (word[0] == "d" and known.name(word[1:])):
            self._put("name", word, start, end)
            return
        for piece in re.finditer(r"\d+|\D", word):
            at = start + piece.start()
            self._put("number" if piece[0].isdigit() else "name", piece[0], at, at + len(piece[0]))

    def _put(self, kind: str, word: str, start: int, end: int) -> None:
        self.found.append(Token(kind, word, start, end))  # type: ignore[arg-type]  # written out above

    def _done(self, at: int) -> None:
        """An argument is complete: what stands behind it is written, and what it completes is complete, too."""
        while self.waiting and self.waiting[-1][0] == "argument":
            _, behind, start = self.waiting.pop()
            for sign in re.findall(r"\d+|.", behind[0]):
                kind = {"(": "open", ")": "close"}.get(sign, "number" if sign.isdigit() else "sign")
                self._put(kind, sign, at - 1, at)
            if behind[1:]:
                self.waiting.append(("argument", behind[1:], start))
                return


def _one(start: int) -> Span:
    return Span(start, start + 1)
