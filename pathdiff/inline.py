"""Reading inline text, `z = x*y; p = sin(z) + x`: a line or a semicolon ends a definition, # begins a comment."""

from __future__ import annotations

import re
from typing import Final

from pathdiff.diagnostics import Diagnostic
from pathdiff.document import Mapping
from pathdiff.source import Source, Text


def read_inline(source: Source, problems: list[Diagnostic]) -> Mapping:
    """The definitions as the mapping that a YAML spec would be: `nodes`, and `functions` for `sq(t) = t^2`."""
    whole = Text(source.text, source, 0)
    nodes, functions = Mapping(whole), Mapping(whole)
    for piece in re.finditer(r"#[^\n]*|[^;\n#]+", source.text):
        definition = whole.slice(*piece.span())
        if not definition.value or definition.value.startswith("#"):
            continue
        equals = definition.value.find("=")
        if equals < 0:
            if _is_yaml(definition.value):
                hint = "this looks like YAML: put it into a file, or pass it to `-`, which is standard input"
                problems.append(definition.problem("no-equals", "inline text has no keys", hint=hint))
                break
            message, hint = "a definition is `name = expression`", f"write `p = {definition.value}`"
            key, colon, rest = definition.value.partition(":")
            if colon and rest:
                hint = f"inline text has `=` in the place of `:`: write `{key.strip()} = {rest.strip()}`"
            problems.append(definition.problem("no-equals", message, hint=hint))
            continue
        name = definition.slice(0, equals)
        into = functions if "(" in name.value else nodes
        repeated = into.repeated(name)
        if repeated:
            problems.append(repeated)
        into.put(name, definition.slice(equals + 1, len(definition.value)))
    if not nodes.entries and not problems:
        message, hint = "there is no definition here", "write `p = x*y`, and `;` between definitions"
        problems.append(whole.problem("missing-nodes", message, hint=hint))
    found = Mapping(whole)
    if functions.entries:
        found.put(Text("functions", source, 0), functions)
    found.put(Text("nodes", source, 0), nodes)
    return found


def _is_yaml(line: str) -> bool:
    return line.partition(":")[0].rstrip() in _KEYS and ":" in line


_KEYS: Final = frozenset({"title", "inputs", "parameters", "functions", "nodes", "derive", "at"})
