"""One sentence: why an instance is not receiving traffic."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from hp_tui.console.shared.rows.text import clock, countdown
from hp_tui.model.balancing import BreakerState, Connectivity
from hp_tui.model.fleet import BreakerView, EndpointView, FleetSnapshot, InstanceView
from hp_tui.model.health import Health
from hp_tui.model.text import first_line
from hp_tui.widgets.escape import visible


class Traffic(Enum):
    """Whether calls from this console reach an instance."""

    NO = "no"
    PROBE = "one probe at a time"
    UNTRIED = "not tried"
    """Nothing keeps them away, and none was fired."""
    YES = "yes"


@dataclass(frozen=True, slots=True)
class Why:
    """A sentence, and the state it describes."""

    text: str
    traffic: Traffic


def why_no_traffic(snapshot: FleetSnapshot, service: str, instance_id: str, now: float) -> str:
    """The first thing that keeps calls away from the instance, or that nothing does, as a sentence."""
    name = visible(instance_id)
    view = snapshot.instance(instance_id, service)
    if view is None:
        return f"{name} is not registered with Consul, so nobody can find it: see whether its process runs."
    return why(view, now).text


def why(view: InstanceView, now: float) -> Why:
    """What keeps calls away from a registered instance, or that nothing does.

    Asked in the order a call would meet them: health, breaker, connection, the client's own choice.
    """
    half_open = view.endpoint is not None and view.endpoint.breaker.state is BreakerState.HALF_OPEN
    if by_health := _by_health(view):
        return Why(by_health, Traffic.NO)
    if by_breaker := _by_breaker(view.endpoint, now):
        return Why(by_breaker, Traffic.PROBE if half_open else Traffic.NO)
    if kept_away := _by_connection(view) or _by_choice(view.endpoint):
        return Why(kept_away, Traffic.NO)
    return Why(_none(view), Traffic.UNTRIED if view.endpoint is None else Traffic.YES)


def _by_health(view: InstanceView) -> str:
    deciding = next((check for check in view.instance.checks if check.status is view.health), None)
    said = visible(first_line(deciding.output or deciding.notes)) if deciding else ""
    check = visible(deciding.name or deciding.id) if deciding else "a check"
    because = f": {said}" if said else ""
    if view.health is Health.MAINTENANCE:
        whole = "its node is" if deciding and deciding.node_level else "it was put"
        return f"No traffic: {whole} in maintenance by hand{because}."
    if view.health is Health.CRITICAL:
        return f"No traffic: critical since {clock(view.health_since)}, because check “{check}” fails{because}."
    return ""


def _by_breaker(endpoint: EndpointView | None, now: float) -> str:
    if endpoint is None:
        return ""
    breaker, reason = endpoint.breaker, visible(endpoint.breaker.reason)
    because = f" after {reason}" if reason else ""
    if breaker.forced is BreakerState.OPEN:
        return f"No traffic from this console: its breaker was tripped by hand ({reason or 'no reason given'})."
    if breaker.state is BreakerState.OPEN:
        return f"No traffic from this console: breaker open{_until(breaker, now)}{because}."
    if breaker.state is BreakerState.HALF_OPEN:
        return f"One probe at a time from this console: its breaker is half-open{because}; a success closes it."
    return ""


def _until(breaker: BreakerView, now: float) -> str:
    if breaker.open_until is None:
        return ""
    return f" until {clock(breaker.open_until)} ({countdown(breaker.open_until - now)} left)"


def _by_connection(view: InstanceView) -> str:
    endpoint = view.endpoint
    if endpoint is None or endpoint.connectivity in {Connectivity.READY, Connectivity.IDLE}:
        return ""
    return (
        f"No traffic from this console: not connected to {visible(view.instance.endpoint)} "
        f"({endpoint.connectivity.value}); Consul calls it {view.health.value}, so look at the network between."
    )


def _by_choice(endpoint: EndpointView | None) -> str:
    if endpoint is None or not endpoint.excluded:
        return ""
    return f"No traffic from this console: {visible(endpoint.excluded)}."


def _none(view: InstanceView) -> str:
    if view.endpoint is None:
        return f"Nothing in Consul keeps traffic away ({view.health.value}); no call was fired at it from here yet."
    picks = view.endpoint.picks
    return f"It receives traffic: {view.health.value} and connected; {picks} picks from this console."
