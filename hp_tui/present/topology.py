"""Panel 1: services as boxes, who calls whom as arrows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct

from hp_tui.model.fleet import Edge, EdgeSource, ServiceView
from hp_tui.present.health import counts, service_urgency
from hp_tui.present.matching import EVERYTHING, Filter
from hp_tui.present.text import rate, share
from hp_tui.present.tones import HEALTH_TONE, instance_tone, urgency
from widgets.escape import visible
from widgets.values import Link, Node, Tone

CONSOLE = "hp-tui"
"""The source of this console's own calls."""
CROWDED = 40
"""Boxes; a larger fleet opens on the neighbourhood of what is red."""


class Graph(Struct, frozen=True):
    """What the topology panel draws. ``note`` says what is left out, '' when nothing is."""

    nodes: tuple[Node, ...]
    links: tuple[Link, ...]
    note: str = ""


def graph(services: Mapping[str, ServiceView], edges: Iterable[Edge], *, wanted: Filter = EVERYTHING) -> Graph:
    """Nodes and links of all services, or of what matters first where they are too many."""
    edges = tuple(edges)
    named = {name for name, view in services.items() if not view.kind}
    named |= {end for edge in edges for end in (edge.source, edge.target) if _shows(end, edge, services)}
    shown, note = named, ""
    if wanted:
        shown = {name for name in named if wanted(name, *(services[name].tags if name in services else ()))}
        note = f"{len(shown)} of {len(named)}"
    if len(shown) > CROWDED:
        shown, note = _when_crowded(shown, services, edges)
    nodes = tuple(node(name, services.get(name)) for name in sorted(shown))
    links = tuple(link(edge) for edge in edges if edge.source in shown and edge.target in shown)
    return Graph(nodes, links, note)


def _shows(end: str, edge: Edge, services: Mapping[str, ServiceView]) -> bool:
    """Sidecars and gateways have no box of their own; a name that is not in the catalog has one."""
    return not services[end].kind if end in services else edge.sources != {EdgeSource.INTENTION}


def neighbourhood(start: set[str], edges: Iterable[Edge], hops: int) -> set[str]:
    """``start`` and all names at most ``hops`` edges away, in either direction."""
    edges = tuple(edges)
    found = set(start)
    for _ in range(hops):
        found |= {edge.target for edge in edges if edge.source in found} | {
            edge.source for edge in edges if edge.target in found
        }
    return found


def _when_crowded(
    named: set[str], services: Mapping[str, ServiceView], edges: tuple[Edge, ...]
) -> tuple[set[str], str]:
    ordered = sorted((services[name] for name in named if name in services), key=service_urgency)
    red = [view.name for view in ordered if service_urgency(view)[0] < 3]
    shown = neighbourhood(set(red[:CROWDED]), edges, 1) & named if red else {view.name for view in ordered[:CROWDED]}
    if len(shown) > CROWDED:
        first = [*red, *sorted(shown - set(red))]
        shown = set(first[:CROWDED])
    why = "what is red and around it" if red else "the first by name"
    return shown, f"{len(shown)} of {len(named)}: {why}; / finds others"


def node(name: str, service: ServiceView | None) -> Node:
    """A box: one dot an instance, red first; its version, or the counts where instances are not loaded."""
    label = visible(name)
    if service is None:
        return Node(name, label, note="this console" if name == CONSOLE else "not registered", tone=Tone.MUTED)
    if service.instances is None:
        tone = HEALTH_TONE[service.health] if service.health else Tone.MUTED
        return Node(name, label, note=counts(service), tone=tone)
    ordered = sorted(service.instances, key=urgency)
    dots = tuple(instance_tone(view) for view in ordered)
    return Node(name, label, dots, _versions(service), _tone(dots))


def _tone(dots: tuple[Tone, ...]) -> Tone:
    """Of the worst instance; a service without any is muted."""
    return dots[0] if dots else Tone.MUTED


def _versions(service: ServiceView) -> str:
    if not service.instances:
        return "no instance"
    versions = sorted({view.instance.version for view in service.instances} - {""})
    if not versions:
        return ""
    more = f" +{len(versions) - 1}" if len(versions) > 1 else ""
    return visible(versions[-1]) + more


def link(edge: Edge) -> Link:
    """An arrow with its rate and error share where calls were seen, a lock for mTLS; denied ones are dashed and bad."""
    note, tone = "", Tone.MUTED
    if edge.rate is not None:
        failing = edge.error_share or 0.0
        note = rate(edge.rate) + (f" ✖{share(failing)}" if failing else "")
        tone = Tone.BAD if failing else Tone.GOOD
    if edge.denied:
        note, tone = "denied", Tone.BAD
    return Link(edge.source, edge.target, note, tone, edge.denied or edge.sources == {EdgeSource.INTENTION}, edge.mtls)
