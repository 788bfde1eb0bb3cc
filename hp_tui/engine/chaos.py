"""The demo's hand on its own fleet, as the engine sees it."""

from __future__ import annotations

from typing import Protocol

from hp_tui.model.commands import ChaosKind


class ChaosPort(Protocol):
    """Breaks and mends instances of a fleet that this very process started."""

    async def chaos(self, kind: ChaosKind, instance_id: str) -> str:
        """Do it and say in one sentence what was done. Raises ``ValueError`` with a sentence when it cannot be."""
        ...
