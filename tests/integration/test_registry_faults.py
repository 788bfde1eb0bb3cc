"""Consul that stops, hangs, forgets, and loses its leader."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from hp_tui.demo.consul_agent import ConsulAgent
from hp_tui.model.catalog import InstancesUpdate
from hp_tui.model.registration import CheckDefinition, ServiceDefinition
from hp_tui.registry import (
    ConsulServiceRegistry,
    ConsulUnreachableError,
    LinkStatus,
    NoLeaderError,
    RegistryClosedError,
    Subscription,
    WatchRules,
)
from tests.integration.consul_cluster import ConsulCluster

pytestmark = pytest.mark.integration

Eventually = Callable[..., Awaitable[Any]]
QUICK = WatchRules(first_backoff=0.1, max_backoff=0.5)
ONE = ServiceDefinition(
    "api", "api-1", "127.0.0.1", 50001, checks=(CheckDefinition("ttl", ttl=600, initial_status="passing"),)
)


class Newest:
    """The newest update of a watch, read in the background."""

    def __init__(self, updates: Subscription[Any]) -> None:
        self.updates = updates
        self.value: Any = None
        self.task = asyncio.create_task(self._read())

    async def _read(self) -> None:
        with contextlib.suppress(RegistryClosedError):  # at the end of each test
            async for update in self.updates:
                self.value = update

    @property
    def instances(self) -> InstancesUpdate:
        assert isinstance(self.value, InstancesUpdate)
        return self.value

    def fresh(self) -> bool:
        return self.value is not None and not self.value.stale and bool(self.value.instances)

    def stale(self) -> bool:
        return self.value is not None and self.value.stale


async def test_watch_4_consul_killed_and_back(consul: ConsulAgent, eventually: Eventually) -> None:
    async with ConsulServiceRegistry(consul.http_addr, rules=QUICK) as registry:
        await registry.register(ONE)
        newest = Newest(registry.watch_instances("api"))
        await eventually(newest.fresh)
        good = newest.instances
        await consul.stop()
        await eventually(newest.stale)
        assert (newest.instances.instances, newest.instances.at) == (good.instances, good.at)
        assert consul.http_addr in newest.instances.error
        with pytest.raises(ConsulUnreachableError, match="refused"):
            await registry.services()
        await consul.start()  # the agent has its services on disk
        await eventually(newest.fresh)
        assert newest.instances.error == ""


async def test_registration_2_an_agent_back_with_an_empty_state_is_told_again(
    consul: ConsulAgent, eventually: Eventually, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="hp_tui.registry")
    async with (
        ConsulServiceRegistry(consul.http_addr, rules=QUICK) as registry,
        registry.keep_registered(ONE, interval=5.0) as kept,
    ):
        await kept.wait_registered(10)
        newest = Newest(registry.watch_instances("api"))
        await eventually(newest.fresh)
        await consul.restart(wipe=True)
        await eventually(lambda: kept.registrations == 2 and newest.fresh())
        index = newest.instances.instances[0].create_index
        await registry.deregister("api-1")  # somebody else's mistake
        await eventually(lambda: newest.fresh() and newest.instances.instances[0].create_index > index)
        assert kept.registrations == 3
    assert "Serving anyway" in caplog.text


async def test_registration_2_a_quiet_life_registers_once(consul: ConsulAgent, eventually: Eventually) -> None:
    async with ConsulServiceRegistry(consul.http_addr) as registry:
        async with registry.keep_registered(ONE, interval=0.2) as kept:
            await kept.wait_registered(10)
            newest = Newest(registry.watch_instances("api"))
            await eventually(newest.fresh)
            looks = registry.last_good
            await eventually(lambda: (registry.last_good or 0) > (looks or 0) + 1.0)  # several intervals
            assert kept.registrations == 1
            assert newest.instances.instances[0].create_index == newest.instances.instances[0].modify_index
        assert await registry.instances("api") == ()


async def test_registration_4_a_start_without_consul_keeps_trying(
    make_consul: Callable[..., ConsulAgent], eventually: Eventually, caplog: pytest.LogCaptureFixture
) -> None:
    consul = make_consul()
    async with (
        ConsulServiceRegistry(consul.http_addr) as registry,
        registry.keep_registered(ONE, interval=1.0) as kept,
    ):
        await eventually(lambda: kept.error)
        assert not kept.registered
        assert "api-1 is not registered" in caplog.text
        assert consul.http_addr in caplog.text
        await consul.start()
        await kept.wait_registered(20)
        assert kept.error == ""
    assert caplog.text.count("is not registered") <= 4  # once a cause, not once a try


async def test_watch_9_an_agent_that_hangs_is_noticed_and_forgiven(consul: ConsulAgent, eventually: Eventually) -> None:
    async with ConsulServiceRegistry(consul.http_addr, timeout=1.0, rules=QUICK) as registry:
        await registry.register(ONE)
        newest = Newest(registry.watch_instances("api"))
        link = Newest(registry.watch_link())
        await eventually(newest.fresh)
        await eventually(lambda: isinstance(link.value, LinkStatus) and link.value.ok)
        consul.pause()
        try:
            await eventually(newest.stale, within=5)
            assert "no answer within" in newest.instances.error
            assert newest.instances.instances
            with pytest.raises(ConsulUnreachableError, match="no answer within 1 s"):
                await registry.services()
        finally:
            consul.resume()
        await eventually(newest.fresh)
        assert link.value.ok


async def test_reconnect_ends_a_long_backoff(consul: ConsulAgent, eventually: Eventually) -> None:
    rules = WatchRules(first_backoff=60.0)
    async with ConsulServiceRegistry(consul.http_addr, rules=rules) as registry:
        await registry.register(ONE)
        newest = Newest(registry.watch_instances("api"))
        await eventually(newest.fresh)
        await consul.stop()
        await eventually(newest.stale)
        await consul.start()
        assert newest.stale()
        registry.reconnect()
        await eventually(newest.fresh, within=5)


async def test_a_server_without_a_leader(make_consul: Callable[..., ConsulAgent], eventually: Eventually) -> None:
    lonely = make_consul(bootstrap_expect=3, performance={"raft_multiplier": 1, "rpc_hold_timeout": "1s"})
    await lonely.start(wait=False)
    async with ConsulServiceRegistry(lonely.http_addr, rules=QUICK) as registry:
        await eventually(lambda: _answers(registry))
        assert await registry.leader() == ""
        status = await registry.probe()
        assert (status.ok, status.error) == (False, "")
        with pytest.raises(NoLeaderError, match="no leader"):
            await registry.services()
        with pytest.raises(NoLeaderError):
            await registry.kv.put("a", "b", cas=0)
        newest = Newest(registry.watch_instances("api"))
        await eventually(newest.stale)
        assert (newest.instances.instances, newest.instances.at) == ((), 0.0)
        assert "no leader" in newest.instances.error


async def _answers(registry: ConsulServiceRegistry) -> bool:
    return not (await registry.probe()).error


@pytest.mark.parametrize("allow_stale", [False, True])
async def test_three_servers_whose_leader_is_killed_and_comes_back(
    consul_cluster: ConsulCluster, eventually: Eventually, allow_stale: bool
) -> None:
    servers = {server.rpc_addr: server for server in consul_cluster.servers}
    async with ConsulServiceRegistry(consul_cluster.servers[0].http_addr) as any_server:
        leader = servers[await any_server.leader()]
    followers = [server for server in consul_cluster.servers if server is not leader]
    rules = WatchRules(first_backoff=0.1, max_backoff=0.5, allow_stale=allow_stale)
    async with ConsulServiceRegistry(followers[0].http_addr, rules=rules) as registry:
        await registry.register(ONE)
        newest = Newest(registry.watch_instances("api"))
        await eventually(newest.fresh)
        emptied: list[InstancesUpdate] = []

        async def audit() -> None:
            async for update in registry.watch_instances("api"):
                emptied.extend([update] if not update.instances else [])

        auditing = asyncio.create_task(audit())
        await leader.stop()
        await eventually(lambda: _leads(registry, leader.rpc_addr), within=40, what="a new leader")
        await eventually(newest.fresh)
        await registry.set_maintenance("api-1", True)
        await eventually(lambda: newest.instances.instances[0].health == "maintenance")
        await leader.start()
        await eventually(newest.fresh)
        await followers[1].stop()
        await followers[0].ready()
        await eventually(newest.fresh)
        assert emptied == []  # Watch 5: never an empty set because nobody led
        auditing.cancel()


async def _leads(registry: ConsulServiceRegistry, old: str) -> bool:
    status = await registry.probe()
    return status.ok and status.leader != old
