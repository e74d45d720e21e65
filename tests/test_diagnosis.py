"""What is said of wrong claims: two mistakes at once, terms that belong to no path, and what is certain."""

from __future__ import annotations

from itertools import pairwise

import pytest
from dags import asked
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pathdiff.grading.findings import Diagnosis
from pathdiff.grading.graded import Graded, Grader
from pathdiff.graph import between
from pathdiff.paths import Paths
from pathdiff.reader import read_spec

THREE = "z = x*y; w = x^2; p = sin(z) + x + exp(w)*y"
NEURON = "s = a*x + b; h = sigmoid(s); L = (h - t)^2"
VALLEY = "u = 1 - x; v = y - x^2; f = u^2 + 100*v^2"


def grade(spec: str, claim: str) -> Graded:
    return Grader(read_spec(spec, inline=True)).grade(claim)


def codes(found: Graded) -> list[str]:
    assert found.verdict == "refuted"
    return [each.code for each in found.diagnosis]


@pytest.mark.parametrize(
    ("spec", "claim", "told"),
    [
        (
            THREE,
            "dp/dx = 2x*exp(w)*y + x*cos(z)",
            {
                "missing-path": "The path p → x is missing: add the product of the derivatives along it.",
                "wrong-factor": (
                    "One factor is wrong on p → z → x: it should be ∂z/∂x = y, and the claim has x instead."
                ),
            },
        ),
        (
            THREE,
            "dp/dx = 1 - y*cos(z) + exp(w)*y/(2x)",
            {
                "inverted-factor": "The factor ∂w/∂x = 2*x is upside down on p → w → x: the claim has 1 over it.",
                "wrong-sign": "The term of the path p → z → x has the wrong sign.",
            },
        ),
        (
            THREE,
            "dp/dx = exp(w)*y + y*cos(z)",
            {
                "missing-inner": "The inner derivative ∂w/∂x = 2*x is left out on p → w → x: multiply by it.",
                "missing-path": "The path p → x is missing: add the product of the derivatives along it.",
            },
        ),
        (
            NEURON,
            "dL/da = -2(h - t)h(1 - h)",
            {
                "missing-inner": "The inner derivative ∂s/∂a = x is left out on L → h → s → a: multiply by it.",
                "wrong-sign": "The term of the path L → h → s → a has the wrong sign.",
            },
        ),
        (
            NEURON,
            "dL/da = 2(h - t)/(h(1 - h))",
            {
                "inverted-factor": (
                    "The factor ∂h/∂s = h*(1 - h) is upside down on L → h → s → a: the claim has 1 over it."
                ),
                "missing-inner": "The inner derivative ∂s/∂a = x is left out on L → h → s → a: multiply by it.",
            },
        ),
        (
            "z1 = z1(x); z2 = z2(x); z3 = z3(x); p = p(z1, z2, z3)",
            "dp/dx = ∂p/∂z1 ∂z3/∂x + ∂p/∂z2 ∂z2/∂x + ∂p/∂z2 ∂z2/∂x + ∂p/∂z3 ∂z3/∂x",
            {
                "repeated-path": "The path p → z2 → x is counted twice: count each path once.",
                "wrong-factor": (
                    "One factor is wrong on p → z1 → x: it should be ∂z1/∂x, and the claim has ∂z3/∂x instead."
                ),
            },
        ),
    ],
)
def test_two_mistakes_are_told_where_one_pair_fits(spec: str, claim: str, told: dict[str, str]) -> None:
    found = grade(spec, claim).diagnosis
    assert {each.code: each.message for each in found} == told
    assert all(each.certain for each in found)


@pytest.mark.parametrize("claim", ["dL/da = (h - t)*h*(1 - h)", "dL/da = (h - t)*h*(1 - h)*b"])
def test_where_several_pairs_fit_none_is_told(claim: str) -> None:
    found = grade(NEURON, claim)
    assert codes(found) == ["unexplained"]
    assert found.message.endswith("No mistake that was tried explains it.")


@pytest.mark.parametrize("claim", ["df/dx = -2u - 200*x*v", "df/dx = -u - 400*x*v"])
def test_half_a_term_is_not_one_too_many(claim: str) -> None:
    assert codes(grade(VALLEY, claim)) == ["wrong-factor"]


def test_a_term_too_many_is_told_with_the_sign_that_it_has() -> None:
    found = grade(VALLEY, "df/dx = -2u - 400*x*v - 3*u*v")
    assert [each.message for each in found.diagnosis] == [
        "The term 3*u*v belongs to no path from f to x. Without it the claim is right."
    ]


def test_what_depends_on_nothing_has_no_derivative() -> None:
    for claim in ("dg/dy = 2y", "dg/dy = 7x*y", "dg/dy = dh/dy"):
        found = grade("g = x^2; h = y^2", claim)
        assert [(each.code, each.message) for each in found.diagnosis] == [
            ("foreign-path", "dg/dy is 0, since no path leads from g to y.")
        ]


def test_terms_that_cancel_are_not_a_claim_of_nothing() -> None:
    found = grade("v = x^2; w = exp(v); q = w*exp(v)", "dq/dx = 2x*w*exp(v) - 2x*w*exp(v)")
    assert codes(found) == ["wrong-sign"]
    assert codes(grade("v = x^2; w = exp(v); q = w*exp(v)", "dq/dx = 0")) == ["missing-path"]


@pytest.mark.parametrize(
    ("claim", "message"),
    [
        (
            "dh/dx = n x^(n-1) df/dx",
            "The outer derivative n*f**(n - 1) is taken at the wrong place on h → f → x: at x instead of f.",
        ),
        (
            "dh/dx = n (df/dx)^(n-1)",
            (
                "The outer derivative n*f**(n - 1) is taken at the wrong place on h → f → x: at ∂f/∂x instead of f. "
                "The inner derivative ∂f/∂x is left out on h → f → x: multiply by it."
            ),
        ),
    ],
)
def test_a_power_taken_at_the_wrong_place(claim: str, message: str) -> None:
    assert grade("f = f(x); h = f**n", claim).message == message


def test_small_slopes_hide_nothing() -> None:
    found = grade("h1 = tanh(w*x1 + u*h0); h2 = tanh(w*x2 + u*h1)", "dh2/dw = (1 - h2²)(x2 + u*(1 - h1²))")
    assert [each.message for each in found.diagnosis] == [
        "The inner derivative d(w*x1)/d(w) = x1 is left out on h2 → h1 → w: multiply by it."
    ]


def test_a_diagnosis_holds_at_the_counterexample() -> None:
    found = grade("q = sin(x^2)", "dq/dx = 2x cos(x²) + relu(-x - 1e6)")
    assert found.judged.counterexample is not None
    assert float(found.judged.counterexample.point["x"]) < -1e6
    assert [each.message for each in found.diagnosis] == [
        "The term relu(-x - 1e6) belongs to no path from q to x. Without it the claim is right."
    ]
    found = grade("p = x^2", "dp/dx = x*log(-1)/log(-1)")  # it has no value anywhere
    assert codes(found) == ["unexplained"]


Terms = list[list[str]]


def mistaken(draw: st.DrawFn, terms: Terms, place: int, edges: list[str], kind: str) -> None:
    """Changes one term."""
    factors = list(terms[place])
    factor = draw(st.integers(0, len(factors) - 1))
    match kind:
        case "missing-path":
            factors = []
        case "repeated-path":
            terms.append(list(factors))
        case "wrong-sign":
            factors = ["(-1)", *factors]
        case "inverted-factor":
            factors[factor] = f"1/({factors[factor]})"
        case "missing-inner":
            del factors[factor]
            factors = factors or ["1"]
        case "wrong-factor":
            factors[factor] = draw(st.sampled_from([edge for edge in edges if edge != factors[factor]]))
    terms[place] = factors


@st.composite
def twice_mistaken(draw: st.DrawFn) -> tuple[str, str, set[str]]:
    """A graph of abstract nodes, a claim with a mistake in each of two terms, and their codes."""
    graph = draw(asked(6))
    found = graph.derivative
    ends = [(of, wrt, list(Paths(between(found, of, [wrt]), wrt))) for of in graph.arguments for wrt in found]
    several = [(of, wrt, paths) for of, wrt, paths in ends if of != wrt and 2 <= len(paths) <= 6]
    assume(several)
    of, wrt, paths = draw(st.sampled_from(several))
    terms: Terms = [[f"∂{v}/∂{u}" for v, u in pairwise(path)] for path in paths]
    edges = [f"∂{v}/∂{u}" for v, u in found.edges]
    kinds = draw(st.lists(st.sampled_from(KINDS), min_size=2, max_size=2, unique=True))
    places = draw(st.lists(st.integers(0, len(paths) - 1), min_size=2, max_size=2, unique=True))
    for kind, place in zip(kinds, places, strict=True):
        mistaken(draw, terms, place, edges, kind)
    right = " + ".join("*".join(term) for term in terms if term) or "0"
    return graph.text, f"d{of}/d{wrt} = {right}", set(kinds)


KINDS = ["missing-path", "repeated-path", "wrong-sign", "inverted-factor", "missing-inner", "wrong-factor"]


@settings(max_examples=100, deadline=None)
@given(twice_mistaken())
def test_of_two_mistakes_none_is_made_up(drawn: tuple[str, str, set[str]]) -> None:
    text, claim, kinds = drawn
    found = grade(text, claim)
    if found.verdict == "agree":  # ∂v2/∂v0 for dv2/dv0 has the paths through others in it
        assert found.judged.reading.way == "totals"
        return
    assert found.verdict == "refuted"
    told = {each.code for each in found.diagnosis if each.certain}
    if len({each.code for each in found.diagnosis}) == 2 and told and "wrong-factor" not in kinds:
        assert told in (kinds, {"direct-only", "missing-path"}), found.message


def test_a_diagnosis_is_data() -> None:
    found = grade(NEURON, "dL/da = 2(h - t)h(1 - h)").diagnosis
    message = "The inner derivative ∂s/∂a = x is left out on L → h → s → a: multiply by it."
    assert found == (Diagnosis("missing-inner", message, (("L", "h", "s", "a"),), certain=True),)
