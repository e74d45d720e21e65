"""Reading a spec: positioned keys and values to what they mean, or every error in them at once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from collections.abc import Mapping as MappingOf
from collections.abc import Sequence as SequenceOf
from typing import Final, TypeVar

from pathdiff.calls import Functions, meant, parsed, shown_cycle, sorted_by_need
from pathdiff.diagnostics import Diagnostic, InputError
from pathdiff.document import Mapping, Sequence, Value, read_yaml
from pathdiff.expression import Expression, Tree
from pathdiff.functions import KNOWN
from pathdiff.grammar import NAME_PATTERN, Parsed
from pathdiff.inline import read_inline
from pathdiff.source import Source, Text
from pathdiff.spec import Node, Spec

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
_IN_WORDS: Final[dict[type, str]] = {Text: "text", Sequence: "a list", Mapping: "a mapping"}


def read_spec(text: str, name: str = "<spec>", *, inline: bool = False) -> Spec:
    """Reads a spec from YAML, or from inline text. Raises InputError with every error, in order of place."""
    source, problems = Source(name, text.removeprefix("\ufeff")), list[Diagnostic]()
    document = read_inline(source, problems) if inline else read_yaml(source, problems)
    return _checked(_Reader(source, problems).read(document), problems)


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
    source, problems = Source(name, text), list[Diagnostic]()
    return _checked(_Reader(source, problems).constant(Text(text, source, 0)), problems)


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

    def read(self, document: Value | None) -> Spec | None:
        parts = self._parts(document)
        if parts is None:
            return None
        title = parts.get("title")
        inputs, parameters = self._names(parts.get("inputs")), self._names(parts.get("parameters"))
        self.functions.read(self._definitions(parts.get("functions"), "function"))
        texts = [pair for pair in self._definitions(parts.get("nodes"), "node") if self._is_name(pair[0])]
        self._refuse_repeats([*inputs, *parameters], [key for key, _ in texts])
        declared = {name.value for name in (*inputs, *parameters)} | {key.value for key, _ in texts}
        constant = {"pi"} if {"pi", "π"} & declared else set()
        self.hidden = frozenset((self.functions.user.keys() & KNOWN.keys()) | constant)
        read = [(key, text, parsed(text, declared, self.problems)) for key, text in texts]
        told = [name.value for name in inputs]
        if "inputs" in parts or "parameters" in parts:
            self._refuse_unknown(read, declared)
        else:
            told = [name for name in self._used(read) if name not in declared]
        names = [name.value for name in parameters]
        nodes = {key.value: self._node(key, text, tree, declared) for key, text, tree in read if tree is not None}
        good = {name: node for name, node in nodes.items() if node is not None}
        self._refuse_cycles(good)
        known = [*told, *names, *(key.value for key, _ in texts)]
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
                message = f"`{key.value}` must be {_IN_WORDS[kinds[0]]}, not {_IN_WORDS[type(value)]}"
                self.problems.append(place.problem("wrong-type", message))
        if not getattr(parts.get("nodes"), "entries", None) and not self.problems:
            hint = "add `nodes:` and below it a line `name: expression` for each node"
            self.problems.append(start.problem("missing-nodes", "the spec has no nodes", hint=hint))
        return parts

    def _texts(self, value: Value | None) -> Iterator[Text]:
        """The texts of a list, or the one text."""
        for item in value.items if isinstance(value, Sequence) else [value]:
            if isinstance(item, Text):
                if item.value.strip() or isinstance(value, Sequence):
                    yield item
            elif item is not None:
                self.problems.append(item.at.problem("wrong-type", "a name is expected here"))

    def _names(self, value: Value | None) -> list[Text]:
        return [name for name in self._texts(value) if self._is_name(name)]

    def _is_name(self, name: Text) -> bool:
        if _NAME.fullmatch(name.value):
            return True
        hint = "a name is letters, digits and _, and begins with a letter"
        if name.value.count(")") > name.value.count("("):
            hint = "inside { } and [ ] an expression with a comma needs quotes"
        elif "(" in name.value:
            hint = "a function is defined below `functions`"
        self.problems.append(name.problem("bad-name", f"`{name.value}` cannot be a name", hint=hint))
        return False

    def _definitions(self, mapping: Value | None, what: str) -> Iterator[tuple[Text, Text]]:
        for key, value in mapping.entries if isinstance(mapping, Mapping) else []:
            if isinstance(value, Text):
                yield key, value
            else:
                self.problems.append(key.problem("wrong-type", f"the {what} `{key.value}` needs an expression"))

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
        if name in names:
            span, others = read.first_use[name], ", ".join(other for other in names if other != name)
            hint = f"write `{name}: {name}({others or 'x'})` if it is an abstract node"
            message = f"`{name}` is defined by itself"
            self.problems.append(text.problem("self-reference", message, span.start, span.end, hint=hint))
            return None
        if tree.kind == "call" and tree.text == name:
            if names and all(arg.kind == "slot" for arg in tree.args):
                return Node(name, names, None, None, text)
            hint = "give the expression a node of its own, and write that node's name here"
            if self.functions.knows(name):
                hint = f"to call the function `{name}`, give the node another name"
            message = f"the arguments of the abstract node `{name}` must be names"
            self.problems.append(text.problem("abstract-argument", message, hint=hint))
            return None
        if any(call.function == name for call in read.calls) and not self.functions.knows(name):
            span = next(call.span for call in read.calls if call.function == name)
            hint = f"the expression of an abstract node is the call alone: `{name}: {name}({', '.join(names) or 'x'})`"
            message = f"`{name}` is defined by itself"
            self.problems.append(text.problem("self-reference", message, span.start, span.end, hint=hint))
            return None
        if not self.functions.check(text, read, declared):
            return None
        value = self.functions.put_in(tree, text, read)
        return Node(name, names, value, Expression(tree, names), text, self.hidden)

    def _refuse_cycles(self, nodes: dict[str, Node]) -> None:
        _, cycles = sorted_by_need({name: [u for u in node.arguments if u in nodes] for name, node in nodes.items()})
        for cycle in cycles:
            text = nodes[cycle[0]].text
            span = parsed(text, nodes, []).first_use[cycle[1]]  # type: ignore[union-attr]  # it was read before
            message = f"`{cycle[0]}` needs itself: {shown_cycle(cycle)}"
            self.problems.append(text.problem("cycle", message, span.start, span.end, note="the arrow reads «uses»"))

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
        good = self.functions.check(text, read) and not read.names
        return self.functions.put_in(read.tree, text, read) if good else None
