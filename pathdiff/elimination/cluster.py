"""A Dask cluster as a pool of processes: its scheduler says where each slice runs, and again where a worker dies.

dask.distributed (Rocklin 2015) is loaded here only, when a cluster is asked for.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future, InvalidStateError, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Final, TypeVar

from pathdiff.diagnostics import Diagnostic, InputError

if TYPE_CHECKING:
    from distributed import Client

_T = TypeVar("_T")

PATIENCE: Final = 5.0
"""So many seconds it is waited for a scheduler, and as many for its first worker."""
PATIENCE_AGAIN: Final = 1.0
"""The same for a cluster that was there and is lost."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """What a search needs of a cluster."""

    workers: int
    """How many processes there are. Threads do not count: annealings hold the lock of their interpreter."""
    pool: Callable[[], Executor]
    """Makes a pool on the cluster. Raises OSError when the cluster is lost."""


@contextmanager
def cluster(address: str, tell: Callable[[str], None] = lambda _: None) -> Iterator[Cluster]:
    """The cluster whose scheduler has an address such as tcp://127.0.0.1:8786.

    Raises InputError within seconds when there is no package `distributed` here, no scheduler there, or no worker, and
    when the scheduler has no pathdiff, or a worker none or another version. `tell` is called with words should the
    cluster be lost.
    """
    try:
        first = [_connected(address, PATIENCE)]
        workers = _workers(first[0], address)
    except _Useless as reason:
        raise InputError([Diagnostic("no-cluster", str(reason), "--dask", hint=reason.hint)]) from None

    def pool() -> Executor:
        try:
            return _Pool(first.pop() if first else _connected(address, PATIENCE_AGAIN))
        except _Useless as reason:
            tell(f"{reason} any more: the search goes on here")
            raise OSError(str(reason)) from None

    try:
        yield Cluster(workers, pool)
    finally:
        for client in first:
            client.close()


class _Useless(Exception):
    """Why a cluster is of no use, and what to do about it."""

    def __init__(self, reason: str, hint: str) -> None:
        super().__init__(reason)
        self.hint = hint


def _connected(address: str, patience: float) -> Client:
    try:
        from distributed import Client, Security
        from distributed.comm import connect
    except ImportError:
        hint = "pip install 'pathdiff-chainrule[cluster]'"
        raise _Useless("a search on a Dask cluster needs the package `distributed`", hint) from None

    async def knock() -> None:
        door = await connect(address, timeout=patience, **Security().get_connection_args("client"))
        await door.close()

    try:
        with ThreadPoolExecutor(1) as alone:  # a notebook's own thread has a loop already
            alone.submit(asyncio.run, knock()).result()  # a client that finds nobody takes its time to end
        return Client(address, timeout=patience, set_as_default=False)
    except (OSError, ValueError, TypeError, ImportError, RuntimeError):  # also: no port, no certificate, no such way
        hint = "the address that `dask scheduler` tells, such as tcp://127.0.0.1:8786"
        raise _Useless(f"no Dask scheduler answers at `{address}`", hint) from None


def _workers(client: Client, address: str) -> int:
    """How many workers there are; each runs this pathdiff, and the scheduler has it.

    Raises _Useless, and then the client is closed.
    """
    try:
        client.wait_for_workers(1, timeout=PATIENCE)
    except TimeoutError:
        client.close()
        raise _Useless(f"the Dask cluster at `{address}` has no worker", f"dask worker {address}") from None
    try:
        versions: Mapping[str, object] = client.run(_version, on_error="return", callback_timeout=PATIENCE)
    except TimeoutError:
        client.close()
        reason = f"not all workers of the Dask cluster at `{address}` answer"
        raise _Useless(reason, "stop those that do not, or start them again") from None
    except Exception as error:  # noqa: BLE001  # whatever goes wrong in another process
        versions = {address: error}
    mine = _version()
    for worker, its in versions.items():
        if its != mine:
            client.close()
            other = f"pathdiff {its}" if isinstance(its, str) else f"no pathdiff that can be used: {its}"
            raise _Useless(f"the Dask worker {worker} has {other}", f"install pathdiff {mine} where the workers run")
    try:
        client.submit(_version, pure=False).result(timeout=PATIENCE)  # the scheduler reads what it hands on
    except TimeoutError:
        pass  # the workers are busy with other things
    except Exception:  # noqa: BLE001  # whatever goes wrong in another process
        client.close()
        hint = f"install pathdiff {mine} where the scheduler runs, too"
        raise _Useless(f"the Dask scheduler at `{address}` has no pathdiff that can be used", hint) from None
    return len(versions)


def _version() -> str:
    return version("pathdiff-chainrule")


class _Pool(Executor):
    """A pool on a cluster. It breaks when the scheduler is lost, or gives up a slice since too many workers died."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.executor = client.get_executor(pure=False)
        self.waiting: set[Future[Any]] = set()

    def submit(self, call: Callable[..., _T], /, *args: Any, **named: Any) -> Future[_T]:
        """Hands a call to the scheduler. Raises BrokenExecutor."""
        if self.client.status != "running":
            raise BrokenExecutor
        answer: Future[_T] = Future()
        self.waiting.add(answer)
        answer.add_done_callback(self.waiting.discard)
        self.executor.submit(call, *args, **named).add_done_callback(lambda inner: _pass_on(inner, answer))
        return answer

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Cancels what is left, and lets the cluster go. Nobody waits for ever: a closed client says nothing more."""
        self.executor.shutdown(wait=False)
        self.client.close(timeout=PATIENCE_AGAIN)
        for answer in tuple(self.waiting):
            _settle(answer, BrokenExecutor())


def _pass_on(inner: Future[_T], answer: Future[_T]) -> None:
    from distributed import KilledWorker

    try:
        result = inner.result()
    except (KilledWorker, CancelledError, OSError):
        _settle(answer, BrokenExecutor())
    except Exception as error:  # noqa: BLE001  # whatever the call raised
        _settle(answer, error)
    else:
        with suppress(InvalidStateError):
            answer.set_result(result)


def _settle(answer: Future[Any], error: Exception) -> None:
    with suppress(InvalidStateError):  # it was settled at the same time
        answer.set_exception(error)
