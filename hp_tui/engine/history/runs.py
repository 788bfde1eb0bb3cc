"""The history of test calls: what was fired, when, how it ended, and the beginning of the newest reply.

No credential is written: of metadata that looks like one, only the name is saved.
"""

from __future__ import annotations

from collections.abc import Hashable
from types import MappingProxyType

import msgspec
from msgspec.structs import replace

from hp_tui.engine.events import Event, RunsLoaded
from hp_tui.engine.history.log import LATEST, HistoryLog, HistoryWriter
from hp_tui.model.balancing import Attempt, AttemptOutcome, Endpoint
from hp_tui.model.calls import CallRun, CallSpec, LaneCell, Reply, RunState
from hp_tui.model.fleet import FleetSnapshot
from hp_tui.model.secrets import without_credentials

SAVED_RUNS = 200
"""Newest runs of a datacenter that survive."""
BODY_LIMIT = 64 * 1024
"""Characters of a request's body. A longer body is left out whole: half a request cannot be sent."""
REPLY_LIMIT = 4 * 1024
"""Characters of a reply that are saved."""
TEXT_LIMIT = 1_000
"""Characters of an error or of a status' details."""
LANES, CELLS = 32, 60
"""Lanes that are saved, and the newest attempts of each."""

_LETTERS = {
    AttemptOutcome.OK: "o",
    AttemptOutcome.FAILED: "x",
    AttemptOutcome.RETRIED: "r",
    AttemptOutcome.REJECTED: "-",
}
_OUTCOMES = {letter: outcome for outcome, letter in _LETTERS.items()}


class _SavedRun(msgspec.Struct, omit_defaults=True):
    """A line of the file. ``lanes`` has one letter for each attempt, newest last."""

    id: str
    spec: CallSpec
    state: RunState
    started: float
    finished: float
    done: int = 0
    ok: int = 0
    failed: int = 0
    lanes: dict[str, str] = {}
    picks: dict[str, int] = {}
    statuses: dict[str, int] = {}
    p50_ms: float | None = None
    p99_ms: float | None = None
    reply: Reply | None = None
    error: str = ""
    body_left_out: bool = False


class RunHistoryFile(HistoryLog[CallRun]):
    """The runs of one datacenter. Every console adds its own."""

    WHAT = "the history of calls"
    LIMIT = SAVED_RUNS
    SHARED = True

    def key(self, item: CallRun) -> Hashable:
        return item.id

    def line(self, item: CallRun) -> str:
        return msgspec.json.encode(_saved_run(item)).decode("utf-8", "replace")

    def parsed(self, line: str) -> CallRun | None:
        try:
            saved = msgspec.json.decode(line, type=_SavedRun)
        except (msgspec.DecodeError, UnicodeError, RecursionError):
            return None
        return _run(saved) if 0 <= saved.started < LATEST and saved.finished < LATEST else None


class RunHistoryWriter(HistoryWriter[CallRun]):
    """Saves the runs of the datacenter on screen that have ended."""

    LOG = RunHistoryFile
    _known: frozenset[str] = frozenset()
    _seen: tuple[CallRun, ...] | None = None

    def loaded(self, at: float, items: tuple[CallRun, ...]) -> Event:
        self._known |= {run.id for run in items}
        return RunsLoaded(at, items)

    def fresh(self, snapshot: FleetSnapshot) -> list[CallRun]:
        if snapshot.runs is self._seen:
            return []
        own = (run for run in (*snapshot.past_runs, *snapshot.runs) if run.finished is not None and not run.earlier)
        found = [run for run in own if run.id not in self._known]
        if not found:
            self._seen = snapshot.runs
        return found

    def saved(self, items: list[CallRun]) -> None:
        self._known |= {run.id for run in items}


def _saved_run(run: CallRun) -> _SavedRun:
    spec = run.spec
    too_long = len(spec.body) > BODY_LIMIT
    return _SavedRun(
        run.id,
        replace(spec, metadata=without_credentials(spec.metadata), body="" if too_long else spec.body),
        run.state,
        run.started,
        run.finished if run.finished is not None else run.started,
        run.done,
        run.ok,
        run.failed,
        {
            name: "".join(_LETTERS[cell.attempt.outcome] for cell in run.lanes[name][-CELLS:])
            for name in list(run.lanes)[:LANES]
        },
        {name: run.picks[name] for name in list(run.picks)[:LANES]},
        dict(run.statuses),
        run.p50_ms,
        run.p99_ms,
        _short(run.reply) if run.reply else None,
        run.error[:TEXT_LIMIT],
        run.body_left_out or too_long,
    )


def _short(reply: Reply) -> Reply:
    return replace(
        reply,
        body=reply.body[:REPLY_LIMIT],
        truncated=reply.truncated + max(0, len(reply.body) - REPLY_LIMIT),
        details=reply.details[:TEXT_LIMIT],
        headers=_short_pairs(reply.headers),
        trailers=_short_pairs(reply.trailers),
    )


def _short_pairs(pairs: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    return tuple((name, value[:TEXT_LIMIT]) for name, value in without_credentials(pairs[:LANES]))


def _run(saved: _SavedRun) -> CallRun:
    return CallRun(
        saved.id,
        saved.spec,
        saved.state,
        saved.started,
        saved.finished,
        saved.done,
        saved.ok,
        saved.failed,
        MappingProxyType({name: _cells(name, letters[-CELLS:]) for name, letters in saved.lanes.items()}),
        MappingProxyType(saved.picks),
        MappingProxyType(saved.statuses),
        saved.p50_ms,
        saved.p99_ms,
        reply=saved.reply,
        error=saved.error,
        earlier=True,
        body_left_out=saved.body_left_out,
    )


def _cells(name: str, letters: str) -> tuple[LaneCell, ...]:
    endpoint = Endpoint(name, "")
    return tuple(
        LaneCell(0, Attempt(0, endpoint, _OUTCOMES[letter], "", 0.0)) for letter in letters if letter in _OUTCOMES
    )
