"""A worker that is loaded at its first command: gRPC takes longer to load than the list of services takes to arrive."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Generic, TypeVar

from hp_tui import startup

W = TypeVar("W")


class LazyWorker(Generic[W]):
    """``make`` imports the worker's module and makes the worker. It is called once, off the event loop."""

    def __init__(self, make: Callable[[], W]) -> None:
        self._make = make
        self._made: W | None = None
        self._making = asyncio.Lock()

    async def get(self) -> W:
        """The worker; the first call makes it."""
        async with self._making:
            if self._made is None:
                self._made = await asyncio.to_thread(self._make)
                startup.loaded()
            return self._made

    def handler(self, method: Callable[[W], Callable[[Any], Awaitable[None]]]) -> Callable[[Any], Awaitable[None]]:
        """A command handler that passes each command to ``method`` of the worker."""

        async def handle(command: Any) -> None:
            await method(await self.get())(command)

        return handle
