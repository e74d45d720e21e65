"""The verifier of eliminations: what is right agrees in every order, and each kind of fault is refuted."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from dags import Asked, asked
from hypothesis import given
from hypothesis import strategies as st
from test_cli import run  # noqa: F401  # a fixture

from pathdiff.cost import with_orders
from pathdiff.derivation import Accumulated, Partial, Product, Spent, Sum, Total
from pathdiff.elimination.eliminate import eliminate
from pathdiff.elimination.jacobian import jacobian
from pathdiff.elimination.orders import forward_order, markowitz_order, named_order, reverse_order
from pathdiff.elimination.steps import Elimination, EliminationStep, Line
from pathdiff.explain import explain
from pathdiff.graph import computation_graph, derivative_graph
from pathdiff.reader import read_spec
from pathdiff.verify import Check
from pathdiff.verify.eliminations import check_elimination

SHARED = "z = x*y; w = sin(z) + x; p = w*z; q = w + z"
SPEC = read_spec(SHARED, inline=True)
OF, WRT = ("p", "q"), ("x", "y")
PART = jacobian(derivative_graph(computation_graph(SPEC)), OF, WRT)
RIGHT = eliminate(PART, named_order(PART, ["z", "w"], "--order"))
"""z, whose product for w -> x is absorbed, then w, whose edges need names."""

Change = Callable[[Elimination], Elimination]


def checked(elimination: Elimination, asked: Any = None) -> Check:
    return check_elimination(SPEC, elimination, OF, WRT, asked, PART.unit_labels)


def in_step(number: int, change: Callable[[EliminationStep], EliminationStep]) -> Change:
    """A change of one step."""

    def changed(told: Elimination) -> Elimination:
        steps = list(told.steps)
        steps[number] = change(steps[number])
        return replace(told, steps=tuple(steps))

    return changed


def products(number: int, change: Callable[[tuple[Any, ...]], Iterable[Any]]) -> Change:
    return in_step(number, lambda step: replace(step, products=tuple(change(step.products))))


def results(change: Callable[[tuple[Line, ...]], Iterable[Line]]) -> Change:
    return lambda told: replace(told, results=tuple(change(told.results)))


def cut_short(line: Line) -> Line:
    return replace(line, formula=Sum(line.formula.terms[1:]))


def with_terms(line: Line, *more: Any) -> Line:
    return replace(line, formula=Sum((*line.formula.terms, *more)))


def renamed(line: Line, name: str) -> Line:
    return replace(line, result=Accumulated(name))


SQUARED = Product((Partial("p", "z"), Partial("z", "y"), Partial("z", "y")))
FOREIGN = Product((Partial("p", "w"), Partial("z", "x")))
FAULTS: dict[str, tuple[Change, str]] = {
    "dropped product": (
        products(0, lambda made: made[1:]),
        "the product for w -> x is missing when z is eliminated",
    ),
    "doubled product": (
        products(0, lambda made: [*made, made[0]]),
        "the product for w -> x when z is eliminated is there twice",
    ),
    "foreign product": (
        products(0, lambda made: [*made, replace(made[0], of="p", wrt="w")]),
        "the product for p -> w when z is eliminated has no place there",
    ),
    "foreign factor": (
        products(0, lambda made: [*made[:2], replace(made[2], product=FOREIGN), *made[3:]]),
        "the product for p -> x when z is eliminated has other factors",
    ),
    "one factor more": (
        products(0, lambda made: [*made[:3], replace(made[3], product=SQUARED), *made[4:]]),
        "the product for p -> y when z is eliminated has other factors",
    ),
    "absorbed though new": (
        products(0, lambda made: [*made[:1], replace(made[1], absorbed=True), *made[2:]]),
        "the product for w -> y when z is eliminated is new",
    ),
    "new though absorbed": (
        products(0, lambda made: [replace(made[0], absorbed=False), *made[1:]]),
        "the product for w -> x when z is eliminated is added to an edge that is there",
    ),
    "count of multiplications": (
        in_step(0, lambda step: replace(step, multiplications=step.multiplications + 1)),
        "the running count is wrong after z",
    ),
    "count of additions": (
        in_step(1, lambda step: replace(step, additions=0)),
        "the running count is wrong after w",
    ),
    "spent": (
        lambda told: replace(told, spent=told.spent._replace(multiplications=1)),
        "it costs something else than it says",
    ),
    "spent without units": (
        lambda told: replace(told, spent=told.spent._replace(without_units=0)),
        "it costs something else than it says",
    ),
    "order": (
        lambda told: replace(told, order=told.order[::-1]),
        "its steps come in another order than it says",
    ),
    "steps": (
        lambda told: replace(told, order=told.order[::-1], steps=told.steps[::-1]),
        "the line for w -> x is not what stands on that edge",
    ),
    "a node left out": (
        lambda told: replace(told, order=told.order[:1], steps=told.steps[:1]),
        "its order is not each intermediate node once",
    ),
    "a line left out": (
        in_step(1, lambda step: replace(step, lines=step.lines[1:])),
        "what stands on w -> x has no name",
    ),
    "a line with a term less": (
        in_step(1, lambda step: replace(step, lines=(cut_short(step.lines[0]), *step.lines[1:]))),
        "the line for w -> x is not what stands on that edge",
    ),
    "a name given twice": (
        in_step(1, lambda step: replace(step, lines=(step.lines[0], renamed(step.lines[1], "c1"), *step.lines[2:]))),
        "the name c1 is given twice",
    ),
    "a name of the spec": (
        in_step(1, lambda step: replace(step, lines=(renamed(step.lines[0], "x"), *step.lines[1:]))),
        "the name x is given twice",
    ),
    "a foreign line": (
        in_step(0, lambda step: replace(step, lines=(RIGHT.results[0],))),
        "a line for p -> x has no place where z is eliminated",
    ),
    "a label under a name": (
        in_step(0, lambda step: replace(step, lines=(label_named("p", "z"),))),
        "what stands on p -> z has a name and is one label",
    ),
    "dropped result": (
        results(lambda lines: lines[1:]),
        "its results are not those asked for",
    ),
    "dropped term": (
        results(lambda lines: [cut_short(lines[0]), *lines[1:]]),
        "the line for p -> x is not what stands on that edge",
    ),
    "doubled term": (
        results(lambda lines: [with_terms(lines[0], lines[0].formula.terms[0]), *lines[1:]]),
        "the line for p -> x is not what stands on that edge",
    ),
    "result of another name": (
        results(lambda lines: [replace(lines[0], result=Total("p", "y")), *lines[1:]]),
        "the result p -> x is called something else",
    ),
}


def label_named(of: str, wrt: str) -> Line:
    return Line(Accumulated("c7"), of, wrt, Sum((Product((Partial(of, wrt),)),)))


def test_what_is_right_is_checked() -> None:
    found = checked(RIGHT, ["z", "w"])
    assert (found.outcome, found.points, found.error, found.counterexample) == ("checked", 3, "1e-53", None)


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_refuted(fault: str) -> None:
    change, text = FAULTS[fault]
    wrong = change(RIGHT)
    assert wrong != RIGHT
    found = checked(wrong)
    assert (found.outcome, found.method) == ("refuted", text)
    assert found.text == f"the elimination is wrong: {text}"
    assert found.counterexample is not None


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        ("reverse", "it is not the reverse order: a node comes before one that uses it"),
        ("markowitz", "it does not take the cheapest node each time"),
        (["w", "z"], "its order is not the one asked for"),
    ],
)
def test_an_order_that_was_not_asked_for_is_refuted(asked: Any, text: str) -> None:
    assert checked(RIGHT, "forward").outcome == "checked"
    assert checked(RIGHT, asked).method == text


def test_a_reverse_order_is_no_forward_one() -> None:
    reverse = eliminate(PART, reverse_order(PART))
    assert checked(reverse, "reverse").outcome == "checked"
    assert checked(reverse, "forward").method == "it is not the forward order: a node comes before one that it uses"


DOUBLED = Product((Partial("p", "z"), Partial("z", "x")))
PUT_IN = "with parts put in their place"


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (lambda lines: lines[:-1], f"{PUT_IN} it has other results"),
        (lambda lines: [*lines, lines[-1]], f"{PUT_IN} it has other results"),
        (lambda lines: [with_terms(lines[0], DOUBLED), *lines[1:]], f"c1 has another value {PUT_IN}"),
        (lambda lines: [*lines[:-1], cut_short(lines[-1])], f"∂q/∂y has another value {PUT_IN}"),
        (
            lambda lines: [*lines[:-1], with_terms(lines[-1], *lines[-1].formula.terms)],
            f"∂q/∂y has another value {PUT_IN}",
        ),
        (
            lambda lines: [*lines[:-1], with_terms(lines[-1], Product((Accumulated("c9"),)))],
            "c9 is neither a label nor the name of a line before",
        ),
        (
            lambda lines: [*lines[:-1], with_terms(lines[-1], Product((Partial("q", "x"),)))],
            "∂q/∂x is neither a label nor the name of a line before",
        ),
    ],
)
def test_wrong_formulas_with_parts_put_in_their_place_are_refuted(
    monkeypatch: pytest.MonkeyPatch, change: Callable[[Any], Any], text: str
) -> None:
    told = RIGHT.factored()
    monkeypatch.setattr(Elimination, "factored", lambda _: tuple(change(told)))
    found = checked(RIGHT)
    assert (found.outcome, found.method) == ("refuted", text)


def test_a_wrong_elimination_is_refuted_by_the_command(
    run: Any,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def wrong(part: Any, order: Any) -> Elimination:
        return replace(eliminate(part, order), spent=Spent(1, 1, 1))

    monkeypatch.setattr("pathdiff.cost.eliminate", wrong)
    answer = run("explain", "-e", SHARED, "--order", "reverse")
    assert answer.code == 1
    assert "✗ the elimination is wrong: it costs something else than it says" in " ".join(answer.out.split())
    answer = run("explain", "-e", SHARED, "--order", "reverse", "--format", "latex")
    assert answer.code == 1
    assert r"\textbf{Refuted}: the elimination is wrong" in answer.out
    answer = run("explain", "-e", SHARED, "--order", "reverse", "--format", "json")
    assert answer.code == 1
    assert answer.json["eliminations"][0]["agreement"]["verdict"] == "refuted"


@given(asked(), st.randoms(use_true_random=False))
def test_what_is_right_agrees_in_every_order(found: Asked, random: Any) -> None:
    spec, part = read_spec(found.text, inline=True), found.jacobian
    any_order = list(range(part.count))
    random.shuffle(any_order)
    asked_for = {
        "forward": forward_order(part),
        "reverse": reverse_order(part),
        "markowitz": markowitz_order(part),
        None: tuple(any_order),
    }
    for name, order in asked_for.items():
        for most in (0, 10**6):
            elimination = eliminate(part, order, most)
            check = check_elimination(spec, elimination, found.of, found.wrt, name)
            assert check.outcome == ("checked" if elimination.complete else "proved"), check.text


UNITS = "a = x + y; b = a - x; c = a*b; d = -c; e = d + b; p = e - a"


@pytest.mark.parametrize("order", ["a,b,c,d,e", "e,d,c,b,a", "c,a,e,b,d"])
def test_multiplications_by_1_are_counted_again(order: str) -> None:
    assert with_orders(explain(UNITS, inline=True), [order]).verdict == "agree"


def test_what_has_very_many_products_is_counted_and_not_made(
    run: Any,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    layers = [[f"n{depth}_{i}" for i in range(8)] for depth in range(5)]
    lines = [f"{name} = {name}({', '.join(before)})" for before, layer in pairwise(layers) for name in layer]
    spec = read_spec("; ".join(lines), inline=True)
    part = jacobian(derivative_graph(computation_graph(spec)), layers[-1], layers[0])
    elimination = eliminate(part, forward_order(part), 1000)
    assert not elimination.complete
    assert (elimination.steps, elimination.spent.multiplications) == ((), 3 * 8**3)
    check = check_elimination(spec, elimination, layers[-1], layers[0], "forward")
    assert (check.outcome, check.text) == (
        "proved",
        "the counts of the elimination: 24 steps counted again on the spec's own edges",
    )
    wrong = replace(elimination, spent=Spent(3 * 8**3, 0, 3 * 8**3))
    assert check_elimination(spec, wrong, layers[-1], layers[0]).outcome == "refuted"

    monkeypatch.setattr("pathdiff.cost.eliminate", lambda part, order: eliminate(part, order, 3))
    answer = run("explain", "-e", SHARED, "--order", "reverse")
    assert "too many products to be shown: only counted\n" in answer.out
    assert "the counts of the elimination: 2 steps counted again" in answer.out
    answer = run("explain", "-e", SHARED, "--order", "reverse", "--format", "latex")
    assert "Too many products to be written: only counted." in answer.out
    assert "more step" not in answer.out
