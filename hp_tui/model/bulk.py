"""One action on many instances: how far it is, and how it ended."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from hp_tui.model.catalog import InstanceRef


class BulkState(StrEnum):
    RUNNING = "running"
    STOPPING = "stopping"
    """Nothing more is begun; what is under way ends."""
    DONE = "done"
    STOPPED = "stopped"
    """Ended before everything was begun."""


class BulkFailure(Struct, frozen=True):
    """An instance on which it was not done, or is not known to be; ``why`` is a sentence."""

    ref: InstanceRef
    why: str


class BulkView(Struct, frozen=True):
    """One action on ``total`` instances. Times are Unix seconds."""

    id: str
    title: str
    """What is done, such as ``deregister``."""
    total: int
    began: float
    state: BulkState = BulkState.RUNNING
    done: int = 0
    """On how many it was done."""
    failures: tuple[BulkFailure, ...] = ()
    left: tuple[InstanceRef, ...] = ()
    """On which it was not begun, once it has ended."""
    ended: float | None = None

    @property
    def under_way(self) -> bool:
        return self.ended is None
