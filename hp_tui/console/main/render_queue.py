"""A new picture is shown in steps, a panel at a time, so that a key pressed meanwhile waits for one step and not for all.

For a large fleet, all steps keep the event loop busy for tens of milliseconds, and painting takes as long again.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Generator
from typing import Any

SHORT = 0.001
"""Seconds below which a step is followed by the next one at once: in most steps nothing has changed."""

PAINT_SECONDS = 0.008
"""Seconds until the changes of a step are painted: two ticks of Textual's paint timer, as widgets report changes by message."""

RenderStep = Callable[[], None]


class RenderQueue:
    """The steps of a screen that are still to be done.

    ``order`` gives all steps, the most important first; ``wait_until_idle`` returns when a step would keep no key waiting;
    ``clock`` gives seconds. A step shows the newest picture when its turn comes, so pictures that follow fast are not all
    shown. A step that is queued keeps its place, so that none waits for ever.
    """

    def __init__(
        self,
        order: Callable[[], list[RenderStep]],
        wait_until_idle: Callable[[], Awaitable[None]],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._order = order
        self._wait_until_idle = wait_until_idle
        self._clock = clock
        self._steps: deque[RenderStep] = deque()
        self._wake = asyncio.Event()
        self._done = asyncio.Event()
        self._done.set()

    @property
    def due(self) -> bool:
        """Whether any step is still to be done."""
        return bool(self._steps)

    def renew(self) -> None:
        """Queue every step that is not queued already: there is a new picture."""
        self._steps += [step for step in self._order() if step not in self._steps]
        self._done.clear()
        self._wake.set()

    def finish(self) -> None:
        """Do all queued steps now."""
        while self._steps:
            self._steps.popleft()()
        self._done.set()

    def __await__(self) -> Generator[Any, None, None]:
        """Wait until every step is done."""
        yield from self._done.wait().__await__()

    async def run(self) -> None:
        """Do the queued steps one by one, until cancelled."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            await self._wait_until_idle()
            while self._steps:
                began = self._clock()
                self._steps.popleft()()
                if self._steps and self._clock() - began >= SHORT:
                    await asyncio.sleep(PAINT_SECONDS)
                    await self._wait_until_idle()
            self._done.set()
