"""A closed path, an open rejection, and what a half-open breaker lets through: ours and four others."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from hp_tui.balancer import CircuitBreaker
from tests.bench.table import Goal, Table, middle, ratio

RUNS = 7
CALLS = 20_000
PROBES = 100
THRESHOLD = 5


class FailedError(Exception):
    """What the called thing fails with."""


async def works() -> None:
    """A call that succeeds at once."""


async def fails() -> None:
    raise FailedError


class Ours:
    name = "hp-tui"

    def __init__(self, open_for: float) -> None:
        self._breaker = CircuitBreaker(failure_threshold=THRESHOLD, open_timeout=open_for)

    async def call(self, work: Callable[[], Awaitable[None]]) -> None:
        permit = self._breaker.acquire()
        try:
            await work()
        except FailedError:
            permit.failure("failed")
            raise
        permit.success()


class Purgatory:
    name = "purgatory"

    def __init__(self, open_for: float) -> None:
        from purgatory import AsyncCircuitBreakerFactory

        self._factory = AsyncCircuitBreakerFactory(default_threshold=THRESHOLD, default_ttl=open_for)
        self._breaker: Any = None

    async def call(self, work: Callable[[], Awaitable[None]]) -> None:
        self._breaker = self._breaker or await self._factory.get_breaker("x")
        async with self._breaker:
            await work()


class PyBreaker:
    name = "pybreaker"

    def __init__(self, open_for: float) -> None:
        import pybreaker

        self._breaker = pybreaker.CircuitBreaker(fail_max=THRESHOLD, reset_timeout=open_for)

    async def call(self, work: Callable[[], Awaitable[None]]) -> None:
        # Its own call_async needs Tornado; its context manager is the way in for asyncio.
        with self._breaker.calling():
            await work()


class AioBreaker:
    name = "aiobreaker"

    def __init__(self, open_for: float) -> None:
        import aiobreaker

        self._breaker = aiobreaker.CircuitBreaker(fail_max=THRESHOLD, timeout_duration=timedelta(seconds=open_for))

    async def call(self, work: Callable[[], Awaitable[None]]) -> None:
        await self._breaker.call_async(work)


class CircuitBreakerLibrary:
    name = "circuitbreaker"

    def __init__(self, open_for: float) -> None:
        import circuitbreaker

        self._breaker = circuitbreaker.CircuitBreaker(failure_threshold=THRESHOLD, recovery_timeout=open_for)

    async def call(self, work: Callable[[], Awaitable[None]]) -> None:
        await self._breaker.call_async(work)


KINDS: tuple[Any, ...] = (Ours, Purgatory, PyBreaker, AioBreaker, CircuitBreakerLibrary)


async def closed_ns(kind: Any) -> float:
    """Nanoseconds of one call through a closed breaker, less those of the call without one."""
    breaker = kind(60.0)
    await breaker.call(works)
    began = time.perf_counter()
    for _ in range(CALLS):
        await breaker.call(works)
    spent = time.perf_counter() - began
    began = time.perf_counter()
    for _ in range(CALLS):
        await works()
    return (spent - (time.perf_counter() - began)) / CALLS * 1e9


async def open_ns(kind: Any) -> float:
    """Nanoseconds of one rejection."""
    breaker = await opened(kind, 600.0)
    began = time.perf_counter()
    for _ in range(CALLS):
        with contextlib.suppress(Exception):  # each library has its own
            await breaker.call(works)
    return (time.perf_counter() - began) / CALLS * 1e9


async def let_through(kind: Any) -> int:
    """How many of many concurrent calls reach the peer when the breaker is half-open and the peer is slow."""
    breaker = await opened(kind, 0.05)
    await asyncio.sleep(0.1)
    reached = 0
    answer = asyncio.Event()

    async def slow() -> None:
        nonlocal reached
        reached += 1
        await answer.wait()

    calls = [asyncio.create_task(breaker.call(slow)) for _ in range(PROBES)]
    for _ in range(20):
        await asyncio.sleep(0)
    answer.set()
    await asyncio.gather(*calls, return_exceptions=True)
    return reached


async def opened(kind: Any, open_for: float) -> Any:
    breaker = kind(open_for)
    for _ in range(THRESHOLD):
        with contextlib.suppress(Exception):
            await breaker.call(fails)
    return breaker


async def run(quick: bool) -> Table:
    """Alternate over the kinds, several times."""
    closed: dict[str, list[float]] = {kind.name: [] for kind in KINDS}
    rejected: dict[str, list[float]] = {kind.name: [] for kind in KINDS}
    for _ in range(2 if quick else RUNS):
        for kind in KINDS:
            closed[kind.name].append(await closed_ns(kind))
            rejected[kind.name].append(await open_ns(kind))
    through = {kind.name: await let_through(kind) for kind in KINDS}
    base = middle(closed["hp-tui"]), middle(rejected["hp-tui"])
    rows = [
        (
            name,
            f"{middle(closed[name]):.0f} ns",
            ratio(middle(closed[name]), base[0]),
            f"{middle(rejected[name]):.0f} ns",
            ratio(middle(rejected[name]), base[1]),
            f"{through[name]} of {PROBES}",
        )
        for name in closed
    ]
    return Table(
        "Circuit breakers",
        ("", "closed call", "to ours", "open rejection", "to ours", "let through half-open"),
        rows,
        f"Cost of the breaker alone around a call that returns at once, median of {2 if quick else RUNS} alternating runs of "
        f"{CALLS:,} calls; and how many of {PROBES} concurrent calls reach a slow peer when the open time is over.",
        goals=(Goal("half-open admits exactly 1", f"{through['hp-tui']}", through["hp-tui"] == 1),),
    )
