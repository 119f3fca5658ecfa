"""What a handler returned, awaited, and ended at once when its run is."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import threading
from collections.abc import Awaitable, Iterator
from typing import Any

from .interruption import Aborted, Expired, at_end

# seconds that tasks have to clean up after what ended their run
GRACE = 5.0


def wait(value: Awaitable[Any]) -> Any:
    """The result of an awaitable, in this thread and by a loop of its own.

    Where a loop runs already, as in a kernel, that one rests meanwhile. So the work is done in
    the thread that is interrupted, and whatever ends a run ends all of its tasks at once.
    """
    with _resting_loop():
        loop, grace = asyncio.new_event_loop(), None
        asyncio.set_event_loop(loop)
        try:
            return _result(loop, value)
        except (KeyboardInterrupt, Expired, Aborted):
            grace = GRACE
            raise
        finally:
            _close(loop, grace)


def _result(loop: asyncio.AbstractEventLoop, value: Awaitable[Any]) -> Any:
    async def result() -> Any:
        return await value

    task = loop.create_task(result())
    # one of its tasks may swallow what ends the run: then all are cancelled
    with at_end(task.cancel, loop.call_soon_threadsafe) as ended:
        try:
            found = loop.run_until_complete(task)
        except asyncio.CancelledError:
            if not ended:
                raise
        if ended:
            raise ended[0]
        return found


@contextlib.contextmanager
def _resting_loop() -> Iterator[None]:
    """Let no loop be the running one of this thread."""
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        try:
            yield
        finally:
            asyncio.set_event_loop(None)
        return
    task = asyncio.current_task(loop)
    if task is not None:
        asyncio.tasks._leave_task(loop, task)
    asyncio._set_running_loop(None)
    try:
        with _own_interrupts():
            yield
    finally:
        asyncio.set_event_loop(loop)
        asyncio._set_running_loop(loop)
        if task is not None:
            asyncio.tasks._enter_task(loop, task)


@contextlib.contextmanager
def _own_interrupts() -> Iterator[None]:
    """Let an interrupt arrive here: a loop that rests would take it up when it goes on."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        # a handler that was not set by Python cannot be set by it
        if before is not None:
            signal.signal(signal.SIGINT, before)


def _close(loop: asyncio.AbstractEventLoop, grace: float | None) -> None:
    """End what is left of a loop; with a grace, nothing is waited for any longer than that."""
    try:
        if left := asyncio.all_tasks(loop):
            for task in left:
                task.cancel()
            loop.run_until_complete(asyncio.wait(left, timeout=grace))
        loop.run_until_complete(loop.shutdown_asyncgens())
        if grace is None:
            loop.run_until_complete(loop.shutdown_default_executor())
    finally:
        loop.close()
