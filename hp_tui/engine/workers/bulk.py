"""One action on many instances: several steps at a time, each reported. It can be stopped between steps."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable

from hp_tui.engine.errors import CONSOLE_FAULT, NotDoneError
from hp_tui.engine.events import BulkBegan, BulkEnded, BulkStepped, BulkStopping, Event
from hp_tui.model.bulk import BulkView
from hp_tui.model.catalog import InstanceRef
from hp_tui.model.commands import Bulk, InstanceCommand, StopBulk

log = logging.getLogger(__name__)

AT_ONCE = 8
"""Steps under way together: well below the connections this program may open to an agent."""


class BulkWorker:
    """``carry_out`` does one step: it returns what was done, or raises :class:`NotDoneError`."""

    def __init__(
        self,
        carry_out: Callable[[InstanceCommand], Awaitable[str]],
        emit: Callable[[Event], None],
        now: Callable[[], float],
    ) -> None:
        self._carry_out = carry_out
        self._emit = emit
        self._now = now
        self._waiting: dict[str, deque[InstanceCommand]] = {}
        self._left: dict[str, tuple[InstanceRef, ...]] = {}

    async def run(self, command: Bulk) -> None:
        """Do it all, or until stopped. However it ends, every step has its outcome or is named as not begun."""
        self._emit(BulkBegan(self._now(), BulkView(command.id, command.title, len(command.steps), self._now())))
        waiting = self._waiting[command.id] = deque(command.steps)
        try:
            async with asyncio.TaskGroup() as tasks:
                for _ in range(min(AT_ONCE, len(waiting))):
                    tasks.create_task(self._work(command.id, waiting))
        finally:
            del self._waiting[command.id]
            left = (*self._left.pop(command.id, ()), *map(ref_of, waiting))
            self._emit(BulkEnded(self._now(), command.id, left))

    async def stop(self, command: StopBulk) -> None:
        """Begin nothing more."""
        waiting = self._waiting.get(command.bulk)
        if waiting is not None:
            self._emit(BulkStopping(self._now(), command.bulk))
            self._left[command.bulk] = (*self._left.get(command.bulk, ()), *map(ref_of, waiting))
            waiting.clear()

    async def _work(self, bulk_id: str, waiting: deque[InstanceCommand]) -> None:
        while waiting:
            step = waiting.popleft()
            text, error = "", ""
            try:
                text = await self._carry_out(step)
            except NotDoneError as failure:
                error = str(failure)
            except asyncio.CancelledError:
                error = "cut off before Consul answered: it may or may not have been done"
                raise
            except Exception:
                log.exception("a step failed: %r", type(step).__name__)
                error = CONSOLE_FAULT
            finally:
                self._emit(BulkStepped(self._now(), bulk_id, ref_of(step), text, error))


def ref_of(step: InstanceCommand) -> InstanceRef:
    """Which instance a step is for."""
    return InstanceRef(step.service, step.instance_id, step.node)
