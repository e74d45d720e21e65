"""Values that remember what was done with them: operators, and functions by the names that `math` and numpy have."""

from __future__ import annotations

import linecache
import math
import sys
from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import partial, reduce
from typing import Any, Final, NoReturn

from pathdiff import expression as ex
from pathdiff.diagnostics import Diagnostic, InputError, Place
from pathdiff.expression import Expression, Tree, spec_text
from pathdiff.functions import KNOWN

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
    "conjugate": lambda a: a,
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

    def _applied(self, operation: str, *args: object) -> Any:
        if any(getattr(arg, "shape", ()) for arg in args):
            return NotImplemented  # numpy does it with each number of the array
        return self.recorder.apply(operation, *args)

    def __add__(self, other: object) -> Any:
        return self._applied("add", self, other)

    def __radd__(self, other: object) -> Any:
        return self if type(other) is int and not other else self._applied("add", other, self)  # sum() begins with 0

    def __sub__(self, other: object) -> Any:
        return self._applied("subtract", self, other)

    def __rsub__(self, other: object) -> Any:
        return self._applied("subtract", other, self)

    def __mul__(self, other: object) -> Any:
        return self._applied("multiply", self, other)

    def __rmul__(self, other: object) -> Any:
        return self._applied("multiply", other, self)

    def __truediv__(self, other: object) -> Any:
        return self._applied("divide", self, other)

    def __rtruediv__(self, other: object) -> Any:
        return self._applied("divide", other, self)

    def __pow__(self, other: object, modulo: object = None) -> Any:
        if modulo is not None:
            self._no_rounding()
        return self._applied("power", self, other)

    def __rpow__(self, other: object) -> Any:
        return self._applied("power", other, self)

    def __neg__(self) -> Traced:
        return self.recorder.apply("negative", self)

    def __pos__(self) -> Traced:
        return self

    def __abs__(self) -> Traced:
        return self.recorder.apply("abs", self)

    def __array_ufunc__(self, ufunc: Any, method: str, *args: object, **options: object) -> Any:
        if method != "__call__" or options:
            refuse(f"numpy.{ufunc.__name__} with options cannot be traced", "call it with its arguments alone")
        if any(getattr(arg, "shape", ()) for arg in args):
            import numpy as np

            each: Any = np.frompyfunc(partial(self.recorder.apply, ufunc.__name__), len(args), 1)
            return each(*(np.asarray(arg, dtype=object) for arg in args))
        return self.recorder.apply(ufunc.__name__, *args)

    def __getattr__(self, name: str) -> Callable[..., Traced]:
        # numpy calls a function of arrays of objects as a method of each
        if name not in KNOWN and name not in _OPERATORS:
            raise AttributeError(f"a traced value has no attribute {name!r}")
        return partial(self.recorder.apply, name, self)

    def __repr__(self) -> str:
        return spec_text(Expression(self.tree, self.recorder.inputs), 200)

    def __format__(self, _: str) -> str:
        return repr(self)

    def _no_number(self, *_: object) -> NoReturn:
        code, message = "control-flow", "control flow depends on a value, and a value has no number while it is traced"
        try:
            refuse(message, "write it without if, while and comparisons: by max, min, abs, ...", code)
        except InputError as error:
            self.recorder.refused = error  # also if the function catches it
            raise

    def _no_rounding(self, *_: object) -> NoReturn:
        refuse("rounding and remainders are no functions that pathdiff knows", "leave out round(), //, % and the like")

    def _no_conversion(self, *_: object) -> NoReturn:
        message = "something asked for the number of a value, and a value has none while it is traced"
        refuse(message, "import math above the function, not in it; other modules take numpy's functions alone")

    __float__ = __int__ = __index__ = __complex__ = _no_conversion
    __bool__ = __lt__ = __le__ = __gt__ = __ge__ = _no_number
    __eq__ = __ne__ = _no_number
    __round__ = __floor__ = __ceil__ = __trunc__ = _no_rounding
    __floordiv__ = __rfloordiv__ = __mod__ = __rmod__ = __divmod__ = __rdivmod__ = _no_rounding


class Recorder:
    """The values of one run."""

    def __init__(self, names: Sequence[str]) -> None:
        self.inputs = tuple(names)
        self.refused: InputError | None = None
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
            refuse(f"`{operation}` is no function that pathdiff knows", "the README lists those that it knows")
        return Traced(ex.call(KNOWN[name].name, *trees), self)

    def _tree(self, value: object) -> Tree:
        if isinstance(value, Traced):
            if value.recorder is not self:
                refuse("a value of another trace is used", "trace one function, which calls the other")
            return value.tree
        return constant(value)


_CONSTANTS: Final = {math.pi: ex.PI, math.tau: ex.mul(ex.TWO, ex.PI), math.e: ex.call("exp", ex.ONE)}


def constant(value: object) -> Tree:
    """A number of Python or numpy as a tree: exact, a float as its shortest decimal. Raises InputError."""
    if isinstance(value, int | Fraction) and not isinstance(value, bool):
        return _signed(Fraction(value), "")
    try:
        number = math.nan if isinstance(value, bool | str | bytes) else float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number):
        refuse(
            "only real numbers and traced values can be computed with",
            "lists and text are no numbers; put lists into numpy.array()",
        )
    if abs(number) in _CONSTANTS:
        tree = _CONSTANTS[abs(number)]
        return tree if number > 0 else ex.neg(tree)
    return _signed(Fraction(repr(number)), repr(abs(number)))


def _signed(number: Fraction, text: str) -> Tree:
    """A number, with its text if it is a decimal."""
    size = abs(number)
    if size.denominator == 1:
        tree = ex.number(size)
    else:
        tree = ex.number(size, text) if text else ex.div(ex.number(size.numerator), ex.number(size.denominator))
    return ex.neg(tree) if number < 0 else tree


_INNER: Final = ("pathdiff", "numpy")
"""Packages whose lines are not what a user looks for."""


def refuse(message: str, hint: str, other: str = "") -> NoReturn:
    """Raises InputError with the line of the user's that was run."""
    code, frame = "not-traceable", sys._getframe(1)
    while frame.f_globals.get("__name__", "").partition(".")[0] in _INNER and frame.f_back is not None:
        frame = frame.f_back
    line = frame.f_lineno
    text = linecache.getline(frame.f_code.co_filename, line).rstrip("\n")
    start = len(text) - len(text.lstrip()) + 1
    place = Place(line, start, max(start + 1, len(text) + 1)) if text else None
    raise InputError([Diagnostic(other or code, message, frame.f_code.co_filename, place, text, hint=hint)])
