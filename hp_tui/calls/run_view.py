"""The state of a run, reduced from the balanced client's events. Pure; for the screen and the command line."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from msgspec.structs import replace

from hp_tui.model.balancing import (
    Attempt,
    AttemptFinished,
    AttemptOutcome,
    CallEvent,
    CallFinished,
    Picked,
    PickRejected,
    RetryScheduled,
)
from hp_tui.model.calls import Backoff, CallRun, LaneCell, ReplyReceived
from hp_tui.model.percentile import percentile

LANE_LIMIT = 200
"""Newest attempts of each endpoint that a run holds."""


def advance(run: CallRun, event: CallEvent | ReplyReceived) -> CallRun:
    """The run after the event; the same object where the event changes nothing."""
    if isinstance(event, ReplyReceived):
        return replace(run, reply=event.reply)
    if isinstance(event, AttemptFinished):
        return _with_cell(run, event.call_id, event.attempt)
    if isinstance(event, PickRejected):
        refused = Attempt(0, event.endpoint, AttemptOutcome.REJECTED, "REJECTED", 0.0)
        return _with_cell(run, event.call_id, refused)
    if isinstance(event, Picked):
        name = event.endpoint.instance_id
        picks = MappingProxyType({**run.picks, name: run.picks.get(name, 0) + 1})
        waiting = run.backoff
        return replace(run, picks=picks, backoff=None if waiting and waiting.call == event.call_id else waiting)
    if isinstance(event, RetryScheduled):
        return replace(run, backoff=Backoff(event.call_id, event.attempt, event.at + event.delay, event.status))
    if isinstance(event, CallFinished):
        return _finished(run, event)
    return run


def _finished(run: CallRun, event: CallFinished) -> CallRun:
    waiting = run.backoff
    return replace(
        run,
        done=run.done + 1,
        ok=run.ok + event.ok,
        failed=run.failed + (not event.ok),
        statuses=_counted(run.statuses, event.status),
        backoff=None if waiting and waiting.call == event.call_id else waiting,
    )


def _with_cell(run: CallRun, call: int, attempt: Attempt) -> CallRun:
    name = attempt.endpoint.instance_id
    lane = (*run.lanes.get(name, ()), LaneCell(call, attempt))[-LANE_LIMIT:]
    lanes = MappingProxyType({**run.lanes, name: lane})
    if attempt.outcome is not AttemptOutcome.OK:
        return replace(run, lanes=lanes)
    times = sorted(
        cell.attempt.ms for cells in lanes.values() for cell in cells if cell.attempt.outcome is AttemptOutcome.OK
    )
    return replace(run, lanes=lanes, p50_ms=percentile(times, 0.50), p99_ms=percentile(times, 0.99))


def _counted(counts: Mapping[str, int], name: str) -> Mapping[str, int]:
    return MappingProxyType({**counts, name: counts.get(name, 0) + 1})
