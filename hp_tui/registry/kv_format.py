"""The text that ``consul kv export`` prints and ``consul kv import`` reads."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable
from typing import Any

from hp_tui.model.kv import VALUE_LIMIT, KVEntry
from hp_tui.registry.errors import InvalidExportError, ValueTooLargeError


def export(entries: Iterable[KVEntry]) -> str:
    """Entries as JSON: a list of ``{"key", "flags", "value"}``, the value in base64, indented by tabs."""
    rows = [
        {"key": entry.key, "flags": entry.flags, "value": base64.b64encode(entry.value).decode("ascii")}
        for entry in entries
    ]
    return json.dumps(rows, indent="\t", ensure_ascii=False) + "\n"


def parse(text: str) -> tuple[KVEntry, ...]:
    """The entries of an export, with ModifyIndex 0.

    Raises :class:`InvalidExportError` and :class:`ValueTooLargeError`, naming the entry.
    """
    try:
        raw = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InvalidExportError(f"it is not JSON ({error})") from None
    if not isinstance(raw, list):
        raise InvalidExportError(f"it is {type(raw).__name__}, not a list")
    entries = tuple(_entry(number, item) for number, item in enumerate(raw, 1))
    keys = [entry.key for entry in entries]
    if len(set(keys)) != len(keys):
        twice = next(key for key in keys if keys.count(key) > 1)
        raise InvalidExportError(f"key {twice!r} is there more than once")
    return entries


def _entry(number: int, raw: Any) -> KVEntry:
    if not isinstance(raw, dict) or not isinstance(raw.get("key"), str) or not raw["key"]:
        raise InvalidExportError(f"entry {number} has no key")
    flags = raw.get("flags", 0)
    if not isinstance(flags, int) or isinstance(flags, bool) or not 0 <= flags < 2**64:
        raise InvalidExportError(f"entry {number} ({raw['key']!r}) has flags {flags!r}")
    try:
        value = base64.b64decode(raw.get("value") or "", validate=True)
    except (binascii.Error, ValueError, TypeError):
        raise InvalidExportError(f"the value of entry {number} ({raw['key']!r}) is no base64") from None
    if len(value) > VALUE_LIMIT:
        raise ValueTooLargeError(raw["key"], len(value))
    return KVEntry(raw["key"], value, 0, flags=flags)
