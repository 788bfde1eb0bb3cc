"""A bad call sends nothing, is no call, and leaves its endpoint as it was."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any

import pytest

from hp_tui.balancer import InvalidCallError, LoadBalancedGRPCClient
from hp_tui.heartpulse.protos.critic_pb2 import CritiqueRequest
from hp_tui.heartpulse.protos.critic_pb2_grpc import CriticAgentStub
from hp_tui.heartpulse.protos.validator_pb2 import ValidateRequest
from tests.integration.grpc_servers import EchoServer, EchoStub, setup


@pytest.fixture
async def echo(eventually) -> AsyncIterator[tuple[EchoServer, LoadBalancedGRPCClient]]:
    """One server, and a client of it; afterwards nothing may be taken and nothing have arrived."""
    async with AsyncExitStack() as stack:
        (server,), _, client, _ = await setup(stack, eventually, count=1)
        yield server, client
        gc.collect()
        await eventually(lambda: client.snapshot().endpoints[0].in_flight == 0)
        assert client.snapshot().endpoints[0].breaker.consecutive_failures == 0
        assert server.calls == 0


@pytest.mark.parametrize(
    ("method", "sentence"),
    [
        ("Critiqe", r"method 'Critiqe' is not one of CriticAgentStub's \(.*\); did you mean 'Critique'\?"),
        ("", "method '' is not one of"),
        (None, "method None is not one of"),
        ("__class__", "method '__class__' is not one of"),
        ("CritiqueEach", "method 'CritiqueEach' streams; expected a unary one"),
    ],
)
async def test_a_method_the_stub_lacks(echo, method: Any, sentence: str) -> None:
    _, client = echo
    with pytest.raises(ValueError, match=sentence):
        await client.call(CriticAgentStub, method, CritiqueRequest(), timeout=1)
    with pytest.raises(ValueError, match="stub_class is 5; expected a class"):
        await client.call(5, "Critique", CritiqueRequest())


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"timeout": "1"}, "timeout is '1'; expected seconds above 0"),
        ({"timeout": float("inf")}, "timeout is inf; expected"),
        ({"metadata": (("Bad", "x"),)}, "metadata has 'Bad': 'x'; expected"),
        ({"compression": "gzip"}, "compression is 'gzip'; expected"),
        ({"credentials": "x"}, "credentials is 'x'; expected"),
    ],
)
async def test_options_out_of_range_for_every_kind_of_call(echo, options: dict[str, Any], sentence: str) -> None:
    _, client = echo
    stub = client.stub(EchoStub)
    for method in (stub.Unary, stub.Down, stub.Up, stub.Both):
        with pytest.raises(InvalidCallError, match=sentence):
            method(b"x", **options)
    assert client.snapshot().calls == 0


async def test_a_request_of_another_message_type_is_not_sent_by_any_kind_of_call(echo) -> None:
    _, client = echo
    stub = client.stub(CriticAgentStub)
    wrong = r"request for /heartpulse.v1.CriticAgent/\w+ is a message heartpulse.v1.ValidateRequest; expected a message"
    with pytest.raises(InvalidCallError, match=wrong):
        await client.call(CriticAgentStub, "Critique", ValidateRequest())
    with pytest.raises(TypeError, match=wrong):  # what code written for grpc.aio expects
        stub.Critique(ValidateRequest())
    writing = stub.CritiqueEach(timeout=5)
    with pytest.raises(InvalidCallError, match=wrong):
        await writing.write(ValidateRequest())
    writing.cancel()
    with pytest.raises(InvalidCallError, match=wrong):
        async for _ in stub.CritiqueEach(iter([ValidateRequest()]), timeout=5):
            pass
    with pytest.raises(InvalidCallError, match="requests is 5; expected an iterable"):
        stub.CritiqueEach(5, timeout=5)


async def test_an_error_in_the_callers_own_iterator_reaches_the_caller(echo) -> None:
    _, client = echo

    async def broken() -> AsyncIterator[CritiqueRequest]:
        raise RuntimeError("the disk is full")
        yield CritiqueRequest()

    with pytest.raises(RuntimeError, match="the disk is full"):
        async for _ in client.stub(CriticAgentStub).CritiqueEach(broken(), timeout=5):
            pass


async def test_a_message_that_does_not_serialize_gives_its_endpoint_back(echo) -> None:
    _, client = echo
    stub = client.stub(EchoStub)
    with pytest.raises(TypeError):
        await stub.Unary(5, timeout=5)
    with pytest.raises(TypeError):
        await stub.Down(5, timeout=5).read()
    assert client.snapshot().endpoints[0].in_flight == 0


async def test_a_call_nobody_awaits_gives_its_endpoint_back(echo, eventually) -> None:
    server, client = echo
    stub = client.stub(EchoStub)
    server.gate.clear()
    dropped = [stub.Unary(b"x", timeout=30) for _ in range(3)] + [stub.Down(b"1", timeout=30)]
    assert client.snapshot().endpoints[0].in_flight == 4
    dropped.clear()
    gc.collect()
    await asyncio.sleep(0)
    await eventually(lambda: client.snapshot().endpoints[0].in_flight == 0)
    server.gate.set()
    await asyncio.sleep(0)
    server.calls = 0  # those did arrive: they were good calls
