"""Registration, discovery and watches on a real Consul."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from hp_tui.demo.consul_agent import ConsulAgent
from hp_tui.model.catalog import InstancesUpdate
from hp_tui.model.health import Health
from hp_tui.model.registration import CheckDefinition, ServiceDefinition
from hp_tui.registry import (
    ConsulServiceRegistry,
    GracefulShutdown,
    InvalidRegistrationError,
    NotOwnedError,
    ServiceNotFoundError,
    Subscription,
    WatchRules,
)

pytestmark = pytest.mark.integration

Eventually = Callable[..., Awaitable[Any]]
HEARTBEAT = "/v1/status/leader"


def service(number: int = 1, *, status: str = "passing", **changes: Any) -> ServiceDefinition:
    ttl = CheckDefinition("ttl", ttl=600, initial_status=status)
    definition = ServiceDefinition(
        "critic-agent", f"critic-{number}", "127.0.0.1", 50000 + number, ("agent", "llm"), {"version": "1.0"}, (ttl,)
    )
    return replace(definition, **changes)


async def until(updates: Subscription[Any], holds: Callable[[Any], bool], within: float = 20.0) -> Any:
    """The first update for which ``holds`` is true."""
    async with asyncio.timeout(within):
        async for update in updates:
            if holds(update):
                return update
    raise AssertionError("the watch ended")


async def test_registration_1_and_discovery_with_a_health_filter(consul: ConsulAgent) -> None:
    async with ConsulServiceRegistry(consul.http_addr) as registry:
        agent = await registry.agent()
        assert (agent.node, agent.server) == (consul.name, True)
        assert agent.version
        assert await registry.leader() == consul.rpc_addr
        assert agent.datacenter in await registry.datacenters()

        for _ in range(2):  # idempotent
            await registry.register(service(1, tagged_addresses={"health": ("127.0.0.1", 50203)}))
        await registry.register(service(2, status="warning", tags=("agent", "canary")))
        await registry.register(service(3, status="critical"))

        everyone = await registry.instances("critic-agent")
        assert [(one.id, one.health) for one in everyone] == [
            ("critic-1", Health.PASSING),
            ("critic-2", Health.WARNING),
            ("critic-3", Health.CRITICAL),
        ]
        assert everyone[0].endpoint == "127.0.0.1:50001"
        assert (everyone[0].version, everyone[0].node) == ("1.0", consul.name)
        assert [one.id for one in await registry.instances("critic-agent", passing_only=True)] == ["critic-1"]
        assert [one.id for one in await registry.instances("critic-agent", tag="canary")] == ["critic-2"]
        assert len(await registry.instances("critic-agent", near="_agent")) == 3
        assert await registry.instances("nobody") == ()

        names = {one.name: one.tags for one in await registry.services()}
        assert names["critic-agent"] == ("agent", "canary", "llm")
        counts = {one.name: one.summary() for one in await registry.service_counts() or ()}
        line = counts["critic-agent"]
        assert (line.passing, line.warning, line.critical) == (1, 1, 1)
        assert isinstance(await registry.intentions(), tuple)

        with pytest.raises(InvalidRegistrationError, match="port"):
            await registry.register(service(4, port=0))
        with pytest.raises(ServiceNotFoundError, match="nobody"):
            await registry.set_maintenance("nobody", True)
        await registry.deregister("nobody")
        assert len(await registry.instances("critic-agent")) == 3


async def test_registering_again_keeps_maintenance_and_health_and_drops_checks_no_longer_defined(
    consul: ConsulAgent,
) -> None:
    async with ConsulServiceRegistry(consul.http_addr) as registry:
        extra = CheckDefinition("old", ttl=600)
        await registry.register(service(1, checks=(*service().checks, extra)))
        await registry.set_maintenance("critic-1", True, "by hand")
        await registry.register(service(1, meta={"version": "1.1"}))
        (one,) = await registry.instances("critic-agent")
        assert one.version == "1.1"
        assert {check.id: check.status for check in one.checks if not check.node_level} == {
            "critic-1:ttl": Health.PASSING,
            "_service_maintenance:critic-1": Health.MAINTENANCE,
        }


async def test_a_watch_sees_arrival_health_maintenance_and_departure(consul: ConsulAgent) -> None:
    async with ConsulServiceRegistry(consul.http_addr) as registry, registry.watch_instances("critic-agent") as updates:
        first = await until(updates, lambda _: True)
        assert (first.instances, first.known, first.stale) == ((), False, False)

        await registry.register(service(1))
        arrived = await until(updates, lambda update: bool(update.instances))
        assert arrived.known
        assert arrived.instances[0].health is Health.PASSING

        await registry.pass_ttl("critic-1:ttl", Health.CRITICAL, "it hurts")
        critical: InstancesUpdate = await until(updates, lambda u: u.instances[0].health is Health.CRITICAL)
        assert "it hurts" in [check.output for check in critical.instances[0].checks]

        result = await registry.set_instance_maintenance(critical.instances[0], True, "looking into it")
        assert (result.way, result.comes_back) == ("agent", False)
        down = await until(updates, lambda u: u.instances[0].health is Health.MAINTENANCE)
        assert "looking into it" in [check.notes for check in down.instances[0].checks]

        result = await registry.deregister_instance(down.instances[0])
        assert result.way == "agent"
        gone = await until(updates, lambda u: not u.instances)
        assert not gone.known


async def test_a_watch_of_services_sees_names_come_and_go(consul: ConsulAgent) -> None:
    async with ConsulServiceRegistry(consul.http_addr) as registry, registry.watch_services() as updates:
        await until(updates, lambda u: [one.name for one in u.services] == ["consul"])
        await registry.register(service(1))
        await until(updates, lambda u: "critic-agent" in [one.name for one in u.services])
        await registry.deregister("critic-1")
        await until(updates, lambda u: "critic-agent" not in [one.name for one in u.services])


async def test_watch_3_a_thousand_changes_publish_a_bounded_number_and_end_on_the_truth(consul: ConsulAgent) -> None:
    rules = WatchRules(burst=2, interval=0.2)
    async with ConsulServiceRegistry(consul.http_addr, rules=rules) as registry:
        await registry.register(service(1))
        published = 0
        loop = asyncio.get_running_loop()
        async with registry.watch_instances("critic-agent") as updates:
            began = loop.time()

            async def change() -> None:
                for number in range(1000):
                    await registry.pass_ttl("critic-1:ttl", Health.PASSING, f"change {number}")
                await registry.pass_ttl("critic-1:ttl", Health.WARNING, "the last")

            changing = asyncio.create_task(change())
            async with asyncio.timeout(60):
                async for update in updates:
                    published += 1
                    if update.instances[0].health is Health.WARNING:
                        break
            await changing
        assert published <= 2 + (loop.time() - began) / rules.interval + 1


async def test_watch_7_many_readers_share_one_watcher(consul: ConsulAgent, eventually: Eventually) -> None:
    async with ConsulServiceRegistry(consul.http_addr) as registry:
        readers = [registry.watch_instances("critic-agent") for _ in range(20)]
        await asyncio.gather(*(until(reader, lambda _: True) for reader in readers))
        assert registry.watch_count == 1
        await registry.register(service(1))
        seen = await asyncio.gather(*(until(reader, lambda u: bool(u.instances)) for reader in readers))
        assert len({update.index for update in seen}) == 1
        for reader in readers:
            await reader.aclose()
        assert registry.watch_count == 0


def connections_to(address: str) -> int:
    """Established TCP connections to a loopback port, from the kernel's own table."""
    port = f":{int(address.rpartition(':')[2]):04X}"
    rows = (line.split() for line in Path("/proc/net/tcp").read_text("ascii").splitlines()[1:])
    return sum(1 for row in rows if row[2].endswith(port) and row[3] == "01")


async def test_watch_7_more_watches_than_connections_all_see_their_change(consul: ConsulAgent) -> None:
    async with ConsulServiceRegistry(consul.http_addr) as registry:
        names = [f"service-{number}" for number in range(60)]
        watches = [registry.watch_instances(name) for name in names]
        await asyncio.gather(*(until(watch, lambda _: True) for watch in watches))
        most = 0

        async def register_all() -> None:
            nonlocal most
            for number, name in enumerate(names):
                await registry.register(service(number + 1, name=name))
                most = max(most, connections_to(consul.http_addr))

        registering = asyncio.create_task(register_all())
        await asyncio.gather(*(until(watch, lambda u: bool(u.instances)) for watch in watches))
        await registering
        assert registry.watch_count == 60
        assert 26 <= most < 40


async def test_a_service_name_no_url_can_carry_is_an_error_in_the_update_not_an_exception(consul: ConsulAgent) -> None:
    async with ConsulServiceRegistry(consul.http_addr) as registry, registry.watch_instances("a//b") as updates:
        update = await until(updates, lambda _: True)
        assert (update.stale, update.at) == (True, 0.0)
        assert "a//b" in update.error


async def test_an_instance_of_no_agent_is_taken_out_of_the_catalog_for_good(consul: ConsulAgent) -> None:
    async with ConsulServiceRegistry(consul.http_addr) as registry:
        await registry._connection.put(
            "/v1/catalog/register",
            (),
            {"Node": "mainframe", "Address": "127.0.0.9", "Service": {"ID": "db-1", "Service": "db", "Port": 1}},
        )
        (one,) = await registry.instances("db")
        assert one.endpoint == "127.0.0.9:1"
        with pytest.raises(NotOwnedError, match="mainframe"):
            await registry.set_instance_maintenance(one, True)
        result = await registry.deregister_instance(one)
        assert (result.way, result.comes_back) == ("catalog", False)
        assert await registry.instances("db") == ()


async def test_registration_3_a_shutdown_is_seen_as_maintenance_before_it_is_seen_as_gone(consul: ConsulAgent) -> None:
    log: list[str] = []

    async def set_serving(serving: bool) -> None:
        log.append(f"serving {serving}")

    async def drain(_: float) -> None:
        log.append("drain")

    async with ConsulServiceRegistry(consul.http_addr) as registry, registry.watch_instances("critic-agent") as updates:
        async with registry.keep_registered(service(1), interval=1.0) as kept:
            await kept.wait_registered(10)
            await until(updates, lambda u: bool(u.instances))
            shutdown = GracefulShutdown(
                registry,
                kept,
                service="critic-agent",
                service_id="critic-1",
                set_serving=set_serving,
                drain=drain,
                notice=0.5,
            )
            running = asyncio.create_task(shutdown.run())
            await until(updates, lambda u: u.instances[0].health is Health.MAINTENANCE)
            assert log == ["serving False"]
            await until(updates, lambda u: not u.instances)
            report = await running
        assert (report.announced, report.deregistered) == (True, True)
        assert log == ["serving False", "drain"]
        assert await registry.instances("critic-agent") == ()


async def test_watch_8_the_overview_asks_for_no_instances_however_many_change(
    consul: ConsulAgent, eventually: Eventually, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with ConsulServiceRegistry(consul.http_addr) as writer, ConsulServiceRegistry(consul.http_addr) as registry:
        asked: list[str] = []
        get = registry._connection.get

        async def recorded(path: str, *args: Any, **options: Any) -> Any:
            asked.append(path)
            return await get(path, *args, **options)

        monkeypatch.setattr(registry._connection, "get", recorded)
        async with registry.watch_services() as overview:
            for number in range(20):
                await writer.register(service(number, name=f"service-{number}"))
            await until(overview, lambda update: len(update.services) == 21)  # and consul itself
            for number in range(20):
                await writer.pass_ttl(f"critic-{number}:ttl", Health.CRITICAL, "changed")
            await writer.register(service(99, name="the-last"))
            await until(overview, lambda update: len(update.services) == 22)
            assert set(asked) <= {"/v1/catalog/services", HEARTBEAT}
            assert asked.count("/v1/catalog/services") < 30
            # Looking at one service asks for that one.
            asked.clear()
            async with registry.watch_instances("service-7") as one:
                update = await until(one, lambda update: bool(update.instances))
            assert update.instances[0].health is Health.CRITICAL
            assert set(asked) - {"/v1/catalog/services", HEARTBEAT} == {"/v1/health/service/service-7"}
