"""The engine as the screen sees it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from hp_tui.model.commands import Command
    from hp_tui.model.fleet import FleetSnapshot


Publish = Callable[["FleetSnapshot"], "Awaitable[None] | None"]
"""Shows a snapshot. Where it returns an awaitable, the next snapshot waits for it."""


class EnginePort(Protocol):
    """Commands in, snapshots out. Both sides run on one event loop; nothing here blocks."""

    @property
    def snapshot(self) -> FleetSnapshot:
        """The newest snapshot."""
        ...

    def submit(self, command: Command) -> None:
        """Queue a command and return at once; its effect, or its failure, appears in a later snapshot."""
        ...

    async def run(self, publish: Publish) -> None:
        """Work until cancelled; ``publish`` is called with each new snapshot, at most 20 times a second."""
        ...
