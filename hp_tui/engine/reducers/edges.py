"""Which service calls which: from metadata, Connect, intentions and the console's own calls."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec.structs import replace

from hp_tui.engine import events
from hp_tui.engine.events import Event, IntentionsSeen, RatesSeen
from hp_tui.engine.reducers.steps import Steps
from hp_tui.model.catalog import Intention
from hp_tui.model.fleet import CONSOLE, Edge, EdgeSource, FleetSnapshot, InstanceView, Rate, ServiceEdge, ServiceView
from hp_tui.model.per_service import PerService

"""The source of the console's own test calls; never a service of the catalog."""


def intentions_seen(snapshot: FleetSnapshot, event: IntentionsSeen) -> FleetSnapshot:
    return snapshot if event.intentions == snapshot.intentions else replace(snapshot, intentions=event.intentions)


def rates_seen(snapshot: FleetSnapshot, event: RatesSeen) -> FleetSnapshot:
    return snapshot if event.rates == snapshot.rates else replace(snapshot, rates=event.rates)


def redraw(snapshot: FleetSnapshot, _: Event) -> FleetSnapshot:
    """The snapshot with its edges computed again."""
    found = edges(snapshot.services, snapshot.intentions, snapshot.rates)
    return snapshot if found == snapshot.edges else replace(snapshot, edges=found)


def upstreams(service: ServiceView) -> tuple[ServiceEdge, ...]:
    """The services its instances say they call; the last known ones where its instances are not watched."""
    if service.instances is None:
        return service.learned
    return _said(service.name, service.instances)


def _upstreams(instances: tuple[InstanceView, ...]) -> tuple[ServiceEdge, ...]:
    found = {
        ServiceEdge(
            view.instance.proxy_for or view.instance.service, target, target in view.instance.connect_upstreams
        ): None
        for view in instances
        for target in view.instance.upstreams
    }
    return tuple(found)


_said = PerService(_upstreams)


def _behind(services: Mapping[str, ServiceView]) -> dict[str, str]:
    """Maps a sidecar's service name to the service it is a proxy for."""
    return {
        service.name: service.instances[0].instance.proxy_for
        for service in services.values()
        if service.instances and service.instances[0].instance.proxy_for
    }


def edges(
    services: Mapping[str, ServiceView], intentions: Iterable[Intention], rates: Mapping[str, Rate]
) -> tuple[Edge, ...]:
    """All edges, in a fixed order. A sidecar's calls, and calls to a sidecar, count as those of the service it is a proxy for.

    An intention with ``*`` on one side is an edge from or to ``*``; one with it on both sides is about nobody in particular.
    """
    behind = _behind(services)
    found: dict[tuple[str, str], set[EdgeSource]] = {}
    mtls: set[tuple[str, str]] = set()
    for service in services.values():
        for said in upstreams(service):
            pair = (said.source, behind.get(said.target, said.target))
            found.setdefault(pair, set()).add(EdgeSource.CONNECT if said.connect else EdgeSource.METADATA)
            if said.connect:
                mtls.add(pair)
    denied = set()
    for intention in intentions:
        pair = (intention.source, intention.destination)
        if not set(pair) & services.keys():
            continue
        found.setdefault(pair, set()).add(EdgeSource.INTENTION)
        if not intention.allowed:
            denied.add(pair)
    for target in rates:
        found.setdefault((CONSOLE, target), set()).add(EdgeSource.CALLS)
    return tuple(
        Edge(
            source=source,
            target=target,
            sources=frozenset(kinds),
            rate=rates[target].per_second if source == CONSOLE and target in rates else None,
            error_share=rates[target].error_share if source == CONSOLE and target in rates else None,
            mtls=(source, target) in mtls,
            denied=(source, target) in denied,
        )
        for (source, target), kinds in sorted(found.items())
    )


STEPS: Steps = {
    events.IntentionsSeen: (
        intentions_seen,
        redraw,
    ),
    events.RatesSeen: (
        rates_seen,
        redraw,
    ),
}
"""By event: the functions that make the new snapshot, in order."""
