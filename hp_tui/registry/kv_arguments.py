"""Arguments of the key-value store, checked before anything is sent."""

from __future__ import annotations

from collections.abc import Sequence

from hp_tui.model.kv import VALUE_LIMIT
from hp_tui.registry.errors import ConfigurationError, ValueTooLargeError
from hp_tui.registry.kv_keys import check_key
from hp_tui.registry.transaction import MAX_BYTES, MAX_OPS, weight
from hp_tui.registry.values import KVOp

VERBS = frozenset(
    {
        *("set", "cas", "get", "get-tree", "delete", "delete-tree", "delete-cas"),
        *("lock", "unlock", "check-index", "check-session", "check-not-exists"),
    }
)
"""Verbs of Consul's transactions on keys."""
MAX_INDEX = 2**64 - 1
"""Indexes and flags are unsigned 64-bit numbers in Consul."""


def checked_value(key: str, value: object) -> bytes:
    """``value`` as bytes; text as UTF-8.

    Raises :class:`ConfigurationError` for anything but bytes and text, :class:`ValueTooLargeError` above 512 KB.
    """
    if isinstance(value, str):
        value = value.encode("utf-8", "surrogatepass")
    if not isinstance(value, (bytes, bytearray, memoryview)):
        raise ConfigurationError(
            f"the value of {key!r} is {value!r:.80s}; expected bytes, or text that is stored as UTF-8"
        )
    if len(data := bytes(value)) > VALUE_LIMIT:
        raise ValueTooLargeError(key, len(data))
    return data


def checked_index(name: str, value: object) -> int:
    """A ModifyIndex or flags. Raises :class:`ConfigurationError` for anything but a whole number of 64 bits."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_INDEX:
        hint = (
            "the ModifyIndex that was read, 0 to create only" if name == "cas" else "a whole number from 0 to 2^64 - 1"
        )
        raise ConfigurationError(f"{name} is {value!r}; expected {hint}")
    return value


def checked_ops(ops: Sequence[KVOp]) -> Sequence[KVOp]:
    """``ops`` itself. Raises the first operation's fault, as the functions above do."""
    for op in ops:
        _check_op(op)
    return ops


def _check_op(op: object) -> None:
    if not isinstance(op, KVOp) or op.verb not in VERBS:
        given = op.verb if isinstance(op, KVOp) else op
        raise ConfigurationError(
            f"operation {given!r}; expected a KVOp whose verb is one of {', '.join(sorted(VERBS))}"
        )
    if op.verb != "get-tree" or op.key:
        check_key(op.key)
    value: object = op.value
    if not isinstance(value, bytes):
        raise ConfigurationError(f"the value of {op.key!r} is {value!r:.80s}; expected bytes")
    checked_value(op.key, value)
    checked_index("index", op.index)
    checked_index("flags", op.flags)


def checked_transaction(ops: Sequence[KVOp]) -> Sequence[KVOp]:
    """``ops`` as one transaction. Raises :class:`ConfigurationError` for more than fits into one."""
    checked_ops(ops)
    if len(ops) > MAX_OPS:
        raise ConfigurationError(f"{len(ops)} operations in a transaction; expected at most {MAX_OPS}: use a batch")
    if (size := sum(weight(op) for op in ops)) > MAX_BYTES:
        raise ConfigurationError(
            f"a transaction of {size} bytes of keys and values; expected at most {MAX_BYTES}: use a batch, or put()"
        )
    return ops
