"""A deed on many instances as text: what will come of it, how far it is, what came of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from hp_tui.console.shared.rows.ownership import ActionPreview, deregistering, maintaining
from hp_tui.console.shared.rows.text import count
from hp_tui.model.bulk import BulkState, BulkView
from hp_tui.model.fleet import FleetSnapshot, InstanceView
from hp_tui.widgets.escape import visible
from hp_tui.widgets.preview import Outcome
from hp_tui.widgets.values import Tone

Judge = Callable[[InstanceView], ActionPreview]
"""What a deed on an instance comes to."""
_FIRST = {Tone.BAD: 0, Tone.WARN: 1}


def deregistration(snapshot: FleetSnapshot) -> Judge:
    """Judges deregistering."""
    return lambda view: deregistering(view.instance, snapshot)


def maintenance(snapshot: FleetSnapshot, *, enabled: bool, reason: str = "") -> Judge:
    """Judges maintenance on or off."""
    return lambda view: maintaining(view.instance, snapshot, enabled=enabled, reason=reason)


def outcomes(judged: Sequence[tuple[InstanceView, ActionPreview]]) -> tuple[Outcome, ...]:
    """A line for each instance, those that need a look first."""
    lines = [
        Outcome(
            view.id,
            view.instance.node,
            outlook.short,
            outlook.says,
            tuple(command for command in (outlook.instead, outlook.command) if command),
            outlook.tone,
        )
        for view, outlook in judged
    ]
    return tuple(sorted(lines, key=lambda line: _FIRST.get(line.tone, 2)))


def lead(judged: Sequence[tuple[InstanceView, ActionPreview]], what: str, catch: str) -> str:
    """How many there are, on how many it is done (``what``), and with how many of these there is a ``catch``."""
    can = [outlook for _, outlook in judged if outlook.can]
    parts = [f"{number} {what}" for number in [len(can)] if number]
    warned = sum(outlook.tone is Tone.WARN for outlook in can)
    if warned:
        parts.append(f"{warned} {catch} (▲)")
    if len(can) < len(judged):
        parts.append(f"{len(judged) - len(can)} not from here (✖): their commands can be copied")
    services = Counter(view.instance.service for view, _ in judged)
    of = next(iter(services)) if len(services) == 1 else count(len(services), "service")
    return f"{count(len(judged), 'instance')} of {of}: {', '.join(parts)}."


def script(judged: Sequence[tuple[InstanceView, ActionPreview]]) -> str:
    """The commands for all of them, below each other; those for other nodes say for which."""
    lines: list[str] = []
    for view, outlook in judged:
        elsewhere = outlook.instead or ("" if outlook.can else outlook.command)
        if elsewhere:
            lines.append(f"# on {visible(view.instance.node)}:")
        if elsewhere or outlook.command:
            lines.append(elsewhere or outlook.command)
    return "\n".join(lines)


def progress(bulk: BulkView) -> str:
    """``7 of 12, 1 failed``."""
    over = bulk.done + len(bulk.failures)
    failed = f", {len(bulk.failures)} failed" if bulk.failures else ""
    return f"{over} of {bulk.total}{failed}"


def summary(bulk: BulkView) -> str:
    """One sentence, once it has ended."""
    parts = [f"done on {bulk.done} of {bulk.total}"]
    if bulk.failures:
        parts.append(f"failed on {len(bulk.failures)}")
    if bulk.left:
        parts.append(f"not begun on {len(bulk.left)}")
    stopped = "stopped: " if bulk.state is BulkState.STOPPED else ""
    return f"{stopped}{', '.join(parts)}"


def unfinished(bulk: BulkView) -> tuple[Outcome, ...]:
    """A line for each instance on which it failed or was not begun."""
    failed = [Outcome(one.ref.id, one.ref.node, one.why, one.why, tone=Tone.BAD) for one in bulk.failures]
    left = [
        Outcome(ref.id, ref.node, "not begun", "Not begun: nothing was changed.", tone=Tone.WARN) for ref in bulk.left
    ]
    return (*failed, *left)
