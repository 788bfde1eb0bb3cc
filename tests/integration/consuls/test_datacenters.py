"""Two datacenters: an agent registers in its own only, and an unknown one is named."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from hp_tui.demo.consul_agent import ConsulAgent
from hp_tui.model.registration import ServiceDefinition
from hp_tui.registry import ConsulResponseError, ConsulServiceRegistry, WrongDatacenterError

pytestmark = pytest.mark.integration

Eventually = Callable[..., Awaitable[Any]]
ONE = ServiceDefinition("api", "api-1", "127.0.0.1", 1)


async def test_registering_in_another_datacenter_is_refused_and_reading_there_works(
    consul_binary: Path, tmp_path: Path, eventually: Eventually
) -> None:
    async with ConsulAgent(consul_binary, tmp_path / "one", datacenter="dc1", name="n1") as here:
        joined = {"retry_join_wan": [here.wan_addr], "retry_interval_wan": "1s"}
        async with ConsulAgent(consul_binary, tmp_path / "two", datacenter="dc2", name="n2", extra=joined) as there:
            async with ConsulServiceRegistry(there.http_addr) as local:
                await local.register(ONE)
            async with (
                ConsulServiceRegistry(here.http_addr, datacenter="dc2") as remote,
                ConsulServiceRegistry(here.http_addr, datacenter="dc1") as own,
                ConsulServiceRegistry(here.http_addr, datacenter="dc9") as nowhere,
            ):
                await eventually(lambda: _both(own))
                assert [one.node for one in await remote.instances("api")] == ["n2"]
                for ask in (remote.register(ONE), remote.deregister("api-1"), remote.set_maintenance("api-1", True)):
                    with pytest.raises(
                        WrongDatacenterError, match="in datacenter 'dc2' cannot be asked of an agent in 'dc1'"
                    ):
                        await ask
                async with remote.keep_registered(ONE, interval=0.2) as registration:
                    await eventually(lambda: registration.error)
                    assert "an agent registers in its own only" in registration.error
                await own.register(ONE)
                await own.deregister("api-1")
                with pytest.raises(ConsulResponseError, match="does not know or reach that datacenter"):
                    await nowhere.services()
                assert [one.node for one in await remote.instances("api")] == ["n2"]


async def _both(registry: ConsulServiceRegistry) -> bool:
    return set(await registry.datacenters()) == {"dc1", "dc2"}
