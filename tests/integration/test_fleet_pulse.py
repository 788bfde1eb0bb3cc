"""The whole fleet on a real Consul: a pulse through every service, and what a caller sees when parts of it go."""

from __future__ import annotations

import asyncio
import signal
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import aiohttp
import grpc
import pytest

from hp_tui.balancer import CallFailedError, LoadBalancedGRPCClient
from hp_tui.demo.consul_agent import ConsulAgent
from hp_tui.heartpulse.protos.aol_core_pb2 import OrchestrationStep, Verdict
from hp_tui.heartpulse.protos.critic_pb2 import CritiqueRequest
from hp_tui.heartpulse.protos.critic_pb2_grpc import CriticAgentStub
from hp_tui.heartpulse.protos.heart_pulse_pb2 import BeatsRequest, PulseRequest
from hp_tui.heartpulse.protos.heart_pulse_pb2_grpc import HeartPulseStub
from hp_tui.registry import ConsulServiceRegistry
from tests.integration.fleet_processes import Eventually, FleetProcesses, passing

pytestmark = pytest.mark.integration

TEXT = "The pump runs at forty beats a minute."


async def test_a_pulse_goes_through_every_service_and_degrades_as_agents_go(
    consul: ConsulAgent, tmp_path: Path, eventually: Eventually
) -> None:
    async with FleetProcesses(tmp_path) as fleet, ConsulServiceRegistry(consul.http_addr) as registry:
        names = ("critic-agent", "validator-agent", "aol-core", "heart-pulse")
        critic, validator, _, _ = await asyncio.gather(*(fleet.start(name, consul.http_addr) for name in names))
        found = {name: (await passing(registry, name, eventually))[0] for name in names}
        assert found["heart-pulse"].meta["upstreams"] == "aol-core"
        assert found["aol-core"].meta["upstreams"] == "critic-agent,validator-agent"

        async with LoadBalancedGRPCClient("heart-pulse", registry) as client:
            stub = client.stub(HeartPulseStub)
            reply = await stub.SendPulse(PulseRequest(id="p1", text=TEXT), timeout=10)
            outcome = reply.outcome
            assert (reply.id, reply.served_by, outcome.task_id) == ("p1", found["heart-pulse"].id, "p1")
            assert (outcome.verdict, outcome.degraded) == (Verdict.VERDICT_ACCEPTED, False)
            served = (outcome.served_by, outcome.critique.served_by, outcome.validation.served_by)
            assert served == tuple(found[name].id for name in ("aol-core", "critic-agent", "validator-agent"))
            required = PulseRequest(text=TEXT, required_terms=["valve"])
            assert (await stub.SendPulse(required, timeout=10)).outcome.verdict == Verdict.VERDICT_REJECTED

            seen = [progress async for progress in stub.WatchPulse(PulseRequest(text=TEXT), timeout=10)]
            state = OrchestrationStep.State
            assert [(one.step.step, one.step.state) for one in seen[:2]] == [
                ("critic-agent", state.STATE_STARTED),
                ("validator-agent", state.STATE_STARTED),
            ]
            assert {(one.step.step, one.step.state) for one in seen[2:4]} == {
                ("critic-agent", state.STATE_DONE),
                ("validator-agent", state.STATE_DONE),
            }
            assert seen[4].reply.outcome.verdict == Verdict.VERDICT_ACCEPTED
            beats = [beat async for beat in stub.Beats(BeatsRequest(count=3, interval_ms=10), timeout=10)]
            assert [(beat.number, beat.pulses) for beat in beats] == [(1, 3), (2, 3), (3, 3)]

            for request, says in (
                (PulseRequest(text=" "), "text is empty"),
                (PulseRequest(text="x" * 20_001), "20001"),
            ):
                with pytest.raises(CallFailedError, match=says) as refused:
                    await stub.SendPulse(request, timeout=10)
                assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT
            with pytest.raises(CallFailedError, match="interval_ms is 1;"):
                [beat async for beat in stub.Beats(BeatsRequest(interval_ms=1), timeout=10)]

            metrics = f"http://127.0.0.1:{found['aol-core'].meta['metrics_port']}/metrics"
            async with aiohttp.ClientSession() as session, session.get(metrics) as answer:
                labels = f'instance_id="{found["critic-agent"].id}",upstream="critic-agent"'
                text = await answer.text()
            assert f"heartpulse_client_picks_total{{{labels}}} 3.0" in text
            assert f"heartpulse_client_breaker_state{{{labels}}} 0.0" in text

            validator.send(signal.SIGKILL)
            # A reply at all means that it came within the caller's deadline, which the services divide among them.
            outcome = (await stub.SendPulse(PulseRequest(text=TEXT), timeout=3)).outcome
            assert (outcome.verdict, outcome.degraded) == (Verdict.VERDICT_UNDECIDED, True)
            (missing,) = outcome.missing
            assert (missing.service, missing.status) == ("validator-agent", "UNAVAILABLE")
            assert outcome.critique.score == 1.0

            critic.send(signal.SIGKILL)
            with pytest.raises(CallFailedError, match="no agent answered") as failed:
                await stub.SendPulse(PulseRequest(text=TEXT), timeout=3)
            assert failed.value.code() is grpc.StatusCode.UNAVAILABLE
            assert all(name in str(failed.value.details()) for name in ("aol-core", "critic-agent", "validator-agent"))


async def test_registration_3_callers_of_our_client_see_no_failed_call_when_an_instance_leaves(
    consul: ConsulAgent,
    tmp_path: Path,
    eventually: Eventually,
    record_property: Callable[[str, object], None],
) -> None:
    async with FleetProcesses(tmp_path) as fleet, ConsulServiceRegistry(consul.http_addr) as registry:
        leaving, _ = await asyncio.gather(*(fleet.start("critic-agent", consul.http_addr) for _ in range(2)))
        both = {instance.id for instance in await passing(registry, "critic-agent", eventually, 2)}
        async with LoadBalancedGRPCClient("critic-agent", registry) as client:
            await eventually(lambda: len(client.snapshot().endpoints) == 2)
            await client.wait_ready(10)
            picks: Counter[str] = Counter()
            stop = asyncio.Event()

            async def keep_calling() -> None:
                while not stop.is_set():
                    reply = await client.call(CriticAgentStub, "Critique", CritiqueRequest(text=TEXT), timeout=5)
                    picks[reply.served_by] += 1

            callers = [asyncio.create_task(keep_calling()) for _ in range(4)]
            await eventually(lambda: set(picks) == both)
            assert await leaving.end() == 0
            await passing(registry, "critic-agent", eventually, 1)
            (left,) = await registry.instances("critic-agent")
            before = picks[left.id]
            await eventually(lambda: picks[left.id] > before + 100)
            stop.set()
            await asyncio.gather(*callers)  # raises what any call raised
            record_property("calls made while an instance left, none failed", sum(picks.values()))
            assert client.snapshot().failed == 0
            assert [one.endpoint.instance_id for one in client.snapshot().endpoints] == [left.id]
