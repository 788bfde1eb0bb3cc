"""An action on many instances as text: its preview, its progress, how it ended."""

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
"""Says what an action on an instance will do."""
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
            preview.short,
            preview.says,
            tuple(command for command in (preview.instead, preview.command) if command),
            preview.tone,
        )
        for view, preview in judged
    ]
    return tuple(sorted(lines, key=lambda line: _FIRST.get(line.tone, 2)))


def lead(judged: Sequence[tuple[InstanceView, ActionPreview]], what: str, catch: str) -> str:
    """How many there are, on how many it is done (``what``), and with how many of these there is a ``catch``."""
    can = [preview for _, preview in judged if preview.can]
    parts = [f"{number} {what}" for number in [len(can)] if number]
    warned = sum(preview.tone is Tone.WARN for preview in can)
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
    for view, preview in judged:
        elsewhere = preview.instead or ("" if preview.can else preview.command)
        if elsewhere:
            lines.append(f"# on {visible(view.instance.node)}:")
        if elsewhere or preview.command:
            lines.append(elsewhere or preview.command)
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
