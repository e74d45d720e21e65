"""How a benchmark is run: pathdiff and its peer in turns, and a table in the end that says how they compare."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, version
from time import perf_counter
from typing import Any

import pytest

Against = Callable[..., None]
Row = Callable[..., None]
_ROWS = pytest.StashKey[list[tuple[str, ...]]]()


@pytest.fixture(autouse=True)
def collected_as_by_the_command_line() -> Iterator[None]:
    """Garbage is collected as seldom as the command line does it, for both sides."""
    before = gc.get_threshold()
    gc.set_threshold(200_000, 20, 20)
    yield
    gc.set_threshold(*before)


@pytest.fixture
def row(request: pytest.FixtureRequest) -> Row:
    """Adds a row to the table at the end; a number is a time in seconds."""

    def add(work: str, ours: str | float, peer: str = "", theirs: str | float = "", how: str = "") -> None:
        told = work, _seconds(ours), _with_version(peer), _seconds(theirs), how
        request.config.stash.setdefault(_ROWS, []).append(told)

    return add


@pytest.fixture
def against(benchmark: Any, row: Row) -> Against:
    """Times both sides in turns and takes the best of each; the peer may do the work `times` too small."""

    def compare(
        work: str,
        ours: Callable[[], Any],
        peer: str,
        theirs: Callable[[], Any],
        *,
        rounds: int = 10,
        times: float = 1,
    ) -> None:
        others: list[float] = []
        benchmark.pedantic(ours, setup=lambda: others.append(_timed(theirs)), rounds=rounds)
        mine, other = benchmark.stats.stats.min, min(others) * times
        benchmark.extra_info[f"times as fast as {peer}"] = other / mine
        row(work, mine, peer, other, _told(other / mine))

    return compare


def _seconds(told: str | float) -> str:
    """A time to two digits: 0.024 s, 14 s."""
    return told if isinstance(told, str) else f"{_short(told)} s" if told >= 1e-4 else f"{_short(told * 1e6)} µs"


def _told(ratio: float) -> str:
    return f"{_short(ratio)} times faster" if ratio >= 1 else f"{_short(1 / ratio)} times its time"


def _short(number: float) -> str:
    return f"{float(f'{number:.2g}'):,g}"


def _with_version(peer: str) -> str:
    name, *rest = peer.split(" ")
    try:
        return " ".join([name, ".".join(version(name).split(".")[:2]), *rest])
    except (PackageNotFoundError, ValueError):
        return peer


def _timed(call: Callable[[], Any]) -> float:
    start = perf_counter()
    call()
    return perf_counter() - start


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """The table of all comparisons, as it stands in the README."""
    rows = config.stash.get(_ROWS, [])
    if rows:
        terminalreporter.section("beside the peers, best of all rounds")
        for told in [("work", "pathdiff", "peer", "its time", ""), ("---",) * 5, *rows]:
            terminalreporter.write_line("".join(f"| {text} " if text else "| " for text in told) + "|")
