"""Numbers at special points: what is 0 there is 0, what is small is not, and what cannot be told is not said."""

from __future__ import annotations

import mpmath
import pytest

import pathdiff
from pathdiff.diagnostics import InputError
from pathdiff.explain import explained
from pathdiff.expression import ZERO
from pathdiff.reader import read_spec
from pathdiff.render.terminal import check_text


def derived(text: str, point: str) -> pathdiff.Derivative:
    at = dict(told.split("=") for told in point.split(", "))
    return pathdiff.parse(text).derivative("y", "x", at=at)


def number(text: str, point: str) -> str:
    numbers = derived(text, point).derivation.numbers
    assert numbers is not None
    return str(mpmath.nstr(numbers.result, 12))


# The mean of the one-sided derivatives of the outer function, times the inner derivative there.
@pytest.mark.parametrize(
    ("text", "point", "expected"),
    [
        ("y = abs(sin(x))", "x=pi", "0.0"),
        ("z = sin(x); y = abs(z)", "x=pi", "0.0"),
        ("y = relu(sin(x))", "x=pi", "-0.5"),
        ("y = max(sin(x), 0)", "x=pi", "-0.5"),
        ("y = max(sin(x), cos(x))", "x=pi/4", "0.0"),
        ("y = abs(tan(x) - 1)", "x=pi/4", "0.0"),
        ("y = heaviside(cos(x))*x", "x=pi/2", "0.5"),
        ("y = abs(acos(x) - pi/3)", "x=1/2", "0.0"),
        ("y = abs(x*x - 2)", "x=sqrt(2)", "0.0"),
        ("y = abs(exp(log(3)) - x)", "x=3", "0.0"),
        ("y = max(x, 1 + 1e-55)", "x=1", "0.0"),
    ],
)
def test_a_kink_is_met_where_rounding_would_pass_beside_it(text: str, point: str, expected: str) -> None:
    assert number(text, point) == expected


# Powers of e by Python's decimal: sigmoid'(x) is exp(-|x|), and tanh'(x) is 4 exp(-2|x|), to many more digits.
@pytest.mark.parametrize(
    ("text", "point", "expected"),
    [
        ("y = sigmoid(x)", "x=1000", "5.07595889755e-435"),
        ("y = sigmoid(x)", "x=1200", "7.02460188818e-522"),
        ("y = sigmoid(x)", "x=-1200", "7.02460188818e-522"),
        ("y = tanh(x)", "x=400", "1.46714983367e-347"),
        ("s = w*x; p = sigmoid(s); y = -log(p)", "w=1, x=600", "-2.650396553e-261"),
        ("h = sigmoid(x); y = (h - t)^2/exp(-2*x)", "x=5000, t=1", "6.73938829662e-2172"),
        ("h = sigmoid(x); y = (h - t)^2/exp(-2*x)", "x=8000, t=1", "8.81403497798e-3475"),
        ("t = exp(-k); v = 2*x; w = v*t; y = v + w - 2*x", "x=0, k=8000", "8.81403497798e-3475"),
        ("e = exp(-k); a = 1 + e; y = (a - 1)*x", "x=1, k=8000", "4.40701748899e-3475"),
        ("y = log(1 - sigmoid(x))", "x=1000", "-1.0"),
        ("y = 1/(1 - sigmoid(x))", "x=3000", "7.64620098905e+1302"),
        ("y = sin(x)/x", "x=1e-300", "-3.33333333333e-301"),
        ("y = (1 - cos(x))/x^2", "x=1e-100", "-8.33333333333e-102"),
        ("a = x; b = -x*(1 - 1e-25); y = a + b", "x=1", "1.0e-25"),
        ("y = 1 + cos(x)", "x=pi", "0.0"),
        ("y = x^2", "x=1 + sin(pi)", "2.0"),
        ("y = (2 + sin(x))*x", "x=pi", "-1.14159265359"),
        ("y = x*(sin(x)^2 + cos(x)^2 - 1)", "x=1", "0.0"),
    ],
)
def test_what_is_small_is_not_0(text: str, point: str, expected: str) -> None:
    found = derived(text, point)
    assert number(text, point) == expected
    assert found.verdict == "agree"


TOO_CLOSE_TO_0 = "a number of which 3840 digits are not enough to tell it from 0"
SUM_TOO_CLOSE = "∂y/∂x is not known at this point: a sum of which 3840 digits are not enough to tell it from 0"
LOST = "1/(1 + exp(x)) - exp(x)/(1 + exp(x))**2"


@pytest.mark.parametrize(
    ("text", "point", "reason"),
    [
        ("y = sqrt(x)", "x=0", "∂y/∂x has no value at this point: a division by 0 in 1/(2*sqrt(x)) where x = 0"),
        (
            "y = sqrt(sin(x)^2)",
            "x=pi",
            "∂y/∂x has no value at this point: a division by 0 in sin(x)*cos(x)/sqrt(sin(x)**2) where x = 3.14159",
        ),
        (
            "y = sqrt(cos(x))",
            "x=pi/2",
            "∂y/∂x has no value at this point: a division by 0 in sin(x)/(2*sqrt(cos(x))) where x = 1.5708",
        ),
        (
            "y = exp(x)/(1 + exp(x))",
            "x=20000",
            f"∂y/∂x is not known at this point: {TOO_CLOSE_TO_0} in {LOST} where x = 20000",
        ),
        ("h = sigmoid(x); y = (h - t)^2/exp(-2*x)", "x=20000, t=1", SUM_TOO_CLOSE),
        # 2 exp(-k) is lost beside 2 in an adjoint, before -2 is added
        *[
            ("t = exp(-k); v = 2*x; w = v*t; y = v + w - 2*x", f"x=0, k={k}", SUM_TOO_CLOSE)
            for k in (8500, 8800, 10000)
        ],
    ],
)
def test_a_derivative_without_a_value_says_why(text: str, point: str, reason: str) -> None:
    found = derived(text, point)
    assert found.value is None
    assert found.derivation.why_no_numbers == reason
    assert found.explanation.values is not None


@pytest.mark.parametrize(
    ("text", "point", "message"),
    [
        ("y = tan(x)", "x=pi/2", "`y` has no value at this point: a pole: the value has no bound there"),
        ("y = 1/cos(x)", "x=pi/2", "`y` has no value at this point: a division by 0"),
        ("y = x/(sin(x)**2 + cos(x)**2 - 1)", "x=1", "`y` has no value at this point: a division by 0"),
        ("y = csc(pi)*x", "x=1", "`y` has no value at this point: a pole: the value has no bound there"),
        ("y = x", "x=tan(pi/2)", "this value is a pole: the value has no bound there"),
        (
            "a = 1 + exp(-x); y = a - 1",
            "x=20000",
            f"`y` is not known at this point: {TOO_CLOSE_TO_0}",
        ),
        ("a = 1 + exp(-x); y = a - 1", "x=8800", f"`y` is not known at this point: {TOO_CLOSE_TO_0}"),
        ("y = exp(exp(-x)) - 1", "x=20000", f"`y` is not known at this point: {TOO_CLOSE_TO_0}"),
    ],
)
def test_a_node_without_a_value_is_an_error(text: str, point: str, message: str) -> None:
    with pytest.raises(InputError) as error:
        derived(text, point)
    assert [found.message for found in error.value.diagnostics] == [message]


KINKS = ["relu(x) at its kink in y", "relu(x*x) at its kink in y", "several of these are met at once"]


@pytest.mark.parametrize(
    ("text", "point", "notes"),
    [
        ("y = abs(sin(x))", "x=pi", ["abs(sin(x)) at its kink in y"]),
        ("y = max(sin(x), cos(x), x)", "x=pi/4", []),
        ("y = max(sin(x), cos(x))", "x=pi/4", ["two equal arguments of max(sin(x), cos(x)) in y"]),
        ("y = atan2(x, a)", "x=0, a=-1", ["atan2(x, a) at its jump in y"]),
        ("y = atan2(x, a)", "x=0, a=1", []),
        ("y = max(x, 1 + 1e-55)", "x=1", []),
        (
            "y = relu(x) + relu(x*x)",
            "x=0",
            KINKS,
        ),
    ],
)
def test_kinks_are_told_once(text: str, point: str, notes: list[str]) -> None:
    assert [note.partition(":")[0] for note in derived(text, point).explanation.notes] == notes


@pytest.mark.parametrize(
    ("text", "point", "expected"),
    [
        ("y = (1 + x)^(1/x)", "x=1e-70", "-1.35914091423"),  # -e/2
        ("a = exp(x); y = a^(1/x) + x", "x=1e-80", "1.0"),
        ("y = atanh(1 - x)", "x=1e-70", "-5.0e+69"),
        ("y = log(cosh(x))", "x=10000", "1.0"),
        ("y = log(1 + exp(x))", "x=5000", "1.0"),
        ("y = max(x, 2*x)", "x=0", "1.5"),
        # exp(-20000) = 1.28932360839e-8686, 8 exp(-10000) = 9.08387092252e-4343, by Python's decimal
        ("y = sigmoid(x)", "x=20000", "1.28932360839e-8686"),
        ("y = sigmoid(-x)", "x=20000", "-1.28932360839e-8686"),
        ("t = tanh(x); y = t^2", "x=5000", "9.08387092252e-4343"),
        ("y = tanh(x)^2", "x=-5000", "-9.08387092252e-4343"),
        ("y = coth(x)", "x=5000", "-4.54193546126e-4343"),
        ("h = sigmoid(x); q = 1 - h; y = x + 1/q", "x=-20000", "1.0"),
        # σ(x)², whose derivative is 2σ(x)²(1 - σ(x)): what is left of two terms that cancel to 870 and to 1303 digits
        ("h = sigmoid(x); y = (h - t)^2/exp(-2*x)", "x=2000, t=1", "5.15307174592e-869"),
        ("h = sigmoid(x); y = (h - t)^2/exp(-2*x)", "x=3000, t=1", "2.61567803784e-1303"),
    ],
)
def test_what_rounding_hides_is_found(text: str, point: str, expected: str) -> None:
    found = derived(text, point)
    assert number(text, point) == expected
    assert found.verdict == "agree"


def test_a_function_far_in_its_tail_has_a_value() -> None:
    explanation = pathdiff.parse("y = gelu(x)").explain(at={"x": -60}).explanation
    assert explanation.values is not None
    with mpmath.workdps(30):  # x/2 erfc(-x/sqrt(2)), about -phi(x)/|x|
        assert mpmath.almosteq(explanation.values["y"], -30 * mpmath.erfc(60 / mpmath.sqrt(2)), rel_eps=1e-25)


def test_of_three_equal_arguments_nothing_is_taken() -> None:
    found = derived("y = max(x, 2*x, 3*x)", "x=0")
    assert found.value is None
    met = "3 equal arguments of max(x, 2*x, 3*x) in y"
    assert found.derivation.why_no_numbers == f"∂y/∂x has no value at this point: {met}"
    assert found.explanation.notes == (f"{met}: nothing is taken for the derivative there",)


def test_of_several_kinks_at_once_it_is_said_what_is_taken() -> None:
    kink = "{} at its kink in y: the mean of the two one-sided derivatives is taken"
    one, two = derived("y = relu(x)", "x=0").explanation.notes, derived("y = relu(relu(x))", "x=0").explanation.notes
    assert one == (kink.format("relu(x)"),)
    assert two[:2] == (kink.format("relu(x)"), kink.format("relu(relu(x))"))
    assert two[2].startswith("several of these are met at once: what is taken follows operation by operation")


def test_random_points_on_kinks_refute_nothing() -> None:
    assert derived("y = abs(sin(pi*x))", "x=1e6").verdict == "agree"


def test_a_lone_path_before_a_shared_tail_agrees() -> None:
    found = pathdiff.parse("m = 2*x; a = x - m; q = m; y = a*q").explain("y", ["x", "m"])
    assert found.verdict == "agree"


def test_a_number_whose_exponent_is_beyond_a_float_is_compared_all_the_same() -> None:
    """e to the power of 10^320 has an exponent of 320 digits."""
    from pathdiff.points import _beyond, with_digits

    context = with_digits(30)
    large = context.ldexp(context.mpf(1), 10**320)
    assert _beyond(context.mpf(1), large, 30)
    assert not _beyond(large, context.mpf(1), 30)


def test_check_says_why_a_derivative_has_no_value() -> None:
    found = explained(read_spec("y = sqrt(x)", inline=True), at={"x": ZERO})
    assert check_text([("root.yaml", found)], 90).splitlines()[:2] == [
        "✓ root.yaml: 1 derivative agrees",
        "  ∂y/∂x has no value at this point: a division by 0 in 1/(2*sqrt(x)) where x = 0",
    ]


def test_an_exponent_beyond_all_floats_is_no_mistake_of_ours() -> None:
    assert derived("y = x^1e400", "x=1").verdict == "undecided"
