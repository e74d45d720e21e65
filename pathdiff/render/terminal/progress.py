"""A progress bar on standard error, for what takes longer than a second."""

from __future__ import annotations

from collections.abc import Iterator
from time import monotonic
from typing import Final, TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

SOON: Final = 1.0
"""How many seconds go by before it is shown."""
EVERY: Final = 256
"""After so many rows it looks at the clock."""
_Row = TypeVar("_Row")


def watched(rows: Iterator[_Row], total: int, every: int = EVERY) -> Iterator[_Row]:
    """The rows, and a bar that says how many of them all have gone by; it disappears in the end.

    The clock is looked at after `every` so many.
    """
    start = monotonic()
    done = 0
    for row in rows:
        yield row
        done += 1
        if not done % every and monotonic() - start > SOON:
            break
    else:
        return
    columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=total, completed=done)
        for row in rows:
            yield row
            done += 1
            if not done % every:
                progress.update(task, completed=done)
