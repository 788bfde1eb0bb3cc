"""Locks on keys, with notice when one is lost (RULES.md Locks 2 to 4)."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import TypeVar

from hp_tui.model.kv import KVEntry
from hp_tui.registry.connection import Connection
from hp_tui.registry.errors import InvalidKeyError, LockLostError, RegistryError
from hp_tui.registry.kv_arguments import checked_value
from hp_tui.registry.kv_keys import check_key, path_of
from hp_tui.registry.kv_watch import entry_of
from hp_tui.registry.pacing import next_index
from hp_tui.registry.response import Response
from hp_tui.registry.session import GOODBYE, Session
from hp_tui.registry.urls import in_url

T = TypeVar("T")

log = logging.getLogger(__name__)

HELD_WAIT = 30.0
"""Seconds Consul may hold the query that follows a lock's key."""
RETRY = 0.5
"""Seconds between two tries while nobody holds the key and Consul still refuses it: its lock delay."""


class Lock:
    """The lock on a key. ``async with`` waits until it is held; leaving gives it back.

    ``value`` is what the key says meanwhile, such as who holds it. The lock may be lost while it is held: its session
    ended, or somebody took the key. Then :attr:`lost` says why, :meth:`wait_lost` returns, and :meth:`run` ends its work.
    Whatever the lock protects must stop then. ``make_session`` makes a session of its own for each time.
    """

    def __init__(
        self, connection: Connection, key: str, value: bytes | str, make_session: Callable[[], Session]
    ) -> None:
        check_key(key)
        if not in_url(key):
            raise InvalidKeyError(key, "a key that a URL can name, to be locked")
        self.key = key
        self._value = checked_value(key, value)
        self._connection = connection
        self._make_session = make_session
        self._session: Session | None = None
        self._stack = contextlib.AsyncExitStack()

    @property
    def held(self) -> bool:
        """Whether the lock is held, as far as can be known from here."""
        return self._session is not None and not self._session.lost

    @property
    def lost(self) -> str:
        """Why the lock is not held any more, one sentence; '' before it was held, and while it is."""
        return self._session.lost if self._session is not None else ""

    async def wait_lost(self) -> str:
        """Wait until the lock that is held is lost; the reason. Raises :class:`LockLostError` if it is not held."""
        if self._session is None:
            raise LockLostError(self.key, "it is not held")
        return await self._session.wait_lost()

    async def run(self, work: Awaitable[T]) -> T:
        """Await ``work``; if the lock is lost before it ends, cancel it and raise :class:`LockLostError`."""
        working = asyncio.ensure_future(work)
        losing = asyncio.ensure_future(self.wait_lost())
        try:
            await asyncio.wait({working, losing}, return_when=asyncio.FIRST_COMPLETED)
            if working.done():
                return working.result()
            raise LockLostError(self.key, losing.result())
        finally:
            for task in (working, losing):
                task.cancel()
            await asyncio.wait({working, losing})

    async def acquire(self, timeout: float | None = None) -> None:
        """Wait until the lock is held. Raises :class:`TimeoutError` after ``timeout`` seconds, and ``RegistryError``."""
        await self.release()
        async with asyncio.timeout(timeout), contextlib.AsyncExitStack() as stack:
            session = await stack.enter_async_context(self._make_session())
            index = 0
            while not await self._try(session):
                index = await self._wait_free(index)
                if session.lost:
                    session = await stack.enter_async_context(self._make_session())
            following = asyncio.create_task(self._follow(session), name=f"follow lock {self.key}")
            stack.push_async_callback(self._give_back, session, following)
            self._session, self._stack = session, stack.pop_all()

    async def release(self) -> None:
        """Give the lock back. Safe to call when it is not held, or without Consul: its session ends by its TTL then."""
        self._session = None
        await self._stack.aclose()

    async def __aenter__(self) -> Lock:
        await self.acquire()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.release()

    async def holder(self) -> KVEntry | None:
        """The key's entry while anybody holds the lock, else None."""
        entry = entry_of(await self._read(0, 0.0))
        return entry if entry is not None and entry.session else None

    async def _try(self, session: Session) -> bool:
        permission = f'key "{self.key}" policy "write"'
        response = await self._connection.put(
            path_of(self.key), [("acquire", session.id)], self._value, permission=permission, allow=(500,)
        )
        if response.status == 500:  # "invalid session": it ended meanwhile
            if "invalid session" in response.body.decode("utf-8", "replace"):
                session.lose("Consul no longer has the session")
                return False
            raise response.error(permission)
        return response.body.strip() == b"true"

    async def _wait_free(self, index: int) -> int:
        """Wait while somebody holds the key; the index to wait with next."""
        response = await self._read(index, HELD_WAIT)
        entry = entry_of(response)
        if entry is not None and entry.session:
            return next_index(index, response.index)
        await asyncio.sleep(RETRY)
        return 0

    async def _follow(self, session: Session) -> None:
        """Lose the session's hold as soon as the key is no longer its own."""
        index, failures = 0, 0
        while not session.lost:
            try:
                response = await self._read(index, HELD_WAIT)
                entry = entry_of(response)
                index, failures = next_index(index, response.index), 0
            except RegistryError as error:  # the session's own TTL bounds how long this may go on
                log.warning("lock %s could not be followed: %s", self.key, error)
                index, failures = 0, min(failures + 1, 4)
                await asyncio.sleep(RETRY * failures)
                continue
            if entry is None:
                session.lose(f"key {self.key!r} was deleted")
            elif entry.session != session.id:
                session.lose(
                    f"key {self.key!r} was taken by {'another session' if entry.session else 'nobody: released'}"
                )

    async def _read(self, index: int, wait: float) -> Response:
        params = [("consistent", "")]
        if index:
            params += [("index", str(index)), ("wait", f"{round(wait * 1000)}ms")]
        timeout = wait * 17 / 16 + self._connection.timeout
        return await self._connection.get(
            path_of(self.key), params, permission=f'key "{self.key}" policy "read"', timeout=timeout, allow=(404,)
        )

    async def _give_back(self, session: Session, following: asyncio.Task[None]) -> None:
        following.cancel()
        await asyncio.wait([following])
        with contextlib.suppress(RegistryError):
            await self._connection.put(path_of(self.key), [("release", session.id)], self._value, timeout=GOODBYE)
