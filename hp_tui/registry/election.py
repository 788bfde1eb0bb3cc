"""Leader election on a lock: one candidate leads, the others wait, and whoever loses is told (RULES.md Locks 5)."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from types import TracebackType

from hp_tui.registry.errors import LockLostError, RegistryClosedError, RegistryError
from hp_tui.registry.lock import Lock
from hp_tui.registry.pacing import Backoff

log = logging.getLogger(__name__)


class Election:
    """Stands for election on ``lock``'s key while its ``async with`` block runs, again after each loss.

    Entering does not wait for Consul. ``listener`` hears ``True`` when elected and ``False`` when the lead is lost.
    """

    def __init__(self, lock: Lock, listener: Callable[[bool], None] | None = None) -> None:
        self.error = ""
        """Why it cannot stand for election now, one sentence; '' while it can."""
        self._lock = lock
        self._reason = ""
        self._listener = listener
        self._elected = asyncio.Event()
        self._deposed = asyncio.Event()
        self._deposed.set()
        self._ended = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @property
    def is_leader(self) -> bool:
        """Whether this candidate leads, as far as can be known from here."""
        return self._elected.is_set() and self._lock.held

    async def leader(self) -> str:
        """What the leader's value says, as text; '' while nobody leads. Raises ``RegistryError``."""
        entry = await self._lock.holder()
        return entry.value.decode("utf-8", "replace") if entry is not None else ""

    async def wait_elected(self, timeout: float | None = None) -> None:
        """Wait until this candidate leads.

        Raises :class:`TimeoutError` after ``timeout`` seconds, :class:`RegistryClosedError` when closed meanwhile.
        """
        async with asyncio.timeout(timeout):
            await self._first(self._elected)

    async def wait_lost(self) -> str:
        """Wait until this candidate does not lead; why it lost the lead, '' if it has not led."""
        await self._first(self._deposed)
        return self._reason

    async def lead(self, work: Callable[[], Awaitable[None]]) -> None:
        """Run ``work()`` while this candidate leads; return when it has ended by itself.

        When the lead is lost it is cancelled, and begun anew at the next election. What it raises is raised.
        """
        while True:
            await self.wait_elected()
            try:
                await self._lock.run(work())
            except LockLostError as error:
                log.warning("%s", error)
                await self._first(self._deposed)
            else:
                return

    async def __aenter__(self) -> Election:
        self._task = asyncio.get_running_loop().create_task(self._stand(), name=f"election {self._lock.key}")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.wait([task])
        self._ended.set()

    async def _first(self, event: asyncio.Event) -> None:
        """Wait for ``event``; raises :class:`RegistryClosedError` when the election ends first."""
        waits = [asyncio.ensure_future(one.wait()) for one in (event, self._ended)]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        if not event.is_set():
            raise RegistryClosedError(f"the election on {self._lock.key!r}")

    async def _stand(self) -> None:
        backoff = Backoff(0.5, 10.0, random.Random())
        try:
            while True:
                try:
                    await self._lead_once()
                    self.error = ""
                    backoff.reset()
                except RegistryClosedError as error:
                    self.error = str(error)
                    return
                except RegistryError as error:
                    if str(error) != self.error:
                        log.warning("cannot stand for election on %r: %s", self._lock.key, error)
                    self.error = str(error)
                    await asyncio.sleep(backoff.failed())
        finally:
            self._depose()
            await self._lock.release()
            self._ended.set()

    async def _lead_once(self) -> None:
        await self._lock.acquire()
        self.error = ""
        self._deposed.clear()
        self._elected.set()
        self._tell(True)
        self._reason = await self._lock.wait_lost()
        log.warning("the lead of %r is lost: %s", self._lock.key, self._reason)
        self._depose()

    def _depose(self) -> None:
        if self._elected.is_set():
            self._elected.clear()
            self._deposed.set()
            self._tell(False)

    def _tell(self, leads: bool) -> None:
        if self._listener is not None:
            try:
                self._listener(leads)
            except Exception:
                log.exception("a listener of the election on %r raised", self._lock.key)
