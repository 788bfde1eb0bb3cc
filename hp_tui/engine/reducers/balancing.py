"""Breakers and endpoints of the console's own balanced clients."""

from __future__ import annotations

from types import MappingProxyType

from msgspec.structs import replace

from hp_tui.engine import events
from hp_tui.engine.events import ClientEventSeen, EndpointsSeen
from hp_tui.engine.reducers import calls
from hp_tui.engine.reducers.log import TimelineLine, logged
from hp_tui.engine.reducers.steps import Steps
from hp_tui.model.balancing import BreakerSnapshot, BreakerState, EndpointBreakerChanged, EndpointSnapshot
from hp_tui.model.fleet import BreakerView, EndpointView, FleetSnapshot
from hp_tui.model.timeline import Severity, TimelineKind

_SEVERITY = {
    BreakerState.CLOSED: Severity.GOOD,
    BreakerState.OPEN: Severity.BAD,
    BreakerState.HALF_OPEN: Severity.WARN,
}
_JITTER = 0.5
"""Seconds. Two readings of a start time that differ by less count as equal, so that nothing is repainted."""


def balancer_spoke(snapshot: FleetSnapshot, event: ClientEventSeen) -> FleetSnapshot:
    """Add breaker changes to the timeline. The endpoints themselves come with :class:`EndpointsSeen`."""
    spoken = event.event
    if not isinstance(spoken, EndpointBreakerChanged):
        return snapshot
    line = TimelineLine(
        TimelineKind.BREAKER,
        _SEVERITY[spoken.new],
        spoken.endpoint.instance_id,
        spoken.service,
        old=spoken.old.value,
        new=spoken.new.value,
        detail=spoken.reason,
    )
    return logged(snapshot, event.at, [line])


def endpoints_seen(snapshot: FleetSnapshot, event: EndpointsSeen) -> FleetSnapshot:
    """Put each endpoint into its instance's view."""
    view = snapshot.services.get(event.client.service)
    if view is None or view.instances is None:
        return snapshot
    seen = {(item.endpoint.instance_id, item.endpoint.address): item for item in event.client.endpoints}
    instances = []
    for instance in view.instances:
        item = seen.get((instance.id, instance.instance.endpoint))
        new = _endpoint(item, instance.endpoint, event.at) if item else None
        instances.append(instance if new == instance.endpoint else replace(instance, endpoint=new))
    if all(new is old for new, old in zip(instances, view.instances, strict=True)):
        return snapshot
    services = {**snapshot.services, view.name: replace(view, instances=tuple(instances))}
    return replace(snapshot, services=MappingProxyType(services))


def _endpoint(item: EndpointSnapshot, old: EndpointView | None, at: float) -> EndpointView:
    return EndpointView(
        connectivity=item.connectivity,
        breaker=_breaker(item.breaker, old.breaker if old else None, at),
        picks=item.picks,
        failures=item.failures,
        in_flight=item.in_flight,
        p50_ms=item.p50_ms,
        p99_ms=item.p99_ms,
        excluded=item.excluded,
    )


def _breaker(item: BreakerSnapshot, old: BreakerView | None, at: float) -> BreakerView:
    until = at + item.retry_after if item.state is BreakerState.OPEN and item.retry_after is not None else None
    since = at - item.in_state
    if old is not None and old.state is item.state:
        if abs(old.since - since) < _JITTER:
            since = old.since
        if until is not None and old.open_until is not None and abs(old.open_until - until) < _JITTER:
            until = old.open_until
    return BreakerView(
        state=item.state,
        computed=item.computed,
        forced=item.forced,
        failures=item.consecutive_failures,
        threshold=item.failure_threshold,
        since=since,
        open_until=until,
        opens=item.opens,
        reason=item.reason,
    )


STEPS: Steps = {
    events.ClientEventSeen: (
        balancer_spoke,
        calls.call_spoke,
    ),
    events.EndpointsSeen: (endpoints_seen,),
}
"""By event: the functions that make the new snapshot, in order."""
