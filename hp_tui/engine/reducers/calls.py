"""Runs of test calls and what reflection found."""

from __future__ import annotations

from types import MappingProxyType

from msgspec.structs import replace

from hp_tui.calls.run_view import advance
from hp_tui.engine.events import BalancerSpoke, MethodsSeen, ReplySeen, RunSeen
from hp_tui.engine.reducers.log import Line, logged
from hp_tui.model.balancing import CallEvent
from hp_tui.model.calls import CallRun, RunState
from hp_tui.model.fleet import FleetSnapshot
from hp_tui.model.timeline import Severity, TimelineKind

RUN_LIMIT = 20


def run_seen(snapshot: FleetSnapshot, event: RunSeen) -> FleetSnapshot:
    """Add the run, or move the known one to the new state, keeping what its calls have shown so far."""
    old = _find(snapshot, event.run.id)
    if old is None:
        return replace(snapshot, runs=(*snapshot.runs, event.run)[-RUN_LIMIT:])
    new = replace(old, state=event.run.state, finished=event.run.finished, error=event.run.error)
    if new.state in {RunState.DONE, RunState.CANCELLED, RunState.FAILED}:
        new = replace(new, backoff=None)
        return logged(_with_run(snapshot, new), event.at, [_finished(new)])
    return _with_run(snapshot, new)


def call_spoke(snapshot: FleetSnapshot, event: BalancerSpoke) -> FleetSnapshot:
    """A call event of the balanced client belongs to the run named by its tag."""
    spoken = event.event
    if not isinstance(spoken, CallEvent):
        return snapshot
    run = _find(snapshot, spoken.tag)
    return _with_run(snapshot, advance(run, spoken)) if run else snapshot


def reply_seen(snapshot: FleetSnapshot, event: ReplySeen) -> FleetSnapshot:
    run = _find(snapshot, event.reply.run_id)
    return _with_run(snapshot, advance(run, event.reply)) if run else snapshot


def methods_seen(snapshot: FleetSnapshot, event: MethodsSeen) -> FleetSnapshot:
    methods = MappingProxyType({**snapshot.methods, event.methods.service: event.methods})
    return replace(snapshot, methods=methods)


def _find(snapshot: FleetSnapshot, run_id: str) -> CallRun | None:
    return next((run for run in reversed(snapshot.runs) if run.id == run_id), None)


def _with_run(snapshot: FleetSnapshot, run: CallRun) -> FleetSnapshot:
    return replace(snapshot, runs=tuple(run if old.id == run.id else old for old in snapshot.runs))


def _finished(run: CallRun) -> Line:
    if run.state is RunState.FAILED:
        severity, new = Severity.BAD, "not started"
    else:
        severity = Severity.BAD if run.failed else Severity.GOOD
        new = f"{run.ok} ok, {run.failed} failed"
    return Line(
        TimelineKind.CALL,
        severity,
        run.spec.service,
        run.spec.service,
        old=run.spec.method,
        new=new if run.state is not RunState.CANCELLED else f"{new}, cancelled",
        detail=run.error,
    )
