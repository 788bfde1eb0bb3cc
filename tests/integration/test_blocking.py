"""The registry and the client for threads, on a real Consul and real gRPC servers."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from hp_tui.blocking import BlockingGRPCClient, BlockingServiceRegistry
from hp_tui.demo.consul_agent import ConsulAgent
from hp_tui.model.health import Health
from hp_tui.model.registration import CheckDefinition, ServiceDefinition
from hp_tui.registry import ConsulUnreachableError, KVConflictError, RegistryClosedError, WrongLoopError
from tests.integration.grpc_servers import EchoServer, EchoStub

pytestmark = pytest.mark.integration

NOBODY = "127.0.0.1:1"


def definition(port: int = 50001) -> ServiceDefinition:
    return ServiceDefinition("echo", f"echo-{port}", "127.0.0.1", port, checks=(CheckDefinition("ttl", ttl=60),))


async def in_thread(work: Callable[[], Any]) -> Any:
    """The tests' own loop serves Consul and gRPC meanwhile."""
    async with asyncio.timeout(60):
        return await asyncio.to_thread(work)


async def test_registration_discovery_kv_and_locks_from_threads(consul: ConsulAgent) -> None:
    def work() -> None:
        with BlockingServiceRegistry(consul.http_addr) as registry:
            assert registry.leader() == consul.rpc_addr
            assert registry.agent().node == consul.name
            with registry.watch_instances("echo") as updates:
                assert updates.next(timeout=20).instances == ()
                with pytest.raises(TimeoutError):
                    updates.next(timeout=0.05)
                with registry.keep_registered(
                    definition(), ttl_status=lambda: (Health.PASSING, "fine")
                ) as registration:
                    registration.wait_registered(20)
                    assert (registration.registered, registration.error, registration.conflict) == (True, "", "")
                    update = next(one for one in updates if one.instances and one.instances[0].health is Health.PASSING)
                    assert update.instances[0].id == "echo-50001"
                assert next(one for one in updates if not one.instances)
            entry = registry.kv.put("a", "1", cas=0)
            with pytest.raises(KVConflictError):
                registry.kv.put("a", "2", cas=0)
            assert registry.kv.get("a") == entry
            with registry.lock("lock", "me") as lock, ThreadPoolExecutor() as pool:
                assert lock.held
                waiting = pool.submit(registry.lock("lock").acquire, 0.2)
                with pytest.raises(TimeoutError):
                    waiting.result(20)
            with registry.election("lead", "me") as election:
                election.wait_elected(20)
                assert (election.is_leader, election.leader()) == (True, "me")

    await in_thread(work)


async def test_closing_wakes_threads_that_wait(consul: ConsulAgent) -> None:
    def work() -> None:
        registry = BlockingServiceRegistry(consul.http_addr)
        updates = registry.watch_services()
        next(updates)
        with ThreadPoolExecutor() as pool:
            waiting = pool.submit(next, updates)
            registry.close()
            with pytest.raises(RegistryClosedError, match="closed"):
                waiting.result(20)
        with pytest.raises(RegistryClosedError):
            registry.services()

    await in_thread(work)


async def test_calls_of_all_four_kinds_from_many_threads(consul: ConsulAgent) -> None:
    servers = [await EchoServer(f"s{number}").start() for number in range(2)]

    def work() -> None:
        with BlockingServiceRegistry(consul.http_addr) as registry:
            for server in servers:
                registry.register(definition(server.port))
                registry.pass_ttl(f"echo-{server.port}:ttl")
            with BlockingGRPCClient("echo", registry) as client:
                client.wait_ready(20)
                stub: Any = client.stub(EchoStub)
                with ThreadPoolExecutor(8) as pool:
                    replies = list(pool.map(lambda number: stub.Unary(b"%d" % number, timeout=20), range(100)))
                assert sorted(int(reply.split(b":")[1]) for reply in replies) == list(range(100))
                assert client.call(EchoStub, "Unary", b"x", timeout=20).endswith(b":x")
                assert len(list(stub.Down(b"4", timeout=20))) == 4
                assert stub.Up(iter([b"a", b"b"]), timeout=20)
                assert len(list(stub.Both(iter([b"a", b"b"]), timeout=20))) == 2
                endless = stub.Down(b"1000000", timeout=20)
                next(endless)
                assert endless.cancel()
                snapshot = client.snapshot()
                assert snapshot.calls >= 104
                client.trip(f"echo-{servers[0].port}")
                client.release(f"echo-{servers[0].port}")

    try:
        await in_thread(work)
    finally:
        for server in servers:
            await server.stop()


async def test_a_thread_that_runs_an_event_loop_is_refused() -> None:
    registry = BlockingServiceRegistry(NOBODY)
    with pytest.raises(WrongLoopError, match="this thread runs an event loop, which would stand still"):
        registry.services()
    await in_thread(registry.close)


async def test_errors_are_those_of_the_asynchronous_registry() -> None:
    def work() -> None:
        with BlockingServiceRegistry.from_env({"CONSUL_HTTP_ADDR": NOBODY}) as registry:
            with pytest.raises(ConsulUnreachableError, match="refused"):
                registry.services()
            assert "refused" in registry.probe().error

    await in_thread(work)


async def test_all_of_them_share_one_thread() -> None:
    def work() -> None:
        for _ in range(5):
            with BlockingServiceRegistry(NOBODY) as registry:
                registry.probe()
        assert sum(thread.name == "hp-tui blocking" for thread in threading.enumerate()) == 1

    await in_thread(work)


FORKING = """
import os, sys
from hp_tui.blocking import BlockingServiceRegistry
from hp_tui.registry import WrongLoopError

registry = BlockingServiceRegistry("127.0.0.1:1")
registry.probe()
child = os.fork()
if child:
    sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
try:
    registry.services()
except WrongLoopError as error:
    print(error, flush=True)
print(BlockingServiceRegistry("127.0.0.1:1").probe().error, flush=True)
"""


def test_a_fork_is_refused_and_may_have_its_own() -> None:
    done = subprocess.run([sys.executable, "-c", FORKING], check=True, capture_output=True, text=True, timeout=60)
    assert "its fork" in done.stdout
    assert "Make another one after the fork" in done.stdout
    assert "refused" in done.stdout
