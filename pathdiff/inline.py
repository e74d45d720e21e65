"""Reading inline text, `z = x*y; p = sin(z) + x`: a line or a semicolon ends a definition, # begins a comment."""

from __future__ import annotations

import re

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
            message = "a definition is `name = expression`"
            problems.append(definition.problem("no-equals", message, hint=f"write `p = {definition.value}`"))
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
