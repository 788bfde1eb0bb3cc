"""Why an instance gets no traffic: one sentence, the first reason a call would meet."""

from __future__ import annotations

from types import MappingProxyType

import pytest
from msgspec.structs import replace

from hp_tui.console.shared.rows.traffic import why_no_traffic
from hp_tui.model.balancing import BreakerState, Connectivity
from hp_tui.model.catalog import Check
from hp_tui.model.fleet import BreakerView, EndpointView, FleetSnapshot, InstanceView
from hp_tui.model.health import Health
from tests import fleets
from tests.fleets import NOW

NAME = "critic-agent-2"


pytestmark = pytest.mark.usefixtures("utc")


def changed(view: InstanceView | None = None, **endpoint: object) -> FleetSnapshot:
    """The healthy fleet with that instead of critic-agent-2."""
    fleet = fleets.healthy()
    service = fleet.services["critic-agent"]
    instances = list(service.instances or ())
    view = view or instances[1]
    if endpoint:
        assert view.endpoint is not None
        view = replace(view, endpoint=replace(view.endpoint, **endpoint))
    instances[1] = view
    services = {**fleet.services, "critic-agent": replace(service, instances=tuple(instances))}
    return replace(fleet, services=MappingProxyType(services))


def critic_2() -> InstanceView:
    return (fleets.healthy().services["critic-agent"].instances or ())[1]


def with_check(check: Check) -> InstanceView:
    view = critic_2()
    checks = (*view.instance.checks[:1], check)
    return replace(view, instance=replace(view.instance, checks=checks), health_since=NOW - 12)


def why(snapshot: FleetSnapshot, name: str = NAME) -> str:
    return why_no_traffic(snapshot, "critic-agent", name, NOW)


def test_not_registered() -> None:
    assert why(fleets.healthy(), "critic-agent-9") == (
        "critic-agent-9 is not registered with Consul, so nobody can find it: see whether its process runs."
    )


def test_not_registered_because_the_service_is_unknown() -> None:
    assert "is not registered" in why_no_traffic(fleets.healthy(), "no-such-service", "x", NOW)


def test_critical_names_the_check_and_what_it_said() -> None:
    said = why(fleets.one_critical())
    assert said == (
        "No traffic: critical since 02:13:57, because check “critic-agent gRPC” fails: "
        "dial tcp 127.0.0.1:50063: connect: connection refused."
    )


def test_critical_comes_before_what_the_breaker_says() -> None:
    assert "breaker" not in why(fleets.one_critical())


def test_maintenance_of_the_instance_gives_the_reason() -> None:
    check = Check("_service_maintenance:x", "Service Maintenance Mode", Health.MAINTENANCE, notes="rollout 1.2")
    assert why(changed(with_check(check))) == "No traffic: it was put in maintenance by hand: rollout 1.2."


def test_maintenance_of_the_whole_node() -> None:
    check = Check("_node_maintenance", "Node Maintenance Mode", Health.MAINTENANCE, notes="reboot", node_level=True)
    assert why(changed(with_check(check))) == "No traffic: its node is in maintenance by hand: reboot."


def test_breaker_open_until() -> None:
    breaker = BreakerView(
        BreakerState.OPEN, BreakerState.OPEN, failures=5, open_until=NOW + 47, reason="5 × UNAVAILABLE"
    )
    assert why(changed(breaker=breaker)) == (
        "No traffic from this console: breaker open until 02:14:56 (0:47 left) after 5 × UNAVAILABLE."
    )


def test_breaker_tripped_by_hand() -> None:
    assert why(fleets.forced_open()) == (
        "No traffic from this console: its breaker was tripped by hand (by hand: rollout)."
    )


def test_breaker_half_open_admits_probes() -> None:
    assert why(fleets.half_open()).startswith("One probe at a time from this console: its breaker is half-open")


@pytest.mark.parametrize("state", [Connectivity.CONNECTING, Connectivity.TRANSIENT_FAILURE, Connectivity.SHUTDOWN])
def test_not_connected_says_what_consul_thinks(state: Connectivity) -> None:
    said = why(changed(connectivity=state))
    assert said == (
        f"No traffic from this console: not connected to 127.0.0.1:50063 ({state.value}); "
        "Consul calls it passing, so look at the network between."
    )


def test_excluded_by_subset() -> None:
    excluded = "not among the 2 of 3 endpoints this client uses (max_endpoints)"
    assert why(changed(excluded=excluded)) == f"No traffic from this console: {excluded}."


def test_nothing_keeps_traffic_away() -> None:
    assert why(fleets.healthy()) == "It receives traffic: passing and connected; 82 picks from this console."


def test_never_called_from_here() -> None:
    said = why(changed(replace(critic_2(), endpoint=None)))
    assert said == "Nothing in Consul keeps traffic away (passing); no call was fired at it from here yet."


def test_a_warning_still_gets_traffic() -> None:
    check = Check("c", "slow", Health.WARNING, "p99 900 ms")
    assert why(changed(with_check(check))).startswith("It receives traffic: warning")


def test_every_reason_is_one_line_without_control_characters() -> None:
    evil = "a\nb\x1b[31m\u202e"
    check = Check("c" + evil, "n" + evil, Health.CRITICAL, "o" + evil)
    endpoint = EndpointView(Connectivity.CONNECTING, BreakerView(BreakerState.OPEN, reason=evil), excluded=evil)
    cases = [
        why(changed(with_check(check))),
        why(changed(replace(critic_2(), endpoint=endpoint))),
        why(changed(replace(critic_2(), endpoint=replace(endpoint, breaker=BreakerView(reason=evil))))),
        why(changed(replace(critic_2(), endpoint=EndpointView(Connectivity.READY, BreakerView(), excluded=evil)))),
        why(fleets.healthy(), "x" + evil),
        why(changed(breaker=BreakerView(BreakerState.OPEN, forced=BreakerState.OPEN, reason=evil))),
        why(changed(breaker=BreakerView(BreakerState.HALF_OPEN, reason=evil))),
    ]
    for said in cases:
        assert said.isprintable(), said
