"""A service that listens everywhere, beside an agent that others know by another address than loopback."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from hp_tui.demo.consul_agent import ConsulAgent
from hp_tui.model.registration import CheckDefinition, ServiceDefinition
from hp_tui.registry import ConsulServiceRegistry

pytestmark = pytest.mark.integration


@pytest.mark.parametrize("address", ["0.0.0.0", "::"])
async def test_registration_1_it_is_found_at_the_address_the_agent_advertises(
    make_consul: Callable[..., ConsulAgent], eventually: Callable[..., Awaitable[Any]], address: str
) -> None:
    consul = make_consul(bind_addr="127.0.0.5", client_addr="127.0.0.1")
    await consul.start()
    definition = ServiceDefinition("api", "api-1", address, 50001, checks=(CheckDefinition("ttl", ttl=600),))
    async with (
        ConsulServiceRegistry(consul.http_addr) as registry,
        registry.keep_registered(definition, interval=0.2) as registration,
    ):
        await registration.wait_registered(20)
        (one,) = await eventually(lambda: registry.instances("api"))
        assert one.endpoint == "127.0.0.5:50001"
        before = registry.last_good
        await eventually(lambda: registry.last_good != before)
        assert registration.registrations == 1  # and nothing differs from what it wants
