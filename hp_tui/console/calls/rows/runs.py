"""The history of test calls: this session's runs and those of earlier ones, newest first."""

from __future__ import annotations

from collections.abc import Iterable

from hp_tui.console.calls.rows.lanes import UNDER_WAY, RunLine, title
from hp_tui.console.shared.rows.filter_parser import EVERYTHING, Filter
from hp_tui.console.shared.rows.text import count, milliseconds, stamp
from hp_tui.model.calls import CallRun, CallSpec, RunState
from hp_tui.model.fleet import FleetSnapshot
from hp_tui.model.secrets import withheld
from hp_tui.widgets.escape import visible
from hp_tui.widgets.values import Badge, Column, Row, Tone

RUN_COLUMNS = (
    Column("mark", "", 1),
    Column("time", "STARTED", 12),
    Column("what", "CALLS", 20, grow=1),
    Column("done", "DONE", 9, right=True),
    Column("failed", "FAILED", 6, right=True),
    Column("p99", "p99", 7, right=True, drop=1),
)
EARLIER = "earlier"
"""Key of the heading above the runs of earlier sessions."""


def all_runs(snapshot: FleetSnapshot) -> tuple[CallRun, ...]:
    """Every run that is known, oldest first."""
    return (*snapshot.past_runs, *snapshot.runs)


def run_rows(snapshot: FleetSnapshot, now: float, wanted: Filter = EVERYTHING) -> tuple[Row, ...]:
    """The history, newest first; runs of earlier sessions muted, below a heading."""
    found = [run for run in reversed(all_runs(snapshot)) if wanted(run.spec.service, run.spec.method, *run.statuses)]
    own = [_run_row(run, now) for run in found if not run.earlier]
    earlier = [_run_row(run, now) for run in found if run.earlier]
    heading = Row(EARLIER, {"what": Badge("earlier sessions", Tone.MUTED)}, heading=True)
    return (*own, *([heading] if earlier else []), *earlier)


def _run_row(run: CallRun, now: float) -> Row:
    bad = run.failed or run.state is RunState.FAILED
    under_way = run.state in UNDER_WAY
    mark = Badge("✖", Tone.BAD) if bad else Badge("▶", Tone.INFO) if under_way else Badge("●", Tone.GOOD)
    plain = Tone.MUTED if run.earlier else Tone.PLAIN
    return Row(
        run.id,
        {
            "mark": mark,
            "time": Badge(stamp(run.started, now, brief=True), Tone.MUTED),
            "what": Badge(title(run), plain),
            "done": Badge(f"{run.done}/{run.spec.count}", plain),
            "failed": Badge(str(run.failed), Tone.BAD if run.failed else Tone.MUTED),
            "p99": Badge(milliseconds(run.p99_ms), Tone.MUTED),
        },
    )


def origin_line(run: CallRun, now: float) -> RunLine | None:
    """When an earlier session fired it; None for a run of this one."""
    if not run.earlier:
        return None
    return RunLine(f"{stamp(run.started, now, brief=True).strip()}, earlier session", Tone.MUTED)


def last_run(snapshot: FleetSnapshot, service: str) -> CallRun | None:
    """What was last fired at the service, in this session or an earlier one."""
    return next((run for run in reversed(all_runs(snapshot)) if run.spec.service == service), None)


def gap(run: CallRun) -> str:
    """What of the run's request was not kept on disk, so that it cannot be fired as it was; '' when all is there."""
    names = withheld(run.spec.metadata)
    missing = [f"the value of {', '.join(map(visible, names))}"] if names else []
    if run.body_left_out:
        missing.append("its body, which was too long")
    return " and ".join(missing)


def refusal(runs: Iterable[CallRun], spec: CallSpec) -> str:
    """Why exactly this could not be started the last time, such as JSON that does not fit the message; '' if it could."""
    last = next((run for run in reversed(tuple(runs)) if run.spec == spec), None)
    return last.error if last is not None and last.state is RunState.FAILED else ""


def history_hint(snapshot: FleetSnapshot) -> str:
    """``12 runs of earlier sessions``; '' without any."""
    earlier = sum(run.earlier for run in snapshot.past_runs)
    return f"{count(earlier, 'run')} of earlier sessions" if earlier else ""
