"""Which services' instances to watch: what is looked at decides, not the size of the cluster."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from hp_tui.model.fleet import FleetSnapshot
from hp_tui.model.health import Health

MAX_WATCHED = 24
"""One blocking query each. The whole program stays below 40 connections; an agent allows 200 per client address."""

SCREENFUL = 60
"""Instances that fill the first screen of about any terminal."""


def wanted(
    snapshot: FleetSnapshot, looked_at: AbstractSet[str], in_use: AbstractSet[str], above: str = ""
) -> frozenset[str]:
    """Names to watch, at most :data:`MAX_WATCHED`.

    A small datacenter is watched whole. In a large one: ``above`` all others, then services with balanced clients
    (``in_use``), then those on screen (``looked_at``), then those that are red. Before anything was looked at, the first by
    name stand for what the screen is about to show.
    """
    known = snapshot.services.keys()
    if len(known) <= MAX_WATCHED:
        return frozenset(known)
    red = (view.name for view in snapshot.services.values() if view.health is Health.CRITICAL)
    first = () if looked_at else _first_screenful(snapshot)
    ranked = dict.fromkeys([above, *sorted(in_use), *sorted(looked_at), *red, *first])
    return frozenset([name for name in ranked if name in known][:MAX_WATCHED])


def _first_screenful(snapshot: FleetSnapshot) -> list[str]:
    """The first services by name, as many as fill a screen."""
    names: list[str] = []
    lines = 0
    for view in snapshot.services.values():
        if lines >= SCREENFUL:
            break
        names.append(view.name)
        lines += 1 + view.total
    return names
