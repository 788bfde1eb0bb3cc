"""The line at the top: which datacenter, whether it is fresh, how much is red."""

from __future__ import annotations

from hp_tui.console.shared.rows.tally import totals
from hp_tui.console.shared.rows.text import age, clock, count, countdown
from hp_tui.model.fleet import Cluster, FleetSnapshot, Link, LinkState
from hp_tui.widgets.bars import Part
from hp_tui.widgets.escape import visible
from hp_tui.widgets.values import GLYPHS, Tone


def header_parts(snapshot: FleetSnapshot, now: float, *, paused_since: float | None = None) -> tuple[Part, ...]:
    """Name, datacenter, Consul, counts, freshness, tags, clock; the least needed leave first when space is short."""
    link, cluster = snapshot.link, snapshot.cluster
    parts = [
        Part("hp-tui", Tone.INFO, drop=6, bold=True),
        Part(visible(cluster.datacenter or link.address), bold=True, drop=5),
        Part(f"consul {visible(cluster.version)}" if cluster.version else "", Tone.MUTED, drop=8),
        _leader(link, cluster),
        *_counts(snapshot),
        freshness(link, now),
    ]
    if paused_since is not None:
        parts.append(Part(f"PAUSED {age(now - paused_since)}", Tone.WARN, bold=True))
    if snapshot.read_only:
        parts.append(Part("[read-only]", Tone.INFO, drop=2))
    parts.append(Part(clock(now), Tone.MUTED, drop=4, right=True))
    return tuple(parts)


def _leader(link: Link, cluster: Cluster) -> Part:
    if not cluster.leader or link.state is LinkState.NO_LEADER:  # which freshness tells, with its age
        return Part("")
    return Part(f"{GLYPHS[Tone.GOOD]} leader", Tone.GOOD if link.state is LinkState.LIVE else Tone.MUTED, drop=7)


def _counts(snapshot: FleetSnapshot) -> tuple[Part, ...]:
    if not snapshot.loaded:
        return ()
    all_of_it = totals(snapshot.services)
    bad, warn = all_of_it.bad, all_of_it.warn
    return (
        Part(f"{count(len(snapshot.services), 'service')} · {count(all_of_it.instances, 'instance')}", drop=3),
        Part(f"{GLYPHS[Tone.BAD]}{bad}", Tone.BAD if bad else Tone.MUTED, bold=bool(bad)),
        Part(f"{GLYPHS[Tone.WARN]}{warn}", Tone.WARN if warn else Tone.MUTED),
    )


FRESH = 3.0
"""Seconds: Consul is asked every two."""


def freshness(link: Link, now: float) -> Part:
    """``live``, with the age once it is more than that of an ordinary round, or what is wrong and for how long."""
    if link.state is LinkState.LIVE:
        late = now - link.last_good if link.last_good is not None else 0.0
        return Part("live" if late < FRESH else f"live, {age(late)} old", Tone.GOOD)
    if link.state is LinkState.CONNECTING:
        return Part("connecting…", Tone.INFO)
    old = age(now - (link.last_good if link.last_good is not None else link.since))
    words = {
        LinkState.STALE: (f"STALE {old}", Tone.BAD),
        LinkState.ABSENT: (f"NO CONSUL {age(now - link.since)}", Tone.BAD),
        LinkState.NO_LEADER: (f"NO LEADER {age(now - link.since)}", Tone.BAD),
        LinkState.FORBIDDEN: (f"FORBIDDEN {age(now - link.since)}", Tone.BAD),
    }
    text, tone = words[link.state]
    return Part(text, tone, bold=True)


def retry_text(link: Link, now: float) -> str:
    """``next try in 0:04``, or ``trying now``."""
    if link.retry_at is None or link.retry_at <= now:
        return "trying now"
    return f"next try in {countdown(link.retry_at - now)}"
