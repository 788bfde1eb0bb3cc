"""Panel 3: a run of test calls as lanes, numbers and its newest reply."""

from __future__ import annotations

from msgspec import Struct

from hp_tui.console.shared.rows.text import milliseconds, rate, share, short_method
from hp_tui.model.balancing import AttemptOutcome
from hp_tui.model.calls import STREAMING, CallRun, Reply, RunState
from hp_tui.widgets.escape import visible
from hp_tui.widgets.values import Lane, Mark, Tone

MARKS = {
    AttemptOutcome.OK: Mark.OK,
    AttemptOutcome.FAILED: Mark.FAILED,
    AttemptOutcome.RETRIED: Mark.RETRIED,
    AttemptOutcome.REJECTED: Mark.REJECTED,
}
UNDER_WAY = {RunState.PREPARING, RunState.RUNNING}


class RunLine(Struct, frozen=True):
    """A line of text with a tone."""

    text: str
    tone: Tone = Tone.PLAIN


def title(run: CallRun) -> str:
    """``critic-agent/Critique n=40 10/s``."""
    spec = run.spec
    method = short_method(spec.method).rpartition("/")[2]
    parts = [f"{visible(spec.service)}/{visible(method)}"]
    if spec.count > 1:
        parts.append(f"n={spec.count}")
    if spec.rate:
        parts.append(rate(spec.rate))
    return " ".join(parts)


def lanes(run: CallRun) -> tuple[Lane, ...]:
    """One lane an instance, in name order: its attempts, its share of the picks."""
    total = sum(run.picks.values())
    names = sorted({*run.lanes, *run.picks})
    prefix = _common_prefix(names)
    return tuple(
        Lane(
            name,
            visible(name[len(prefix) :] or name),
            tuple(MARKS[cell.attempt.outcome] for cell in run.lanes.get(name, ())),
            share(run.picks.get(name, 0), total),
        )
        for name in names
    )


def _common_prefix(names: list[str]) -> str:
    """What all instance ids begin with, up to the last hyphen before they differ: the lanes need the rest only."""
    if len(names) < 2:
        return ""
    first, last = names[0], names[-1]
    same = next(
        (place for place, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), min(len(first), len(last))
    )
    hyphen = first.rfind("-", 0, same)
    return first[:hyphen] if hyphen > 0 else ""


def state_line(run: CallRun, now: float) -> RunLine:
    """How far it is, with the countdown of a backoff."""
    if run.state is RunState.FAILED:
        return RunLine(f"not started: {visible(run.error)}", Tone.BAD)
    if run.backoff is not None:
        left = max(0.0, run.backoff.until - now)
        text = f"{run.done}/{run.spec.count} {visible(run.backoff.status)}, try {run.backoff.attempt} in {left:.1f} s"
        return RunLine(text, Tone.WARN)
    took = (run.finished if run.finished is not None else now) - run.started
    words = {RunState.PREPARING: "preparing", RunState.RUNNING: "running", RunState.CANCELLED: "cancelled"}
    tone = Tone.BAD if run.failed else Tone.INFO if run.state in UNDER_WAY else Tone.GOOD
    if run.state is RunState.CANCELLED:
        tone = Tone.WARN
    return RunLine(f"{run.done}/{run.spec.count} {words.get(run.state, 'done')} in {max(0.0, took):.1f} s", tone)


def numbers_line(run: CallRun) -> RunLine:
    """``●39 ×1 · p50 2 ms · p99 14 ms``."""
    failed = f" ×{run.failed}" if run.failed else ""
    text = f"●{run.ok}{failed} · p50 {milliseconds(run.p50_ms)} · p99 {milliseconds(run.p99_ms)}"
    return RunLine(text)


def status_lines(run: CallRun) -> tuple[RunLine, ...]:
    """Errors by status, most frequent first."""
    errors = sorted(((number, status) for status, number in run.statuses.items() if status != "OK"), reverse=True)
    return tuple(RunLine(f"{visible(status)} × {number}", Tone.BAD) for number, status in errors)


def reply_head(reply: Reply) -> RunLine:
    """``reply 40 OK 2.1 ms``, with the server's words where it failed; of a stream the number of the message shown."""
    details = f": {visible(reply.details)}" if reply.details else ""
    head = f"reply {reply.call} {visible(reply.status)} {milliseconds(reply.ms)}{details}"
    if reply.status == STREAMING:
        return RunLine(f"{head} · message {reply.messages}", Tone.INFO)
    return RunLine(head, Tone.GOOD if reply.ok else Tone.BAD)


def reply_text(reply: Reply) -> str:
    """The whole reply: body, what was cut, headers and trailers."""
    parts = [visible(reply.body, lines=True)] if reply.body else []
    if reply.truncated:
        parts.append(f"… {reply.truncated} bytes more are not shown")
    if reply.messages > 1 and reply.status != STREAMING:
        newest = f"the newest {reply.shown} of " if 0 < reply.shown < reply.messages else ""
        parts.append(f"{newest}{reply.messages} messages")
    for name, pairs in (("headers", reply.headers), ("trailers", reply.trailers)):
        if pairs:
            parts.append(f"{name}\n" + "\n".join(f"  {visible(key)}: {visible(value)}" for key, value in pairs))
    return "\n".join(parts)
