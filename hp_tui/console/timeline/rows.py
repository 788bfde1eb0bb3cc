"""The timeline: transitions as lines."""

from __future__ import annotations

from collections.abc import Iterable

from hp_tui.console.shared.rows.filter_parser import EVERYTHING, Filter
from hp_tui.console.shared.rows.styles import SEVERITY_TONE
from hp_tui.console.shared.rows.text import stamp
from hp_tui.model.text import first_line
from hp_tui.model.timeline import TimelineEntry, TimelineKind
from hp_tui.widgets.escape import visible
from hp_tui.widgets.values import TimelineItem

TIMELINE_FIELDS = ("kind", "service", "severity", "subject")
JUMPS = set(TimelineKind) - {TimelineKind.LINK}
"""Kinds whose subject is something the screen can go to."""


def happening(entry: TimelineEntry, now: float) -> TimelineItem:
    """One entry as a line: ``critic-agent-2`` and ``breaker closed → open (5 × UNAVAILABLE)``. Dated, if not of today."""
    target = entry.subject if entry.kind in JUMPS else ""
    return TimelineItem(
        str(entry.seq),
        stamp(entry.at, now),
        visible(entry.subject),
        _text(entry),
        SEVERITY_TONE[entry.severity],
        target,
    )


def _text(entry: TimelineEntry) -> str:
    kind = "breaker " if entry.kind is TimelineKind.BREAKER else ""
    step = " → ".join(part for part in (entry.old, entry.new) if part)
    said = visible(first_line(entry.detail))
    if said:
        said = f" ({said})" if entry.kind is TimelineKind.BREAKER else f"  {said}"
    return f"{kind}{visible(step)}{said}"


def whole(entry: TimelineEntry, now: float) -> tuple[str, str]:
    """An entry in full, for reading: a line of when, who and what kind, and its text."""
    of = f" of {visible(entry.service)}" if entry.service not in {"", entry.subject} else ""
    head = f"{stamp(entry.at, now)} · {visible(entry.subject)}{of} · {entry.kind.value}, {entry.severity.value}"
    return head, _text(entry)


def timeline_items(
    entries: Iterable[TimelineEntry], now: float, wanted: Filter = EVERYTHING
) -> tuple[TimelineItem, ...]:
    """Lines in the order of the entries, oldest first."""
    return tuple(happening(entry, now) for entry in entries if not wanted or _wanted(entry, wanted))


def _wanted(entry: TimelineEntry, wanted: Filter) -> bool:
    fields = {
        "kind": entry.kind.value,
        "service": entry.service,
        "severity": entry.severity.value,
        "subject": entry.subject,
    }
    texts = (entry.subject, entry.service, entry.kind.value, entry.old, entry.new, entry.detail)
    return wanted(*texts, of=lambda name: (fields[name],))
