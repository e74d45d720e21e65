"""The cheapest order of elimination that can be found: exactly where that is in reach, else by many annealings at once.

To accumulate a Jacobian with the fewest multiplications is NP-complete (Naumann 2008; under vertex elimination with
every label independent, as here, Bentert, Crane, Drange, Mizutani and Sullivan 2025).
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    Executor,
    Future,
    ProcessPoolExecutor,
    wait,
)
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import inf
from multiprocessing import active_children, get_context
from time import monotonic
from typing import Any, Final, TypeVar

from pathdiff.derivation import digits
from pathdiff.diagnostics import Diagnostic, InputError
from pathdiff.elimination.annealing import Chain, annealed, chain
from pathdiff.elimination.component import Component, component
from pathdiff.elimination.exact import ALWAYS, MOST_PRICES, solved
from pathdiff.elimination.jacobian import Jacobian
from pathdiff.elimination.orders import Order, forward_order, markowitz_order, reverse_order, spent

_T = TypeVar("_T")

TOGETHER: Final = 4
"""So many annealings, or as many as run at once, are of one length; the next are `LONGER` times as long, and so on."""
LONGER: Final = 4
STEPS_A_VERTEX: Final = 400
"""How many steps the first annealings take for each vertex."""
MOST_WORK: Final = 40_000_000
"""The first annealings of a large graph have fewer steps, since each takes longer."""
ALONE: Final = 0.5
"""For so many seconds the search goes on in this process before it starts others."""
MOST_BROKEN: Final = 10
"""After so many pools of processes broke, this process goes on by itself."""
LONGEST_WAIT: Final = 60.0
"""For so many seconds at most it is waited at once: the system takes no time of any length."""
MOST_SOLVED: Final = 40
"""A component of more vertices isn't tried to be solved exactly,"""
PRICES_TRIED: Final = 200_000
"""and one that isn't solved for sure only until so many eliminations are priced: about a second."""


@dataclass(frozen=True, slots=True)
class Found:
    """The cheapest order that was found, and what is known of it."""

    order: Order
    multiplications: int
    floor: int
    """What every order takes at least: this is proved."""
    annealings: int
    """How many were begun; once the floor is met, those up to the first that meets it."""
    steps: int
    """How many steps they made."""
    interrupted: bool = False
    """Whether the search was stopped from outside."""

    @property
    def optimal(self) -> bool:
        """Whether no order is cheaper."""
        return self.multiplications == self.floor


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a search is."""

    steps: int
    best: int
    """What the cheapest order so far costs."""
    floor: int
    seconds: float


@dataclass(slots=True)
class _Clock:
    """Whether the search has to end."""

    deadline: float | None
    interrupted: bool = False

    def over(self) -> bool:
        """Whether the time is over, or the search was interrupted."""
        return self.interrupted or _over(self.deadline)


@dataclass(slots=True)
class _Hunt:
    """What is known of one component, and its annealings."""

    component: Component
    best: Order
    price: int
    floor: int
    seed: str
    most: int | None
    """How many annealings there are; None for no end of them."""
    together: int
    """How many of them are of one length."""
    starts: tuple[Order, ...] = ()
    """What the annealings start from in turn, the cheapest first: each leads to other valleys."""
    slices: int = 0
    """How often one of its annealings was gone on with."""
    waiting: list[int] = field(default_factory=list)
    """The numbers of annealings that are begun and not being worked on."""
    chains: dict[int, Chain] = field(default_factory=dict)
    winner: int = -1
    """The first annealing, by number, that met the best price; -1 where that is known otherwise."""

    def next(self) -> int | None:
        """The number of the annealing to go on with, begun if need be; None where nothing is left to do."""
        while self.waiting:
            number = self.waiting.pop(0)
            if self._wanted(number):
                return number
        number = len(self.chains)
        if (self.most is not None and number >= self.most) or not self._wanted(number):
            return None
        steps = first_steps(self.component) * LONGER ** (number // self.together)
        start = self.starts[number % len(self.starts)]
        self.chains[number] = chain(self.component, start, f"{self.seed} {number}", steps)
        return number

    def _wanted(self, number: int) -> bool:
        """Nothing is better than the floor; but of two annealings that meet it the first by number is the answer."""
        return self.price > self.floor or number < self.winner

    def again(self, number: int) -> None:
        """A slice of an annealing is lost, and is the next to be run."""
        self.waiting.insert(0, number)

    def take(self, number: int, now: Chain) -> None:
        """The state of an annealing after a slice."""
        self.chains[number] = now
        if now.price < self.price or (now.price == self.price and number < self.winner):
            self.best, self.price, self.winner = now.best, now.price, number
        if not now.finished and now.price > self.floor:
            self.waiting.append(number)


def first_steps(component: Component) -> int:
    """How many steps the first annealings of a component take."""
    return max(200, min(STEPS_A_VERTEX * len(component.vertices), MOST_WORK // _step_work(component)))


def slice_steps(component: Component) -> int:
    """How many steps are made at once: some tenths of a second."""
    return max(20, min(5000, 500_000 // _step_work(component)))


def _step_work(component: Component) -> int:
    """How long a step takes: as there are vertices, and where these have many arguments, with the square of those."""
    count = len(component.vertices)
    arguments = sum(found.bit_count() for found in component.arguments) // count
    return count * max(1, arguments * arguments // 16)


def search(
    jacobian: Jacobian,
    *,
    seed: int = 0,
    budget: float | None = None,
    workers: int = 1,
    pool: Callable[[], Executor] | None = None,
    report: Callable[[Progress], None] = lambda _: None,
) -> Found:
    """The cheapest order of elimination found, starting from forward, reverse and Markowitz.

    Each component is searched by itself. One that an order meets the floor of is done; one of up to 17 vertices is
    solved exactly, and some of up to 40 are. On others annealings run, numbered, each following from the seed and its
    number alone. The answer is the cheapest order, of equals that of the lowest number, so that it does not depend on
    `workers`, the number of processes. Without a `budget` there are four annealings, and the same seed always gives the
    same answer. With one, in seconds, more and longer ones follow until the time is over or the floor is met; then how
    far they come depends on the machine, and more time never gives a worse order. An interrupt (Ctrl-C) ends the
    search with what it has. Raises InputError for a budget that is not finite and above 0.
    """
    if budget is not None and not 0 < budget < inf:
        message = f"a budget of {budget} seconds is not a finite number above 0"
        raise InputError([Diagnostic("usage", message, "--budget")])
    started = monotonic()
    deadline = None if budget is None else started + budget
    clock = _Clock(deadline)
    most, together = (TOGETHER, TOGETHER) if budget is None else (None, max(TOGETHER, workers))
    hunts = list(_hunts(jacobian, digits(seed), most, together, clock))

    def tell() -> None:
        steps = sum(now.done for hunt in hunts for now in hunt.chains.values())
        best, floor = sum(hunt.price for hunt in hunts), sum(hunt.floor for hunt in hunts)
        report(Progress(steps, best, floor, monotonic() - started))

    try:
        if not clock.interrupted:
            _solve(hunts, clock, tell)
            alone = started + ALONE if workers > 1 or pool is not None else None
            if not _anneal(hunts, None, 1, _earliest(alone, deadline), tell) and not clock.over():
                _anneal(hunts, pool or (lambda: _processes(workers)), workers, deadline, tell)
    except KeyboardInterrupt:
        clock.interrupted = True
    order = _joined(hunts)
    cost, floor = spent(jacobian, order).multiplications, sum(hunt.floor for hunt in hunts)
    # how far those came that run beside the one that meets the floor is a matter of chance
    begun = [
        now for hunt in hunts for number, now in hunt.chains.items() if hunt.price > hunt.floor or number <= hunt.winner
    ]
    return Found(order, cost, floor, len(begun), sum(now.done for now in begun), clock.interrupted)


def _hunts(jacobian: Jacobian, seed: str, most: int | None, together: int, clock: _Clock) -> Iterator[_Hunt]:
    """The components, each with the cheapest of the known orders; an interrupt leaves the rest of the floors low."""
    known = [_split(jacobian, make(jacobian)) for make in (forward_order, reverse_order, markowitz_order)]
    for index, vertices in enumerate(jacobian.components):
        try:
            part = component(jacobian, vertices, clock.over)
        except KeyboardInterrupt:
            clock.interrupted = True
            part = component(jacobian, vertices, clock.over)
        prices = {order: sum(part.priced(order)[2]) for order in (parts[index] for parts in known)}
        starts = tuple(sorted(prices, key=lambda order: prices[order]))
        best = starts[0]
        yield _Hunt(part, best, prices[best], part.floor, f"{seed} {index}", most, together, starts)


def _split(jacobian: Jacobian, order: Order) -> list[Order]:
    """An order's part in each component, by the numbers of vertices in there. Cost O(V)."""
    home = {v: (index, i) for index, vertices in enumerate(jacobian.components) for i, v in enumerate(vertices)}
    parts: list[list[int]] = [[] for _ in jacobian.components]
    for v in order:
        index, i = home[v]
        parts[index].append(i)
    return list(map(tuple, parts))


def _solve(hunts: Sequence[_Hunt], clock: _Clock, tell: Callable[[], None]) -> None:
    """Solves the components that are small enough; of those given up the floor may be higher than before."""
    for hunt in hunts:
        count = len(hunt.component.vertices)
        if hunt.price > hunt.floor and count <= MOST_SOLVED and not clock.over():
            answer = solved(hunt.component, hunt.price, MOST_PRICES if count <= ALWAYS else PRICES_TRIED, clock.over)
            hunt.floor = max(hunt.floor, answer.floor)
            if answer.order is not None:
                hunt.best, hunt.price = answer.order, answer.floor
            tell()


def _anneal(
    hunts: Sequence[_Hunt],
    pool: Callable[[], Executor] | None,
    workers: int,
    deadline: float | None,
    tell: Callable[[], None],
) -> bool:
    """Runs annealings slice by slice until none is left to run, which is True, or the time is over.

    A process that dies takes nothing along: the slices that its pool had are run again, by a new pool. Where there can
    be no other processes, or too many pools broke, this one goes on by itself.
    """
    running: dict[Future[Chain], tuple[_Hunt, int, Executor]] = {}
    executor: Executor | None = None
    broken = 0
    try:
        while not _over(deadline):
            while len(running) < workers and (job := _next_job(hunts)) is not None:
                hunt, number = job
                size = slice_steps(hunt.component)
                if pool is None or broken > MOST_BROKEN:
                    hunt.take(number, annealed(hunt.component, hunt.chains[number], size))
                    break
                try:
                    executor = executor or pool()
                    future = executor.submit(annealed, hunt.component, hunt.chains[number], size)
                    running[future] = hunt, number, executor
                except BrokenExecutor:
                    hunt.again(number)
                    _drop(executor)
                    executor, broken = None, broken + 1
                except _NO_PROCESSES:
                    hunt.again(number)
                    _drop(executor)
                    executor = pool = None
            else:
                if not running:
                    return True
                left = LONGEST_WAIT if deadline is None else min(LONGEST_WAIT, max(0.0, deadline - monotonic()))
                for future in wait(running, left, FIRST_COMPLETED).done:
                    hunt, number, its = running.pop(future)
                    try:
                        hunt.take(number, future.result())
                    except BrokenExecutor:
                        hunt.again(number)
                        if its is executor:  # the first of its slices to say so: others of them are as lost
                            _drop(executor)
                            executor, broken = None, broken + 1
            tell()
        return False
    finally:
        for hunt, number, _ in running.values():
            hunt.again(number)
        if executor is not None:
            executor.shutdown(cancel_futures=True)


_NO_PROCESSES: Final = (OSError, NotImplementedError, ImportError, RuntimeError)
"""What it means that no process can be started: a limit is met, or the platform has no semaphores or no threads."""


def _drop(executor: Executor | None) -> None:
    """Lets go of a pool that is of no more use, without waiting for its processes."""
    if executor is not None:
        executor.shutdown(wait=False)


def _next_job(hunts: Sequence[_Hunt]) -> tuple[_Hunt, int] | None:
    """The annealing to go on with: the larger a component, the more often is it its turn."""
    for hunt in sorted(hunts, key=lambda hunt: hunt.slices / len(hunt.component.vertices)):
        number = hunt.next()
        if number is not None:
            hunt.slices += 1
            return hunt, number
    return None


def _joined(hunts: Sequence[_Hunt]) -> Order:
    """The orders of all components one after the other."""
    return tuple(hunt.component.vertices[v] for hunt in hunts for v in hunt.best)


def _over(deadline: float | None) -> bool:
    return deadline is not None and monotonic() >= deadline


def _earliest(*times: float | None) -> float | None:
    return min((time for time in times if time is not None), default=None)


def _processes(workers: int) -> Executor:
    """Processes that leave an interrupt to this one, also while they start; they load nothing but the annealing."""
    return _Processes(workers, get_context("spawn"), signal.signal, (signal.SIGINT, signal.SIG_IGN))


class _Processes(ProcessPoolExecutor):
    def submit(self, call: Callable[..., _T], /, *args: Any, **named: Any) -> Future[_T]:
        """Processes may be started here: they keep the signals blocked that are blocked now. All are, or none."""
        before = set(active_children())
        try:
            with _no_interrupt():
                return super().submit(call, *args, **named)
        except _NO_PROCESSES:
            for process in set(active_children()) - before:
                process.terminate()  # nothing would ever tell it to end
            raise


@contextmanager
def _no_interrupt() -> Iterator[None]:
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
