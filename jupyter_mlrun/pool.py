"""Processes of this machine that do work sent to them, one piece at a time each.

They begin with an interpreter of their own: nothing of the parent's threads and locks is copied,
and a program needs no ``if __name__ == "__main__"``.
"""

from __future__ import annotations

import os
import pickle
import queue
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import Any, TypeVar

Item = TypeVar("Item")
_SIZE = struct.Struct("!Q")


class WorkerEnded(Exception):
    """The process ended before it answered."""


class Worker:
    """One process: ``python -m MODULE``, which reads pieces from stdin and writes answers."""

    def __init__(self, module: str) -> None:
        self._module = module
        self._process: subprocess.Popen[bytes] | None = None

    def do(self, piece: bytes) -> Any:
        """The answer to a piece of work; raises WorkerEnded where the process does not live."""
        process = self._started()
        assert process.stdin is not None and process.stdout is not None
        try:
            process.stdin.write(_SIZE.pack(len(piece)) + piece)
            process.stdin.flush()
            return pickle.loads(read_piece(process.stdout))
        except (OSError, EOFError):
            code = process.wait()
            if self._process is process:
                self._process = None
            how = f"signal {-code}" if code < 0 else f"exit status {code}"
            raise WorkerEnded(f"its process ended with {how}") from None

    def stop(self) -> None:
        """End the process, and what it has started."""
        from jupyter_mlrun_runtimes.tree import end_tree

        process, self._process = self._process, None
        if process is not None:
            end_tree(process.pid, 0.0)
            process.wait()

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, "-m", self._module],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=dict(os.environ),
            )  # fmt: skip
        return self._process


def read_piece(stream: Any) -> bytes:
    """The next piece of a stream; raises EOFError at its end."""
    head = stream.read(_SIZE.size)
    if len(head) < _SIZE.size:
        raise EOFError
    (size,) = _SIZE.unpack(head)
    data: bytes = stream.read(size)
    if len(data) < size:
        raise EOFError
    return data


def write_piece(stream: Any, data: bytes) -> None:
    """Put a piece at the end of a stream."""
    stream.write(_SIZE.pack(len(data)) + data)
    stream.flush()


class Pool:
    """A number of workers; ``submit`` gives a future, ``stop`` ends all of them."""

    def __init__(self, count: int, module: str) -> None:
        self._workers = [Worker(module) for _ in range(count)]
        self._idle: queue.SimpleQueue[Worker] = queue.SimpleQueue()
        for worker in self._workers:
            self._idle.put(worker)
        self._threads = ThreadPoolExecutor(count, thread_name_prefix="mlrun-worker")

    def submit(self, piece: bytes) -> Future[Any]:
        """The answer to a piece of work, when it is there."""
        return self._threads.submit(self._do, piece)

    def _do(self, piece: bytes) -> Any:
        worker = self._idle.get()
        try:
            return worker.do(piece)
        finally:
            self._idle.put(worker)

    def stop(self) -> None:
        """End the processes."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        for worker in self._workers:
            worker.stop()
        self._threads.shutdown(wait=True, cancel_futures=True)


def in_flight(
    items: Iterator[Item], submit: Callable[[Item], Any], count: int
) -> Iterator[tuple[Item, Any]]:
    """Each item with its future when that is done; at most ``count`` are under way at once."""
    running: dict[Any, Item] = {}
    source = iter(items)
    while True:
        while len(running) < count:
            item = next(source, None)
            if item is None:
                break
            running[submit(item)] = item
        if not running:
            return
        done, _ = wait(running, return_when=FIRST_COMPLETED)
        for future in done:
            yield running.pop(future), future
