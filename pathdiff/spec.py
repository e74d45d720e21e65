"""What a spec means: positioned text to nodes with their roles, or every error in it at once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from pathdiff import expression as ex
from pathdiff.diagnostics import Diagnostic, InputError, nearest
from pathdiff.document import Mapping, Sequence, Value, read_yaml
from pathdiff.expression import Expression, Tree
from pathdiff.functions import KNOWN, arity
from pathdiff.grammar import NAME_PATTERN, Call, Parsed, SyntaxProblem, parse
from pathdiff.inline import read_inline
from pathdiff.source import Source, Text

KEYS: Final = ("title", "inputs", "parameters", "functions", "nodes", "derive", "at")
_NAME: Final = re.compile(NAME_PATTERN)


@dataclass(frozen=True, slots=True)
class Node:
    """A named value that is computed: intermediate, or dependent when no other node uses it."""

    name: str
    arguments: tuple[str, ...]
    """The names that its text uses, once each, in order of first use."""
    tree: Tree | None
    """Its value in slots, slot i for argument i, user's functions put in; None for an abstract node."""
    written: Expression | None
    """Its text as typed, with calls of user's functions; None for an abstract node."""
    text: Text = field(compare=False, repr=False)

    @property
    def abstract(self) -> bool:
        """Whether the node is known only by its arguments."""
        return self.tree is None


@dataclass(frozen=True, slots=True)
class UserFunction:
    """A function that the spec defines: its body in slots, slot i for parameter i."""

    name: str
    parameters: tuple[str, ...]
    body: Tree
    """With other functions of the spec put in."""
    written: Expression


@dataclass(frozen=True, slots=True)
class Spec:
    """A composite function as described: real scalars, nodes in the order of the text."""

    title: str
    inputs: tuple[str, ...]
    parameters: tuple[str, ...]
    nodes: dict[str, Node]
    functions: dict[str, UserFunction]
    derive: dict[str, tuple[str, ...]]
    """What to derive when not told: node to the names with respect to which, none for the default ones."""
    at: dict[str, Tree]
    """A value for each name of the numeric point, a tree without slots."""
    source: Source = field(compare=False, repr=False)

    @property
    def independents(self) -> tuple[str, ...]:
        """Inputs, then parameters."""
        return self.inputs + self.parameters


def read_spec(text: str, name: str = "<spec>", *, inline: bool = False) -> Spec:
    """Reads a spec from YAML, or from inline text. Raises InputError with every error, in order of place."""
    source, problems = Source(name, text), list[Diagnostic]()
    document = read_inline(source, problems) if inline else read_yaml(source, problems)
    spec = _Reader(source, problems).read(document)
    if problems or spec is None:
        raise InputError(problems)
    return spec


class _Reader:
    """Collects the parts of a spec and the problems found on the way."""

    def __init__(self, source: Source, problems: list[Diagnostic]) -> None:
        self.source = source
        self.problems = problems
        self.functions: dict[str, UserFunction] = {}
        self.function_arity: dict[str, int] = {}

    def read(self, document: Value | None) -> Spec | None:
        whole = Text(self.source.text, self.source, 0)
        if not isinstance(document, Mapping):
            message = "this spec is empty" if document is None else "a spec is a mapping of keys to values"
            place = document.at if isinstance(document, Sequence) else document or whole.slice(0, 0)
            self.problems.append(
                place.problem(
                    "empty-spec" if document is None else "wrong-type",
                    message,
                    hint="a spec has at least `nodes:` with `p: x**2` below it",
                )
            )
            return None
        parts = self._parts(document)
        if not isinstance(parts.get("nodes"), Mapping):
            if "nodes" not in parts:
                self.problems.append(
                    document.at.problem(
                        "missing-nodes",
                        "the spec has no `nodes`",
                        0,
                        1,
                        hint="add `nodes:` with a line `name: expression` for each node",
                    )
                )
            return None
        title = parts.get("title")
        inputs, parameters = self._names(parts.get("inputs")), self._names(parts.get("parameters"))
        declares = "inputs" in parts or "parameters" in parts
        node_texts = dict(self._definitions(parts["nodes"], "node"))
        self._told_twice([*inputs, *parameters, *node_texts])
        declared = {name.value for name in (*inputs, *parameters)} | {name.value for name in node_texts}
        if isinstance(parts.get("functions"), Mapping):
            self._read_functions(parts["functions"])
        read = {name.value: (name, text, self._expression(text, declared)) for name, text in node_texts.items()}
        nodes: dict[str, Node] = {}
        found: dict[str, None] = {}
        for key, text, parsed in read.values():
            if parsed is None:
                continue
            for used, span in parsed.first_use.items():
                if used in declared or used in found:
                    continue
                if declares:
                    known = [*declared, "pi"]
                    note = "the spec declares its inputs, so every other name must be a node"
                    self.problems.append(
                        text.problem(
                            "unknown-name",
                            f"`{used}` is not defined",
                            span.start,
                            span.end,
                            note=note,
                            hint=nearest(used, known),
                        )
                    )
                else:
                    found[used] = None
            node = self._node(key, text, parsed, declared)
            if node is not None:
                nodes[key.value] = node
        input_names = tuple(found) if not declares else tuple(name.value for name in inputs)
        parameter_names = tuple(name.value for name in parameters)
        self._refuse_cycles(nodes, read)
        everything = [*input_names, *parameter_names, *node_texts_names(node_texts)]
        derive = self._derive(parts.get("derive"), everything)
        at = self._at(parts.get("at"), [*input_names, *parameter_names], {name.value for name in node_texts})
        return Spec(
            title.value if isinstance(title, Text) else "",
            input_names,
            parameter_names,
            nodes,
            self.functions,
            derive,
            at,
            self.source,
        )

    def _parts(self, document: Mapping) -> dict[str, Value]:
        shapes: dict[str, tuple[type, ...]] = {
            "title": (Text,), "inputs": (Sequence, Text), "parameters": (Sequence, Text), "functions": (Mapping,),
            "nodes": (Mapping,), "derive": (Mapping, Sequence, Text), "at": (Mapping,),
        }  # fmt: skip
        told = {Text: "text", Sequence: "a list", Mapping: "a mapping"}
        parts: dict[str, Value] = {}
        for key, value in document.entries:
            if key.value not in KEYS:
                known = "a spec has the keys " + ", ".join(KEYS)
                self.problems.append(
                    key.problem(
                        "unknown-key",
                        f"`{key.value}` is not a key of a spec",
                        note=known,
                        hint=nearest(key.value, KEYS),
                    )
                )
                continue
            wanted = shapes[key.value]
            if isinstance(value, Text) and not value.value and Text in wanted:
                wanted = (*wanted, Text)
            if not isinstance(value, wanted) or (
                isinstance(value, Text) and not value.value.strip() and key.value != "title"
            ):
                if isinstance(value, Text) and not value.value.strip() and key.value != "nodes":
                    continue  # a key with nothing behind it
                message = f"`{key.value}` is {told[wanted[0]]}"
                place = value if isinstance(value, Text) and value.value else key
                self.problems.append(place.problem("wrong-type", message))
            parts.setdefault(key.value, value)
        return parts

    def _texts(self, value: Value | None) -> Iterator[Text]:
        """The texts of a list, or one text."""
        if isinstance(value, Text):
            if value.value.strip():
                yield value
        elif isinstance(value, Sequence):
            for item in value.items:
                if isinstance(item, Text):
                    yield item
                else:
                    self.problems.append(item.at.problem("wrong-type", "a name is expected here"))

    def _names(self, value: Value | None) -> list[Text]:
        return [name for name in self._texts(value) if self._is_name(name)]

    def _is_name(self, name: Text) -> bool:
        if _NAME.fullmatch(name.value):
            return True
        hint = "a name is letters, digits and _, beginning with a letter"
        self.problems.append(name.problem("bad-name", f"`{name.value}` cannot be a name", hint=hint))
        return False

    def _told_twice(self, names: Iterable[Text]) -> None:
        first: dict[str, Text] = {}
        for name in names:
            other = first.setdefault(name.value, name)
            if other is not name:
                place = other.problem("", "").place
                note = f"it stands in line {place.line} already" if place else ""
                self.problems.append(name.problem("duplicate-name", f"`{name.value}` is declared twice", note=note))

    def _definitions(self, mapping: Value, what: str) -> Iterator[tuple[Text, Text]]:
        assert isinstance(mapping, Mapping)
        for key, value in mapping.entries:
            if not isinstance(value, Text):
                hint = "a name in brackets needs quotes" if isinstance(value, Sequence) else ""
                self.problems.append(
                    key.problem("wrong-type", f"the {what} `{key.value}` needs an expression", hint=hint)
                )
            elif what != "node" or self._is_name(key):
                yield key, value

    def _expression(self, text: Text, declared: set[str]) -> Parsed | None:
        try:
            return parse(text.value, declared)
        except SyntaxProblem as problem:
            self.problems.append(
                text.problem(problem.code, str(problem), problem.span.start, problem.span.end, hint=problem.hint)
            )
            return None

    def _read_functions(self, mapping: Value) -> None:
        """Reads the user's functions; one may call those known and other ones of the spec, in any order."""
        read: dict[str, tuple[Text, tuple[str, ...], Parsed]] = {}
        for key, text in self._definitions(mapping, "function"):
            heading = self._expression(key, ())  # type: ignore[arg-type]
            if heading is None:
                continue
            names = tuple(heading.names)
            if heading.tree.kind != "call" or [arg.value for arg in heading.tree.args] != list(range(len(names))):
                self.problems.append(
                    key.problem(
                        "bad-function",
                        "a function is defined as `name(x, y): expression`",
                        hint="its parameters are names, each once",
                    )
                )
                continue
            name = heading.tree.text
            if name in read:
                self.problems.append(key.problem("duplicate-key", f"the function `{name}` is defined twice"))
                continue
            self.function_arity[name] = len(names)
            body = self._expression(text, set(names))
            if body is not None:
                read[name] = (text, names, body)
        for text, names, body in read.values():
            for used, span in body.first_use.items():
                if used not in names:
                    note = "the expression of a function uses its parameters only"
                    self.problems.append(
                        text.problem(
                            "unknown-name",
                            f"`{used}` is not a parameter",
                            span.start,
                            span.end,
                            note=note,
                            hint=nearest(used, names),
                        )
                    )
            self._check_calls(text, body)
        calls = {
            name: [call.function for call in body.calls if call.function in read] for name, (_, _, body) in read.items()
        }
        order, cycle = sorted_by_need(calls)
        if cycle:
            text, _, body = read[cycle[0]]
            span = next(call.span for call in body.calls if call.function in cycle)
            self.problems.append(
                text.problem(
                    "function-cycle", "a function may not need itself: " + " → ".join(cycle), span.start, span.end
                )
            )
        for name in order:
            text, names, body = read[name]
            into = {i: ex.slot(names.index(used)) for i, used in enumerate(body.names) if used in names}
            tree = ex.substitute(body.tree, into)
            self.functions[name] = UserFunction(name, names, self._put_in(tree), Expression(tree, names))

    def _check_calls(self, text: Text, parsed: Parsed, own: str = "", variables: Iterable[str] = ()) -> None:
        for call in parsed.calls:
            if call.function == own:
                continue
            span = (call.span.start, call.span.end)
            if call.function in self.function_arity:
                wanted = self.function_arity[call.function]
                if call.count != wanted:
                    self.problems.append(
                        text.problem(
                            "wrong-arity", f"`{call.function}` takes {_count(wanted)}, not {call.count}", *span
                        )
                    )
            elif call.function not in KNOWN:
                self.problems.append(self._unknown_function(text, call, set(variables)))
            else:
                wanted_text = arity(KNOWN[call.function], call.count)
                if wanted_text:
                    self.problems.append(
                        text.problem("wrong-arity", f"`{call.function}` takes {wanted_text}, not {call.count}", *span)
                    )

    def _unknown_function(self, text: Text, call: Call, variables: set[str]) -> Diagnostic:
        name = call.function
        if name in variables:
            hint = f"write `{name}*(...)` for a product"
        else:
            hint = nearest(name, [*KNOWN, *self.function_arity])
        note = f"an abstract node is defined by a call of its own name: `{name}: {name}(...)`"
        return text.problem(
            "unknown-function", f"`{name}` is not a function", call.span.start, call.span.end, note=note, hint=hint
        )

    def _node(self, key: Text, text: Text, parsed: Parsed, declared: set[str]) -> Node | None:
        name, tree = key.value, parsed.tree
        if tree.kind == "call" and tree.text == name:
            if any(arg.kind != "slot" for arg in tree.args) or not tree.args:
                hint = "give the expression a node of its own, and its name here"
                self.problems.append(
                    text.problem(
                        "abstract-argument", f"the arguments of the abstract node `{name}` must be names", hint=hint
                    )
                )
                return None
            node = Node(name, tuple(parsed.names), None, None, text)
        else:
            self._check_calls(text, parsed, variables=[*declared, *parsed.names])
            if any(call.function not in KNOWN and call.function not in self.functions for call in parsed.calls):
                return None
            node = Node(name, tuple(parsed.names), self._put_in(tree), Expression(tree, parsed.names), text)
        if name in parsed.names:
            span = parsed.first_use[name]
            hint = f"write `{name}({', '.join(n for n in parsed.names if n != name) or 'x'})` if `{name}` is abstract"
            self.problems.append(
                text.problem("self-reference", f"`{name}` is defined by itself", span.start, span.end, hint=hint)
            )
            return None
        return node

    def _put_in(self, tree: Tree) -> Tree:
        """The tree with aliases resolved and the bodies of the user's functions in the place of their calls."""

        def combine(part: Tree, args: list[Tree]) -> Tree:
            if part.kind != "call":
                return ex.rebuilt(part, args) if args else part
            user = self.functions.get(part.text)
            if user is None:
                known = KNOWN.get(part.text)
                return ex.call(known.name if known else part.text, *args)
            return ex.substitute(user.body, dict(enumerate(args)))

        return ex.fold(tree, combine)

    def _refuse_cycles(self, nodes: dict[str, Node], read: dict[str, tuple[Text, Text, Parsed | None]]) -> None:
        uses = {name: [other for other in node.arguments if other in nodes] for name, node in nodes.items()}
        _, cycle = sorted_by_need(uses)
        if cycle:
            _, text, parsed = read[cycle[0]]
            assert parsed is not None
            span = parsed.first_use[cycle[1]]
            shown = " → ".join(cycle if len(cycle) <= 12 else [*cycle[:6], "…", *cycle[-5:]])
            self.problems.append(
                text.problem(
                    "cycle", f"`{cycle[0]}` needs itself: {shown}", span.start, span.end, note="an arrow reads «uses»"
                )
            )

    def _derive(self, value: Value | None, known: list[str]) -> dict[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {}
        entries = value.entries if isinstance(value, Mapping) else [(name, None) for name in self._texts(value)]
        for key, names in entries:
            wanted = list(self._texts(names))
            if isinstance(names, Mapping):
                self.problems.append(names.at.problem("wrong-type", "a name or a list of names is expected here"))
            told = [name.value for name in wanted]
            for name in [key, *(name for name in wanted if name.value != "all")]:
                if name.value not in known:
                    self.problems.append(
                        name.problem(
                            "unknown-name", f"`{name.value}` is not a node of the spec", hint=nearest(name.value, known)
                        )
                    )
            found[key.value] = tuple(told)
        return found

    def _at(self, value: Value | None, independents: list[str], nodes: set[str]) -> dict[str, Tree]:
        found: dict[str, Tree] = {}
        if not isinstance(value, Mapping):
            return found
        for key, text in value.entries:
            if key.value not in independents:
                note = "a node has the value that its expression gives it" if key.value in nodes else ""
                hint = "" if note else nearest(key.value, independents)
                self.problems.append(
                    key.problem("unknown-name", f"`{key.value}` is not an independent name", note=note, hint=hint)
                )
            if not isinstance(text, Text):
                self.problems.append(text.at.problem("wrong-type", "a number is expected here"))
                continue
            tree = self._constant(text)
            if tree is not None:
                found[key.value] = tree
        return found

    def _constant(self, text: Text) -> Tree | None:
        parsed = self._expression(text, set())
        if parsed is None:
            return None
        self._check_calls(text, parsed)
        for used, span in parsed.first_use.items():
            self.problems.append(
                text.problem(
                    "not-a-number",
                    f"a value cannot depend on `{used}`",
                    span.start,
                    span.end,
                    hint="give a number, like 0.5, 1/3 or sqrt(2)",
                )
            )
        return None if parsed.names else self._put_in(parsed.tree)


def read_constant(text: str, name: str) -> Tree:
    """Reads a number as `at` takes it: `0.5`, `1/3`, `sqrt(2)`. Raises InputError."""
    source, problems = Source(name, text), list[Diagnostic]()
    tree = _Reader(source, problems)._constant(Text(text, source, 0))
    if tree is None or problems:
        raise InputError(problems)
    return tree


def node_texts_names(texts: dict[Text, Text]) -> list[str]:
    """The names of the nodes."""
    return [key.value for key in texts]


def _count(wanted: int) -> str:
    return "one argument" if wanted == 1 else f"{wanted} arguments"


def sorted_by_need(uses: dict[str, list[str]]) -> tuple[list[str], list[str]]:
    """The names with each one after those it uses (Kahn 1962), and a cycle if there is one, first name repeated last."""
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
