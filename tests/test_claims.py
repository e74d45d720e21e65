"""Claims: how they are read, that right ones agree in whatever form, and that wrong ones are diagnosed."""

from __future__ import annotations

from itertools import pairwise

import pytest
from answers import RIGHT, SPECS, WRONG
from dags import asked
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pathdiff.claim.reading import LONGEST, read_claim
from pathdiff.claim.statement import Claim
from pathdiff.claim.vocabulary import Vocabulary
from pathdiff.diagnostics import InputError
from pathdiff.grading.graded import Graded, Grader
from pathdiff.graph import between, computation_graph, derivative_graph
from pathdiff.paths import Paths
from pathdiff.reader import read_spec

GRADERS = {name: Grader(read_spec(text, inline=True)) for name, text in SPECS.items()}
MLP = Vocabulary(GRADERS["mlp"].spec)


def read(text: str, spec: str = "two") -> Claim:
    return read_claim(text, Vocabulary(GRADERS[spec].spec))


def told(text: str, spec: str = "two") -> list[str]:
    """The right sides of each way to read a claim."""
    return ["; ".join(map(str, parse.sides)) for parse in read(text, spec).parses]


def error(text: str, spec: str = "two") -> str:
    with pytest.raises(InputError) as found:
        read(text, spec)
    return str(found.value)


def grade(text: str, spec: str) -> Graded:
    return GRADERS[spec].grade(text)


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("dp/dx = dp/dz*dz/dx", ["dp/dz*dz/dx"]),
        ("∂p/∂x = ∂p/∂z ∂z/∂x + 1", ["∂p/∂z*∂z/∂x + 1"]),
        ("d(p)/d(x) = (dp)/(dz) (∂z/∂x)", ["dp/dz*∂z/∂x"]),
        ("dp / dx = 2 · y − x²", ["2*y - x**2"]),
        ("dp/dx = 2y cos z", ["2*y*cos(z)"]),
        ("dp/dx = cos²(z)y + sin^2 x", ["cos(z)**2*y + sin(x)**2"]),
        ("dp/dx = z(1 - z)", ["z*(1 - z)"]),
        ("dp/dx = [x + y]|z|", ["(x + y)*abs(z)"]),
        ("dp/dx = e^-x^2", ["exp(-x**2)"]),
        ("dp/dx = cos(z) = dp/dz", ["cos(z); dp/dz"]),
        ("dp/dx = 1/2x", ["1/2*x", "1/(2*x)"]),
        ("dp/dx = sin(dz/dx)", ["sin(dz/dx)"]),
        (r"\frac{dp}{dx} = \frac{\partial p}{\partial z}\frac{\partial z}{\partial x}", ["∂p/∂z*∂z/∂x"]),
        (r"\dfrac{\mathrm{d} p}{\mathrm{d} x} = \left(1 - z^{2}\right) \cdot \sqrt{x}", ["(1 - z**2)*sqrt(x)"]),
        (r"\frac{dp}{dx} = e^{-x^2} y\cos xy", None),
        (r"\frac{dp}{dx} = \frac12 x^23 \, \sqrt[3]{y} \lvert x\rvert", ["1/2*x**2*3*cbrt(y)*abs(x)"]),
        (r"$\frac{dp}{dx} = \log_2 x + \tfrac{x}{y}$", ["log2(x) + x/y"]),
        (r"dp/dx = \sin^2{z}", ["sin(z)**2"]),
    ],
)
def test_a_claim_is_read(text: str, right: list[str] | None) -> None:
    if right is None:
        assert "how far the argument of this function goes" in error(text)
    else:
        claim = read(text)
        assert (claim.of, claim.wrt) == ("p", "x")
        assert told(text) == right


def test_names_are_read_as_they_are_typeset() -> None:
    claim = read("∂p/∂x₁ = ∂p/∂h₁ ∂h₁/∂z₁ dz_1/dx1", "mlp")
    assert (claim.of, claim.wrt, told("dp/dx1 = dp/dh₁", "mlp")) == ("p", "x1", ["dp/dh1"])
    assert told(r"\frac{\partial p}{\partial x_{1}} = \frac{d p}{d h_1} x_2", "mlp") == ["dp/dh1*x2"]
    assert told(r"\frac{dJ}{d\alpha} = \theta_1 \sin\theta_1 + φ", "greek") == ["theta1*sin(theta1) + phi"]


def test_a_node_whose_name_begins_with_d_may_make_a_quotient() -> None:
    claim = read("dq/dx = dp/dh", "named")  # no node is called p or h
    assert [str(side) for parse in claim.parses for side in parse.sides] == ["dp/dh"]
    spec = read_spec("p = x^2; h = 3*p; dp = x; dh = x + 1; q = h*dp/dh", inline=True)
    parses = read_claim("dh/dx = dh/dp", Vocabulary(spec)).parses
    assert [parse.how for parse in parses] == ["dp/dx as a derivative", "dp/dx as a quotient of two nodes"]
    assert [parse.sides[0].leaves != () for parse in parses] == [True, True]
    assert Grader(spec).grade("dh/dx = dh/dp*2x").verdict == "agree"
    assert Grader(spec).grade("dp/dx = 2x*dp/x").verdict == "agree"


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        (
            "dp/dx = dq/dz*cos(x",
            (
                "error[unbalanced-bracket]: this bracket is never closed\n"
                "  --claim:1:18\n"
                "   1 | dp/dx = dq/dz*cos(x\n"
                "     |                  ^\n"
                "  hint: add `)`"
            ),
        ),
        (
            "dp/dx = dq/dz*w",
            (
                "error[unknown-name]: `q` is not defined\n"
                "  --claim:1:9\n"
                "   1 | dp/dx = dq/dz*w\n"
                "     |         ^^^^^\n"
                "  note: a claim uses the nodes and the inputs of the spec\n"
                "\n"
                "error[unknown-name]: `w` is not defined\n"
                "  --claim:1:15\n"
                "   1 | dp/dx = dq/dz*w\n"
                "     |               ^\n"
                "  note: a claim uses the nodes and the inputs of the spec"
            ),
        ),
        (
            "p = x",
            (
                "error[no-derivative]: `p` is not a derivative, which a claim begins with\n"
                "  --claim:1:1\n"
                "   1 | p = x\n"
                "     | ^\n"
                "  hint: write `dp/dx = ...`, with a node for p and a name for x"
            ),
        ),
        (
            r"\frac{dp}{dx} = \foo",
            (
                "error[unknown-sign]: `\\foo` has no meaning here\n"
                "  --claim:1:17\n"
                "   1 | \\frac{dp}{dx} = \\foo\n"
                "     |                 ^^^^\n"
                "  hint: a claim is a formula: \\frac, \\partial, \\cdot, \\sqrt, "
                "Greek letters and functions such as \\sin"
            ),
        ),
        (
            r"\frac{dp}{dx} = x_{",
            (
                "error[syntax]: this subscript belongs to no name\n"
                "  --claim:1:18\n"
                "   1 | \\frac{dp}{dx} = x_{\n"
                "     |                  ^"
            ),
        ),
        (
            "dp/dx = y*sin'(z)",
            (
                "error[unknown-sign]: a claim has no primes\n"
                "  --claim:1:14\n"
                "   1 | dp/dx = y*sin'(z)\n"
                "     |              ^\n"
                "  hint: write df/dx for f'(x), and cos(x) for sin'(x)"
            ),
        ),
        (
            "p'(x) = y",
            (
                "error[unknown-sign]: a claim has no primes\n"
                "  --claim:1:2\n"
                "   1 | p'(x) = y\n"
                "     |  ^\n"
                "  hint: write df/dx for f'(x), and cos(x) for sin'(x)"
            ),
        ),
        (
            r"\frac{dp}{dx} = z^\prime",
            (
                "error[unknown-sign]: a claim has no primes\n"
                "  --claim:1:19\n"
                "   1 | \\frac{dp}{dx} = z^\\prime\n"
                "     |                   ^^^^^^\n"
                "  hint: write df/dx for f'(x), and cos(x) for sin'(x)"
            ),
        ),
        (
            "dp/dx = x*∂z",
            (
                "error[syntax]: `∂` begins no derivative here\n"
                "  --claim:1:11\n"
                "   1 | dp/dx = x*∂z\n"
                "     |           ^\n"
                "  hint: a derivative is ∂p/∂h1, of a node with respect to a name"
            ),
        ),
    ],
)
def test_what_cannot_be_read_says_where(text: str, whole: str) -> None:
    assert error(text) == whole


@pytest.mark.parametrize(
    "text", ["", "=", "dp/dx =", "dp/dx = = x", "\\frac", "\\frac{", "}", "^", "|", "d/d", "∂/∂ = 1"]
)
def test_scraps_are_errors(text: str) -> None:
    assert error(text).startswith("error[")


def test_a_claim_has_a_limit() -> None:
    assert "a claim has at most 20,000 characters" in error("dp/dx = " + "x" * LONGEST)


PIECES = [*"dpxyz∂/=*+-^()[]{}\\|_,.0129 e'²₁", "\\frac", "sin", "\\partial ", "\\sqrt", "dp/dx"]


@settings(max_examples=300)
@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
def test_whatever_is_typed_is_read_or_an_error(text: str) -> None:
    for claim in (text, f"dp/dx = {text}"):
        try:
            found = len(read(claim).parses)
        except InputError as wrong:
            found = len(wrong.diagnostics)
        assert found


@pytest.mark.parametrize(("spec", "claim"), RIGHT, ids=str)
def test_a_right_claim_agrees_in_whatever_form(spec: str, claim: str) -> None:
    found = grade(claim, spec)
    assert found.verdict == "agree", found.message


@pytest.mark.parametrize(("spec", "claim", "code"), WRONG, ids=str)
def test_a_wrong_claim_is_refuted_and_diagnosed(spec: str, claim: str, code: str) -> None:
    found = grade(claim, spec)
    assert found.verdict == "refuted"
    certain = [each.code for each in found.diagnosis if each.certain]
    assert code in [each.code for each in found.diagnosis]
    if certain:
        assert certain[0] == code


@pytest.mark.parametrize(
    ("claim", "verdict", "said"),
    [
        ("dp/dx = 3*sqrt(x)^4", "undecided", "equal wherever the claim has a value, but at "),
        ("dp/dx = 3*exp(2*log(x))", "undecided", "the claim has no value: log(x)"),
        ("dp/dx = 3*x^2 + 1e-60", "undecided", "the number 1.0e-60 in the claim is too small"),
        ("dp/dx = 3*x^2 + x*exp(-1000 - x^2)", "undecided", "too small"),
        ("dp/dx = 3*x^2*exp(1e-20*x*1e-20*1e-20)", "undecided", "too small or too large"),
        ("dp/dx = 3*x^2*cos((1e-10*x)^6)", "undecided", "too small or too large"),
        ("dp/dx = 3*x^2*2^((1e-10*x)^6)", "undecided", "too small or too large"),
        ("dp/dx = 3*x^2*tanh(100 + x^2)", "undecided", "so flat at every point"),
        ("dp/dx = 3*x^2*heaviside(x^2 + 1)", "undecided", "no point was found that takes each branch"),
        ("dp/dx = 3*x^2 + relu(x - 1000)", "refuted", "at x = "),
        ("dp/dx = 3*x^2 + sqrt((x - 1000)^2) + x - 1000", "refuted", "at x = "),
        ("dp/dx = 3*x*abs(x)", "refuted", "at x = -"),
        ("dp/dx = log(-1)", "refuted", "the claim has no value: log(-1), which is defined for"),
        (
            "dp/dx = log(x - x - 1)",
            "refuted",
            "the claim has no value: log(x - x - 1) is log(-1), which is",
        ),
        ("dp/dx = 3*x^2 + 0*log(x)", "undecided", "the claim has no value: log(x)"),
        ("dp/dx = 3*abs(x)^2", "agree", "the measured derivative, at "),
    ],
)
def test_a_claim_that_is_right_on_a_part_only_never_agrees(claim: str, verdict: str, said: str) -> None:
    found = Grader(read_spec("p = x^3", inline=True)).grade(claim)
    assert found.verdict == verdict
    assert said in found.judged.text


def test_where_the_spec_has_no_value_the_claim_needs_none() -> None:
    grader = Grader(read_spec("p = log(x)", inline=True))
    assert [grader.grade(f"dp/dx = {text}").verdict for text in ("1/x", "1/abs(x)", "1/sqrt(x)^2")] == ["agree"] * 3


@pytest.mark.parametrize(
    ("claim", "verdict", "reading"),
    [
        ("dp/dx = ∂p/∂x + ∂p/∂z ∂z/∂x", "agree", "∂ as the label of an edge, d as a total derivative"),
        ("dp/dx = dp/dx + dp/dz dz/dx", "agree", "every derivative as the label of its edge, where there is one"),
        ("dp/dx = y*cos(z) + 1", "agree", ""),
        ("dp/dx = ∂p/∂x", "refuted", "∂ as the label of an edge, d as a total derivative"),
        ("dp/dx = dp/dx", "refuted", "every derivative as the label of its edge, where there is one"),
    ],
)
def test_the_answer_says_how_the_claim_was_read(claim: str, verdict: str, reading: str) -> None:
    found = grade(claim, "two")
    assert (found.verdict, found.judged.reading.text) == (verdict, reading)


def test_a_derivative_explained_by_itself_says_nothing() -> None:
    found = Grader(read_spec("z = x^2; p = sin(z)", inline=True)).grade("dp/dx = dp/dx")
    assert (found.verdict, found.judged.text) == (
        "undecided",
        "the claim explains dp/dx by itself, which says nothing",
    )


@pytest.mark.parametrize(
    ("spec", "claim", "message"),
    [
        (
            "two",
            "dp/dx = 1",
            "This is only ∂p/∂x, along the direct path p → x. dp/dx also has p → z → x: add the product along each.",
        ),
        (
            "neuron",
            "dL/da = 2*(h - t)*h*(1 - h)",
            "The inner derivative ∂s/∂a = x is left out on L → h → s → a: multiply by it.",
        ),
        (
            "square",
            "dq/dx = 2x*cos(x)",
            "The outer derivative cos(x**2) is taken at the wrong place on q → x: at x instead of x**2.",
        ),
        (
            "neuron",
            "dL/da = (h - t)*h*(1 - h)*x",
            "One factor is wrong on L → h → s → a: it should be ∂L/∂h = 2*(h - t), and the claim has h - t instead.",
        ),
        (
            "mlp",
            "dp/dx1 = dp/dz1 dz1/dx1 + dp/dz2 dz2/dx1 + dp/dh1 dh1/dz2 dz2/dx2",
            (
                "The path p → h1 → z2 → x2 does not belong into dp/dx1: it leads to x2, not to x1. "
                "Without its term the claim is right."
            ),
        ),
        (
            "deep",
            "dm/dx = (1 - m^2)/w/u*6x",
            (
                "One of these: The path m → w → v → u → x is counted twice: count each path once. "
                "Or: A factor on m → w → v → u → x is 2 times too large."
            ),
        ),
        (
            "neuron",
            "dL/da = da/ds*ds/dh*dh/dL",
            "The question is transposed: da/ds, ds/dh, dh/dL should be ds/da, dh/ds, dL/dh, along L → h → s → a.",
        ),
    ],
)
def test_a_diagnosis_in_words(spec: str, claim: str, message: str) -> None:
    assert grade(claim, spec).message == message


def test_two_mistakes_on_one_path_are_both_told() -> None:
    found = Grader(read_spec("z = x^2; p = sin(z)", inline=True)).grade("dp/dx = cos(2x)")
    assert [(each.code, each.message, each.certain) for each in found.diagnosis] == [
        (
            "outer-at-wrong-place",
            "The outer derivative cos(z) is taken at the wrong place on p → z → x: at ∂z/∂x = 2*x instead of z.",
            True,
        ),
        ("missing-inner", "The inner derivative ∂z/∂x = 2*x is left out on p → z → x: multiply by it.", True),
    ]


def test_what_differs_by_less_than_the_evidence_shows_is_refuted_all_the_same() -> None:
    found = Grader(read_spec("p = x^2", inline=True)).grade("dp/dx = 2x(1 + 1e-30)")
    assert found.verdict == "refuted"
    assert found.message == (
        "The claim is not dp/dx: at x = -0.472775 the claim is -0.94555000000000000000000000000094555, and the "
        "derivative is -0.94555. No mistake that was tried explains it."
    )


def test_of_very_many_paths_those_through_an_edge_are_looked_at_together() -> None:
    layers = "; ".join(f"b{i + 1} = b{i + 1}(b{i}, c{i}); c{i + 1} = c{i + 1}(b{i}, c{i})" for i in range(12))
    grader = Grader(read_spec(f"b0 = b0(x); c0 = c0(x); {layers}", inline=True))
    found = grader.grade("db12/dx = ∂b12/∂b11 db11/dx")
    path = "b12 → c11 → b10 → b9 → b8 → b7 → b6 → … → b2 → b1 → b0 → x"
    assert found.message == f"The paths through ∂b12/∂c11 are missing, such as {path}."
    found = grader.grade("db12/dx = ∂b12/∂b11 db11/dx - ∂b12/∂c11 dc11/dx")
    assert [each.code for each in found.diagnosis] == ["wrong-sign"]


@st.composite
def mistaken(draw: st.DrawFn) -> tuple[str, str, set[str]]:
    """A graph of abstract nodes, a claim with one mistake in its path sum, and the codes that name it."""
    graph = draw(asked(6))
    found = graph.derivative
    of = draw(st.sampled_from(sorted(graph.arguments)))
    wrt = draw(st.sampled_from(sorted({u for used in graph.arguments.values() for u in used} - {of})))
    paths = list(Paths(between(found, of, [wrt]), wrt))
    assume(0 < len(paths) <= 8)
    terms = [[f"∂{v}/∂{u}" for v, u in pairwise(path)] for path in paths]
    place = draw(st.integers(0, len(paths) - 1))
    factor = draw(st.integers(0, len(terms[place]) - 1))
    edges = [f"∂{v}/∂{u}" for v, u in found.edges]
    kind = draw(
        st.sampled_from(
            [
                "missing-path",
                "repeated-path",
                "wrong-sign",
                "wrong-factor",
                "inverted-factor",
                "missing-inner",
                "foreign-path",
                "direct-only",
                "transposed",
            ]
        )
    )
    codes = {kind}
    match kind:
        case "missing-path":
            del terms[place]
        case "repeated-path":
            terms.append(terms[place])
            codes |= {"wrong-factor"} if len(terms) == 2 else set()
        case "wrong-sign":
            terms[place] = ["(-1)", *terms[place]]
        case "wrong-factor":
            other = draw(st.sampled_from(edges))
            assume(other != terms[place][factor])
            terms[place] = [*terms[place][:factor], other, *terms[place][factor + 1 :]]
            # With another label the term may be that of another path: then one is twice there, and one not at all.
            codes |= {"repeated-path", "missing-path"} if terms.count(terms[place]) > 1 else set()
            codes |= {"inverted-factor", "missing-inner"}
        case "inverted-factor":
            terms[place][factor] = f"1/({terms[place][factor]})"
            codes |= {"transposed"} if len(terms) == 1 else set()
        case "missing-inner":
            assume(len(terms[place]) > 1)
            del terms[place][factor]
        case "foreign-path":
            ends = [name for name in found if name not in (of, wrt)]
            others = [path for end in ends for path in Paths(between(found, of, [end]), end)]
            assume(others)
            path = draw(st.sampled_from(others))
            terms.append([f"∂{v}/∂{u}" for v, u in pairwise(path)])
            codes |= {"missing-inner"}
        case "direct-only":
            assume((of, wrt) in paths and len(paths) > 1)
            terms = [[f"∂{of}/∂{wrt}"]]
            codes |= {"missing-path"}
        case "transposed":
            terms = [[f"∂{u}/∂{v}" for v, u in pairwise(path)] for path in paths]
    right = " + ".join("*".join(term) for term in terms) or "0"
    return graph.text, f"d{of}/d{wrt} = {right}", codes


@settings(max_examples=150, deadline=None)
@given(mistaken())
def test_one_mistake_in_a_path_sum_is_named(drawn: tuple[str, str, set[str]]) -> None:
    text, claim, codes = drawn
    found = Grader(read_spec(text, inline=True)).grade(claim)
    if found.verdict == "agree":  # ∂v2/∂v0 for dv2/dv0 has the paths through others in it
        assert found.judged.reading.way == "totals"
        return
    assert found.verdict == "refuted", found.message
    assert codes & {each.code for each in found.diagnosis}, found.message


@settings(max_examples=60, deadline=None)
@given(asked(6), st.randoms(use_true_random=False))
def test_a_path_sum_in_any_order_and_factored_agrees(graph: object, random: object) -> None:
    spec = read_spec(graph.text, inline=True)  # type: ignore[attr-defined]
    found = derivative_graph(computation_graph(spec))
    of, wrt = graph.of[0], graph.wrt[-1]  # type: ignore[attr-defined]
    paths = list(Paths(between(found, of, [wrt]), wrt))
    assume(of != wrt and len(paths) <= 12)
    terms = []
    for path in paths:
        factors = [f"∂{v}/∂{u}" for v, u in pairwise(path)]
        random.shuffle(factors)  # type: ignore[attr-defined]
        terms.append("*".join(factors))
    random.shuffle(terms)  # type: ignore[attr-defined]
    half = len(terms) // 2
    right = f"({' + '.join(terms[:half]) or '0'}) - (-({' + '.join(terms[half:]) or '0'}))"
    judged = Grader(spec).grade(f"d{of}/d{wrt} = {right}")
    assert judged.verdict == "agree", judged.message
