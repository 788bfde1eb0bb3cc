"""A bound on blocking queries held by Consul at a time, each of which occupies a connection (RULES.md Watch 7)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from hp_tui.registry.watch import QueryDropped

T = TypeVar("T")

CROWDED_FOR = 120.0
"""Seconds after the last wait for a connection during which queries stay short."""


class HeldQueries:
    """At most ``limit`` held queries at a time. While more are wanted, each is held for ``turn`` seconds only.

    Waiting queries are served first in, first out. So with many watches a change is seen later (by about ``turn`` for
    each ``limit`` watches), never not at all. Queries begun while it is crowded ask Consul to hold them for ``turn``
    seconds. Those begun before, for longer, are dropped with :class:`QueryDropped`, once: the agent goes on holding
    a dropped query.
    """

    def __init__(self, limit: int, turn: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._free = asyncio.Semaphore(limit)
        self._turn = turn
        self._clock = clock
        self._waiting = 0
        self._crowded = asyncio.Event()
        self._crowded_until = float("-inf")

    async def hold(self, ask: Callable[[float], Coroutine[Any, Any, T]]) -> T:
        """Run ``ask(longest)`` when there is a free connection; ``longest`` is how many seconds it may be held.

        Raises :class:`QueryDropped` when others wait and it was begun for longer.
        """
        self._waiting += 1
        if self._free.locked():
            self._crowded.set()
        try:
            await self._free.acquire()
        finally:
            self._waiting -= 1
            if self._crowded.is_set():
                self._crowded_until = self._clock() + CROWDED_FOR
            if not self._waiting:
                self._crowded.clear()
        try:
            if self._crowded.is_set() or self._clock() < self._crowded_until:
                return await ask(self._turn)
            return await self._until_crowded(ask(float("inf")))
        finally:
            self._free.release()

    async def _until_crowded(self, query: Coroutine[Any, Any, T]) -> T:
        running = asyncio.ensure_future(query)
        crowded = asyncio.ensure_future(self._crowded.wait())
        try:
            await asyncio.wait({running, crowded}, return_when=asyncio.FIRST_COMPLETED)
            if not running.done():
                await asyncio.wait({running}, timeout=self._turn)
            if not running.done():
                raise QueryDropped
            return running.result()
        finally:
            for task in (running, crowded):
                task.cancel()
            await asyncio.wait({running, crowded})
            if not running.cancelled():
                running.exception()  # seen: asyncio would report it as never retrieved
