"""Names as they are: quoted once, on a real agent, whatever is in them."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hp_tui.demo.consul_agent import ConsulAgent
from hp_tui.model.health import Health
from hp_tui.model.registration import CheckDefinition, ServiceDefinition
from hp_tui.registry import ConsulServiceRegistry
from hp_tui.registry.urls import in_url

pytestmark = pytest.mark.integration

NAMES = st.text(st.sampled_from("a/%2F #?&=+é日;:@'\"\\.~"), min_size=1, max_size=12).filter(
    lambda name: in_url(name) and name == name.strip() and not name.endswith("/")
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(name=NAMES, key=NAMES)
def test_ids_checks_and_keys_are_what_they_were_called(consul: ConsulAgent, name: str, key: str) -> None:
    asyncio.run(_round_trip(consul.http_addr, name, key))


async def _round_trip(address: str, name: str, key: str) -> None:
    check = CheckDefinition(f"ttl {name}", ttl=600)
    async with ConsulServiceRegistry(address) as registry:
        await registry.register(ServiceDefinition("names", name, "127.0.0.1", 1, checks=(check,)))
        await registry.pass_ttl(f"{name}:{check.name}")
        async with asyncio.timeout(20):
            while [one.health for one in await registry.instances("names") if one.id == name] != [Health.PASSING]:
                await asyncio.sleep(0.01)
        await registry.set_maintenance(name, True, "why #1?")
        await registry.set_maintenance(name, False)
        await registry.deregister(name)
        async with asyncio.timeout(20):
            while any(one.id == name for one in await registry.instances("names")):
                await asyncio.sleep(0.01)
        entry = await registry.kv.put(key, "x", cas=0)
        assert await registry.kv.keys() == (key,)
        assert await registry.kv.get(key) == entry
        async with registry.lock(f"{key}!") as lock:
            assert lock.held
        await registry.kv.delete_prefix("", {one.key: one.modify_index for one in await registry.kv.entries()})
