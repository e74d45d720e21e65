"""The search on a Dask cluster: a real scheduler and workers in processes of their own, some of which are killed."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, CancelledError, Future
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest
from test_cli import Answer, run  # noqa: F401  # a fixture
from test_search import random_part, random_text, short  # noqa: F401  # a fixture

import pathdiff
from pathdiff.diagnostics import InputError
from pathdiff.elimination.annealing import annealed
from pathdiff.elimination.cluster import _pass_on, cluster
from pathdiff.elimination.search import Progress, search

ROOT = Path(__file__).parent.parent
SPEC = "z = x*y; w = sin(z); p = w*z; q = w + z"


LONGEST = 120
"""So many seconds a test may take."""


@pytest.fixture(autouse=True)
def bounded() -> Iterator[None]:
    """A test that hangs fails; on Windows, which has no alarms, only its stack is shown, as for all tests."""
    if not hasattr(signal, "SIGALRM"):
        yield
        return

    def fail(*_: object) -> None:
        pytest.fail(f"no end after {LONGEST} seconds")  # no OSError, which the search would take for a lost cluster

    before = signal.signal(signal.SIGALRM, fail)
    signal.alarm(LONGEST)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


@contextmanager
def started(folder: Path, workers: int) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A scheduler and so many workers, each with a nanny that starts it again; the address, and the scheduler."""
    file = folder / "scheduler.json"
    # the workers look up the functions of these tests by their module
    environment = os.environ | {"PYTHONPATH": str(ROOT / "tests")}

    def dask(*words: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "dask", *words, "--scheduler-file", str(file), "--no-dashboard"]
        with (folder / f"{words[0]}.log").open("wb") as log:
            return subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)

    processes = [dask("scheduler", "--host", "127.0.0.1", "--port", "0")]
    try:
        until = monotonic() + 60
        while not (file.exists() and file.read_text()):
            assert processes[0].poll() is None, (folder / "scheduler.log").read_text()
            assert monotonic() < until
            sleep(0.05)
        address = json.loads(file.read_text())["address"]
        if workers:
            count = "--nworkers", str(workers), "--nthreads", "1"
            processes.append(dask("worker", *count, "--host", "127.0.0.1", "--local-directory", str(folder)))
            _wait(address, workers)
        yield address, processes[0]
    finally:
        for process in reversed(processes):
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(30)


def _wait(address: str, workers: int) -> None:
    from distributed import Client

    with Client(address, set_as_default=False) as client:
        client.wait_for_workers(workers, timeout=60)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a scheduler with two workers."""
    pytest.importorskip("distributed", reason="the extra `cluster` is not installed")
    with started(tmp_path_factory.mktemp("cluster"), 2) as (told, _):
        yield told


@pytest.mark.usefixtures("short")
def test_a_cluster_finds_what_one_process_finds(address: str) -> None:
    part = random_part(45, 5)
    told: list[Progress] = []
    with cluster(address) as found:
        assert found.workers == 2
        on_it = search(part, seed=3, workers=found.workers, pool=found.pool, report=told.append)
    assert on_it == search(part, seed=3)
    assert (told[-1].best, told[-1].steps) == (on_it.multiplications, on_it.steps)


def _die_once(part: Any, now: Any, steps: int, path: str) -> Any:
    """A slice in a process that is killed the first time, in the middle of it."""
    try:
        Path(path).touch(exist_ok=False)
    except FileExistsError:
        return annealed(part, now, steps)
    annealed(part, now, steps // 2)
    os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))
    raise AssertionError


@pytest.mark.usefixtures("short")
def test_the_slices_of_a_killed_worker_run_again(address: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    part = random_part(45, 5)
    expected = search(part, seed=3)
    mark = tmp_path / "killed"
    monkeypatch.setattr("pathdiff.elimination.search.annealed", partial(_die_once, path=str(mark)))
    with cluster(address) as found:
        assert search(part, seed=3, workers=2, pool=found.pool) == expected
    assert mark.exists()


@pytest.mark.usefixtures("short")
def test_where_the_scheduler_is_lost_the_search_goes_on_here(tmp_path: Path) -> None:
    pytest.importorskip("distributed", reason="the extra `cluster` is not installed")
    part = random_part(45, 5)
    words: list[str] = []
    with started(tmp_path, 1) as (told, scheduler), cluster(told, words.append) as found:

        def kill(now: Progress) -> None:
            if now.steps and scheduler.poll() is None:
                scheduler.kill()
                scheduler.wait(30)

        assert search(part, seed=3, workers=2, pool=found.pool, report=kill) == search(part, seed=3)
        assert scheduler.poll() is not None
    assert words == [f"no Dask scheduler answers at `{told}` any more: the search goes on here"]


@pytest.mark.usefixtures("short")
def test_an_interrupt_ends_with_the_best_so_far(address: str) -> None:
    def interrupt(now: Progress) -> None:
        if now.steps:
            raise KeyboardInterrupt

    with cluster(address) as found:
        answer = search(random_part(60, 2), budget=1e9, workers=2, pool=found.pool, report=interrupt)
    assert answer.interrupted
    assert answer.steps > 0


@pytest.mark.usefixtures("short")
def test_commands_search_on_a_cluster(run: Callable[..., Answer], address: str) -> None:  # noqa: F811
    words = ["cost", "-e", random_text(45, 5), "--format", "json"]
    here, there = run(*words), run(*words, "--dask", address)
    assert there == here
    assert here.json["search"]["annealings"] == 4
    words = ["explain", "-e", SPEC, "--order", "search"]
    assert run(*words, "--dask", address) == run(*words)


def test_python_searches_on_a_cluster(address: str) -> None:
    model = pathdiff.parse(SPEC)
    assert model.cost(dask=address).found == model.cost().found
    assert model.explain(orders="search", dask=address).eliminations == model.explain(orders="search").eliminations


# What goes wrong.


@pytest.fixture
def nobody() -> Iterator[str]:
    """An address where nobody listens."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield f"tcp://127.0.0.1:{held.getsockname()[1]}"


def test_an_address_without_a_scheduler(
    run: Callable[..., Answer],  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
    nobody: str,
) -> None:
    pytest.importorskip("distributed", reason="the extra `cluster` is not installed")
    monkeypatch.setattr("pathdiff.elimination.cluster.PATIENCE", 0.3)
    for told in (nobody, "nowhere", "host:port", "", "tls://127.0.0.1:1"):
        error = f"""\
error[no-cluster]: no Dask scheduler answers at `{told}`
  --dask
  hint: the address that `dask scheduler` tells, such as tcp://127.0.0.1:8786
"""
        assert run("cost", "-e", SPEC, "--dask", told) == Answer(2, "", error)
    assert run("explain", "-e", SPEC, "--order", "search", "--dask", told).code == 2
    with pytest.raises(InputError, match="no Dask scheduler answers"):
        pathdiff.parse(SPEC).cost(dask=nobody)


def test_without_the_package(run: Callable[..., Answer], monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    monkeypatch.setitem(sys.modules, "distributed", None)
    error = """\
error[no-cluster]: a search on a Dask cluster needs the package `distributed`
  --dask
  hint: pip install 'pathdiff-chainrule[cluster]'
"""
    assert run("cost", "-e", SPEC, "--dask", "tcp://127.0.0.1:8786") == Answer(2, "", error)


def test_a_cluster_without_workers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("distributed", reason="the extra `cluster` is not installed")
    monkeypatch.setattr("pathdiff.elimination.cluster.PATIENCE", 1.0)
    with started(tmp_path, 0) as (told, _), pytest.raises(InputError) as error, cluster(told):
        pass
    assert str(error.value) == (
        f"error[no-cluster]: the Dask cluster at `{told}` has no worker\n  --dask\n  hint: dask worker {told}"
    )


@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="the platform cannot stop a process for a while")
def test_a_worker_that_does_not_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    distributed = pytest.importorskip("distributed", reason="the extra `cluster` is not installed")
    monkeypatch.setattr("pathdiff.elimination.cluster.PATIENCE", 3.0)
    with started(tmp_path, 1) as (told, _):
        with distributed.Client(told, set_as_default=False) as client:
            (stopped,) = client.run(os.getpid).values()
        os.kill(stopped, signal.SIGSTOP)
        try:
            with pytest.raises(InputError) as error, cluster(told):
                pass
        finally:
            os.kill(stopped, signal.SIGCONT)
    assert str(error.value) == (
        f"error[no-cluster]: not all workers of the Dask cluster at `{told}` answer\n"
        "  --dask\n  hint: stop those that do not, or start them again"
    )


def test_a_worker_with_another_pathdiff(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    real = pathdiff.__version__
    monkeypatch.setattr("pathdiff.elimination.cluster.version", lambda _: "9.9")
    with pytest.raises(InputError, match=f"(?s)has pathdiff {real}.*install pathdiff 9.9 where"), cluster(address):
        pass


def test_what_it_means_that_a_slice_is_lost() -> None:
    distributed = pytest.importorskip("distributed", reason="the extra `cluster` is not installed")
    killed = distributed.KilledWorker("slice", None, 4)
    for raised, told in ((killed, BrokenExecutor), (CancelledError(), BrokenExecutor), (KeyError(1), KeyError)):
        inner: Future[int] = Future()
        answer: Future[int] = Future()
        inner.set_exception(raised)
        _pass_on(inner, answer)
        assert isinstance(answer.exception(), told)


def test_nothing_of_dask_is_loaded_unless_asked_for() -> None:
    script = "import sys, pathdiff; pathdiff.parse('p = sin(x)').cost(); assert 'distributed' not in sys.modules"
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)
