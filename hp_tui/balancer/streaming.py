"""Balanced streaming calls: one pick, one attempt.

A call that only streams its replies is retried like a unary one as long as it has delivered nothing; once requests are
streamed too there is nothing to send a second time.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import grpc
import grpc.aio

from hp_tui.balancer.attempts import Attempts, UnsentError
from hp_tui.balancer.requests import RequestFeed


class StreamCall:
    """Shaped like grpc.aio's ``UnaryStreamCall``, ``StreamUnaryCall`` and ``StreamStreamCall``, whichever it stands for.

    ``send(backend, metadata, timeout)`` starts one attempt. ``check`` refuses a request of the wrong type; ``feed`` is
    the caller's iterable of them, if one was given. ``replayable``: the request can be sent again.
    ``single``: the reply is one message, to be awaited.
    """

    def __init__(
        self,
        attempts: Attempts,
        send: Any,
        *,
        check: Callable[[Any], None],
        feed: RequestFeed | None,
        replayable: bool,
        single: bool,
        wait_for_ready: bool | None,
    ) -> None:
        self._attempts = attempts
        self._send = send
        self._check = check
        self._feed = feed
        self._replayable = replayable
        self._single = single
        self._wait_for_ready = wait_for_ready
        self._inner: Any = None
        self._delivered = False
        self._ended = False
        self._cancelled = False
        self._starting = asyncio.Lock()
        if attempts.try_pick():
            self._begin()

    def _begin(self) -> None:
        attempts = self._attempts
        assert attempts.pick is not None
        try:
            self._inner = self._send(attempts.pick.backend, attempts.send_metadata(), attempts.remaining())
        except Exception as error:
            self._ended = True
            attempts.gave_up(error)
            raise

    async def _started(self) -> Any:
        """The attempt's grpc.aio call, begun as soon as there is somebody to send it to."""
        async with self._starting:
            while self._inner is None:
                try:
                    await self._attempts.find(self._wait_for_ready)
                    self._begin()
                except UnsentError:
                    await self._attempts.pause(self._attempts.unsent())
        return self._inner

    # Reading.

    def __aiter__(self) -> AsyncIterator[Any]:
        return self._messages()

    async def _messages(self) -> AsyncIterator[Any]:
        while True:
            message = await self.read()
            if message is grpc.aio.EOF:
                return
            yield message

    async def read(self) -> Any:
        """The next message, ``grpc.aio.EOF`` after the last. Raises as the balanced unary call does."""
        while True:
            inner = await self._started()
            try:
                message = await inner.read()
                if message is grpc.aio.EOF:
                    await self._raise_unless_ok(inner)
            except grpc.aio.AioRpcError as error:
                pause = self._failed(error)
            except asyncio.CancelledError:
                self._dropped()
                self._raise_what_the_feed_did()
                raise
            except Exception as error:  # not gRPC's: a message that does not serialize or parse
                self._broke(error)
                raise
            else:
                self._delivered = True
                if message is grpc.aio.EOF:
                    self._succeeded()
                return message
            self._inner = None
            await self._attempts.pause(pause)

    def __await__(self) -> Any:
        return self._single_reply().__await__()

    async def _single_reply(self) -> Any:
        inner = await self._started()
        try:
            reply = await inner
        except grpc.aio.AioRpcError as error:
            self._failed(error)
            raise
        except asyncio.CancelledError:
            self._dropped()
            self._raise_what_the_feed_did()
            raise
        except Exception as error:
            self._broke(error)
            raise
        self._succeeded()
        return reply

    @staticmethod
    async def _raise_unless_ok(inner: Any) -> None:
        code = await inner.code()
        if code is not grpc.StatusCode.OK:
            raise grpc.aio.AioRpcError(
                code, await inner.initial_metadata(), await inner.trailing_metadata(), details=await inner.details()
            )

    # Writing.

    async def write(self, request: Any) -> None:
        """Send one request message. Raises :class:`InvalidCallError` for one of another type, which is not sent."""
        self._check(request)
        inner = await self._started()
        try:
            await inner.write(request)
        except (grpc.aio.AioRpcError, asyncio.InvalidStateError):
            await self._ended_early(inner)

    async def done_writing(self) -> None:
        """Say that no more requests follow."""
        inner = await self._started()
        try:
            await inner.done_writing()
        except (grpc.aio.AioRpcError, asyncio.InvalidStateError):
            await self._ended_early(inner)

    async def _ended_early(self, inner: Any) -> None:
        """The server ended the call before all was written: its status says why, not the failed write's."""
        try:
            await self._raise_unless_ok(inner)
        except grpc.aio.AioRpcError as error:
            self._failed(error, may_retry=False)

    # What became of it.

    def cancel(self) -> bool:
        """Cancel the call; False when it has ended."""
        if self._ended:
            return False
        self._cancelled = True
        if self._inner is not None:
            self._inner.cancel()
        self._dropped()
        return True

    def cancelled(self) -> bool:
        return self._cancelled

    def done(self) -> bool:
        return self._ended

    def time_remaining(self) -> float | None:
        return self._attempts.remaining()

    async def initial_metadata(self) -> Any:
        return await (await self._started()).initial_metadata()

    async def trailing_metadata(self) -> Any:
        return await (await self._started()).trailing_metadata()

    async def code(self) -> grpc.StatusCode:
        code = await (await self._started()).code()
        return code if isinstance(code, grpc.StatusCode) else grpc.StatusCode.UNKNOWN

    async def details(self) -> str:
        return str(await (await self._started()).details() or "")

    async def wait_for_connection(self) -> None:
        await (await self._started()).wait_for_connection()

    def _succeeded(self) -> None:
        if not self._ended:
            self._ended = True
            self._attempts.succeeded()

    def _failed(self, error: grpc.aio.AioRpcError, may_retry: bool = True) -> float:
        """Seconds before the next attempt; raises when there is none to be."""
        if self._ended:
            raise error
        if self._attempts.pick is None:
            self._ended = True
            raise error
        try:
            return self._attempts.failed(error, may_retry=may_retry and self._replayable and not self._delivered)
        except BaseException:
            self._ended = True
            raise

    def _raise_what_the_feed_did(self) -> None:
        if self._feed is not None and self._feed.error is not None:
            raise self._feed.error

    def _broke(self, error: Exception) -> None:
        if not self._ended:
            self._ended = True
            if self._inner is not None:
                self._inner.cancel()
            self._attempts.gave_up(error)

    def _dropped(self) -> None:
        if not self._ended:
            self._ended = True
            if self._inner is not None:
                self._inner.cancel()
            self._attempts.cancelled()

    def __del__(self) -> None:
        # A stream nobody read to its end must not hold its endpoint's permit for ever.
        if not self._ended and self._attempts.pick is not None:
            self._ended = True
            self._attempts.cancelled()
