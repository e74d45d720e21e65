"""Reading YAML: text to positioned keys and values, meaning nothing yet. The one module that knows YAML.

Every scalar stays the text that was typed (`no`, `1e-3`); tags, anchors, aliases and second documents are refused, so
nothing is constructed and nothing grows. Read event by event: no recursion, whatever the nesting.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

import yaml

from pathdiff.diagnostics import Diagnostic
from pathdiff.limits import limit, to_raise
from pathdiff.source import Source, Text

_Loader: type = getattr(yaml, "CBaseLoader", yaml.BaseLoader)

_FOREIGN: Final = re.compile(r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""A character that YAML doesn't allow; YAML's readers themselves count bytes where they meet one."""
MAX_DEPTH: Final = 16
"""How deep a document may nest; a spec needs three levels."""
_FLAT: Final = "give the parts of a function nodes of their own, side by side below `nodes`"


_QUOTED: Final = "a key that begins with [ or { needs quotes"
_ONCE: Final = "keep one of the two, or give one another name"


@dataclass(frozen=True, eq=False, slots=True)
class Mapping:
    """Keys with their values, in the order of the text."""

    at: Text
    entries: list[tuple[Text, Value]] = field(default_factory=list)
    keys: dict[str, Text] = field(default_factory=dict)
    """Where each key stands first."""

    def put(self, key: Text, value: Value) -> None:
        """Adds an entry; keys that look alike are alike."""
        key = key.normal
        self.entries.append((key, value))
        self.keys.setdefault(key.value, key)

    def repeated(self, key: Text) -> Diagnostic | None:
        """The error that a key is there already, if it is."""
        first = self.keys.get(key.normal.value)
        if first is None:
            return None
        return key.problem("duplicate-key", f"`{key.value}` is defined twice", note=first.already, hint=_ONCE)


@dataclass(frozen=True, eq=False, slots=True)
class Sequence:
    """Values in the order of the text."""

    at: Text
    items: list[Value] = field(default_factory=list)


Value = Text | Mapping | Sequence


def read_yaml(source: Source, problems: list[Diagnostic]) -> Value | None:
    """The one document of a YAML text, or None when there is none. Adds to `problems` what it refuses.

    Where the text is not YAML, or too much of it, the error that says so is the last problem, and the document ends
    there.
    """
    foreign = _FOREIGN.search(source.text)
    if foreign:
        message = f"the character U+{ord(foreign[0]):04X} may not stand in {source.what}"
        hint = f"{source.what} is a text file, in UTF-8"
        problems.append(source.diagnostic("bad-character", message, *foreign.span(), hint=hint))
        return None
    root: Value | None = None
    open_values: list[Mapping | Sequence] = []
    keys: list[Value | None] = []
    documents = count = 0
    most = limit("values")
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
                            f"{source.what} is one document",
                            hint=_worded(source, "put each spec in a file of its own"),
                        )
                    )
                    return root
            elif isinstance(event, yaml.AliasEvent | yaml.ScalarEvent | yaml.CollectionStartEvent):
                count += 1
                if count > most:
                    message, hint = f"{source.what} has at most {most:,} keys and values", to_raise("values")
                    problems.append(_at(source, event, "too-many-values", message, hint=hint))
                    return None
                _refuse(source, event, problems)
                value = _value(source, event)
                if not open_values:
                    root = value
                else:
                    _store(open_values[-1], keys, value, problems)
                if isinstance(value, Mapping | Sequence):
                    if len(open_values) == MAX_DEPTH:
                        problems.append(_too_deep(source, _span(event)[0]))
                        return root
                    open_values.append(value)
                    keys.append(None)
            elif isinstance(event, yaml.CollectionEndEvent):
                open_values.pop()
                keys.pop()
    except yaml.MarkedYAMLError as error:
        problems.append(_not_yaml(source, error))
    return root


def _store(parent: Mapping | Sequence, keys: list[Value | None], value: Value, problems: list[Diagnostic]) -> None:
    if isinstance(parent, Sequence):
        parent.items.append(value)
    elif keys[-1] is not None:
        if isinstance(keys[-1], Text):
            parent.put(keys[-1], value)
        keys[-1] = None
    elif isinstance(value, Text):
        repeated = parent.repeated(value)
        if repeated:
            problems.append(repeated)
        keys[-1] = value
    else:
        problems.append(value.at.problem("wrong-type", "a key must be a name, not a list or a mapping", hint=_QUOTED))
        keys[-1] = value


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
    has_no, hint = f"{source.what} has no", "a value that begins with `{}` needs quotes"
    if isinstance(event, yaml.AliasEvent):
        problems.append(_at(source, event, "alias", f"{has_no} aliases", hint=hint.format("*")))
    elif event.anchor is not None:
        problems.append(_at(source, event, "anchor", f"{has_no} anchors", hint=hint.format("&")))
    if getattr(event, "tag", None) is not None:
        problems.append(_at(source, event, "tag", f"{has_no} tags", hint=hint.format("!")))


def _at(source: Source, event: yaml.Event, code: str, message: str, *, hint: str = "") -> Diagnostic:
    start, end = _span(event)
    word = source.text[start:end].split(None, 1)
    return source.diagnostic(code, message, start, start + max(1, len(word[0]) if word else 1), hint=hint)


_YAML_HINTS = {
    "mapping values are not allowed": "a value with `: ` in it needs quotes",
    "sequence entries are not allowed": "a value that begins with `- ` needs quotes",
    "mapping keys are not allowed": "a value that begins with `? ` needs quotes",
    "cannot start any token": "indent with spaces; a value that begins with @, ` or % needs quotes",
    "violates indentation": "indent with spaces",
    "expected ',' or '}'": "close { with }; inside { } a value with a comma needs quotes",
    "expected ',' or ']'": "close [ with ]; inside [ ] a value with a comma needs quotes",
    "could not find expected ':'": "a key is followed by a colon and a space",
    "unexpected end of stream": "close this quote",
    "did not find expected key": "the keys of a mapping begin in the same column; nothing follows a value in quotes",
    "alphabetic or numeric character": "a value that begins with * or & needs quotes",
    "unknown escape character": "write the value without quotes, or in single ones",
    "document start": "a spec is one document: put each spec in a file of its own",
    "document indicator": "close the quote before this line",
    "node content": "close [ with ] and { with }; a key has a value",
    "'-' indicator": "the items of a list begin in the same column, each with `- `",
    "indentation indicator": "write | or > alone",
    "comment or line break": "nothing follows | or > in its line",
    "hexdecimal number": r"write \x41, \u0041 or \U00000041, or the sign itself",
    "Unicode character escape": "write the sign itself",
    "incompatible YAML": "take the line that begins with % away",
    "YAML directive": "take the line that begins with % away",
    "directive": "take the line that begins with % away, or put quotes around the value",
    "tag": "a value that begins with ! needs quotes",
    "'!'": "a value that begins with ! needs quotes",
    "unexpected ':'": "a value with a colon needs quotes",
}
_PLAIN_LINES: Final = "a spec is lines `key: value`, indented with spaces; in quotes a value may have any sign"


def _not_yaml(source: Source, error: yaml.MarkedYAMLError) -> Diagnostic:
    mark = error.problem_mark or error.context_mark
    opened = error.context_mark
    if mark is not None and opened is not None and mark.line > opened.line and source.text[opened.index] in "[{'\"":
        mark = opened  # what is never closed is to be found where it opens, not where that was noticed
    place = mark.index if mark is not None else 0
    said = error.problem or "it cannot be read"
    if "nesting depth" in said:  # some of YAML's readers look ahead, and have a limit of their own
        return _too_deep(source, place)
    told = f"{said} {error.context or ''}"
    hint = next((hint for part, hint in _YAML_HINTS.items() if part in told), _PLAIN_LINES)
    hint = _worded(source, hint)
    return source.diagnostic("yaml", f"this is not YAML: {said}", place, place + 1, note=error.context or "", hint=hint)


def _worded(source: Source, hint: str) -> str:
    """A hint about specs, for whatever the text is."""
    return hint.replace("a spec", source.what).replace("each spec", "each" if source.what != "a spec" else "each spec")


def _too_deep(source: Source, place: int) -> Diagnostic:
    message, hint = f"{source.what} nests at most {MAX_DEPTH} levels deep", _FLAT if source.what == "a spec" else ""
    return source.diagnostic("too-deep", message, place, place + 1, hint=hint)


def _text(source: Source, value: str, start: int, end: int, style: str) -> Text:
    """A scalar with the place of each of its characters: quotes, escapes, folds and indents are passed over."""
    start = _PROPERTIES.match(source.text, start, end).end()  # type: ignore[union-attr]  # it matches nothing, too
    if style in ("|", ">"):
        return Text(value, source, start, _places_in_block(source.text, value, start, end))
    if source.text[start:end] == value:
        return Text(value, source, start)
    return Text(value, source, start, _places_in_line(source.text, style, start, end))


_BREAK: Final = r"(?:\r\n|[\r\n\x85\u2028\u2029])"
_BLANKS: Final = rf"(?:[ \t]|{_BREAK})"
_PROPERTIES: Final = re.compile(r"(?:[!&]\S*\s+)*")
_PIECES: Final = {
    style: re.compile(rf"{special}(?P<blank>{_BLANKS}+)|.", re.DOTALL)
    for style, special in {
        "": "",
        "'": r"(?P<escape>'')|",
        '"': rf"\\(?P<joined>{_BREAK}{_BLANKS}*)|(?P<escape>\\(?:x..|u....|U........|.))|",
    }.items()
}


def _places_in_line(text: str, style: str, start: int, end: int) -> list[int]:
    """The places of the characters of a plain or quoted scalar, by the rules that YAML folds lines by."""
    places: list[int] = []
    inner = (start + 1, end - 1) if style else (start, end)
    for piece in _PIECES[style].finditer(text, *inner):
        kind = piece.lastgroup
        breaks = [found.start() for found in re.finditer(_BREAK, piece[0])] if kind in ("blank", "joined") else []
        breaks = [piece.start() + place for place in breaks]
        if kind == "joined" or len(breaks) > 1:  # the first break joins the lines, each of the others stays one
            places += breaks[1:]
        elif breaks:  # a single break is a blank
            places += breaks
        elif kind == "blank":
            places += range(*piece.span())
        else:
            places.append(piece.start())
    return places


def _places_in_block(text: str, value: str, start: int, end: int) -> list[int]:
    """The places of the characters of a block scalar: they stand there as they are, more white space around them."""
    places: list[int] = []
    header = re.compile(_BREAK).search(text, start, end)
    at = header.end() if header else end
    for char in value:
        while at < end and text[at] != char and text[at].isspace():
            at += 1
        places.append(min(at, end - 1))
        if at < end and (text[at] == char or not char.isspace()):
            at += 1
    return places
