"""Calls in a spec: the user's functions read, every call checked, aliases and bodies put in the place of calls."""

from __future__ import annotations

import re
from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from functools import partial
from typing import Final

from pathdiff import expression as ex
from pathdiff.diagnostics import Diagnostic, nearest
from pathdiff.expression import Expression, Tree
from pathdiff.functions import ALWAYS, KNOWN, arity
from pathdiff.grammar import NAME_PATTERN, Call, Parsed, count_tokens, parse
from pathdiff.limits import limit, to_raise
from pathdiff.source import Text
from pathdiff.spec import UserFunction
from pathdiff.syntax import SyntaxProblem

MAX_COMPARISONS: Final = 100_000
"""About how many names are compared to suggest one; a spec full of errors gets no suggestions for the last of them."""
_BEGUN: Final = re.compile(NAME_PATTERN)
_ELSEWHERE: Final = {
    "pow": "x**y", "power": "x**y", "square": "x**2", "root": "sqrt", "maximum": "max", "minimum": "min", "lg": "log10",
    "fabs": "abs", "swish": "silu", "step": "heaviside", "arctan2": "atan2", "sec2": "sec(x)**2", "nroot": "x**(1/n)",
}  # fmt: skip
"""What other languages call a function that is known here."""


def parsed(text: Text, declared: Container[str], problems: list[Diagnostic]) -> Parsed | None:
    """Reads an expression; adds to `problems` and returns None where it is not one."""
    try:
        return parse(text.value, declared)
    except SyntaxProblem as error:
        problems.append(text.problem(error.code, str(error), error.span.start, error.span.end, hint=error.hint))
        return None


def too_long(values: Iterable[object]) -> Diagnostic | None:
    """What is wrong with expressions that are too much together: it is found before any is read."""
    count, most = 0, limit("tokens")
    for text in values:
        if isinstance(text, Text) and len(text.value) <= limit("expression"):  # longer ones have an error of their own
            count += count_tokens(text.value)
            if count > most:
                message = f"the expressions up to here have more than {most:,} names, numbers and signs"
                return text.problem("too-long", message, hint=f"the limit may be raised: {to_raise('tokens')}")
    return None


def meant(word: str, known: Collection[str], problems: Sequence[Diagnostic]) -> str:
    """The hint that names the known word most like this one, unless the search would take too long."""
    return "" if len(word) > 100 or too_many(known, problems) else nearest(word, known)


def too_many(known: Collection[str], problems: Sequence[Diagnostic]) -> bool:
    """Whether comparing each wrong word with all that are known takes too long."""
    return len(known) * (len(problems) + 1) > MAX_COMPARISONS


class Functions:
    """The functions that a spec may call: those of the table, and the user's own, which hide them."""

    def __init__(self, problems: list[Diagnostic]) -> None:
        self.problems = problems
        self.user: dict[str, UserFunction] = {}
        self._arity: dict[str, int] = {}
        self._sizes: dict[str, int] = {}
        self._put_in = 0
        self._whole: dict[Tree, Tree] = {}
        self._said_too_many = False

    def knows(self, name: str) -> bool:
        """Whether a function has this name."""
        return name in self._arity or name in KNOWN

    def adopt(self, functions: Mapping[str, UserFunction]) -> None:
        """Takes over functions that were read before, with a spec."""
        for name, function in functions.items():
            self.user[name] = function
            self._arity[name] = len(function.parameters)
            self._sizes[name] = len(ex.postorder(function.body))

    def read(self, definitions: Iterable[tuple[Text, Text]]) -> None:
        """Reads the user's functions, `sq(t): t**2`; one may call others of the spec, defined before or after."""
        read: dict[str, tuple[Text, tuple[str, ...], Parsed]] = {}
        first: dict[str, Text] = {}
        for key, text in definitions:
            heading = self._heading(key)
            if heading is None:
                begun = _BEGUN.match(key.value)
                if begun:
                    self._arity.setdefault(begun[0], -1)
                continue
            name, parameters = heading
            if name in KNOWN and name.startswith(ALWAYS):
                message, hint = f"`{name}` always means the known function", "give the function another name"
                self.problems.append(key.problem("reserved-name", message, hint=hint))
                continue
            if name in first:
                if key.value == first[name].value:
                    continue  # said already, as of any key
                message, note = f"the function `{name}` is defined twice", first[name].already
                hint = "keep one of the two, or give one another name"
                self.problems.append(key.problem("duplicate-key", message, note=note, hint=hint))
                continue
            first[name] = key
            self._arity[name] = len(parameters)
            body = parsed(text, parameters, self.problems)
            if body is not None:
                read[name] = (text, parameters, body)
        for text, parameters, body in read.values():
            self._check_names(text, parameters, body)
            self.check(text, body)
        for name in self._order(read):
            text, parameters, body = read[name]
            index = {parameter: i for i, parameter in enumerate(parameters)}
            into = {i: ex.slot(index[used]) for i, used in enumerate(body.names) if used in index}
            tree = ex.substitute(body.tree, into)
            whole = self.put_in(tree, text, body)
            self.user[name] = UserFunction(name, parameters, whole, Expression(tree, parameters))
            self._sizes[name] = len(ex.postorder(whole))

    def _heading(self, key: Text) -> tuple[str, tuple[str, ...]] | None:
        """The name and the parameters in `sq(t)`."""
        start, end, note = 0, len(key.value), ""
        try:
            heading = parse(key.value, ("pi", "π"))
        except SyntaxProblem as error:
            start, end, note = error.span.start, error.span.end, error.message
        else:
            tree, names = heading.tree, tuple(heading.names)
            slots = [arg.value for arg in tree.args if arg.kind == "slot"]
            if tree.kind == "call" and slots == list(range(len(tree.args))):
                return tree.text, names
        message, hint = (
            "a function is defined as `name(x, y): expression`",
            "its parameters are names, each of them once",
        )
        self.problems.append(key.problem("bad-function", message, start, end, note=note, hint=hint))
        return None

    def _check_names(self, text: Text, parameters: Sequence[str], body: Parsed) -> None:
        known = frozenset(parameters)
        for used, span in body.first_use.items():
            if used not in known:
                note = "the expression of a function uses its parameters only"
                hint = meant(used, parameters, self.problems)
                message = f"`{used}` is not a parameter"
                self.problems.append(text.problem("unknown-name", message, span.start, span.end, note=note, hint=hint))

    def _order(self, read: Mapping[str, tuple[Text, tuple[str, ...], Parsed]]) -> list[str]:
        """The functions, each after those it calls."""
        calls = {name: [c.function for c in body.calls if c.function in read] for name, (_, _, body) in read.items()}
        order, cycles = sorted_by_need(calls)
        for cycle in cycles:
            text, _, body = read[cycle[0]]
            span = next(call.span for call in body.calls if call.function == cycle[1])
            message = f"a function may not need itself: {shown_cycle(cycle)}"
            self.problems.append(text.problem("function-cycle", message, span.start, span.end))
        return order

    def check(self, text: Text, expression: Parsed, variables: Collection[str] = (), own: str = "") -> bool:
        """Whether every call is of a known function with the right number of arguments; adds what is wrong.

        A call of the node's `own` name is another matter.
        """
        before = len(self.problems)
        for call in expression.calls:
            if call.function == own:
                continue
            problem = partial(text.problem, start=call.span.start, end=call.span.end)
            if call.function in self._arity:
                wanted = self._arity[call.function]
                takes = "" if wanted in (call.count, -1) else "one argument" if wanted == 1 else f"{wanted} arguments"
            elif call.function in KNOWN:
                takes = arity(KNOWN[call.function], call.count)
            else:
                note = f"an abstract node is defined by a call of its own name: `{call.function}: {call.function}(...)`"
                hint = self._meant(call, variables, expression.names, own)
                message = f"`{call.function}` is not a function"
                self.problems.append(problem("unknown-function", message, note=note, hint=hint))
                continue
            if takes:
                self.problems.append(problem("wrong-arity", f"`{call.function}` takes {takes}, not {call.count}"))
        return len(self.problems) == before

    def _meant(self, call: Call, variables: Collection[str], used: Sequence[str], own: str) -> str:
        name = call.function
        if name in variables or name in used or name in ("pi", "π"):
            return f"write `{name}*(...)` for a product"
        if name in _ELSEWHERE:
            return f"did you mean `{_ELSEWHERE[name]}`?"
        if len(name) == 1:  # one letter is like many
            return ""
        found = meant(name, [*KNOWN, *self._arity], self.problems)
        if found or too_many(variables, self.problems):
            return found
        return meant(name, [other for other in variables if other != own], self.problems)

    def put_in(self, tree: Tree, text: Text, read: Parsed) -> Tree:
        """The tree with the table's names for aliases, and with bodies in the place of calls of user's functions."""
        for call in read.calls:
            self._put_in += self._sizes.get(call.function, 0)
            if self._put_in > limit("operations"):
                message = f"the functions put more than {limit('operations'):,} operations into this spec"
                hint = f"give parts of the expressions nodes of their own, or raise the limit: {to_raise('operations')}"
                if not self._said_too_many:
                    span = call.span
                    self.problems.append(text.problem("too-many-operations", message, span.start, span.end, hint=hint))
                    self._said_too_many = True
                return ex.ZERO

        found = self._whole.get(tree)
        if found is None:
            found = self._whole[tree] = ex.fold(tree, lambda part, args: put_in_part(part, args, self.user))
        return found


def put_in_part(part: Tree, args: Sequence[Tree], functions: Mapping[str, UserFunction]) -> Tree:
    """One operation on its arguments: a call of a user's function is its body, of an alias that of the table's name."""
    if part.kind != "call":
        return ex.rebuilt(part, args) if args else part
    user = functions.get(part.text)
    if user is not None:
        return ex.substitute(user.body, dict(enumerate(args)))
    known = KNOWN.get(part.text)
    return ex.call(known.name if known else part.text, *args)


def sorted_by_need(uses: Mapping[str, Sequence[str]]) -> tuple[list[str], list[list[str]]]:
    """The names, each after those it uses (Kahn 1962), and cycles that stand in the way, each closed by its first name.

    Cost O(V + E). Every name that cannot be sorted is on one of the cycles, needs one of them, or both.
    """
    users: dict[str, list[str]] = {name: [] for name in uses}
    waiting = {name: len(set(used)) for name, used in uses.items()}
    for name, used in uses.items():
        for other in set(used):
            users[other].append(name)
    order = [name for name, count in waiting.items() if not count]
    for name in order:
        for user in users[name]:
            waiting[user] -= 1
            if not waiting[user]:
                order.append(user)
    stuck = {name for name, count in waiting.items() if count}
    cycles: list[list[str]] = []
    seen: set[str] = set()
    for first in uses:
        name, walk = first, dict[str, int]()
        while name in stuck and name not in seen:
            seen.add(name)
            walk[name] = len(walk)
            name = next(other for other in uses[name] if other in stuck)
        if name in walk:
            cycles.append([*list(walk)[walk[name] :], name])
    return order, cycles


def shown_cycle(cycle: Sequence[str]) -> str:
    """The cycle in words, a long one by its ends."""
    return " → ".join(cycle if len(cycle) <= 12 else [*cycle[:6], "…", *cycle[-5:]])
