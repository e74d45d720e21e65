"""The one table of known functions: name, domain, value, derivative, and how it is written as text, in LaTeX, in SymPy.

Every function maps real scalars to a real scalar; angles are in radians. A derivative is written in the spec's own
language, in the parameter names x, y and `own`, the function's own value: the form in which a textbook
gives it. At a kink the derivative is the mean of the two one-sided ones, which is what a central difference gives.
Source of the derivatives: Abramowitz and Stegun (1964), chapters 4 and 7.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Final, Literal

Number = Any
"""An mpmath number (mpf or mpi): mpmath has no types."""
Context = Any
"""An mpmath context, `mpmath.mp` or one like it; it fixes the precision."""


@dataclass(frozen=True, slots=True)
class Function:
    """One known function."""

    name: str
    parameters: tuple[str, ...]
    derivatives: tuple[str, ...]
    """One for each parameter; for a function of any number of arguments, see `selects`."""
    value: Callable[..., Number]
    """Takes an mpmath context and the arguments, all in the domain."""
    latex: str = ""
    """The operator's name in LaTeX; where empty, \\operatorname{name}."""
    domain: Callable[..., bool] = lambda *_: True
    domain_text: str = "every real number"
    kink: str = ""
    """What the function has at 0, where it has no derivative: a "kink" or a "jump"."""
    aliases: tuple[str, ...] = ()
    exact: Callable[..., Fraction | int] | None = None
    """The value for rational arguments, where that is rational too."""
    selects: str = ""
    """For min and max, of two arguments and more: "+" where the larger is picked. The derivative with respect to an
    argument is heaviside of what it is larger than the others, or smaller."""
    slow_growth: bool = False
    """Whether its value takes no longer than others to compute, however large the argument."""
    sign: str = ""
    """What it is called on a terminal; where empty, by its name."""
    shape: Literal["call", "root", "cube root", "bars"] = "call"
    """Whether it is written as a call, or by a sign around its argument."""
    power_before: bool = False
    """Whether its square is written sin²(x)."""
    sympy: str = ""
    """What SymPy calls it; where empty, by its name."""
    composed: str = ""
    """The same in other functions of the table, for SymPy, which has none of that name."""
    rest: Mapping[int, Callable[[Context, Number], Number]] = field(default_factory=dict, hash=False)
    """By powers, 1 minus that power of the value, from the argument: what rounding loses near 1."""
    odd: bool = False
    """Whether f(-x) is -f(x), so that 1 + f(x) is found from `rest` too."""
    accurate: tuple[str, ...] = ()
    """The derivatives once more, where the textbook's lose digits or overflow in floating point: for h = tanh(x) and a
    large x, 1 - h**2 is what rounding left of 1."""
    arrays: tuple[str, ...] = ()
    """What it is called in NumPy, torch and JAX; one name for all three, where empty its own. A name that begins with _
    is a function of `array_functions.py`."""
    array_form: str = ""
    """The same in functions that array libraries have."""


def _softplus(m: Context, x: Number) -> Number:
    return m.log1p(m.exp(x)) if x < 0 else x + m.log1p(m.exp(-x))


def _sigmoid(m: Context, x: Number) -> Number:
    return 1 / (1 + m.exp(-x)) if x >= 0 else m.exp(x) / (1 + m.exp(x))


def _sign(x: Fraction) -> int:
    return (x > 0) - (x < 0)


def _step(x: Fraction) -> Fraction:
    return Fraction(1 + _sign(x), 2)


_X, _XY = ("x",), ("x", "y")

TABLE: tuple[Function, ...] = (
    Function("exp", _X, ("own",), lambda m, x: m.exp(x), r"\exp"),
    Function("log", _X, ("1/x",), lambda m, x: m.log(x), r"\ln", lambda x: x > 0, "x > 0", aliases=("ln",), sign="ln",
             slow_growth=True),
    Function("log2", _X, ("1/(x*log(2))",), lambda m, x: m.log(x) / m.ln2, r"\log_{2}", lambda x: x > 0, "x > 0",
             sign="log₂", composed="log(x)/log(2)", slow_growth=True),
    Function("log10", _X, ("1/(x*log(10))",), lambda m, x: m.log10(x), r"\log_{10}", lambda x: x > 0, "x > 0",
             sign="log₁₀", composed="log(x)/log(10)", slow_growth=True),
    Function("sqrt", _X, ("1/(2*sqrt(x))",), lambda m, x: m.sqrt(x), r"\sqrt", lambda x: x >= 0, "x ≥ 0", shape="root",
             slow_growth=True),
    Function("cbrt", _X, ("1/(3*cbrt(x)**2)",), lambda m, x: m.sign(x) * m.cbrt(abs(x)), r"\sqrt[3]",
             shape="cube root", composed="sign(x)*abs(x)**(1/3)", slow_growth=True,
             arrays=("np.cbrt", "_cbrt", "jnp.cbrt")),
    Function("abs", _X, ("sign(x)",), lambda m, x: abs(x), kink="kink", exact=abs, shape="bars", sympy="Abs",
             slow_growth=True),
    Function("sign", _X, ("0",), lambda m, x: m.sign(x), kink="jump", exact=_sign, aliases=("sgn",), slow_growth=True),
    Function("sin", _X, ("cos(x)",), lambda m, x: m.sin(x), r"\sin", power_before=True),
    Function("cos", _X, ("-sin(x)",), lambda m, x: m.cos(x), r"\cos", power_before=True),
    Function("tan", _X, ("1 + own**2",), lambda m, x: m.tan(x), r"\tan", aliases=("tg",), power_before=True),
    Function("cot", _X, ("-(1 + own**2)",), lambda m, x: m.cot(x), r"\cot", lambda x: x != 0, "x ≠ 0",
             power_before=True,
             array_form="1/tan(x)"),
    Function("sec", _X, ("own*tan(x)",), lambda m, x: m.sec(x), r"\sec", power_before=True,
             array_form="1/cos(x)"),
    Function("csc", _X, ("-own*cot(x)",), lambda m, x: m.csc(x), r"\csc", lambda x: x != 0, "x ≠ 0", power_before=True,
             array_form="1/sin(x)"),
    Function("asin", _X, ("1/sqrt(1 - x**2)",), lambda m, x: m.asin(x), r"\arcsin", lambda x: abs(x) <= 1,
             "−1 ≤ x ≤ 1", aliases=("arcsin",),
             accurate=("1/sqrt((1 - x)*(1 + x))",), arrays=("arcsin",)),
    Function("acos", _X, ("-1/sqrt(1 - x**2)",), lambda m, x: m.acos(x), r"\arccos", lambda x: abs(x) <= 1,
             "−1 ≤ x ≤ 1", aliases=("arccos",),
             accurate=("-1/sqrt((1 - x)*(1 + x))",), arrays=("arccos",)),
    Function("atan", _X, ("1/(1 + x**2)",), lambda m, x: m.atan(x), r"\arctan", aliases=("arctan",), slow_growth=True,
             arrays=("arctan",)),
    Function("acot", _X, ("-1/(1 + x**2)",), lambda m, x: m.atan(1 / x), domain=lambda x: x != 0, domain_text="x ≠ 0",
             aliases=("arccot",),
             array_form="atan(1/x)"),
    Function("asec", _X, ("1/(abs(x)*sqrt(x**2 - 1))",), lambda m, x: m.acos(1 / x), domain=lambda x: abs(x) >= 1,
             domain_text="|x| ≥ 1", aliases=("arcsec",),
             accurate=("1/(abs(x)*sqrt(abs(x) - 1)*sqrt(abs(x) + 1))",), array_form="acos(1/x)"),
    Function("acsc", _X, ("-1/(abs(x)*sqrt(x**2 - 1))",), lambda m, x: m.asin(1 / x), domain=lambda x: abs(x) >= 1,
             domain_text="|x| ≥ 1", aliases=("arccsc",),
             accurate=("-1/(abs(x)*sqrt(abs(x) - 1)*sqrt(abs(x) + 1))",), array_form="asin(1/x)"),
    Function("atan2", ("y", "x"), ("x/(x**2 + y**2)", "-y/(x**2 + y**2)"), lambda m, y, x: m.atan2(y, x),
             domain=lambda y, x: bool(x or y), domain_text="(y, x) ≠ (0, 0)", aliases=("arctan2",),
             arrays=("arctan2",)),
    Function("hypot", _XY, ("x/own", "y/own"), lambda m, x, y: m.hypot(x, y), composed="sqrt(x**2 + y**2)",
             slow_growth=True),
    Function("sinh", _X, ("cosh(x)",), lambda m, x: m.sinh(x), r"\sinh", power_before=True),
    Function("cosh", _X, ("sinh(x)",), lambda m, x: m.cosh(x), r"\cosh", power_before=True),
    Function("tanh", _X, ("1 - own**2",), lambda m, x: m.tanh(x), r"\tanh", power_before=True,
             rest={1: lambda m, x: 2 * _sigmoid(m, -2 * x), 2: lambda m, x: m.sech(x) ** 2}, odd=True,
             accurate=("sech(x)**2",)),
    Function("coth", _X, ("1 - own**2",), lambda m, x: m.coth(x), r"\coth", lambda x: x != 0, "x ≠ 0",
             power_before=True, rest={2: lambda m, x: -(m.csch(x) ** 2)},
             accurate=("-csch(x)**2",), array_form="1/tanh(x)"),
    Function("sech", _X, ("-own*tanh(x)",), lambda m, x: m.sech(x), power_before=True,
             arrays=("_sech",)),
    Function("csch", _X, ("-own*coth(x)",), lambda m, x: m.csch(x), domain=lambda x: x != 0, domain_text="x ≠ 0",
             power_before=True,
             arrays=("_csch",)),
    Function("asinh", _X, ("1/sqrt(x**2 + 1)",), lambda m, x: m.asinh(x), aliases=("arsinh", "arcsinh"),
             slow_growth=True,
             accurate=("1/hypot(x, 1)",), arrays=("arcsinh",)),
    Function("acosh", _X, ("1/sqrt(x**2 - 1)",), lambda m, x: m.acosh(x), domain=lambda x: x >= 1,
             domain_text="x ≥ 1", aliases=("arcosh", "arccosh"),
             accurate=("1/(sqrt(x - 1)*sqrt(x + 1))",), arrays=("arccosh",)),
    Function("atanh", _X, ("1/(1 - x**2)",), lambda m, x: m.atanh(x), domain=lambda x: abs(x) < 1,
             domain_text="−1 < x < 1", aliases=("artanh", "arctanh"),
             accurate=("1/((1 - x)*(1 + x))",), arrays=("arctanh",)),
    Function("acoth", _X, ("1/(1 - x**2)",), lambda m, x: m.atanh(1 / x), domain=lambda x: abs(x) > 1,
             domain_text="|x| > 1", aliases=("arcoth", "arccoth"),
             accurate=("1/((1 - x)*(1 + x))",), array_form="atanh(1/x)"),
    Function("asech", _X, ("-1/(x*sqrt(1 - x**2))",), lambda m, x: m.acosh(1 / x), domain=lambda x: 0 < x <= 1,
             domain_text="0 < x ≤ 1", aliases=("arsech", "arcsech"),
             accurate=("-1/(x*sqrt((1 - x)*(1 + x)))",), array_form="acosh(1/x)"),
    Function("acsch", _X, ("-1/(abs(x)*sqrt(1 + x**2))",), lambda m, x: m.asinh(1 / x), domain=lambda x: x != 0,
             domain_text="x ≠ 0", aliases=("arcsch", "arccsch"),
             accurate=("-1/(abs(x)*hypot(x, 1))",), array_form="asinh(1/x)"),
    Function("erf", _X, ("2/sqrt(pi)*exp(-x**2)",), lambda m, x: m.erf(x),
             rest={1: lambda m, x: m.erfc(x)}, odd=True,
             arrays=("_erf", "torch.erf", "jax.scipy.special.erf")),
    Function("sigmoid", _X, ("own*(1 - own)",), _sigmoid, r"\sigma", aliases=("σ", "sigma", "logistic"),
             sign="σ", composed="1/(1 + exp(-x))", rest={1: lambda m, x: _sigmoid(m, -x)},
             accurate=("own*sigmoid(-x)",), arrays=("_sigmoid", "torch.sigmoid", "jax.nn.sigmoid")),
    Function("softplus", _X, ("sigmoid(x)",), _softplus, composed="log(1 + exp(x))",
             arrays=("_softplus", "_softplus", "jax.nn.softplus")),
    Function("relu", _X, ("heaviside(x)",), lambda m, x: max(x, m.mpf(0)), kink="kink",
             exact=lambda x: max(x, Fraction(0)), aliases=("ReLU",), composed="x*heaviside(x)", slow_growth=True,
             array_form="max(x, 0)"),
    Function("silu", _X, ("own + sigmoid(x)*(1 - own)",), lambda m, x: x * _sigmoid(m, x), aliases=("swish",),
             composed="x/(1 + exp(-x))",
             accurate=("sigmoid(x)*(1 + x*sigmoid(-x))",), array_form="x*sigmoid(x)"),
    Function("gelu", _X, ("(1 + erf(x/sqrt(2)))/2 + x*exp(-x**2/2)/sqrt(2*pi)",),
             lambda m, x: x * m.erfc(-x / m.sqrt(2)) / 2, composed="x*(1 + erf(x/sqrt(2)))/2",
             accurate=("erfc(-x/sqrt(2))/2 + x*exp(-x**2/2)/sqrt(2*pi)",), array_form="x*erfc(-x/sqrt(2))/2"),
    Function("heaviside", _X, ("0",), lambda m, x: (1 + m.sign(x)) / 2, r"\operatorname{H}", kink="jump", exact=_step,
             sympy="Heaviside", slow_growth=True,
             array_form="(1 + sign(x))/2"),
    Function("min", (), (), lambda m, *xs: min(xs), r"\min", exact=min, selects="-", sympy="Min", slow_growth=True,
             arrays=("minimum",)),
    Function("max", (), (), lambda m, *xs: max(xs), r"\max", exact=max, selects="+", sympy="Max", slow_growth=True,
             arrays=("maximum",)),
)  # fmt: skip

ARRAYS_ONLY: tuple[Function, ...] = (
    Function("erfc", _X, ("-2/sqrt(pi)*exp(-x**2)",), lambda m, x: m.erfc(x),
             arrays=("_erfc", "torch.erfc", "jax.scipy.special.erfc")),
    Function("log1p", _X, ("1/(1 + x)",), lambda m, x: m.log1p(x), domain=lambda x: x > -1, domain_text="x > −1"),
    Function("expm1", _X, ("exp(x)",), lambda m, x: m.expm1(x)),
    Function("logaddexp", _XY, ("sigmoid(x - y)", "sigmoid(y - x)"), lambda m, x, y: m.log(m.exp(x) + m.exp(y))),
)  # fmt: skip
"""What `stable.py` writes besides: functions of arrays that a spec cannot call."""

ALWAYS: Final = "known_"
"""`known_log` is the known logarithm even in a spec that has a function `log` of its own, which hides it."""
KNOWN: dict[str, Function] = {name: row for row in TABLE for name in (row.name, *row.aliases, ALWAYS + row.name)}
"""Every name that a spec may call without declaring it."""
ROWS: dict[str, Function] = KNOWN | {row.name: row for row in ARRAYS_ONLY}
"""Every function that a tree may call."""


def visible_name(function: str, hidden: Container[str]) -> str:
    """A name of a known function that the spec's own names don't hide."""
    row = KNOWN[function]
    return next(name for name in (row.name, *row.aliases, ALWAYS + row.name) if name not in hidden)


def called(function: str, library: Literal["np", "torch", "jnp"]) -> str:
    """What code calls a function in NumPy, torch or JAX."""
    row = ROWS[function]
    names = row.arrays or (row.name,)
    name = names[("np", "torch", "jnp").index(library)] if len(names) == 3 else names[0]
    return name if "." in name or name.startswith("_") else f"{library}.{name}"


def arity(function: Function, count: int) -> str:
    """What the function takes, in words, where `count` arguments are not right; else nothing."""
    if function.selects:
        return "" if count >= 2 else "two arguments or more"
    wanted = len(function.parameters)
    return "" if count == wanted else ("one argument" if wanted == 1 else f"{wanted} arguments")
