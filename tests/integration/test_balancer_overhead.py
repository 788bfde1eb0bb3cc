"""Balancer 8: what a balanced call costs beyond a bare one. The figures are in the report; `make bench` has the exact ones."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from contextlib import AsyncExitStack

import grpc
import grpc.aio

from tests.integration.grpc_servers import EchoStub, setup

CALLS = 400
ROUNDS = 7
GOAL_US = 10.0
SLACK = 4.0
"""The machine of a test run is shared; an overhead that grew by a task, a timer or a lock a call is above this too."""


async def test_balancer_8_a_call_costs_little_more_than_a_bare_one(
    eventually, record_property: Callable[[str, object], None]
) -> None:
    async with AsyncExitStack() as stack:
        (server,), _, _, balanced = await setup(stack, eventually, count=1)
        channel = await stack.enter_async_context(grpc.aio.insecure_channel(f"127.0.0.1:{server.port}"))
        bare = EchoStub(channel)

        async def cost(stub: EchoStub) -> float:
            """Microseconds of CPU a call of this thread: the server runs in it too, the same for both."""
            began = time.thread_time()
            for _ in range(CALLS):
                await stub.Unary(b"x", timeout=10)
            return (time.thread_time() - began) / CALLS * 1e6

        await cost(bare), await cost(balanced)
        pairs = [(await cost(bare), await cost(balanced)) for _ in range(ROUNDS)]
    overhead = statistics.median(ours - theirs for theirs, ours in pairs)
    record_property("bare_us", round(statistics.median(theirs for theirs, _ in pairs), 1))
    record_property("overhead_us", round(overhead, 1))
    assert overhead < GOAL_US * SLACK, pairs
