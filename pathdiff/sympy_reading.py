"""SymPy expressions as texts of nodes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from fractions import Fraction
from itertools import pairwise
from typing import Any, Final

import sympy

from pathdiff import expression as ex
from pathdiff.diagnostics import Diagnostic, InputError
from pathdiff.expression import Expression, Tree
from pathdiff.functions import KNOWN
from pathdiff.writing import node_text

_NAMES: Final = {row.sympy or row.name: row.name for row in KNOWN.values() if not row.composed}
"""The name here of each function that SymPy has."""
DOUBLE: Final = 53
"""The bits of a double."""


def nodes_of(told: Any, *, cse: bool) -> tuple[tuple[str, ...], dict[str, str]]:
    """The symbols of an expression, of a list or of a mapping of names to them, and the texts of their nodes.

    With `cse` what they have in common becomes nodes v1, v2, ... Raises InputError for what pathdiff does not have.
    """
    if getattr(told, "is_Matrix", False):
        told = list(told)
    if isinstance(told, Mapping):
        named = {str(name): _expression(value) for name, value in told.items()}
    elif isinstance(told, Iterable) and not isinstance(told, str | bytes):
        named = {f"p{place}": _expression(value) for place, value in enumerate(told, 1)}
    else:
        named = {"p": _expression(told)}
    symbols = sorted(set().union(*(value.free_symbols for value in named.values())), key=str)
    names = [str(symbol) for symbol in symbols]
    twice = next((name for name, after in pairwise(names) if name == after), None)
    if twice is not None:
        message, hint = f"two symbols with different assumptions are called `{twice}`", "rename one of them"
        raise InputError([Diagnostic("duplicate-name", message, "from_sympy", hint=hint)])
    taken = set(names)
    rename = {name: _free(name, taken) for name in named}
    replacements: list[tuple[Any, Any]] = []
    found = list(named.values())
    if cse:
        fresh = (sympy.Symbol(name) for name in iter(lambda: _free("v1", taken), None))
        replacements, found = sympy.cse(found, symbols=fresh, order="none")
    pairs = [(str(symbol), value) for symbol, value in replacements]
    pairs += [(rename[name], value) for name, value in zip(named, found, strict=True)]
    slots = {name: place for place, name in enumerate([*names, *(str(symbol) for symbol, _ in replacements)])}
    return tuple(names), {name: node_text(name, Expression(_tree(value, slots), list(slots))) for name, value in pairs}


def _expression(value: Any) -> Any:
    """A value as SymPy has it. Text is refused: SymPy would run it as Python. Raises InputError."""
    if isinstance(value, str | bytes):
        message, hint = "text is no SymPy expression", "pathdiff.parse and pathdiff.loads take text"
        raise InputError([Diagnostic("wrong-type", message, "from_sympy", hint=hint)])
    try:
        found = sympy.sympify(value, strict=True)  # noqa: TID251  # which runs no text, nor that of an object
    except sympy.SympifyError:
        found = None
    if not isinstance(found, sympy.Basic):
        message, hint = f"`{str(value)[:60]}` is no SymPy expression", "sympy.symbols, sympy.sin, ..."
        raise InputError([Diagnostic("wrong-type", message, "from_sympy", hint=hint)])
    return found


def _free(wanted: str, taken: set[str]) -> str:
    base, count, name = wanted.rstrip("0123456789"), 1, wanted
    while name in taken:
        count += 1
        name = f"{base}{count}"
    taken.add(name)
    return name


def _tree(root: Any, slots: Mapping[str, int]) -> Tree:
    """The same expression as a tree."""
    done: dict[Any, Tree] = {}
    waiting = [root]
    while waiting:
        part = waiting[-1]
        _refuse_unknown(part)
        missing = [arg for arg in part.args if arg not in done]
        if missing:
            waiting += missing
            continue
        waiting.pop()
        done[part] = _operation(part, [done[arg] for arg in part.args], slots)
    return done[root]


def _refuse_unknown(part: Any) -> None:
    """Raises InputError for an operation that pathdiff lacks, before its arguments, which may be no expressions."""
    known = part.is_Symbol or part.is_Rational or part.is_Float or part.is_Add or part.is_Mul or part.is_Pow
    name = type(part).__name__
    if not (known or part in (sympy.pi, sympy.E) or name in _NAMES or name in ("erfc", "UnevaluatedExpr")):
        message = f"`{name}` of SymPy is nothing that pathdiff knows"
        raise InputError([Diagnostic("unknown-function", message, "from_sympy", hint="rewrite it in known functions")])


def _operation(part: Any, args: list[Tree], slots: Mapping[str, int]) -> Tree:
    if part.is_Symbol:
        return ex.slot(slots[str(part)])
    if part.is_Rational:
        return _rational(Fraction(int(part.p), int(part.q)))
    if part.is_Float:
        # a double has up to 17 digits, of which SymPy shows 15; SymPy's numbers can be smaller, and larger
        short = part._prec <= DOUBLE
        shown = repr(abs(float(part))) if short else str(abs(part))
        if short and not 0 < abs(float(part)) < math.inf:
            shown = str(abs(sympy.Float(part, 17)))
        tree = ex.number(Fraction(shown), shown)
        return ex.neg(tree) if part < 0 else tree
    if part is sympy.pi:
        return ex.PI
    if part is sympy.E:
        return ex.call("exp", ex.ONE)
    if isinstance(part, sympy.UnevaluatedExpr):
        return args[0]
    if part.is_Add:
        return ex.add(*args)
    if part.is_Mul:
        return _product(part, args)
    if part.is_Pow:
        if part.exp == sympy.Rational(1, 2):
            return ex.call("sqrt", args[0])
        return ex.div(ex.ONE, args[0]) if part.exp == -1 else ex.power(*args)
    name = type(part).__name__
    if name == "erfc":
        return ex.add(ex.ONE, ex.neg(ex.call("erf", *args)))
    if name == "Heaviside" and part.args[1:] == (sympy.S.Half,):  # its value at 0
        args = args[:1]
    return ex.call(_NAMES[name], *args)


def _rational(value: Fraction) -> Tree:
    tree = ex.number(abs(value.numerator))
    tree = tree if value.denominator == 1 else ex.div(tree, ex.number(value.denominator))
    return ex.neg(tree) if value < 0 else tree


def _product(part: Any, args: list[Tree]) -> Tree:
    """A product; what has a negative power goes below a line, and a factor of -1 is a minus."""
    above: list[Tree] = []
    below: list[Tree] = []
    negative = False
    for factor, tree in zip(part.args, args, strict=True):
        if tree.kind == "neg" and factor.is_number:
            negative, tree = not negative, tree.args[0]
            if tree == ex.ONE:
                continue
        if tree.kind == "/" and tree.args[0] == ex.ONE:
            below.append(tree.args[1])
        else:
            above.append(tree)
    over = ex.mul(*above) if len(above) > 1 else above[0] if above else ex.ONE
    whole = ex.div(over, ex.mul(*below) if len(below) > 1 else below[0]) if below else over
    return ex.neg(whole) if negative else whole
