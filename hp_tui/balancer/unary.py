"""A balanced unary-unary call: retried, with one deadline."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from typing import Any

import grpc
import grpc.aio

from hp_tui.balancer.attempts import Attempts, UnsentError


class UnaryCall:
    """Shaped like ``grpc.aio.UnaryUnaryCall``. The first attempt leaves at once; awaiting it drives the rest.

    ``send(backend, metadata, timeout)`` starts one attempt and returns its grpc.aio call.
    """

    __slots__ = ("_attempts", "_done", "_error", "_inner", "_reply", "_running", "_send", "_wait_for_ready", "_waiters")

    def __init__(self, attempts: Attempts, send: Any, wait_for_ready: bool | None) -> None:
        self._attempts = attempts
        self._send = send
        self._wait_for_ready = wait_for_ready
        self._inner: Any = None
        self._reply: Any = None
        self._error: BaseException | None = None
        self._done = False
        self._running: asyncio.Task[Any] | None = None
        self._waiters: list[asyncio.Future[None]] = []
        if attempts.try_pick():
            self._start()

    def _start(self) -> None:
        attempts = self._attempts
        assert attempts.pick is not None
        try:
            self._inner = self._send(attempts.pick.backend, attempts.send_metadata(), attempts.remaining())
        except Exception as error:
            self._done = True
            attempts.gave_up(error)
            raise

    def __await__(self) -> Generator[Any, None, Any]:
        return self._outcome().__await__()

    async def _outcome(self) -> Any:
        if not self._done and self._running is None:
            self._running = asyncio.current_task()
            try:
                self._reply = await self._drive()
            except BaseException as error:
                self._error = error
                raise
            finally:
                self._done = True
                for waiter in self._waiters:
                    if not waiter.done():
                        waiter.set_result(None)
            return self._reply
        while not self._done:
            waiter = asyncio.get_running_loop().create_future()
            self._waiters.append(waiter)
            await waiter
        if self._error is not None:
            raise self._error
        return self._reply

    async def _drive(self) -> Any:
        attempts = self._attempts
        try:
            return await self._try_until_decided()
        except asyncio.CancelledError:
            if self._inner is not None:
                self._inner.cancel()
            attempts.cancelled()
            raise
        except Exception as error:
            if attempts.pick is not None:  # not gRPC's: a message that does not serialize or parse
                attempts.gave_up(error)
            raise

    async def _try_until_decided(self) -> Any:
        attempts = self._attempts
        while True:
            pause = 0.0
            try:
                if self._inner is None:
                    await attempts.find(self._wait_for_ready)
                    self._start()
                reply = await self._inner
            except grpc.aio.AioRpcError as error:
                if attempts.pick is None:
                    raise  # our own, already accounted for
                pause = attempts.failed(error)
            except UnsentError:
                pause = attempts.unsent()
            else:
                attempts.succeeded()
                return reply
            self._inner = None
            if pause:
                await attempts.pause(pause)

    def __del__(self) -> None:
        # A call nobody awaited must not hold its endpoint's permit for ever.
        if not self._done and self._attempts.pick is not None:
            self._done = True
            self._attempts.cancelled()

    def cancel(self) -> bool:
        """Cancel the call; False when it has ended."""
        if self._done:
            return False
        if self._running is not None:
            return self._running.cancel()
        if self._inner is not None:
            self._inner.cancel()
        self._attempts.cancelled()
        self._error = asyncio.CancelledError()
        self._done = True
        return True

    def cancelled(self) -> bool:
        """Whether it was cancelled."""
        return isinstance(self._error, asyncio.CancelledError)

    def done(self) -> bool:
        """Whether it has ended."""
        return self._done

    def time_remaining(self) -> float | None:
        """Seconds left of the deadline; None without one."""
        return self._attempts.remaining()

    async def initial_metadata(self) -> Any:
        """The headers of the attempt that decided."""
        await self._settled()
        return await self._inner.initial_metadata() if self._inner is not None else grpc.aio.Metadata()

    async def trailing_metadata(self) -> Any:
        """The trailers of the attempt that decided."""
        await self._settled()
        if isinstance(self._error, grpc.aio.AioRpcError):
            return self._error.trailing_metadata()
        return await self._inner.trailing_metadata() if self._inner is not None else grpc.aio.Metadata()

    async def code(self) -> grpc.StatusCode:
        """The status of the call; waits for its end."""
        await self._settled()
        if self._error is None:
            return grpc.StatusCode.OK
        code = getattr(self._error, "code", None)
        found = code() if callable(code) else grpc.StatusCode.CANCELLED
        return found if isinstance(found, grpc.StatusCode) else grpc.StatusCode.UNKNOWN

    async def details(self) -> str:
        """The details of that status."""
        await self._settled()
        details = getattr(self._error, "details", None)
        return str(details()) if callable(details) else ""

    async def wait_for_connection(self) -> None:
        """Wait for the end: which attempt will decide is not known before."""
        await self._settled()

    async def _settled(self) -> None:
        try:
            await self._outcome()
        except (grpc.RpcError, asyncio.CancelledError):
            if not self._done:
                raise
