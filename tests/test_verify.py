"""The verifier agrees with what is right, and refutes every kind of fault, in the part where it belongs."""

from __future__ import annotations

import functools
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from itertools import combinations, islice
from pathlib import Path
from random import Random
from typing import Any

import mpmath
import pytest
from faults import (
    Change,
    P,
    T,
    derived,
    formula_of_line,
    label,
    label_of_another_edge,
    line,
    listing,
    steps,
    swapped,
    term,
    with_label,
)
from hypothesis import given
from hypothesis import strategies as st

from pathdiff import partials
from pathdiff.derivation import Count, Derivation, Gradient, Numbers, PathSum, Product, Step, Sum, Value
from pathdiff.derive import derive, derive_gradient
from pathdiff.explain import explain, explained, point_of, questions
from pathdiff.expression import ONE, Expression, Tree, add, call, mul, number
from pathdiff.functions import KNOWN, ROWS, TABLE, Function
from pathdiff.grammar import parse
from pathdiff.graph import Label, computation_graph, derivative_graph
from pathdiff.reader import read_constant, read_spec
from pathdiff.spec import Spec
from pathdiff.verify import Check, Verdict, proofs, verify, verify_gradient
from pathdiff.verify.composition import composition
from pathdiff.verify.labels import at_random_points
from pathdiff.verify.search import Marks, Refused, Search, signs
from pathdiff.verify.verdict import plural

MLP2 = "p = p(h1, h2); h1 = h1(z1, z2); h2 = h2(z1, z2); z1 = z1(x1, x2); z2 = z2(x1, x2)"
NEURON = "s = alpha*x1 + beta*x2; z = sigmoid(s); L = (z - y)^2"
SKIP = "z = x^2; p = z*x"


def layered(width: int, depth: int, node: Callable[[str, list[str]], str]) -> str:
    """A graph of layers, each node with an edge to every node of the layer below."""
    below, lines = ["x"], []
    for layer in range(depth):
        names = [f"v{layer}_{i}" for i in range(width)]
        lines += [f"{name} = {node(name, below)}" for name in names]
        below = names
    return "; ".join([*lines, f"p = {node('p', below)}"])


def abstract(name: str, arguments: list[str]) -> str:
    return f"{name}({', '.join(arguments)})"


def perceptron(*widths: int) -> str:
    """An MLP of scalar sigmoid nodes, its weights and biases parameters."""
    lines = []
    below = [f"x{i}" for i in range(widths[0])]
    for layer, width in enumerate(widths[1:]):
        for j in range(width):
            terms = [f"w{layer}_{j}_{i}*{name}" for i, name in enumerate(below)]
            lines.append(f"h{layer}_{j} = sigmoid({' + '.join(terms)} + b{layer}_{j})")
        below = [f"h{layer}_{j}" for j in range(width)]
    return "; ".join(lines)


derived_once = functools.cache(derived)


def verdict(text: str, of: str, wrt: str) -> Verdict:
    return verify(*derived(text, of, wrt))


def part(verdict: Verdict, name: str) -> Check:
    return next(check for check in verdict.checks if check.part == name)


def outcomes(verdict: Verdict) -> dict[str, str]:
    return {check.part: check.outcome for check in verdict.checks}


# What is right.


def test_what_is_said_of_an_abstract_graph() -> None:
    found = verdict(MLP2, "p", "x1")
    assert found.verdict == "agree"
    assert outcomes(found) == {"forms": "proved", "whole": "checked"}
    assert [check.text for check in found.checks] == [
        "the two forms are the same polynomial in the labels: 4 terms, matched one to one",
        "the composed function's own derivative, at 5 random points to 50 digits, "
        "abstract functions drawn at random: largest relative difference " + found.checks[1].error,
    ]
    assert found.methods[0] == "forms: proved, 4 terms, matched one to one"
    assert found.counterexample is None


def test_what_is_said_of_a_concrete_graph() -> None:
    found = verdict(NEURON, "L", "alpha")
    assert found.verdict == "agree"
    assert [check.text for check in found.checks] == [
        "the two forms are the same polynomial in the labels: 1 term, matched one to one",
        "every label is its node's derivative: 3 of 3 proved by SymPy, and 3 at 5 random points to 50 digits",
        "the composed function's own derivative, at 5 random points to 50 digits: largest relative difference "
        + found.checks[2].error,
    ]
    assert all(float(check.error) < 1e-50 for check in found.checks[1:])


def test_the_derivative_of_a_node_with_respect_to_itself() -> None:
    found = verdict(NEURON, "z", "z")
    assert [(check.outcome, check.text) for check in found.checks] == [
        ("proved", "the two forms are the same polynomial in the labels: the one path has no edges, so both are 1"),
        ("proved", "the derivative of z with respect to itself is 1"),
    ]


def test_no_path() -> None:
    found = verdict("a = x^2; b = sin(y)", "a", "y")
    assert [(check.outcome, check.text) for check in found.checks] == [
        (
            "proved",
            "the two forms are the same polynomial in the labels: no path leads from a to y in the spec, so both are 0",
        ),
        ("proved", "a does not depend on y: in the spec no path leads there"),
    ]


@pytest.mark.parametrize("function", TABLE, ids=lambda row: row.name)
def test_every_function_of_the_table(function: Function) -> None:
    names = [f"x{i}" for i in range(len(function.parameters) or 3)]
    text = f"u = x0*2; w = {function.name}({', '.join(names)}); y = {function.name}({', '.join(['u', *names[1:]])})*w"
    for of, wrt in (("w", names[0]), ("w", names[-1]), ("y", "x0"), ("y", "u")):
        assert verdict(text, of, wrt).verdict == "agree"


@pytest.mark.parametrize(
    "text",
    [
        "y = x - x",
        "y = 1**x",
        "y = x**0",
        "y = sin(x)^2 + cos(x)^2",
        "u = sin(x)^2; v = cos(x)^2; y = u + v",
        "y = sigmoid(1000*x)",
        "y = sigmoid(1000*x + 800)",
        "y = 1/(1 + exp(-1000*x)) - 1",
        "y = gelu(10*x)",
        "y = exp(-1e6*x^2)",
        "y = sin(1e40*x)",
        "y = sin(1e300*x)",
        "y = 1e-300*x",
        "y = 9^9^9*x",
        "y = x^100000",
        "y = exp(exp(exp(x)))",
        "y = log(log(log(x)))",
        "y = (x^2 - 1)/(x - 1)",
        "y = sqrt(x^2)",
        "y = (-x)^(1/3)",
        "y = x^x^x",
        "y = max(x, 1 - x, x^2)",
        "y = max(x, x)",
        "y = relu(x - x)",
        "u = -relu(x); y = relu(u)",
        "y = abs(x)*sign(x) + heaviside(x)",
        "y = acos(cos(x))",
        "y = asin(x) + acosh(x + 1)",
        "u = u(x); y = sin(u)*u",
        "u = u(x); v = u*x; w = w(u, v, x); y = exp(w)/v",
        "y = y(x)",
        "y = x",
    ],
)
def test_what_is_right_is_never_refuted(text: str) -> None:
    found = verdict(text, "y", "x")
    assert found.verdict == "agree", found


def test_every_derivative_of_black_scholes() -> None:
    text = (
        "w = sigma*sqrt(T); d1 = (log(S/K) + r*T)/w + w/2; d2 = d1 - w; "
        "a = (1 + erf(d1/sqrt(2)))/2; b = (1 + erf(d2/sqrt(2)))/2; C = S*a - K*exp(-r*T)*b"
    )
    for wrt in ("S", "K", "r", "T", "sigma", "w", "d1", "d2", "a", "b"):
        assert verdict(text, "C", wrt).verdict == "agree", wrt


def test_the_specs_of_the_gallery() -> None:
    for path in sorted((Path(__file__).parent.parent / "graphs").glob("*.yaml")):
        spec = read_spec(path.read_text(encoding="utf-8"))
        graph = computation_graph(spec)
        for of, names in questions(spec, graph).items():
            for wrt in names:
                found = verify(spec, derive(derivative_graph(graph), of, wrt))
                assert found.verdict == "agree", (path, of, wrt, found)


def test_the_same_verdict_every_time() -> None:
    code = (
        "from pathdiff.explain import explain; "
        "spec = 'a = p*q*r; b = sin(a) + relu(p); c = max(a, b, q); d = d(c, r); y = c*d + b/(1 + a^2)'; "
        "print(explain(spec, inline=True, wrt=['p', 'q', 'r', 'a']).verdicts)"
    )
    told = [
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": start},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for start in ("1", "2")
    ]
    assert told[0] == told[1]
    assert "'labels'" in told[0]
    assert "'whole'" in told[0]


def test_a_point_is_looked_for_near_the_one_of_the_spec() -> None:
    text = "y = sqrt(7100 - x)*sqrt(x - 7000)"
    assert outcomes(verdict(text, "y", "x"))["whole"] == "undecided"
    spec = read_spec(f"nodes: {{y: {text[4:]}}}\nat: {{x: 7050}}")
    # One in fourteen of the points within a tenth of 7050 is between 7000 and 7100.
    found = verify(spec, derive(derivative_graph(computation_graph(spec)), "y", "x"))
    assert outcomes(found) == {"forms": "proved", "labels": "proved", "whole": "checked"}


def test_where_there_is_no_point_it_is_undecided() -> None:
    found = verdict("u = x^2; y = log(-1 - u)", "y", "x")
    assert found.verdict == "undecided"
    assert outcomes(found) == {"forms": "proved", "labels": "proved", "whole": "undecided"}
    assert part(found, "whole").text.startswith(
        "the composed function could not be compared: "
        "no point was found at which log(-1 - u) in y can be computed: it met log(-"
    )


def test_a_label_that_no_point_was_found_for_is_undecided_unless_proved() -> None:
    found = part(verdict("y = erf((-2)**x)*max(x, y1)", "y", "x"), "labels")
    assert found.outcome == "undecided"
    assert "(-2)**x in y can be computed" in found.text


def test_a_function_has_no_derivative_at_a_kink_so_nothing_is_refuted_there() -> None:
    spec, derivation = derived("a = x; b = x; c = x; y = max(a, b, c)", "y", "x")
    assert outcomes(verify(spec, derivation))["whole"] in ("undecided", "checked")


def test_a_chain_of_two_thousand_nodes() -> None:
    functions = ("sin({})", "2*{} - 1/3", "exp(-{})", "tanh({})", "{0}*(1 - {0})")
    lines = (f"v{i} = {functions[i % 5].format(f'v{i - 1}' if i else 'x')}" for i in range(2000))
    found = verdict("; ".join(lines), "v1999", "x")
    assert found.verdict == "agree"
    assert part(found, "labels").method == "2,000 of 2,000 proved by SymPy, and 2,000 at 5 random points to 50 digits"


def test_a_graph_of_more_paths_than_can_be_listed() -> None:
    found = verdict(layered(12, 12, abstract), "p", "x")
    assert outcomes(found) == {"forms": "checked", "whole": "checked"}
    assert found.checks[0].text == (
        "the two forms are the same polynomial in the labels: equal at 3 random points modulo 2**61 - 1, "
        "error probability below 1e-51; 8,916,100,448,256 paths, 1,000 of them listed"
    )
    assert found.checks[0].error == "1e-51"


def test_a_perceptron_of_twenty_thousand_edges() -> None:
    spec = read_spec(perceptron(64, 64, 64, 64, 1), inline=True)
    graph = derivative_graph(computation_graph(spec))
    assert graph.number_of_edges() > 20_000
    found = verify(spec, derive(graph, "h3_0", "w0_0_0"))
    assert found.verdict == "agree"
    assert part(found, "labels").outcome == "proved"


def large_gradient() -> tuple[Spec, Gradient]:
    """A gradient of so many derivatives that they are told briefly, with numbers."""
    spec = read_spec(perceptron(8, 8, 8, 1), inline=True)
    point = {name: str((7 * place) % 13 - 6) for place, name in enumerate(spec.independents)}
    told = {name: read_constant(f"{value}/10", name) for name, value in point.items()}
    graph = computation_graph(spec)
    wanted = [*spec.independents, "h0_0", "h1_3", "h2_0"]
    at = point_of(spec, graph, told, ["h2_0"])
    return replace(spec, at=told), derive_gradient(derivative_graph(graph), "h2_0", wanted, at)


def test_a_gradient_at_once() -> None:
    spec, gradient = large_gradient()
    assert (gradient.derivations, len(gradient.briefs)) == ((), len(gradient.wrt))
    [found] = verify_gradient(spec, gradient, gradient.of, gradient.wrt)
    assert found.verdict == "agree"
    names = len(gradient.wrt)
    assert found.checks[0].text.startswith(f"the reverse sweep is the sum over paths for {names} names: equal at")
    assert f", all {names} along random directions: largest" in part(found, "whole").text
    assert outcomes(found) == {"forms": "checked", "labels": "proved", "whole": "checked", "numbers": "checked"}


def changed_line(change: Callable[[Step], Step | None]) -> Callable[[Gradient], Gradient]:
    def with_line(gradient: Gradient) -> Gradient:
        steps = [change(step) if step.result.wrt == "w0_3_4" else step for step in gradient.sweep.steps]
        return replace(gradient, sweep=replace(gradient.sweep, steps=tuple(step for step in steps if step)))

    return with_line


def changed_brief(**changed: Any) -> Callable[[Gradient], Gradient]:
    def with_brief(gradient: Gradient) -> Gradient:
        briefs = [replace(each, **changed) if each.wrt == "w1_0_3" else each for each in gradient.briefs]
        return replace(gradient, briefs=tuple(briefs))

    return with_brief


GRADIENT_FAULTS: dict[str, tuple[Callable[[Gradient], Gradient], dict[str, str]]] = {
    "a line with a term less": (
        changed_line(lambda step: replace(step, formula=Sum(step.formula.terms[1:]))),
        {"forms": "refuted", "whole": "refuted"},
    ),
    "a line less": (changed_line(lambda step: None), {"forms": "refuted", "whole": "refuted"}),
    "a foreign path": (
        changed_brief(path_sum=PathSum(1, (("h2_0", "h1_0", "w1_0_2"),), ())),
        {"forms": "refuted"},
    ),
    "another count": (
        changed_brief(path_sum=PathSum(2, (("h2_0", "h1_0", "w1_0_3"),), ())),
        {"forms": "refuted"},
    ),
    "no path": (changed_brief(path_sum=PathSum(1, (), ())), {"forms": "refuted"}),
    "a wrong expression": (changed_brief(expression=Expression(ONE, [])), {"whole": "refuted"}),
    "a wrong number": (
        lambda gradient: replace(gradient, results={**(gradient.results or {}), "w1_0_3": mpmath.mpf(1) / 3}),
        {"numbers": "refuted"},
    ),
    "two numbers exchanged": (
        lambda gradient: replace(
            gradient,
            results={
                **(gradient.results or {}),
                "w1_0_3": (gradient.results or {})["w1_0_4"],
                "w1_0_4": (gradient.results or {})["w1_0_3"],
            },
        ),
        {"numbers": "refuted"},
    ),
}


@pytest.mark.parametrize("fault", GRADIENT_FAULTS)
def test_a_fault_in_a_gradient_is_refuted(fault: str) -> None:
    spec, gradient = large_gradient()
    change, expected = GRADIENT_FAULTS[fault]
    [found] = verify_gradient(spec, change(gradient), gradient.of, gradient.wrt)
    assert found.verdict == "refuted"
    wrong = {name: outcome for name, outcome in outcomes(found).items() if outcome == "refuted"}
    assert wrong == expected


def test_sympy_is_not_imported_for_an_abstract_graph() -> None:
    code = (
        "import sys; from pathdiff.explain import explain; "
        f"print(explain({MLP2!r}, inline=True).verdict, 'sympy' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "agree False\n"


# Forms that are wrong.

FORMS: dict[str, tuple[Change, str]] = {
    "dropped path": (
        listing("p h1 z1 x1", "p h1 z2 x1", "p h2 z2 x1"),
        "p -> h2 -> z1 -> x1 is missing from the paths",
    ),
    "dropped path, the count right": (
        listing("p h1 z1 x1", "p h2 z1 x1", "p h1 z2 x1", count=4),
        "p -> h2 -> z2 -> x1 is missing from the paths",
    ),
    "doubled path": (
        listing("p h1 z1 x1", "p h2 z1 x1", "p h1 z2 x1", "p h2 z2 x1", "p h1 z2 x1"),
        "p -> h1 -> z2 -> x1 is listed twice",
    ),
    "path in the place of another": (
        listing("p h1 z1 x1", "p h2 z1 x1", "p h1 z2 x1", "p h1 z1 x1"),
        "p -> h1 -> z1 -> x1 is listed twice",
    ),
    "foreign path": (
        listing("p h1 z1 x1", "p h2 z1 x1", "p h1 z2 x1", "p h2 x1"),
        "p -> h2 -> x1 is not a path of the spec: there is no edge h2 -> x1",
    ),
    "path to another end": (
        listing("p h1 z1 x1", "p h2 z1 x1", "p h1 z2 x1", "p h2 z2 x2"),
        "p -> h2 -> z2 -> x2 is not a path of the spec: there is no edge z2 -> x2",
    ),
    "half a path": (
        listing("p h1 z1 x1", "p h2 z1 x1", "p h1 z2 x1", "p h2 z2"),
        "p -> h2 -> z2 is not a path of the spec: its ends are others",
    ),
    "wrong count": (
        listing("p h1 z1 x1", "p h2 z1 x1", "p h1 z2 x1", "p h2 z2 x1", count=5),
        "there are 4 paths, not 5",
    ),
    "missing term": (
        lambda d: replace(d, path_sum=replace(d.path_sum, terms=d.path_sum.terms[:3])),
        "4 paths, but 3 terms",
    ),
    "label of another path in a term": (
        term(2, P("p", "h2"), P("h1", "z1"), P("z1", "x1")),
        "the term of p -> h2 -> z1 -> x1 is not the product of the labels on it",
    ),
    "factor too many in a term": (
        term(2, P("p", "h2"), P("h2", "z1"), P("z1", "x1"), P("z1", "x1")),
        "the term of p -> h2 -> z1 -> x1 is not the product of the labels on it",
    ),
    "stale line in the sweep": (
        line("reverse", "p", "x1", (T("p", "z1"), P("z1", "x1")), (T("p", "z1"), P("z2", "x1"))),
        "p -> h1 -> z2 -> x1 is missing from the line for ∂p/∂x1 of the reverse sweep",
    ),
    "wrong label in the sweep": (
        line("reverse", "p", "z1", (P("p", "h1"), P("h1", "z1")), (P("p", "h2"), P("h2", "z2"))),
        "p -> h2 -> z1 is missing from the line for ∂p/∂z1 of the reverse sweep",
    ),
    "term too few in the sweep": (
        line("reverse", "p", "z2", (P("p", "h1"), P("h1", "z2"))),
        "p -> h2 -> z2 is missing from the line for ∂p/∂z2 of the reverse sweep",
    ),
    "term twice in the sweep": (
        line(
            "reverse",
            "p",
            "z1",
            (P("p", "h1"), P("h1", "z1")),
            (P("p", "h2"), P("h2", "z1")),
            (P("p", "h2"), P("h2", "z1")),
        ),
        "p -> h2 -> z1 is counted 2 times in the line for ∂p/∂z1 of the reverse sweep",
    ),
    "term too many in the sweep": (
        line(
            "reverse",
            "p",
            "z1",
            (P("p", "h1"), P("h1", "z1")),
            (P("p", "h2"), P("h2", "z1")),
            (P("p", "h2"), P("h2", "z2")),
        ),
        "p -> h2 -> z2 in the line for ∂p/∂z1 of the reverse sweep is no path from p to z1",
    ),
    "factor forgotten in the sweep": (
        line("reverse", "p", "x1", (T("p", "z1"), P("z1", "x1")), (T("p", "z2"),)),
        "p -> h1 -> z2 -> x1 is missing from the line for ∂p/∂x1 of the reverse sweep",
    ),
    "label of no edge": (
        line("reverse", "p", "x1", (T("p", "z1"), P("z1", "x1")), (P("p", "x1"),)),
        "∂p/∂x1 is the label of no edge on the way",
    ),
    "line that is not there yet": (
        steps("reverse", lambda told: (told[-1], *told[:-1])),
        "the line for ∂p/∂x1 of the reverse sweep needs ∂p/∂z1, which no line before it is",
    ),
    "sweep without an end": (
        steps("reverse", lambda told: told[:-1]),
        "p -> h1 -> z1 -> x1 is missing from what the reverse sweep ends with",
    ),
    "line called by another name": (
        steps("reverse", lambda told: (*told[:-1], replace(told[-1], result=T("p", "x2")))),
        "the line for ∂p/∂x2 of the reverse sweep: ∂p/∂x2 has no part in ∂p/∂x1",
    ),
    "wrong forward sweep": (
        line("forward", "h2", "x1", (P("h2", "z1"), P("z1", "x1")), (P("h2", "z2"), P("z1", "x1"))),
        "h2 -> z2 -> x1 is missing from the line for ∂h2/∂x1 of the forward sweep",
    ),
    "wrong factored formula": (
        lambda d: replace(d, factored=swapped(d.factored, P("h2", "z1"), P("h1", "z1"))),  # type: ignore[arg-type]
        "p -> h2 -> z1 is missing from the bracket ∂p/∂z1 in the factored formula",
    ),
    "bracket with another name": (
        lambda d: replace(d, factored=replace(d.factored, known_as=T("p", "z1"))),  # type: ignore[type-var]
        "p -> h1 -> z1 is missing from the bracket ∂p/∂z1 in the factored formula",
    ),
    "wrong formula substituted back": (
        lambda d: replace(d, substituted=swapped(d.substituted, P("p", "h2"), P("p", "h1"))),  # type: ignore[arg-type]
        "p -> h2 -> z1 -> x1 is missing from the formula substituted back",
    ),
    "wrong line of the factoring": (
        lambda d: replace(d, factoring=(*d.factoring[:3], swapped(d.factoring[3], T("p", "z2"), T("p", "z1")))),  # type: ignore[arg-type]
        "p -> h1 -> z2 -> x1 is missing from line 4 of the factoring",
    ),
}


@pytest.mark.parametrize("fault", FORMS)
def test_wrong_forms(fault: str) -> None:
    spec, derivation = derived(MLP2, "p", "x1")
    change, why = FORMS[fault]
    found = verify(spec, change(derivation))
    forms = part(found, "forms")
    assert found.verdict == forms.outcome == "refuted"
    assert forms.text == f"the forms are not the same polynomial in the labels: {why}"
    assert forms.counterexample is not None
    assert forms.counterexample.text == why
    assert found.methods[0] == f"forms: refuted, {why}"


@pytest.mark.parametrize(
    "fault", [name for name in FORMS if name.startswith(("dropped", "doubled", "foreign", "stale"))]
)
def test_the_path_that_is_wrong_is_named(fault: str) -> None:
    spec, derivation = derived(MLP2, "p", "x1")
    found = verify(spec, FORMS[fault][0](derivation)).counterexample
    assert found is not None
    assert found.path[0] == "p"
    assert (found.claimed, found.actual) in {("0", "1"), ("2", "1"), ("1", "0")}


@pytest.mark.parametrize(
    ("fault", "value"),
    [
        ("stale line in the sweep", "refuted"),
        ("term twice in the sweep", "refuted"),
        ("line that is not there yet", "undecided"),
    ],
)
def test_a_wrong_sweep_has_a_wrong_value_too(fault: str, value: str) -> None:
    spec, derivation = derived(MLP2, "p", "x1")
    found = verify(spec, FORMS[fault][0](derivation))
    whole = part(found, "whole")
    assert whole.outcome == value
    if whole.counterexample:
        assert whole.counterexample.path or whole.counterexample.line
        assert set(whole.counterexample.point) == {"x1", "x2"}
        assert whole.counterexample.claimed != whole.counterexample.actual


def test_labels_put_in_at_the_wrong_place() -> None:
    spec, derivation = derived("z = x^2; w = x^3; p = z*w", "p", "x")
    assert derivation.labelled is not None
    wrong = replace(derivation.labelled, terms=derivation.labelled.terms[::-1])
    found = verify(spec, replace(derivation, labelled=wrong))
    assert part(found, "forms").text.endswith("with the labels put in, the term of p -> z -> x differs")
    fewer = replace(derivation.labelled, terms=derivation.labelled.terms[:1])
    found = verify(spec, replace(derivation, labelled=fewer))
    assert part(found, "forms").text.endswith("with the labels put in, the path sum has other terms")


def test_the_derivative_of_a_node_with_respect_to_itself_is_not_0() -> None:
    spec, derivation = derived(MLP2, "h1", "h1")
    found = verify(spec, replace(derivation, factored=Sum(())))
    assert part(found, "forms").outcome == "refuted"


def test_a_derivative_without_a_path_is_not_1() -> None:
    spec, derivation = derived(MLP2, "z1", "h1")
    found = verify(spec, replace(derivation, factored=Product(())))
    assert part(found, "forms").outcome == "refuted"


LAYERS = layered(7, 6, abstract)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (
            formula_of_line("reverse", "p", "v2_3", lambda s: Sum((s.terms[1], *s.terms[1:]))),
            "the line for ∂p/∂v2_3 of the reverse sweep is not the sum over the paths: ",
        ),
        (
            formula_of_line("reverse", "p", "v2_3", lambda s: Sum(s.terms[1:])),
            "the line for ∂p/∂v2_3 of the reverse sweep is not the sum over the paths: ",
        ),
        (
            formula_of_line("forward", "v3_1", "x", lambda s: replace(s, terms=(*s.terms, s.terms[0]))),
            "the line for ∂v3_1/∂x of the forward sweep is not the sum over the paths: ",
        ),
        (
            lambda d: replace(d, path_sum=replace(d.path_sum, count=d.path_sum.count + 1)),
            "there are 117,649 paths, not 117,650",
        ),
        (
            lambda d: replace(
                d,
                path_sum=replace(
                    d.path_sum,
                    paths=(*d.path_sum.paths[:-1], d.path_sum.paths[0]),
                    terms=(*d.path_sum.terms[:-1], d.path_sum.terms[0]),
                ),
            ),
            "p -> v5_0 -> v4_0 -> v3_0 -> v2_0 -> v1_0 -> v0_0 -> x is listed twice",
        ),
        (
            lambda d: replace(d, path_sum=replace(d.path_sum, paths=d.path_sum.paths[1:], terms=d.path_sum.terms[1:])),
            "p -> v5_0 -> v4_0 -> v3_0 -> v2_0 -> v1_0 -> v0_0 -> x is missing from the paths",
        ),
    ],
    ids=["stale line", "dropped term", "doubled term", "wrong count", "doubled path", "dropped path"],
)
def test_wrong_forms_where_paths_are_too_many_to_list(change: Change, why: str) -> None:
    spec, derivation = derived(LAYERS, "p", "x")
    found = verify(spec, change(derivation))
    forms = part(found, "forms")
    assert found.verdict == forms.outcome == "refuted"
    assert forms.text.startswith(f"the forms are not the same polynomial in the labels: {why}")
    assert forms.counterexample is not None


@given(st.data())
def test_any_other_factor_anywhere_in_a_sweep_is_refuted(data: st.DataObject) -> None:
    text = data.draw(st.sampled_from([MLP2, SKIP, LAYERS, "a = a(x); b = b(a, x); c = c(b, x); p = p(a, b, c)"]))
    spec, derivation = derived_once(text, "p", "x1" if text is MLP2 else "x")
    edges = sorted(derivation.part.labels)
    mode = data.draw(st.sampled_from(["reverse", "forward"]))
    told = derivation.reverse.steps if mode == "reverse" else derivation.forward.steps
    place = data.draw(st.integers(0, len(told) - 1))
    terms = list(told[place].formula.terms)
    which = data.draw(st.integers(0, len(terms) - 1))
    assert isinstance(terms[which], Product)
    factors = list(terms[which].factors)  # type: ignore[union-attr]
    at = data.draw(st.integers(0, len(factors) - 1))
    other = data.draw(st.sampled_from([P(*edge) for edge in edges if P(*edge) != factors[at]]))
    factors[at] = other
    terms[which] = Product(tuple(factors))
    wrong = (*told[:place], replace(told[place], formula=Sum(tuple(terms))), *told[place + 1 :])
    found = verify(spec, steps(mode, lambda _: wrong)(derivation))
    assert part(found, "forms").outcome == "refuted"


# Labels that are wrong.

WRONG_LABELS = {
    "flipped sign": ("s", "x", "-a"),
    "sign in a bracket": ("z", "s", "z*(1 + z)"),
    "forgotten inner derivative": ("q", "z", "cos(z^2)"),
    "outer derivative at the wrong place": ("q", "z", "2*z*cos(z)"),
    "the function itself": ("z", "s", "z"),
    "a factor of 2": ("L", "q", "q - y"),
    "0": ("s", "x", "0"),
    "1": ("s", "x", "1"),
    "right to thirty digits": ("s", "x", "a*1.000000000000000000000000000001"),
    "right at one point": ("s", "x", "a^2"),
}


@pytest.mark.parametrize("fault", WRONG_LABELS)
def test_wrong_labels(fault: str) -> None:
    of, wrt, text = WRONG_LABELS[fault]
    spec, derivation = derived("s = a*x + b; z = sigmoid(s); q = sin(z^2); L = (q - y)^2", "L", "x")
    found = verify(spec, label(of, wrt, text)(derivation))
    assert found.verdict == "refuted"
    labels = part(found, "labels")
    assert labels.outcome == "refuted"
    assert labels.counterexample is not None
    assert labels.counterexample.edge == (of, wrt)
    assert outcomes(found) == {"forms": "proved", "labels": "refuted", "whole": "refuted"}
    assert part(found, "whole").counterexample.edge == (of, wrt)  # type: ignore[union-attr]
    assert labels.counterexample.claimed != labels.counterexample.actual
    assert set(labels.counterexample.point) == set(spec.nodes[of].arguments)


def test_a_label_that_is_right_only_where_the_composed_function_comes_by() -> None:
    spec, derivation = derived("z = exp(x); q = z^2", "q", "x")
    found = verify(spec, label("q", "z", "2*abs(z)")(derivation))
    assert outcomes(found) == {"forms": "proved", "labels": "refuted", "whole": "checked"}


RIGHT_ON_ONE_SIDE = {
    "sign of the other factor": ("p = x*y", "p", "x", "abs(y)"),
    "sign of an intermediate factor": ("z = x*y; p = z*w", "p", "w", "abs(z)"),
    "sign of the variable, one term of two": ("p = x^2 + y^2", "p", "x", "abs(2*x)"),
    "sign of the variable, times another": ("p = x^2*y", "p", "x", "y*abs(2*x)"),
    "sign of a product of variables": ("p = (x*y)^2", "p", "x", "2*abs(x*y)*y"),
    "slope of abs": ("p = abs(x)*y", "p", "x", "y"),
    "slope of relu": ("p = relu(x)*c", "p", "x", "c"),
    "slope of relu of a sum": ("p = relu(x + 3)*c", "p", "x", "c"),
    "slope of relu of a difference": ("p = relu(x - 4)*c", "p", "x", "0"),
    "max of two": ("p = max(x, y)", "p", "x", "1"),
    "max of four": ("p = max(x, y, z, w)", "p", "x", "heaviside(x - max(y, z))"),
    "min of three": ("p = min(x, y, z)", "p", "z", "heaviside(y - z)"),
    "asec without its sign": ("p = asec(x)", "p", "x", "1/(x*sqrt(x^2 - 1))"),
    "acsc without its sign": ("p = acsc(x)", "p", "x", "-1/(x*sqrt(x^2 - 1))"),
    "acsch without its sign": ("p = acsch(x)*y", "p", "x", "-y/(x*sqrt(x^2 + 1))"),
    "atan2 in the right half plane": ("p = atan2(y, x)", "p", "y", "abs(x)/(x^2 + y^2)"),
    "one variable that may be negative of many": (
        "p = log(a)*sqrt(b)*log(c)*sqrt(d)*r^2",
        "p",
        "a",
        "sqrt(b*d)*log(c)*r*abs(r)/a",
    ),
}


@pytest.mark.parametrize("fault", RIGHT_ON_ONE_SIDE)
@pytest.mark.parametrize("more", ["", "; q = 3*p"])
def test_a_label_that_is_right_on_one_side_only(fault: str, more: str) -> None:
    text, of, wrt, wrong = RIGHT_ON_ONE_SIDE[fault]
    spec, derivation = derived(text + more, "q" if more else "p", wrt)
    assert verify(spec, derivation).verdict == "agree"
    found = verify(spec, label(of, wrt, wrong)(derivation))
    assert outcomes(found) == {"forms": "proved", "labels": "refuted", "whole": "refuted"}
    assert part(found, "labels").counterexample.edge == (of, wrt)  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("name", "derivative", "text"),
    [
        ("relu", "1", "p = relu(x)*c"),
        ("abs", "1", "p = abs(x)*y"),
        ("asec", "1/(x*sqrt(x**2 - 1))", "p = asec(x)"),
        ("acsc", "-1/(x*sqrt(x**2 - 1))", "p = acsc(x)"),
        ("atan2", "abs(x)/(x**2 + y**2)", "p = atan2(x, y)"),
    ],
)
def test_a_derivative_in_the_table_that_is_right_on_one_side_only(
    name: str, derivative: str, text: str, table: Callable[[Function, Function], None]
) -> None:
    row = KNOWN[name]
    table(row, replace(row, derivatives=(derivative, *row.derivatives[1:])))
    assert outcomes(verdict(text, "p", "x")) == {"forms": "proved", "labels": "refuted", "whole": "refuted"}


@pytest.mark.parametrize(
    "text", ["p = x*y", "z = x*y; p = z*x", "p = x^2 + y^2", "p = (x - y)^2", "p = x*sin(y)", "z = x - 2; p = z^2*y"]
)
def test_an_absolute_value_around_a_factor_of_every_label(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    right = partials._elementary

    def wrong(tree: Tree, index: int, own: Tree, effort: Any, **told: Any) -> Tree:
        found = right(tree, index, own, effort, **told)
        return call("abs", found) if tree.kind in "*^" else found

    partials.partials.cache_clear()
    monkeypatch.setattr(partials, "_elementary", wrong)
    found = verdict(text, "p", "x")
    partials.partials.cache_clear()
    assert outcomes(found) == {"forms": "proved", "labels": "refuted", "whole": "refuted"}


@given(st.integers(1, 7), st.integers(0, 1000), st.data())
def test_points_show_both_signs_of_all_variables_in_every_pair(count: int, start: int, data: st.DataObject) -> None:
    positive = data.draw(st.sets(st.integers(0, count - 1), max_size=count - 1))

    def look(point: Mapping[int, Fraction]) -> Marks:
        if any(point[i] < 0 for i in positive):
            raise Refused(range(count))
        return signs({i: point[i] for i in range(count)})

    search = Search(range(count), look, Random(start), 1)
    points = list(islice(search.points(), 20))
    shown = points[: search.needed]
    assert len(shown) == 5
    for i in range(count):
        assert {point[i] > 0 for point in shown} == ({True} if i in positive else {True, False})
    free = sorted(set(range(count)) - positive)
    for i, j in combinations(free, 2):
        assert {(point[i] > 0) == (point[j] > 0) for point in points} == {True, False}


def test_each_question_has_points_of_its_own() -> None:
    points = {text: at_random_points(parse(text).tree, 1, ((0, parse(text).tree),)).wrong for text in ("x^2", "x^3")}
    assert len({wrong[1] for wrong in points.values() if wrong}) == 2


@pytest.mark.parametrize(
    "text",
    [
        "d1=(log(S/K)+(r+s^2/2)*T)/(s*sqrt(T)); p=(1+erf(d1/sqrt(2)))/2; x=S; y=K",
        "p = erf(x^2*y^2)*z",
        "p = erf(a*x + b)",
        "p = erf(30*x*y) + a",
        "p = erf(100*x*y + a)",
        "p = gelu(100*x*y + a)",
    ],
)
def test_the_error_function_is_compared_where_its_digits_are_cheap(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    met = []

    def seen(m: Any, x: Any) -> Any:
        met.append(x)
        return m.erf(x)

    monkeypatch.setitem(KNOWN, "erf", replace(KNOWN["erf"], value=seen))
    spec = read_spec(text, inline=True)
    wrt = spec.independents[0]
    found = verify(spec, derive(derivative_graph(computation_graph(spec)), "p", wrt))
    assert found.verdict == "agree"
    assert part(found, "labels").points == part(found, "whole").points == 5
    assert all(abs(x) <= 12 for x in met if x.context.dps > 100)


def test_a_frequency_of_a_thousand_digits_is_undecided() -> None:
    assert verdict("p = sin(1e1000*x)", "p", "x").verdict == "undecided"


def test_what_is_said_of_a_wrong_label() -> None:
    spec, derivation = derived(NEURON, "L", "alpha")
    found = verify(spec, label("z", "s", "z*(1 + z)")(derivation))
    assert part(found, "labels").text == (
        "a label is not its node's derivative: "
        "the label ∂z/∂s = z*(1 + z) is 1.96789 at s = 4.522944, where the derivative of z is 0.010625"
    )
    assert part(found, "whole").text.startswith("the derivation gives ")
    assert "where the composed function's own derivative is " in part(found, "whole").text


def test_one_wrong_label_of_many_is_named() -> None:
    text = f"y = {' + '.join(f'sin(x*{i} + a{i})' for i in range(1, 40))}; x = exp(t); z = y*t"
    spec, derivation = derived(text, "z", "a23")
    right = derivation.part.labels["y", "a23"].expression
    assert right is not None
    wrong = Expression(mul(right.tree, number(2)), right.names, right.own)
    found = verify(spec, label("y", "a23", str(wrong))(derivation))
    assert part(found, "labels").counterexample.edge == ("y", "a23")  # type: ignore[union-attr]


def test_one_wrong_label_among_all_of_a_node_is_found_by_halving() -> None:
    names = [f"x{i}" for i in range(50)]
    text = (
        "; ".join(f"{name} = t^{i + 1}" for i, name in enumerate(names))
        + f"; y = log({' + '.join(f'exp({n})' for n in names)})"
    )
    spec, derivation = derived(text, "y", "t")
    right = derivation.part.labels["y", "x31"].expression
    assert right is not None
    other = Expression(add(right.tree, mul(number(1), right.tree)), right.names, right.own)
    found = verify(spec, label("y", "x31", str(other))(derivation))
    assert part(found, "labels").counterexample.edge == ("y", "x31")  # type: ignore[union-attr]


def test_the_label_of_another_edge() -> None:
    spec, derivation = derived(SKIP, "p", "x")
    found = verify(spec, label_of_another_edge(("p", "x"), ("p", "z"))(derivation))
    assert part(found, "labels").text == "the edge p -> x has the label of p -> z"
    assert part(found, "labels").counterexample.edge == ("p", "x")  # type: ignore[union-attr]


def test_the_label_of_another_argument() -> None:
    spec, derivation = derived(SKIP, "p", "x")
    found = verify(spec, label("p", "x", "x")(derivation))
    assert part(found, "labels").counterexample.edge == ("p", "x")  # type: ignore[union-attr]


def test_the_label_of_a_node_with_another_expression() -> None:
    spec, derivation = derived(SKIP, "p", "x")
    other = read_spec("z = x^3; p = z*x", inline=True).nodes["z"]
    found = verify(spec, with_label(derivation, ("z", "x"), Label(other, 0)))
    assert part(found, "labels").counterexample.edge == ("z", "x")  # type: ignore[union-attr]


def test_a_label_that_names_what_its_node_does_not_use() -> None:
    spec, derivation = derived(NEURON, "L", "alpha")
    found = verify(spec, label("L", "z", "2*(z - x1)")(derivation))
    assert part(found, "labels").text == "∂L/∂z names x1, which L does not use"
    assert part(found, "whole").outcome == "undecided"


def test_a_label_that_is_not_there() -> None:
    spec, derivation = derived(NEURON, "L", "alpha")
    labels = {edge: known for edge, known in derivation.part.labels.items() if edge != ("z", "s")}
    found = verify(spec, replace(derivation, part=replace(derivation.part, labels=labels), labelled=None))
    assert part(found, "labels").text == "the edge z -> s has no label"


def test_abstract_labels_are_abstract() -> None:
    spec, derivation = derived("u = u(x); y = sin(u)", "y", "x")
    found = verify(spec, label("u", "x", "x")(derivation))
    assert part(found, "labels").text == "∂u/∂x: u is abstract, but its label is not"
    found = verify(spec, label("y", "u", None)(derivation))
    assert part(found, "labels").text == "∂y/∂u: y is not abstract, but its label is"


def test_a_wrong_expression_in_node_names() -> None:
    spec, derivation = derived(SKIP, "p", "x")
    right = derivation.expression
    assert right is not None
    found = verify(spec, replace(derivation, expression=Expression(add(right.tree, ONE), right.names)))
    assert outcomes(found) == {"forms": "proved", "labels": "proved", "whole": "refuted"}


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Function, Function], None]]:
    """The way to put another row into the table of functions; labels made before are forgotten."""

    def forget() -> None:
        partials.partials.cache_clear()
        partials._template.cache_clear()

    def put(row: Function, other: Function) -> None:
        for rows in (KNOWN, ROWS):
            monkeypatch.setitem(rows, row.name, other)
        forget()

    yield put
    forget()


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
def test_a_wrong_derivative_in_the_table(row: Function, table: Callable[[Function, Function], None]) -> None:
    for index in range(len(row.parameters)):
        right = row.derivatives[index]
        told = list(row.derivatives)
        told[index] = f"-({right})" if right != "0" else "1"
        table(row, replace(row, derivatives=tuple(told)))
        found = verdict(f"w = {row.name}({', '.join(row.parameters)}); v = 3*w", "v", row.parameters[index])
        assert outcomes(found) == {"forms": "proved", "labels": "refuted", "whole": "refuted"}
        assert part(found, "labels").counterexample.edge == ("w", row.parameters[index])  # type: ignore[union-attr]
    if row.selects:
        table(row, replace(row, selects={"+": "-", "-": "+"}[row.selects]))
        found = verdict(f"w = {row.name}(a, b); y = 3*w", "y", "b")
        assert outcomes(found) == {"forms": "proved", "labels": "refuted", "whole": "refuted"}


# The bounds on the work.


def test_a_formula_too_long_to_multiply_out_is_checked_modulo_a_prime() -> None:
    spec, derivation = derived(MLP2, "p", "x1")
    two = Sum((P("h1", "z1"), P("h2", "z1")))
    found = verify(spec, replace(derivation, factored=Product((two,) * 16)))
    assert part(found, "forms").text.startswith(
        "the forms are not the same polynomial in the labels: the factored formula is not the sum over the paths: "
    )


def test_a_label_put_into_a_formula_of_names_is_refuted() -> None:
    spec, derivation = derived(SKIP, "p", "x")
    assert derivation.labelled is not None
    found = verify(spec, replace(derivation, factored=derivation.labelled))
    assert " stands where the name of a label should stand" in part(found, "forms").text


def test_without_proofs_labels_are_checked_at_points(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proofs, "_MOST_WORK", 0)
    found = verdict(NEURON, "L", "alpha")
    assert found.verdict == "agree"
    assert part(found, "labels").outcome == "checked"
    assert part(found, "labels").method == "3 of 3 at 5 random points to 50 digits"


NEURON_AT = {"x": "1/3", "y": "2"}


def at_point(text: str, of: str, wrt: str, point: dict[str, str]) -> tuple[Spec, Derivation]:
    """A spec with a point, and a derivative of it there."""
    told = {name: read_constant(value, name) for name, value in point.items()}
    spec = replace(read_spec(text, inline=True), at=told)
    return spec, explained(spec, [of], [wrt]).derivations[0]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda n: replace(n, result=n.result * 2), "at the point the derivative is shown as"),
        (lambda n: replace(n, terms=(n.terms[0] + 1, *n.terms[1:])), "at the point term 1 is shown as"),
        (lambda n: replace(n, values={**n.values, "z": n.values["z"] + 1}), "at the point z is shown as"),
        (lambda n: replace(n, sums=(n.sums[0] + 1, *n.sums[1:])), "at the point the sum of the first 1 terms is"),
        (lambda n: replace(n, sums=n.sums[:1]), "2 terms, but 1 running sums"),
    ],
)
def test_wrong_numbers_are_refuted(change: Callable[[Numbers], Numbers], told: str) -> None:
    spec, derivation = at_point("z = x*y; p = cos(z) + x", "p", "x", NEURON_AT)
    assert derivation.numbers is not None
    assert verify(spec, derivation).checks[-1].outcome == "checked"
    found = verify(spec, replace(derivation, numbers=change(derivation.numbers)))
    assert found.verdict == "refuted"
    assert found.checks[-1].part == "numbers"
    assert found.checks[-1].text.startswith(told)


def numbers_of(derivation: Derivation) -> Numbers:
    assert derivation.numbers is not None
    return derivation.numbers


def falsified(numbers: Numbers, change: Callable[[Any], Any]) -> Iterator[tuple[str, Numbers]]:
    """The numbers with one of them changed, each in turn."""
    yield "the derivative", replace(numbers, result=change(numbers.result))
    for name, right in numbers.values.items():
        yield name, replace(numbers, values={**numbers.values, name: change(right)})
    for place, right in enumerate(numbers.terms):
        terms = (*numbers.terms[:place], change(right), *numbers.terms[place + 1 :])
        yield f"term {place + 1}", replace(numbers, terms=terms)


@pytest.mark.parametrize(
    ("text", "point"),
    [
        ("p = x*y", {"x": "1e60", "y": "2"}),
        ("p = x*y", {"x": "1e-60", "y": "2"}),
        ("p = x*y + z", {"x": "1e-60", "y": "1e60", "z": "1/3"}),
        ("k = exp(y); p = x*y + 0*k", {"x": "1/3", "y": "150"}),
        ("k = 1e60*y; p = sin(x)/k + x", {"x": "1e-60", "y": "7"}),
        ("z = log(x); p = z*x", {"x": "1e-60"}),
        ("z = x^3; p = cos(z)", {"x": "1e60"}),
        ("a = sqrt(x) + 1e100; p = (a - 1e100)*x", {"x": "2"}),
    ],
)
def test_each_number_is_judged_by_its_own_size(text: str, point: dict[str, str]) -> None:
    spec, derivation = at_point(text, "p", "x", point)
    numbers = numbers_of(derivation)
    assert part(verify(spec, derivation), "numbers").text == "the numbers at the point, worked out again to 20 digits"
    for what, wrong in falsified(numbers, lambda number: number * (1 + mpmath.mpf(10) ** -15)):
        if numbers.values.get(what, 1):
            found = part(verify(spec, replace(derivation, numbers=wrong)), "numbers")
            assert found.outcome == "refuted"
            assert found.text.startswith(f"at the point {what} is shown as ")


def test_numbers_where_a_function_is_near_1_are_checked_too() -> None:
    spec, derivation = at_point(
        "h = sigmoid(y*x); q = 1 - h; p = (h - z)^2", "p", "x", {"x": "200", "y": "99", "z": "1"}
    )
    numbers = numbers_of(derivation)
    assert part(verify(spec, derivation), "numbers").outcome == "checked"
    for what, wrong in falsified(numbers, lambda number: number * (1 + mpmath.mpf(10) ** -15)):
        found = part(verify(spec, replace(derivation, numbers=wrong)), "numbers")
        assert found.text.startswith(f"at the point {what} is shown as ")


def test_what_cancels_is_nothing_but_0() -> None:
    spec, derivation = at_point("u = sqrt(2) + x; p = (u - x - sqrt(2))*x", "p", "x", {"x": "pi"})
    numbers = numbers_of(derivation)
    assert (verify(spec, derivation).verdict, numbers.values["p"]) == ("agree", 0)
    wrong = replace(numbers, values={**numbers.values, "p": mpmath.mpf(10) ** -70})
    found = verify(spec, replace(derivation, numbers=wrong))
    assert part(found, "numbers").text == "at the point p is shown as 1.0e-70, and is 0"


def test_the_numbers_are_those_of_the_point_that_was_given() -> None:
    spec, derivation = at_point("p = x^2", "p", "x", {"x": "3"})
    other = {"x": read_constant("4", "x")}
    assert part(verify(spec, derivation, other), "numbers").text == "at the point x is shown as 3, and is 4"
    assert part(verify(spec, derivation, {}), "numbers").text == "at the point x is shown as 3, and was given no value"
    values = {**numbers_of(derivation).values}
    del values["p"]
    found = verify(spec, replace(derivation, numbers=replace(numbers_of(derivation), values=values)))
    assert part(found, "numbers").text == "at the point p is not shown, and is 9"


def test_the_derivative_at_the_point_is_measured_whatever_the_labels_say(
    table: Callable[[Function, Function], None],
) -> None:
    # A derivative that is wrong at 1/2 alone: no random point sees it.
    table(KNOWN["sin"], replace(KNOWN["sin"], derivatives=("cos(x) + 1 - abs(sign(x - 1/2))",)))
    spec, derivation = at_point("p = sin(x)*y", "p", "x", {"x": "1/2", "y": "2"})
    found = verify(spec, derivation)
    assert outcomes(found) == {"forms": "proved", "labels": "checked", "whole": "checked", "numbers": "refuted"}
    assert part(found, "numbers").text == (
        "at the point the labels give 3.75517 where the composed function's own derivative is 1.75517"
    )


AT_A_KINK = {
    "relu": ("p = relu(x)*y + z", {"x": "0", "y": "2", "z": "1/3"}),
    "abs": ("u = 3*x; p = abs(u)*y", {"x": "0", "y": "2"}),
    "abs of what falls": ("p = abs(2 - x)*y + x", {"x": "2", "y": "2"}),
    "max": ("p = max(x, y)*z", {"x": "5", "y": "5", "z": "1/7"}),
    "min of one name": ("p = min(x, 2*x, 7)", {"x": "0"}),
    "max of irrational numbers": ("a = sqrt(x); b = sqrt(y); p = max(a, b)", {"x": "2", "y": "2"}),
}


@pytest.mark.parametrize("case", AT_A_KINK)
def test_numbers_at_a_kink_are_checked_with_the_mean_of_the_slopes(case: str) -> None:
    text, point = AT_A_KINK[case]
    spec, derivation = at_point(text, "p", "x", point)
    assert part(verify(spec, derivation), "numbers").text == (
        "the numbers at the point, worked out again to 20 digits; "
        "at the kink in p each label is the mean of the slopes on both sides"
    )
    for what, wrong in falsified(numbers_of(derivation), lambda number: number + 7):
        found = part(verify(spec, replace(derivation, numbers=wrong)), "numbers")
        assert found.text.startswith(f"at the point {what} is shown as ")


@pytest.mark.parametrize(
    ("name", "slope", "text", "told", "mean"),
    [
        ("relu", "max(0, sign(x))", "p = relu(x)*y", "0", "0.5"),
        ("abs", "2*heaviside(x) - 1 + 1 - abs(sign(x))", "p = abs(x)*y", "1", "0"),
    ],
)
def test_another_slope_at_a_kink_is_refuted(
    name: str, slope: str, text: str, told: str, mean: str, table: Callable[[Function, Function], None]
) -> None:
    table(KNOWN[name], replace(KNOWN[name], derivatives=(slope,)))
    spec, derivation = at_point(text, "p", "x", {"x": "0", "y": "1"})
    assert numbers_of(derivation).result == float(told)
    found = verify(spec, derivation)
    assert outcomes(found)["whole"] == "checked"
    assert part(found, "numbers").outcome == "refuted"
    assert part(found, "numbers").text.startswith("at the kink in p its labels give ")


@pytest.mark.parametrize(
    ("text", "point"),
    [
        ("p = sign(x)*y + x", {"x": "0", "y": "2"}),
        ("p = atan2(x, y)*x", {"x": "0", "y": "-5"}),
        ("p = relu(x)*abs(x) + y", {"x": "0", "y": "2"}),
    ],
)
def test_where_there_is_no_one_slope_the_numbers_are_those_of_the_labels(text: str, point: dict[str, str]) -> None:
    spec, derivation = at_point(text, "p", "x", point)
    assert part(verify(spec, derivation), "numbers").text == (
        "the numbers at the point, worked out again to 20 digits; what stands for the slope in p is taken as it is"
    )
    for what, wrong in falsified(numbers_of(derivation), lambda number: number + 7):
        found = part(verify(spec, replace(derivation, numbers=wrong)), "numbers")
        assert found.text.startswith(f"at the point {what} is shown as ")


def test_of_a_kink_that_is_not_on_the_way_nothing_needs_to_be_said() -> None:
    spec, derivation = at_point("a = relu(y); p = a + abs(y)*x + x^2", "p", "x", {"x": "1", "y": "0"})
    assert part(verify(spec, derivation), "numbers").text == "the numbers at the point, worked out again to 20 digits"


def test_on_the_edge_of_a_domain_the_derivative_is_that_of_the_labels() -> None:
    spec, derivation = at_point("p = x^(3/2) + y", "p", "x", {"x": "0", "y": "2"})
    assert part(verify(spec, derivation), "numbers").text == (
        "the numbers at the point, worked out again to 20 digits; the derivative by its labels alone"
    )


@pytest.mark.parametrize(
    ("text", "point"),
    [
        ("u = sin(x)^2 + cos(x)^2 - 1; p = abs(u + y - y)*y + x", {"x": "1", "y": "2"}),
        ("p = relu(sin(x)^2 + cos(x)^2 - 1 + y)*z", {"x": "1", "y": "0", "z": "2"}),
        ("p = abs(sin(x))*y", {"x": "pi", "y": "2"}),
        ("u = sin(x); p = sign(u)*y + heaviside(sin(x))", {"x": "pi", "y": "2"}),
        ("p = abs(sin(x))*y", {"x": "pi + 1e-300", "y": "2"}),
    ],
)
def test_what_rounding_leaves_of_0_is_0(text: str, point: dict[str, str]) -> None:
    spec, derivation = at_point(text, "p", "y", point)
    assert verify(spec, derivation).verdict == "agree"
    for what, wrong in falsified(numbers_of(derivation), lambda right: right + 7):
        found = part(verify(spec, replace(derivation, numbers=wrong)), "numbers")
        assert found.text.startswith(f"at the point {what} is shown as ")


# What else a derivation tells.


def with_formula(change: Callable[[Sum], Sum]) -> Change:
    return lambda d: replace(d, numbers=replace(numbers_of(d), formula=change(numbers_of(d).formula)))


def other_value(formula: Sum) -> Sum:
    """The formula with numbers, 5 put in for every name of its first label."""
    first = formula.terms[0]
    assert isinstance(first, Product)
    put = first.factors[0]
    assert isinstance(put, Value)
    wrong = replace(put, numbers=dict.fromkeys(put.numbers or {}, mpmath.mpf(5)))
    return replace(formula, terms=(Product((wrong, *first.factors[1:])), *formula.terms[1:]))


@pytest.mark.parametrize(
    "change",
    [
        lambda formula: replace(formula, terms=formula.terms[:-1]),
        lambda formula: replace(formula, terms=formula.terms[:-1], marks=formula.marks[:-1]),
        lambda formula: replace(formula, terms=formula.terms[::-1]),
        lambda formula: replace(formula, marks=formula.marks[::-1]),
        lambda formula: Sum(()),
        other_value,
    ],
)
def test_another_path_sum_with_numbers_put_in_is_refuted(change: Callable[[Sum], Sum]) -> None:
    spec, derivation = at_point("z = x*y; p = cos(z)*x + x", "p", "x", NEURON_AT)
    assert verify(spec, derivation).verdict == "agree"
    found = verify(spec, with_formula(change)(derivation))
    assert outcomes(found) == {"forms": "proved", "labels": "proved", "whole": "checked", "numbers": "refuted"}
    assert part(found, "numbers").text == "with numbers put in, the path sum is another one"


def test_the_numbers_of_paths_are_checked() -> None:
    spec, derivation = derived(SKIP, "p", "x")
    assert derivation.labelled is not None
    wrong = replace(derivation, labelled=replace(derivation.labelled, marks=(2, 1)))
    assert part(verify(spec, wrong), "forms").method == (
        "with the labels put in, the terms of the path sum have the numbers of other paths"
    )
    spec, derivation = derived(MLP2, "p", "x1")
    for marks in ((1, 2, 4, 3), (1, 2, 3), (1, 2, 3, 9)):
        line = replace(derivation.path_sum.formula, marks=marks)
        found = verify(spec, replace(derivation, factoring=(line,)))
        assert part(found, "forms").method == "the terms of line 1 of the factoring have the numbers of other paths"
    first, *others = derivation.factoring
    bracket = first.terms[0]
    assert isinstance(bracket, Product)
    heads = bracket.factors[0]
    assert isinstance(heads, Sum)
    assert heads.marks == (1, 2)
    swapped = replace(first, terms=(Product((replace(heads, marks=(2, 1)), *bracket.factors[1:])), *first.terms[1:]))
    found = verify(spec, replace(derivation, factoring=(swapped, *others)))
    assert part(found, "forms").method == "the terms of line 1 of the factoring have the numbers of other paths"


def test_the_tails_that_paths_share_are_checked() -> None:
    spec, derivation = derived(MLP2, "p", "x1")
    one, two = derivation.tails
    for tails in ((one,), (one, replace(two, paths=(3,))), (replace(one, edge=two.edge), two), ()):
        found = verify(spec, replace(derivation, tails=tails))
        assert part(found, "forms").method == "the paths that share a tail are others"


def test_what_is_worked_out_has_its_own_name() -> None:
    spec, derivation = derived(MLP2, "p", "x1")
    found = verify(spec, replace(derivation, result=T("p", "x2")))
    assert part(found, "forms").method == "what is worked out is called ∂p/∂x2"


@pytest.mark.parametrize("way", ["path_sum", "forward", "reverse"])
@pytest.mark.parametrize("text", [MLP2, layered(5, 5, abstract), "p = y"])
def test_a_wrong_cost_is_refuted(way: str, text: str) -> None:
    wrt = {MLP2: "x1"}.get(text, "x")
    spec, derivation = derived(f"{text}; x = t*y", "p", wrt)
    assert verify(spec, derivation).verdict == "agree"
    right = derivation.costs[way]
    for wrong in (Count(99, right.additions), Count(right.multiplications, right.additions + 1)):
        found = part(verify(spec, replace(derivation, costs={**derivation.costs, way: wrong})), "forms")
        assert found.outcome == "refuted"
        assert found.text.startswith(f"a cost is wrong: the {way.replace('_', ' ')}")
    lacking = {name: count for name, count in derivation.costs.items() if name != way}
    assert part(verify(spec, replace(derivation, costs=lacking)), "forms").outcome == "refuted"


def test_what_is_said_of_a_wrong_cost() -> None:
    spec, derivation = derived(MLP2, "p", "x1")
    found = verify(spec, replace(derivation, costs={**derivation.costs, "reverse": Count(99, 3)}))
    assert part(found, "forms").text == "a cost is wrong: the reverse sweep takes 6 · and 3 +, not 99 · and 3 +"


# Small beside large.


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("a = u; b = u; y = 1e40*a + 1e-40*b", "3e-40"),
        ("a = u; b = u; y = a + 1e-60*b", "0"),
        ("a = u; b = u; y = a + 1e-60*b^2", "-2e-60*b"),
        ("a = u; b = u; y = exp(a) + 0*b", "1e-70"),
    ],
)
def test_a_label_too_small_to_be_seen_beside_another(text: str, wrong: str) -> None:
    spec, derivation = derived(text, "y", "u")
    assert verify(spec, derivation).verdict == "agree"
    found = part(verify(spec, label("y", "b", wrong)(derivation)), "labels")
    assert found.outcome == "refuted"
    assert found.counterexample is not None
    assert found.counterexample.edge == ("y", "b")


# Several derivatives together.


def several(text: str, of: str, *wrt: str, at: Mapping[str, str] | None = None) -> tuple[Spec, Gradient]:
    """A spec and several derivatives of it, each in every form."""
    spec = replace(read_spec(text, inline=True), at={n: read_constant(v, n) for n, v in (at or {}).items()})
    return spec, explained(spec, [of], wrt).gradients[0]


def in_the_place_of(gradient: Gradient, wrt: str, other: Derivation) -> Gradient:
    told = tuple(other if each.wrt == wrt else each for each in gradient.derivations)
    return replace(gradient, derivations=told)


WHOLE = "z = x*y; h = sin(z); p = h*x + h*w"
ONE_WRONG: dict[str, Change] = {
    "expression": lambda d: replace(d, expression=Expression(ONE, [])),
    "label": label("z", "y", "x + 1"),
    "label of another edge": label_of_another_edge(("z", "y"), ("h", "z")),
    "no label": lambda d: replace(
        d, part=replace(d.part, labels={e: k for e, k in d.part.labels.items() if e != ("z", "y")}), labelled=None
    ),
    "count": lambda d: replace(d, path_sum=replace(d.path_sum, count=7)),
    "path less": lambda d: replace(
        d, path_sum=replace(d.path_sum, paths=d.path_sum.paths[:-1], terms=d.path_sum.terms[:-1]), labelled=None
    ),
    "reverse sweep": steps("reverse", lambda told: told[:-1]),
    "forward sweep": steps("forward", lambda told: told[:-1]),
    "factored formula": lambda d: replace(d, factored=Product((P("p", "h"), P("h", "z")))),
    "formula substituted back": lambda d: replace(d, substituted=Product((P("p", "h"), P("h", "z")))),
    "factoring": lambda d: replace(d, factoring=(Sum((P("p", "h"),)),)),
    "labels put in": lambda d: replace(d, labelled=Sum(())),
    "cost": lambda d: replace(d, costs={**d.costs, "forward": Count(0, 0)}),
    "result": lambda d: replace(d, numbers=replace(numbers_of(d), result=mpmath.mpf(3))),
    "value": lambda d: replace(d, numbers=replace(numbers_of(d), values={**numbers_of(d).values, "h": mpmath.mpf(3)})),
    "term": lambda d: replace(d, numbers=replace(numbers_of(d), terms=(mpmath.mpf(3),))),
    "formula with numbers": with_formula(lambda formula: Sum(())),
}


@pytest.mark.parametrize("fault", ONE_WRONG)
def test_a_fault_in_one_derivation_is_seen_alone_and_among_others(fault: str) -> None:
    spec, gradient = several(WHOLE, "p", "x", "y", "w", at={"x": "1/3", "y": "2", "w": "3"})
    assert [found.verdict for found in verify_gradient(spec, gradient, "p", ["x", "y", "w"])] == ["agree"] * 3
    wrong = ONE_WRONG[fault](gradient.derivations[1])
    assert verify(spec, wrong).verdict == "refuted"
    found = verify_gradient(spec, in_the_place_of(gradient, "y", wrong), "p", ["x", "y", "w"])
    assert [each.verdict for each in found] == ["agree", "refuted", "agree"]


@pytest.mark.parametrize(
    ("text", "wrong"), [("p = 1e40*x + 1e-40*y", "3e-40"), ("p = x + 1e-60*y", "0"), ("p = x + 0*y", "1e-60")]
)
def test_a_derivative_too_small_to_be_seen_beside_another(text: str, wrong: str) -> None:
    spec, gradient = several(text, "p", "x", "y")
    other = replace(gradient.derivations[1], expression=Expression(parse(wrong).tree, []))
    assert verify(spec, other).verdict == "refuted"
    assert [each.verdict for each in verify_gradient(spec, gradient, "p", ["x", "y"])] == ["agree", "agree"]
    found = verify_gradient(spec, in_the_place_of(gradient, "y", other), "p", ["x", "y"])
    assert [each.verdict for each in found] == ["agree", "refuted"]


SHARED: dict[str, Callable[[Gradient], Gradient]] = {
    "a line of the sweep less": lambda g: replace(g, sweep=replace(g.sweep, steps=g.sweep.steps[:-1])),
    "cost of the sweep": lambda g: replace(g, costs={**g.costs, "reverse": Count(99, 99)}),
    "cost of all forward sweeps": lambda g: replace(g, costs={**g.costs, "forward": Count(99, 99)}),
    "cost of all path sums": lambda g: replace(g, costs={**g.costs, "path_sum": Count(99, 99)}),
    "a label of the part": lambda g: replace(
        g, part=replace(g.part, labels={**g.part.labels, ("p", "h"): Label(g.part.labels["z", "x"].node, 0)})
    ),
}


@pytest.mark.parametrize("fault", SHARED)
@pytest.mark.parametrize("wrt", [["x"], ["x", "y", "w"]])
def test_a_fault_in_what_derivations_share_is_refuted(fault: str, wrt: list[str]) -> None:
    spec, gradient = several(WHOLE, "p", *wrt)
    assert {each.verdict for each in verify_gradient(spec, gradient, "p", wrt)} == {"agree"}
    assert {each.verdict for each in verify_gradient(spec, SHARED[fault](gradient), "p", wrt)} == {"refuted"}


@pytest.mark.parametrize("cost", ["path_sum", "reverse"])
def test_a_wrong_cost_of_a_large_gradient_is_refuted(cost: str) -> None:
    spec, gradient = large_gradient()
    wrong = replace(gradient, costs={**gradient.costs, cost: Count(1, 1)})
    [found] = verify_gradient(spec, wrong, gradient.of, gradient.wrt)
    assert part(found, "forms").text.startswith("a cost is wrong: the ")
    [found] = verify_gradient(spec, changed_brief(cost=Count(1, 1))(gradient), gradient.of, gradient.wrt)
    assert part(found, "forms").text.startswith("a cost is wrong: the path sum for w1_0_3 takes ")


def test_what_was_asked_for_and_is_missing_is_refuted() -> None:
    spec, gradient = several(WHOLE, "p", "x", "y")
    names = ["x", "y", "w"]
    found = verify_gradient(spec, gradient, "p", names)
    assert [each.verdict for each in found] == ["refuted"] * 2
    assert found[0].checks[0].text == "the derivative of p with respect to w was asked for and is missing"
    spec, gradient = large_gradient()
    less = replace(gradient, wrt=gradient.wrt[1:], briefs=gradient.briefs[1:])
    [one] = verify_gradient(spec, less, gradient.of, gradient.wrt)
    assert one.checks[0].text == "the derivative of h2_0 with respect to w0_0_0 was asked for and is missing"
    [one] = verify_gradient(spec, replace(gradient, briefs=gradient.briefs[1:]), gradient.of, gradient.wrt)
    assert one.verdict == "refuted"


def test_an_answer_to_another_question_is_refuted() -> None:
    spec, gradient = several(WHOLE, "p", "x", "y")
    _, other = several(WHOLE, "h", "x", "y")
    a, b = gradient.derivations
    for wrong in (
        other,
        replace(gradient, derivations=(b, a)),
        replace(gradient, derivations=(a, other.derivations[1])),
        replace(gradient, derivations=(a, b, b)),
    ):
        assert {each.verdict for each in verify_gradient(spec, wrong, "p", ["x", "y"])} == {"refuted"}


def test_a_name_that_is_lost_on_the_way_to_the_verifier_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "pathdiff.explain.derive_gradient", lambda graph, of, wrt, point: derive_gradient(graph, of, wrt[:-1], point)
    )
    assert explained(read_spec(WHOLE, inline=True), ["p"], ["x", "y", "w"]).verdict == "refuted"


def test_only_what_a_node_depends_on_is_looked_at() -> None:
    class Guarded(dict[str, Any]):
        def __iter__(self) -> Iterator[str]:
            raise AssertionError("all nodes of the spec are walked")

        items = values = keys = __iter__  # type: ignore[assignment]

    spec = read_spec(f"{WHOLE}; q = p^2", inline=True)
    for wrt in (["x"], ["x", "z"]):
        assert composition(replace(spec, nodes=Guarded(spec.nodes)), "h", wrt) == composition(spec, "h", wrt)


@pytest.mark.parametrize("text", ["(x + x)**7909.745E+36", "-(2*x + 1/x + 225e8)**(2*x + 1/x + 225e8)"])
def test_large_exponents_end_at_once(text: str) -> None:
    assert explain(f"p = {text}", inline=True).verdict in ("agree", "undecided")


# Large functions, at fewer points and to fewer digits.

LONG = ["n0 = x", *(f"n{i} = sin(n{i - 1})/1000 + n{i - 1} + 1/500" for i in range(1, 3000))]


@pytest.fixture(scope="module")
def long_chain() -> tuple[Spec, Derivation]:
    return derived("; ".join(LONG), "n2999", "x")


def test_what_is_said_of_a_long_chain(long_chain: tuple[Spec, Derivation]) -> None:
    found = verify(*long_chain)
    assert found.verdict == "agree"
    whole = part(found, "whole")
    assert (whole.points, whole.digits) == (1, 15)
    assert whole.method == f"at 1 random point to 15 digits: largest relative difference {whole.error}"


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        (label("n1500", "n1499", "cos(n1499)/1000 - 1"), "labels"),
        (label("n1500", "n1499", "cos(n1498)/1000 + 1"), "labels"),
        (label("n1500", "n1499", "n1500"), "labels"),
        (line("reverse", "n2999", "n1499", (T("n2999", "n1500"), P("n1501", "n1500"))), "forms"),
        (line("reverse", "n2999", "n1499", (T("n2999", "n1501"), P("n1500", "n1499"))), "forms"),
        (line("forward", "n1500", "x", (P("n1500", "n1499"), T("n1498", "x"))), "forms"),
    ],
    ids=["sign", "foreign name", "value", "stale factor", "stale line", "stale tangent"],
)
def test_a_fault_in_a_long_chain_is_refuted(long_chain: tuple[Spec, Derivation], fault: Change, outcome: str) -> None:
    spec, derivation = long_chain
    found = verify(spec, fault(derivation))
    assert found.verdict == "refuted"
    assert part(found, outcome).outcome == "refuted"


def test_the_derivative_of_another_long_chain_is_refuted(long_chain: tuple[Spec, Derivation]) -> None:
    other = [*LONG[:9], LONG[9].replace(" + n8", " - n8"), *LONG[10:]]
    found = verify(read_spec("; ".join(other), inline=True), long_chain[1])
    assert outcomes(found)["whole"] == "refuted"


@pytest.mark.parametrize(
    ("count", "told"),
    [(1, "1 path"), (10**15 - 1, "999,999,999,999,999 paths"), (2**16_000, "about 3.02e4816 paths")],
    ids=["one", "the largest written", "larger than Python writes"],
)
def test_counts_of_any_size_are_written(count: int, told: str) -> None:
    assert plural(count, "path") == told


def test_what_is_too_much_to_compare_is_undecided(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATHDIFF_LIMITS", "compared=20")
    spec, derivation = derived("z = x*y; p = sin(z) + cos(z)*x", "p", "x")
    found = verify(spec, derivation)
    assert outcomes(found) == {"forms": "proved", "labels": "undecided", "whole": "undecided"}
    assert found.verdict == "undecided"
    why = (
        "38 operations are more than the limit of 20 "
        "(PATHDIFF_LIMITS=compared=200 in the environment allows ten times as much)"
    )
    assert part(found, "labels").method == why
    assert part(found, "whole").text == f"the labels and the derivative of p could not be compared by numbers: {why}"
    other = line("forward", "z", "x", (P("z", "x"), P("z", "y")))(derivation)
    assert other != derivation
    assert verify(spec, other).verdict == "refuted"


def test_of_what_vanishes_in_a_long_chain_nothing_is_decided() -> None:
    text = "; ".join(["n0 = x", *(f"n{i} = sin(n{i - 1})/2 + 1/5" for i in range(1, 3000))])
    found = verify(*derived(text, "n2999", "x"))
    assert outcomes(found) == {"forms": "checked", "labels": "proved", "whole": "undecided"}
    why = "its derivative is so small beside it that more than 266 digits would be lost in measuring it"
    assert part(found, "whole").method == why


def test_saturated_units_of_a_large_function_are_measured() -> None:
    """Steps that make up for their derivatives are so long that few digits are not enough."""
    units = [f"h{i} = sigmoid(60*x{i})" for i in range(70)]
    total = f"p = {' + '.join([f'h{i}' for i in range(70)] + ['y'] * 10_000)}"
    [found] = explained(read_spec("; ".join([*units, total]), inline=True), wrt=["all"]).verdicts
    assert found.verdict == "agree"
    assert part(found, "whole").digits == 15
