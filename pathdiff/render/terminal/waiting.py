"""A line on standard error that says what is being done, for what takes longer than a second."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Timer
from typing import Final

from rich.console import Console
from rich.text import Text

from pathdiff.diagnostics import printable

SOON: Final = 1.0
"""How many seconds go by before it is shown."""


@contextmanager
def waiting() -> Iterator[Callable[[str], None]]:
    """Gives what is called with words for what is done next; the line disappears in the end."""
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
