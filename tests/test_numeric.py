"""Values at a point: exact to the last digit where they are real numbers, a reason in words where they are not."""

from __future__ import annotations

from typing import Any

import mpmath
import pytest

from pathdiff.explain import explained
from pathdiff.expression import number
from pathdiff.functions import KNOWN, TABLE, Function, arity
from pathdiff.grammar import parse
from pathdiff.numeric import NotReal, described, forward_pass, kinks, value
from pathdiff.reader import read_spec


def value_of(text: str, *arguments: float | str, digits: int = 30) -> Any:
    context = mpmath.mp.clone()
    context.dps = digits
    return value(parse(text).tree, [context.mpf(argument) for argument in arguments], context)


def shown(text: str) -> str:
    """The value to 20 digits, without zeros at their end."""
    return str(mpmath.nstr(value_of(text), 20)).removesuffix(".0")


# From tables and closed forms, not from here: Abramowitz and Stegun; pi/4 = 0.78539816339744830962 and so on.
@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1/3 + 1/6", "0.5"),
        ("0.1 + 0.2", "0.3"),
        ("2^3^2", "512"),
        ("-3^2", "-9"),
        ("(-3)^3", "-27"),
        ("(-2)^-3", "-0.125"),
        ("0^0", "1"),
        ("0^2.5", "0"),
        ("4^0.5", "2"),
        ("pi", "3.1415926535897932385"),
        ("exp(1)", "2.7182818284590452354"),
        ("log(10)", "2.302585092994045684"),
        ("ln(exp(3))", "3"),
        ("log2(8)", "3"),
        ("log2(10)", "3.3219280948873623479"),
        ("log10(1000)", "3"),
        ("sqrt(2)", "1.4142135623730950488"),
        ("cbrt(-8)", "-2"),
        ("cbrt(2)", "1.2599210498948731648"),
        ("cbrt(0)", "0"),
        ("abs(-2.5)", "2.5"),
        ("sign(-3)", "-1"),
        ("sign(0)", "0"),
        ("sgn(0.1)", "1"),
        ("sin(1)", "0.84147098480789650665"),
        ("cos(1)", "0.5403023058681397174"),
        ("tan(pi/4)", "1"),
        ("tg(1)", "1.5574077246549022305"),
        ("cot(pi/4)", "1"),
        ("sec(pi/3)", "2"),
        ("csc(pi/6)", "2"),
        ("asin(1)", "1.5707963267948966192"),
        ("arcsin(-1/2)", "-0.52359877559829887308"),
        ("acos(-1)", "3.1415926535897932385"),
        ("atan(1)", "0.78539816339744830962"),
        ("acot(-1)", "-0.78539816339744830962"),
        ("asec(-2)", "2.0943951023931954923"),
        ("asec(2)", "1.0471975511965977462"),
        ("acsc(-2)", "-0.52359877559829887308"),
        ("atan2(1, -1)", "2.3561944901923449288"),
        ("atan2(-1, -1)", "-2.3561944901923449288"),
        ("atan2(1, 0)", "1.5707963267948966192"),
        ("atan2(0, -1)", "3.1415926535897932385"),
        ("hypot(3, -4)", "5"),
        ("sinh(1)", "1.1752011936438014569"),
        ("cosh(1)", "1.5430806348152437785"),
        ("tanh(1)", "0.76159415595576488812"),
        ("coth(1)", "1.3130352854993313036"),
        ("sech(1)", "0.64805427366388539957"),
        ("csch(1)", "0.85091812823932154513"),
        ("asinh(1)", "0.88137358701954302523"),
        ("acosh(2)", "1.3169578969248167086"),
        ("atanh(1/2)", "0.5493061443340548457"),
        ("acoth(2)", "0.5493061443340548457"),
        ("acoth(-2)", "-0.5493061443340548457"),
        ("asech(1/2)", "1.3169578969248167086"),
        ("acsch(-1)", "-0.88137358701954302523"),
        ("erf(1)", "0.84270079294971486934"),
        ("sigmoid(0)", "0.5"),
        ("logistic(1)", "0.73105857863000487925"),
        ("σ(-1)", "0.26894142136999512075"),
        ("softplus(0)", "0.69314718055994530942"),
        ("softplus(-100)", "3.720075976020835963e-44"),
        ("relu(-1)", "0"),
        ("relu(0)", "0"),
        ("ReLU(2.5)", "2.5"),
        ("silu(1)", "0.73105857863000487925"),
        ("swish(-1)", "-0.26894142136999512075"),
        ("gelu(1)", "0.84134474606854294859"),
        ("gelu(-1)", "-0.15865525393145705141"),
        ("heaviside(-1)", "0"),
        ("heaviside(0)", "0.5"),
        ("heaviside(1)", "1"),
        ("min(3, -1, 2)", "-1"),
        ("max(3, -1, 2)", "3"),
    ],
)
def test_values(text: str, number: str) -> None:
    assert shown(text) == number


@pytest.mark.parametrize(
    ("text", "arguments", "reason"),
    [
        ("1/x", [0], "a division by 0"),
        ("x/(y - y)", [1, 2], "a division by 0"),
        ("x^-1", [0], "a division by 0"),
        ("x^0.5", [-2], "the power 0.5 of the negative number -2"),
        ("x^(1/3)", [-8], "the power 0.333333 of the negative number -8"),
        ("log(x)", [-1], "log(-1), which is defined for x > 0 only"),
        ("ln(x)", [0], "log(0), which is defined for x > 0 only"),
        ("sqrt(x)", [-4], "sqrt(-4), which is defined for x ≥ 0 only"),
        ("asin(x)", ["1.5"], "asin(1.5), which is defined for −1 ≤ x ≤ 1 only"),
        ("acos(x)", [-2], "acos(-2), which is defined for −1 ≤ x ≤ 1 only"),
        ("asec(x)", ["0.5"], "asec(0.5), which is defined for |x| ≥ 1 only"),
        ("acosh(x)", ["0.5"], "acosh(0.5), which is defined for x ≥ 1 only"),
        ("atanh(x)", [1], "atanh(1), which is defined for −1 < x < 1 only"),
        ("acoth(x)", [1], "acoth(1), which is defined for |x| > 1 only"),
        ("asech(x)", [0], "asech(0), which is defined for 0 < x ≤ 1 only"),
        ("cot(x)", [0], "cot(0), which is defined for x ≠ 0 only"),
        ("csch(x)", [0], "csch(0), which is defined for x ≠ 0 only"),
        ("atan2(y, x)", [0, 0], "atan2(0, 0), which is defined for (y, x) ≠ (0, 0) only"),
        ("9**9**9**9*x", [1], "a power whose exponent or logarithm is beyond 2^4096"),
        ("exp(exp(exp(exp(x))))", [10], "an argument of exp beyond 2^4096"),
    ],
)
def test_what_has_no_real_value_says_why(text: str, arguments: list[float | str], reason: str) -> None:
    with pytest.raises(NotReal) as met:
        value_of(text.replace("ln(", "log("), *arguments)
    assert met.value.reason == reason


def test_the_operation_without_a_value_is_shown_in_the_names_of_the_node() -> None:
    read = parse("a + log(b - 2*c)")
    with pytest.raises(NotReal) as met:
        value(read.tree, [mpmath.mpf(1)] * 3, mpmath.mp)
    assert described(met.value, read.names, "p") == "log(b - 2*c)"


@pytest.mark.parametrize(
    "text",
    ["9**9**9", "10**10**10*x", "(3*x)^1000000000", "x^(10^10)", "exp(x)^(10^9)", "sin(10^1000)", "tan(1e-1000)"],
)
def test_huge_and_tiny_values_are_computed_at_once(text: str) -> None:
    assert mpmath.isfinite(value_of(text, *["0.7"] * len(parse(text).names)))


def test_precision_is_that_of_the_context() -> None:
    assert str(value_of("1/3", digits=40)) == "0." + "3" * 40
    exact = value_of("sin(x)", "0.5", digits=60)
    assert abs(exact - value_of("sin(x)", "0.5", digits=40)) < mpmath.mpf(10) ** -40
    assert mpmath.mp.dps == 15


def test_forward_pass() -> None:
    spec = read_spec("b = sin(a); a = x*y; q = q(a); r = q + b; c = 3*a", inline=True)
    point = {"x": mpmath.mpf(2), "y": mpmath.mpf(3)}
    values = forward_pass(spec.nodes, ["x", "y", "a", "b", "q", "r", "c"], point, mpmath.mp)
    assert values == {"x": 2, "y": 3, "a": 6, "b": mpmath.sin(6), "c": 18}
    values = forward_pass(spec.nodes, ["x", "y", "a", "b", "q", "r", "c"], {**point, "q": mpmath.mpf(1)}, mpmath.mp)
    assert values["r"] == 1 + mpmath.sin(6)


def test_the_node_without_a_value_is_told() -> None:
    spec = read_spec("a = x - 1; b = 1/a; c = b", inline=True)
    with pytest.raises(NotReal) as met:
        forward_pass(spec.nodes, ["x", "a", "b", "c"], {"x": mpmath.mpf(1)}, mpmath.mp)
    assert met.value.__notes__ == ["b"]


MEAN = "the mean of the two one-sided derivatives is taken"
NONE = "it has no derivative there, and 0 is taken, its derivative on both sides"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("p = relu(x)", [f"relu(x) at its kink in p: {MEAN}"]),
        ("p = abs(x) + x", [f"abs(x) at its kink in p: {MEAN}"]),
        ("p = heaviside(x)", [f"heaviside(x) at its jump in p: {NONE}"]),
        ("p = sign(2*x)", [f"sign(2*x) at its jump in p: {NONE}"]),
        ("a = x + 0; p = max(a, x)", [f"two equal arguments of max(a, x) in p: {MEAN}"]),
        ("p = min(x, 1, 0*x)", [f"two equal arguments of min(x, 1, 0*x) in p: {MEAN}"]),
        ("p = max(x, 1) + sin(x)", []),
        # No kink: the arguments are the same, or do not change.
        ("p = max(x, x)", []),
        ("p = abs(0) + max(1, 1, x)", []),
    ],
)
def test_kinks_are_told(text: str, found: list[str]) -> None:
    spec = read_spec(text, inline=True)
    values = forward_pass(spec.nodes, ["x", "a", "p"], {"x": mpmath.mpf(0)}, mpmath.mp)
    assert kinks(spec.nodes, values, mpmath.mp) == found


@pytest.mark.parametrize(
    ("text", "wrt", "found"),
    [
        ("q = relu(x); p = x*y + 0*q", "y", []),
        ("q = relu(x); p = x*y + 0*q", "x", [f"relu(x) at its kink in q: {MEAN}"]),
        ("p = relu(x)*y", "y", []),
        ("p = max(x, z, y - 1)", "y", []),
        ("p = max(x, z, y - 1)", "z", [f"two equal arguments of max(x, z, y - 1) in p: {MEAN}"]),
    ],
)
def test_a_kink_that_a_derivative_does_not_meet_is_not_told(text: str, wrt: str, found: list[str]) -> None:
    zero = dict.fromkeys(["x", "y", "z"], number(0))
    spec = read_spec(text, inline=True)
    at = {name: each for name, each in zero.items() if name in spec.independents}
    assert explained(spec, ["p"], [wrt], at).notes == tuple(found)


def test_every_name_of_the_table_is_one_of_one_row() -> None:
    names = [name for row in TABLE for name in (row.name, *row.aliases)]
    assert len(names) == len(set(names)) == len(KNOWN) - len(TABLE)  # `known_log` and the like
    wanted = {
        "exp", "log", "ln", "log2", "log10", "sqrt", "cbrt", "abs", "sign", "atan2", "hypot", "erf", "sigmoid", "σ",
        "sigma", "logistic", "softplus", "relu", "silu", "gelu", "heaviside", "min", "max",
    }  # fmt: skip
    circular = {"sin", "cos", "tan", "cot", "sec", "csc"}
    hyperbolic = {f"{name}h" for name in circular - {"cot", "sec", "csc"}} | {"coth", "sech", "csch"}
    inverse = {f"{prefix}{name}" for name in circular for prefix in ("a", "arc")}
    inverse |= {f"{prefix}{name}" for name in hyperbolic for prefix in ("a", "ar", "arc")}
    assert wanted | circular | hyperbolic | inverse <= set(names)


@pytest.mark.parametrize("row", [row for row in TABLE if row.rest], ids=lambda row: row.name)
@pytest.mark.parametrize("argument", ["-30", "-1/3", "1e-3", "2", "77"])
def test_the_rest_of_a_function_near_1_is_that(row: Function, argument: str) -> None:
    context = mpmath.mp.clone()
    context.dps = 120
    x = context.mpf(argument)
    for power, rest in row.rest.items():
        assert context.almosteq(rest(context, x), 1 - row.value(context, x) ** power, rel_eps=context.mpf(10) ** -40)
    assert not row.odd or context.almosteq(row.value(context, -x), -row.value(context, x))


def test_arity_in_words() -> None:
    assert [arity(KNOWN[name], 2) for name in ("sin", "atan2", "max")] == ["one argument", "", ""]
    assert [arity(KNOWN[name], 1) for name in ("sin", "atan2", "max")] == ["", "2 arguments", "two arguments or more"]
