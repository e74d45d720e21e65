"""Reading YAML: text to positioned keys and values, meaning nothing yet. The one module that knows YAML.

Every scalar stays the text that was typed (`no`, `1e-3`); tags, anchors, aliases and second documents are refused, so
nothing is constructed and nothing grows. Read event by event: no recursion, whatever the nesting.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import yaml

from pathdiff.diagnostics import Diagnostic, InputError
from pathdiff.source import Source, Text

_Loader: type = getattr(yaml, "CBaseLoader", yaml.BaseLoader)

MAX_DEPTH = 16
"""How deep a document may nest; a spec needs three levels."""


@dataclass(frozen=True, eq=False, slots=True)
class Mapping:
    """Keys with their values, in the order of the text."""

    at: Text
    entries: list[tuple[Text, Value]] = field(default_factory=list)
    keys: dict[str, Text] = field(default_factory=dict)
    """Where each key stands first."""

    def put(self, key: Text, value: Value) -> None:
        """Adds an entry."""
        self.entries.append((key, value))
        self.keys.setdefault(key.value, key)

    def repeated(self, key: Text) -> Diagnostic | None:
        """The error that a key is there already, if it is."""
        first = self.keys.get(key.value)
        if first is None:
            return None
        place = first.problem("", "").place
        note = f"it stands in line {place.line} already" if place else ""
        return key.problem("duplicate-key", f"`{key.value}` is defined twice", note=note)


@dataclass(frozen=True, eq=False, slots=True)
class Sequence:
    """Values in the order of the text."""

    at: Text
    items: list[Value] = field(default_factory=list)


Value = Text | Mapping | Sequence


def read_yaml(source: Source, problems: list[Diagnostic]) -> Value | None:
    """The one document of a YAML text, or None when there is none. Adds to `problems` what it refuses.

    Raises InputError where the text is not YAML: nothing behind that place can be told.
    """
    root: Value | None = None
    open_values: list[Mapping | Sequence] = []
    keys: list[Text | None] = []
    documents = 0
    try:
        for event in yaml.parse(source.text, Loader=_Loader):
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    problems.append(
                        _at(
                            source,
                            event,
                            "second-document",
                            "a spec is one document",
                            hint="put each spec in a file of its own",
                        )
                    )
                    return root
            elif isinstance(event, yaml.AliasEvent | yaml.ScalarEvent | yaml.CollectionStartEvent):
                _refuse(source, event, problems)
                value = _value(source, event)
                if not open_values:
                    root = value
                else:
                    _store(open_values[-1], keys, value, problems)
                if isinstance(value, Mapping | Sequence):
                    if len(open_values) == MAX_DEPTH:
                        raise InputError(
                            [*problems, _at(source, event, "too-deep", f"a spec nests at most {MAX_DEPTH} levels deep")]
                        )
                    open_values.append(value)
                    keys.append(None)
            elif isinstance(event, yaml.CollectionEndEvent):
                open_values.pop()
                keys.pop()
    except yaml.MarkedYAMLError as error:
        raise InputError([*problems, _not_yaml(source, error)]) from None
    except yaml.reader.ReaderError as error:
        place = error.position if isinstance(error.position, int) else 0
        message = "this character may not stand in a spec"
        raise InputError([*problems, source.diagnostic("bad-character", message, place, place + 1)]) from None
    return root


def _store(parent: Mapping | Sequence, keys: list[Text | None], value: Value, problems: list[Diagnostic]) -> None:
    if isinstance(parent, Sequence):
        parent.items.append(value)
    elif keys[-1] is not None:
        parent.put(keys[-1], value)
        keys[-1] = None
    elif isinstance(value, Text):
        repeated = parent.repeated(value)
        if repeated:
            problems.append(repeated)
        keys[-1] = value
    else:
        problems.append(value.at.problem("wrong-type", "a key is a name, not a list or a mapping"))
        keys[-1] = value.at


def _value(source: Source, event: yaml.NodeEvent) -> Value:
    start, end = _span(event)
    if isinstance(event, yaml.ScalarEvent):
        return _text(source, event.value, start, end, event.style or "")
    if isinstance(event, yaml.AliasEvent):
        return Text(event.anchor or "", source, start)
    place = Text(source.text[start : max(end, start + 1)], source, start)
    return Mapping(place) if isinstance(event, yaml.MappingStartEvent) else Sequence(place)


def _span(event: yaml.Event) -> tuple[int, int]:
    assert event.start_mark is not None
    assert event.end_mark is not None
    return event.start_mark.index, event.end_mark.index


def _refuse(source: Source, event: yaml.NodeEvent, problems: list[Diagnostic]) -> None:
    if isinstance(event, yaml.AliasEvent):
        hint = "a value that begins with `*` needs quotes"
        problems.append(_at(source, event, "alias", "a spec has no aliases", hint=hint))
    elif event.anchor is not None:
        problems.append(
            _at(source, event, "anchor", "a spec has no anchors", hint="a value that begins with `&` needs quotes")
        )
    if getattr(event, "tag", None) is not None:
        problems.append(
            _at(source, event, "tag", "a spec has no tags", hint="a value that begins with `!` needs quotes")
        )


def _at(source: Source, event: yaml.Event, code: str, message: str, *, hint: str = "") -> Diagnostic:
    start, end = _span(event)
    word = source.text[start:end].split(None, 1)
    return source.diagnostic(code, message, start, start + max(1, len(word[0]) if word else 1), hint=hint)


_YAML_HINTS = {
    "mapping values are not allowed": "a value with `: ` in it needs quotes",
    "sequence entries are not allowed": "a value that begins with `- ` needs quotes",
    "found character that cannot start any token": "indent with spaces; a value that begins with @ or % needs quotes",
    "did not find expected ',' or '}'": "inside { } and [ ] a value with a comma needs quotes",
    "did not find expected ',' or ']'": "inside { } and [ ] a value with a comma needs quotes",
    "could not find expected ':'": "a key is followed by a colon and a space",
}


def _not_yaml(source: Source, error: yaml.MarkedYAMLError) -> Diagnostic:
    mark = error.problem_mark or error.context_mark
    place = mark.index if mark is not None else 0
    said = error.problem or "it cannot be read"
    hint = next((hint for part, hint in _YAML_HINTS.items() if part in said), "")
    return source.diagnostic("yaml", f"this is not YAML: {said}", place, place + 1, note=error.context or "", hint=hint)


def _text(source: Source, value: str, start: int, end: int, style: str) -> Text:
    """A scalar with the place of each of its characters: quotes, escapes, folds and indents are passed over."""
    typed = source.text[start:end]
    if typed.startswith(value) and style == "":
        return Text(value, source, start)
    places: list[int] = []
    at = start + (typed.find("\n") + 1 if style in ("|", ">") else 1 if style else 0)
    for char in value:
        if char.isspace():
            places.append(min(at, end - 1))
            while at < end and source.text[at].isspace() and char != source.text[at]:
                at += 1
            if at < end and source.text[at].isspace():
                at += 1
            continue
        while at < end - 1 and source.text[at] != char and source.text[at].isspace():
            at += 1
        places.append(at)
        if style == '"' and source.text[at] == "\\":
            at += {"x": 4, "u": 6, "U": 10}.get(source.text[at + 1], 2)
        elif style == "'" and source.text[at : at + 2] == "''":
            at += 2
        else:
            at += 1
    return Text(value, source, start, places)
