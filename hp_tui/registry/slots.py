"""A bound on queries that Consul holds open, each of which occupies a connection (semantics.md Watch 7)."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

from hp_tui.registry.watch import GiveWay

T = TypeVar("T")


class Slots:
    """``limit`` held queries at a time. While more are wanted each one is held at most ``turn`` seconds.

    Those that wait go first in, first out; one whose turn is over raises :class:`GiveWay` and queues again, so that with
    many watches a change is seen later (by about ``turn`` for each ``limit`` watches), never not at all.
    """

    def __init__(self, limit: int, turn: float) -> None:
        self._free = asyncio.Semaphore(limit)
        self._turn = turn
        self._waiting = 0
        self._crowded = asyncio.Event()

    async def hold(self, query: Coroutine[Any, Any, T]) -> T:
        """Run ``query`` when there is a slot. Raises :class:`GiveWay` when its turn ended before it did."""
        self._waiting += 1
        if self._free.locked():
            self._crowded.set()
        try:
            await self._free.acquire()
        except BaseException:
            query.close()
            raise
        finally:
            self._waiting -= 1
            if not self._waiting:
                self._crowded.clear()
        try:
            return await self._until_crowded(query)
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
                raise GiveWay
            return running.result()
        finally:
            for task in (running, crowded):
                task.cancel()
            await asyncio.wait({running, crowded})
            if not running.cancelled():
                running.exception()  # seen: asyncio would report it as never retrieved
