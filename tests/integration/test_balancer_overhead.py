"""Balancer 8: what a balanced call does beyond a bare one, counted; `make bench` has it in microseconds."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import AsyncExitStack
from typing import Any

import grpc
import grpc.aio

from tests.integration.grpc_servers import EchoStub, setup

CALLS = 200
ROUNDS = 5
"""What a busy machine adds are turns of the loop with little to do: the round with the fewest function calls tells most."""
MORE = 60
"""Function calls of Python's and of C's that one balanced call may make beyond those of a bare one: 47 to 50 when
written. Nothing that grows with the endpoints, the attempts or the calls in flight fits below this."""


async def test_balancer_8_a_call_does_little_more_than_a_bare_one(
    eventually, record_property: Callable[[str, object], None]
) -> None:
    async with AsyncExitStack() as stack:
        (server,), _, _, balanced = await setup(stack, eventually, count=1)
        channel = await stack.enter_async_context(grpc.aio.insecure_channel(f"127.0.0.1:{server.port}"))
        bare = EchoStub(channel)
        for stub in (bare, balanced):
            await _counted(stub)
        theirs, ours = await _fewest(bare), await _fewest(balanced)
    more = (ours.total() - theirs.total()) / CALLS
    record_property("more_function_calls", round(more, 1))
    print(f"function calls of a bare call {theirs.total() / CALLS:.0f}, more of ours {more:.1f}")  # noqa: T201  # a figure
    assert more <= MORE, (ours - theirs).most_common(20)
    for name in ("create_task", "call_later", "call_at", "timeout"):
        assert ours[name] <= theirs[name], name


async def _fewest(stub: EchoStub) -> Counter[str]:
    return min([await _counted(stub) for _ in range(ROUNDS)], key=Counter.total)


async def _counted(stub: EchoStub) -> Counter[str]:
    """The functions that calls run in this thread, the server's share included: it is the same for both."""
    counts: Counter[str] = Counter()

    def note(frame: Any, event: str, argument: Any) -> None:
        if event == "call":
            counts[frame.f_code.co_name] += 1
        elif event == "c_call":
            counts[argument.__name__] += 1

    await asyncio.sleep(0)
    sys.setprofile(note)
    try:
        for _ in range(CALLS):
            await stub.Unary(b"x", timeout=10)
    finally:
        sys.setprofile(None)
    return counts
