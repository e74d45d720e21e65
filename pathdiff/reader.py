"""Reading a spec: positioned keys and values to what they mean, or every error in them at once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from collections.abc import Mapping as MappingOf
from collections.abc import Sequence as SequenceOf
from typing import Final, TypeVar

from pathdiff.calls import Functions, meant, parsed, shown_cycle, sorted_by_need, too_long
from pathdiff.diagnostics import Diagnostic, InputError
from pathdiff.document import Mapping, Sequence, Value, read_yaml
from pathdiff.domain import outside
from pathdiff.expression import Expression, Tree
from pathdiff.functions import KNOWN
from pathdiff.grammar import MAX_NAME, NAME_PATTERN, Parsed
from pathdiff.inline import read_inline
from pathdiff.source import Source, Text
from pathdiff.spec import Node, Spec
from pathdiff.syntax import Span

_Found = TypeVar("_Found")
_NAME: Final = re.compile(NAME_PATTERN)
_KINDS: Final[dict[str, tuple[type, ...]]] = {
    "title": (Text,),
    "inputs": (Sequence, Text),
    "parameters": (Sequence, Text),
    "functions": (Mapping,),
    "nodes": (Mapping,),
    "derive": (Mapping, Sequence, Text),
    "at": (Mapping,),
}
_ENDS: Final = frozenset({"yaml", "too-deep", "too-many-values", "bad-character"})
"""Errors behind which nothing can be told."""
_ALONE: Final = frozenset(
    {
        "bad-function",
        "bad-name",
        "missing-operator",
        "name-too-long",
        "number-too-long",
        "syntax",
        "too-long",
        "unbalanced-bracket",
        "unknown-key",
        "unknown-sign",
    }
)
"""Errors that stay errors whatever the rest of the spec says."""
_LIKE: Final = {
    "title": "title: One neuron with a loss",
    "inputs": "inputs: [x1, x2]",
    "parameters": "parameters: [alpha, beta]",
    "functions": "below `functions:` a line like `sq(t): t**2`",
    "nodes": "below `nodes:` a line like `p: x**2`",
    "derive": "derive: {p: [x, y]}",
    "at": "at: {x: 1, y: 1/2}",
}
"""How the value of each key looks."""
_IN_WORDS: Final[dict[type, str]] = {Text: "text", Sequence: "a list", Mapping: "a mapping"}


def read_spec(text: str, name: str = "<spec>", *, inline: bool = False) -> Spec:
    """Reads a spec from YAML, or from inline text. Raises InputError with every error, in order of place."""
    source, problems = Source(name, text.removeprefix("\ufeff")), list[Diagnostic]()
    if inline:
        return _checked(_Reader(source, problems).read(read_inline(source, problems)), problems)
    document = read_yaml(source, problems)
    ends_early = bool(problems) and problems[-1].code in _ENDS
    found = list(problems)
    spec = None if ends_early and document is None else _Reader(source, found).read(document)
    if ends_early:
        end = problems[-1].place
        found = problems + [
            each
            for each in found[len(problems) :]
            if each.code in _ALONE and each.place and end and each.place.line < end.line
        ]
    return _checked(spec, found)


def build_spec(
    title: str,
    inputs: SequenceOf[str] | None,
    parameters: SequenceOf[str] | None,
    functions: MappingOf[str, str],
    nodes: MappingOf[str, str],
    derive: MappingOf[str, SequenceOf[str]],
    at: MappingOf[str, str],
) -> Spec:
    """A spec from the texts of its parts, as if they stood in a file. Raises InputError."""

    def text(value: str, name: str = "<text>") -> Text:
        return Text(value, Source(name, value), 0)

    def sequence(values: SequenceOf[str]) -> Sequence:
        return Sequence(text(", ".join(values)), [text(value) for value in values])

    def mapping(entries: Iterable[tuple[str, Value]]) -> Mapping:
        found = Mapping(text(""))
        for key, value in entries:
            found.put(text(key), value)
        return found

    parts: list[tuple[str, Value]] = [("title", text(title))] if title else []
    parts += [(key, sequence(v)) for key, v in (("inputs", inputs), ("parameters", parameters)) if v is not None]
    told = (("functions", functions), ("nodes", nodes), ("at", at))
    parts += [(key, mapping((name, text(v, name)) for name, v in values.items())) for key, values in told if values]
    if derive:
        parts.append(("derive", mapping((name, sequence(v)) for name, v in derive.items())))
    problems: list[Diagnostic] = []
    return _checked(_Reader(Source("<spec>", ""), problems).read(mapping(parts)), problems)


def read_constant(text: str, name: str) -> Tree:
    """Reads a number as `at` takes it: `0.5`, `1/3`, `sqrt(2)`. Raises InputError; `name` stands for the text."""
    return read_constant_at(Text(text, Source(name, text), 0))


def read_constant_at(text: Text) -> Tree:
    """The same for a text that knows where it stands."""
    problems: list[Diagnostic] = []
    return _checked(_Reader(text.source, problems).constant(text.normal), problems)


def _checked(found: _Found | None, problems: list[Diagnostic]) -> _Found:
    if found is None or problems:
        raise InputError(problems)
    return found


class _Reader:
    """Goes through the parts of a spec, and collects the problems on the way."""

    def __init__(self, source: Source, problems: list[Diagnostic]) -> None:
        self.source = source
        self.problems = problems
        self.functions = Functions(problems)
        self.hidden: frozenset[str] = frozenset()
        self.undeclared = False
        """Whether inputs or parameters have a wrong type, so that nothing can be said of names."""

    def read(self, document: Value | None) -> Spec | None:
        parts = self._parts(document)
        if parts is None:
            return None
        expressions = [parts[key] for key in ("functions", "nodes", "at") if key in parts]
        beyond = too_long([text for each in expressions if isinstance(each, Mapping) for _, text in each.entries])
        if beyond is not None:
            self.problems.append(beyond)
            return None
        title = parts.get("title")
        inputs, parameters = self._names(parts.get("inputs")), self._names(parts.get("parameters"))
        self.functions.read(self._definitions(parts.get("functions"), "function"))
        texts = [pair for pair in self._definitions(parts.get("nodes"), "node") if self._is_name(pair[0])]
        self._refuse_repeats([*inputs, *parameters], [key for key, _ in texts])
        declared = {name.value for name in (*inputs, *parameters)} | {key.value for key, _ in texts}
        nodes_told = parts.get("nodes")
        without = nodes_told.keys if isinstance(nodes_told, Mapping) else {}
        declared |= set(without)  # a node without an expression is one all the same: its error is told already
        constant = {"pi"} if {"pi", "π"} & declared else set()
        self.hidden = frozenset((self.functions.user.keys() & KNOWN.keys()) | constant)
        read = [(key, text, parsed(text, declared, self.problems)) for key, text in texts]
        told = [name.value for name in inputs]
        if ("inputs" in parts or "parameters" in parts) and not self.undeclared:
            self._refuse_unknown(read, declared)
        else:
            told = [name for name in self._used(read) if name not in declared]
        names = [name.value for name in parameters]
        nodes = {key.value: self._node(key, text, tree, declared) for key, text, tree in read if tree is not None}
        good = {name: node for name, node in nodes.items() if node is not None}
        self._refuse_cycles(read)
        known = [*told, *names, *without]
        derive = self._derive(parts.get("derive"), known)
        at = self._at(parts.get("at"), [*told, *names], nodes)
        shown = title.value if isinstance(title, Text) else ""
        return Spec(shown, tuple(told), tuple(names), good, self.functions.user, derive, at, self.source)

    def _parts(self, document: Value | None) -> dict[str, Value] | None:
        """The values of the spec's keys, each of a kind that the key takes."""
        start = Text(self.source.text[:1], self.source, 0)
        if not isinstance(document, Mapping):
            code, message = "empty-spec", "this spec is empty"
            if isinstance(document, Sequence) or (document is not None and document.value.strip()):
                code, message = "wrong-type", f"a spec must be a mapping, not {_IN_WORDS[type(document)]}"
            hint = "a spec has at least `nodes:` and below it a line like `p: x**2`"
            place = document.at if isinstance(document, Sequence) else document or start
            self.problems.append(place.problem(code, message, hint=hint))
            return None
        parts: dict[str, Value] = {}
        for key, value in document.entries:
            kinds = _KINDS.get(key.value)
            if isinstance(value, Text) and not value.value.strip() and kinds is not None:
                continue  # a key with nothing behind it says nothing
            if kinds is None:
                note = "a spec has the keys " + ", ".join(_KINDS)
                message, hint = f"`{key.value}` is not a key of a spec", meant(key.value, _KINDS, self.problems)
                self.problems.append(key.problem("unknown-key", message, note=note, hint=hint))
            elif isinstance(value, kinds):
                parts.setdefault(key.value, value)
            else:
                place = value if isinstance(value, Text) else value.at
                self.undeclared |= key.value in ("inputs", "parameters")
                message = f"`{key.value}` must be {_IN_WORDS[kinds[0]]}, not {_IN_WORDS[type(value)]}"
                self.problems.append(place.problem("wrong-type", message, hint=_LIKE[key.value]))
        if not getattr(parts.get("nodes"), "entries", None) and not self.problems:
            hint = "add `nodes:` and below it a line `name: expression` for each node"
            self.problems.append(start.problem("missing-nodes", "the spec has no nodes", hint=hint))
        return parts

    def _texts(self, value: Value | None) -> Iterator[Text]:
        """The texts of a list, or the one text."""
        for item in value.items if isinstance(value, Sequence) else [value]:
            if isinstance(item, Text):
                if item.value.strip() or isinstance(value, Sequence):
                    yield item.normal
            elif item is not None:
                hint = "write the name without brackets"
                self.problems.append(item.at.problem("wrong-type", "a name is expected here", hint=hint))

    def _names(self, value: Value | None) -> list[Text]:
        return [name for name in self._texts(value) if self._is_name(name)]

    def _is_name(self, name: Text) -> bool:
        if _NAME.fullmatch(name.value):
            if len(name.value) > MAX_NAME:
                message = f"a name has at most {MAX_NAME:,} characters"
                self.problems.append(name.problem("name-too-long", message, hint="the title says what it means"))
                return False
            return True
        hint = "a name is letters, digits and _, and begins with a letter"
        if name.value.count(")") > name.value.count("("):
            hint = "inside { } and [ ] an expression with a comma needs quotes"
        elif "(" in name.value:
            hint = "a function is defined below `functions`"
        self.problems.append(name.problem("bad-name", f"`{name.value}` cannot be a name", hint=hint))
        return False

    def _definitions(self, mapping: Value | None, what: str) -> Iterator[tuple[Text, Text]]:
        torn = False
        for key, value in mapping.entries if isinstance(mapping, Mapping) else []:
            if torn:  # the rest of an expression that a comma tore
                torn = key.value.count(")") <= key.value.count("(")
            elif not isinstance(value, Text):
                hint = f"write `{key.value}: ` and behind it an expression, in one line"
                message = f"the {what} `{key.value}` needs an expression"
                self.problems.append(key.problem("wrong-type", message, hint=hint))
            elif _is_torn(value):
                torn = True
                at, hint = value.value.rfind("("), "inside { } and [ ] an expression with a comma needs quotes"
                message = "this bracket is not closed before the comma"
                self.problems.append(value.problem("unbalanced-bracket", message, at, at + 1, hint=hint))
            else:
                yield key, value.normal

    def _refuse_repeats(self, independents: list[Text], nodes: list[Text]) -> None:
        """A name is declared once; that a key stands twice in one mapping is said already."""
        first: dict[str, Text] = {}
        for name in [*independents, *({key.value: key for key in nodes}.values())]:
            other = first.setdefault(name.value, name)
            if other is not name:
                message = f"`{name.value}` is declared twice"
                self.problems.append(name.problem("duplicate-name", message, note=other.already))

    def _used(self, read: list[tuple[Text, Text, Parsed | None]]) -> dict[str, None]:
        """The names that expressions use, in order of first use."""
        return {name: None for _, _, tree in read if tree is not None for name in tree.names}

    def _refuse_unknown(self, read: list[tuple[Text, Text, Parsed | None]], declared: set[str]) -> None:
        note = "the spec declares its inputs, so every other name must be a node"
        known = [*declared, "pi"]
        for _, text, tree in read:
            for used, span in tree.first_use.items() if tree is not None else ():
                if used not in declared:
                    message, hint = f"`{used}` is not defined", meant(used, known, self.problems)
                    self.problems.append(
                        text.problem("unknown-name", message, span.start, span.end, note=note, hint=hint)
                    )

    def _node(self, key: Text, text: Text, read: Parsed, declared: set[str]) -> Node | None:
        """The node, abstract where its expression is a call of its own name."""
        name, tree, names = key.value, read.tree, tuple(read.names)
        abstract = tree.kind == "call" and tree.text == name
        own = name if abstract or not self.functions.knows(name) else ""
        good = self.functions.check(text, read, declared, own)
        if name in names:
            span, others = read.first_use[name], ", ".join(other for other in names if other != name)
            self._refuse_itself(text, name, span, f"write `{name}: {name}({others or 'x'})` if it is an abstract node")
        elif abstract:
            if names and all(arg.kind == "slot" for arg in tree.args):
                return Node(name, names, None, None, text)
            hint = "give the expression a node of its own, and write that node's name here"
            if self.functions.knows(name):
                hint = f"to call the function `{name}`, give the node another name"
            message = f"the arguments of the abstract node `{name}` must be names"
            self.problems.append(text.problem("abstract-argument", message, hint=hint))
        elif own and any(call.function == own for call in read.calls):
            span = next(call.span for call in read.calls if call.function == name)
            call = f"{name}: {name}({', '.join(names) or 'x'})"
            self._refuse_itself(text, name, span, f"the expression of an abstract node is the call alone: `{call}`")
        elif good:
            value = self.functions.put_in(tree, text, read)
            return Node(name, names, value, Expression(tree, names), text, self.hidden)
        return None

    def _refuse_itself(self, text: Text, name: str, span: Span, hint: str) -> None:
        message = f"`{name}` is defined by itself"
        self.problems.append(text.problem("self-reference", message, span.start, span.end, hint=hint))

    def _refuse_cycles(self, read: list[tuple[Text, Text, Parsed | None]]) -> None:
        """A node that needs itself by way of others, whatever else is wrong with them."""
        known = {key.value: (text, tree) for key, text, tree in read if tree is not None}
        uses = {
            name: [used for used in tree.names if used in known and used != name] for name, (_, tree) in known.items()
        }
        for cycle in sorted_by_need(uses)[1]:
            text, tree = known[cycle[0]]
            span = tree.first_use[cycle[1]]
            message, hint = f"`{cycle[0]}` needs itself: {shown_cycle(cycle)}", "one of them must not use the next"
            note = "the arrow reads «uses»"
            self.problems.append(text.problem("cycle", message, span.start, span.end, note=note, hint=hint))

    def _derive(self, value: Value | None, known: list[str]) -> dict[str, tuple[str, ...]]:
        """`derive`: a mapping of nodes to names, a list of nodes, or one node."""
        entries: list[tuple[Text, Value | None]] = (
            [(name, None) for name in self._texts(value)] if not isinstance(value, Mapping) else list(value.entries)
        )
        found: dict[str, tuple[str, ...]] = {}
        names_known = frozenset(known)
        for key, names in entries:
            wrt = list(self._texts(names))
            for name in (key, *wrt):
                if name.value not in names_known and (name is key or name.value != "all"):
                    message = f"`{name.value}` is not a node of the spec"
                    hint = meant(name.value, known, self.problems)
                    self.problems.append(name.problem("unknown-name", message, hint=hint))
            found[key.value] = tuple(name.value for name in wrt)
        return found

    def _at(self, value: Value | None, independents: list[str], nodes: MappingOf[str, object]) -> dict[str, Tree]:
        """`at`: a number for each independent name, or for some."""
        found: dict[str, Tree] = {}
        names_known = frozenset(independents)
        for key, text in self._definitions(value, "value"):
            if key.value not in names_known:
                note = "a node has the value that its expression gives it" if key.value in nodes else ""
                hint = "" if note else meant(key.value, independents, self.problems)
                message = f"`{key.value}` is not an independent name"
                self.problems.append(key.problem("unknown-name", message, note=note, hint=hint))
            tree = self.constant(text)
            if tree is not None:
                found[key.value] = tree
        return found

    def constant(self, text: Text) -> Tree | None:
        """A number, perhaps with functions of numbers."""
        read = parsed(text, (), self.problems)
        if read is None:
            return None
        for used, span in read.first_use.items():
            hint = "give a number, like 0.5, 1/3 or sqrt(2)"
            message = f"a value cannot depend on `{used}`"
            self.problems.append(text.problem("not-a-number", message, span.start, span.end, hint=hint))
        if not self.functions.check(text, read) or read.names:
            return None
        tree = self.functions.put_in(read.tree, text, read)
        self.problems += outside(tree, text, self.functions.user)
        return tree


def _is_torn(text: Text) -> bool:
    """Whether a comma of a flow mapping, `{p: max(x, y)}`, ends the text within brackets."""
    after = text.source.text[text.end : text.end + 1]
    return after == "," and text.value.count("(") > text.value.count(")")
