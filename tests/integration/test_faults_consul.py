"""Consul dies, hangs, forgets or changes its leader while calls are under way between processes it knows."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path

import pytest

from hp_tui.balancer import LoadBalancedGRPCClient, NoHealthyEndpointsError
from hp_tui.demo.consul_agent import ConsulAgent
from hp_tui.heartpulse.faults import Fault
from hp_tui.heartpulse.protos.critic_pb2 import CritiqueRequest
from hp_tui.heartpulse.protos.critic_pb2_grpc import CriticAgentStub
from hp_tui.model.balancing import EndpointRemoved
from hp_tui.registry import ConsulServiceRegistry, WatchRules
from tests.integration.consul_cluster import ConsulCluster
from tests.integration.fault_stage import SERVICE, Critics, Load, all_in_use, critics
from tests.integration.fleet_processes import Eventually

pytestmark = pytest.mark.integration

Figures = Callable[[Mapping[str, object]], None]
QUICK = WatchRules(first_backoff=0.1, max_backoff=0.5)


@pytest.fixture
async def registry(consul: ConsulAgent) -> AsyncIterator[ConsulServiceRegistry]:
    async with ConsulServiceRegistry(consul.http_addr, rules=QUICK) as registry:
        yield registry


@pytest.fixture
async def three(
    consul: ConsulAgent, registry: ConsulServiceRegistry, tmp_path: Path, eventually: Eventually
) -> AsyncIterator[Critics]:
    async with critics(tmp_path, consul.http_addr, registry, eventually) as three:
        yield three


async def test_watch_4_calls_go_on_without_consul_and_endpoints_live_again_with_it(
    consul: ConsulAgent,
    registry: ConsulServiceRegistry,
    three: Critics,
    eventually: Eventually,
    figures: Figures,
) -> None:
    async with LoadBalancedGRPCClient(SERVICE, registry) as client:
        await all_in_use(client, eventually)
        async with Load(client, callers=8) as load:
            await load.more(50)
            killed = load.now()
            await consul.stop()  # SIGKILL
            await eventually(lambda: client.snapshot().stale)
            noticed = load.now() - killed
            await load.more(500)
            without = client.snapshot()
            await consul.start()  # the same ports, the same data
            started = load.now()
            await eventually(lambda: not client.snapshot().stale)
            fresh = load.now() - started
            await all_in_use(client, eventually)
            await load.served_by(*three.ids)
            whole = load.now() - started
        figures(
            load.figures()
            | {"stale after ms": round(noticed * 1000), "fresh after ms": round(fresh * 1000)}
            | {"all in use after ms": round(whole * 1000)}
            | load.flaps()
        )
        assert len(without.endpoints) == 3
        assert consul.http_addr in without.error
        assert load.failures == []
        assert load.flaps()["removed"] == 0


async def test_balancer_6_all_critical_says_so_and_panic_mode_calls_them_anyway(
    registry: ConsulServiceRegistry, three: Critics, eventually: Eventually, figures: Figures
) -> None:
    careful = LoadBalancedGRPCClient(SERVICE, registry, panic_threshold=None)
    panicky = LoadBalancedGRPCClient(SERVICE, registry)
    async with careful, panicky:
        await all_in_use(careful, eventually)
        await all_in_use(panicky, eventually)
        await asyncio.gather(*(three.fault(name, Fault(unhealthy=True)) for name in three.ids))
        await eventually(lambda: not careful._rotation.picker.backends and not panicky._rotation.picker.backends)
        with pytest.raises(
            NoHealthyEndpointsError, match=r"none of its 3 instances is passing \(3 critical\)"
        ) as error:
            await careful.call(CriticAgentStub, "Critique", CritiqueRequest(text="x"), timeout=0.3)
        for name in three.ids:
            assert f"{name} ({three.address(name)}): critical in Consul" in str(error.value)
        async with Load(panicky, callers=4) as load:
            await load.more(100)
            await asyncio.gather(*(three.fault(name, three.heal()) for name in three.ids))
            await all_in_use(panicky, eventually)
            await load.served_by(*three.ids)
        figures(load.figures() | {"error": str(error.value)})
        assert load.failures == []
        await all_in_use(careful, eventually)
        await careful.call(CriticAgentStub, "Critique", CritiqueRequest(text="x"), timeout=5)


async def test_watch_5_a_leader_killed_and_back_costs_no_call_and_no_endpoint(
    consul_cluster: ConsulCluster, tmp_path: Path, eventually: Eventually, figures: Figures
) -> None:
    servers = {server.rpc_addr: server for server in consul_cluster.servers}
    async with ConsulServiceRegistry(consul_cluster.servers[0].http_addr) as any_server:
        leader = servers[await any_server.leader()]
    follower = next(server for server in consul_cluster.servers if server is not leader)
    async with (
        ConsulServiceRegistry(follower.http_addr, rules=QUICK) as registry,
        critics(tmp_path, follower.http_addr, registry, eventually) as three,
        LoadBalancedGRPCClient(SERVICE, registry) as client,
    ):
        await all_in_use(client, eventually)
        async with Load(client, callers=8) as load:
            await load.more(50)
            killed = load.now()
            await leader.stop()

            async def another() -> bool:
                status = await registry.probe()
                return status.ok and status.leader != leader.rpc_addr

            await eventually(another, within=40, what="a new leader")
            elected = load.now() - killed
            await eventually(lambda: not client.snapshot().stale)
            await leader.start()
            await load.more(200)
            await all_in_use(client, eventually)
            await load.served_by(*three.ids)
        figures(load.figures() | {"new leader after s": round(elected, 1)} | load.flaps())
        assert load.failures == []
        assert load.flaps() == {"removed": 0, "added": 0}


async def test_an_agent_that_hangs_costs_no_call_and_changes_arrive_once_it_goes_on(
    consul: ConsulAgent,
    registry: ConsulServiceRegistry,
    three: Critics,
    eventually: Eventually,
    figures: Figures,
) -> None:
    async with LoadBalancedGRPCClient(SERVICE, registry) as client:
        await all_in_use(client, eventually)
        async with Load(client, callers=8) as load:
            await load.more(50)
            consul.pause()
            try:
                await load.more(500)
                assert len(client.snapshot().endpoints) == 3
            finally:
                consul.resume()
            resumed = load.now()
            await three.fault("critic-2", Fault(unhealthy=True))
            await eventually(lambda: len(client._rotation.picker.backends) == 2)
            heard = load.now() - resumed
            await three.fault("critic-2", three.heal())
            await all_in_use(client, eventually)
            await load.served_by(*three.ids)
        figures(load.figures() | {"a change is heard after ms": round(heard * 1000)} | load.flaps())
        assert load.failures == []
        assert load.flaps() == {"removed": 0, "added": 0}


async def test_registration_2_an_agent_back_with_nothing_is_told_of_all_again_without_flapping(
    consul: ConsulAgent,
    registry: ConsulServiceRegistry,
    three: Critics,
    eventually: Eventually,
    figures: Figures,
) -> None:
    async with LoadBalancedGRPCClient(SERVICE, registry) as client:
        await all_in_use(client, eventually)
        async with Load(client, callers=8) as load:
            await load.more(50)
            await consul.restart(wipe=True)
            began = load.now()
            await eventually(lambda: not client.snapshot().stale)
            await all_in_use(client, eventually)
            await load.served_by(*three.ids)
            back = load.now() - began
            await load.more(300)
        told = {name: three.process(name).log.count("registered critic-") for name in three.ids}
        figures(load.figures() | {"all in use again after s": round(back, 2), "registrations": told} | load.flaps())
        assert load.failures == []
        assert set(told.values()) == {2}  # at its start, and once when the agent had lost it
        assert len(load.of(EndpointRemoved)) <= 3
