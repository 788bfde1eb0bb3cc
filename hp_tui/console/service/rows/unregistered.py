"""A name that somebody calls and Consul does not list: the guide "Service Not Appearing in Consul" as findings."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from functools import lru_cache

from hp_tui.console.shared.rows.sections import DetailLine, Section
from hp_tui.console.shared.rows.text import stamp
from hp_tui.model.fleet import FleetSnapshot, LinkState
from hp_tui.model.text import first_line
from hp_tui.model.timeline import TimelineKind
from hp_tui.widgets.escape import visible
from hp_tui.widgets.values import Tone

ALIKE = 3
"""Registered names that are offered as what may have been meant."""


def unregistered_sections(snapshot: FleetSnapshot, name: str, now: float) -> tuple[Section, ...]:
    """What is known of a name that is not registered, and what that says about where to look."""
    answer = DetailLine("not registered: nobody finds it through Consul", Tone.BAD, "registered")
    if not snapshot.loaded:
        answer = DetailLine("not known: Consul has not answered yet", Tone.WARN, "registered")
    return (
        Section("Is it in Consul?", (answer, *_findings(snapshot, name, now))),
        Section("What to look at", tuple(_steps(snapshot, name))),
    )


def _findings(snapshot: FleetSnapshot, name: str, now: float) -> Iterator[DetailLine]:
    yield _consul(snapshot)
    alike = _alike(name, tuple(snapshot.services))
    if alike:
        yield DetailLine(
            f"registered and alike: {', '.join(map(visible, alike))}. A misspelt upstream?", Tone.WARN, "name"
        )
    else:
        yield DetailLine("no registered name resembles it", Tone.MUTED, "name")
    asking = sorted(
        view.id
        for service in snapshot.services.values()
        for view in service.instances or ()
        if name in view.instance.upstreams
    )
    if asking:
        yield DetailLine(", ".join(map(visible, asking[:8])) + (" …" if len(asking) > 8 else ""), label="asked for by")
    gone = [
        entry
        for entry in snapshot.timeline
        if entry.kind is TimelineKind.MEMBER and name in (entry.service, entry.subject)
    ]
    if gone:
        last = gone[-1]
        yield DetailLine(f"{visible(last.subject)}: {visible(last.new)} {stamp(last.at, now)}", Tone.WARN, "last seen")
    else:
        yield DetailLine("never, as far as this console's timeline goes back", Tone.MUTED, "last seen")


def _consul(snapshot: FleetSnapshot) -> DetailLine:
    link = snapshot.link
    if link.state is LinkState.LIVE:
        return DetailLine(f"answers at {visible(link.address)}, and has a leader", Tone.GOOD, "Consul")
    said = visible(first_line(link.error)) or link.state.value
    return DetailLine(f"{said} What is shown may be old.", Tone.BAD, "Consul")


def _steps(snapshot: FleetSnapshot, name: str) -> Iterator[DetailLine]:
    if snapshot.link.state is not LinkState.LIVE:
        yield DetailLine("Consul itself first: r tries it again now", label="1")
    address = visible(snapshot.link.address)
    yield DetailLine(
        "does its process run? It registers itself at start-up, and its log says if that failed", label="process"
    )
    yield DetailLine(
        f"does it register with this Consul ({address})? CONSUL_HTTP_ADDR of the process says", label="address"
    )
    others = [other for other in snapshot.cluster.datacenters if other != snapshot.cluster.datacenter]
    if others:
        yield DetailLine(
            f"is it in another datacenter ({', '.join(map(visible, others[:5]))})? d looks there", label="datacenter"
        )
    said = f'a token without service "{visible(name)}" read does not see it, nor is it told so: t uses another'
    yield DetailLine(said, label="token")
    said = (
        "one whose check stays critical is deregistered after a while: is its check's address reachable from the agent?"
    )
    yield DetailLine(said, label="check")


@lru_cache(maxsize=16)
def _alike(name: str, names: tuple[str, ...]) -> tuple[str, ...]:
    """Registered names that look like ``name``, the nearest first."""
    bare = {_bare(other): other for other in names}
    found = difflib.get_close_matches(_bare(name), bare, n=ALIKE, cutoff=0.7)
    return tuple(bare[one] for one in found)


def _bare(name: str) -> str:
    return "".join(char for char in name.casefold() if char.isalnum())
