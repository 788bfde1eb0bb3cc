"""Consul's key-value store, every write a check-and-set (RULES.md KV)."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence

from hp_tui.model.kv import VALUE_LIMIT, KVConflict, KVEntry, KVOpError
from hp_tui.registry import kv_format, parsing
from hp_tui.registry.connection import Connection
from hp_tui.registry.errors import (
    ConsulResponseError,
    InvalidKeyError,
    KVConflictError,
    TransactionError,
    ValueTooLargeError,
)
from hp_tui.registry.kv_keys import check_key, check_prefix, check_watchable, in_url, level_of, path_of
from hp_tui.registry.response import Response
from hp_tui.registry.subscription import Subscription
from hp_tui.registry.transaction import MAX_BYTES, batch, chunks, existing, transact
from hp_tui.registry.values import BatchResult, KVLevelUpdate, KVOp, KVUpdate, SearchHit, SearchProgress
from hp_tui.registry.watch import Fetched, Observed, ReadMode
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
        return _single(response)

    async def put(
        self,
        key: str,
        value: bytes | str,
        *,
        cas: int | None,
        flags: int | None = None,
        base: KVEntry | None = None,
    ) -> KVEntry:
        """Write ``value`` (text as UTF-8) if nobody changed ``key`` since it was read; return the new entry.

        ``cas`` is the ModifyIndex that was read, 0 to create only. None writes whatever is there: for programs that
        own their keys, never for a person's edit. ``flags`` None keeps those that are stored (one read more); a session
        that holds the key keeps it. ``base``, the entry that was read, is only for the conflict to show.
        Raises :class:`KVConflictError` with both sides, :class:`ValueTooLargeError` before anything is sent.
        """
        data = value.encode("utf-8") if isinstance(value, str) else bytes(value)
        check_key(key)
        if len(data) > VALUE_LIMIT:
            raise ValueTooLargeError(key, len(data))
        if flags is None and cas == 0:
            flags = 0
        elif flags is None:
            stored = base if base is not None and base.modify_index == cas else await self.get(key)
            flags = stored.flags if stored is not None else 0
        if len(data) > MAX_BYTES:
            return await self._put_large(key, data, cas, flags, base)
        op = KVOp("set", key, data, flags=flags) if cas is None else KVOp("cas", key, data, cas, flags)
        try:
            entries = await transact(self._connection, [op])
        except TransactionError as error:
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
        try:
            await transact(self._connection, [KVOp("delete-cas", key, index=cas)])
        except TransactionError as error:
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
        return _keys(response, prefix)

    async def keys(self, prefix: str = "") -> tuple[str, ...]:
        """Every key that begins with ``prefix``, however deep, without values."""
        if not in_url(prefix):
            return tuple(entry.key for entry in await self.entries(prefix))
        response = await self._connection.get(
            path_of(prefix), [("keys", "")], permission=f'key_prefix "{prefix}" policy "list"', allow=(404,)
        )
        return _keys(response, prefix, itself=True)

    async def entries(self, prefix: str = "") -> tuple[KVEntry, ...]:
        """Every entry whose key begins with ``prefix``, values included."""
        permission = f'key_prefix "{prefix}" policy "read"'
        if not in_url(prefix):
            return await transact(self._connection, [KVOp("get-tree", prefix)])
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
            if not key.startswith(prefix):
                raise InvalidKeyError(key, f"a key that begins with {prefix!r}; nothing was deleted")
        return await self.batch([KVOp("delete-cas", key, index=index) for key, index in expected.items()])

    async def txn(self, ops: Sequence[KVOp]) -> tuple[KVEntry, ...]:
        """At most 64 operations, all or none. Raises :class:`TransactionError` with each refused one."""
        _checked_ops(ops)
        return await transact(self._connection, ops)

    async def batch(self, ops: Sequence[KVOp]) -> BatchResult:
        """Any number of operations, in transactions of at most 64; each counts alone: see :class:`BatchResult`."""
        _checked_ops(ops)
        large = [op for op in ops if len(op.value) > MAX_BYTES]
        result = await batch(self._connection, [op for op in ops if len(op.value) <= MAX_BYTES])
        done, errors, indexes = list(result.done), list(result.errors), dict(result.indexes)
        for op in large:
            try:
                entry = await self.put(op.key, op.value, cas=op.index if op.verb == "cas" else None, flags=op.flags)
            except KVConflictError as error:
                errors.append(KVOpError(op.key, str(error)))
            else:
                done.append(op.key)
                indexes[op.key] = entry.modify_index
        return BatchResult(tuple(done), tuple(errors), indexes)

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
        check_key(key)
        check_watchable(key)

        async def fetch(index: int, *, mode: ReadMode, wait: float) -> Fetched[tuple[KVEntry | None]]:
            response = await self._watches.read(
                path_of(key), (), index, mode, wait, f'key "{key}" policy "read"', allow=(404,)
            )
            return Fetched(
                (_single(response),),
                response.index,
                response.known_leader,
                response.last_contact,
                response.status == 404,
            )

        def shape(seen: Observed[tuple[KVEntry | None]]) -> KVUpdate:
            entry = seen.value[0] if seen.value else None
            return KVUpdate(key, entry, seen.at, seen.index, seen.stale, seen.error)

        return self._watches.subscribe(("key", key), fetch, shape)

    def watch_level(self, prefix: str = "") -> Subscription[KVLevelUpdate]:
        """Follow the direct children of ``prefix`` ('' or ending in ``/``)."""
        check_prefix(prefix)
        check_watchable(prefix)

        async def fetch(index: int, *, mode: ReadMode, wait: float) -> Fetched[tuple[str, ...]]:
            params = [("keys", ""), ("separator", "/")]
            response = await self._watches.read(
                path_of(prefix), params, index, mode, wait, f'key_prefix "{prefix}" policy "list"', allow=(404,)
            )
            children = _keys(response, prefix)
            return Fetched(children, response.index, response.known_leader, response.last_contact, not children)

        def shape(seen: Observed[tuple[str, ...]]) -> KVLevelUpdate:
            return KVLevelUpdate(prefix, seen.value or (), seen.at, seen.index, seen.stale, seen.error)

        return self._watches.subscribe(("level", prefix), fetch, shape)

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


def _single(response: Response) -> KVEntry | None:
    if response.status == 404:
        return None
    found = [parsing.entry(item) for item in parsing.objects(response.json())]
    if not found or found[0] is None:
        raise response.malformed("a list with one key, its value in base64")
    return found[0]


def _keys(response: Response, prefix: str, *, itself: bool = False) -> tuple[str, ...]:
    if response.status == 404:
        return ()
    return tuple(key for key in parsing.strings(response.json()) if itself or key != prefix)


def _checked_ops(ops: Sequence[KVOp]) -> None:
    for op in ops:
        if op.verb != "get-tree":
            check_key(op.key)
        if len(op.value) > VALUE_LIMIT:
            raise ValueTooLargeError(op.key, len(op.value))


def _hit(entry: KVEntry, needle: str) -> SearchHit | None:
    in_key = needle in entry.key.casefold()
    line = next((one for one in (entry.text or "").splitlines() if needle in one.casefold()), "")
    return SearchHit(entry.key, in_key, bool(line), line) if in_key or line else None
