"""Appends to the timeline and the notices, which are bounded."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct
from msgspec.structs import replace

from hp_tui.engine import events
from hp_tui.engine.events import HistoryLoaded
from hp_tui.engine.reducers.steps import Steps
from hp_tui.model.fleet import FleetSnapshot
from hp_tui.model.timeline import Notice, Severity, TimelineEntry, TimelineKind

TIMELINE_LIMIT = 1000
NOTICE_LIMIT = 50


class TimelineLine(Struct, frozen=True):
    """A timeline entry without its number and time."""

    kind: TimelineKind
    severity: Severity
    subject: str
    service: str = ""
    old: str = ""
    new: str = ""
    detail: str = ""


def logged(snapshot: FleetSnapshot, at: float, lines: Iterable[TimelineLine]) -> FleetSnapshot:
    """The snapshot with these lines at the end of its timeline, without the oldest ones beyond the limit."""
    first = snapshot.timeline[-1].seq + 1 if snapshot.timeline else 1
    entries = tuple(
        TimelineEntry(
            seq=first + offset,
            at=at,
            kind=line.kind,
            severity=line.severity,
            subject=line.subject,
            service=line.service,
            old=line.old,
            new=line.new,
            detail=line.detail,
        )
        for offset, line in enumerate(lines)
    )
    if not entries:
        return snapshot
    return replace(snapshot, timeline=(*snapshot.timeline, *entries)[-TIMELINE_LIMIT:])


def history_loaded(snapshot: FleetSnapshot, event: HistoryLoaded) -> FleetSnapshot:
    """The snapshot with the entries of earlier consoles before its own, numbered downwards from them.

    Its own may be among them: after another token the file is opened again.
    """
    room = TIMELINE_LIMIT - len(snapshot.timeline)
    own = {_identity(entry) for entry in snapshot.timeline}
    earlier = [entry for entry in event.entries if _identity(entry) not in own][-room:] if room > 0 else []
    if not earlier:
        return snapshot
    first = (snapshot.timeline[0].seq if snapshot.timeline else 1) - len(earlier)
    numbered = tuple(replace(entry, seq=first + offset) for offset, entry in enumerate(earlier))
    return replace(snapshot, timeline=(*numbered, *snapshot.timeline))


def _identity(entry: TimelineEntry) -> tuple[object, ...]:
    """What a saved entry has in common with the original: not the number, nor the end of a long detail."""
    return entry.at, entry.kind, entry.subject, entry.old, entry.new


def noticed(snapshot: FleetSnapshot, at: float, severity: Severity, text: str, subject: str = "") -> FleetSnapshot:
    """The snapshot with one more sentence for the user."""
    number = snapshot.notices[-1].seq + 1 if snapshot.notices else 1
    notice = Notice(seq=number, at=at, severity=severity, text=text, subject=subject)
    return replace(snapshot, notices=(*snapshot.notices, notice)[-NOTICE_LIMIT:])


STEPS: Steps = {
    events.HistoryLoaded: (history_loaded,),
}
"""By event: the functions that make the new snapshot, in order."""
