"""Calls in a spec: the user's functions read, every call checked, aliases and bodies put in the place of calls."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from functools import partial

from pathdiff import expression as ex
from pathdiff.diagnostics import Diagnostic, nearest
from pathdiff.expression import Expression, Tree
from pathdiff.functions import KNOWN, arity
from pathdiff.grammar import Call, Parsed, SyntaxProblem, parse
from pathdiff.source import Text
from pathdiff.spec import UserFunction


def parsed(text: Text, declared: Container[str], problems: list[Diagnostic]) -> Parsed | None:
    """Reads an expression; adds to `problems` and returns None where it is not one."""
    try:
        return parse(text.value, declared)
    except SyntaxProblem as error:
        problems.append(text.problem(error.code, str(error), error.span.start, error.span.end, hint=error.hint))
        return None


class Functions:
    """The functions that a spec may call: those of the table, and the user's own, which hide them."""

    def __init__(self, problems: list[Diagnostic]) -> None:
        self.problems = problems
        self.user: dict[str, UserFunction] = {}
        self._arity: dict[str, int] = {}

    def read(self, definitions: Iterable[tuple[Text, Text]]) -> None:
        """Reads the user's functions, `sq(t): t**2`; one may call others of the spec, defined before or after."""
        read: dict[str, tuple[Text, tuple[str, ...], Parsed]] = {}
        for key, text in definitions:
            heading = self._heading(key)
            if heading is None:
                continue
            name, parameters = heading
            if name in self._arity:
                self.problems.append(key.problem("duplicate-key", f"the function `{name}` is defined twice"))
                continue
            self._arity[name] = len(parameters)
            body = parsed(text, parameters, self.problems)
            if body is not None:
                read[name] = (text, parameters, body)
        for text, parameters, body in read.values():
            self._check_names(text, parameters, body)
            self.check(text, body)
        for name in self._order(read):
            _, parameters, body = read[name]
            into = {i: ex.slot(parameters.index(used)) for i, used in enumerate(body.names) if used in parameters}
            tree = ex.substitute(body.tree, into)
            self.user[name] = UserFunction(name, parameters, self.put_in(tree), Expression(tree, parameters))

    def _heading(self, key: Text) -> tuple[str, tuple[str, ...]] | None:
        """The name and the parameters in `sq(t)`."""
        heading = parsed(key, ("pi", "π"), self.problems)
        if heading is None:
            return None
        tree, names = heading.tree, tuple(heading.names)
        if tree.kind == "call" and [arg.value for arg in tree.args] == list(range(len(names))):
            return tree.text, names
        message = "a function is defined as `name(x, y): expression`"
        self.problems.append(key.problem("bad-function", message, hint="its parameters are names, each of them once"))
        return None

    def _check_names(self, text: Text, parameters: Sequence[str], body: Parsed) -> None:
        for used, span in body.first_use.items():
            if used not in parameters:
                note = "the expression of a function uses its parameters only"
                hint = nearest(used, parameters)
                message = f"`{used}` is not a parameter"
                self.problems.append(text.problem("unknown-name", message, span.start, span.end, note=note, hint=hint))

    def _order(self, read: Mapping[str, tuple[Text, tuple[str, ...], Parsed]]) -> list[str]:
        """The functions, each after those it calls."""
        calls = {name: [c.function for c in body.calls if c.function in read] for name, (_, _, body) in read.items()}
        order, cycle = sorted_by_need(calls)
        if cycle:
            text, _, body = read[cycle[0]]
            span = next(call.span for call in body.calls if call.function == cycle[1])
            message = "a function may not need itself: " + " → ".join(cycle)
            self.problems.append(text.problem("function-cycle", message, span.start, span.end))
        return order

    def check(self, text: Text, expression: Parsed, variables: Container[str] = ()) -> bool:
        """Whether every call is of a known function with the right number of arguments; adds what is wrong."""
        before = len(self.problems)
        for call in expression.calls:
            problem = partial(text.problem, start=call.span.start, end=call.span.end)
            if call.function in self._arity:
                wanted = self._arity[call.function]
                takes = "" if call.count == wanted else "one argument" if wanted == 1 else f"{wanted} arguments"
            elif call.function in KNOWN:
                takes = arity(KNOWN[call.function], call.count)
            else:
                note = f"an abstract node is defined by a call of its own name: `{call.function}: {call.function}(...)`"
                hint = self._meant(call, variables, expression.names)
                message = f"`{call.function}` is not a function"
                self.problems.append(problem("unknown-function", message, note=note, hint=hint))
                continue
            if takes:
                self.problems.append(problem("wrong-arity", f"`{call.function}` takes {takes}, not {call.count}"))
        return len(self.problems) == before

    def _meant(self, call: Call, variables: Container[str], used: Sequence[str]) -> str:
        if call.function in variables or call.function in used:
            return f"write `{call.function}*(...)` for a product"
        return nearest(call.function, [*KNOWN, *self._arity])

    def put_in(self, tree: Tree) -> Tree:
        """The tree with the table's names for aliases, and with bodies in the place of calls of user's functions."""

        def combine(part: Tree, args: list[Tree]) -> Tree:
            if part.kind != "call":
                return ex.rebuilt(part, args) if args else part
            user = self.user.get(part.text)
            if user is not None:
                return ex.substitute(user.body, dict(enumerate(args)))
            known = KNOWN.get(part.text)
            return ex.call(known.name if known else part.text, *args)

        return ex.fold(tree, combine)


def sorted_by_need(uses: Mapping[str, Sequence[str]]) -> tuple[list[str], list[str]]:
    """The names, each after those it uses (Kahn 1962), and a cycle if there is one, its first name repeated last."""
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
    if not stuck:
        return order, []
    name = next(name for name in uses if name in stuck)
    seen: dict[str, int] = {}
    walk: list[str] = []
    while name not in seen:
        seen[name] = len(walk)
        walk.append(name)
        name = next(other for other in uses[name] if other in stuck)
    return order, [*walk[seen[name] :], name]
