"""How a benchmark is run: pathdiff and its peer in the same run, and a table in the end that says how they compare."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import Any

import pytest

Against = Callable[..., None]
_ROWS = pytest.StashKey[list[tuple[str, ...]]]()


@pytest.fixture
def against(benchmark: Any, request: pytest.FixtureRequest) -> Against:
    """Times `ours`, then the peer as often as `rounds` says, the best of each; adds a row to the table at the end."""

    def compare(
        work: str, ours: Callable[[], Any], peer: str, theirs: Callable[[], Any], wanted: str, rounds: int = 3
    ) -> None:
        benchmark.pedantic(ours, rounds=10, warmup_rounds=1)
        mine, other = benchmark.stats.stats.min, min(_timed(theirs) for _ in range(rounds))
        benchmark.extra_info[f"times as fast as {peer}"] = other / mine
        row = (work, f"{mine:.3g} s", peer, f"{other:.3g} s", f"{other / mine:.3g} times faster", wanted)
        request.config.stash.setdefault(_ROWS, []).append(row)

    return compare


def _timed(call: Callable[[], Any]) -> float:
    start = perf_counter()
    call()
    return perf_counter() - start


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """The table of all comparisons."""
    rows = config.stash.get(_ROWS, [])
    if not rows:
        return
    table = [("work", "pathdiff", "peer", "its time", "ratio", "wanted"), *rows]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    terminalreporter.section("beside the peers, best of all rounds")
    for row in table:
        terminalreporter.write_line(
            "  ".join(f"{text:<{width}}" for text, width in zip(row, widths, strict=True)).rstrip()
        )
