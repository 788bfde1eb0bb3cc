"""Watches of the key-value store, and reading its answers."""

from __future__ import annotations

from hp_tui.model.kv import KVEntry
from hp_tui.registry import parsing
from hp_tui.registry.kv_keys import check_key, check_prefix, check_watchable, path_of
from hp_tui.registry.response import Response
from hp_tui.registry.subscription import Subscription
from hp_tui.registry.values import KVLevelUpdate, KVUpdate
from hp_tui.registry.watch import Fetched, Observed, ReadMode
from hp_tui.registry.watches import Watches, fetched

KEY_READ = "key:read"


def watch_key(watches: Watches, key: str) -> Subscription[KVUpdate]:
    """Follow one key: its entry now, then each change. Shared by all who watch it."""
    check_key(key)
    check_watchable(key)

    async def fetch(index: int, *, mode: ReadMode, wait: float) -> Fetched[tuple[KVEntry | None]]:
        response = await watches.read(path_of(key), (), index, mode, wait, f'key "{key}" policy "read"', allow=(404,))
        missing = KEY_READ if response.filtered else ""
        return fetched(response, (entry_of(response),), empty=response.status == 404, missing=missing)

    def shape(seen: Observed[tuple[KVEntry | None]]) -> KVUpdate:
        entry = seen.value[0] if seen.value else None
        return KVUpdate(key, entry, seen.at, seen.index, seen.stale, seen.error, seen.visibility)

    return watches.subscribe(("key", key), fetch, shape)


def watch_level(watches: Watches, prefix: str) -> Subscription[KVLevelUpdate]:
    """Follow the direct children of ``prefix`` ('' or ending in ``/``)."""
    check_prefix(prefix)
    check_watchable(prefix)

    async def fetch(index: int, *, mode: ReadMode, wait: float) -> Fetched[tuple[str, ...]]:
        params = [("keys", ""), ("separator", "/")]
        response = await watches.read(
            path_of(prefix), params, index, mode, wait, f'key_prefix "{prefix}" policy "list"', allow=(404,)
        )
        children = keys_of(response, prefix)
        return fetched(response, children, empty=not children, missing=KEY_READ if response.filtered else "")

    def shape(seen: Observed[tuple[str, ...]]) -> KVLevelUpdate:
        return KVLevelUpdate(prefix, seen.value or (), seen.at, seen.index, seen.stale, seen.error, seen.visibility)

    return watches.subscribe(("level", prefix), fetch, shape)


def entry_of(response: Response) -> KVEntry | None:
    """The one entry of an answer to ``/v1/kv/KEY``; None when there is none."""
    if response.status == 404:
        return None
    found = [parsing.entry(item) for item in parsing.objects(response.json())]
    if not found or found[0] is None:
        raise response.malformed("a list with one key, its value in base64")
    return found[0]


def keys_of(response: Response, prefix: str, *, itself: bool = False) -> tuple[str, ...]:
    """The keys of an answer to ``?keys``, ``prefix`` among them only with ``itself``."""
    if response.status == 404:
        return ()
    return tuple(key for key in parsing.strings(response.json()) if itself or key != prefix)
