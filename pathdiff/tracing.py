"""An ordinary Python function run on values that remember what was done with them: its graph, as texts of nodes.

Operators, `math`, numpy's functions and the builtins abs, min, max and sum are recorded. A local variable that has a
value when the function returns gives its name to it.
"""

from __future__ import annotations

import builtins
import inspect
import linecache
import math
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from functools import partial, reduce
from operator import mul
from types import CellType, CodeType, FrameType, FunctionType, ModuleType
from typing import Any, Final, NoReturn

from pathdiff import expression as ex
from pathdiff.diagnostics import Diagnostic, InputError, Place
from pathdiff.expression import Expression, Tree, postorder, spec_text
from pathdiff.functions import KNOWN, visible_name
from pathdiff.writing import node_text

_OPERATORS: Final[dict[str, Callable[..., Tree]]] = {
    "add": ex.add,
    "subtract": lambda a, b: ex.add(a, ex.neg(b)),
    "multiply": ex.mul,
    "divide": ex.div,
    "true_divide": ex.div,
    "power": ex.power,
    "float_power": ex.power,
    "pow": ex.power,
    "negative": ex.neg,
    "positive": lambda a: a,
    "square": lambda a: ex.power(a, ex.TWO),
    "reciprocal": lambda a: ex.div(ex.ONE, a),
    "exp2": lambda a: ex.power(ex.TWO, a),
    "expm1": lambda a: ex.add(ex.call("exp", a), ex.neg(ex.ONE)),
    "log1p": lambda a: ex.call("log", ex.add(ex.ONE, a)),
    "logaddexp": lambda a, b: ex.call("log", ex.add(ex.call("exp", a), ex.call("exp", b))),
    "erfc": lambda a: ex.add(ex.ONE, ex.neg(ex.call("erf", a))),
    "degrees": lambda a: ex.div(ex.mul(a, ex.number(180)), ex.PI),
    "radians": lambda a: ex.div(ex.mul(a, ex.PI), ex.number(180)),
}
_CALLED: Final = {
    "absolute": "abs", "fabs": "abs", "maximum": "max", "minimum": "min", "fmax": "max", "fmin": "min", "sign": "sign",
}  # fmt: skip


class Traced:
    """A value of which only the expression is known: what a function is run on to see what it computes."""

    __slots__ = ("recorder", "tree")
    __hash__ = object.__hash__

    def __init__(self, tree: Tree, recorder: Recorder) -> None:
        self.tree = tree
        self.recorder = recorder

    def __add__(self, other: object) -> Traced:
        return self.recorder.apply("add", self, other)

    def __radd__(self, other: object) -> Traced:
        return self if other == 0 else self.recorder.apply("add", other, self)  # sum() begins with 0

    def __sub__(self, other: object) -> Traced:
        return self.recorder.apply("subtract", self, other)

    def __rsub__(self, other: object) -> Traced:
        return self.recorder.apply("subtract", other, self)

    def __mul__(self, other: object) -> Traced:
        return self.recorder.apply("multiply", self, other)

    def __rmul__(self, other: object) -> Traced:
        return self.recorder.apply("multiply", other, self)

    def __truediv__(self, other: object) -> Traced:
        return self.recorder.apply("divide", self, other)

    def __rtruediv__(self, other: object) -> Traced:
        return self.recorder.apply("divide", other, self)

    def __pow__(self, other: object) -> Traced:
        return self.recorder.apply("power", self, other)

    def __rpow__(self, other: object) -> Traced:
        return self.recorder.apply("power", other, self)

    def __neg__(self) -> Traced:
        return self.recorder.apply("negative", self)

    def __pos__(self) -> Traced:
        return self

    def __abs__(self) -> Traced:
        return self.recorder.apply("abs", self)

    def __array_ufunc__(self, ufunc: Any, method: str, *args: object, **options: object) -> Traced:
        if method != "__call__" or options:
            _refuse(f"numpy.{ufunc.__name__} with options cannot be traced", "call it with its arguments alone")
        return self.recorder.apply(ufunc.__name__, *args)

    def _no_number(self, *_: object) -> NoReturn:
        code, message = "control-flow", "control flow depends on a value, and a value has no number while it is traced"
        _refuse(message, "write it without if, while, int and comparisons: by max, min, abs, ...", code)

    def _no_conversion(self, *_: object) -> NoReturn:
        message = "something asked for the number of a value, and a value has none while it is traced"
        _refuse(message, "import math above the function, not in it; leave out float() and int()")

    __float__ = __int__ = __index__ = _no_conversion
    __bool__ = __lt__ = __le__ = __gt__ = __ge__ = _no_number
    __eq__ = __ne__ = _no_number
    __round__ = __floor__ = __ceil__ = __trunc__ = __floordiv__ = __mod__ = _no_number


class Recorder:
    """The values of one run."""

    def __init__(self, names: Sequence[str]) -> None:
        self.inputs = tuple(names)
        self.arguments = [Traced(ex.slot(place), self) for place in range(len(names))]

    def apply(self, operation: str, *args: object) -> Traced:
        """The value of an operation, by the name that numpy or `math` has for it. Raises InputError."""
        trees = [self._tree(arg) for arg in args]
        if operation in _OPERATORS:
            return Traced(_OPERATORS[operation](*trees), self)
        name = _CALLED.get(operation, operation)
        if name == "log" and len(trees) == 2:
            return Traced(ex.div(ex.call("log", trees[0]), ex.call("log", trees[1])), self)
        if name == "hypot" and len(trees) != 2:  # of `math`, which takes any number
            first, *others = trees or [ex.ZERO]
            return Traced(reduce(partial(ex.call, "hypot"), others, first if others else ex.call("abs", first)), self)
        if name not in KNOWN:
            _refuse(f"`{operation}` is no function that pathdiff knows", "the README lists those that it knows")
        return Traced(ex.call(KNOWN[name].name, *trees), self)

    def _tree(self, value: object) -> Tree:
        if isinstance(value, Traced):
            if value.recorder is not self:
                _refuse("a value of another trace is used", "trace one function, which calls the other")
            return value.tree
        return constant(value)


def constant(value: object) -> Tree:
    """A number of Python or numpy as a tree: exact, a float as its shortest decimal. Raises InputError."""
    if isinstance(value, int | Fraction) and not isinstance(value, bool):
        return _signed(Fraction(value), "")
    try:
        number = math.nan if isinstance(value, bool | str | bytes) else float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number):
        _refuse("only real numbers and traced values can be computed with", "arrays and text cannot be traced")
    if abs(number) == math.pi:
        return ex.PI if number > 0 else ex.neg(ex.PI)
    return _signed(Fraction(repr(number)), repr(abs(number)))


def _signed(number: Fraction, text: str) -> Tree:
    """A number, with its text if it is a decimal."""
    size = abs(number)
    if size.denominator == 1:
        tree = ex.number(size)
    else:
        tree = ex.number(size, text) if text else ex.div(ex.number(size.numerator), ex.number(size.denominator))
    return ex.neg(tree) if number < 0 else tree


def traced(function: Callable[..., Any]) -> tuple[tuple[str, ...], dict[str, str]]:
    """The inputs of a function, and the texts of its nodes, each after those that it uses. Raises InputError."""
    names = tuple(_parameters(function))
    recorder = Recorder(names)
    plain = inspect.unwrap(function)
    if not isinstance(plain, FunctionType):
        _refuse("only a function that is written in Python can be traced", "def f(x, y): return x*y")
    local: dict[str, object] = {}
    copied = _Copies(recorder).function(plain)

    def watch(frame: FrameType, event: str, _: object) -> None:
        if event == "return" and frame.f_code is copied.__code__:
            local.update(frame.f_locals)

    before = sys.getprofile()
    sys.setprofile(watch)
    try:
        result = copied(*recorder.arguments)
    finally:
        sys.setprofile(before)
    results = _results(result, plain.__name__)
    return names, _nodes(recorder, local, results, results if isinstance(result, Mapping) else {})


def _parameters(function: Callable[..., Any]) -> Iterable[str]:
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD, parameter.KEYWORD_ONLY):
            _refuse(f"`{parameter}` is no single value", "give each input a parameter of its own: def f(x, y)")
        yield parameter.name


def _results(result: object, function: str) -> dict[str, Traced]:
    """What a function returned, by name: a value, several, or a dictionary of them."""
    name = function if function.isidentifier() and function != "<lambda>" else "p"
    if isinstance(result, Mapping):
        found = {str(key): value for key, value in result.items()}
    elif isinstance(result, tuple | list):
        found = {f"{name}_{place}": value for place, value in enumerate(result, 1)}
    else:
        found = {name: result}
    wrong = [value for value in found.values() if not isinstance(value, Traced)]
    if wrong or not found:
        _refuse(
            "the function returns something else than what it computes from its arguments", "return a value of them"
        )
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
            if not any(isinstance(arg, Traced) for arg in [*listed, *options.values()]):
                return original(*args, **options)
            if options.get("key") is not None:
                _refuse(f"`{name}` with a key cannot be traced", "the key would be compared")
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


def _refuse(message: str, hint: str, other: str = "") -> NoReturn:
    """Raises InputError with the line of the user's that was run."""
    code, frame = "not-traceable", sys._getframe(1)
    while frame.f_globals.get("__name__") == __name__ and frame.f_back is not None:
        frame = frame.f_back
    line = frame.f_lineno
    text = linecache.getline(frame.f_code.co_filename, line).rstrip("\n")
    start = len(text) - len(text.lstrip()) + 1
    place = Place(line, start, max(start + 1, len(text) + 1)) if text else None
    raise InputError([Diagnostic(other or code, message, frame.f_code.co_filename, place, text, hint=hint)])
