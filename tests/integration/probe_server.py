"""A real grpc.aio server of ``probe.v1.Probe`` with reflection that is honest, or not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import grpc
import grpc.aio
from grpc_reflection.v1alpha import reflection_pb2
from grpc_reflection.v1alpha._async import ReflectionServicer

from tests.probe_protos import SERVICE, message_class, probe_pool

Answering = Callable[[reflection_pb2.ServerReflectionRequest], Any]
"""What a lying reflection says: a response, raw bytes, or an awaitable of one."""


class ProbeServer:
    """``versions``: which reflection services are served. ``lie`` answers in place of the honest one."""

    def __init__(self, *, versions: tuple[str, ...] = ("v1", "v1alpha"), lie: Answering | None = None) -> None:
        self.pool = probe_pool()
        self.answer = message_class(self.pool, "Answer")
        self.asked = message_class(self.pool, "Asked")
        self.received: list[Any] = []
        self.cancelled = asyncio.Event()
        self.metadata: list[tuple[str, str | bytes]] = []
        self._versions = versions
        self._lie = lie
        self._server = grpc.aio.server(options=[("grpc.max_send_message_length", -1)])
        self.target = ""

    async def __aenter__(self) -> ProbeServer:
        methods = {
            "Unary": grpc.unary_unary_rpc_method_handler(self._unary, **self._codec()),
            "Down": grpc.unary_stream_rpc_method_handler(self._down, **self._codec()),
            "Up": grpc.stream_unary_rpc_method_handler(self._up, **self._codec()),
            "Both": grpc.stream_stream_rpc_method_handler(self._both, **self._codec()),
        }
        self._server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, methods),))
        for version in self._versions:
            handler = grpc.stream_stream_rpc_method_handler(
                self._reflect, reflection_pb2.ServerReflectionRequest.FromString, _serialized
            )
            self._server.add_generic_rpc_handlers(
                (
                    grpc.method_handlers_generic_handler(
                        f"grpc.reflection.{version}.ServerReflection", {"ServerReflectionInfo": handler}
                    ),
                )
            )
        port = self._server.add_insecure_port("127.0.0.1:0")
        self.target = f"127.0.0.1:{port}"
        await self._server.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._server.stop(None)

    def channel(self, *, limit: int | None = None) -> grpc.aio.Channel:
        """A plain channel to it; ``limit`` is the largest reply it takes, in bytes."""
        options = [] if limit is None else [("grpc.max_receive_message_length", limit)]
        return grpc.aio.insecure_channel(self.target, options=options)

    def _codec(self) -> dict[str, Any]:
        return {"request_deserializer": self.asked.FromString, "response_serializer": _serialized}

    async def _reflect(self, requests: AsyncIterator[Any], context: grpc.aio.ServicerContext) -> AsyncIterator[Any]:
        if self._lie is None:
            names = [SERVICE, *(f"grpc.reflection.{version}.ServerReflection" for version in self._versions)]
            honest = ReflectionServicer(service_names=names, pool=self.pool)
            async for answer in honest.ServerReflectionInfo(requests, context):
                yield answer
            return
        async for request in requests:
            said = self._lie(request)
            yield await said if asyncio.iscoroutine(said) else said

    async def _unary(self, request: Any, context: grpc.aio.ServicerContext) -> Any:
        """``text`` chooses: ``fail`` a status, ``hang`` never answers, ``big`` as many bytes as ``count`` says."""
        self.received.append(request)
        self.metadata = [(key, value) for key, value in context.invocation_metadata() or ()]
        if request.text == "fail":
            await context.abort(
                grpc.StatusCode.FAILED_PRECONDITION, "not today", trailing_metadata=(("why", "tuesday"),)
            )
        if request.text == "hang":
            try:
                await asyncio.Event().wait()
            finally:
                self.cancelled.set()
        if request.text == "garbage":
            return b"\xff\xff\xff\xff"
        if request.text == "big":
            return self.answer(text="x" * request.count)
        if request.text == "numbers":
            return self.answer(list_of_numbers=range(request.count))
        if request.text == "leaves":
            return self.answer(leaves=[{"label": "l" * 100}] * request.count)
        if request.text == "any":
            return self.answer(text="t", anything={"type_url": "type.googleapis.com/who.Knows", "value": b"\x08\x01"})
        await context.send_initial_metadata((("head", "er"),))
        context.set_trailing_metadata((("trail", "er"), ("raw-bin", b"\x00\xff")))
        return self.answer(text=request.text, number=len(self.received))

    async def _down(self, request: Any, context: grpc.aio.ServicerContext) -> AsyncIterator[Any]:
        """``count`` messages; ``forever`` never ends, ``fast`` not even pausing; ``break`` fails after them; ``hold`` waits."""
        self.received.append(request)
        sent = 0
        try:
            while sent < request.count or request.text in {"forever", "fast"}:
                sent += 1
                yield self.answer(number=sent)
                if request.text == "forever":
                    await asyncio.sleep(0.05)
            if request.text == "hold":
                await asyncio.Event().wait()
        finally:
            self.cancelled.set()
        if request.text == "break":
            await context.abort(grpc.StatusCode.ABORTED, "broken off")

    async def _up(self, requests: AsyncIterator[Any], context: grpc.aio.ServicerContext) -> Any:
        texts = []
        async for request in requests:
            if request.text == "fail":
                await context.abort(grpc.StatusCode.INVALID_ARGUMENT, "stop it")
            texts.append(request.text)
        return self.answer(text=",".join(texts), number=len(texts))

    async def _both(self, requests: AsyncIterator[Any], context: grpc.aio.ServicerContext) -> AsyncIterator[Any]:
        async for request in requests:
            if request.text == "fail":
                await context.abort(grpc.StatusCode.INVALID_ARGUMENT, "stop it")
            yield self.answer(text=request.text.upper())
            if request.text == "hold":
                try:
                    await asyncio.Event().wait()
                finally:
                    self.cancelled.set()


def _serialized(message: Any) -> bytes:
    return message if isinstance(message, bytes) else bytes(message.SerializeToString())
