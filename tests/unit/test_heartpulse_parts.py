"""Faults, identities, registrations and log lines: the fleet's pure parts."""

from __future__ import annotations

import logging
import socket
from itertools import cycle

import pytest

from hp_tui.heartpulse.config import load_config
from hp_tui.heartpulse.definition import Ports, service_definition
from hp_tui.heartpulse.faults import Fault, FaultSwitch, from_message, to_message
from hp_tui.heartpulse.identity import advertised_address, instance_id
from hp_tui.heartpulse.log import LineFormatter
from hp_tui.heartpulse.protos.faults_pb2 import FaultSetting
from hp_tui.heartpulse.roster import ROSTER


def test_no_fault_strikes_nobody_and_draws_no_lot() -> None:
    def never() -> float:
        raise AssertionError("no lot is to be drawn")

    switch = FaultSwitch(never)
    assert switch.draw() is None
    switch.fault = Fault(unhealthy=True)
    assert switch.draw() is None
    switch.fault = Fault(error="UNAVAILABLE")
    assert switch.draw() == Fault(error="UNAVAILABLE")


def test_the_share_of_calls_is_what_the_lots_say() -> None:
    lots = cycle([0.0, 0.29, 0.3, 0.99])
    switch = FaultSwitch(lambda: next(lots))
    switch.fault = Fault(latency_ms=5, share=0.3)
    assert [switch.draw() is not None for _ in range(8)] == [True, True, False, False] * 2
    switch.fault = Fault(latency_ms=5, share=0.0)
    assert not any(switch.draw() for _ in range(8))


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"latency_ms": -1}, "latency_ms is -1"),
        ({"latency_ms": float("nan")}, "latency_ms is nan"),
        ({"error": "OK"}, "error is 'OK'"),
        ({"error": "BROKEN"}, "UNAVAILABLE"),
        ({"share": 1.1}, "share is 1.1"),
    ],
)
def test_a_fault_out_of_range_is_refused(arguments: dict[str, float], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Fault(**arguments)  # type: ignore[arg-type]


def test_a_fault_survives_the_wire_and_a_share_left_out_means_all_calls() -> None:
    fault = Fault(latency_ms=120, error="INTERNAL", share=0.0, unhealthy=True)
    assert from_message(FaultSetting.FromString(to_message(fault).SerializeToString())) == fault
    assert from_message(FaultSetting(error="INTERNAL")).share == 1.0
    assert str(Fault(latency_ms=120, error="INTERNAL", share=0.5)) == "120 ms late, INTERNAL, 50% of calls"
    assert str(Fault()) == "none"


def test_instances_on_loopback_are_numbered_by_port_and_others_by_host(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: "pod_7.example/x")
    local = load_config("critic-agent", environ={})
    assert instance_id(local, 50053) == "critic-agent-1"
    assert instance_id(local, 40001) == "critic-agent-40001"
    outside = load_config("critic-agent", environ={}, flags={"host": "0.0.0.0"})
    assert instance_id(outside, 50053) == "critic-agent-pod_7.example-x"
    assert instance_id(outside, 40001) == "critic-agent-pod_7.example-x-40001"
    named = load_config("critic-agent", environ={}, flags={"instance_id": "critic-agent-9"})
    assert instance_id(named, 40001) == "critic-agent-9"


def test_a_wildcard_is_never_registered() -> None:
    outside = load_config("critic-agent", environ={}, flags={"host": "0.0.0.0"})
    assert advertised_address(outside, "127.0.0.1") == advertised_address(outside, "") == ""  # the agent's own
    assert advertised_address(outside, "no.such.host.invalid") not in {"", "0.0.0.0", "::"}
    assert advertised_address(load_config("critic-agent", environ={}), "10.0.0.1") == "127.0.0.1"


@pytest.mark.parametrize("name", sorted(ROSTER))
def test_registration_1_states_name_ports_tags_checks_and_metadata(name: str) -> None:
    config = load_config(name, environ={}, flags={"check_interval": 2})
    made = service_definition(config, f"{name}-1", "::1", Ports(1, 2, 3))
    member = ROSTER[name]
    assert (made.name, made.id, made.address, made.port, made.tags) == (name, f"{name}-1", "::1", 1, member.tags)
    assert made.meta == {
        "version": "1.0.0",
        "protocol": "heartpulse.v1",
        "health_port": "2",
        "metrics_port": "3",
    } | ({"upstreams": ",".join(member.upstreams)} if member.upstreams else {})
    assert made.tagged_addresses == {"grpc": ("::1", 1), "health": ("::1", 2), "metrics": ("::1", 3)}
    grpc_check, http_check = made.checks
    assert (grpc_check.grpc, grpc_check.interval) == (f"[::1]:1/{member.grpc_service}", 2)
    assert http_check.http == "http://[::1]:2/health"


def test_the_rosters_names_tags_and_ports_are_the_migration_guides() -> None:
    assert {m.name: (m.tags, m.port, m.health_port, m.metrics_port) for m in ROSTER.values()} == {
        "aol-core": (("aol", "core", "orchestrator"), 50051, 50201, 9090),
        "heart-pulse": (("heart-pulse", "orchestrator"), 50052, 50202, 8080),
        "critic-agent": (("agent", "critic", "llm"), 50053, 50203, 8081),
        "validator-agent": (("agent", "validator", "llm"), 50054, 50204, 8082),
    }


def test_a_log_line_has_time_level_instance_and_message() -> None:
    record = logging.LogRecord("x", logging.WARNING, "", 0, "fault: %s", ("none",), None)
    record.created = 1_700_000_000.25
    assert LineFormatter("aol-core-1").format(record) == "2023-11-14T22:13:20.250Z warning aol-core-1 fault: none"
