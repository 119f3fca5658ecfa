"""The one loop of everything that looks again and again."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from jupyter_mlrun.errors import MLRunServiceUnavailableError

PATIENCE = 1.0


async def watch(
    look: Callable[[], Awaitable[float]],
    log: logging.Logger,
    what: str,
    awake: asyncio.Event | None = None,
) -> None:
    """Look until cancelled: after the seconds that the last look said, or when woken before.

    A look that fails, whatever the reason, is logged and made again: nobody waits for such a loop,
    and its silent end would be noticed by nobody.
    """
    while True:
        if awake is not None:
            awake.clear()
        try:
            wait = await look()
        except MLRunServiceUnavailableError as error:
            log.warning("%s could not be looked at; trying again: %s", what, error)
            wait = PATIENCE
        except Exception:
            log.exception("%s could not be looked at; trying again", what)
            wait = PATIENCE
        if awake is None:
            await asyncio.sleep(wait)
            continue
        try:
            await asyncio.wait_for(awake.wait(), wait)
        except TimeoutError:
            continue
