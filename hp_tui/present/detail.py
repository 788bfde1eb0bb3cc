"""Everything known of one instance, section by section."""

from __future__ import annotations

from dataclasses import dataclass

from hp_tui.model.catalog import Check
from hp_tui.model.fleet import EndpointView, FleetSnapshot, InstanceView
from hp_tui.model.timeline import TimelineKind
from hp_tui.present.text import age, clock, count, milliseconds
from hp_tui.present.timeline import happening
from hp_tui.present.tones import HEALTH_TONE, breaker_badge, health_badge
from hp_tui.present.why import why_no_traffic
from widgets.escape import visible
from widgets.values import GLYPHS, Tone

OUTPUT_SHOWN = 64 * 1024
"""Characters of a check's output that are drawn; the rest is counted."""
HISTORY_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the detail: an optional label in front, indented by ``depth``."""

    text: str
    tone: Tone = Tone.PLAIN
    label: str = ""
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Section:
    """A titled run of lines."""

    title: str
    lines: tuple[Line, ...]


def sections(snapshot: FleetSnapshot, service: str, instance_id: str, now: float) -> tuple[Section, ...]:
    """What the drawer shows, top to bottom; an instance that left keeps its reason and its history."""
    views = snapshot.services[service].instances if service in snapshot.services else None
    view = next((item for item in views or () if item.id == instance_id), None)
    why = Section("Why is it (not) receiving traffic", (_why(snapshot, service, instance_id, now),))
    history = _history(snapshot, instance_id)
    if view is None:
        return (why, history)
    return (why, _state(view, now), *_checks(view), _metadata(view), history)


def _why(snapshot: FleetSnapshot, service: str, instance_id: str, now: float) -> Line:
    text = why_no_traffic(snapshot, service, instance_id, now)
    tone = Tone.GOOD if text.startswith("It receives") else Tone.INFO if text.startswith("Nothing") else Tone.BAD
    return Line(text, tone)


def _state(view: InstanceView, now: float) -> Section:
    instance = view.instance
    health = health_badge(view, now)
    lines = [
        Line(f"{GLYPHS[health.tone]} {health.text}", health.tone, "health"),
        Line(visible(instance.endpoint), label="address"),
        Line(visible(instance.node), label="node"),
        Line(visible(", ".join(instance.tags)) or "none", label="tags"),
        Line(
            f"{count(view.flaps, 'change')} of health seen by this console",
            Tone.WARN if view.flaps > 2 else Tone.MUTED,
            "flaps",
        ),
        *_endpoint(view.endpoint, now),
    ]
    return Section("State", tuple(lines))


def _endpoint(endpoint: EndpointView | None, now: float) -> tuple[Line, ...]:
    if endpoint is None:
        return (Line("no call was fired from this console yet", Tone.MUTED, "breaker"),)
    breaker = endpoint.breaker
    badge = breaker_badge(endpoint, now)
    because = f" · {visible(breaker.reason)}" if breaker.reason else ""
    real = f" · computed {breaker.computed.value}" if breaker.forced is not None else ""
    opens = f" · opened {breaker.opens} times in a row" if breaker.opens > 1 else ""
    return (
        Line(f"{badge.text} · since {age(now - breaker.since)}{real}{because}{opens}", badge.tone, "breaker"),
        Line(f"{breaker.failures} of {breaker.threshold} in a row", label="failures"),
        Line(endpoint.connectivity.value, label="connection"),
        Line(
            f"{endpoint.picks} picks · {endpoint.failures} failed · {endpoint.in_flight} in flight · "
            f"p50 {milliseconds(endpoint.p50_ms)} · p99 {milliseconds(endpoint.p99_ms)}",
            label="calls",
        ),
    )


def _checks(view: InstanceView) -> tuple[Section, ...]:
    ordered = sorted(view.instance.checks, key=lambda check: -check.status.rank)
    return tuple(_check(check) for check in ordered)


def _check(check: Check) -> Section:
    tone = HEALTH_TONE[check.status]
    of = "Node check" if check.node_level else "Check"
    lines = [Line(f"{GLYPHS[tone]} {check.status.value}", tone, "status")]
    if check.type:
        lines.append(Line(visible(check.type), label="type"))
    lines += [Line(visible(value), label=visible(name)) for name, value in check.definition.items()]
    if check.notes:
        lines.append(Line(visible(check.notes), label="notes"))
    shown = check.output[:OUTPUT_SHOWN]
    lines += [Line(line, label="" if number else "output") for number, line in enumerate(_lines(shown))]
    if len(check.output) > OUTPUT_SHOWN:
        lines.append(Line(f"… {len(check.output) - OUTPUT_SHOWN} characters more", Tone.MUTED))
    return Section(f"{of}: {visible(check.name or check.id)}", tuple(lines))


def _lines(text: str) -> list[str]:
    return visible(text, lines=True).rstrip("\n").split("\n") if text else ["(none)"]


def _metadata(view: InstanceView) -> Section:
    meta = view.instance.meta
    lines = tuple(Line(visible(value), label=visible(key)) for key, value in sorted(meta.items()))
    return Section("Metadata", lines or (Line("none", Tone.MUTED),))


def _history(snapshot: FleetSnapshot, instance_id: str) -> Section:
    kinds = {TimelineKind.HEALTH, TimelineKind.BREAKER, TimelineKind.MEMBER, TimelineKind.ACTION}
    entries = [entry for entry in snapshot.timeline if entry.subject == instance_id and entry.kind in kinds]
    lines = []
    for entry in reversed(entries[-HISTORY_SHOWN:]):
        line = happening(entry)
        lines.append(Line(f"{GLYPHS[line.tone]} {line.text}", line.tone, clock(entry.at)))
    return Section("History", tuple(lines) or (Line("no change since this console is open", Tone.MUTED),))
