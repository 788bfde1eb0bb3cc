"""Runs of test calls, and the methods that reflection found."""

from __future__ import annotations

from types import MappingProxyType

from msgspec.structs import replace

from hp_tui.calls.run_view import advance
from hp_tui.engine import events
from hp_tui.engine.events import BodyChecked, ClientEventSeen, MethodsSeen, ReplySeen, RunSeen, RunsLoaded, SavedSeen
from hp_tui.engine.reducers.log import TimelineLine, logged
from hp_tui.engine.reducers.steps import Steps
from hp_tui.model.balancing import CallEvent
from hp_tui.model.calls import CallRun, RunState
from hp_tui.model.fleet import FleetSnapshot
from hp_tui.model.timeline import Severity, TimelineKind

RUN_LIMIT = 20
"""Newest runs of this session; a run in progress is never dropped."""
PAST_LIMIT = 200


def run_seen(snapshot: FleetSnapshot, event: RunSeen) -> FleetSnapshot:
    """Add the run, or set the state of the known one and keep the results of its calls."""
    old = _find(snapshot, event.run.id)
    if old is None:
        return _moved_on(replace(snapshot, runs=(*snapshot.runs, event.run)))
    new = replace(old, state=event.run.state, finished=event.run.finished, error=event.run.error)
    if new.state in {RunState.DONE, RunState.CANCELLED, RunState.FAILED}:
        new = replace(new, backoff=None)
        return logged(_with_run(snapshot, new), event.at, [_finished(new)])
    return _with_run(snapshot, new)


def call_spoke(snapshot: FleetSnapshot, event: ClientEventSeen) -> FleetSnapshot:
    """Apply a call event of the balanced client to the run that its tag names."""
    spoken = event.event
    if not isinstance(spoken, CallEvent):
        return snapshot
    run = _find(snapshot, spoken.tag)
    return _with_run(snapshot, advance(run, spoken)) if run else snapshot


def reply_seen(snapshot: FleetSnapshot, event: ReplySeen) -> FleetSnapshot:
    run = _find(snapshot, event.reply.run_id)
    return _with_run(snapshot, advance(run, event.reply)) if run else snapshot


def runs_loaded(snapshot: FleetSnapshot, event: RunsLoaded) -> FleetSnapshot:
    """Put the runs of earlier consoles before those known, without the ones that are known already."""
    known = {run.id for run in (*snapshot.past_runs, *snapshot.runs)}
    earlier = sorted((run for run in event.runs if run.id not in known), key=lambda run: run.started)
    if not earlier:
        return snapshot
    return replace(snapshot, past_runs=(*earlier, *snapshot.past_runs)[-PAST_LIMIT:])


def methods_seen(snapshot: FleetSnapshot, event: MethodsSeen) -> FleetSnapshot:
    methods = MappingProxyType({**snapshot.methods, event.methods.service: event.methods})
    return replace(snapshot, methods=methods)


def body_checked(snapshot: FleetSnapshot, event: BodyChecked) -> FleetSnapshot:
    return replace(snapshot, verdict=event.verdict)


def saved_seen(snapshot: FleetSnapshot, event: SavedSeen) -> FleetSnapshot:
    return snapshot if event.saved == snapshot.saved else replace(snapshot, saved=event.saved)


def _find(snapshot: FleetSnapshot, run_id: str) -> CallRun | None:
    return next((run for run in reversed(snapshot.runs) if run.id == run_id), None)


def _with_run(snapshot: FleetSnapshot, run: CallRun) -> FleetSnapshot:
    return replace(snapshot, runs=tuple(run if old.id == run.id else old for old in snapshot.runs))


def _moved_on(snapshot: FleetSnapshot) -> FleetSnapshot:
    """Move the oldest runs that have ended to ``past_runs``."""
    over = [run for run in snapshot.runs if run.finished is not None][: max(0, len(snapshot.runs) - RUN_LIMIT)]
    if not over:
        return snapshot
    gone = {run.id for run in over}
    return replace(
        snapshot,
        runs=tuple(run for run in snapshot.runs if run.id not in gone),
        past_runs=(*snapshot.past_runs, *over)[-PAST_LIMIT:],
    )


def _finished(run: CallRun) -> TimelineLine:
    if run.state is RunState.FAILED:
        severity, new = Severity.BAD, "not started"
    else:
        severity = Severity.BAD if run.failed else Severity.GOOD
        new = f"{run.ok} ok, {run.failed} failed"
    return TimelineLine(
        TimelineKind.CALL,
        severity,
        run.spec.service,
        run.spec.service,
        old=run.spec.method,
        new=new if run.state is not RunState.CANCELLED else f"{new}, cancelled",
        detail=run.error,
    )


STEPS: Steps = {
    events.RunSeen: (run_seen,),
    events.ReplySeen: (reply_seen,),
    events.RunsLoaded: (runs_loaded,),
    events.MethodsSeen: (methods_seen,),
    events.BodyChecked: (body_checked,),
    events.SavedSeen: (saved_seen,),
}
"""By event: the functions that make the new snapshot, in order."""
