"""Thousands of answers, in processes: in order, as they come, and each bounded in time and memory.

Each process has a pipe and some answers waiting in it. One that dies, or takes too long and is ended, takes along only
the answer that it was at, whose row says so; those behind it go to another process. Processes are spawned, so that this
is the same on Linux, macOS and Windows.
"""

from __future__ import annotations

import signal
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from time import monotonic
from typing import Final

from pathdiff.claim.reading import LONGEST, Question
from pathdiff.diagnostics import Diagnostic, InputError
from pathdiff.grading.findings import Row
from pathdiff.grading.graded import Grader, row_of

AHEAD: Final = 8
"""So many answers wait in each pipe."""
MOST_AHEAD: Final = 1000
"""They have so many characters together at most: every platform's pipes hold as much."""
WINDOW: Final = 4096
"""So many answers are under way at most: rows that wait for an earlier one take memory."""
TICK: Final = 0.2
"""How often the clock is looked at, in seconds."""
MOST_KEPT: Final = 5000
LONGEST_KEPT: Final = 500
"""The rows of so many answers, none longer than this, are kept for others that are the same."""
MOST_FAILED_STARTS: Final = 3
"""After so many processes in a row that end before their first answer no more are started."""


@dataclass(frozen=True, slots=True)
class Task:
    """What every process has to know: the spec as text, which question is asked, and its bounds."""

    text: str
    name: str
    inline: bool
    asked: Question | None = None
    seconds: float = 20.0
    megabytes: int = 2000


Answer = tuple[str, str]
"""An id and a claim."""


class _Worker:
    """A process, its pipe, and the answers that wait in it, the one it is at first."""

    def __init__(self, task: Task, doing: Callable[[Connection, Task], None]) -> None:
        context = get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.process: BaseProcess = context.Process(target=doing, args=(theirs, task), daemon=True)
        self.process.start()
        theirs.close()
        self.waiting: deque[int] = deque()
        self.sizes: deque[int] = deque()
        """How many characters each of them has."""
        self.since = monotonic()
        self.ready = False
        self.dead = False

    def takes(self, claim: str) -> bool:
        """Whether another answer can be sent to it."""
        if not self.waiting:
            return True
        return len(self.waiting) < AHEAD and sum(self.sizes) + len(claim) <= MOST_AHEAD

    def end(self) -> None:
        """Ends the process, whatever it is doing."""
        with suppress(OSError, ValueError):
            self.process.kill()
        self.process.join(5)
        self.pipe.close()


@dataclass(slots=True)
class _Work:
    """The answers under way, and the rows that wait for earlier ones."""

    answers: Iterator[Answer]
    pending: dict[int, Answer] = field(default_factory=dict)
    again: deque[int] = field(default_factory=deque)
    rows: dict[int, Row] = field(default_factory=dict)
    taken: int = 0
    given: int = 0
    over: bool = False

    def next(self) -> int | None:
        """The number of the next answer to be looked at."""
        if self.again:
            return self.again.popleft()
        if self.over or self.taken - self.given >= WINDOW:
            return None
        answer = next(self.answers, None)
        if answer is None:
            self.over = True
            return None
        self.pending[self.taken] = answer
        self.taken += 1
        return self.taken - 1

    def done(self, number: int, row: Row) -> None:
        """Keeps a row until its turn."""
        self.rows[number] = row
        del self.pending[number]

    def ready(self) -> Iterator[Row]:
        """The rows whose turn it is."""
        while self.given in self.rows:
            yield self.rows.pop(self.given)
            self.given += 1


def grade_rows(
    task: Task,
    answers: Iterable[Answer],
    workers: int,
    doing: Callable[[Connection, Task], None] | None = None,
) -> Generator[Row, None, None]:
    """A row for each answer, in their order, each as soon as those before it are there.

    `answers` are read as they are needed; `doing` is what each process does. Raises InputError where no process can be
    started, or none gets as far as to look at an answer.
    """
    work = _Work(iter(answers))
    pool: list[_Worker] = []
    failed = 0
    try:
        while True:
            try:
                _deal(work, pool, workers, partial(_Worker, task, doing or work_on))
            except OSError as error:
                raise InputError([_no_process(error.strerror or str(error), task)]) from None
            yield from work.ready()
            if not any(worker.waiting for worker in pool):
                if work.over and not work.again:
                    return
                continue
            wait([worker.pipe for worker in pool if worker.waiting], TICK)
            for worker in list(pool):
                if _received(worker, work):
                    failed = 0
                reason = _broken(worker, task)
                if reason:
                    failed += not worker.ready
                    pool.remove(worker)
                    _given_up(worker, work, reason)
                if failed >= MOST_FAILED_STARTS and not any(worker.ready for worker in pool):
                    raise InputError([_no_process(f"{failed} of them ended before their first answer", task)])
    finally:
        for worker in pool:
            worker.end()


def _deal(work: _Work, pool: list[_Worker], workers: int, start: Callable[[], _Worker]) -> None:
    """Gives each process something to do, the one with the least first; starts one where some are missing.

    A pipe never has more in it than it holds: sending would wait for a process that may hang.
    """
    while (number := work.next()) is not None:
        claim = work.pending[number][1][: LONGEST + 1]
        free = [worker for worker in pool if worker.takes(claim)]
        if len(pool) < workers and all(worker.waiting for worker in free):
            try:
                free.append(start())
                pool.append(free[-1])
            except OSError:  # no more of them can be had
                if not pool:
                    raise
        if not free:
            work.again.appendleft(number)
            return
        worker = min(free, key=lambda each: len(each.waiting))
        if not worker.waiting:
            worker.since = monotonic()
        worker.waiting.append(number)
        worker.sizes.append(len(claim))
        with suppress(OSError, ValueError):  # it is dead, which is seen below
            worker.pipe.send((number, claim))


def _received(worker: _Worker, work: _Work) -> bool:
    """Takes the rows that a process has sent, and says whether there were any."""
    any_came = False
    try:
        while worker.waiting and worker.pipe.poll():
            found = worker.pipe.recv()
            worker.since = monotonic()
            worker.ready = any_came = True
            if found is None:  # it has read the spec
                continue
            number, row = found
            worker.waiting.popleft()
            worker.sizes.popleft()
            id, claim = work.pending[number]
            work.done(number, replace(row, id=id, claim=claim))
    except (EOFError, OSError):
        worker.dead = True
    return any_came


def _broken(worker: _Worker, task: Task) -> str:
    """Why a process is of no more use, in words; else nothing."""
    if worker.dead:
        return "the process that looked at it died"
    seconds = task.seconds if worker.ready else task.seconds + 60
    if worker.waiting and monotonic() - worker.since > seconds:
        return f"looking at it took more than {task.seconds:g} seconds"
    return ""


def _no_process(why: str, task: Task) -> Diagnostic:
    note = f"each has at most {task.megabytes:,} MB of memory"
    hint = "claims in a text file, one a line, are looked at without other processes"
    message = f"no process to look at answers can be started: {why}"
    return Diagnostic("no-process", message, "claims", note=note, hint=hint)


def _given_up(worker: _Worker, work: _Work, reason: str) -> None:
    """The answer that a process was at has its row, and those behind it are looked at again."""
    worker.end()
    waiting = list(worker.waiting)
    if worker.ready:
        number = waiting.pop(0)
        id, claim = work.pending[number]
        work.done(number, Row(id, claim, "undecided", f"Undecided: {reason}.", ("gave-up",)))
    work.again.extendleft(reversed(waiting))


def work_on(pipe: Connection, task: Task) -> None:
    """What a process does: grades one answer after the other, until the pipe is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _bound_memory(task.megabytes)
    from pathdiff.reader import read_spec

    grader = Grader(read_spec(task.text, task.name, inline=task.inline), task.asked)
    known: dict[str, Row] = {}  # many give the same answer
    with suppress(EOFError, OSError):
        pipe.send(None)
        while True:
            number, text = pipe.recv()
            row = known.get(text) or graded_row(grader, text)
            if len(text) < LONGEST_KEPT and len(known) < MOST_KEPT:
                known[text] = row
            pipe.send((number, replace(row, claim="")))


def graded_row(grader: Grader, text: str) -> Row:
    """The row of an answer, with an empty id, whatever is wrong with it."""
    try:
        return row_of(grader.grade(text, "claim"))
    except InputError as error:
        codes = tuple(dict.fromkeys(each.code for each in error.diagnostics))
        message = "; ".join(f"{each.message}{f' ({each.hint})' * bool(each.hint)}" for each in error.diagnostics[:3])
        return Row("", text, "unreadable", f"Unreadable: {message}.", codes)
    except MemoryError:
        return Row("", text, "undecided", "Undecided: looking at it took too much memory.", ("gave-up",))
    except Exception as error:  # noqa: BLE001  # a mistake of ours must cost one row, and not look like a verdict
        message = f"Undecided: a mistake in pathdiff, {type(error).__name__}."
        return Row("", text, "undecided", message, ("internal",))


def _bound_memory(megabytes: int) -> None:
    """Bounds the memory of this process, where the platform can; Windows cannot."""
    try:
        import resource
    except ImportError:
        return
    with suppress(ValueError, OSError):
        _, most = resource.getrlimit(resource.RLIMIT_AS)
        bound = megabytes * 1_000_000
        resource.setrlimit(resource.RLIMIT_AS, (bound if most < 0 else min(bound, most), most))
