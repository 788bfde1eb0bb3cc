"""One event loop in a background thread, shared by everything in this package."""

from __future__ import annotations

import asyncio
import atexit
import os
import threading
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any, Generic, TypeVar

from hp_tui.registry import WrongLoopError

T = TypeVar("T")

STOP_TIMEOUT = 2.0
"""Seconds that the thread has to end when the process does."""


class BackgroundLoop:
    """An event loop in a daemon thread. Started by the first use in a process."""

    _shared: BackgroundLoop | None = None
    _making = threading.Lock()

    def __init__(self) -> None:
        self.pid = os.getpid()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="hp-tui blocking", daemon=True)
        self._thread.start()
        atexit.register(self._stop)

    @classmethod
    def shared(cls) -> BackgroundLoop:
        """The loop of this process: a fork gets one of its own."""
        with cls._making:
            if cls._shared is None:
                cls._shared = cls()
            return cls._shared

    @classmethod
    def forget(cls) -> None:
        """In a forked child: neither the thread nor whoever held the lock is there."""
        cls._shared, cls._making = None, threading.Lock()

    def call(self, work: Callable[[], T], owner: str) -> T:
        """The result of ``work()``, carried out on the loop's thread."""

        async def carry_out() -> T:
            return work()

        return self.run(carry_out, owner)

    def run(self, work: Callable[[], Coroutine[Any, Any, T]], owner: str) -> T:
        """The result of ``await work()``; what it raises is raised.

        An interrupt (Ctrl+C) in the calling thread cancels it. Raises :class:`WrongLoopError` in a forked process, and in a
        thread that runs an event loop.
        """
        if self.pid != os.getpid():
            raise WrongLoopError(
                owner,
                f"it was made in process {self.pid}, this is its fork {os.getpid()}, which has none of its threads",
                "Make another one after the fork",
            )
        if _runs_a_loop():
            raise WrongLoopError(
                owner,
                "it blocks, and this thread runs an event loop, which would stand still",
                "Use ConsulServiceRegistry and LoadBalancedGRPCClient here, or asyncio.to_thread()",
            )
        future = asyncio.run_coroutine_threadsafe(work(), self._loop)
        try:
            return future.result()
        except BaseException:
            future.cancel()  # nothing to do where it has ended
            raise

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    def _stop(self) -> None:
        if self.pid != os.getpid():
            return
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(STOP_TIMEOUT)


os.register_at_fork(after_in_child=BackgroundLoop.forget)


class BlockingIterator(Generic[T]):
    """An asynchronous iterator, read from any thread: each step waits for the next value.

    :meth:`close` ends it, and wakes whoever waits on it. ``StopIteration`` and errors are those of the iterator.
    """

    def __init__(self, background: BackgroundLoop, updates: AsyncIterator[T], owner: str) -> None:
        self._background = background
        self._updates = updates
        self._owner = owner

    def __iter__(self) -> BlockingIterator[T]:
        return self

    def __next__(self) -> T:
        return self.next()

    def next(self, timeout: float | None = None) -> T:
        """The next value. Raises :class:`TimeoutError` after ``timeout`` seconds; nothing is lost by that."""

        async def step() -> tuple[T] | None:
            try:
                async with asyncio.timeout(timeout):
                    return (await anext(self._updates),)
            except StopAsyncIteration:  # no coroutine may raise StopIteration
                return None

        found = self._background.run(step, self._owner)
        if found is None:
            raise StopIteration
        return found[0]

    def close(self) -> None:
        """End it. Safe to call more than once."""

        async def end() -> None:
            close = getattr(self._updates, "aclose", None)
            if close is not None:
                await close()

        self._background.run(end, self._owner)

    def __enter__(self) -> BlockingIterator[T]:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _runs_a_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
