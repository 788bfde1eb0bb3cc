"""The heartbeat: one cheap request that notices, within seconds, an agent that hangs (RULES.md Watch 9).

A blocking query to an agent that was stopped, or whose host was cut off, looks for up to five minutes like one with
nothing new. So while anything is watched, ``/v1/status/leader`` is asked every few seconds. When it gets no answer, or
there is no leader, every watch is marked stale; when there is one again, every watch asks anew.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from msgspec.structs import replace

from hp_tui.registry.connection import Connection
from hp_tui.registry.errors import RegistryError
from hp_tui.registry.subscription import WatchHub
from hp_tui.registry.values import LinkStatus
from hp_tui.registry.watch import NO_LEADER, Observed, WatchRules

PAUSES = (1.0, 2.0, 4.0)
"""Seconds to the next beat after the first, second, and each later failure: a leader that returns is seen within 4 s."""


async def probe(connection: Connection, timeout: float | None, clock: Callable[[], float]) -> LinkStatus:
    """Ask who leads. Never raises a :class:`RegistryError`: it is in the result's ``error`` and ``cause``."""
    began = time.perf_counter()
    try:
        response = await connection.get("/v1/status/leader", timeout=timeout)
        leader = str(response.json(str))
    except RegistryError as failure:
        return LinkStatus(clock(), ms=(time.perf_counter() - began) * 1000, error=str(failure), cause=failure)
    return LinkStatus(clock(), leader=leader, ms=(time.perf_counter() - began) * 1000)


class Heartbeat:
    """Asks every ``rules.heartbeat`` seconds and publishes each result; runs as one of the hub's watches."""

    def __init__(
        self,
        ask: Callable[[], Awaitable[LinkStatus]],
        publish: Callable[[Observed[LinkStatus]], None],
        hub: WatchHub,
        rules: WatchRules,
    ) -> None:
        self._ask = ask
        self._publish = publish
        self._hub = hub
        self._interval = rules.heartbeat
        self._woken = asyncio.Event()

    def wake(self, *, drop: bool = False) -> None:
        """Ask now."""
        self._woken.set()

    def mark_stale(self, error: str) -> None:
        """Nothing to do: it is the heartbeat that marks the others."""

    async def run(self) -> None:
        """Ask until cancelled."""
        failures = 0
        while True:
            self._woken.clear()
            status = await self._ask()
            was_down, failures = failures > 0, 0 if status.ok else failures + 1
            pause = PAUSES[min(failures, len(PAUSES)) - 1] if failures else self._interval
            status = replace(status, next_at=status.at + pause)
            self._publish(Observed(status, status.at))
            if failures:
                self._hub.mark_stale(status.error or NO_LEADER)
            elif was_down:
                self._hub.wake()
            try:
                await asyncio.wait_for(self._woken.wait(), pause)
            except TimeoutError:
                continue
