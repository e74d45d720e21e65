"""The search for a cheap order: exact where it says so, the same for the same seed, and nothing lost on the way."""

from __future__ import annotations

import signal
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, Future, ThreadPoolExecutor, wait
from functools import partial
from itertools import pairwise
from multiprocessing.context import SpawnProcess
from pathlib import Path
from random import Random
from time import sleep
from typing import Any, ClassVar

import pytest
from dags import Asked, asked, cheapest
from hypothesis import given, settings
from hypothesis import strategies as st

from pathdiff.diagnostics import InputError
from pathdiff.elimination.annealing import _Walk, annealed, chain
from pathdiff.elimination.component import component
from pathdiff.elimination.exact import solved
from pathdiff.elimination.jacobian import Jacobian, jacobian
from pathdiff.elimination.orders import forward_order, markowitz_order, reverse_order, spent
from pathdiff.elimination.search import Found, Progress, _Clock, _hunts, search
from pathdiff.graph import computation_graph, derivative_graph
from pathdiff.reader import read_spec

BENCHMARKS = Path(__file__).parent.parent / "graphs" / "elimination"


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Annealings of a tenth of their steps, all of them in other processes where there are any."""
    monkeypatch.setattr("pathdiff.elimination.search.STEPS_A_VERTEX", 40)
    monkeypatch.setattr("pathdiff.elimination.search.ALONE", 0.0)


def benchmark(name: str) -> Jacobian:
    spec = read_spec((BENCHMARKS / f"{name}.yaml").read_text(encoding="utf-8"))
    return jacobian(derivative_graph(computation_graph(spec)), spec.derive, spec.inputs)


def random_text(count: int, seed: int) -> str:
    """Nodes of one or two arguments, among those shortly before; its cheapest order costs more than the floor."""
    random = Random(seed)
    names, lines = ["x", "y", "z"], []
    for i in range(count):
        used = dict.fromkeys(random.choice(names[-12:]) for _ in range(2))
        lines.append(f"v{i} = v{i}({', '.join(used)})")
        names.append(f"v{i}")
    return "; ".join(lines)


def random_part(count: int, seed: int) -> Jacobian:
    """The same, all dependent nodes with respect to all inputs."""
    spec = read_spec(random_text(count, seed), inline=True)
    graph = computation_graph(spec)
    return jacobian(derivative_graph(graph), [p for p in spec.nodes if not graph.adj[p]], spec.inputs)


@settings(max_examples=60)
@given(asked())
def test_the_exact_optimum_is_that_of_all_orders(found: Asked) -> None:
    part = found.jacobian
    if part.count > 7:  # 8! orders are too many to go through for each example
        return
    answer = search(part)
    assert answer.multiplications == answer.floor == cheapest(found)
    assert answer.optimal
    assert spent(part, answer.order).multiplications == answer.multiplications


def test_the_exact_optimum_of_8_nodes_is_that_of_all_orders() -> None:
    arguments = {f"v{i}": (f"v{i - 1}" if i else "x", f"v{i - 3}" if i > 2 else "y") for i in range(9)}
    arguments["w"] = ("v2", "v5")
    found = Asked(arguments, ("v8", "w"), ("x", "y"))
    assert found.jacobian.count == 8
    assert search(found.jacobian).multiplications == cheapest(found)


@given(asked(most=14), st.integers(0, 2**32))
def test_no_order_is_cheaper_than_the_floor(found: Asked, seed: int) -> None:
    part = found.jacobian
    order = list(range(part.count))
    Random(seed).shuffle(order)
    floor = sum(component(part, vertices).floor for vertices in part.components)
    assert floor <= search(part).multiplications <= spent(part, order).multiplications


@given(asked(most=14), st.integers(0, 2**32), st.floats(0.1, 50))
def test_what_a_walk_says_of_its_order_is_so(found: Asked, seed: int, temperature: float) -> None:
    part = found.jacobian
    for vertices in part.components:
        small = component(part, vertices)
        walk = _Walk(small, tuple(range(len(vertices))), Random(seed))
        for _ in range(40):
            walk.step(temperature)
        assert sorted(walk.order) == list(range(len(vertices)))
        assert (walk.arguments, walk.users, walk.prices) == small.priced(walk.order)
        assert walk.price == sum(walk.prices)
        assert walk.slack == walk.price - small.floor


def test_an_annealing_is_the_same_in_one_slice_after_another_wherever_they_run() -> None:
    part = benchmark("robot-arm")
    small = component(part, part.components[0])
    begun = chain(small, tuple(range(part.count)), "7", 3000)
    ends = []
    for _ in range(2):
        now = begun
        while not now.finished:
            now = annealed(small, now, 1000)
        ends.append(now)
    assert ends[0] == ends[1]
    assert sum(small.priced(ends[0].best)[2]) == ends[0].price < begun.price


@pytest.mark.parametrize(
    ("name", "best"), [("human-heart-dipole", 148), ("propane-combustion", 88), ("robot-arm", 221)]
)
@pytest.mark.parametrize("seed", range(5))
def test_the_best_known_counts_are_reached_and_proved_to_be_the_least(name: str, best: int, seed: int) -> None:
    part = benchmark(name)
    found = search(part, seed=seed)
    assert (found.multiplications, found.floor, found.optimal) == (best, best, True)
    assert spent(part, found.order).multiplications == best


@pytest.mark.usefixtures("short")
def test_of_what_is_too_large_to_be_solved_the_floor_is_told() -> None:
    part = random_part(60, 2)
    assert max(map(len, part.components)) > 17
    found = search(part, seed=3)
    known = [spent(part, make(part)).multiplications for make in (forward_order, reverse_order, markowitz_order)]
    assert found.floor < found.multiplications < min(known)
    assert not found.optimal
    assert found.annealings == 4


def test_annealings_start_from_each_of_the_known_orders_in_turn() -> None:
    part = benchmark("robot-arm")
    [hunt] = _hunts(part, "0", 4, 4, _Clock(None))
    for _ in range(4):
        hunt.next()
    starts = [hunt.chains[number].order for number in range(4)]
    assert starts == [make(part) for make in (markowitz_order, reverse_order, forward_order, markowitz_order)]


@pytest.mark.usefixtures("short")
def test_the_answer_follows_from_the_seed_whatever_the_number_of_processes() -> None:
    part = random_part(45, 5)
    alone = search(part, seed=3)
    assert search(part, seed=3) == alone
    assert search(part, seed=3, workers=3) == alone
    assert search(part, seed=3, workers=2, pool=_Here) == alone


def test_more_time_never_gives_a_worse_order_and_ends_at_the_optimum() -> None:
    part = random_part(60, 2)
    start = min(spent(part, make(part)).multiplications for make in (forward_order, reverse_order, markowitz_order))
    assert search(part, budget=1e-9).multiplications == start
    assert search(part, budget=0.5).multiplications <= start
    assert search(benchmark("robot-arm"), budget=1e9).optimal


def test_an_interrupt_ends_the_search_with_the_best_so_far() -> None:
    part = random_part(60, 2)
    told: list[Progress] = []

    def interrupt(now: Progress) -> None:
        told.append(now)
        if now.steps > 20_000:
            raise KeyboardInterrupt

    found = search(part, budget=1e9, report=interrupt)
    assert found.interrupted
    assert found.multiplications == told[-1].best == spent(part, found.order).multiplications
    assert [now.best for now in told] == sorted((now.best for now in told), reverse=True)


class _Here(Executor):
    """Runs what it is given at once, in this process."""

    def submit(self, call: Callable[..., Any], /, *args: Any, **named: Any) -> Future[Any]:
        future: Future[Any] = Future()
        future.set_result(call(*args, **named))
        return future


class _Dying(_Here):
    """Loses every other slice, as a process that is killed does."""

    lost = 0
    count = 0

    def submit(self, call: Callable[..., Any], /, *args: Any, **named: Any) -> Future[Any]:
        _Dying.count += 1
        if _Dying.count % 2:
            return super().submit(call, *args, **named)
        _Dying.lost += 1
        future: Future[Any] = Future()
        future.set_exception(BrokenExecutor())
        return future


@pytest.mark.usefixtures("short")
def test_slices_that_are_lost_are_run_again() -> None:
    part = random_part(45, 5)
    assert search(part, seed=3, workers=2, pool=_Dying) == search(part, seed=3)
    assert _Dying.lost > 0


def _kill_once(part: Any, now: Any, steps: int, path: str) -> Any:
    """A slice in a process that dies the first time."""
    try:
        Path(path).touch(exist_ok=False)
    except FileExistsError:
        return annealed(part, now, steps)
    signal.raise_signal(signal.SIGTERM)
    raise AssertionError


@pytest.mark.usefixtures("short")
def test_a_killed_process_takes_nothing_along(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    part = random_part(45, 5)
    expected = search(part, seed=3)
    monkeypatch.setattr("pathdiff.elimination.search.annealed", partial(_kill_once, path=str(tmp_path / "killed")))
    assert search(part, seed=3, workers=2) == expected
    assert (tmp_path / "killed").exists()


def test_a_search_that_is_given_up_says_what_it_proved() -> None:
    part = random_part(40, 1)
    small = component(part, max(part.components, key=len))
    best = search(part).multiplications
    given_up = solved(small, best, most=2000)
    assert given_up.order is None
    assert small.floor <= given_up.floor <= best


# Graphs of the literature whose least counts are known.


def searched(text: str, of: str, wrt: str) -> Found:
    derivative = derivative_graph(computation_graph(read_spec(text, inline=True)))
    return search(jacobian(derivative, of.split(), wrt.split()))


@pytest.mark.parametrize("count", [3, 6, 30])
def test_the_product_of_speelpenning(count: int) -> None:
    """Speelpenning (1980): reverse mode is best for the gradient of a product, two multiplications an inner node."""
    lines = [f"v{i} = v{i - 1}*x{i}" for i in range(3, count)] + [f"p = v{count - 1}*x{count}"]
    text = "; ".join(["v2 = x1*x2", *lines])
    found = searched(text, "p", " ".join(f"x{i}" for i in range(1, count + 1)))
    assert (found.multiplications, found.optimal) == (2 * (count - 2), True)


@pytest.mark.parametrize(
    ("widths", "least"),
    [
        ((3, 1, 3), 9),
        ((2, 2, 2), 8),
        ((1, 5, 2), 10),
        ((4, 3, 1, 3), 4 * 3 * 1 + 4 * 1 * 3),  # (A B) C with A 4x3, B 3x1, C 1x3
        ((1, 3, 3, 2), 1 * 3 * 3 + 1 * 3 * 2),
    ],
)
def test_dense_layers_cost_what_the_best_chain_of_matrix_products_costs(widths: tuple[int, ...], least: int) -> None:
    """Godbole (1973): dynamic programming over the chain; for Jacobians Griewank and Walther (2008), chapter 10."""
    layers = [[f"n{depth}_{i}" for i in range(width)] for depth, width in enumerate(widths)]
    lines = [f"{name} = {name}({', '.join(before)})" for before, layer in pairwise(layers) for name in layer]
    found = searched("; ".join(lines), " ".join(layers[-1]), " ".join(layers[0]))
    assert (found.multiplications, found.optimal) == (least, True)


def test_the_table_of_the_readme_is_measured() -> None:
    readme = (BENCHMARKS.parent.parent / "README.md").read_text(encoding="utf-8")
    published = {"human-heart-dipole": 149, "propane-combustion": 88, "robot-arm": 231}
    for name, theirs in published.items():
        part = benchmark(name)
        known = [spent(part, make(part)).multiplications for make in (forward_order, reverse_order, markowitz_order)]
        found = search(part)
        cells = (name, *known, theirs, found.multiplications, "optimal" if found.optimal else "best found")
        assert f"| {' | '.join(map(str, cells))} |\n" in readme


# What must not be lost on the way: time, pools, processes.


@pytest.mark.parametrize("budget", [0.0, -1.0, float("inf"), float("nan")])
def test_a_budget_is_a_finite_number_of_seconds(budget: float) -> None:
    with pytest.raises(InputError, match="is not a finite number above 0"):
        search(benchmark("robot-arm"), budget=budget)


@pytest.mark.usefixtures("short")
def test_it_is_never_waited_longer_than_the_system_can(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[float] = []

    def waited(running: Any, timeout: float, when: str) -> Any:
        told.append(timeout)
        return wait(running, timeout, when)

    def interrupt(now: Progress) -> None:
        if told:
            raise KeyboardInterrupt

    monkeypatch.setattr("pathdiff.elimination.search.wait", waited)
    assert search(random_part(45, 5), budget=1e300, workers=2, pool=_Here, report=interrupt).interrupted
    assert set(told) == {60.0}


def test_an_interrupt_while_floors_are_worked_out_ends_with_a_known_order(monkeypatch: pytest.MonkeyPatch) -> None:
    part = random_part(60, 2)
    calls = 0

    def interrupted(*_: object) -> int:
        nonlocal calls
        calls += 1
        raise KeyboardInterrupt

    monkeypatch.setattr("pathdiff.elimination.component._disjoint_paths", interrupted)
    found = search(part)
    known = [spent(part, make(part)).multiplications for make in (forward_order, reverse_order, markowitz_order)]
    assert (found.interrupted, found.annealings, calls) == (True, 0, 1)
    assert found.floor < found.multiplications == spent(part, found.order).multiplications <= min(known)


def test_the_time_covers_floors_and_exact_solutions(monkeypatch: pytest.MonkeyPatch) -> None:
    part = random_part(40, 1)
    small = component(part, max(part.components, key=len))
    quick = component(part, max(part.components, key=len), lambda: True)
    assert all(a <= b for a, b in zip(quick.floors, small.floors, strict=True))
    assert quick.floor < small.floor
    given_up = solved(small, search(part).multiplications, over=lambda: True)
    assert given_up.order is None
    assert small.floor <= given_up.floor

    def refused(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr("pathdiff.elimination.search.solved", refused)
    monkeypatch.setattr("pathdiff.elimination.component._disjoint_paths", refused)
    assert not search(part, budget=1e-9).interrupted


def test_of_a_large_component_some_floors_need_no_search(monkeypatch: pytest.MonkeyPatch) -> None:
    part = benchmark("robot-arm")
    whole = component(part, part.components[0])
    monkeypatch.setattr("pathdiff.elimination.component.MOST_WORK", 2000)
    less = component(part, part.components[0])
    assert all(1 <= a <= b for a, b in zip(less.floors, whole.floors, strict=True))
    assert less.floor < whole.floor


@given(asked(most=14))
def test_floors_leave_the_graph_that_they_look_at_as_it_was(found: Asked) -> None:
    """Each vertex has the floor that it has by itself, whichever come before."""
    part = found.jacobian
    for vertices in part.components:
        together = component(part, vertices).floors
        for v, floor in zip(vertices, together, strict=True):
            others = tuple(w for w in vertices if w != v)
            assert component(part, (v, *others)).floors[0] == floor


class _Breaking(_Here):
    """A pool that breaks after some slices, with all that it has then."""

    made: ClassVar[list[_Breaking]] = []
    dropped = False

    def __init__(self) -> None:
        self.slices: list[Future[Any]] = []
        _Breaking.made.append(self)

    def submit(self, call: Callable[..., Any], /, *args: Any, **named: Any) -> Future[Any]:
        future: Future[Any] = Future()
        self.slices.append(future)
        if len(self.slices) == 3:
            for each in self.slices:
                if not each.done():
                    each.set_exception(BrokenExecutor())
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        self.dropped = True


@pytest.mark.usefixtures("short")
def test_each_broken_pool_counts_once_and_is_shut_down() -> None:
    """Each breaks with three slices; after more than ten of them the search goes on alone."""
    _Breaking.made.clear()
    part = random_part(45, 5)
    assert search(part, seed=3, workers=3, pool=_Breaking) == search(part, seed=3)
    assert len(_Breaking.made) == 11
    assert all(pool.dropped for pool in _Breaking.made)


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize("error", [OSError(24, "Too many open files"), NotImplementedError(), ImportError()])
@pytest.mark.parametrize("late", [False, True])
def test_without_other_processes_this_one_goes_on(error: Exception, late: bool) -> None:
    part = random_part(45, 5)

    class Refused(_Here):
        def submit(self, call: Callable[..., Any], /, *args: Any, **named: Any) -> Future[Any]:
            raise error

    def none() -> Executor:
        if late:
            return Refused()
        raise error

    assert search(part, seed=3, workers=2, pool=none) == search(part, seed=3)


@pytest.mark.usefixtures("short")
def test_processes_that_cannot_all_be_started_are_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    part = random_part(45, 5)
    expected = search(part, seed=3)
    start = SpawnProcess.start
    started: list[SpawnProcess] = []

    def second_fails(process: SpawnProcess) -> None:
        if started:
            raise OSError(11, "Resource temporarily unavailable")
        started.append(process)
        start(process)

    monkeypatch.setattr(SpawnProcess, "start", second_fails)
    assert search(part, seed=3, workers=2) == expected
    for _ in range(600):
        if started[0].exitcode is not None:
            break
        sleep(0.05)
    assert started[0].exitcode is not None


def test_seeds_of_any_length() -> None:
    assert search(benchmark("robot-arm"), seed=10**5000).optimal


def test_many_components() -> None:
    """Each has a part of each of the known orders."""
    lines = (f"a{i} = x{i}*y{i}; p{i} = sin(a{i})*a{i}" for i in range(300))
    found = searched("; ".join(lines), " ".join(f"p{i}" for i in range(300)), " ".join(f"x{i}" for i in range(300)))
    assert (found.multiplications, found.optimal) == (300, True)


def test_what_runs_beside_the_annealing_that_meets_the_floor_is_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pathdiff.elimination.search.ALONE", 0.0)
    part = benchmark("robot-arm")
    found = search(part, seed=1, workers=4, pool=lambda: ThreadPoolExecutor(4))
    assert found.optimal
    assert found == search(part, seed=1)
