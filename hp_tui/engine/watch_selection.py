"""Which services' instances to watch. What is on screen decides, not the size of the cluster."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from hp_tui.model.fleet import FleetSnapshot
from hp_tui.model.health import Health

MAX_WATCHED = 24
"""Services. Each takes one blocking query; the console stays below 40 connections, and an agent allows 200 for each address."""

FIRST_SCREEN = 60
"""Rows that fill the first screen of nearly any terminal."""


def select_watched(
    snapshot: FleetSnapshot, visible: AbstractSet[str], in_use: AbstractSet[str], first: str = ""
) -> frozenset[str]:
    """Names to watch, at most :data:`MAX_WATCHED`.

    A datacenter of at most so many services is watched whole. In a larger one the order is: the service ``first``, services
    with balanced clients (``in_use``), those on screen (``visible``), those that are critical. While ``visible`` is empty,
    the first services by name stand for what the screen is about to show.
    """
    known = snapshot.services.keys()
    if len(known) <= MAX_WATCHED:
        return frozenset(known)
    critical = (view.name for view in snapshot.services.values() if view.health is Health.CRITICAL)
    likely = () if visible else _first_screen(snapshot)
    ranked = dict.fromkeys([first, *sorted(in_use), *sorted(visible), *critical, *likely])
    return frozenset([name for name in ranked if name in known][:MAX_WATCHED])


def _first_screen(snapshot: FleetSnapshot) -> list[str]:
    """The first services by name, as many as fill a screen."""
    names: list[str] = []
    lines = 0
    for view in snapshot.services.values():
        if lines >= FIRST_SCREEN:
            break
        names.append(view.name)
        lines += 1 + view.total
    return names
