"""Which error a call ends with: the server's own where there is one, and at once when the client is closed."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import grpc
import pytest

from hp_tui.balancer import CallFailedError, CircuitOpenError, ClientClosedError, LoadBalancedGRPCClient, RetryPolicy
from hp_tui.balancer.source import StaticEndpoints
from tests.integration.grpc_servers import EchoStub, setup, who


@pytest.fixture
async def stack():
    async with AsyncExitStack() as stack:
        yield stack


async def test_balancer_7_the_failure_that_opens_the_breaker_is_not_told_as_an_open_circuit(stack, eventually):
    (server,), _, _, stub = await setup(stack, eventually, count=1, failure_threshold=1)
    server.status = grpc.StatusCode.UNAVAILABLE
    with pytest.raises(CallFailedError) as failed:
        await stub.Unary(b"x", timeout=5)
    assert failed.value.attempts[0].status == "UNAVAILABLE"
    assert "no further attempt" in failed.value.note
    with pytest.raises(CircuitOpenError) as refused:
        await stub.Unary(b"x", timeout=5)
    assert refused.value.attempts == ()
    assert server.calls == 1


async def test_balancer_7_closing_the_client_wakes_a_call_that_waits(eventually):
    client = LoadBalancedGRPCClient("echo", StaticEndpoints())
    waiting = asyncio.ensure_future(client.stub(EchoStub).Unary(b"x", timeout=600)._outcome())
    await eventually(lambda: client._endpoints.update is not None)
    await client.close()
    with pytest.raises(ClientClosedError, match="is closed"):
        await asyncio.wait_for(waiting, 20)
    with pytest.raises(ClientClosedError):
        await client.stub(EchoStub).Unary(b"x", timeout=5)


async def test_retry_3_a_server_that_words_its_status_as_grpc_does_is_not_believed(stack, eventually):
    once = RetryPolicy(max_attempts=2, elsewhere=0.0)
    servers, _, _, stub = await setup(stack, eventually, count=3, retry=once, failure_threshold=1_000)
    for server in servers:
        server.status = grpc.StatusCode.UNAVAILABLE
        server.details = "failed to connect to all addresses; last error: a lie"
    with pytest.raises(CallFailedError):
        await stub.Unary(b"x", timeout=5)
    assert sum(server.calls for server in servers) == 2, "at most max_attempts, whatever servers say"


async def test_retry_4_an_endpoint_not_tried_yet_is_tried_within_a_short_deadline(stack, eventually):
    servers, _, _, stub = await setup(stack, eventually, count=3, retry=RetryPolicy(budget=0))
    servers[0].status = servers[1].status = grpc.StatusCode.UNAVAILABLE
    assert {who(await stub.Unary(b"x", timeout=1.5)) for _ in range(3)} == {"echo-2"}


async def test_breaker_3_a_released_breaker_refuses_no_longer_than_its_own_open_time(stack, eventually):
    (server,), _, client, stub = await setup(stack, eventually, count=1, failure_threshold=1, open_timeout=0.5)
    server.status = grpc.StatusCode.UNAVAILABLE
    with pytest.raises(CallFailedError):
        await stub.Unary(b"x", timeout=5)
    client.trip("echo-0")
    with pytest.raises(CircuitOpenError) as refused:
        await stub.Unary(b"x", timeout=5)
    assert refused.value.retry_after is None
    client.release("echo-0")
    server.status = None

    async def answers() -> bool:
        try:
            return who(await stub.Unary(b"x", timeout=5)) == "echo-0"
        except CircuitOpenError:
            return False

    await eventually(answers)
