"""Workers of a Dask cluster. Imports Dask only when one is used."""

from __future__ import annotations

import logging
import pickle
import time
import warnings
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from concurrent.futures import CancelledError, Executor, Future
from contextlib import contextmanager, suppress
from functools import cache
from importlib.metadata import version
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from scgan.utils.errors import RunError, UserError
from scgan.utils.files import user_path
from scgan.utils.json_files import read_json
from scgan.utils.optional import require_packages
from scgan.utils.progress import say
from scgan.utils.text import shorten
from scgan.utils.workers import TASKS_PER_WORKER, Argument, LocalProcesses, Result, Shared, WorkerPool, never, window

if TYPE_CHECKING:
    from distributed import Client

_CONNECT_SECONDS = 10
_SECONDS_BETWEEN_LOOKS = 1.0
_SECONDS_BETWEEN_COUNTS = 5.0


@contextmanager
def open_workers(
    cluster: str | None, processes: int = 1, resources: Mapping[str, float] | None = None
) -> Iterator[WorkerPool]:
    """Connect to a cluster, or without one take processes of this machine.

    Args:
        cluster: address of a Dask scheduler (``tcp://…``), or the file that ``dask scheduler --scheduler-file`` wrote.
        processes: number of local processes.
        resources: that a worker of the cluster needs for a task, as ``dask worker --resources`` names them.

    Raises:
        UserError: Dask is not installed, or no scheduler answers.
    """
    if cluster is None:
        yield LocalProcesses(processes)
        return
    client = _connect(cluster)
    try:
        yield Cluster(client, cluster, resources or {})
    finally:
        with suppress(Exception):  # the scheduler may be lost; nothing of ours is left there
            client.close(timeout=_CONNECT_SECONDS)


class Cluster:
    """Workers of a Dask cluster; each process of them computes one task at a time.

    Args:
        client: connected to the scheduler.
        name: of the cluster, for messages.
        resources: as for ``open_workers``.
    """

    def __init__(self, client: Client, name: str, resources: Mapping[str, float]) -> None:
        self._client = client
        self._name = name
        self._resources = resources
        self._connection = client.scheduler_comm
        self._worker_count = 0
        self._counted = -_SECONDS_BETWEEN_COUNTS

    def map(
        self,
        function: Callable[[Shared, Argument], Result],
        shared: Shared,
        arguments: Sequence[Argument],
        interrupted: Callable[[], bool] = never,
    ) -> Generator[Result]:
        """Yield results as ``WorkerPool.map`` does; tasks of a lost worker are computed again by another one."""
        executor: Executor = self._client.get_executor(pure=False, resources=dict(self._resources))
        # A task's result instead of scattered data: Dask makes it again when the worker that holds it is lost.
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Sending large graph", category=UserWarning)
            content: Any = self._client.submit(bytes, pickle.dumps(shared), pure=False)

        def submit(argument: Argument) -> Future[Result]:
            self._require_connection()
            task = pickle.dumps((function, argument))
            return executor.submit(_call, content, str(content.key), task, _own_version())

        try:
            for future in window(submit, arguments, self._window):
                yield self._result(future, interrupted)
        finally:
            with suppress(Exception):
                executor.shutdown(wait=False)

    def _window(self) -> int:
        """Number of tasks under way; workers come and go."""
        now = time.monotonic()
        if now - self._counted >= _SECONDS_BETWEEN_COUNTS:
            self._counted = now
            with suppress(Exception):  # results tell that the scheduler is lost
                # Some versions of Dask describe five workers only, unless they are asked for all.
                workers = self._client.scheduler_info(n_workers=-1)["workers"].values()
                self._worker_count = sum(map(self._is_fitting, workers))
        return TASKS_PER_WORKER * max(1, self._worker_count)

    def _is_fitting(self, worker: Mapping[str, Any]) -> bool:
        """Tell whether a worker, as the scheduler describes it, has the resources."""
        return all(worker["resources"].get(name, 0) >= amount for name, amount in self._resources.items())

    def _result(self, future: Future[Result], interrupted: Callable[[], bool]) -> Result:
        from distributed import KilledWorker

        told = False
        while True:
            try:
                return future.result(timeout=_SECONDS_BETWEEN_LOOKS)
            except TimeoutError:
                if future.done():  # the task's own error
                    raise
            except CancelledError as error:
                raise self._lost() from error
            except KilledWorker as error:
                raise RunError(
                    f"workers of --cluster {self._name} ended several times at the same task, most likely because "
                    "their memory ran out: give them more memory and run the same command again."
                ) from error
            except ImportError as error:
                raise UserError(
                    f"a worker of --cluster {self._name} cannot import what it needs ({shorten(error)}): install the "
                    "same version of scgan there, with the same extras."
                ) from error
            if interrupted():
                raise KeyboardInterrupt
            self._require_connection()
            self._window()
            if not self._worker_count and not told:
                told = True
                wanted = "".join(f" with {name} {amount:g}" for name, amount in self._resources.items())
                say(f"waiting for workers{wanted} of --cluster {self._name}")

    def _require_connection(self) -> None:
        """Notice a lost scheduler, even one that is back.

        Dask's executor never finishes the future of a result that was being fetched at that moment.
        """
        if self._client.status != "running" or self._client.scheduler_comm is not self._connection:
            raise self._lost()

    def _lost(self) -> RunError:
        return RunError(
            f"the scheduler of --cluster {self._name} was lost: run the same command again when it is back, or without "
            "--cluster."
        )


def _connect(cluster: str) -> Client:
    require_packages("--cluster", "cluster", "distributed")
    import distributed

    for name in ("distributed", "distributed.client"):  # this process says itself, in a sentence, that one is lost
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        address = cluster if "://" in cluster else _address_in(user_path(Path(cluster)))
        return distributed.Client(address, timeout=_CONNECT_SECONDS, set_as_default=False)
    except (OSError, TypeError, ValueError, KeyError) as error:
        raise UserError(
            f"no Dask scheduler answers at --cluster {cluster} ({shorten(error)}): start one with `dask scheduler`, or "
            "leave --cluster out."
        ) from error


def _address_in(file: Path) -> str:
    """Address of the scheduler that wrote the file."""
    if not file.is_file():
        raise UserError(
            f"--cluster {file} does not exist: give the address of a Dask scheduler (tcp://…), or the file of "
            "`dask scheduler --scheduler-file`."
        )
    return str(read_json(file)["address"])


_lock = Lock()
"""Held while a task is computed: libraries below need not work in several threads at once."""


def _call(content: bytes, key: str, task: bytes, expected_version: str) -> Any:
    """Compute one task, on a worker."""
    if _own_version() != expected_version:
        raise UserError(
            f"a worker of --cluster has scgan {_own_version()}, this machine {expected_version}: install the same "
            "version there."
        )
    with _lock:
        function, argument = pickle.loads(task)
        try:
            return function(_unpickled(key, content), argument)
        except KeyboardInterrupt as error:  # of a process that the task started; Dask would end the worker
            raise RunError("the task was stopped.") from error


_last: tuple[str, Any] = ("", None)
"""Key of the shared object that this process unpickled last, and the object."""


def _unpickled(key: str, content: bytes) -> Any:
    global _last
    if _last[0] != key:
        _last = key, pickle.loads(content)
    return _last[1]


@cache
def _own_version() -> str:
    return version("scgan")
