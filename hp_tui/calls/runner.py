"""Fires a run of test calls at a steady rate and reports each reply."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import grpc
import grpc.aio
from google.protobuf import message_factory
from google.protobuf.descriptor import Descriptor, MethodDescriptor
from google.protobuf.message import DecodeError, Message
from grpc_health.v1 import health_pb2

from hp_tui.calls.checking import health_check
from hp_tui.calls.codec import parse_requests
from hp_tui.calls.describe import kind_of
from hp_tui.calls.errors import CallError, ReflectionError
from hp_tui.calls.metadata import parse_metadata
from hp_tui.calls.progress import Progress, as_pairs
from hp_tui.calls.reflection import reflect
from hp_tui.model.calls import HEALTH_METHOD, CallSpec, MethodKind, ReplyReceived

MAX_RATE = 500.0
MAX_IN_FLIGHT = 256
"""Calls of one run in flight at once, so that they do not pile up on a service that hangs."""
MAX_MESSAGES = 1_000
"""Messages read of one stream. A longer stream is cut there, or ends with the deadline."""
REFLECTION_TIMEOUT = 5.0
"""Seconds."""

Report = Callable[[ReplyReceived], None]


class CallRunner:
    """One run of ``spec`` over ``channel`` (balanced or plain).

    ``describing`` returns the channel for server reflection; by default that is ``channel``. Reflection does not count as a
    test call. ``clock`` is monotonic seconds, ``now`` Unix seconds; ``sleep`` waits.
    """

    def __init__(
        self,
        channel: grpc.aio.Channel,
        spec: CallSpec,
        *,
        run_id: str = "",
        describing: Callable[[], Awaitable[grpc.aio.Channel]] | None = None,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], float] = time.time,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._channel = channel
        self._describing = describing
        self._spec = spec
        self._run_id = run_id
        self._clock = clock
        self._now = now
        self._sleep = sleep
        self._kind = MethodKind.UNARY_UNARY
        self._pool: Any = None
        self._replies: Descriptor = health_pb2.DESCRIPTOR.message_types_by_name["HealthCheckResponse"]  # type: ignore[assignment]  # the stubs name the C twin of the class
        self._requests: list[Message] = []
        self._newest = 0
        self._invoke: Any = None
        self._metadata: tuple[tuple[str, str | bytes], ...] = ()

    @property
    def streams_replies(self) -> bool:
        """Whether the method streams its replies; known once the run is prepared."""
        return self._kind in {MethodKind.UNARY_STREAM, MethodKind.STREAM_STREAM}

    async def prepare(self) -> None:
        """Find the method and check the request. Nothing is sent to the method itself.

        Raises :class:`CallError` for numbers out of range, an unknown method, JSON that does not fit, and bad metadata.
        """
        spec = self._spec
        if spec.count < 1:
            raise CallError(f"count is {spec.count}; expected 1 or more")
        if not 0 <= spec.rate <= MAX_RATE:
            raise CallError(f"rate is {spec.rate:g}; expected 0 to {MAX_RATE:g} calls a second")
        if not spec.timeout > 0:
            raise CallError(f"timeout is {spec.timeout:g}; expected seconds above 0")
        self._metadata = parse_metadata(spec.metadata)
        method = await self._find()
        self._kind = kind_of(method)
        many = self._kind in {MethodKind.STREAM_UNARY, MethodKind.STREAM_STREAM}
        self._requests = parse_requests(spec.body, method.input_type, self._pool, many=many)
        request_class = message_factory.GetMessageClass(method.input_type)
        self._replies = method.output_type
        make = {
            MethodKind.UNARY_UNARY: self._channel.unary_unary,
            MethodKind.UNARY_STREAM: self._channel.unary_stream,
            MethodKind.STREAM_UNARY: self._channel.stream_unary,
            MethodKind.STREAM_STREAM: self._channel.stream_stream,
        }[self._kind]
        self._invoke = make(
            f"/{method.containing_service.full_name}/{method.name}",
            request_serializer=request_class.SerializeToString,
            response_deserializer=_as_bytes,
        )

    async def _find(self) -> MethodDescriptor:
        """The method's descriptor. The health check is known without reflection."""
        name = self._spec.method.strip("/")
        if name == HEALTH_METHOD:
            return health_check()
        try:
            channel = await self._describing() if self._describing else self._channel
            async with reflect(channel, timeout=REFLECTION_TIMEOUT) as reflection:
                method = await reflection.method(name)
        except grpc.RpcError as error:
            code = getattr(error, "code", lambda: None)()
            if code is not grpc.StatusCode.UNIMPLEMENTED:
                raise ReflectionError(f"server reflection failed: {error}") from None
            raise ReflectionError(
                f"{self._spec.service} serves no reflection, so {name!r} cannot be described; only {HEALTH_METHOD} is known"
            ) from None
        self._pool = reflection.pool
        return method

    async def run(self, report: Report) -> None:
        """Fire every call and return when the last has ended. Cancelling ends those in flight.

        Call n starts at (n - 1) / rate seconds, however long others take, as long as fewer than 256 are in flight.
        """
        if self._invoke is None:
            await self.prepare()
        spec = self._spec
        if not spec.rate:
            for number in range(1, spec.count + 1):
                await self._one(number, report)
            return
        start = self._clock()
        room = asyncio.Semaphore(MAX_IN_FLIGHT)
        async with asyncio.TaskGroup() as tasks:
            for number in range(1, spec.count + 1):
                wait = start + (number - 1) / spec.rate - self._clock()
                if wait > 0:
                    await self._sleep(wait)
                await room.acquire()
                task = tasks.create_task(self._one(number, report))
                task.add_done_callback(lambda _: room.release())

    async def _one(self, number: int, report: Report) -> None:
        self._newest = number
        progress = Progress(
            number,
            self._replies,
            self._pool,
            lambda reply: report(ReplyReceived(self._now(), self._run_id, reply)),
            live=lambda: self._newest == number,
            clock=self._clock,
        )
        try:
            call = self._call()
            if self._kind in {MethodKind.UNARY_UNARY, MethodKind.STREAM_UNARY}:
                if self._kind is MethodKind.STREAM_UNARY:
                    await self._write_all(call)
                progress.add(await call, streams=False)
            else:
                await self._read_stream(call, progress)
            headers, trailers = await call.initial_metadata(), await call.trailing_metadata()
        except grpc.RpcError as error:
            progress.failed(error)
        except DecodeError:
            progress.unreadable()
        except asyncio.CancelledError:
            progress.cancelled()
            raise
        else:
            progress.finished(as_pairs(headers), as_pairs(trailers))
        finally:
            progress.close()

    def _call(self) -> Any:
        options = {"timeout": self._spec.timeout, "metadata": self._metadata or None}
        if self._kind in {MethodKind.UNARY_UNARY, MethodKind.UNARY_STREAM}:
            return self._invoke(self._requests[0], **options)
        return self._invoke(**options)

    async def _write_all(self, call: Any) -> None:
        with contextlib.suppress(asyncio.InvalidStateError):  # the server has ended the call; reading raises its status
            for request in self._requests:
                await call.write(request)
            await call.done_writing()

    async def _read_stream(self, call: Any, progress: Progress) -> None:
        both_ways = self._kind is MethodKind.STREAM_STREAM
        writing = asyncio.create_task(self._write_all(call)) if both_ways else None
        try:
            async for message in _until_end(call):
                progress.add(message, streams=True)
                if progress.messages >= MAX_MESSAGES:
                    call.cancel()
                    progress.note = f"cut after {MAX_MESSAGES} messages"
                    return
        finally:
            if writing is not None:
                writing.cancel()
                await asyncio.gather(writing, return_exceptions=True)  # reading has raised what made it fail


async def _until_end(call: Any) -> AsyncIterator[Any]:
    while True:
        message = await call.read()
        if message is grpc.aio.EOF:
            code = await call.code()
            if code is not grpc.StatusCode.OK:
                raise grpc.aio.AioRpcError(
                    code, await call.initial_metadata(), await call.trailing_metadata(), details=await call.details()
                )
            return
        yield message


def _as_bytes(raw: bytes) -> bytes:
    """Not parsed by gRPC: a huge reply is cut first, and gRPC logs a traceback for one that does not parse."""
    return raw
