"""A picture shown in pieces, a panel at a time: a key that comes in between is done first.

A picture of a large fleet keeps the event loop for tens of milliseconds, and painting it for as long again. A key would wait
for all of it; so it waits for one panel's part.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Generator
from typing import Any

SHORT = 0.001
"""Seconds. A shorter piece changed nothing, so there is no paint to wait for: that is so for most of them."""

TO_THE_SCREEN = 0.008
"""Seconds within which a piece's changes are painted: two ticks of Textual's paint timer."""

RenderStep = Callable[[], None]


class RenderQueue:
    """What of a screen is due. ``order`` gives the pieces, the most wanted first; ``turn`` waits until one may be done.

    A piece shows what is newest when its turn comes, so nothing is shown twice for pictures that follow one another fast; and
    each keeps its place in the row, so that none waits for ever. ``clock`` gives seconds.
    """

    def __init__(
        self,
        order: Callable[[], list[RenderStep]],
        turn: Callable[[], Awaitable[None]],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._order = order
        self._turn = turn
        self._clock = clock
        self._due: deque[RenderStep] = deque()
        self._wake = asyncio.Event()
        self._done = asyncio.Event()
        self._done.set()

    @property
    def due(self) -> bool:
        """Whether anything is."""
        return bool(self._due)

    def renew(self) -> None:
        """All of it is due."""
        self._due += [piece for piece in self._order() if piece not in self._due]
        self._done.clear()
        self._wake.set()

    def finish(self) -> None:
        """Do what is due at once."""
        while self._due:
            self._due.popleft()()
        self._done.set()

    def __await__(self) -> Generator[Any, None, None]:
        """Until nothing is due."""
        yield from self._done.wait().__await__()

    async def run(self) -> None:
        """Do what is due in its turn, until cancelled."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            await self._turn()
            while self._due:
                began = self._clock()
                self._due.popleft()()
                if self._due and self._clock() - began >= SHORT:
                    await asyncio.sleep(TO_THE_SCREEN)
                    await self._turn()
            self._done.set()
