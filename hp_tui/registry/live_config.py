"""A service's settings in a key of Consul KV, followed while the service runs."""

from __future__ import annotations

import asyncio
import logging
from types import TracebackType
from typing import Generic, Self, TypeVar

import msgspec

from hp_tui.model.kv import KVEntry
from hp_tui.registry.errors import RegistryClosedError
from hp_tui.registry.kv import KVStore

log = logging.getLogger(__name__)
T = TypeVar("T", bound=msgspec.Struct)


class LiveConfig(Generic[T]):
    """The JSON value of ``key`` as a frozen ``kind``, while its ``async with`` block runs.

    :attr:`value` is the newest value that fits ``kind``: ``default`` until one was read, and again when the key is
    deleted. A value that does not fit changes nothing, and :attr:`error` says what is wrong with it. Without Consul the
    last value stays. ``kind`` is a frozen ``msgspec.Struct``: its annotations, with ``msgspec.Meta`` for ranges, are what
    is checked; fields it does not know are refused if it says ``forbid_unknown_fields=True``.

    Entering the block does not wait for Consul: a service must start without it (Registration 4).
    """

    def __init__(self, kv: KVStore, key: str, kind: type[T], default: T) -> None:
        self.key = key
        self.value = default
        self.error = ""
        """Why what is stored is not used, one sentence; '' while it is."""
        self.index = 0
        """ModifyIndex of the value that is used; 0 for the default."""
        self._kv = kv
        self._kind = kind
        self._default = default
        self._follower: asyncio.Task[None] | None = None
        self._changed = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._follower = asyncio.create_task(self._follow(), name=f"settings in {self.key}")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._follower is not None:
            self._follower.cancel()
            await asyncio.wait({self._follower})

    async def wait_changed(self) -> None:
        """Return when :attr:`value` or :attr:`error` has changed since this was called."""
        await self._changed.wait()

    async def _follow(self) -> None:
        try:
            async with self._kv.watch(self.key) as updates:
                async for update in updates:
                    if not update.stale:  # what Consul cannot say now does not change what it said
                        self._adopt(update.entry)
        except RegistryClosedError:
            log.info("%s: the registry is closed; the last value stays", self.key)

    def _adopt(self, entry: KVEntry | None) -> None:
        before = self.value, self.error
        if entry is None:
            self.value, self.index, self.error = self._default, 0, ""
        else:
            try:
                self.value = msgspec.json.decode(entry.value, type=self._kind)
            except (msgspec.ValidationError, msgspec.DecodeError) as error:
                self.error = (
                    f"{self.key} at index {entry.modify_index} is not used: {error}. The last good value stays."
                )
            else:
                self.index, self.error = entry.modify_index, ""
        if (self.value, self.error) == before:
            return
        if self.error:
            log.warning("%s", self.error)
        else:
            log.info("%s: %s", self.key, self.value)
        self._changed.set()
        self._changed = asyncio.Event()
