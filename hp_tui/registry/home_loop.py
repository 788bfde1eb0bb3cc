"""The thread and loop contract: one process, one event loop, one thread for each registry (RULES.md Watch 10)."""

from __future__ import annotations

import asyncio
import os

from hp_tui.registry.errors import RegistryClosedError, WrongLoopError


class HomeLoop:
    """The event loop a registry lives on: that of its first request. ``owner`` names the registry in errors."""

    def __init__(self, owner: str) -> None:
        self.owner = owner
        self._loop: asyncio.AbstractEventLoop | None = None
        self._pid = os.getpid()
        self._closed = False

    @property
    def closed(self) -> bool:
        return self._closed

    @property
    def usable(self) -> bool:
        """Whether what lives on the loop can still be closed in the usual way: same process, loop not closed."""
        return self._pid == os.getpid() and (self._loop is None or not self._loop.is_closed())

    def close(self) -> None:
        """From now on :meth:`enter` raises :class:`RegistryClosedError`.

        Raises :class:`WrongLoopError` from another loop or thread, unless the home itself is gone.
        """
        if self.usable:
            self.check()
        self._closed = True

    def enter(self) -> asyncio.AbstractEventLoop:
        """The running loop, which the first call makes the home.

        Raises :class:`RegistryClosedError` after :meth:`close`, :class:`WrongLoopError` in another process, without a
        running loop, or on another one than before.
        """
        if self._closed:
            raise RegistryClosedError(self.owner)
        self.check()
        running = _running()
        if running is None:
            raise WrongLoopError(self.owner, "no event loop runs in this thread", "Call it from a coroutine")
        if self._loop is None:
            self._loop = running
        return running

    def check(self) -> None:
        """Raise :class:`WrongLoopError` if this is not the process, loop and thread the registry lives on."""
        if self._pid != os.getpid():
            raise WrongLoopError(
                self.owner,
                f"it was made in process {self._pid}, this is its fork {os.getpid()}, and they would share its connections",
                "Make a registry of its own after the fork",
            )
        if self._loop is None or self._loop is _running():
            return
        if self._loop.is_closed():
            raise WrongLoopError(
                self.owner,
                "the event loop it was used on is closed; was this a second asyncio.run()?",
                "Make a registry for each asyncio.run(), inside it",
            )
        raise WrongLoopError(
            self.owner,
            "it lives on another event loop, in another thread or an outer asyncio.run()",
            "Make a registry for each loop, use asyncio.run_coroutine_threadsafe(), or use hp_tui.blocking from threads",
        )


def _running() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
