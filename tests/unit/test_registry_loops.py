"""One registry, one event loop, one thread, one process: whatever else is refused with a sentence (RULES.md Watch 10)."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading

import pytest

from hp_tui.registry import ConsulServiceRegistry, RegistryClosedError, WrongLoopError
from hp_tui.registry.home_loop import HomeLoop

NOBODY = "127.0.0.1:1"
"""Refuses every connection."""


async def use(registry: ConsulServiceRegistry) -> str:
    return (await registry.probe()).error


def test_watch_10_a_second_asyncio_run_is_named_as_that() -> None:
    registry = ConsulServiceRegistry(NOBODY)
    assert "cannot be reached" in asyncio.run(use(registry))
    with pytest.raises(WrongLoopError, match=r"second asyncio.run\(\).*Make a registry for each asyncio.run"):
        asyncio.run(registry.services())
    with pytest.raises(WrongLoopError, match=r"second asyncio.run\(\)"):
        asyncio.run(anext(registry.watch_services()))
    asyncio.run(registry.close())  # closing it there is fine: what it had is gone with its loop


async def test_watch_10_another_threads_loop_is_refused() -> None:
    registry = ConsulServiceRegistry(NOBODY)
    await use(registry)
    found: list[BaseException] = []

    def elsewhere() -> None:
        for ask in (registry.services, registry.close):
            try:
                asyncio.run(ask())
            except WrongLoopError as error:
                found.append(error)
        for act in (registry.reconnect, lambda: registry.use_token("x")):
            try:
                act()
            except WrongLoopError as error:
                found.append(error)

    thread = threading.Thread(target=elsewhere)
    thread.start()
    await asyncio.to_thread(thread.join)
    assert len(found) == 4
    assert all("another event loop" in str(error) and "hp_tui.blocking" in str(error) for error in found)
    assert "cannot be reached" in await use(registry)  # and nothing was harmed
    await registry.close()


FORKING = """
import asyncio, os, sys
from hp_tui.registry import ConsulServiceRegistry, WrongLoopError

registry = ConsulServiceRegistry("127.0.0.1:1")
child = os.fork()
if child:
    sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
try:
    asyncio.run(registry.services())
except WrongLoopError as error:
    print(error)
asyncio.run(registry.close())  # and does nothing to what the parent uses
"""


def test_watch_10_a_fork_is_refused() -> None:
    done = subprocess.run([sys.executable, "-c", FORKING], check=True, capture_output=True, text=True)
    assert "its fork" in done.stdout
    assert "Make a registry of its own after the fork" in done.stdout


def test_watch_10_without_a_running_loop_the_cure_is_named() -> None:
    with pytest.raises(WrongLoopError, match="Call it from a coroutine"):
        HomeLoop("the registry").enter()


async def test_closing_ends_a_request_under_way_with_an_error_that_says_closed() -> None:
    connected = asyncio.Event()

    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connected.set()
        await reader.read()
        writer.close()

    server = await asyncio.start_server(hang, "127.0.0.1", 0)
    registry = ConsulServiceRegistry(f"127.0.0.1:{server.sockets[0].getsockname()[1]}", timeout=60)
    waiting = [asyncio.create_task(registry.services()) for _ in range(40)]  # more than there are connections
    cancelled = asyncio.create_task(registry.services())
    await connected.wait()
    cancelled.cancel()
    async with asyncio.timeout(10):
        await registry.close()
        for task in waiting:
            with pytest.raises(RegistryClosedError, match="closed"):
                await task
        with pytest.raises(asyncio.CancelledError):
            await cancelled
    server.close()
