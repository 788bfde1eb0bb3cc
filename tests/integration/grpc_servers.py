"""Real grpc.aio servers for tests: generic handlers of all four kinds, and ways to misbehave."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import grpc
import grpc.aio
from tenacity import wait_fixed

from hp_tui.balancer import LoadBalancedGRPCClient, RetryPolicy, StaticEndpoints, server_options
from hp_tui.model.catalog import Check, Instance
from hp_tui.model.health import Health

SERVICE = "test.Echo"
QUICK = RetryPolicy(wait=wait_fixed(0.05), jitter=0.0)
Eventually = Callable[..., Awaitable[Any]]


def identity(data: bytes) -> bytes:
    return data


class EchoServer:
    """Answers ``name:request``. ``status`` makes every call fail with it; ``gate`` holds calls until it is set."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.status: grpc.StatusCode | None = None
        self.details = f"{name} says no"
        self.trailers: tuple[tuple[str, str], ...] = ()
        self.gate = asyncio.Event()
        self.gate.set()
        self.calls = 0
        self.metadata: list[tuple[tuple[str, str | bytes], ...]] = []
        self.deadlines: list[float] = []
        self.port = 0
        self._server: grpc.aio.Server | None = None

    async def start(self, port: int = 0) -> EchoServer:
        self._server = grpc.aio.server(options=[*server_options(), ("grpc.so_reuseport", 0)])
        handlers = {
            "Unary": grpc.unary_unary_rpc_method_handler(self._unary, identity, identity),
            "Down": grpc.unary_stream_rpc_method_handler(self._down, identity, identity),
            "Up": grpc.stream_unary_rpc_method_handler(self._up, identity, identity),
            "Both": grpc.stream_stream_rpc_method_handler(self._both, identity, identity),
        }
        self._server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, handlers),))
        self.port = self._server.add_insecure_port(f"127.0.0.1:{port or self.port}")
        await self._server.start()
        return self

    async def stop(self, grace: float | None = None) -> None:
        if self._server is not None:
            await self._server.stop(grace)

    def instance(self, health: Health = Health.PASSING) -> Instance:
        check = Check("c", "check", health)
        return Instance(self.name, "echo", "node", "127.0.0.1", self.port, checks=(check,))

    async def _enter(self, context: grpc.aio.ServicerContext) -> None:
        self.calls += 1
        self.metadata.append(tuple((key, value) for key, value in context.invocation_metadata() or ()))
        self.deadlines.append(context.time_remaining())
        await self.gate.wait()
        if self.status is not None:
            await context.abort(self.status, self.details, trailing_metadata=self.trailers)

    async def _unary(self, request: bytes, context: grpc.aio.ServicerContext) -> bytes:
        await self._enter(context)
        return self.name.encode() + b":" + request

    async def _down(self, request: bytes, context: grpc.aio.ServicerContext) -> AsyncIterator[bytes]:
        await self._enter(context)
        for number in range(int(request or b"3")):
            yield f"{self.name}:{number}".encode()

    async def _up(self, requests: AsyncIterator[bytes], context: grpc.aio.ServicerContext) -> bytes:
        await self._enter(context)
        return self.name.encode() + b":" + b",".join([request async for request in requests])

    async def _both(self, requests: AsyncIterator[bytes], context: grpc.aio.ServicerContext) -> AsyncIterator[bytes]:
        await self._enter(context)
        async for request in requests:
            yield self.name.encode() + b":" + request


class EchoStub:
    """What protoc would generate for the four methods."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        make: Callable[..., object] = channel.unary_unary
        self.Unary = make(f"/{SERVICE}/Unary", request_serializer=identity, response_deserializer=identity)
        self.Down = channel.unary_stream(
            f"/{SERVICE}/Down", request_serializer=identity, response_deserializer=identity
        )
        self.Up = channel.stream_unary(f"/{SERVICE}/Up", request_serializer=identity, response_deserializer=identity)
        self.Both = channel.stream_stream(
            f"/{SERVICE}/Both", request_serializer=identity, response_deserializer=identity
        )


async def servers_of(stack: AsyncExitStack, count: int) -> list[EchoServer]:
    """Running servers ``echo-0`` …, stopped with ``stack``."""
    servers = []
    for number in range(count):
        server = await EchoServer(f"echo-{number}").start()
        stack.push_async_callback(server.stop, 0)
        servers.append(server)
    return servers


async def client_of(
    stack: AsyncExitStack, source: StaticEndpoints, ready: int, eventually: Eventually, **settings: Any
) -> LoadBalancedGRPCClient:
    """A client that has ``ready`` endpoints in use; retries come after 50 ms unless ``retry`` says otherwise."""
    client = LoadBalancedGRPCClient("echo", source, retry=settings.pop("retry", QUICK), **settings)
    await stack.enter_async_context(client)
    await eventually(lambda: sum(not item.excluded for item in client.snapshot().endpoints) == ready)
    return client


async def setup(
    stack: AsyncExitStack, eventually: Eventually, count: int = 3, **settings: Any
) -> tuple[list[EchoServer], StaticEndpoints, LoadBalancedGRPCClient, EchoStub]:
    """``count`` servers, a source that names them, a client on it, and its stub."""
    servers = await servers_of(stack, count)
    source = StaticEndpoints([server.instance() for server in servers])
    client = await client_of(stack, source, count, eventually, **settings)
    return servers, source, client, client.stub(EchoStub)


def who(reply: bytes) -> str:
    """The name of the server that answered."""
    return reply.split(b":")[0].decode()
