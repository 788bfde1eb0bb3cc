"""Holds the newest snapshot and hands it out at a capped rate."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from hp_tui.engine.events import Event
from hp_tui.engine.port import Publish
from hp_tui.engine.store import reduce
from hp_tui.model.fleet import FleetSnapshot

MAX_RATE = 20.0
"""Snapshots a second at most. More often helps no reader."""
BUSY_AFTER = 0.01
"""Seconds by which a pause may overrun before the event loop counts as busy."""
MAX_PAUSE = 0.5
"""Seconds added to the pause between snapshots at most, however busy the loop is."""


class Publisher:
    """The one place where snapshots change.

    :meth:`emit` reduces at once. :meth:`run` publishes the newest snapshot: the first of a burst immediately, the rest at most
    :data:`MAX_RATE` times a second, and nothing while nothing changes. When a snapshot takes long to show, the pause before
    the next grows by the same time, so that keys and calls come first. ``clock`` returns seconds and ``sleep`` takes them.
    """

    def __init__(
        self,
        snapshot: FleetSnapshot,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.snapshot = snapshot
        self._clock = clock
        self._sleep = sleep
        self._changed = asyncio.Event()

    def emit(self, event: Event) -> None:
        """Reduce one event into the snapshot."""
        new = reduce(self.snapshot, event)
        if new is not self.snapshot:
            self.snapshot = new
            self._changed.set()

    async def run(self, publish: Publish) -> None:
        """Publish until cancelled."""
        while True:
            await self._changed.wait()
            self._changed.clear()
            began = self._clock()
            shown = publish(self.snapshot)
            if shown is not None:
                await shown
            await self._sleep(1 / MAX_RATE)
            late = self._clock() - began - 1 / MAX_RATE
            if late > BUSY_AFTER:
                await self._sleep(min(late, MAX_PAUSE))
