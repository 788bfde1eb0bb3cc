"""A channel for generated stubs whose methods block: all four kinds of call."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator
from typing import Any

import grpc.aio

from hp_tui.blocking.background import BackgroundLoop

_END = object()


class BlockingChannel:
    """Shaped like a :class:`grpc.Channel`, on an asynchronous ``channel`` of the background loop."""

    def __init__(self, background: BackgroundLoop, channel: Any, owner: str) -> None:
        self._background = background
        self._channel = channel
        self._owner = owner

    def unary_unary(self, *args: Any, **options: Any) -> Any:
        return self._method("unary_unary", args, options)

    def unary_stream(self, *args: Any, **options: Any) -> Any:
        return self._method("unary_stream", args, options)

    def stream_unary(self, *args: Any, **options: Any) -> Any:
        return self._method("stream_unary", args, options)

    def stream_stream(self, *args: Any, **options: Any) -> Any:
        return self._method("stream_stream", args, options)

    def _method(self, kind: str, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
        method = getattr(self._channel, kind)(*args, **options)
        made = BlockingStreamMethod if kind.endswith("_stream") else BlockingMethod
        return made(self._background, method, kind.startswith("stream_"), self._owner)


class BlockingMethod:
    """A method with one reply: calling it returns the reply. ``options`` are those of the balanced method."""

    def __init__(self, background: BackgroundLoop, method: Any, streams_requests: bool, owner: str) -> None:
        self._background = background
        self._method = method
        self._streams_requests = streams_requests
        self._owner = owner

    def __call__(self, request: Any, **options: Any) -> Any:
        async def reply() -> Any:
            return await self._start(request, options)

        return self._background.run(reply, self._owner)

    def _start(self, request: Any, options: dict[str, Any]) -> Any:
        return self._method(_from_thread(request) if self._streams_requests else request, **options)


class BlockingStreamMethod(BlockingMethod):
    """A method with a stream of replies: calling it returns a :class:`BlockingReplies`."""

    def __call__(self, request: Any, **options: Any) -> BlockingReplies:
        call = self._background.call(lambda: self._start(request, options), self._owner)
        return BlockingReplies(self._background, call, self._owner)


class BlockingReplies:
    """The replies of one call, as an iterator. :meth:`cancel` ends the call, and wakes whoever waits for a reply."""

    def __init__(self, background: BackgroundLoop, call: Any, owner: str) -> None:
        self._background = background
        self._call = call
        self._owner = owner

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        async def read() -> Any:
            return await self._call.read()

        reply = self._background.run(read, self._owner)
        if reply is grpc.aio.EOF:
            raise StopIteration
        return reply

    def cancel(self) -> bool:
        """End the call. Returns whether it had not ended yet."""
        return bool(self._background.call(self._call.cancel, self._owner))


async def _from_thread(requests: Iterable[Any]) -> AsyncIterator[Any]:
    """Requests of an ordinary iterator, each fetched in a thread: it may block."""
    iterator = iter(requests)
    while (request := await asyncio.to_thread(next, iterator, _END)) is not _END:
        yield request
