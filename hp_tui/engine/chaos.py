"""What the engine asks of the demo: to break and mend an instance."""

from __future__ import annotations

from typing import Protocol

from hp_tui.model.commands import ChaosKind


class ChaosPort(Protocol):
    """Breaks and mends instances that this process started."""

    async def chaos(self, kind: ChaosKind, instance_id: str) -> str:
        """Do it and return a sentence that says what was done. Raises ``ValueError`` with a sentence where it cannot."""
        ...
