"""What is shown on standard error while something takes longer than a second: words, or a bar. It disappears again."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Timer
from time import monotonic
from typing import Final, TypeVar

from rich.console import Console
from rich.text import Text

from pathdiff.diagnostics import printable

SOON: Final = 1.0
"""How many seconds go by before it is shown."""
EVERY: Final = 256
"""After so many rows a bar looks at the clock."""
_Row = TypeVar("_Row")


@contextmanager
def waiting() -> Iterator[Callable[[str], None]]:
    """Gives what is called with words for what is done next."""
    status = Console(stderr=True).status("")
    start = Timer(SOON, status.start)
    start.daemon = True
    start.start()
    try:
        yield lambda doing: status.update(Text(printable(doing)))
    finally:
        start.cancel()
        start.join()  # it may be showing the line just now
        status.stop()


def watched(rows: Iterator[_Row], total: int, every: int = EVERY) -> Iterator[_Row]:
    """The rows, and a bar that says how many of them all have gone by; the clock is looked at after `every` so many."""
    start = monotonic()
    done = 0
    for row in rows:
        yield row
        done += 1
        if not done % every and monotonic() - start > SOON:
            break
    else:
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=total, completed=done)
        for row in rows:
            yield row
            done += 1
            if not done % every:
                progress.update(task, completed=done)
