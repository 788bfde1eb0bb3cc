"""Everything known of one instance, section by section."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from hp_tui.console.shared.rows.sections import DetailLine, Section
from hp_tui.console.shared.rows.styles import HEALTH_TONE, breaker_badge, health_badge
from hp_tui.console.shared.rows.text import age, count, milliseconds, stamp
from hp_tui.console.shared.rows.traffic import Traffic, why, why_no_traffic
from hp_tui.console.timeline.rows import happening
from hp_tui.model.catalog import Check
from hp_tui.model.flapping import flapping
from hp_tui.model.fleet import EndpointView, FleetSnapshot, InstanceView
from hp_tui.model.timeline import TimelineEntry, TimelineKind
from hp_tui.widgets.escape import visible
from hp_tui.widgets.values import GLYPHS, Tone

OUTPUT_SHOWN = 2_000
"""Characters of a check's output that are drawn in the drawer; its viewer shows all."""
OUTPUT_KEY = "o"
"""The key of that; :mod:`hp_tui.console.actions.registry` says the same."""
HISTORY_SHOWN = 20
_TONES = {Traffic.YES: Tone.GOOD, Traffic.UNTRIED: Tone.INFO, Traffic.PROBE: Tone.WARN, Traffic.NO: Tone.BAD}


def sections(snapshot: FleetSnapshot, service: str, instance_id: str, now: float) -> tuple[Section, ...]:
    """What the drawer shows, top to bottom; an instance that left keeps its reason and its history."""
    view = snapshot.instance(instance_id, service)
    histories = _histories(snapshot, service, instance_id, now)
    if view is None:
        text = why_no_traffic(snapshot, service, instance_id, now)
        return (Section("Why is it (not) receiving traffic", (DetailLine(text, Tone.BAD),)), *histories)
    reason = why(view, now)
    return (
        Section("Why is it (not) receiving traffic", (DetailLine(reason.text, _TONES[reason.traffic]),)),
        _state(view, now),
        *_checks(view),
        _pairs("Metadata", view.instance.meta),
        _node(view),
        *histories,
    )


def _state(view: InstanceView, now: float) -> Section:
    instance = view.instance
    health = health_badge(view, now)
    flaps = flapping(view.changes, now)
    said = f"{count(view.flaps, 'change')} of health seen by this console"
    lines = [
        DetailLine(f"{GLYPHS[health.tone]} {health.text}", health.tone, "health"),
        DetailLine(visible(instance.endpoint), label="address"),
        DetailLine(visible(instance.node), label="node"),
        DetailLine(visible(", ".join(instance.tags)) or "none", label="tags"),
        DetailLine(f"{flaps}; {said}" if flaps else said, Tone.WARN if flaps else Tone.MUTED, "flaps"),
        *_endpoint(view.endpoint, now),
    ]
    return Section("State", tuple(lines))


def _endpoint(endpoint: EndpointView | None, now: float) -> tuple[DetailLine, ...]:
    if endpoint is None:
        return (DetailLine("no call was fired from this console yet", Tone.MUTED, "breaker"),)
    breaker = endpoint.breaker
    badge = breaker_badge(endpoint, now)
    because = f" · {visible(breaker.reason)}" if breaker.reason else ""
    real = f" · computed {breaker.computed.value}" if breaker.forced is not None else ""
    opens = f" · opened {breaker.opens} times in a row" if breaker.opens > 1 else ""
    return (
        DetailLine(f"{badge.text} · since {age(now - breaker.since)}{real}{because}{opens}", badge.tone, "breaker"),
        DetailLine(f"{breaker.failures} of {breaker.threshold} in a row", label="failures"),
        DetailLine(endpoint.connectivity.value, label="connection"),
        DetailLine(
            f"{endpoint.picks} picks · {endpoint.failures} failed · {endpoint.in_flight} in flight · "
            f"p50 {milliseconds(endpoint.p50_ms)} · p99 {milliseconds(endpoint.p99_ms)}",
            label="calls",
        ),
    )


def _checks(view: InstanceView) -> Iterator[Section]:
    ordered = sorted(view.instance.checks, key=lambda check: -check.status.rank)
    yield from map(_check, ordered)
    if not ordered:
        yield Section("Checks", (DetailLine("none: Consul takes it for passing", Tone.MUTED),))


def _check(check: Check) -> Section:
    tone = HEALTH_TONE[check.status]
    of = "Node check" if check.node_level else "Check"
    lines = [DetailLine(f"{GLYPHS[tone]} {check.status.value}", tone, "status")]
    if check.type:
        lines.append(DetailLine(visible(check.type), label="type"))
    lines += [DetailLine(visible(value), label=visible(name)) for name, value in check.definition.items()]
    if not check.definition and not check.node_level:
        lines.append(DetailLine("Consul tells no definition of it", Tone.MUTED, "definition"))
    if check.notes:
        lines.append(DetailLine(visible(check.notes), label="notes"))
    shown = check.output[:OUTPUT_SHOWN]
    lines += [DetailLine(line, label="" if number else "output") for number, line in enumerate(_lines(shown))]
    if len(check.output) > OUTPUT_SHOWN:
        more = len(check.output) - OUTPUT_SHOWN
        lines.append(DetailLine(f"… {more:,} characters more: {OUTPUT_KEY} opens all of it", Tone.INFO))
    return Section(f"{of}: {visible(check.name or check.id)}", tuple(lines))


def _lines(text: str) -> list[str]:
    return visible(text, lines=True).rstrip("\n").split("\n") if text else ["(none)"]


def _pairs(title: str, meta: Mapping[str, str]) -> Section:
    lines = tuple(DetailLine(visible(value), label=visible(key)) for key, value in sorted(meta.items()))
    return Section(title, lines or (DetailLine("none", Tone.MUTED),))


def _node(view: InstanceView) -> Section:
    """Its node with the node's metadata."""
    instance = view.instance
    address = f" · {visible(instance.node_address)}" if instance.node_address else ""
    meta = _pairs("", instance.node_meta).lines if instance.node_meta else (DetailLine("none", Tone.MUTED, "metadata"),)
    return Section("Node", (DetailLine(f"{visible(instance.node)}{address}", label="name"), *meta))


def _histories(snapshot: FleetSnapshot, service: str, instance_id: str, now: float) -> tuple[Section, ...]:
    """What happened to it, and what happened to its breaker, the newest first, dated where not of today."""
    kinds = {TimelineKind.HEALTH, TimelineKind.MEMBER, TimelineKind.ACTION}
    entries = [entry for entry in snapshot.timeline if entry.subject == instance_id and entry.service in {service, ""}]
    breaker = [entry for entry in entries if entry.kind is TimelineKind.BREAKER]
    health = [entry for entry in entries if entry.kind in kinds]
    return (
        Section("History", _history(health, now) or (DetailLine("no change seen", Tone.MUTED),)),
        *([Section("Breaker history", _history(breaker, now))] if breaker else []),
    )


def _history(entries: list[TimelineEntry], now: float) -> tuple[DetailLine, ...]:
    lines = []
    for entry in reversed(entries[-HISTORY_SHOWN:]):
        line = happening(entry, now)
        lines.append(DetailLine(f"{GLYPHS[line.tone]} {line.text}", line.tone, stamp(entry.at, now)))
    if len(entries) > HISTORY_SHOWN:
        lines.append(DetailLine(f"{len(entries) - HISTORY_SHOWN} older ones stand in the timeline (T)", Tone.MUTED))
    return tuple(lines)
