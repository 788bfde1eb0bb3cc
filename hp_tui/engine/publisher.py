"""Holds the newest snapshot and hands it out at a capped rate."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from hp_tui.engine.events import Event
from hp_tui.engine.store import reduce
from hp_tui.model.fleet import FleetSnapshot

MAX_RATE = 20.0
"""Snapshots a second at most; a screen drawn oftener is not read any better."""


class Publisher:
    """The one place where snapshots change.

    :meth:`emit` reduces at once; :meth:`run` publishes the newest picture, the first of a burst immediately, the rest
    coalesced to at most :data:`MAX_RATE` a second, and nothing at all when nothing changed.
    """

    def __init__(self, snapshot: FleetSnapshot) -> None:
        self.snapshot = snapshot
        self._changed = asyncio.Event()

    def emit(self, event: Event) -> None:
        """Reduce one event into the snapshot."""
        new = reduce(self.snapshot, event)
        if new is not self.snapshot:
            self.snapshot = new
            self._changed.set()

    async def run(self, publish: Callable[[FleetSnapshot], None]) -> None:
        """Publish until cancelled."""
        while True:
            await self._changed.wait()
            self._changed.clear()
            publish(self.snapshot)
            await asyncio.sleep(1 / MAX_RATE)
