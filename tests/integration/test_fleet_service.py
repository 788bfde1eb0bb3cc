"""One process of the fleet on a real Consul: what it registers, serves, refuses, and how it starts and ends."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import aiohttp
import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from hp_tui.demo.consul_agent import ConsulAgent
from hp_tui.heartpulse.faults import Fault, get_fault, set_fault
from hp_tui.heartpulse.protos.critic_pb2 import CritiqueRequest
from hp_tui.heartpulse.protos.critic_pb2_grpc import CriticAgentStub
from hp_tui.heartpulse.protos.validator_pb2 import ValidateRequest
from hp_tui.heartpulse.protos.validator_pb2_grpc import ValidatorAgentStub
from hp_tui.model.health import Health
from hp_tui.registry import ConsulServiceRegistry
from tests.integration.fleet_processes import Eventually, FleetProcesses, Service, passing

pytestmark = pytest.mark.integration

Start = Callable[..., Awaitable[Service]]
TEXT = "The pump runs at forty beats a minute."


@pytest.fixture
async def start(tmp_path: Path) -> AsyncIterator[Start]:
    """``await start(name, consul address, *flags)``: a service on free ports. All are gone at the end."""
    async with FleetProcesses(tmp_path) as fleet:
        yield fleet.start


async def get(url: str) -> tuple[int, str, str]:
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        return answer.status, answer.headers["Content-Type"], await answer.text()


async def test_registration_1_on_startup_with_checks_that_pass(
    consul: ConsulAgent,
    start: Start,
    eventually: Eventually,
    record_property: Callable[[str, object], None],
) -> None:
    began = time.monotonic()
    service = await start("critic-agent", consul.http_addr)
    async with ConsulServiceRegistry(consul.http_addr) as registry:
        (found,) = await passing(registry, "critic-agent", eventually)
        record_property("seconds from exec to passing, checks every 0.2 s", round(time.monotonic() - began, 2))
    assert found.tags == ("agent", "critic", "llm")
    assert found.id == f"critic-agent-{found.port}"
    assert found.meta["version"] == "1.0.0"
    assert found.meta["protocol"] == "heartpulse.v1"
    assert "upstreams" not in found.meta
    names = {check.name: check for check in found.checks}
    assert {"gRPC health", "HTTP health"} <= set(names)
    assert "heartpulse.v1.CriticAgent: success" in names["gRPC health"].output
    assert "200 OK" in names["HTTP health"].output
    assert f"serving critic-agent 1.0.0 on 127.0.0.1: gRPC {found.port}" in service.log
    assert await service.end(signal.SIGINT) == 0


async def test_registration_5_health_reflection_and_metrics_are_real(
    consul: ConsulAgent, start: Start, eventually: Eventually
) -> None:
    await start("validator-agent", consul.http_addr)
    async with ConsulServiceRegistry(consul.http_addr) as registry:
        (found,) = await passing(registry, "validator-agent", eventually)
    async with grpc.aio.insecure_channel(found.endpoint) as channel:
        health = health_pb2_grpc.HealthStub(channel)
        for name in ("", "heartpulse.v1.ValidatorAgent"):
            assert (await health.Check(health_pb2.HealthCheckRequest(service=name))).status == 1
        with pytest.raises(grpc.aio.AioRpcError) as unknown:
            await health.Check(health_pb2.HealthCheckRequest(service="heartpulse.v1.Nobody"))
        assert unknown.value.code() is grpc.StatusCode.NOT_FOUND

        asked = reflection_pb2.ServerReflectionRequest(list_services="")
        answers = reflection_pb2_grpc.ServerReflectionStub(channel).ServerReflectionInfo(iter([asked]))
        listed = [one.name async for answer in answers for one in answer.list_services_response.service]
        assert listed == [
            "grpc.health.v1.Health",
            "grpc.reflection.v1alpha.ServerReflection",
            "heartpulse.v1.ValidatorAgent",
        ]
        stub = ValidatorAgentStub(channel)
        reply = await stub.Validate(ValidateRequest(text=TEXT))
        assert (reply.valid, reply.served_by) == (True, found.id)
        texts = [ValidateRequest(text=text) for text in (TEXT, "to (do", "TODO")]
        summary = await stub.ValidateAll(iter(texts))
        assert (summary.texts, summary.valid) == (3, 1)
        assert dict(summary.broken) == {"balanced-brackets": 1, "no-placeholder": 1}
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await stub.Validate(ValidateRequest(text="x" * 20_001))
        assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT
        assert refused.value.details() == "text has 20001 characters; expected 0 to 20000 characters"

    status, kind, body = await get(f"http://127.0.0.1:{found.meta['health_port']}/health")
    assert (status, kind.split(";")[0]) == (200, "application/json")
    told = json.loads(body)
    assert (told["status"], told["instance"], told["registered"]) == ("serving", found.id, True)
    status, kind, body = await get(f"http://127.0.0.1:{found.meta['metrics_port']}/metrics")
    assert (status, kind.split(";")[0]) == (200, "text/plain")
    method = 'method="/heartpulse.v1.ValidatorAgent/Validate"'
    assert f'heartpulse_grpc_server_handled_total{{code="OK",{method}}} 1.0' in body
    assert f'heartpulse_grpc_server_handled_total{{code="INVALID_ARGUMENT",{method}}} 1.0' in body
    assert f"heartpulse_grpc_server_handling_seconds_count{{{method}}} 2.0" in body
    assert f"heartpulse_grpc_server_in_flight{{{method}}} 0.0" in body


async def test_critiques_stream_both_ways_as_they_arrive(
    consul: ConsulAgent, start: Start, eventually: Eventually
) -> None:
    await start("critic-agent", consul.http_addr)
    async with ConsulServiceRegistry(consul.http_addr) as registry:
        (found,) = await passing(registry, "critic-agent", eventually)
    async with grpc.aio.insecure_channel(found.endpoint) as channel:
        call = CriticAgentStub(channel).CritiqueEach()
        for text, score in ((TEXT, 1.0), ("very short", 0.65)):
            await call.write(CritiqueRequest(text=text))
            assert (await call.read()).score == score  # before the next one is sent
        await call.done_writing()
        assert await call.read() is grpc.aio.EOF


async def test_registration_4_a_start_without_consul_serves_and_keeps_trying(
    consul: ConsulAgent, start: Start, eventually: Eventually, tmp_path: Path
) -> None:
    await consul.stop()
    service = await start("critic-agent", consul.http_addr)
    await eventually(lambda: "is not registered: Consul at" in service.log)
    assert "Serving anyway, trying again." in service.log
    port = int(service.log.split("health ")[1].split(",")[0])
    status, _, body = await get(f"http://127.0.0.1:{port}/health")
    assert (status, json.loads(body)["registered"]) == (200, False)
    assert "cannot be reached" in json.loads(body)["consul"]
    await consul.start()
    async with ConsulServiceRegistry(consul.http_addr) as registry:
        await passing(registry, "critic-agent", eventually)


async def test_without_consul_a_service_also_ends(consul: ConsulAgent, start: Start, eventually: Eventually) -> None:
    await consul.stop()
    service = await start("critic-agent", consul.http_addr)
    await eventually(lambda: "is not registered" in service.log)
    assert await service.end() == 0
    assert "Consul could not be told" in service.log


async def test_registration_3_the_steps_of_a_shutdown_and_calls_in_flight(
    consul: ConsulAgent, start: Start, eventually: Eventually
) -> None:
    service = await start("critic-agent", consul.http_addr, "--allow-faults")
    async with ConsulServiceRegistry(consul.http_addr) as registry:
        (found,) = await passing(registry, "critic-agent", eventually)
        await set_fault(found.endpoint, Fault(latency_ms=2500))
        async with grpc.aio.insecure_channel(found.endpoint) as channel:
            slow = asyncio.ensure_future(CriticAgentStub(channel).Critique(CritiqueRequest(text=TEXT)))
            url = f"http://127.0.0.1:{found.meta['metrics_port']}/metrics"
            busy = 'in_flight{method="/heartpulse.v1.CriticAgent/Critique"} 1.0'

            async def arrived() -> bool:
                return busy in (await get(url))[2]

            await eventually(arrived)
            ending = asyncio.ensure_future(service.end())

            async def in_maintenance() -> bool:
                seen = await registry.instances("critic-agent")
                return bool(seen) and seen[0].health is Health.MAINTENANCE

            await eventually(in_maintenance)
            health = f"http://127.0.0.1:{found.meta['health_port']}/health"
            assert (await get(health))[0] == 503

            async def gone() -> bool:
                return not await registry.instances("critic-agent")

            await eventually(gone)
            assert not slow.done()  # deregistered while the call is still worked on
            assert (await slow).score == 1.0
        assert await ending == 0
    steps = service.log.splitlines()[-1]
    order = ["not serving", "maintenance", "notice", "deregister", "drain"]
    assert sorted(order, key=steps.index) == order


async def test_a_second_signal_does_not_wait_for_calls_in_flight(
    consul: ConsulAgent, start: Start, eventually: Eventually
) -> None:
    service = await start("critic-agent", consul.http_addr, "--allow-faults")
    async with ConsulServiceRegistry(consul.http_addr) as registry:
        (found,) = await passing(registry, "critic-agent", eventually)
    await set_fault(found.endpoint, Fault(latency_ms=60_000))
    async with grpc.aio.insecure_channel(found.endpoint) as channel:
        slow = asyncio.ensure_future(CriticAgentStub(channel).Critique(CritiqueRequest(text=TEXT)))
        service.send(signal.SIGTERM)
        await eventually(lambda: "shutting down" in service.log)
        assert await service.end(signal.SIGINT) == 0
        with contextlib.suppress(grpc.aio.AioRpcError):
            await slow


async def test_faults_are_served_when_allowed_and_only_then(
    consul: ConsulAgent, start: Start, eventually: Eventually
) -> None:
    await asyncio.gather(
        start("critic-agent", consul.http_addr, "--allow-faults"), start("validator-agent", consul.http_addr)
    )
    async with ConsulServiceRegistry(consul.http_addr) as registry:
        (found,) = await passing(registry, "critic-agent", eventually)
        address = found.endpoint
        async with grpc.aio.insecure_channel(address) as channel:
            stub = CriticAgentStub(channel)
            await set_fault(address, Fault(latency_ms=150, error="RESOURCE_EXHAUSTED"))
            began = time.monotonic()
            with pytest.raises(grpc.aio.AioRpcError) as failed:
                await stub.Critique(CritiqueRequest(text=TEXT))
            assert failed.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
            assert time.monotonic() - began >= 0.15
            call = stub.CritiqueEach(iter([CritiqueRequest(text=TEXT)]))
            with pytest.raises(grpc.aio.AioRpcError):
                await call.read()
            status = health_pb2_grpc.HealthStub(channel).Check
            assert (await status(health_pb2.HealthCheckRequest())).status == 1  # health is left alone …
            assert await get_fault(address) == Fault(latency_ms=150, error="RESOURCE_EXHAUSTED")

            await set_fault(address, Fault(unhealthy=True))  # … until it is told otherwise
            assert (await status(health_pb2.HealthCheckRequest(service="heartpulse.v1.CriticAgent"))).status == 2
            assert (await get(f"http://127.0.0.1:{found.meta['health_port']}/health"))[0] == 503
            assert (await stub.Critique(CritiqueRequest(text=TEXT))).score == 1.0

            async def critical() -> bool:
                return (await registry.instances("critic-agent"))[0].health is Health.CRITICAL

            await eventually(critical)
            await set_fault(address, Fault())
            await passing(registry, "critic-agent", eventually)
            with pytest.raises(grpc.aio.AioRpcError) as refused:
                await _set_raw(channel, "NO_SUCH_CODE")
            assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT
            assert "NO_SUCH_CODE" in str(refused.value.details())

        (other,) = await passing(registry, "validator-agent", eventually)
        with pytest.raises(grpc.aio.AioRpcError) as unserved:
            await set_fault(other.endpoint, Fault(error="UNAVAILABLE"))
        assert unserved.value.code() is grpc.StatusCode.UNIMPLEMENTED


async def _set_raw(channel: grpc.aio.Channel, error: str) -> None:
    from hp_tui.heartpulse.protos.faults_pb2 import FaultSetting
    from hp_tui.heartpulse.protos.faults_pb2_grpc import FaultsStub

    await FaultsStub(channel).Set(FaultSetting(error=error))


async def test_taken_default_ports_give_way_to_free_ones_and_a_taken_flag_is_refused(
    consul: ConsulAgent, start: Start, eventually: Eventually, tmp_path: Path
) -> None:
    with contextlib.ExitStack() as stack:
        taken = [stack.enter_context(socket.create_server(("127.0.0.1", 0))).getsockname()[1] for _ in range(3)]
        file = tmp_path / "config.yaml"
        file.write_text(f"service: {{port: {taken[0]}, health_port: {taken[1]}, metrics_port: {taken[2]}}}", "utf-8")
        await start("critic-agent", consul.http_addr, "--config", str(file), ports=False)
        async with ConsulServiceRegistry(consul.http_addr) as registry:
            (found,) = await passing(registry, "critic-agent", eventually)
        assert not {found.port, int(found.meta["health_port"]), int(found.meta["metrics_port"])} & set(taken)
        for flag, what in (("--port", "gRPC"), ("--health-port", "health"), ("--metrics-port", "metrics")):
            service = await start("critic-agent", consul.http_addr, flag, str(taken[0]), ports=False)
            assert await service.wait() == 2
            assert f"the {what} port 127.0.0.1:{taken[0]} cannot be bound" in service.log
            assert "Traceback" not in service.log


@pytest.mark.parametrize(
    ("flags", "config", "says"),
    [
        ((), "discovery: {method: docker}", "discovery is {'method': 'docker'}; expected no such block"),
        (("--instance-id", "a//b"), "", "id is 'a//b'; expected printable text that a URL can name"),
        ((), "consul: {host: 'consul server'}", "Consul address 'consul server:8500'"),
        (("--host", "no.such.host.invalid"), "", "no.such.host.invalid"),
    ],
)
async def test_settings_that_cannot_be_used_end_with_status_2_and_one_sentence(
    start: Start, tmp_path: Path, flags: tuple[str, ...], config: str, says: str
) -> None:
    file = tmp_path / "config.yaml"
    file.write_text(config, "utf-8")
    service = await start("critic-agent", "", "--config", str(file), *flags)
    assert await service.wait() == 2
    assert says in service.log.splitlines()[-1]
    assert "Traceback" not in service.log
