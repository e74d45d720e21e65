"""A spec as YAML that reads as the same spec again."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from pathdiff.expression import Expression, call, spec_text
from pathdiff.functions import visible_name
from pathdiff.spec import Spec

_PLAIN: Final = re.compile(r"-?[\w(][\w +*/(),.^′-]*")
"""What YAML reads as it is written: nothing in it but operations and names."""


def spec_yaml(spec: Spec, about: str = "") -> str:
    """The text of a spec, its parts in the order in which a person reads them; `about` is a comment before it.

    >>> from pathdiff.reader import read_spec
    >>> print(spec_yaml(read_spec("z = x*y; p = sin(z)", inline=True)), end="")
    inputs: [x, y]
    nodes:
      z: x*y
      p: sin(z)
    """
    lines = [f"# {line}" for line in about.splitlines()]
    if spec.title:
        lines.append(f"title: {_scalar(spec.title)}")
    lines += [f"inputs: {_listed(spec.inputs)}"] if spec.inputs or not spec.parameters else []
    lines += [f"parameters: {_listed(spec.parameters)}"] if spec.parameters else []
    if spec.functions:
        lines.append("functions:")
        for function in spec.functions.values():
            heading = f"{function.name}({', '.join(function.parameters)})"
            lines.append(f"  {_quoted(heading)}: {_scalar(spec_text(function.written))}")
    lines.append("nodes:")
    for node in spec.nodes.values():
        text = f"{node.name}({', '.join(node.arguments)})" if node.written is None else spec_text(node.written)
        lines.append(f"  {_scalar(node.name)}: {_scalar(text)}")
    if spec.derive:
        lines.append("derive:")
        lines += [f"  {_scalar(name)}: {_listed(wrt)}" for name, wrt in spec.derive.items()]
    if spec.at:
        lines.append("at:")
        lines += [f"  {_scalar(name)}: {_scalar(spec_text(Expression(tree, ())))}" for name, tree in spec.at.items()]
    return "\n".join(lines) + "\n"


def _listed(names: Iterable[str]) -> str:
    return f"[{', '.join(map(_scalar, names))}]"


def _scalar(text: str) -> str:
    return text if _PLAIN.fullmatch(text) and not text.endswith(" ") else _quoted(text)


def _quoted(text: str) -> str:
    """In the double quotes of YAML."""
    return '"' + "".join(map(_escaped, text)) + '"'


def _escaped(sign: str) -> str:
    if sign in '"\\':
        return f"\\{sign}"
    if sign.isprintable():
        return sign
    if "\ud800" <= sign <= "\udfff":
        return "\ufffd"  # half a sign, which no file can have
    return f"\\u{ord(sign):04x}" if ord(sign) < 0x10000 else f"\\U{ord(sign):08x}"


def node_text(name: str, expression: Expression) -> str:
    """The text of a node; one that calls a function of its own name does so by another, for `exp: exp(x)` is abstract.

    >>> from pathdiff.grammar import parse
    >>> node_text("exp", Expression(parse("exp(x)").tree, ["x"]))
    'known_exp(x)'
    """
    tree = expression.tree
    if tree.kind == "call" and tree.text == name:
        expression = Expression(call(visible_name(name, {name}), *tree.args), expression.names)
    return spec_text(expression)
