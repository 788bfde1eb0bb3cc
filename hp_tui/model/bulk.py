"""One action on many instances: its progress and its result."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from hp_tui.model.catalog import InstanceRef


class BulkState(StrEnum):
    RUNNING = "running"
    STOPPING = "stopping"
    """No further instance is begun; those in progress are finished."""
    DONE = "done"
    STOPPED = "stopped"
    """Ended before every instance was begun."""


class BulkFailure(Struct, frozen=True):
    """An instance on which the action failed, or may have failed; ``why`` is a sentence."""

    ref: InstanceRef
    why: str


class BulkView(Struct, frozen=True):
    """One action on ``total`` instances. Times are Unix seconds."""

    id: str
    title: str
    """The action, such as ``deregister``."""
    total: int
    began: float
    state: BulkState = BulkState.RUNNING
    done: int = 0
    """Number of instances on which it succeeded."""
    failures: tuple[BulkFailure, ...] = ()
    left: tuple[InstanceRef, ...] = ()
    """Instances on which it was not begun; set once it has ended."""
    ended: float | None = None

    @property
    def under_way(self) -> bool:
        return self.ended is None
