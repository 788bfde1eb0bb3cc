"""Panel 1: services as boxes, who calls whom as arrows."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from heapq import nsmallest

from msgspec import Struct

from hp_tui.console.health.rows.table import counts, service_urgency
from hp_tui.console.shared.rows.filter_fields import service_matches
from hp_tui.console.shared.rows.filter_parser import EVERYTHING, Filter
from hp_tui.console.shared.rows.styles import HEALTH_TONE, instance_tone, urgency
from hp_tui.console.shared.rows.text import rate, share
from hp_tui.console.topology.rows.scope import EVERYTHING_SHOWN, TopologyScope
from hp_tui.model.catalog import Intention
from hp_tui.model.fleet import CONSOLE, Edge, EdgeSource, ServiceView
from hp_tui.model.health import Health, worst
from hp_tui.model.per_service import PerService
from hp_tui.widgets.escape import visible
from hp_tui.widgets.values import Link, Node, Tone

"""The source of this console's own calls."""
ANY = "*"
"""The end of an intention that means every service."""
CROWDED = 40
"""Boxes; a larger fleet opens on the neighbourhood of what is red."""
LINGER = 60.0
"""Seconds that a service stays in the picture of a crowded fleet after it was red: its recovery is seen, and nothing jumps."""
RATE_ROOM = 11
"""Cells kept on an arrow with a rate, such as ``100/s ✖33 %``: nothing moves when the first call fails."""


class Graph(Struct, frozen=True):
    """What the topology panel draws. ``note`` says what is left out, '' when nothing is."""

    nodes: tuple[Node, ...]
    links: tuple[Link, ...]
    note: str = ""
    crowded: bool = False
    """Whether there are too many services to show all unless asked to."""
    until: float = math.inf
    """Unix seconds from which the same services make another picture."""


class Known:
    """What was worked out for earlier pictures and holds as long as a service is the same object; and what was red lately."""

    def __init__(self) -> None:
        self.shown: frozenset[str] = frozenset()
        """The services of a crowded fleet that are in the picture."""
        self._red: dict[str, float] = {}
        self._urgency = PerService(service_urgency)
        self._nodes: dict[str, tuple[ServiceView | None, Health | None, Node]] = {}

    def urgency(self, view: ServiceView) -> tuple[int, str]:
        """As :func:`service_urgency`."""
        return self._urgency(view.name, view)

    def recovered(self, red: Iterable[str], now: float) -> dict[str, float]:
        """What was red within :data:`LINGER` and is not among ``red`` now: names, and until when each counts as such."""
        self._red = {name: at for name, at in self._red.items() if now < at + LINGER} | dict.fromkeys(red, now)
        return {name: at + LINGER for name, at in self._red.items() if at < now}

    def node(self, name: str, view: ServiceView | None, sidecar: Health | None) -> Node:
        """As :func:`node`."""
        found = self._nodes.get(name)
        if found is None or found[0] is not view or found[1] is not sidecar:
            found = self._nodes[name] = (view, sidecar, node(name, view, sidecar))
        return found[2]


def graph(
    services: Mapping[str, ServiceView],
    edges: Iterable[Edge],
    *,
    wanted: Filter = EVERYTHING,
    scope: TopologyScope = EVERYTHING_SHOWN,
    intentions: Iterable[Intention] = (),
    known: Known | None = None,
    now: float = 0.0,
) -> Graph:
    """Nodes and links of all services, or of the part that is looked at, or of what matters first where they are too many.

    ``now`` is in Unix seconds.
    """
    edges, known = tuple(edges), known or Known()
    named = {name for name, view in services.items() if not view.kind}
    named |= {end for edge in edges for end in (edge.source, edge.target) if _shows(end, edge, services)}
    shown = named - scope.hidden
    notes, until = [], math.inf
    if scope.centre in named:
        shown = neighbourhood({scope.centre}, edges, scope.hops) & (shown | {scope.centre})
        notes = [f"around {visible(scope.centre)} · {_hops(scope.hops)}"]
    elif wanted:
        shown = {name for name in shown if service_matches(wanted, services.get(name) or ServiceView(name))}
        notes = [f"{len(shown)} of {len(named)}"]
    crowded = len(shown) > CROWDED and scope.centre not in named
    if crowded and scope.everything:
        notes = [f"all {len(shown)} · a for what is red"]
    elif crowded:
        shown, note, until = _when_crowded(shown, services, edges, known, now)
        notes = [note]
    hidden = len(scope.hidden & named)
    if hidden:
        notes.append(f"{hidden} hidden · U shows")
    notes += [_general(intention) for intention in intentions if intention.source == intention.destination == ANY]
    sidecars = _sick_sidecars(services)
    nodes = tuple(known.node(name, services.get(name), sidecars.get(name)) for name in sorted(shown))
    links = tuple(link(edge) for edge in edges if edge.source in shown and edge.target in shown)
    return Graph(nodes, links, " · ".join(notes), crowded, until)


def _general(intention: Intention) -> str:
    """An intention that is about all services is no arrow of the picture."""
    return f"* → * {'allowed' if intention.allowed else 'denied'}"


def _hops(number: int) -> str:
    return "1 hop" if number == 1 else f"{number} hops"


def _shows(end: str, edge: Edge, services: Mapping[str, ServiceView]) -> bool:
    """Sidecars and gateways have no box of their own; a name that is not in the catalog has one if somebody calls it."""
    if end in services:
        return not services[end].kind
    return end == ANY or edge.sources != {EdgeSource.INTENTION}


def neighbourhood(start: set[str], edges: Iterable[Edge], hops: int) -> set[str]:
    """``start`` and all names at most ``hops`` edges away, in either direction; ``*`` joins nobody to anybody."""
    near: dict[str, set[str]] = {}
    for edge in edges:
        near.setdefault(edge.source, set()).add(edge.target)
        near.setdefault(edge.target, set()).add(edge.source)
    found = set(start)
    rim = set(start)
    for _ in range(hops):
        rim = {end for name in rim if name != ANY or name in start for end in near.get(name, ())} - found
        found |= rim
    return found


def _when_crowded(
    named: set[str], services: Mapping[str, ServiceView], edges: tuple[Edge, ...], known: Known, now: float
) -> tuple[set[str], str, float]:
    """The services to show, what that choice is called, and until when it holds."""
    ranked = [known.urgency(view) for name in named if (view := services.get(name)) is not None]
    # Of more that are equally red than there is room for, those stay that are there: another picture each second helps nobody.
    red = [name for *_, name in sorted((rank, name not in known.shown, name) for rank, name in ranked if rank < 3)]
    recovered = known.recovered(red, now)
    lately = sorted(recovered.keys() & named)
    first = [*red, *lately]
    shown = neighbourhood(set(first[:CROWDED]), edges, 1) & named
    if not first:
        shown = {name for _, name in nsmallest(CROWDED, ranked)}
    if len(shown) > CROWDED:
        shown = set([*first, *sorted(shown - set(first))][:CROWDED])
    known.shown = frozenset(shown)
    why = "what is red" if red else "what was red" if lately else "first by name"
    until = min(recovered.values(), default=math.inf)
    return shown, f"{len(shown)} of {len(named)}: {why} · a for all", until


def _sick_sidecars(services: Mapping[str, ServiceView]) -> dict[str, Health]:
    """By the service they stand in front of, sidecars that do not pass: through the mesh it cannot be reached."""
    found: dict[str, list[Health]] = {}
    for service in services.values():
        if not service.instances or not service.instances[0].instance.proxy_for:
            continue  # a service's instances are all sidecars or none is
        for view in service.instances:
            if view.instance.proxy_for and view.health is not Health.PASSING:
                found.setdefault(view.instance.proxy_for, []).append(view.health)
    return {owner: worst(healths) for owner, healths in found.items()}


def node(name: str, service: ServiceView | None, sidecar: Health | None = None) -> Node:
    """A box: one dot an instance, red first; its version, or the counts where instances are not loaded.

    ``sidecar`` is the health of the worst sidecar in front of it, None where all pass.
    """
    label = visible(name)
    if service is None:
        note = {CONSOLE: "this console", ANY: "any service"}.get(name, "not registered")
        return Node(name, label, note=note, tone=Tone.MUTED)
    if service.instances is None:
        tone = HEALTH_TONE[service.health] if service.health else Tone.MUTED
        return Node(name, label, note=counts(service), tone=tone)
    ordered = sorted(service.instances, key=urgency)
    dots = tuple(instance_tone(view) for view in ordered)
    tone = dots[0] if dots else Tone.MUTED
    if sidecar is not None:
        calm = {Tone.GOOD, Tone.MUTED}
        return Node(name, label, dots, "sidecar", HEALTH_TONE[sidecar] if tone in calm else tone, sidecar.value)
    version, more = _versions(service)
    return Node(name, label, dots, version, tone, more)


def _versions(service: ServiceView) -> tuple[str, str]:
    """The newest version, and how many others there are."""
    if not service.instances:
        return "no instance", ""
    versions = sorted({view.instance.version for view in service.instances} - {""}, key=_newness)
    if not versions:
        return "", ""
    return visible(versions[-1]), f"+{len(versions) - 1}" if len(versions) > 1 else ""


def _newness(version: str) -> tuple[list[tuple[int, str]], str]:
    """1.10 is newer than 1.9."""
    parts = re.findall(r"\d{1,9}|[^\d]+", version)
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts], version


def call_told(call: Link) -> str:
    """An arrow in words, where the picture has no room for its note."""
    return f"{visible(call.source)} ▶ {visible(call.target)} {'mTLS ' if call.secure else ''}{call.note}".rstrip()


def link(edge: Edge) -> Link:
    """An arrow with its rate and error share where calls were seen, mTLS; denied ones are dashed and bad.

    An edge that only an intention allows is dashed: calls are permitted, and none was seen.
    """
    note, tone, room = "", Tone.MUTED, 0
    if edge.rate is not None:
        failing = edge.error_share or 0.0
        note = rate(edge.rate) + (f" ✖{share(failing)}" if failing else "")
        tone = Tone.BAD if failing else Tone.GOOD
        room = RATE_ROOM
    if edge.denied:
        note, tone, room = "denied", Tone.BAD, max(room, len("denied"))
    dashed = edge.denied or edge.sources == {EdgeSource.INTENTION}
    return Link(edge.source, edge.target, note, tone, dashed, edge.mtls, room)
