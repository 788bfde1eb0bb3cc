"""Ends a command on a signal: the terminal is restored, and started processes are stopped."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Coroutine
from typing import Any

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def run_until_signal(work: Coroutine[Any, Any, int]) -> int:
    """Run ``work`` to its end and return its exit status.

    SIGINT, SIGTERM and SIGHUP cancel it, so that it cleans up behind itself; the status is then 128 plus the signal's
    number, as shells report it.
    """
    return asyncio.run(_until_signal(work))


async def _until_signal(work: Coroutine[Any, Any, int]) -> int:
    task = asyncio.ensure_future(work)
    received: list[int] = []

    def end(number: int) -> None:
        received.append(number)
        task.cancel()

    loop = asyncio.get_running_loop()
    for number in ENDING:
        loop.add_signal_handler(number, end, number)
    try:
        status = await task
    except asyncio.CancelledError:
        if not received:
            raise
    # A screen ends quietly when it is cancelled; the signal is what ended it all the same.
    return 128 + received[0] if received else status
