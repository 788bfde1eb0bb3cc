"""Three servers of which two are gone: who comes now still learns what there was, as old as it is."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from hp_tui.model.registration import ServiceDefinition
from hp_tui.registry import ConsulServiceRegistry, NoLeaderError, Subscription, WatchRules
from tests.integration.consul_cluster import ConsulCluster

pytestmark = pytest.mark.integration


async def until(updates: Subscription[Any], holds: Callable[[Any], bool]) -> Any:
    async with asyncio.timeout(60):
        async for update in updates:
            if holds(update):
                return update
    raise AssertionError("the watch ended")


async def test_watch_6_without_a_leader_a_new_watch_shows_what_is_left_and_comes_back_with_the_leader(
    consul_cluster: ConsulCluster, eventually: Callable[..., Awaitable[Any]]
) -> None:
    left, *others = consul_cluster.servers
    async with ConsulServiceRegistry(left.http_addr) as before:
        await before.register(ServiceDefinition("api", "api-1", "127.0.0.1", 1))
        await eventually(lambda: _knows_api(before), what="this very server has the registration")
        for server in others:
            await server.stop()
        await eventually(lambda: _leaderless(before), within=60)
    async with ConsulServiceRegistry(left.http_addr, timeout=20, rules=WatchRules(max_backoff=1.0)) as registry:
        services, instances = registry.watch_services(), registry.watch_instances("api")
        old = await until(services, lambda update: bool(update.services))
        assert (old.stale, [one.name for one in old.services]) == (True, ["api", "consul"])
        assert "no leader" in old.error
        held = await until(instances, lambda update: bool(update.instances))
        assert (held.stale, [one.id for one in held.instances]) == (True, ["api-1"])
        with pytest.raises(NoLeaderError, match="no leader"):
            await registry.kv.put("a", "1", cas=0)
        for server in others:
            await server.start(wait=False)
        assert (await until(instances, lambda update: not update.stale)).instances
        assert (await until(services, lambda update: not update.stale)).services


async def _leaderless(registry: ConsulServiceRegistry) -> bool:
    return await registry.leader() == ""


async def _knows_api(registry: ConsulServiceRegistry) -> bool:
    return bool((await registry._connection.get("/v1/health/service/api", [("stale", "")])).json())
