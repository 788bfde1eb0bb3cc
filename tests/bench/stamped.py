"""A terminal whose output is stamped when it arrives, not when the emulator, a slow one, comes to it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
import time
from threading import Thread
from typing import Self

from tests.terminal import Terminal

LOOK_SECONDS = 0.2
"""How long to wait for output before looking whether anybody wants it still."""


class StampedTerminal(Terminal):
    """As :class:`Terminal`; ``written_at`` does not depend on how busy this process's loop is."""

    def arrived(self, text: str) -> float:
        """When the first of these texts came, monotonic seconds; it must be there."""
        place = self.raw.index(text.encode()) + len(text.encode())
        return next(at for end, at in self._stamps if end >= place)

    async def __aenter__(self) -> Self:
        await super().__aenter__()
        loop = asyncio.get_running_loop()
        loop.remove_reader(self._master)
        self._stamps: list[tuple[int, float]] = []
        """Bytes so far, and when the last of them came."""
        self._wanted = True
        self._reader = Thread(target=self._read_on_and_on, args=(os.dup(self._master), loop), daemon=True)
        self._reader.start()
        return self

    def hang_up(self) -> None:
        self._wanted = False
        self._reader.join()
        super().hang_up()

    def _read_on_and_on(self, descriptor: int, loop: asyncio.AbstractEventLoop) -> None:
        with os.fdopen(descriptor, "rb", buffering=0) as output, contextlib.suppress(OSError, RuntimeError):
            size = 0
            while self._wanted:
                if select.select([output], [], [], LOOK_SECONDS)[0]:
                    data = output.read(65536)
                    at, size = time.monotonic(), size + len(data)
                    self._stamps.append((size, at))
                    loop.call_soon_threadsafe(self._take, data, at)
                    if not data:
                        break
