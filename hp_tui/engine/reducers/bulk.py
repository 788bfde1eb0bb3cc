"""An action on many instances: a timeline line for each instance, and one at the end."""

from __future__ import annotations

from msgspec.structs import replace

from hp_tui.engine import events
from hp_tui.engine.events import BulkBegan, BulkEnded, BulkStepped, BulkStopping
from hp_tui.engine.reducers.log import TimelineLine, logged
from hp_tui.engine.reducers.steps import Steps
from hp_tui.model.bulk import BulkFailure, BulkState, BulkView
from hp_tui.model.fleet import FleetSnapshot
from hp_tui.model.timeline import Severity, TimelineKind


def began(snapshot: FleetSnapshot, event: BulkBegan) -> FleetSnapshot:
    return replace(snapshot, bulk=event.bulk)


def stepped(snapshot: FleetSnapshot, event: BulkStepped) -> FleetSnapshot:
    bulk = _of(snapshot, event.bulk_id)
    severity = Severity.BAD if event.error else Severity.INFO
    line = TimelineLine(
        TimelineKind.ACTION, severity, event.ref.id, event.ref.service, new=event.text, detail=event.error
    )
    snapshot = logged(snapshot, event.at, [line])
    if bulk is None:
        return snapshot
    if event.error:
        failures = (*bulk.failures, BulkFailure(event.ref, event.error))
        return replace(snapshot, bulk=replace(bulk, failures=failures))
    return replace(snapshot, bulk=replace(bulk, done=bulk.done + 1))


def stopping(snapshot: FleetSnapshot, event: BulkStopping) -> FleetSnapshot:
    bulk = _of(snapshot, event.bulk_id)
    return replace(snapshot, bulk=replace(bulk, state=BulkState.STOPPING)) if bulk else snapshot


def ended(snapshot: FleetSnapshot, event: BulkEnded) -> FleetSnapshot:
    bulk = _of(snapshot, event.bulk_id)
    if bulk is None:
        return snapshot
    state = BulkState.STOPPED if event.left else BulkState.DONE
    bulk = replace(bulk, state=state, left=event.left, ended=event.at)
    said = f"{bulk.title}: done on {bulk.done} of {bulk.total}"
    rest = {"failed on": len(bulk.failures), "not begun on": len(bulk.left)}
    said += "".join(f", {what} {number}" for what, number in rest.items() if number)
    severity = Severity.BAD if bulk.failures else Severity.WARN if bulk.left else Severity.GOOD
    snapshot = logged(snapshot, event.at, [TimelineLine(TimelineKind.ACTION, severity, "", new=said)])
    return replace(snapshot, bulk=bulk)


def _of(snapshot: FleetSnapshot, bulk_id: str) -> BulkView | None:
    return snapshot.bulk if snapshot.bulk is not None and snapshot.bulk.id == bulk_id else None


STEPS: Steps = {
    events.BulkBegan: (began,),
    events.BulkStepped: (stepped,),
    events.BulkStopping: (stopping,),
    events.BulkEnded: (ended,),
}
"""By event: the functions that make the new snapshot, in order."""
