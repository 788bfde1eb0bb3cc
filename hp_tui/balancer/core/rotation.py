"""Which endpoints take turns now, and the news that this may have changed."""

from __future__ import annotations

import asyncio
import random

from hp_tui.balancer.backend import Backend
from hp_tui.balancer.picker import Picker
from hp_tui.model.balancing import Connectivity


class Rotation:
    """Holds the newest immutable :class:`Picker` (Balancer 2). ``rng`` chooses where a new round begins (Balancer 1)."""

    __slots__ = ("_rng", "changed", "picker")

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self.picker = Picker(())
        self.changed = asyncio.Event()
        """Set, and replaced by a fresh one, whenever what can be picked may have changed."""

    def set(self, backends: tuple[Backend, ...]) -> None:
        """Take turns among ``backends`` from now on, and wake whoever waits for one."""
        if backends != self.picker.backends:
            self.picker = Picker(backends, self._rng.randrange(len(backends)) if backends else 0)
        self.wake()

    def wake(self) -> None:
        """Let every call that waits for an endpoint look again."""
        self.changed.set()
        self.changed = asyncio.Event()

    def has_ready(self) -> bool:
        """Whether some endpoint in the rotation is connected."""
        return any(backend.connectivity is Connectivity.READY for backend in self.picker.backends)

    def all_down(self) -> bool:
        """Whether every endpoint in the rotation has lost its connection or is refused by its breaker."""
        return bool(self.picker.backends) and all(
            backend.connectivity is Connectivity.TRANSIENT_FAILURE or backend.breaker.retry_after != 0
            for backend in self.picker.backends
        )
