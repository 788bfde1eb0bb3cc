"""The connection to Consul, and facts about the cluster."""

from __future__ import annotations

from msgspec.structs import replace

from hp_tui.engine import events
from hp_tui.engine.events import AddressUsed, ClusterSeen, DatacenterLeft, LinkSeen
from hp_tui.engine.reducers.log import TimelineLine, logged
from hp_tui.engine.reducers.steps import Steps
from hp_tui.model.fleet import FleetSnapshot, KVView, LinkState
from hp_tui.model.timeline import Severity, TimelineKind

_SEVERITY = {
    LinkState.LIVE: Severity.GOOD,
    LinkState.STALE: Severity.BAD,
    LinkState.ABSENT: Severity.BAD,
    LinkState.NO_LEADER: Severity.BAD,
    LinkState.FORBIDDEN: Severity.WARN,
}


def link_seen(snapshot: FleetSnapshot, event: LinkSeen) -> FleetSnapshot:
    link = snapshot.link
    state = event.state
    if state is LinkState.ABSENT and link.last_good is not None:
        # Consul has answered before: what is on screen is old, not missing.
        state = LinkState.STALE
    changed = state is not link.state
    answered = state in {LinkState.LIVE, LinkState.NO_LEADER, LinkState.FORBIDDEN}
    new = replace(
        link,
        state=state,
        since=event.at if changed else link.since,
        last_good=event.at if answered else link.last_good,
        error=event.error,
        retry_at=event.retry_at,
    )
    snapshot = replace(snapshot, link=new)
    if not changed or link.state is LinkState.CONNECTING:
        return snapshot
    severity = _SEVERITY.get(state, Severity.INFO)
    line = TimelineLine(
        TimelineKind.LINK, severity, "consul", old=link.state.value, new=state.value, detail=event.error
    )
    return logged(snapshot, event.at, [line])


def address_used(snapshot: FleetSnapshot, event: AddressUsed) -> FleetSnapshot:
    link = replace(snapshot.link, address=event.address, access=event.access)
    return snapshot if link == snapshot.link else replace(snapshot, link=link)


def cluster_seen(snapshot: FleetSnapshot, event: ClusterSeen) -> FleetSnapshot:
    old, new = snapshot.cluster.leader, event.cluster.leader
    snapshot = replace(snapshot, cluster=event.cluster)
    if old and new and old != new:
        line = TimelineLine(TimelineKind.LINK, Severity.WARN, "consul", old=f"leader {old}", new=f"leader {new}")
        return logged(snapshot, event.at, [line])
    return snapshot


def datacenter_left(snapshot: FleetSnapshot, event: DatacenterLeft) -> FleetSnapshot:
    return replace(
        FleetSnapshot(),
        link=replace(snapshot.link, state=LinkState.CONNECTING, last_good=None, error="", retry_at=None),
        cluster=replace(snapshot.cluster, datacenter=event.name, leader=""),
        kv=KVView(),
        saved=snapshot.saved,
        notices=snapshot.notices,
        read_only=event.read_only,
        chaos=snapshot.chaos and not event.read_only,
    )


STEPS: Steps = {
    events.LinkSeen: (link_seen,),
    events.AddressUsed: (address_used,),
    events.ClusterSeen: (cluster_seen,),
    events.DatacenterLeft: (datacenter_left,),
}
"""By event: the functions that make the new snapshot, in order."""
