"""Consul's key-value store, every write a check-and-set (RULES.md KV)."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence

from hp_tui.model.kv import KVConflict, KVEntry, KVOpError
from hp_tui.registry import kv_format, parsing
from hp_tui.registry.connection import Connection
from hp_tui.registry.errors import (
    ConsulResponseError,
    InvalidKeyError,
    KVConflictError,
    TransactionError,
)
from hp_tui.registry.kv_arguments import checked_index, checked_ops, checked_transaction, checked_value
from hp_tui.registry.kv_batch import Batch
from hp_tui.registry.kv_keys import check_key, check_prefix, level_of, path_of
from hp_tui.registry.kv_watch import entry_of, keys_of, watch_key, watch_level
from hp_tui.registry.subscription import Subscription
from hp_tui.registry.transaction import MAX_BYTES, chunks, existing, raise_denied, transact
from hp_tui.registry.urls import in_url
from hp_tui.registry.values import BatchResult, KVLevelUpdate, KVOp, KVUpdate, SearchHit, SearchProgress
from hp_tui.registry.watches import Watches


class KVStore:
    """The keys of one datacenter. Get it as ``registry.kv``.

    Keys are text: whatever Consul stores can be read and written, also keys such as
    ``a//b`` that its own URLs cannot name (they go through transactions). Values are bytes.

    Every method raises :class:`~hp_tui.registry.errors.ConsulUnreachableError`,
    :class:`~hp_tui.registry.errors.ConsulForbiddenError` and the other errors of the tree when Consul does not help.
    """

    def __init__(self, connection: Connection, watches: Watches, *, clock: Callable[[], float] = time.time) -> None:
        self._connection = connection
        self._watches = watches
        self._clock = clock

    async def get(self, key: str) -> KVEntry | None:
        """The entry of ``key``, or None when there is none."""
        check_key(key)
        if not in_url(key):
            return await self._get_by_transaction(key)
        response = await self._connection.get(path_of(key), permission=f'key "{key}" policy "read"', allow=(404,))
        return entry_of(response)

    async def put(
        self,
        key: str,
        value: bytes | str,
        *,
        cas: int,
        flags: int | None = None,
        base: KVEntry | None = None,
    ) -> KVEntry:
        """Write ``value`` (text as UTF-8) if nobody changed ``key`` since it was read; return the new entry.

        ``cas`` is the ModifyIndex that was read, 0 to create only. A program that owns its keys, and writes whatever is
        there, uses :meth:`txn` with ``set``. ``flags`` None keeps those that are stored (one read more); a session
        that holds the key keeps it. ``base``, the entry that was read, is only for the conflict to show.
        Raises :class:`KVConflictError` with both sides. Before anything is sent it raises :class:`ValueTooLargeError`,
        :class:`InvalidKeyError`, and :class:`~hp_tui.registry.errors.ConfigurationError` for arguments of another type.
        """
        check_key(key)
        data = checked_value(key, value)
        checked_index("cas", cas)
        if flags is not None:
            checked_index("flags", flags)
        if flags is None and cas == 0:
            flags = 0
        elif flags is None:
            stored = base if base is not None and base.modify_index == cas else await self.get(key)
            flags = stored.flags if stored is not None else 0
        if len(data) > MAX_BYTES:
            return await self._put_large(key, data, cas, flags, base)
        op = KVOp("cas", key, data, cas, flags)
        try:
            entries = await transact(self._connection, [op])
        except TransactionError as error:
            raise_denied(error, [op])
            raise await self._lost(key, data, cas, error, base) from None
        written = entries[0] if entries else None
        if written is None:
            raise ConsulResponseError(
                200, "", request=f"writing {key!r}", message=f"Consul did not confirm the write of {key!r}"
            )
        return KVEntry(
            key, data, written.modify_index, written.create_index, written.lock_index, written.flags, written.session
        )

    async def delete(self, key: str, *, cas: int, base: KVEntry | None = None) -> None:
        """Delete ``key`` if its ModifyIndex is still ``cas``. One that is gone already is fine.

        Raises :class:`KVConflictError` if somebody changed it.
        """
        check_key(key)
        checked_index("cas", cas)
        op = KVOp("delete-cas", key, index=cas)
        try:
            await transact(self._connection, [op])
        except TransactionError as error:
            raise_denied(error, [op])
            theirs = await self.get(key)
            if theirs is None:
                return
            if theirs.modify_index == cas:
                raise error from None
            raise KVConflictError(KVConflict(key, base or _base(key, cas), None, theirs, self._clock())) from None

    async def level(self, prefix: str = "") -> tuple[str, ...]:
        """The direct children of ``prefix`` ('' or ending in ``/``), full paths; folders end in ``/``."""
        check_prefix(prefix)
        if not in_url(prefix):
            return level_of(await self.keys(prefix), prefix)
        params = [("keys", ""), ("separator", "/")]
        response = await self._connection.get(
            path_of(prefix), params, permission=f'key_prefix "{prefix}" policy "list"', allow=(404,)
        )
        return keys_of(response, prefix)

    async def keys(self, prefix: str = "") -> tuple[str, ...]:
        """Every key that begins with ``prefix``, however deep, without values."""
        if not in_url(prefix):
            return tuple(entry.key for entry in await self.entries(prefix))
        response = await self._connection.get(
            path_of(prefix), [("keys", "")], permission=f'key_prefix "{prefix}" policy "list"', allow=(404,)
        )
        return keys_of(response, prefix, itself=True)

    async def entries(self, prefix: str = "") -> tuple[KVEntry, ...]:
        """Every entry whose key begins with ``prefix``, values included."""
        permission = f'key_prefix "{prefix}" policy "read"'
        if not in_url(prefix):
            return await self.txn([KVOp("get-tree", prefix)])
        response = await self._connection.get(path_of(prefix), [("recurse", "")], permission=permission, allow=(404,))
        if response.status == 404:
            return ()
        found = (parsing.entry(item) for item in parsing.objects(response.json()))
        return tuple(entry for entry in found if entry is not None)

    async def delete_prefix(self, prefix: str, expected: Mapping[str, int]) -> BatchResult:
        """Delete exactly the keys of ``expected`` (key to the ModifyIndex that was shown), nothing else.

        Keys that appeared since, keys that were changed since and anything beside ``prefix`` stay; what was refused is
        in the result's ``errors``. Raises :class:`InvalidKeyError` before anything is sent if a key is not below
        ``prefix``, which must be '' or end in ``/``: ``a/b/`` never means ``a/b2``.
        """
        check_prefix(prefix)
        for key in expected:
            check_key(key)
            if not key.startswith(prefix):
                raise InvalidKeyError(key, f"a key that begins with {prefix!r}; nothing was deleted")
        return await self.batch([KVOp("delete-cas", key, index=index) for key, index in expected.items()])

    async def txn(self, ops: Sequence[KVOp]) -> tuple[KVEntry, ...]:
        """At most 64 operations, all or none. Raises :class:`TransactionError` with each refused one.

        Raises :class:`~hp_tui.registry.errors.ConfigurationError` for more than fits, before anything is sent.
        """
        checked_transaction(ops)
        try:
            return await transact(self._connection, ops)
        except TransactionError as error:
            raise_denied(error, ops)
            raise

    async def batch(self, ops: Sequence[KVOp]) -> BatchResult:
        """Any number of operations in their order, in transactions of at most 64; each on its own merit.

        Operations on one key keep their order. Never raises once something was sent: what was done, and why the rest was
        not, is in the :class:`BatchResult`, also where Consul went away midway.
        """
        checked_ops(ops)
        return await Batch(self._connection, self._write_large).run(ops)

    async def _write_large(self, op: KVOp) -> KVEntry:
        return await self._put_large(op.key, op.value, op.index if op.verb == "cas" else None, op.flags, None)

    async def search(self, text: str, *, prefix: str = "", values: bool = True) -> AsyncIterator[SearchProgress]:
        """Look for ``text`` (any case) in keys and, with ``values``, in UTF-8 values below ``prefix``.

        Yields a step after each 64 keys read; stop by leaving the loop or cancelling. Nothing is read beforehand but
        the list of keys.
        """
        needle = text.casefold()
        names = await self.keys(prefix)
        if not values:
            hits = tuple(SearchHit(key, True, False) for key in names if needle in key.casefold())
            yield SearchProgress(len(names), len(names), hits)
            return
        if not names:
            yield SearchProgress(0, 0)
        searched = 0
        for chunk in chunks([KVOp("get", key) for key in names]):
            found = await existing(self._connection, chunk)
            searched += len(chunk)
            hits = tuple(hit for entry in found if (hit := _hit(entry, needle)) is not None)
            yield SearchProgress(searched, len(names), hits)

    async def export(self, prefix: str = "") -> str:
        """Everything below ``prefix`` in the format of ``consul kv export``."""
        return kv_format.export(await self.entries(prefix))

    async def import_(self, text: str) -> BatchResult:
        """Write the entries of an export, each check-and-set on what is stored when this is called.

        A key changed by somebody else in between is left alone and reported. Raises :class:`InvalidExportError` and
        :class:`ValueTooLargeError` before anything is sent.
        """
        entries = kv_format.parse(text)
        for entry in entries:
            check_key(entry.key)
        stored: dict[str, int] = {}
        for chunk in chunks([KVOp("get", entry.key) for entry in entries]):
            stored.update((found.key, found.modify_index) for found in await existing(self._connection, chunk))
        ops = [KVOp("cas", one.key, one.value, stored.get(one.key, 0), one.flags) for one in entries]
        return await self.batch(ops)

    def watch(self, key: str) -> Subscription[KVUpdate]:
        """Follow one key: its entry now, then each change. Shared by all who watch it."""
        return watch_key(self._watches, key)

    def watch_level(self, prefix: str = "") -> Subscription[KVLevelUpdate]:
        """Follow the direct children of ``prefix`` ('' or ending in ``/``)."""
        return watch_level(self._watches, prefix)

    async def _get_by_transaction(self, key: str) -> KVEntry | None:
        found = await existing(self._connection, [KVOp("get", key)])
        return found[0] if found else None

    async def _put_large(self, key: str, data: bytes, cas: int | None, flags: int, base: KVEntry | None) -> KVEntry:
        """A value too large for a transaction: ``PUT /v1/kv`` tells no index, so it is read back.

        If somebody wrote in between, the entry carries the index that was overwritten, so that a next write with it is
        a conflict and not a silent overwrite.
        """
        if not in_url(key):
            raise InvalidKeyError(key, f"a key that a URL can name, for a value above {MAX_BYTES} bytes")
        params = [("flags", str(flags)), *([("cas", str(cas))] if cas is not None else [])]
        response = await self._connection.put(path_of(key), params, data, permission=f'key "{key}" policy "write"')
        if response.body.strip() != b"true":
            refused = TransactionError((KVOpError(key, "the write was refused"),))
            raise await self._lost(key, data, cas, refused, base)
        now = await self.get(key)
        if now is not None and now.value == data:
            return now
        return KVEntry(key, data, cas or 1, flags=flags)

    async def _lost(
        self, key: str, mine: bytes, cas: int | None, cause: TransactionError, base: KVEntry | None
    ) -> Exception:
        """The conflict behind a refused write, or ``cause`` when the key is as the writer expected it."""
        theirs = await self.get(key)
        stored = theirs.modify_index if theirs is not None else 0
        if cas is None or stored == cas:
            return cause
        read = base or _base(key, cas) if cas else None
        return KVConflictError(KVConflict(key, read, mine, theirs, self._clock()))


def _base(key: str, cas: int) -> KVEntry:
    """What a writer that named only an index had read; its value is known to the writer alone."""
    return KVEntry(key, b"", cas)


def _hit(entry: KVEntry, needle: str) -> SearchHit | None:
    in_key = needle in entry.key.casefold()
    line = next((one for one in (entry.text or "").splitlines() if needle in one.casefold()), "")
    return SearchHit(entry.key, in_key, bool(line), line) if in_key or line else None
