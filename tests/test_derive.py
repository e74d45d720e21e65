"""Derivations as data: the order of paths, terms and factors, the sweeps, the formulas between, the costs."""

from __future__ import annotations

import mpmath
import pytest

from pathdiff.derivation import Accumulated, Derivation, Formula, Partial, Product, Sum, Tail, Total, Value
from pathdiff.derive import derive
from pathdiff.explain import explained
from pathdiff.expression import ONE
from pathdiff.graph import between, computation_graph, derivative_graph
from pathdiff.reader import read_spec
from pathdiff.sweeps import reverse_sweep

MLP2 = "p = p(h1, h2); h1 = h1(z1, z2); h2 = h2(z1, z2); z1 = z1(x1, x2); z2 = z2(x1, x2)"
SKIP = "z = x^2; p = z + x"


def derived(text: str, of: str, wrt: str) -> Derivation:
    return derive(derivative_graph(computation_graph(read_spec(text, inline=True))), of, wrt)


def shown(formula: Formula | None) -> str:
    """A formula on one line: labels as ∂p/∂x, lines before as (∂p/∂x) or (dp/dx), labels put in as [..]."""
    match formula:
        case Partial(of, wrt):
            return f"∂{of}/∂{wrt}"
        case Total(of, wrt, also_edge):
            return f"(d{of}/d{wrt})" if also_edge else f"(∂{of}/∂{wrt})"
        case Value(label):
            return f"[{label}]"
        case Accumulated(name):
            return name
        case Product(factors):
            return " ".join(f"({shown(f)})" if isinstance(f, Sum) else shown(f) for f in factors) or "1"
        case Sum(terms):
            return " + ".join(map(shown, terms)) or "0"
        case None:
            return "none"


def test_paths_and_terms_by_the_last_node_before_the_end_then_by_the_one_before_that() -> None:
    found = derived(MLP2, "p", "x1")
    assert found.path_sum.count == 4
    assert found.path_sum.paths == (
        ("p", "h1", "z1", "x1"),
        ("p", "h2", "z1", "x1"),
        ("p", "h1", "z2", "x1"),
        ("p", "h2", "z2", "x1"),
    )
    assert shown(found.path_sum.formula) == (
        "∂p/∂h1 ∂h1/∂z1 ∂z1/∂x1 + ∂p/∂h2 ∂h2/∂z1 ∂z1/∂x1 + ∂p/∂h1 ∂h1/∂z2 ∂z2/∂x1 + ∂p/∂h2 ∂h2/∂z2 ∂z2/∂x1"
    )
    assert found.path_sum.formula.marks == (1, 2, 3, 4)


def test_every_line_of_the_factoring_says_which_terms_are_which_paths() -> None:
    found = derived("p = p(h1, h2, z2); h1 = h1(z1); h2 = h2(z1); z1 = z1(x); z2 = z2(x)", "p", "x")
    assert found.tails == (Tail(Partial("z1", "x"), (2, 3)),)
    heads, single = found.factoring[0].terms[1], found.factoring[0].terms[0]
    assert [line.marks for line in found.factoring] == [(1, 0), (1, 0)]
    assert isinstance(heads, Product)
    assert isinstance(heads.factors[0], Sum)
    assert heads.factors[0].marks == (2, 3)
    assert shown(single) == "∂p/∂z2 ∂z2/∂x"


@pytest.mark.parametrize(("paths", "lines"), [(40, 2), (41, 0)])
def test_with_many_paths_the_way_is_not_written_down(paths: int, lines: int) -> None:
    names = [f"h{i}" for i in range(paths)]
    found = derived("; ".join([f"p = p({', '.join(names)})", *(f"{n} = {n}(z)" for n in names), "z = z(x)"]), "p", "x")
    assert found.path_sum.count == paths
    assert (len(found.factoring), len(found.tails)) == (lines, lines // 2)


def test_the_running_sums_are_as_exact_as_the_terms() -> None:
    spec = read_spec("nodes: {a: x, b: -x*(1 - 1e-40), p: a + b}\nat: {x: 1}")
    [found] = explained(spec).derivations
    assert found.numbers is not None
    assert [mpmath.nstr(number, 6) for number in found.numbers.sums] == ["1.0", "1.0e-40"]


def test_the_way_from_the_path_sum_to_reverse_mode() -> None:
    assert [shown(line) for line in derived(MLP2, "p", "x1").factoring] == [
        "(∂p/∂h1 ∂h1/∂z1 + ∂p/∂h2 ∂h2/∂z1) ∂z1/∂x1 + ∂p/∂h1 ∂h1/∂z2 ∂z2/∂x1 + ∂p/∂h2 ∂h2/∂z2 ∂z2/∂x1",
        "(∂p/∂z1) ∂z1/∂x1 + ∂p/∂h1 ∂h1/∂z2 ∂z2/∂x1 + ∂p/∂h2 ∂h2/∂z2 ∂z2/∂x1",
        "(∂p/∂z1) ∂z1/∂x1 + (∂p/∂h1 ∂h1/∂z2 + ∂p/∂h2 ∂h2/∂z2) ∂z2/∂x1",
        "(∂p/∂z1) ∂z1/∂x1 + (∂p/∂z2) ∂z2/∂x1",
    ]


def lines(derivation: Derivation, mode: str) -> list[str]:
    sweep = derivation.reverse if mode == "reverse" else derivation.forward
    return [f"{step.stage}: {shown(step.result)} = {shown(step.formula)}" for step in sweep.steps]


def test_reverse_mode_in_stages() -> None:
    assert lines(derived(MLP2, "p", "x1"), "reverse") == [
        "3: (∂p/∂h1) = ∂p/∂h1",
        "3: (∂p/∂h2) = ∂p/∂h2",
        "2: (∂p/∂z1) = ∂p/∂h1 ∂h1/∂z1 + ∂p/∂h2 ∂h2/∂z1",
        "2: (∂p/∂z2) = ∂p/∂h1 ∂h1/∂z2 + ∂p/∂h2 ∂h2/∂z2",
        "1: (∂p/∂x1) = (∂p/∂z1) ∂z1/∂x1 + (∂p/∂z2) ∂z2/∂x1",
    ]


def test_forward_mode_in_stages() -> None:
    assert lines(derived(MLP2, "p", "x1"), "forward") == [
        "1: (∂z1/∂x1) = ∂z1/∂x1",
        "1: (∂z2/∂x1) = ∂z2/∂x1",
        "2: (∂h1/∂x1) = ∂h1/∂z1 ∂z1/∂x1 + ∂h1/∂z2 ∂z2/∂x1",
        "2: (∂h2/∂x1) = ∂h2/∂z1 ∂z1/∂x1 + ∂h2/∂z2 ∂z2/∂x1",
        "3: (∂p/∂x1) = ∂p/∂h1 (∂h1/∂x1) + ∂p/∂h2 (∂h2/∂x1)",
    ]


def test_one_formula_by_reverse_and_by_forward_mode() -> None:
    found = derived(MLP2, "p", "x1")
    assert shown(found.factored) == (
        "(∂p/∂h1 ∂h1/∂z1 + ∂p/∂h2 ∂h2/∂z1) ∂z1/∂x1 + (∂p/∂h1 ∂h1/∂z2 + ∂p/∂h2 ∂h2/∂z2) ∂z2/∂x1"
    )
    assert shown(found.substituted) == (
        "∂p/∂h1 (∂h1/∂z1 ∂z1/∂x1 + ∂h1/∂z2 ∂z2/∂x1) + ∂p/∂h2 (∂h2/∂z1 ∂z1/∂x1 + ∂h2/∂z2 ∂z2/∂x1)"
    )


def test_a_d_tells_the_derivative_from_the_label_of_an_edge_beside_other_paths() -> None:
    found = derived(SKIP, "p", "x")
    assert shown(found.result) == "(dp/dx)"
    assert lines(found, "reverse") == ["2: (∂p/∂z) = ∂p/∂z", "1: (dp/dx) = ∂p/∂x + ∂p/∂z ∂z/∂x"]
    assert shown(found.labelled) == "[1] + [1] [2*x]"
    assert found.factoring == ()
    assert found.tails == ()


def test_one_sweep_for_several_ends() -> None:
    graph = derivative_graph(computation_graph(read_spec(MLP2, inline=True)))
    sweep = reverse_sweep(between(graph, "p", ["x2", "x1"]))
    assert [(step.stage, step.result.wrt) for step in sweep.steps] == [
        (3, "h1"), (3, "h2"), (2, "z1"), (2, "z2"), (1, "x1"), (1, "x2"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("of", "wrt", "count", "formula"),
    [("p", "p", 1, "1"), ("q", "x", 0, "0"), ("x", "p", 0, "0"), ("p", "z", 1, "∂p/∂z")],
)
def test_any_node_with_respect_to_any_other(of: str, wrt: str, count: int, formula: str) -> None:
    found = derived("z = x^2; p = sin(z); q = cos(y)", of, wrt)
    assert found.path_sum.count == count
    assert shown(found.path_sum.formula) == formula
    assert shown(found.factored) == formula
    assert bool(found.why_zero) == (count == 0)


def test_an_edge_is_there_once_and_with_a_label_of_0() -> None:
    found = derived("p = z*z; z = x*y - y*x + 1**x", "p", "x").part.labels
    assert {f"{v}->{u}": str(label) for (v, u), label in found.items()} == {"p->z": "2*z", "z->x": "0"}


@pytest.mark.parametrize(
    ("text", "of", "wrt", "path_sum", "reverse", "forward"),
    [
        (MLP2, "p", "x1", (8, 3), (6, 3), (6, 3)),
        (SKIP, "p", "x", (1, 1), (1, 1), (1, 1)),
        ("p = x", "p", "p", (0, 0), (0, 0), (0, 0)),
        ("p = x; q = y", "p", "y", (0, 0), (0, 0), (0, 0)),
        ("a = x; b = a; c = b; d = c", "d", "x", (3, 0), (3, 0), (3, 0)),
    ],
)
def test_costs(
    text: str, of: str, wrt: str, path_sum: tuple[int, int], reverse: tuple[int, int], forward: tuple[int, int]
) -> None:
    costs = derived(text, of, wrt).costs
    assert (costs["path_sum"], costs["reverse"], costs["forward"]) == (path_sum, reverse, forward)


def ladder(rungs: int) -> str:
    steps = (f"a{i + 1} = a{i} + b{i}; b{i + 1} = a{i}*b{i}" for i in range(rungs))
    return "; ".join(["a0 = x", "b0 = sin(x)", *steps, f"p = a{rungs} + b{rungs}"])


def test_a_graph_of_2_to_the_200_paths() -> None:
    found = derived(ladder(200), "p", "x")
    assert found.path_sum.count == 2**201
    assert len(found.path_sum.paths) == 1000
    assert not found.path_sum.complete
    assert (found.factored, found.substituted, found.expression, found.factoring) == (None, None, None, ())
    assert found.costs["reverse"] == (4 * 200 + 2, 2 * 200 + 1)


def test_a_chain_of_20000_nodes() -> None:
    chain = "; ".join(["v0 = x", *(f"v{i + 1} = sin(v{i})" for i in range(20_000))])
    found = derived(chain, "v20000", "x")
    assert found.path_sum.count == 1
    assert len(found.path_sum.paths[0]) == 20_002
    assert found.costs["reverse"] == (20_000, 0)


def test_the_order_of_the_nodes_in_the_text_changes_nothing() -> None:
    first = derived(MLP2, "p", "x1")
    second = derived("; ".join(reversed(MLP2.split("; "))), "p", "x1")
    assert first == second


@pytest.mark.parametrize(
    ("text", "of", "wrt", "expected"),
    [
        ("s = a*x + b; z = sigmoid(s); L = (z - y)^2", "L", "a", "2*z*x*(z - y)*(1 - z)"),
        ("c = a + b; d = b + 1; e = c*d", "e", "b", "d + c"),
        ("v = x^2; p = 3*v", "p", "x", "6*x"),
        ("p = x - x", "p", "x", "0"),
    ],
)
def test_the_derivative_in_node_names(text: str, of: str, wrt: str, expected: str) -> None:
    assert str(derived(text, of, wrt).expression) == expected


def test_an_abstract_node_leaves_no_expression() -> None:
    assert derived("h = f*g; f = f(x); g = g(x)", "h", "x").expression is None
    assert shown(derived("h = f*g; f = f(x); g = g(x)", "h", "x").labelled) == "[g] ∂f/∂x + [f] ∂g/∂x"


@pytest.mark.parametrize(
    ("text", "wrt", "expected"),
    [
        ("log(t) = t^2; p = x^y + log(x)", "y", "x**y*ln(x)"),
        ("cos(t) = t^2 + 1; p = sin(x)", "x", "known_cos(x)"),
        ("sqrt(t) = t; p = x^0.5 + sqrt(x)", "x", "0.5/known_sqrt(x) + 1"),
        ("pi = x^2; π = 3; p = erf(x)", "x", "2*exp(-x**2)/sqrt(acos(-1))"),
    ],
)
def test_a_name_that_the_spec_hides_is_not_used_for_the_known_function(text: str, wrt: str, expected: str) -> None:
    assert str(derived(text, "p", wrt).expression) == expected
    [label] = derived(text, "p", wrt).part.labels.values()
    assert str(label) == expected


def test_a_formula_of_deep_brackets_is_not_written_out() -> None:
    steps = "; ".join(f"v{i + 1} = v{i}*x" for i in range(80))
    found = derived(f"v0 = sin(x); {steps}", "v80", "x")
    assert found.substituted is None
    assert found.expression is not None
    assert repr(found)


def test_of_many_paths_the_largest_are_told() -> None:
    layers = "; ".join(f"a{i + 1} = 2*a{i} + 3*b{i}; b{i + 1} = a{i} - b{i}" for i in range(5))
    spec = read_spec(f"a0 = x; b0 = 5*x; {layers}; p = a5 + b5", inline=True)
    derivation = explained(spec, ["p"], ["x"], {"x": ONE}).derivations[0]
    numbers = derivation.numbers
    assert numbers is not None
    assert derivation.path_sum.complete
    ranked = sorted(enumerate(numbers.terms, 1), key=lambda pair: (-abs(pair[1]), pair[0]))[:5]
    assert [(each.rank, each.value) for each in numbers.largest] == ranked
    assert [each.path for each in numbers.largest] == [derivation.path_sum.paths[rank - 1] for rank, _ in ranked]
    assert [float(each.share * numbers.result) for each in numbers.largest] == [value for _, value in ranked]
