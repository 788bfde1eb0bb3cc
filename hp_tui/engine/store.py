"""The reducer: ``(FleetSnapshot, event) -> FleetSnapshot``.

Pure: events carry their times, nothing here reads a clock or does I/O, so that a recorded stream of events replays to
the same pictures. What did not change is shared between the old and the new snapshot.
"""

from __future__ import annotations

from msgspec.structs import replace

from hp_tui.engine import events
from hp_tui.engine.reducers import balancing, bulk, calls, catalog, edges, kv, link, log
from hp_tui.engine.reducers.log import TimelineLine, logged, noticed
from hp_tui.engine.reducers.steps import Steps
from hp_tui.model.fleet import FleetSnapshot


def reduce(snapshot: FleetSnapshot, event: events.Event) -> FleetSnapshot:
    """The snapshot after ``event``; the same object when the event changed nothing."""
    new = snapshot
    for step in _STEPS[type(event)]:
        new = step(new, event)
    return snapshot if new is snapshot else replace(new, at=max(new.at, event.at))


def _noticed(snapshot: FleetSnapshot, event: events.Noticed) -> FleetSnapshot:
    return noticed(snapshot, event.at, event.severity, event.text, event.subject)


def _acted(snapshot: FleetSnapshot, event: events.Acted) -> FleetSnapshot:
    line = TimelineLine(event.kind, event.severity, event.subject, event.service, new=event.text)
    snapshot = logged(snapshot, event.at, [line])
    return noticed(snapshot, event.at, event.severity, event.text, event.subject)


_STEPS: Steps = {
    **balancing.STEPS,
    **bulk.STEPS,
    **calls.STEPS,
    **catalog.STEPS,
    **edges.STEPS,
    **kv.STEPS,
    **link.STEPS,
    **log.STEPS,
    events.Noticed: (_noticed,),
    events.Acted: (_acted,),
}
