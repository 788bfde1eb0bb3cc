"""The opened part of the KV store."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TypeVar

from msgspec.structs import replace

from hp_tui.engine import events
from hp_tui.engine.events import (
    ConflictSettled,
    KeyBusy,
    KeyConflicted,
    KeyFailed,
    KeySaved,
    KeySeen,
    KVRefused,
    LevelSeen,
    TokenReplaced,
)
from hp_tui.engine.reducers.log import TimelineLine, logged
from hp_tui.engine.reducers.steps import Steps
from hp_tui.model.fleet import FleetSnapshot, KVView
from hp_tui.model.kv import KVLevel
from hp_tui.model.timeline import Severity, TimelineKind

ENTRY_LIMIT = 64
"""Values held in memory; each has at most 512 KB."""

V = TypeVar("V")


def _set(mapping: Mapping[str, V], key: str, value: V) -> Mapping[str, V]:
    rest = {name: item for name, item in mapping.items() if name != key}
    return MappingProxyType({**rest, key: value})


def _drop(mapping: Mapping[str, V], key: str) -> Mapping[str, V]:
    return (
        MappingProxyType({name: item for name, item in mapping.items() if name != key}) if key in mapping else mapping
    )


def level_seen(snapshot: FleetSnapshot, event: LevelSeen) -> FleetSnapshot:
    old = snapshot.kv.levels.get(event.prefix)
    known = old.children if old else ()
    level = KVLevel(
        prefix=event.prefix,
        children=event.children if event.children is not None else known,
        at=event.at,
        error=event.error,
        loading=event.children is None and not event.error,
    )
    error = "" if event.children is not None else snapshot.kv.error
    return _kv(snapshot, replace(snapshot.kv, levels=_set(snapshot.kv.levels, event.prefix, level), error=error))


def kv_refused(snapshot: FleetSnapshot, event: KVRefused) -> FleetSnapshot:
    return _kv(snapshot, replace(snapshot.kv, error=event.error))


def token_replaced(snapshot: FleetSnapshot, _: TokenReplaced) -> FleetSnapshot:
    """Drop errors and levels that failed, so that the screen reads them again. What was read stays."""
    view = snapshot.kv
    levels = {prefix: level for prefix, level in view.levels.items() if not level.error and not level.loading}
    errors: Mapping[str, str] = MappingProxyType({})
    new = replace(view, levels=MappingProxyType(levels), errors=errors, busy=frozenset(), error="")
    return snapshot if new == view else _kv(snapshot, new)


def key_busy(snapshot: FleetSnapshot, event: KeyBusy) -> FleetSnapshot:
    return _kv(snapshot, replace(snapshot.kv, busy=snapshot.kv.busy | {event.key}))


def key_seen(snapshot: FleetSnapshot, event: KeySeen) -> FleetSnapshot:
    return _kv(snapshot, _stored(_settled(snapshot.kv, event.key), event))


def key_saved(snapshot: FleetSnapshot, event: KeySaved) -> FleetSnapshot:
    kv = _answered(_stored(_settled(snapshot.kv, event.key), event), event.key, event.command)
    kv = replace(kv, saved=_set(kv.saved, event.key, event.at), conflicts=_drop(kv.conflicts, event.key))
    if event.entry is None:
        new = "deleted"
    else:
        new = f"{'created' if event.created else 'written'} at index {event.entry.modify_index}"
    line = TimelineLine(TimelineKind.KV, Severity.INFO, event.key, new=new)
    return logged(_kv(snapshot, kv), event.at, [line])


def key_conflicted(snapshot: FleetSnapshot, event: KeyConflicted) -> FleetSnapshot:
    conflict = event.conflict
    kv = _answered(_settled(snapshot.kv, conflict.key), conflict.key, event.command)
    kv = replace(kv, conflicts=_set(kv.conflicts, conflict.key, conflict))
    line = TimelineLine(
        TimelineKind.KV, Severity.WARN, conflict.key, new="write refused", detail="changed by somebody else meanwhile"
    )
    return logged(_kv(snapshot, kv), event.at, [line])


def conflict_settled(snapshot: FleetSnapshot, event: ConflictSettled) -> FleetSnapshot:
    return _kv(snapshot, replace(snapshot.kv, conflicts=_drop(snapshot.kv.conflicts, event.key)))


def key_failed(snapshot: FleetSnapshot, event: KeyFailed) -> FleetSnapshot:
    kv = _answered(_settled(snapshot.kv, event.key), event.key, event.command)
    return _kv(snapshot, replace(kv, errors=_set(kv.errors, event.key, event.error)))


def _settled(kv: KVView, key: str) -> KVView:
    return replace(kv, busy=kv.busy - {key}, errors=_drop(kv.errors, key))


def _answered(kv: KVView, key: str, command: str) -> KVView:
    return replace(kv, answered=_set(kv.answered, key, command)) if command else kv


def _stored(kv: KVView, event: KeySeen | KeySaved) -> KVView:
    if event.entry is None:
        return replace(kv, entries=_drop(kv.entries, event.key), missing=kv.missing | {event.key})
    entries = _set(kv.entries, event.key, event.entry)
    if len(entries) > ENTRY_LIMIT:
        entries = _drop(entries, next(iter(entries)))
    return replace(kv, entries=entries, missing=kv.missing - {event.key})


def _kv(snapshot: FleetSnapshot, kv: KVView) -> FleetSnapshot:
    return snapshot if kv == snapshot.kv else replace(snapshot, kv=kv)


STEPS: Steps = {
    events.TokenReplaced: (token_replaced,),
    events.LevelSeen: (level_seen,),
    events.KVRefused: (kv_refused,),
    events.KeyBusy: (key_busy,),
    events.KeySeen: (key_seen,),
    events.KeySaved: (key_saved,),
    events.KeyConflicted: (key_conflicted,),
    events.ConflictSettled: (conflict_settled,),
    events.KeyFailed: (key_failed,),
}
"""By event: the functions that make the new snapshot, in order."""
