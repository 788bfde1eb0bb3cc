"""Sessions of Consul, renewed by themselves, with notice when one is lost (RULES.md Locks 1)."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from types import TracebackType

from hp_tui.registry import parsing
from hp_tui.registry.arguments import check_seconds
from hp_tui.registry.connection import Connection
from hp_tui.registry.definition import duration
from hp_tui.registry.errors import ConfigurationError, RegistryClosedError, RegistryError
from hp_tui.registry.urls import path_to

log = logging.getLogger(__name__)

MIN_TTL, MAX_TTL = 10.0, 86400.0
"""Seconds; Consul refuses others."""
MAX_LOCK_DELAY = 60.0
"""Seconds, Consul's limit."""
RENEWALS_PER_TTL = 3
"""Renewals in each TTL: two may get lost before the session is."""
GOODBYE = 2.0
"""Seconds that giving a session back may take; without Consul it ends by its TTL."""


class Session:
    """A session while its ``async with`` block runs. ``ttl`` and ``lock_delay`` are seconds.

    It is renewed three times in each TTL. It counts as lost as soon as Consul says so, or when it could not be renewed
    for a whole TTL: Consul may have ended it by then, and given its locks to somebody else. ``clock`` is monotonic seconds.

    Entering raises :class:`~hp_tui.registry.errors.RegistryError` where Consul makes no session.
    """

    def __init__(
        self,
        connection: Connection,
        name: str,
        *,
        ttl: float = 15.0,
        lock_delay: float = 1.0,
        delete_keys: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        check_seconds("ttl", ttl, MIN_TTL, MAX_TTL)
        check_seconds("lock_delay", lock_delay, 0, MAX_LOCK_DELAY)
        if not isinstance(name, str):
            raise ConfigurationError(f"name is {name!r}; expected text")
        self.id = ""
        """Consul's id for it, '' before it was made."""
        self.lost = ""
        """Why it is lost, one sentence; '' while it is not."""
        self.ttl = ttl
        self._connection = connection
        self._body = {
            "Name": name,
            "TTL": duration(ttl),
            "LockDelay": duration(lock_delay),
            "Behavior": "delete" if delete_keys else "release",
        }
        self._clock = clock
        self._ended = asyncio.Event()
        self._renewing: asyncio.Task[None] | None = None

    async def wait_lost(self) -> str:
        """Wait until the session is lost; the reason."""
        await self._ended.wait()
        return self.lost

    async def __aenter__(self) -> Session:
        began = self._clock()
        response = await self._connection.put("/v1/session/create", (), self._body, permission="session:write")
        self.id = parsing.text(response.json(dict), "ID")
        if not self.id:
            raise response.malformed("the ID of a session")
        self._renewing = asyncio.get_running_loop().create_task(self._renew(began), name=f"renew session {self.id}")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._renewing is not None:
            self._renewing.cancel()
            await asyncio.wait([self._renewing])
        self.lose("the session was closed")
        with contextlib.suppress(RegistryError):  # without Consul it ends by its TTL
            await self._connection.put(path_to("/v1/session/destroy/", self.id), timeout=GOODBYE)

    def lose(self, reason: str) -> None:
        """Note that the session is lost, and wake whoever waits; the first reason counts."""
        if not self.lost:
            self.lost = reason
            self._ended.set()

    async def _renew(self, renewed: float) -> None:
        """Renew until lost. ``renewed``: when the request that last succeeded was begun, on the clock."""
        pause = self.ttl / RENEWALS_PER_TTL
        while not self.lost:
            await asyncio.sleep(pause)
            began = self._clock()
            left = renewed + self.ttl - began
            try:
                response = await self._connection.put(
                    path_to("/v1/session/renew/", self.id),
                    permission="session:write",
                    timeout=max(min(left, self._connection.timeout), 0.1),
                    allow=(404,),
                )
            except RegistryClosedError as error:
                self.lose(str(error))
            except RegistryError as error:
                log.warning("session %s could not be renewed: %s", self.id, error)
                if self._clock() >= renewed + self.ttl:
                    self.lose(f"it could not be renewed for {self.ttl:g} s: {error}")
                pause = min(self.ttl / 10, max(renewed + self.ttl - self._clock(), 0.1))
            else:
                if response.status == 404:
                    self.lose("Consul no longer has the session")
                renewed, pause = began, self.ttl / RENEWALS_PER_TTL
