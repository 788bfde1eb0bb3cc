"""The history of the timeline."""

from __future__ import annotations

import json
from typing import Any

from msgspec.structs import asdict

from hp_tui.engine.events import Event, HistoryLoaded
from hp_tui.engine.history.log import LATEST, HistoryLog, HistoryWriter
from hp_tui.model.fleet import FleetSnapshot
from hp_tui.model.timeline import Severity, TimelineEntry, TimelineKind

SAVED_ENTRIES = 1_000
"""Newest entries of a datacenter that survive."""
DETAIL_LIMIT = 500
"""Characters of an entry's detail that are saved."""


class TimelineFile(HistoryLog[TimelineEntry]):
    """The entries of one datacenter, without their ``seq`` numbers."""

    WHAT = "the timeline"
    LIMIT = SAVED_ENTRIES

    def line(self, item: TimelineEntry) -> str:
        raw = asdict(item)
        del raw["seq"]
        raw["detail"] = item.detail[:DETAIL_LIMIT]
        return json.dumps({name: value for name, value in raw.items() if value != ""})

    def parsed(self, line: str) -> TimelineEntry | None:
        try:
            raw: dict[str, Any] = json.loads(line)
            at = float(raw["at"])
            texts = {name: str(raw.get(name, "")) for name in ("subject", "service", "old", "new", "detail")}
            entry = TimelineEntry(0, at, TimelineKind(raw["kind"]), Severity(raw["severity"]), **texts)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return None
        return entry if 0 <= at < LATEST else None


class TimelineWriter(HistoryWriter[TimelineEntry]):
    """Saves the timeline of the datacenter on screen."""

    LOG = TimelineFile
    _newest = 0

    def loaded(self, at: float, items: tuple[TimelineEntry, ...]) -> Event:
        return HistoryLoaded(at, items)

    def fresh(self, snapshot: FleetSnapshot) -> list[TimelineEntry]:
        return [entry for entry in snapshot.timeline if entry.seq > self._newest]

    def saved(self, items: list[TimelineEntry]) -> None:
        self._newest = items[-1].seq
