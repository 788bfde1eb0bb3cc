"""What may be registered, and how it is sent."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from hp_tui.model.registration import CheckDefinition, ServiceDefinition
from hp_tui.registry import InvalidRegistrationError
from hp_tui.registry.definition import matches, payload, validate

GRPC = CheckDefinition("grpc", grpc="127.0.0.1:50051")
GOOD = ServiceDefinition("critic-agent", "critic-1", "127.0.0.1", 50053, ("agent",), {"version": "1"}, (GRPC,))


def test_registration_1_the_payload_carries_all_of_it() -> None:
    http = CheckDefinition("http", http="http://127.0.0.1:1/health", interval=0.5, failures_before_critical=2)
    addresses = {"health": ("127.0.0.1", 50203)}
    body = payload(replace(GOOD, checks=(GRPC, http), tagged_addresses=addresses, connect_native=True))
    assert (body["ID"], body["Name"], body["Port"], body["Tags"]) == ("critic-1", "critic-agent", 50053, ["agent"])
    assert body["TaggedAddresses"] == {"health": {"Address": "127.0.0.1", "Port": 50203}}
    assert body["Connect"] == {"Native": True}
    first, second = body["Checks"]
    assert first == {
        "CheckID": "critic-1:grpc",
        "Name": "grpc",
        "Notes": "grpc 127.0.0.1:50051, every 10 s, at most 5 s",
        "Interval": "10000ms",
        "Timeout": "5000ms",
        "GRPC": "127.0.0.1:50051",
        "DeregisterCriticalServiceAfter": "60000ms",
    }
    assert (second["Interval"], second["FailuresBeforeCritical"]) == ("500ms", 2)


@pytest.mark.parametrize("address", ["0.0.0.0", "::", ""])
def test_who_listens_everywhere_registers_the_agents_own_address(address: str) -> None:
    definition = replace(GOOD, address=address)
    assert payload(definition)["Address"] == ""
    assert matches(definition, {**payload(definition), "Service": GOOD.name})


def test_never_deregistering_sends_nothing_about_it() -> None:
    assert "DeregisterCriticalServiceAfter" not in payload(replace(GOOD, deregister_after=0))["Checks"][0]


@pytest.mark.parametrize(
    "change",
    [
        {"name": ""},
        {"name": "under_score"},
        {"name": "-x"},
        {"name": "x" * 64},
        {"name": "a.b"},
        {"id": ""},
        {"id": "/a"},
        {"id": "a//b"},
        {"id": "a\n"},
        {"address": "http://h"},
        {"address": "h:1"},
        {"tagged_addresses": {"health": ("0.0.0.0", 1)}},
        {"address": "a b"},
        {"port": 0},
        {"port": 65536},
        {"port": -1},
        {"tags": ("",)},
        {"tags": ("a\x1b",)},
        {"meta": {"a b": "1"}},
        {"meta": {"consul-x": "1"}},
        {"meta": {"k": "v" * 513}},
        {"meta": {str(number): "" for number in range(65)}},
        {"tagged_addresses": {"health": ("h", 0)}},
        {"deregister_after": 59.9},
        {"deregister_after": -1},
        {"deregister_after": float("nan")},
        {"checks": (CheckDefinition("none"),)},
        {"checks": (CheckDefinition("two", grpc="h:1", tcp="h:1"),)},
        {"checks": (GRPC, GRPC)},
        {"checks": (CheckDefinition("", tcp="h:1"),)},
        {"checks": (CheckDefinition("t", tcp="h"),)},
        {"checks": (CheckDefinition("h", http="h:1"),)},
        {"checks": (CheckDefinition("i", tcp="h:1", interval=0),)},
        {"checks": (CheckDefinition("s", tcp="h:1", initial_status="fine"),)},
        {"checks": (CheckDefinition("f", tcp="h:1", failures_before_critical=-1),)},
    ],
)
def test_a_definition_consul_or_dns_would_refuse_names_the_field(change: dict[str, Any]) -> None:
    with pytest.raises(InvalidRegistrationError, match="expected") as caught:
        validate(replace(GOOD, **change))
    field = next(iter(change)).removesuffix("s")
    assert field in str(caught.value)
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize("address", ["", "10.0.0.1", "::1", "fe80::1%eth0", "critic.internal", "critic_1"])
def test_addresses_others_can_use_are_taken(address: str) -> None:
    validate(replace(GOOD, address=address))


def test_registration_2_only_a_real_difference_counts_as_one() -> None:
    stored = {"Service": "critic-agent", "Address": "127.0.0.1", "Port": 50053, "Tags": ["agent"]}
    assert matches(GOOD, stored | {"Meta": {"version": "1"}})
    assert not matches(GOOD, stored | {"Meta": {"version": "2"}})
    assert not matches(GOOD, stored | {"Meta": {"version": "1"}, "Port": 1})
    tagged = replace(GOOD, tagged_addresses={"health": ("h", 1)})
    own = {"lan_ipv4": {"Address": "127.0.0.1", "Port": 50053}}
    whole = stored | {"Meta": {"version": "1"}}
    assert matches(tagged, whole | {"TaggedAddresses": own | {"health": {"Address": "h", "Port": 1}}})
    assert not matches(tagged, whole | {"TaggedAddresses": own})
    assert matches(replace(GOOD, tags=(), meta={}), stored | {"Tags": None, "Meta": None})
