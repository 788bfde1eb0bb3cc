"""What Consul would refuse, or would not understand, is refused before anything is sent."""

from __future__ import annotations

import math
from typing import Any

import pytest
from msgspec.structs import replace

from hp_tui.model.registration import CheckDefinition, ServiceDefinition
from hp_tui.registry import ConfigurationError, ConsulServiceRegistry, InvalidRegistrationError, WatchRules

NAN = math.nan
GOOD = ServiceDefinition("api", "api-1", "127.0.0.1", 1, checks=(CheckDefinition("t", tcp="h:1"),))

REGISTRY: dict[str, list[Any]] = {
    "address": [None, 5, "", "host", "host:", "host:x", "host:70000", "host:0", "ftp://host:1", "[::1]", "a b:1"],
    "token": ["a b", 5, None, "\u00e4"],
    "datacenter": [5, None],
    "timeout": [0, -1, NAN, math.inf, "x", None, True],
    "wait": [0, 601, NAN, "x", None],
    "rules": ["x", 5],
}
RULES: dict[str, list[Any]] = {
    "burst": [0, -1, 1.5, "x", NAN, None, True],
    "interval": [-1, NAN, "x", 3601],
    "first_backoff": [-1, None],
    "max_backoff": [NAN, "60"],
    "drop_every": [-1],
}
DEFINITION: dict[str, list[Any]] = {
    "name": [None, 5, "", "a b", "a_b", "-a", "a" * 64],
    "id": [None, 5, "", " ", "a//b", "..", "a/../b"],
    "address": [None, 5, "host:1"],
    "port": ["1", 1.5, True, None, 0, 65536],
    "tags": ["agent", (5,), None, ("",)],
    "meta": [{"a": 5}, None, {5: "a"}, {"a b": "c"}],
    "tagged_addresses": [{"lan": ("host", "1")}],
    "deregister_after": ["x", None, NAN, 59, -1],
    "checks": [("x",), None, "x"],
}
CHECK: dict[str, list[Any]] = {
    "interval": ["x", NAN, 0, None],
    "timeout": [NAN, "x", -1],
    "tcp": ["host", "host:", "host:70000", "host:0", ":1", "host:\u0661"],
    "initial_status": ["fine"],
    "success_before_passing": [-1, 1.5, "1"],
}


def cases(table: dict[str, list[Any]]) -> list[tuple[str, Any]]:
    return [(name, value) for name, values in table.items() for value in values]


@pytest.mark.parametrize(("name", "value"), cases(REGISTRY))
def test_a_registry_refuses_what_it_cannot_use(name: str, value: Any) -> None:
    with pytest.raises(ConfigurationError, match="expected") as refused:
        ConsulServiceRegistry(**{name: value})
    assert name in str(refused.value)
    assert name == "token" or repr(value) in str(refused.value)  # a secret is not repeated


@pytest.mark.parametrize(("name", "value"), cases(RULES))
def test_watch_rules_refuse_numbers_out_of_range(name: str, value: Any) -> None:
    with pytest.raises(ValueError, match=rf"^{name} is .*; expected") as refused:
        WatchRules(**{name: value})
    assert repr(value) in str(refused.value)


@pytest.mark.parametrize(("name", "value"), cases(DEFINITION))
def test_a_definition_of_the_wrong_types_or_ranges_is_refused(name: str, value: Any) -> None:
    with pytest.raises(InvalidRegistrationError, match="expected") as refused:
        ConsulServiceRegistry().keep_registered(replace(GOOD, **{name: value}))
    assert name.removesuffix("s") in str(refused.value)


@pytest.mark.parametrize(("name", "value"), cases(CHECK))
def test_a_check_of_the_wrong_types_or_ranges_is_refused(name: str, value: Any) -> None:
    check = replace(GOOD.checks[0], **{name: value})
    with pytest.raises(InvalidRegistrationError, match=f"check 't' {name} is .*; expected"):
        ConsulServiceRegistry().keep_registered(replace(GOOD, checks=(check,)))


@pytest.mark.parametrize("service", ["", " ", None, 5, "a\nb", "\x1b[2J", ".", "..", "a//b"])
async def test_a_service_name_consul_would_refuse_is_refused_when_it_is_asked_for(service: Any) -> None:
    async with ConsulServiceRegistry() as registry:
        if not isinstance(service, str) or not service.strip():  # others may come from a catalog: see the watch's tests
            with pytest.raises(ConfigurationError, match=r"service name .*: expected"):
                registry.watch_instances(service)
        with pytest.raises(ConfigurationError, match=r"service name .*: expected"):
            await registry.instances(service)
        assert registry.watch_count == 0


@pytest.mark.parametrize("interval", [0, NAN, "x", None, 301])
def test_intervals_out_of_range_are_refused(interval: Any) -> None:
    with pytest.raises(ConfigurationError, match=r"interval is .*; expected 0.1 to 300 seconds"):
        ConsulServiceRegistry().keep_registered(GOOD, interval)
