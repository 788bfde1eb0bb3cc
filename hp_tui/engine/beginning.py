"""What is known before anything was asked."""

from __future__ import annotations

from hp_tui.model.fleet import FleetSnapshot, Link
from hp_tui.settings import Settings


def first_snapshot(settings: Settings, *, chaos: bool, at: float) -> FleetSnapshot:
    """The picture of the first paint, at Unix seconds ``at``; ``chaos``: whether there is a demo fleet to break."""
    return FleetSnapshot(
        link=Link(address=settings.address, since=at),
        read_only=settings.read_only,
        chaos=chaos and not settings.read_only,
    )
