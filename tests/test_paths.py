"""Walking among paths: every answer beside what listing all of them by brute force gives."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from itertools import islice, pairwise
from math import prod

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

import pathdiff
from pathdiff.api import Composite
from pathdiff.derivation import Path, digits
from pathdiff.derive import derive
from pathdiff.diagnostics import InputError
from pathdiff.graph import between, computation_graph, derivative_graph
from pathdiff.narrowing import avoiding, through
from pathdiff.paths import Paths, path_sums
from pathdiff.reader import read_spec
from pathdiff.weighing import WeighedPaths

INPUTS = ("x", "y")


@st.composite
def graphs(draw: st.DrawFn, most: int = 9) -> str:
    """The inline text of a random graph of linear nodes, whose labels are small whole numbers: many products tie."""
    names, lines = list(INPUTS), []
    for index in range(draw(st.integers(1, most))):
        used = draw(st.lists(st.sampled_from(names), min_size=1, max_size=4, unique=True))
        factors = [draw(st.integers(-2, 2)) for _ in used]
        lines.append(f"v{index} = {' + '.join(f'({f})*{name}' for f, name in zip(factors, used, strict=True))}")
        names.append(f"v{index}")
    return "; ".join([*lines, f"p = 2*{names[-1]} + {draw(st.sampled_from(names[:-1]))} + x"])


def layered(layers: int, width: int, label: str = "") -> Composite:
    """Layers of nodes, each of which uses the whole layer before it."""
    before, nodes = ["x"], {}
    for layer in range(layers):
        names = [f"a{layer}_{index}" for index in range(width)]
        for index, name in enumerate(names):
            nodes[name] = (
                f"{name}({', '.join(before)})"
                if not label
                else " + ".join(f"{label.format(layer + index + i)}*{u}" for i, u in enumerate(before))
            )
        before = names
    return pathdiff.build({**nodes, "p": f"p({', '.join(before)})" if not label else " + ".join(before)})


def brute_force(model: Composite, of: str, wrt: str) -> list[Path]:
    """Every path, in the documented order: by the last node before `wrt`, then by the one before that, and so on."""
    place = {name: index for index, name in enumerate(between(model.derivative_graph, of, [wrt]).order)}
    found = map(tuple, nx.all_simple_paths(model.derivative_graph, of, wrt))
    return sorted(found, key=lambda path: [place[name] for name in reversed(path)])


def product(model: Composite, path: Path) -> Fraction:
    """The product of the labels along a path, which are numbers."""
    labels = (model.derivative_graph.edges[edge]["label"].expression for edge in pairwise(path))
    return prod((Fraction(str(label)) for label in labels), start=Fraction(1))


@given(graphs(), st.sampled_from(INPUTS))
def test_counted_listed_and_ranked_as_by_brute_force(text: str, wrt: str) -> None:
    model = pathdiff.parse(f"{text}; q = y")
    expected = brute_force(model, "p", wrt)
    found = model.paths("p", wrt)
    assert found.count == len(expected)
    assert list(found) == expected
    assert [found.nth(rank) for rank in range(1, found.count + 1)] == expected
    assert [found.rank(path) for path in expected] == list(range(1, found.count + 1))


@given(graphs(), st.data())
def test_narrowed_to_those_through_a_node_or_past_it(text: str, data: st.DataObject) -> None:
    model = pathdiff.parse(text)
    nodes = st.sampled_from(sorted(model.derivative_graph))
    by, past = data.draw(st.lists(nodes, max_size=2)), data.draw(st.lists(nodes, max_size=2))
    left = [path for path in brute_force(model, "p", "x") if set(by) <= set(path) and not set(past) & set(path)]
    found = model.paths("p", "x", through=by, avoid=past)
    assert found.count == len(left)
    assert list(found) == left
    assert [found.rank(path) for path in left] == list(range(1, len(left) + 1))
    assert {edge for path in left for edge in pairwise(path)} == set(found.part.labels)


@given(graphs(), st.data())
def test_what_is_narrowed_is_a_part_like_any_other(text: str, data: st.DataObject) -> None:
    """For several ends at once too, and edges still lead to greater depths, which are the stages of a sweep."""
    graph = derivative_graph(computation_graph(read_spec(text, inline=True)))
    ends = [name for name in INPUTS if name in graph]
    node = data.draw(st.sampled_from(sorted(graph)))
    for narrow in (through, avoiding):
        both = narrow(between(graph, "p", ends), node)
        for end in ends:
            alone = narrow(between(graph, "p", [end]), node)
            assert list(Paths(both, end)) == list(Paths(alone, end))
        first = [(each.count, each.paths) for each in path_sums(both, ends, 3, 1000)]
        assert first == [(found.count, tuple(found)[:3]) for found in (Paths(both, end) for end in ends)]
        assert all(both.depth[v] < both.depth[u] for v, u in both.labels)


@given(graphs(), st.integers(0, 30))
def test_the_largest_are_the_first_of_all_sorted(text: str, n: int) -> None:
    model = pathdiff.parse(text)
    ranked = list(enumerate(brute_force(model, "p", "x"), 1))
    expected = sorted(ranked, key=lambda pair: (-abs(product(model, pair[1])), pair[0]))[:n]
    found = list(model.paths("p", "x", at={"x": 1, "y": 2} if "y" in model.derivative_graph else {"x": 1}).top(n))
    assert [(each.rank, each.path) for each in found] == expected
    assert [each.value for each in found] == [product(model, path) for _, path in expected]
    total = sum(product(model, path) for _, path in ranked)
    assert [each.share and round(float(each.share), 9) for each in found] == [
        round(float(product(model, path) / total), 9) if total else None for _, path in expected
    ]


@given(graphs())
def test_what_goes_through_a_node(text: str) -> None:
    model = pathdiff.parse(text)
    every = brute_force(model, "p", "x")
    names = dict.fromkeys(name for name in between(model.derivative_graph, "p", ["x"]).order if name not in ("p", "x"))
    expected = [(name, [path for path in every if name in path]) for name in names]
    point = {name: 1 for name in INPUTS if name in model.derivative_graph}
    found = list(model.paths("p", "x", at=point).by_node())
    assert [(each.node, each.count) for each in found] == [(name, len(paths)) for name, paths in expected]
    values = [sum(product(model, path) for path in paths) for _, paths in expected]
    assert [each.value for each in found] == values
    total = sum(product(model, path) for path in every)
    assert [each.share is None for each in found] == [not total] * len(found)
    assert [float(each.share) for each in found if total] == [pytest.approx(float(v / total)) for v in values if total]
    assert [each.value for each in model.paths("p", "x").by_node()] == [None] * len(found)


def test_the_values_are_those_of_the_derivation() -> None:
    text = "a = sin(x)*y; b = a*x + exp(a); p = b*tanh(a) + x*b"
    point: dict[str, str | int | float] = {"x": "1/3", "y": 2}
    model = pathdiff.parse(text)
    numbers = model.derivative("p", "x", at=point).derivation.numbers
    assert numbers is not None
    found = model.paths("p", "x", at=point)
    by_rank = sorted(found.top(found.count), key=lambda each: each.rank)
    assert [float(each.value) for each in by_rank] == [pytest.approx(float(term), rel=1e-14) for term in numbers.terms]
    assert float(found.derivative) == pytest.approx(float(numbers.result), rel=1e-14)
    sizes = [abs(each.value) for each in found.top(found.count)]
    assert sizes == sorted(sizes, reverse=True)


def test_products_that_are_equal_come_in_order_of_rank_however_they_are_rounded() -> None:
    """(1/3)(3/7), and (1/7) by itself, and sin² beside 1 - cos²: equal numbers, other last digits."""
    model = pathdiff.parse("s = sin(x); c = cos(x); a = (1 - c**2)*u; b = s**2*u; d = s*u; e = s*d; p = a + b + e")
    found = list(model.paths("p", "u", at={"x": "1/7", "u": 1}).top(9))
    assert [each.rank for each in found] == [1, 2, 3]
    assert len({each.value for each in found}) > 1


def test_every_path_is_as_likely() -> None:
    """Chi-square with 63 degrees of freedom: 103.4 is exceeded with a chance of 1 in 1000."""
    found = layered(3, 4).paths("p", "x")
    drawn = Counter(found.sample(6400, seed=1))
    assert set(drawn) == set(found)
    assert sum((count - 100) ** 2 / 100 for count in drawn.values()) < 103.4


def test_draws_are_reproducible_and_one_may_come_twice() -> None:
    found = layered(2, 2).paths("p", "x")
    assert list(found.sample(20, seed=5)) == list(found.sample(20, seed=5))
    assert list(found.sample(20, seed=5)) != list(found.sample(20, seed=6))
    assert len(list(found.sample(20))) == 20


def test_counts_of_any_size() -> None:
    found = layered(60, 30).paths("p", "x")
    assert found.count == 30**60
    for rank in (1, 2, 30**60 // 7, 30**60):
        path = found.nth(rank)
        assert len(path) == 62
        assert found.rank(path) == rank
    assert [found.rank(path) for path in islice(found, 1000)] == list(range(1, 1001))
    assert all(1 <= found.rank(path) <= 30**60 for path in found.sample(5))


def test_the_largest_of_a_number_without_end() -> None:
    found = layered(40, 6, "(1 + {}/1000)").paths("p", "x")
    point = layered(40, 6, "(1 + {}/1000)").paths("p", "x", at={"x": 1})
    best = list(point.top(3))
    assert found.count == 6**40
    assert best[0].path == ("p", *(f"a{layer}_5" for layer in reversed(range(40))), "x")
    assert best[0].value > best[1].value >= best[2].value


def test_a_count_of_more_digits_than_str_allows() -> None:
    """A ladder of 15,000 rungs: 2 ** 14999 paths to either end of the last one."""
    nodes = {"a0": "a0(x)", "b0": "b0(x)"}
    for rung in range(1, 15_000):
        for side in "ab":
            nodes[f"{side}{rung}"] = f"{side}{rung}(a{rung - 1}, b{rung - 1})"
    found = pathdiff.build(nodes).paths("a14999", "x")
    assert found.count == 2**14_999
    assert len(digits(found.count)) == 4516
    assert found.rank(found.nth(found.count)) == found.count
    assert len(next(iter(found))) == 15_001
    with pytest.raises(IndexError, match="none has the rank"):
        found.nth(found.count + 1)


def test_no_dead_end_is_visited() -> None:
    """A ladder that leads away from the target, with 2 ** 200 ways on it, beside the one path to the target."""
    nodes = {"a0": "a0(w)", "b0": "b0(w)"}
    for rung in range(1, 200):
        for side in "ab":
            nodes[f"{side}{rung}"] = f"{side}{rung}(a{rung - 1}, b{rung - 1})"
    found = pathdiff.build({**nodes, "p": "p(a199, x)"}).paths("p", "x")
    assert list(found) == [("p", "x")]
    assert found.part.order == ("p", "x")


@pytest.mark.parametrize(
    ("path", "message"),
    [
        (("p", "x"), "no path from p to x has an edge p -> x"),
        (("p", "w", "z", "x"), "no path from p to x has an edge p -> w"),
        (("z", "x"), "a path here runs from p to x"),
        ((), "a path here runs from p to x"),
    ],
)
def test_what_is_no_path_has_no_rank(path: Sequence[str], message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}$"):
        pathdiff.parse("z = x*w; p = z + w").paths("p", "x").rank(path)


def test_ranks_that_are_none() -> None:
    found = pathdiff.parse("z = x*w; p = z + x").paths("p", "x")
    for rank in (0, -1, 3):
        with pytest.raises(IndexError, match=f"^there are 2 paths from p to x, so none has the rank {rank}$"):
            found.nth(rank)
    none = pathdiff.parse("z = x*w; p = z + x").paths("z", "p")
    assert (none.count, list(none), list(none.by_node())) == (0, [], [])
    with pytest.raises(IndexError, match=r"^there are 0 paths from z to p$"):
        none.sample(1)
    with pytest.raises(ValueError, match=r"^there are 0 paths from z to p$"):
        none.rank(("z", "p"))


def test_a_node_and_itself() -> None:
    found = pathdiff.parse("p = x*x").paths("p", "p", at={"x": 2})
    assert (found.count, list(found), found.nth(1), found.rank(("p",))) == (1, [("p",)], ("p",), 1)
    [only] = found.top(2)
    assert (only.rank, only.path, only.value, only.share) == (1, ("p",), 1, 1)


def test_of_none_of_its_paths_a_node_has_no_derivative_by_itself() -> None:
    """Its one path, which has no edges, goes through no other node and does not avoid the node itself."""
    model = pathdiff.parse("q = x*x; p = q*x")
    for narrow in ({"through": "x"}, {"avoid": "p"}):
        found = model.paths("p", "p", **narrow, at={"x": 2})
        assert (found.count, found.derivative, list(found.top(1)), list(found.by_node())) == (0, 0, [], [])


def test_whether_a_path_is_one_is_told_without_a_list() -> None:
    found = layered(60, 30).paths("p", "x")
    path = found.nth(30**59)
    assert path in found
    assert path[1:] not in found
    assert (*path[:-2], "a0_30", "x") not in found
    assert "p" not in found
    assert path not in layered(2, 2).paths("x", "p")


def test_what_the_labels_meet_at_a_point_is_told_as_a_derivation_does() -> None:
    text, point = "b = relu(x); d = abs(b - x); q = abs(y); p = b*3 + d + q", {"x": 0, "y": 0}
    model = pathdiff.parse(text)
    [explained] = model.explain("p", "x", at=dict(point))
    assert model.paths("p", "x", at=dict(point)).notes == explained.explanation.notes
    assert model.paths("p", "x", avoid="d", at=dict(point)).notes == (
        "relu(x) at its kink in b: the mean of the two one-sided derivatives is taken",
    )
    assert model.paths("p", "x").notes == model.paths("p", "x", at={"x": -1, "y": 0}).notes == ()


@pytest.mark.parametrize(
    ("text", "at", "error"),
    [
        (
            "a = abs(x); b = relu(x); c = max(a, b, x); p = c + b",
            {"x": 0},
            "error[outside-domain]: ∂p/∂x has no value at this point: 3 equal arguments of max(a, b, x) in c\n  --at",
        ),
        ("p = x*y", {}, "error[no-point]: the paths have values at a point only\n  --at\n  hint: --at x1=1,x2=1/2"),
        (
            "p = p(x)",
            {"x": 1},
            """error[no-value]: `p` is abstract, so the paths have no values
  <text>:1:5
   1 | p = p(x)
     |     ^^^^""",
        ),
        (
            "p = x*y",
            {"x": 1},
            """error[no-point]: `y` has no value at this point, and ∂p/∂x needs one
  --at
  hint: give every independent name a value""",
        ),
        (
            "p = sqrt(x)",
            {"x": 0},
            (
                "error[outside-domain]: ∂p/∂x has no value at this point: a division by 0 in 1/(2*sqrt(x)) "
                "where x = 0\n  <text>:1:5\n   1 | p = sqrt(x)\n     |     ^^^^^^^"
            ),
        ),
    ],
)
def test_paths_without_values(text: str, at: dict[str, int], error: str) -> None:
    found = pathdiff.parse(text).paths("p", "x", at=at)
    with pytest.raises(InputError) as raised:
        found.top(1)
    assert str(raised.value) == error
    assert str(found.why_no_values) == error
    assert all(each.value is None for each in found.by_node())


def test_names_that_are_none() -> None:
    with pytest.raises(InputError) as raised:
        pathdiff.parse("z1 = x*x; p = z1").paths("p", "x", through=["z2"], avoid=["w"])
    assert str(raised.value) == (
        "error[unknown-name]: `z2` is not a node of the spec\n  through\n  hint: did you mean `z1`?\n\n"
        "error[unknown-name]: `w` is not a node of the spec\n  avoid"
    )


def test_a_derivation_lists_the_same_paths() -> None:
    model = layered(4, 3)
    found = derive(model.derivative_graph, "p", "x").path_sum
    assert found.count == 81
    assert list(found.paths) == list(WeighedPaths(between(model.derivative_graph, "p", ["x"]), "x"))
