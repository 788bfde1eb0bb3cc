"""The screen on a line that is slow or stalls: keys go on working, and when the line is back it shows what is true now."""

from __future__ import annotations

import sys
import time
from collections.abc import AsyncIterator

import grpc.aio
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from hp_tui.model.registration import ServiceDefinition
from hp_tui.registry import ConsulServiceRegistry
from tests.terminal import Terminal

SLOW = 2048
"""Bytes a second: a bad line."""


@pytest.fixture
def command(consul, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return [sys.executable, "-m", "hp_tui", "--address", consul.http_addr]


def stall(terminal: Terminal) -> None:
    """A line that takes nothing more, full of pictures."""
    terminal.stop_reading()
    for _ in range(20):
        terminal.send("?")  # help opens and closes: a whole screen each time


class Counted(health_pb2_grpc.HealthServicer):
    """A gRPC server that counts how often it is asked."""

    asked = 0

    async def Check(self, request, context):  # noqa: N802  # as the protocol has it
        self.asked += 1
        return health_pb2.HealthCheckResponse(status=health_pb2.HealthCheckResponse.SERVING)


@pytest.fixture
async def counted(consul) -> AsyncIterator[Counted]:
    """The only service that sorts above Consul itself: the cursor is on it."""
    server, servicer = grpc.aio.server(), Counted()
    health_pb2_grpc.add_HealthServicer_to_server(servicer, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with ConsulServiceRegistry(consul.http_addr) as registry:
        await registry.register(ServiceDefinition("a", "a-1", "127.0.0.1", port))
        yield servicer
    await server.stop(None)


async def test_keys_work_while_the_line_takes_nothing_and_what_was_missed_is_not_sent(command, counted, eventually):
    async with Terminal(command) as terminal:
        await terminal.until("a-1")
        before = len(terminal.raw)
        terminal.send("?")
        await terminal.until("esc close")
        whole = len(terminal.raw) - before
        terminal.send("?")
        await terminal.until("q quit")
        stall(terminal)
        for fired in range(1, 4):
            terminal.send("c")
            await eventually(lambda fired=fired: counted.asked == fired, what="the call is fired")
            terminal.send("?" * 10)
        missed = len(terminal.raw)
        terminal.read_on()
        await terminal.until("run 3 of 3")
        assert len(terminal.raw) - missed < 6 * whole, "of fifty pictures a few were on their way, one is new"


async def test_leaving_over_a_slow_line_gives_the_terminal_back(command):
    async with Terminal(command) as terminal:
        await terminal.until("● leader")
        stall(terminal)
        terminal.read_on(SLOW)
        terminal.send("q")
        assert await terminal.wait() == 0
        assert terminal.said.rindex("\x1b[?1049l") > terminal.said.rindex("\x1b[?1049h")
        assert terminal.said.rindex("\x1b[?25h") > terminal.said.rindex("\x1b[?25l")


async def test_leaving_on_a_line_that_takes_nothing_does_not_wait_for_it(command):
    async with Terminal(command) as terminal:
        await terminal.until("● leader")
        stall(terminal)
        terminal.send("q")
        begun = time.monotonic()
        assert await terminal.wait() == 0
        assert time.monotonic() - begun < 20.0
