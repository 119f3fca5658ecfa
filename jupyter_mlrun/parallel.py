"""Iterations of a sweep side by side: in processes of this machine, or in a Dask cluster."""

from __future__ import annotations

import pickle
import sys
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager, suppress
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple
from uuid import uuid4

from .errors import MLRunInvalidArgumentError
from .iterations import Ended, announce
from .pool import Pool, WorkerEnded, in_flight

if TYPE_CHECKING:
    from .context import Context

WORKER = "jupyter_mlrun.sweep_worker"
DEFAULT_COUNT, MOST = 4, 256

Submit = Callable[[bytes], Any]


class Iteration(NamedTuple):
    """What a process needs to know of an iteration: all of it is sent."""

    run: dict[str, Any]
    function: dict[str, Any]
    handler: Any
    folder: str
    address: tuple[str, str]
    secrets: dict[str, str]


class Outcome(NamedTuple):
    """How an iteration ended."""

    run: dict[str, Any]
    artifacts: list[dict[str, Any]]
    problem: str
    printed: str


def pack(iteration: Iteration) -> bytes:
    """The iteration as bytes, with what its handler needs that other processes cannot import."""
    import cloudpickle

    return pickle.dumps((sys.path, cloudpickle.dumps(tuple(iteration))))


def is_parallel(options: Mapping[str, Any]) -> bool:
    """Whether iterations are to work side by side."""
    return bool(options.get("parallel_runs") or options.get("dask_cluster_uri"))


def run_parallel(
    children: Iterator[Context],
    options: Mapping[str, Any],
    pack: Callable[[Context], bytes],
    total: int,
) -> Generator[Ended]:
    """Each iteration when it has ended, as many at once as ``parallel_runs`` says, or four."""
    count = int(options.get("parallel_runs") or DEFAULT_COUNT)
    if not 0 < count <= MOST:
        raise MLRunInvalidArgumentError(f"parallel_runs is between 1 and {MOST}, not {count}")
    uri = str(options.get("dask_cluster_uri") or "")
    workers = _dask(uri, bool(options.get("teardown_dask"))) if uri else _processes(count, total)
    with workers as submit:
        for child, future in in_flight(children, lambda child: submit(pack(child)), count):
            yield _end(child, future, total)


def _end(child: Context, future: Any, total: int) -> Ended:
    announce(child, total)
    try:
        run, artifacts, problem, printed = future.result()
    except Exception as error:
        # a process or a cluster that fails ends this iteration, and this one only
        problem = (
            str(error) if isinstance(error, WorkerEnded) else f"{type(error).__name__}: {error}"
        )
        print(f"iteration {child.iteration}: {problem}", flush=True)
        child.set_state(error=problem, commit=False)
        child.finish()
        return Ended(child, problem)
    if printed:
        print(printed, end="" if printed.endswith("\n") else "\n", flush=True)
    child.adopt(run, artifacts)
    return Ended(child, problem)


@contextmanager
def _processes(count: int, total: int) -> Iterator[Submit]:
    pool = Pool(min(count, total), WORKER)
    try:
        yield pool.submit
    finally:
        pool.stop()


@contextmanager
def _dask(uri: str, ends_cluster: bool) -> Iterator[Submit]:
    """Work in the cluster of a function ``db://PROJECT/NAME``, or of a scheduler ``tcp://…``."""
    worker = import_module(WORKER)
    work, end_sweep = worker.work, worker.end_sweep
    function, client = None, None
    if uri.startswith("db://"):
        # functions are made storeys above, where runs are made too
        function = import_module("jupyter_mlrun.functions.load").import_function(uri)
        client = function.client
    else:
        client = _client(uri)
    executor = client.get_executor(pure=False)
    sweep = uuid4().hex
    try:
        yield lambda piece: executor.submit(work, piece, sweep)
    except BaseException:
        # what is in the hands of a worker's thread goes on else; a cluster that is gone has none
        with suppress(OSError):
            client.run(end_sweep, sweep)
        raise
    finally:
        executor.shutdown(wait=False)
        if function is None:
            client.close()
        elif ends_cluster:
            function.close()


def _client(uri: str) -> Any:
    from .dask_client import connect

    try:
        return connect(uri, timeout=10)
    except (OSError, ValueError) as error:
        raise MLRunInvalidArgumentError(
            f"The Dask scheduler {uri} does not answer: {error}; "
            "give db://PROJECT/NAME or the scheduler's tcp://HOST:PORT"
        ) from None
