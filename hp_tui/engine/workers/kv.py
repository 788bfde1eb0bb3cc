"""KV commands: reads, and writes that are always check-and-set."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable

from hp_tui.engine.events import KeyBusy, KeyConflicted, KeyFailed, KeySaved, KeySeen, KVRefused, LevelSeen
from hp_tui.engine.publisher import Publisher
from hp_tui.model.commands import DeleteKey, OpenLevel, ReadKey, WriteKey
from hp_tui.model.kv import KVEntry
from hp_tui.registry import ConsulForbiddenError, ConsulServiceRegistry, KVConflictError, RegistryError
from hp_tui.registry.pacing import Backoff

RETRY_FIRST, RETRY_MOST = 1.0, 30.0
"""Seconds before a level that could not be read is read again: at first, and at most."""


class KVWorker:
    """Carries out KV commands and reports what came of each; a failure is an event, never an exception."""

    def __init__(self, registry: ConsulServiceRegistry, publisher: Publisher, now: Callable[[], float]) -> None:
        self._kv = registry.kv
        self._publisher = publisher
        self._emit = publisher.emit
        self._now = now

    async def open_level(self, command: OpenLevel) -> None:
        """Read a level, until Consul has told it or refused it: an outage need not be one of the whole link."""
        self._emit(LevelSeen(self._now(), command.prefix))
        pauses = Backoff(RETRY_FIRST, RETRY_MOST, random.Random())
        while True:
            if await self._told(command.prefix):
                return
            await asyncio.sleep(pauses.failed())

    async def _told(self, prefix: str) -> bool:
        """Ask once. Returns whether there is nothing to try again."""
        try:
            children = await self._kv.level(prefix)
        except ConsulForbiddenError as error:
            self._emit(LevelSeen(self._now(), prefix, error=str(error)))
            if not prefix:
                self._emit(KVRefused(self._now(), str(error)))
        except RegistryError as error:
            self._emit(LevelSeen(self._now(), prefix, error=str(error)))
            return False
        else:
            self._emit(LevelSeen(self._now(), prefix, children))
        return True

    async def read(self, command: ReadKey) -> None:
        self._emit(KeyBusy(self._now(), command.key))
        try:
            entry = await self._kv.get(command.key)
        except RegistryError as error:
            self._emit(KeyFailed(self._now(), command.key, str(error), command.id))
        else:
            self._emit(KeySeen(self._now(), command.key, entry))

    async def write(self, command: WriteKey) -> None:
        self._emit(KeyBusy(self._now(), command.key))
        try:
            entry = await self._kv.put(
                command.key,
                command.value,
                cas=command.index,
                flags=command.flags,
                base=self._read_at(command.key, command.index),
            )
        except KVConflictError as error:
            self._emit(KeyConflicted(self._now(), error.conflict, command.id))
        except RegistryError as error:
            self._emit(KeyFailed(self._now(), command.key, str(error), command.id))
        else:
            self._emit(KeySaved(self._now(), command.key, entry, created=command.index == 0, command=command.id))
            if command.index == 0:
                await self._refresh_parent(command.key)

    async def delete(self, command: DeleteKey) -> None:
        self._emit(KeyBusy(self._now(), command.key))
        try:
            await self._kv.delete(command.key, cas=command.index, base=self._read_at(command.key, command.index))
        except KVConflictError as error:
            self._emit(KeyConflicted(self._now(), error.conflict, command.id))
        except RegistryError as error:
            self._emit(KeyFailed(self._now(), command.key, str(error), command.id))
        else:
            self._emit(KeySaved(self._now(), command.key, None, command=command.id))
            await self._refresh_parent(command.key)

    def _read_at(self, key: str, index: int) -> KVEntry | None:
        """What was read of the key at that index, for showing the three sides of a conflict."""
        entry = self._publisher.snapshot.kv.entries.get(key)
        return entry if entry is not None and entry.modify_index == index else None

    async def _refresh_parent(self, key: str) -> None:
        """A key came or went: its folder is listed again, and the root where its first folder may be new or gone."""
        head, slash, _ = key.rstrip("/").rpartition("/")
        for prefix in dict.fromkeys([head + slash, ""]):
            self._emit(LevelSeen(self._now(), prefix))
            await self._told(prefix)
