"""Vertex elimination: the part it works on, counts by an independent recount, the same from every order."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from dags import Asked, asked, evaluated, every_path, recount
from hypothesis import given
from hypothesis import strategies as st

from pathdiff.derivation import Accumulated, Formula, Partial, Product, Sum, Total
from pathdiff.diagnostics import InputError
from pathdiff.elimination.eliminate import eliminate
from pathdiff.elimination.jacobian import Jacobian, jacobian
from pathdiff.elimination.orders import forward_order, markowitz_order, named_order, path_sums, reverse_order, spent
from pathdiff.elimination.sets import members
from pathdiff.elimination.steps import Elimination
from pathdiff.graph import computation_graph, derivative_graph
from pathdiff.reader import read_spec

PRIME = 2**61 - 1
BENCHMARKS = Path(__file__).parent.parent / "graphs" / "elimination"


def part_of(text: str, of: str, wrt: str) -> Jacobian:
    derivative = derivative_graph(computation_graph(read_spec(text, inline=True)))
    return jacobian(derivative, of.split(), wrt.split())


def shown(formula: Formula) -> str:
    match formula:
        case Partial(of, wrt):
            return f"{of}/{wrt}"
        case Total(of, wrt, also_edge):
            return f"d{of}/d{wrt}" if also_edge else f"∂{of}/∂{wrt}"
        case Accumulated(name):
            return name
        case Product(factors):
            return " ".join(f"({shown(f)})" if isinstance(f, Sum) else shown(f) for f in factors) or "1"
        case Sum(terms):
            return " + ".join(map(shown, terms))
        case _:
            raise AssertionError(formula)


def lines(elimination: Elimination) -> list[str]:
    return [f"{shown(line.result)} = {shown(line.formula)}" for line in elimination.lines]


def test_an_elimination_reads_step_by_step() -> None:
    part = part_of("z = z(x, y); w = w(z, x); p = p(w, z)", "p", "x y")
    elimination = eliminate(part, named_order(part, ["z", "w"], "--order"))
    first, second = elimination.steps
    assert [(made.of, made.wrt, shown(made.product), made.absorbed) for made in first.products] == [
        ("w", "x", "w/z z/x", True),
        ("w", "y", "w/z z/y", False),
        ("p", "x", "p/z z/x", False),
        ("p", "y", "p/z z/y", False),
    ]
    assert (first.node, first.lines, first.multiplications, first.additions) == ("z", (), 4, 1)
    assert (second.node, second.multiplications, second.additions) == ("w", 6, 3)
    assert lines(elimination) == [
        "c1 = w/x + w/z z/x",
        "c2 = w/z z/y",
        "∂p/∂x = p/z z/x + p/w c1",
        "∂p/∂y = p/z z/y + p/w c2",
    ]
    assert [f"{shown(line.result)} = {shown(line.formula)}" for line in elimination.factored()] == [
        "∂p/∂x = p/z z/x + p/w (w/x + w/z z/x)",
        "∂p/∂y = p/z z/y + p/w w/z z/y",
    ]


def test_what_is_used_twice_keeps_its_name_and_no_name_is_taken_from_the_spec() -> None:
    part = part_of("z = z(x, c1); w = w(z, x); p = p(w, z)", "p", "x c1")
    elimination = eliminate(part, reverse_order(part))
    assert [f"{shown(line.result)} = {shown(line.formula)}" for line in elimination.factored()] == [
        "k1 = p/z + p/w w/z",
        "∂p/∂x = p/w w/x + k1 z/x",
        "∂p/∂c1 = k1 z/c1",
    ]


def test_a_row_that_is_used_and_a_column_with_arguments_are_eliminated_and_kept_by_a_copy() -> None:
    part = part_of("z = z(x); w = w(z); p = p(w)", "p w", "z x")
    assert part.intermediates == ("z", "w")
    elimination = eliminate(part, forward_order(part))
    assert elimination.spent == (3, 0, 3)
    assert [(made.of, made.wrt, made.free) for step in elimination.steps for made in step.products] == [
        ("w", "z", True),
        ("w", "x", False),
        ("p", "z", False),
        ("p", "x", False),
        ("w", "z", True),
        ("w", "x", True),
    ]
    assert lines(elimination) == [
        "c1 = w/z z/x",
        "∂p/∂z = p/w w/z",
        "∂p/∂x = p/w c1",
        "∂w/∂z = w/z",
        "∂w/∂x = c1",
    ]


def test_a_name_by_itself_is_1_and_what_does_not_depend_is_no_row() -> None:
    part = part_of("p = p(x); q = q(y)", "p q x", "x p")
    assert (part.of, part.wrt, part.count) == (("p", "x"), ("x", "p"), 0)
    assert lines(eliminate(part, ())) == ["∂p/∂x = p/x", "∂p/∂p = 1", "∂x/∂x = 1"]


def test_components_are_joined_by_no_edge() -> None:
    part = part_of("a = a(x); b = b(a); c = c(x, y); p = p(b, c); q = q(c)", "p q", "x y")
    assert [[part.names[v] for v in vertices] for vertices in part.components] == [["a", "b"], ["c"]]


def test_markowitz_takes_the_cheapest_and_of_equals_the_one_named_first() -> None:
    part = part_of("b = b(x, y); a = a(x, y); c = c(b); p = p(a, c); q = q(a, c)", "p q", "x y")
    assert [part.names[v] for v in markowitz_order(part)] == ["b", "a", "c"]


def test_forward_and_reverse_whatever_the_order_of_the_file() -> None:
    part = part_of("p = p(c); c = c(b, a); b = b(a); a = a(x)", "p", "x")
    assert [part.names[v] for v in forward_order(part)] == ["a", "b", "c"]
    assert [part.names[v] for v in reverse_order(part)] == ["c", "b", "a"]


@pytest.mark.parametrize(
    ("names", "messages"),
    [
        ("z w1", ["`w1` is not an intermediate node between", "hint: did you mean `w`?"]),
        ("z w z", ["`z` is named 2 times, and can be eliminated once"]),
        ("z w p", ["`p` is not eliminated", "note: rows and columns of the Jacobian stay"]),
        ("z", ["the order leaves out `w`", "note: every intermediate node is eliminated"]),
    ],
)
def test_an_order_names_each_intermediate_node_once(names: str, messages: list[str]) -> None:
    with pytest.raises(InputError) as error:
        named_order(part_of("z = x*y; w = z*z; p = sin(w)", "p", "x"), names.split(), "--order")
    assert str(error.value) == f"error[wrong-order]: {messages[0]}\n  --order" + "".join(
        f"\n  {more}" for more in messages[1:]
    )


UNITS = "a = x + y; b = a - x; c = a*b; d = -c; e = d + b; p = e - a"


@pytest.mark.parametrize("order", ["a b c d e", "e d c b a", "c a e b d", "b d a e c"])
def test_multiplications_by_1_and_minus_1_are_told_apart(order: str) -> None:
    part = part_of(UNITS, "p", "x y")
    arguments = {name: node.arguments for name, node in read_spec(UNITS, inline=True).nodes.items()}
    units = {(v, u) for v, used in arguments.items() for u in used if v != "c"}
    names = order.split()
    assert spent(part, named_order(part, names, "--order")) == recount(arguments, ["p"], ["x", "y"], units, names)


@given(asked(), st.randoms(use_true_random=False))
def test_counts_by_an_independent_recount(found: Asked, random: object) -> None:
    part = found.jacobian
    for order in orders(part, random):
        names = [part.names[v] for v in order]
        expected = recount(found.arguments, found.of, found.wrt, set(), names)
        assert spent(part, order) == expected
        steps = eliminate(part, order).steps
        assert steps == () or (steps[-1].multiplications, steps[-1].additions) == expected[:2]


@given(asked(), st.randoms(use_true_random=False), st.integers(2, PRIME - 1))
def test_every_order_gives_the_path_sum(found: Asked, random: object, base: int) -> None:
    """Modulo a prime, every label another number."""
    edges = [(v, u) for v, used in found.arguments.items() for u in used]
    label = {edge: pow(base, index + 1, PRIME) for index, edge in enumerate(edges)}
    expected = {}
    for p in found.of:
        for x in found.wrt:
            if listed := every_path(found.arguments, p, x):
                expected[p, x] = sum(_along(path, label) for path in listed) % PRIME
    whole = found.jacobian
    for order in orders(whole, random):
        elimination = eliminate(whole, order)
        for formulas in (elimination.lines, elimination.factored()):
            assert evaluated(formulas, lambda v, u: label[v, u], PRIME) == expected


def _along(path: tuple[str, ...], label: dict[tuple[str, str], int]) -> int:
    product = 1
    for edge in pairwise(path):
        product = product * label[edge] % PRIME
    return product


def orders(part: Jacobian, random: object) -> list[tuple[int, ...]]:
    any_order = list(range(part.count))
    random.shuffle(any_order)  # type: ignore[attr-defined]  # hypothesis gives a random.Random
    return [forward_order(part), reverse_order(part), markowitz_order(part), tuple(any_order)]


def test_members_of_a_set() -> None:
    assert list(members(0)) == []
    assert list(members(1 << 70 | 5)) == [0, 2, 70]


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("human-heart-dipole", (240, 172, 194)),
        ("propane-combustion", (151, 90, 111)),
        ("robot-arm", (397, 301, 288)),
    ],
)
def test_published_counts(name: str, counts: tuple[int, int, int]) -> None:
    """Forward, reverse and Markowitz as Lohoff and Neftci (2024) have them."""
    spec = read_spec((BENCHMARKS / f"{name}.yaml").read_text(encoding="utf-8"))
    part = jacobian(derivative_graph(computation_graph(spec)), spec.derive, spec.inputs)
    made = (forward_order, reverse_order, markowitz_order)
    assert tuple(spent(part, order(part)).multiplications for order in made) == counts


@given(asked())
def test_path_sums_are_counted_without_listing_paths(found: Asked) -> None:
    listed = {(p, x): every_path(found.arguments, p, x) for p in found.of for x in found.wrt}
    every = [path for paths_of in listed.values() for path in paths_of]
    multiplications = sum(max(0, len(path) - 2) for path in every)
    additions = sum(max(0, len(paths_of) - 1) for paths_of in listed.values())
    assert path_sums(found.jacobian) == (len(every), (multiplications, additions, multiplications))


def test_path_sums_without_multiplications_by_1_and_minus_1() -> None:
    part = part_of("a = 2*x; b = a - x; c = a*b; p = c + x", "p", "x")
    # p c a x, p c b a x, p c b x, p x: of c and of a one factor each that is not 1, of b none
    assert path_sums(part) == (4, (2 + 3 + 2, 3, 1 + 1))
