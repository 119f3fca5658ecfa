"""The one bridge between the server's loop and everything that blocks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

# notifications that are sent at once
TELLERS = 8

P = ParamSpec("P")
T = TypeVar("T")


class Threads:
    """A bounded number of threads for blocking calls; long ones have their own few."""

    def __init__(self, workers: int = 8) -> None:
        self._quick = ThreadPoolExecutor(workers, "mlrun")
        self._slow = ThreadPoolExecutor(2, "mlrun-slow")
        self._long = ThreadPoolExecutor(2, "mlrun-long")
        self._outward = ThreadPoolExecutor(8, "mlrun-outward")
        self._telling = ThreadPoolExecutor(TELLERS, "mlrun-telling")

    async def call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The function's result, from a thread."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._quick, lambda: function(*args, **kwargs))

    async def slow(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The same for calls that may take seconds, so that they cannot block the quick ones."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._slow, lambda: function(*args, **kwargs))

    async def long(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The same for background tasks, which may take hours."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._long, lambda: function(*args, **kwargs))

    async def outward(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The same for requests that go out for a user, who may have named a slow server."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._outward, lambda: function(*args, **kwargs))

    async def telling(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """The same for notifications, which nobody waits for."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._telling, lambda: function(*args, **kwargs))

    async def end_telling(self, seconds: float) -> None:
        """Begin no more notifications, and wait a while for those that are on their way."""
        loop = asyncio.get_running_loop()
        ended = loop.run_in_executor(None, lambda: self._telling.shutdown(cancel_futures=True))
        await asyncio.wait([ended], timeout=seconds)

    def close(self) -> None:
        """Let the threads end; what has begun is finished."""
        self._quick.shutdown(wait=False)
        self._slow.shutdown(wait=False)
        self._outward.shutdown(wait=False, cancel_futures=True)
        self._telling.shutdown(wait=False, cancel_futures=True)
        self._long.shutdown(wait=False, cancel_futures=True)
