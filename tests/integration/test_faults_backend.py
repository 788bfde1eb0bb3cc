"""One of three backends dies, hangs, or refuses for a while: real processes, real signals, calls under way."""

from __future__ import annotations

import asyncio
import signal
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from pathlib import Path

import pytest

from hp_tui.balancer import Keepalive, LoadBalancedGRPCClient
from hp_tui.demo.consul_agent import ConsulAgent
from hp_tui.heartpulse.faults import Fault
from hp_tui.heartpulse.protos.critic_pb2 import CritiqueRequest
from hp_tui.heartpulse.protos.critic_pb2_grpc import CriticAgentStub
from hp_tui.model.balancing import EndpointBreakerChanged, Picked
from hp_tui.model.registration import CheckDefinition, ServiceDefinition
from hp_tui.registry import ConsulServiceRegistry
from tests.integration.fault_stage import SERVICE, Critics, Load, all_in_use, critics, evenness
from tests.integration.fleet_processes import Eventually

pytestmark = pytest.mark.integration

Figures = Callable[[Mapping[str, object]], None]
VICTIM = "critic-1"


@pytest.fixture
async def registry(consul: ConsulAgent) -> AsyncIterator[ConsulServiceRegistry]:
    async with ConsulServiceRegistry(consul.http_addr) as registry:
        yield registry


@pytest.fixture
async def three(
    consul: ConsulAgent, registry: ConsulServiceRegistry, tmp_path: Path, eventually: Eventually
) -> AsyncIterator[Critics]:
    async with critics(tmp_path, consul.http_addr, registry, eventually) as three:
        yield three


async def test_a_backend_killed_under_load_loses_no_idempotent_call(
    registry: ConsulServiceRegistry, three: Critics, eventually: Eventually, figures: Figures
) -> None:
    async with LoadBalancedGRPCClient(SERVICE, registry) as client:  # all as a user gets it
        await all_in_use(client, eventually)
        async with Load(client, callers=32) as load:
            await load.more(100)
            killed = load.now()
            await three.process(VICTIM).end(signal.SIGKILL)
            await eventually(lambda: load.opened(VICTIM, killed) is not None)
            await load.more(300)
            excluded = load.last_failed_attempt(VICTIM, killed)
        figures(load.figures() | {"last failed attempt after ms": round(excluded * 1000)})
        assert load.failures == []
        assert excluded < 1.0


async def test_a_backend_that_hangs_is_left_alone_until_it_answers_again(
    registry: ConsulServiceRegistry, three: Critics, eventually: Eventually, figures: Figures
) -> None:
    patient = LoadBalancedGRPCClient(SERVICE, registry, keepalive=Keepalive.PAIRED)
    client = LoadBalancedGRPCClient(SERVICE, registry, open_timeout=1.0)
    async with client, patient:
        await all_in_use(client, eventually)
        await all_in_use(patient, eventually)
        stub = patient.stub(CriticAgentStub)
        async with Load(client, timeout=0.4) as load:
            await load.more(50)
            stopped = load.now()
            three.process(VICTIM).send(signal.SIGSTOP)
            forever = [asyncio.ensure_future(_critique(stub)) for _ in range(3)]
            await eventually(lambda: load.opened(VICTIM, stopped) is not None or not _in_use(client, VICTIM))
            await load.more(200)
            lost, excluded = len(load.failures), load.last_failed_attempt(VICTIM, stopped)
            # A call without deadline on a silent connection ends with the connection, and is answered elsewhere.
            answers = await asyncio.wait_for(asyncio.gather(*forever), 30)
            freed = load.now() - stopped
            quiet = len(load.failures)
            three.process(VICTIM).send(signal.SIGCONT)
            continued = load.now()
            await load.served_by(VICTIM)
            back = load.now() - continued
        figures(
            load.figures()
            | {
                "last failed attempt after ms": round(excluded * 1000),
                "calls without deadline freed after s": round(freed, 1),
            }
            | {"picked again after ms": round(back * 1000)}
        )
        assert VICTIM not in answers
        assert freed < 20
        assert lost <= load.callers + 5  # those under way, and what opens a breaker
        assert (
            quiet - lost <= 2 * 15
        )  # while it hangs: one probe each time its breaker is half-open, if Consul lists it
        assert excluded < 2.0


async def test_a_backend_that_refuses_for_a_while_is_probed_and_taken_back(
    registry: ConsulServiceRegistry, three: Critics, eventually: Eventually, figures: Figures
) -> None:
    async with LoadBalancedGRPCClient(SERVICE, registry, open_timeout=0.5) as client:
        await all_in_use(client, eventually)
        async with Load(client, callers=8, idempotent=False) as load:
            await load.more(50)
            began = load.now()
            await three.fault(VICTIM, Fault(error="UNAVAILABLE", latency_ms=20))
            await eventually(lambda: load.opened(VICTIM, began) is not None)
            opened = load.opened(VICTIM, began)
            await eventually(lambda: len(load.of(EndpointBreakerChanged, VICTIM, began)) >= 5)  # two probes failed
            probes = load.of(Picked, VICTIM, began + (opened or 0) + 0.1)
            await three.fault(VICTIM, three.heal())
            healed = load.now()
            await load.served_by(VICTIM)
            back = load.now() - healed
            since = Counter(load.served)
            await load.more(300)
            shares = load.served - since
        figures(
            load.figures()
            | {"opened after ms": round((opened or 0) * 1000), "probes": len(probes)}
            | {"picked again after ms": round(back * 1000), "shares then": dict(shares)}
        )
        # A call is lost only where the retry budget (half of 10) ran out before the breaker's five failures.
        assert len(load.failures) <= 3
        assert all("the retry budget is used up" in said for said in load.failures)
        assert len(probes) <= 3
        assert evenness(shares) < 0.1


async def test_what_accepts_connections_and_says_nothing_gets_no_call(
    registry: ConsulServiceRegistry, three: Critics, eventually: Eventually, figures: Figures
) -> None:
    async def silence(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    silent = await asyncio.start_server(silence, "127.0.0.1", 0)
    port = silent.sockets[0].getsockname()[1]
    passing = CheckDefinition("ttl", ttl=600, initial_status="passing")
    await registry.register(ServiceDefinition(SERVICE, "silent", "127.0.0.1", port, checks=(passing,)))
    async with LoadBalancedGRPCClient(SERVICE, registry) as client:
        await eventually(lambda: len(client.snapshot().endpoints) == 4)
        await all_in_use(client, eventually)
        async with Load(client, callers=8) as load:
            await load.more(300)
        (found,) = [one for one in client.snapshot().endpoints if one.endpoint.instance_id == "silent"]
        figures(load.figures() | {"silent": found.excluded})
        assert load.failures == []
        assert load.longest_ms < 2_000
        assert found.picks == 0
        assert "not connected" in found.excluded
    silent.close()
    await registry.deregister("silent")


async def test_all_backends_restarted_at_once_are_used_as_soon_as_they_are_back(
    registry: ConsulServiceRegistry, three: Critics, eventually: Eventually, figures: Figures
) -> None:
    async with LoadBalancedGRPCClient(SERVICE, registry) as client:
        await all_in_use(client, eventually)
        async with Load(client, callers=8) as load:
            await load.more(50)
            killed = load.now()
            await asyncio.gather(*(three.process(name).end(signal.SIGKILL) for name in three.ids))
            await eventually(lambda: not client.has_ready())
            await asyncio.gather(*(three.start(name) for name in three.ids))
            served = load.now()
            await load.served_by(*three.ids)
            back, failed = load.now() - served, len(load.failures)
            await load.more(100)
            assert len(load.failures) == failed
        figures(load.figures() | {"down s": round(served - killed, 1), "all picked again after ms": round(back * 1000)})
        # While nobody is there calls wait, or are refused once the breakers have opened. Nothing else ends them.
        assert [said for said in load.failures if "refused by its breaker" not in said] == []
        assert back < 5.0  # Consul's checks and gRPC's reconnect backoff; not the breakers' 60 s


async def _critique(stub: CriticAgentStub) -> str:
    reply = await stub.Critique(CritiqueRequest(text="Is anybody there?"), idempotent=True)
    return str(reply.served_by)


def _in_use(client: LoadBalancedGRPCClient, name: str) -> bool:
    return any(one.endpoint.instance_id == name and not one.excluded for one in client.snapshot().endpoints)
