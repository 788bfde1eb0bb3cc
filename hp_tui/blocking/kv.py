"""The key-value store for threads; see :class:`hp_tui.registry.kv.KVStore` for each method."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hp_tui.blocking.background import BackgroundLoop, BlockingIterator
from hp_tui.model.kv import KVEntry
from hp_tui.registry import BatchResult, KVLevelUpdate, KVOp, KVStore, KVUpdate


class BlockingKV:
    """:class:`~hp_tui.registry.kv.KVStore`, blocking. Get it as ``registry.kv``."""

    def __init__(self, background: BackgroundLoop, kv: KVStore, owner: str) -> None:
        self._background = background
        self._kv = kv
        self._owner = owner

    def get(self, key: str) -> KVEntry | None:
        """The entry of ``key``, or None when there is none."""
        return self._background.run(lambda: self._kv.get(key), self._owner)

    def put(
        self, key: str, value: bytes | str, *, cas: int, flags: int | None = None, base: KVEntry | None = None
    ) -> KVEntry:
        """Write ``value`` if nobody changed ``key`` since it was read; raises ``KVConflictError`` otherwise."""
        return self._background.run(lambda: self._kv.put(key, value, cas=cas, flags=flags, base=base), self._owner)

    def delete(self, key: str, *, cas: int, base: KVEntry | None = None) -> None:
        """Delete ``key`` if its ModifyIndex is still ``cas``."""
        self._background.run(lambda: self._kv.delete(key, cas=cas, base=base), self._owner)

    def level(self, prefix: str = "") -> tuple[str, ...]:
        """The direct children of ``prefix``."""
        return self._background.run(lambda: self._kv.level(prefix), self._owner)

    def keys(self, prefix: str = "") -> tuple[str, ...]:
        """Every key that begins with ``prefix``."""
        return self._background.run(lambda: self._kv.keys(prefix), self._owner)

    def entries(self, prefix: str = "") -> tuple[KVEntry, ...]:
        """Every entry whose key begins with ``prefix``."""
        return self._background.run(lambda: self._kv.entries(prefix), self._owner)

    def delete_prefix(self, prefix: str, expected: Mapping[str, int]) -> BatchResult:
        """Delete exactly the keys of ``expected`` (key to the ModifyIndex that was shown)."""
        return self._background.run(lambda: self._kv.delete_prefix(prefix, expected), self._owner)

    def txn(self, ops: Sequence[KVOp]) -> tuple[KVEntry, ...]:
        """At most 64 operations, all or none."""
        return self._background.run(lambda: self._kv.txn(ops), self._owner)

    def batch(self, ops: Sequence[KVOp]) -> BatchResult:
        """Any number of operations, each on its own merit."""
        return self._background.run(lambda: self._kv.batch(ops), self._owner)

    def watch(self, key: str) -> BlockingIterator[KVUpdate]:
        """Follow one key: its entry now, then each change."""
        return BlockingIterator(self._background, self._kv.watch(key), self._owner)

    def watch_level(self, prefix: str = "") -> BlockingIterator[KVLevelUpdate]:
        """Follow the direct children of ``prefix``."""
        return BlockingIterator(self._background, self._kv.watch_level(prefix), self._owner)
