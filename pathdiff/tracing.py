"""An ordinary Python function run on values that remember what was done with them: its graph, as texts of nodes.

Operators, `math`, numpy's functions and the builtins abs, min, max and sum are recorded. A local variable that has a
value when the function returns gives its name to it.
"""

from __future__ import annotations

import builtins
import inspect
import math
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import reduce
from operator import mul
from types import CellType, CodeType, FrameType, FunctionType, MethodType, ModuleType
from typing import Any

from pathdiff import expression as ex
from pathdiff.expression import Expression, Tree, postorder, spec_text
from pathdiff.functions import visible_name
from pathdiff.recording import Recorder, Traced, refuse
from pathdiff.writing import node_text


def traced(function: Callable[..., Any]) -> tuple[tuple[str, ...], dict[str, str]]:
    """The inputs of a function, and the texts of its nodes, each after those that it uses. Raises InputError."""
    plain = inspect.unwrap(function)
    bound = (plain.__self__,) if isinstance(plain, MethodType) else ()
    plain = plain.__func__ if isinstance(plain, MethodType) else plain
    if not isinstance(plain, FunctionType):
        refuse("only a function that is written in Python can be traced", "def f(x, y): return x*y")
    names = tuple(_parameters(function))
    recorder = Recorder(names)
    local: dict[str, object] = {}
    copied = _Copies(recorder).function(plain)

    def watch(frame: FrameType, event: str, _: object) -> None:
        if event == "return" and frame.f_code is copied.__code__:
            local.update(frame.f_locals)

    before = sys.getprofile()
    sys.setprofile(watch)
    try:
        result = copied(*bound, *recorder.arguments)
    finally:
        sys.setprofile(before)
    if recorder.refused is not None:
        raise recorder.refused
    results = _results(result, plain.__name__)
    return names, _nodes(recorder, local, results, results if isinstance(result, Mapping) else {})


def _parameters(function: Callable[..., Any]) -> Iterable[str]:
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD, parameter.KEYWORD_ONLY):
            refuse(f"`{parameter}` is no single value", "give each input a parameter of its own: def f(x, y)")
        yield parameter.name


def _results(result: object, function: str) -> dict[str, Traced]:
    """What a function returned, by name: a value, several, or a dictionary of them."""
    if hasattr(result, "tolist"):  # an array of numpy's
        result = result.tolist()
    name = function if function.isidentifier() and function != "<lambda>" else "p"
    if isinstance(result, Mapping):
        found = {str(key): value for key, value in result.items()}
    elif isinstance(result, tuple | list):
        found = {f"{name}_{place}": value for place, value in enumerate(result, 1)}
    else:
        found = {name: result}
    wrong = [value for value in found.values() if not isinstance(value, Traced)]
    if wrong or not found:
        refuse("the function returns something else than what it computes from its arguments", "return a value of them")
    return {key: value for key, value in found.items() if isinstance(value, Traced)}


def _nodes(
    recorder: Recorder, local: Mapping[str, object], results: Mapping[str, Traced], chosen: Mapping[str, object]
) -> dict[str, str]:
    """A node for each value that has a name, for each result, and for what is used in several places."""
    roots = [each.tree for each in results.values()]
    named: dict[Tree, str] = {}
    taken = set(recorder.inputs)
    for name, value in [*chosen.items(), *local.items()]:
        if isinstance(value, Traced) and value.tree.args and name not in taken:
            named.setdefault(value.tree, name)
    order = list(dict.fromkeys(part for root in roots for part in postorder(root)))
    inside = set(order)
    named = {tree: name for tree, name in named.items() if tree in inside}
    taken |= set(named.values())
    aliases: dict[str, Tree] = {}
    for name, value in results.items():
        if value.tree in named or not value.tree.args:
            if named.get(value.tree) != name and (not value.tree.args or len(results) > 1):
                aliases[_free(name, taken)] = value.tree
        else:
            named[value.tree] = _free(name, taken)
    uses = Counter(arg for tree in order for arg in tree.args)
    for tree in order:
        shared = uses[tree] > 1 and tree.args and tree.kind != "neg" and ex.slots_of(tree)
        if shared and tree not in named:
            named[tree] = _free("v1", taken)
    return _texts(recorder, order, named, aliases)


def _texts(
    recorder: Recorder, order: Sequence[Tree], named: Mapping[Tree, str], aliases: Mapping[str, Tree]
) -> dict[str, str]:
    names = list(recorder.inputs)
    hidden = frozenset({"pi"} & {*names, *named.values()})
    stands: dict[Tree, Tree] = {}
    found: dict[str, str] = {}
    for tree in order:
        args = [stands[arg] for arg in tree.args]
        if tree.kind in ("+", "*") and args[0].kind == tree.kind:  # a + b + c is one sum
            args = [*args[0].args, *args[1:]]
        whole = ex.rebuilt(tree, args) if args else tree
        if tree.kind == "pi" and hidden:
            whole = ex.call(visible_name("acos", hidden), ex.neg(ex.ONE))
        stands[tree] = whole
        if tree in named:
            found[named[tree]] = node_text(named[tree], Expression(whole, names))
            names.append(named[tree])
            stands[tree] = ex.slot(len(names) - 1)
    return found | {name: spec_text(Expression(stands[tree], names)) for name, tree in aliases.items()}


def _free(wanted: str, taken: set[str]) -> str:
    base, count = wanted.rstrip("0123456789"), 1
    name = wanted
    while name in taken:
        count += 1
        name = f"{base}{count}" if base != wanted else f"{wanted}_{count}"
    taken.add(name)
    return name


class _Copies:
    """Functions with what they call replaced: those of `math`, which take no traced values, by ones that do."""

    def __init__(self, recorder: Recorder) -> None:
        self.recorder = recorder
        self._globals: dict[int, dict[str, Any]] = {}
        self._functions: dict[int, FunctionType] = {}
        self._math = ModuleType("math")
        for name, value in vars(math).items():
            setattr(self._math, name, self._recording(name, value) if callable(value) else value)

    def function(self, original: FunctionType) -> FunctionType:
        """A copy of a function, and of the functions in Python that it calls by their global names."""
        known = self._functions.get(id(original))
        if known is not None:
            return known
        names = self._globals.setdefault(id(original.__globals__), dict(original.__globals__))
        closure = tuple(CellType() for _ in original.__closure__ or ())
        made = FunctionType(original.__code__, names, original.__name__, original.__defaults__, closure or None)
        made.__kwdefaults__ = original.__kwdefaults__
        self._functions[id(original)] = made
        for name in _names_of(original.__code__):
            if name in original.__globals__:
                names[name] = self._replaced(original.__globals__[name], original)
            elif name in ("min", "max"):
                names[name] = self._recording(name, getattr(builtins, name))
        for cell, old in zip(closure, original.__closure__ or (), strict=True):
            cell.cell_contents = self._replaced(old.cell_contents, original)
        return made

    def _replaced(self, value: Any, within: FunctionType) -> Any:
        if value is math:
            return self._math
        if getattr(value, "__module__", None) == "math" and callable(value):
            return self._recording(value.__name__, value)
        if isinstance(value, FunctionType) and value.__module__ == within.__module__:
            return self.function(value)
        return value

    def _recording(self, name: str, original: Callable[..., Any]) -> Callable[..., Any]:
        def called(*args: Any, **options: Any) -> Any:
            if len(args) == 1 and name in ("min", "max", "fsum", "prod"):
                args = (list(args[0]),)  # which reads an iterator once
                listed = args[0]
            elif name == "prod":
                return called(args[0], start=args[1])
            else:
                listed = list(args)
            inner = [each for arg in listed if isinstance(arg, list | tuple) for each in arg]
            if not any(isinstance(arg, Traced) for arg in [*listed, *inner, *options.values()]):
                return original(*args, **options)
            if options.get("key") is not None:
                refuse(f"`{name}` with a key cannot be traced", "the key would be compared")
            match name:
                case "fsum":
                    return sum(listed[1:], listed[0])
                case "prod":
                    return reduce(mul, listed, options.get("start", 1))
                case "min" | "max" if not listed:
                    return original(*args, **options)
                case "min" | "max" if len(listed) == 1:
                    return listed[0]
            return self.recorder.apply(name, *listed)

        return called


def _names_of(code: CodeType) -> Iterable[str]:
    """The global names that a function uses, and those of the functions defined in it."""
    yield from code.co_names
    for part in code.co_consts:
        if isinstance(part, CodeType):
            yield from _names_of(part)
