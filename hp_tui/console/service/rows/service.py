"""Everything a service's drawer answers: is it in Consul, who gets traffic and why, how calls are shared, who calls whom.

It answers the three guides of the Consul migration guide's "Troubleshooting" as findings: "Service Not Appearing in
Consul", "Load Balancing Not Working" and "Circuit Breaker Stuck OPEN".
"""

from __future__ import annotations

from hp_tui.console.service.rows.guides import balancing, breakers
from hp_tui.console.service.rows.unregistered import unregistered_sections
from hp_tui.console.shared.rows.sections import DetailLine, Section
from hp_tui.console.shared.rows.styles import HEALTH_TONE, glyph, urgency
from hp_tui.console.shared.rows.text import NOTHING, age, at_least, count, milliseconds, rate, share, stamp
from hp_tui.console.shared.rows.traffic import Traffic, Why, why
from hp_tui.console.timeline.rows import happening
from hp_tui.model.flapping import flapping
from hp_tui.model.fleet import CONSOLE, Edge, EdgeSource, FleetSnapshot, InstanceView, ServiceView
from hp_tui.model.health import Health
from hp_tui.model.timeline import TimelineEntry
from hp_tui.widgets.escape import visible
from hp_tui.widgets.values import GLYPHS, Tone

INSTANCES_SHOWN = 30
"""Instances listed one by one, the worst first; the table has all."""
HISTORY_SHOWN = 12
TRAFFIC_TONE = {
    Traffic.YES: Tone.GOOD,
    Traffic.UNTRIED: Tone.INFO,
    Traffic.PROBE: Tone.WARN,
    Traffic.NO: Tone.BAD,
}


def service_sections(snapshot: FleetSnapshot, name: str, now: float) -> tuple[Section, ...]:
    """What the drawer of ``name`` shows, top to bottom; of a name Consul does not list, why that may be."""
    service = snapshot.services.get(name)
    if service is None:
        return (*unregistered_sections(snapshot, name, now), _edges(snapshot, name), _history(snapshot, name, now))
    found = [_registered(service, now)]
    if service.instances:
        found += [
            _traffic(service.instances, now),
            balancing(service.instances),
            breakers(service.instances, now),
        ]
    found.append(_edges(snapshot, name))
    if service.instances:
        found.append(_versions(service.instances))
    return (*found, _tags(service), _history(snapshot, name, now))


def _registered(service: ServiceView, now: float) -> Section:
    lines = []
    if service.instances is None:
        said = f"{_healths(service)}; " if service.counted else ""
        lines.append(DetailLine(f"yes: {said}its instances are being read", label="registered"))
    else:
        tone = HEALTH_TONE[service.health] if service.health else Tone.WARN
        said = count(len(service.instances), "instance")
        lines.append(DetailLine(f"yes: {said} · {_healths(service)}", tone, "registered"))
    if service.first_seen:
        passed = now - service.first_seen
        seen = (
            f"appeared {stamp(service.first_seen, now)} ({age(passed)} ago)"
            if service.first_seen_exact
            else f"there since before this console looked, {stamp(service.first_seen, now)} {at_least(passed)}".rstrip()
        )
        lines.append(DetailLine(seen, Tone.MUTED, "since"))
    if service.kind:
        lines.append(DetailLine(visible(service.kind), label="kind"))
    if service.stale:
        lines.append(DetailLine(f"as of {stamp(service.at, now)}: {visible(service.error)}", Tone.WARN, "stale"))
    return Section("Is it in Consul?", tuple(lines))


def _healths(service: ServiceView) -> str:
    """``2 passing, 1 critical``."""
    parts = [
        (service.critical, "critical"),
        (service.warning, "warning"),
        (service.maintenance, "in maintenance"),
        (service.passing, "passing"),
    ]
    return ", ".join(f"{number} {word}" for number, word in parts if number) or "none"


def _traffic(views: tuple[InstanceView, ...], now: float) -> Section:
    """Each instance with its one reason, the worst first."""
    reasons = [(view, why(view, now)) for view in sorted(views, key=lambda view: (urgency(view), view.id))]
    served = sum(reason.traffic is Traffic.YES for _, reason in reasons)
    untried = sum(reason.traffic is Traffic.UNTRIED for _, reason in reasons)
    said = f"{served} of {len(views)} get traffic from this console"
    if untried:
        said = f"no call was fired from this console yet; nothing keeps traffic from {untried} of {len(views)}"
    tone = Tone.GOOD if served == len(views) else Tone.INFO if untried else Tone.WARN
    lines = [DetailLine(said, tone, wide=True)]
    for view, reason in reasons[:INSTANCES_SHOWN]:
        flaps = flapping(view.changes, now)
        said = (
            f"gets traffic: {count(view.endpoint.picks, 'pick')}"
            if _well(reason, view) and view.endpoint
            else reason.text
        )
        text = f"{GLYPHS[glyph(view).tone]} {said}" + (f" It is {flaps}." if flaps else "")
        lines.append(DetailLine(text, TRAFFIC_TONE[reason.traffic], visible(view.id)))
    if len(reasons) > INSTANCES_SHOWN:
        lines.append(DetailLine(f"{len(reasons) - INSTANCES_SHOWN} more stand in panel 2", Tone.MUTED, wide=True))
    return Section("Who gets traffic, and why not", tuple(lines))


def _well(reason: Why, view: InstanceView) -> bool:
    """Whether there is nothing to explain."""
    return reason.traffic is Traffic.YES and view.health is Health.PASSING


def _edges(snapshot: FleetSnapshot, name: str) -> Section:
    callers = [_edge(edge, edge.source, snapshot, "called by") for edge in snapshot.edges if edge.target == name]
    callees = [_edge(edge, edge.target, snapshot, "calls") for edge in snapshot.edges if edge.source == name]
    general = [
        DetailLine(
            f"{'any service' if one.source == '*' else visible(one.source)} → "
            f"{'any service' if one.destination == '*' else visible(one.destination)}: "
            f"{'allowed' if one.allowed else 'DENIED'}",
            Tone.MUTED if one.allowed else Tone.BAD,
            "intention",
        )
        for one in snapshot.intentions
        if "*" in (one.source, one.destination) and {one.source, one.destination} <= {name, "*"}
    ]
    nothing = (DetailLine("nobody names it as an upstream, and no call was seen", Tone.MUTED),)
    return Section("Who calls it, and whom it calls", tuple(callers + callees + general) or nothing)


def _edge(edge: Edge, other: str, snapshot: FleetSnapshot, label: str) -> DetailLine:
    said = ["this console" if other == CONSOLE else visible(other)]
    said.append("from " + ", ".join(sorted(_SOURCES[source] for source in edge.sources)))
    if edge.mtls:
        said.append("mTLS")
    if edge.rate is not None:
        failing = f", {share(edge.error_share)} failed" if edge.error_share else ""
        said.append(f"{rate(edge.rate)}{failing}")
    tone = Tone.BAD if edge.error_share else Tone.PLAIN
    if edge.denied:
        said, tone = [*said, "DENIED by intention"], Tone.BAD
    if other != CONSOLE and other not in snapshot.services:
        said, tone = [*said, "not registered"], Tone.BAD if label == "calls" else Tone.WARN
    return DetailLine(" · ".join(said), tone, label)


_SOURCES = {
    EdgeSource.METADATA: "metadata",
    EdgeSource.CONNECT: "Connect",
    EdgeSource.INTENTION: "intention",
    EdgeSource.CALLS: "calls seen",
}


def _versions(views: tuple[InstanceView, ...]) -> Section:
    """Side by side, the most instances first: what a canary is judged by."""
    groups: dict[str, list[InstanceView]] = {}
    for view in views:
        groups.setdefault(view.instance.version, []).append(view)
    picks = sum(view.endpoint.picks for view in views if view.endpoint)
    ordered = sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))
    return Section("Versions", tuple(_version(version, group, len(views), picks) for version, group in ordered))


def _version(version: str, group: list[InstanceView], of: int, picks: int) -> DetailLine:
    bad = sum(urgency(view) == 0 for view in group)
    endpoints = [view.endpoint for view in group if view.endpoint]
    said = [f"{len(group)} of {of}", f"{bad} red" if bad else "none red"]
    if endpoints:
        mine, failed = sum(item.picks for item in endpoints), sum(item.failures for item in endpoints)
        slowest = max((item.p99_ms for item in endpoints if item.p99_ms is not None), default=None)
        said += [
            f"{count(mine, 'pick')} ({share(mine, picks)})",
            f"{failed} failed ({share(failed, mine)})" if failed else "0 failed",
            f"p99 {milliseconds(slowest)}",
        ]
    return DetailLine(" · ".join(said), Tone.BAD if bad else Tone.PLAIN, visible(version) or "no version")


def _tags(service: ServiceView) -> Section:
    """Those of the service, each with how many instances have it where not all do."""
    views = service.instances or ()
    tags = sorted({*service.tags, *(tag for view in views for tag in view.instance.tags)})
    said = []
    for tag in tags:
        having = sum(tag in view.instance.tags for view in views)
        said.append(visible(tag) + (f" ({having} of {len(views)})" if having < len(views) else ""))
    return Section("Tags", (DetailLine(", ".join(said) or NOTHING, Tone.PLAIN if said else Tone.MUTED),))


def _history(snapshot: FleetSnapshot, name: str, now: float) -> Section:
    entries = [entry for entry in snapshot.timeline if name in (entry.service, entry.subject)]
    lines = tuple(_happened(entry, now) for entry in reversed(entries[-HISTORY_SHOWN:]))
    return Section("History", lines or (DetailLine("no change seen; T has the whole timeline", Tone.MUTED),))


def _happened(entry: TimelineEntry, now: float) -> DetailLine:
    line = happening(entry, now)
    return DetailLine(f"{GLYPHS[line.tone]} {line.subject}  {line.text}", line.tone, line.time)
