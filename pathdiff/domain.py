"""Where an expression has no real value: which operation of the text it is, and what is said of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from pathdiff import expression as ex
from pathdiff.calls import put_in_part
from pathdiff.diagnostics import Diagnostic
from pathdiff.expression import Expression, Tree, slots_of, spec_text
from pathdiff.grammar import operations
from pathdiff.numeric import NotReal, TooLarge, described, shortly
from pathdiff.points import LEVELS, Known, with_digits
from pathdiff.source import Text
from pathdiff.spec import Spec, UserFunction
from pathdiff.syntax import Span


def no_value(
    error: NotReal,
    said: str,
    text: Text,
    names: Sequence[str],
    functions: Mapping[str, UserFunction],
    known: Mapping[str, Known] = MappingProxyType({}),
) -> Diagnostic:
    """The error that an expression in these names has no real value, with the operation marked in its text.

    The note says what the `known` ones of the names in the operation are.
    """
    span = _operation(error.tree, text.value, names, functions)
    where = values_in(error.tree, names, known)
    note, hint, code = f"the operation is `{described(error, names, '')}`{where and ','}{where}", "", "outside-domain"
    if isinstance(error, TooLarge):
        code, said = "too-large-to-compute", said.replace("has no value", "cannot be computed")
        hint = "without a point there are formulas all the same"
    return text.problem(code, f"{said} {error.reason}", span.start, span.end, note=note, hint=hint)


def no_label(error: NotReal, label: Expression, name: str, text: Text, known: Mapping[str, Known]) -> Diagnostic:
    """The error that the label of a node with this text has no value at a point."""
    code = "too-large-to-compute" if isinstance(error, TooLarge) else "outside-domain"
    message = f"{name} {error.fault} at this point: {error.reason}{operation_at(error, label, known)}"
    return text.problem(code, message)


def operation_at(error: NotReal, label: Expression, known: Mapping[str, Known]) -> str:
    """Which operation of a label has no value, and the values of the names in it, in words."""
    assert not isinstance(label.names, Mapping)
    operation = spec_text(Expression(error.tree, label.names, label.own), 200)
    return f" in {operation}{values_in(error.tree, label.names, known, label.own)}"


def values_in(tree: Tree, names: Sequence[str], known: Mapping[str, Known], own: str = "") -> str:
    """The values of the first names in an operation, in words, or nothing where none is known."""
    used = [Expression(tree, names, own).name(slot) for slot in slots_of(tree)][:4]
    context = with_digits(LEVELS[1])
    values = [f"{name} = {shortly(known[name].value(context), context)}" for name in used if name in known]
    return f" where {', '.join(values)}" if values else ""


def outside(constant: Tree, text: Text, functions: Mapping[str, UserFunction]) -> list[Diagnostic]:
    """The error that an expression without names has no real value, if that is so."""
    try:
        Known(constant, {}, lambda: False)
    except NotReal as error:
        return [no_value(error, "this value is", text, (), functions)]
    return []


def nowhere_real(spec: Spec) -> list[str]:
    """For each node that has no value at any point, as far as constants tell: which operation it is, in words."""
    found = []
    for name, node in spec.nodes.items():
        try:
            _refuse_constants(node.tree)
        except NotReal as error:
            operation = described(error, node.arguments, name)
            found.append(f"{name} has no value at any point: {operation} is {error.reason}")
    return found


def _refuse_constants(tree: Tree | None) -> None:
    """Raises NotReal for an operation on constants that has no value, as log(-1), and for a division by 0 or x - x."""
    constant: set[Tree] = set()
    for part in ex.postorder(tree) if tree else ():
        if part.kind != "slot" and all(arg in constant for arg in part.args):
            constant.add(part)
            if not _may_be_real(part):
                raise NotReal(part, "no real number")
        elif part.kind == "/" and _is_zero(part.args[1], constant):
            raise NotReal(part, "a division by 0")


def _may_be_real(constant: Tree) -> bool:
    try:
        Known(constant, {}, lambda: False)
    except NotReal as error:
        return isinstance(error, TooLarge) or error.tree is not constant or "digits" in error.reason
    return True


def _is_zero(tree: Tree, constant: set[Tree]) -> bool:
    if tree in constant:
        return _may_be_real(tree) and not Known(tree, {}, lambda: False).value(with_digits(LEVELS[1]))
    taken = [arg.args[0] for arg in tree.args if arg.kind == "neg"]
    return tree.kind == "+" and Counter(taken) == Counter(arg for arg in tree.args if arg.kind != "neg")


def _operation(wanted: Tree, text: str, names: Sequence[str], functions: Mapping[str, UserFunction]) -> Span:
    """Where an operation stands in a text: itself, or the call of the function that puts it in, or else all of it."""
    found = operations(text, names)
    meant: dict[Tree, Tree] = {}
    for part in ex.postorder(found[-1][0]) if found else ():
        meant[part] = put_in_part(part, [meant[arg] for arg in part.args], functions)
    for part, span in found:
        if meant[part] is wanted:
            return span
    for part, span in found:
        if part.kind == "call" and part.text in functions and wanted in ex.postorder(meant[part]):
            return span
    return Span(0, len(text))
