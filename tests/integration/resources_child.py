"""A program of its own for `test_faults_resources`: calls and membership changes, then a close, and what is left.

Prints one JSON object. Run with ``-W error``, and with ``-X dev`` for asyncio's and the interpreter's own complaints;
``-X tracemalloc`` adds the size of Python's heap.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import sys
import tracemalloc
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path

from hp_tui.balancer import LoadBalancedGRPCClient, LoadBalancerError
from hp_tui.model.registration import CheckDefinition, ServiceDefinition
from hp_tui.registry import ConsulServiceRegistry, WatchRules
from tests.integration.grpc_servers import EchoServer, EchoStub

SERVERS = 4
CALLERS = 16
RULES = WatchRules(burst=5, interval=0.02)


def definition(server: EchoServer) -> ServiceDefinition:
    check = CheckDefinition("ttl", ttl=3600, initial_status="passing")
    return ServiceDefinition("echo", server.name, "127.0.0.1", server.port, checks=(check,))


def fds() -> int:
    return len(os.listdir("/proc/self/fd"))


def rss_kb() -> int:
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1024


def threads() -> int:
    return len(os.listdir("/proc/self/task"))


def used() -> dict[str, int]:
    gc.collect()
    return {
        "heap_kb": tracemalloc.get_traced_memory()[0] // 1024,
        "rss_kb": rss_kb(),
        "fds": fds(),
        "threads": threads(),
    }


async def calls(client: LoadBalancedGRPCClient, count: int) -> int:
    """Unary calls, every tenth a stream of three. Returns how many failed."""
    stub, left, failed = client.stub(EchoStub), iter(range(count)), 0

    async def caller(numbers: Iterator[int]) -> None:
        nonlocal failed
        for number in numbers:
            try:
                if number % 10:
                    await stub.Unary(b"x" * 100, timeout=20)
                else:
                    assert len([message async for message in stub.Down(b"3", timeout=20)]) == 3
            except LoadBalancerError as error:
                failed += 1
                sys.stderr.write(f"{error}\n")

    await asyncio.gather(*(caller(left) for _ in range(CALLERS)))
    return failed


async def changes(
    registry: ConsulServiceRegistry, client: LoadBalancedGRPCClient, servers: list[EchoServer], count: int
) -> None:
    """One server after the other leaves and comes back; each change is waited for."""
    for number in range(count // 2):
        server = servers[number % len(servers)]
        await registry.deregister(server.name)
        await until(lambda: len(client.snapshot().endpoints) == SERVERS - 1)
        await registry.register(definition(server))
        await until(lambda: sum(not one.excluded for one in client.snapshot().endpoints) == SERVERS)


async def until(condition: object) -> None:
    async with asyncio.timeout(20):
        while not condition():  # type: ignore[operator]
            await asyncio.sleep(0.005)


async def work(consul: str, total: int, members: int) -> dict[str, object]:
    asyncio.get_running_loop().slow_callback_duration = 60.0  # a busy machine is no defect
    async with AsyncExitStack() as stack:
        servers = [await EchoServer(f"echo-{number}").start() for number in range(SERVERS)]
        for server in servers:
            stack.push_async_callback(server.stop, 0)
        writer = await stack.enter_async_context(ConsulServiceRegistry(consul))
        await writer.services()
        for server in servers:
            await writer.register(definition(server))
        await asyncio.sleep(0.2)
        tasks_before, before = len(asyncio.all_tasks()), used()
        failed, stages = 0, []
        async with (
            ConsulServiceRegistry(consul, rules=RULES) as registry,
            LoadBalancedGRPCClient("echo", registry, grace=5.0) as client,
        ):
            await until(lambda: sum(not one.excluded for one in client.snapshot().endpoints) == SERVERS)
            client.subscribe(lambda _: None)
            for _ in range(4):
                lost, _ = await asyncio.gather(
                    calls(client, total // 4), changes(writer, client, servers, members // 4)
                )
                failed += lost
                for server in servers:
                    server.metadata.clear()
                    server.deadlines.clear()
                stages.append(used())
        await asyncio.sleep(0.5)
        left = [task.get_name() for task in asyncio.all_tasks()]
        after = used()
    return {
        "failed": failed,
        "before": before,
        "stages": stages,
        "after": after,
        "tasks_before": tasks_before,
        "tasks_after": len(left),
        "tasks": left,
    }


if __name__ == "__main__":
    print(json.dumps(asyncio.run(work(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))))  # noqa: T201
