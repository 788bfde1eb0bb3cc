"""Fixed pictures of who calls whom, for what the topology must tell apart."""

from __future__ import annotations

from types import MappingProxyType

from msgspec.structs import replace

from hp_tui.model.catalog import Intention
from hp_tui.model.fleet import Edge, EdgeSource, FleetSnapshot
from tests import fleets

METADATA = frozenset({EdgeSource.METADATA})
CONNECT = frozenset({EdgeSource.CONNECT})
INTENTION = frozenset({EdgeSource.INTENTION})
LONG = "a-very-long-name-of-a-service-indeed"


def one_of_everything() -> FleetSnapshot:
    """Every kind of arrow and box: mTLS, denied, only intended, from any service, both ways, in a circle, to itself, to a name
    that is not registered; a dozen instances, several versions; long, wide and right-to-left names."""
    old = fleets.one_critical()
    many = fleets.many(8, 12).services
    critic = old.services["critic-agent"]
    first, *others = critic.instances or ()
    older = replace(first, instance=replace(first.instance, meta=MappingProxyType({"version": "0.9.12"})))
    services = {
        **old.services,
        "critic-agent": replace(critic, instances=(older, *others)),
        "評論家サービス": replace(many["svc-0007"], name="評論家サービス"),
        "שלום-עולם": replace(many["svc-0001"], name="שלום-עולם", instances=(many["svc-0001"].instances or ())[:2]),
        LONG: replace(many["svc-0002"], name=LONG, instances=(many["svc-0002"].instances or ())[:1]),
    }
    edges = (
        *old.edges,
        Edge("critic-agent", "評論家サービス", CONNECT, mtls=True),
        Edge("評論家サービス", "critic-agent", METADATA),
        Edge("評論家サービス", "heart-pulse", METADATA),
        Edge("validator-agent", "validator-agent", METADATA),
        Edge("validator-agent", "ledger", METADATA),
        Edge("*", "critic-agent", INTENTION, denied=True),
        Edge("שלום-עולם", LONG, INTENTION),
        Edge(LONG, "aol-core", METADATA),
    )
    return replace(
        old,
        services=MappingProxyType(dict(sorted(services.items()))),
        edges=edges,
        intentions=(Intention("*", "*", allowed=False),),
    )


def with_consul() -> FleetSnapshot:
    """The demo's fleet, and Consul's own service: nobody calls it, and it calls nobody."""
    old = fleets.one_critical()
    some = fleets.many(8, 12).services
    instances = (some["svc-0001"].instances or ())[:1]
    services = {**old.services, "consul": replace(some["svc-0001"], name="consul", instances=instances)}
    return replace(old, services=MappingProxyType(dict(sorted(services.items()))))
