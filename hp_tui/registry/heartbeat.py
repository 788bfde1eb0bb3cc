"""A cheap probe that notices, within seconds, an agent that hangs.

A blocking query to an agent that was stopped, or whose host was cut off, looks like one with nothing new for up to five
minutes. While somebody watches the link, ``/v1/status/leader`` is asked every few seconds; when that gets no answer
every watch is marked stale, and when it does again every watch asks anew.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from hp_tui.registry.connection import Connection
from hp_tui.registry.errors import RegistryError
from hp_tui.registry.shared import WatchHub
from hp_tui.registry.values import LinkStatus
from hp_tui.registry.watch import Observed


async def probe(connection: Connection, timeout: float | None, clock: Callable[[], float]) -> LinkStatus:
    """Ask who leads. Never raises a :class:`RegistryError`: it is in the result's ``error``."""
    began = time.perf_counter()
    try:
        leader, error = (await connection.get("/v1/status/leader", timeout=timeout)).json(str), ""
    except RegistryError as failure:
        leader, error = "", str(failure)
    return LinkStatus(clock(), leader=leader, ms=(time.perf_counter() - began) * 1000, error=error)


class Heartbeat:
    """Probes every ``interval`` seconds and publishes each result; runs as one of the hub's watches."""

    def __init__(
        self,
        ask: Callable[[], Awaitable[LinkStatus]],
        publish: Callable[[Observed[LinkStatus]], None],
        hub: WatchHub,
        interval: float,
    ) -> None:
        self._ask = ask
        self._publish = publish
        self._hub = hub
        self._interval = interval
        self._kicked = asyncio.Event()

    def kick(self, *, drop: bool = False) -> None:
        """Probe now."""
        self._kicked.set()

    def suspect(self, error: str) -> None:
        """Nothing to do: it is this probe that suspects the others."""

    async def run(self) -> None:
        """Probe until cancelled."""
        down = False
        while True:
            status = await self._ask()
            self._publish(Observed(status, status.at))
            if status.error:
                self._hub.suspect(status.error)
            elif down:
                self._hub.kick()
            down = bool(status.error)
            self._kicked.clear()
            try:
                await asyncio.wait_for(self._kicked.wait(), self._interval)
            except TimeoutError:
                continue
