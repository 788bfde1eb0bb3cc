"""One of three backends is killed under load: how many calls fail, and for how long. Ours against gRPC's round_robin."""

from __future__ import annotations

import asyncio
import contextlib
import time
from dataclasses import dataclass, field

import grpc

from tests.bench.calls import Call, ours, round_robin
from tests.bench.processes import EchoServers
from tests.bench.table import Goal, Table, middle, ms

RUNS = 5
IN_FLIGHT = 16
BEFORE, AFTER = 0.4, 1.5
"""Seconds of load before and after the kill."""


@dataclass
class Figures:
    failed: list[int] = field(default_factory=list)
    calls: list[int] = field(default_factory=list)
    last: list[float] = field(default_factory=list)
    """Seconds from the kill to the end of the last call that failed; 0.0 when none did."""


async def kill_one(call: Call, servers: EchoServers, figures: Figures) -> None:
    """Load, a SIGKILL in the middle of it, load."""
    killed_at = 0.0
    failures: list[float] = []
    calls = 0
    stop = asyncio.Event()

    async def caller() -> None:
        nonlocal calls
        while not stop.is_set():
            calls += 1
            try:
                await call()
            except grpc.RpcError:
                failures.append(time.perf_counter())

    callers = [asyncio.create_task(caller()) for _ in range(IN_FLIGHT)]
    await asyncio.sleep(BEFORE)
    killed_at = time.perf_counter()
    servers.kill(servers.ports[0])
    await asyncio.sleep(AFTER)
    stop.set()
    await asyncio.gather(*callers)
    figures.failed.append(len(failures))
    figures.calls.append(calls)
    figures.last.append(max(failures, default=killed_at) - killed_at)
    await asyncio.to_thread(servers.start, servers.ports[0])


async def run(quick: bool) -> Table:
    """Both in turn, several times, each time with channels of its own."""
    runs = 2 if quick else RUNS
    found = {"hp-tui": Figures(), "gRPC round_robin": Figures()}
    async with EchoServers(3) as servers:
        for _ in range(runs):
            for name, make in (("hp-tui", ours), ("gRPC round_robin", round_robin)):
                async with contextlib.AsyncExitStack() as stack:
                    call = await stack.enter_async_context(make(servers.ports))
                    for _ in range(30):
                        await call()
                    await kill_one(call, servers, found[name])
    rows = [
        (
            name,
            f"{sum(seen.failed)} of {sum(seen.calls):,}",
            f"{max(seen.failed)}",
            ms(middle(seen.last)),
            ms(max(seen.last)),
        )
        for name, seen in found.items()
    ]
    lost = sum(found["hp-tui"].failed)
    return Table(
        "A backend is killed",
        ("", "calls that failed", "at most in a run", "to the last failure, median", "at most"),
        rows,
        f"SIGKILL of one of three backends under {IN_FLIGHT} callers, {runs} runs each in turn; default settings, UNAVAILABLE "
        "retried on another endpoint; no registry tells of the death.",
        (Goal("no call lost", f"{lost}", lost == 0),),
    )
