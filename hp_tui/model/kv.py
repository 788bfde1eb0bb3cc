"""Consul KV values, levels, and what a check-and-set found."""

from __future__ import annotations

from msgspec import Struct

VALUE_LIMIT = 512 * 1024
"""Bytes; Consul refuses larger values (its `limits.kv_max_value_size` default)."""


class KVEntry(Struct, frozen=True):
    """One key as read. ``modify_index`` is what a check-and-set write must name."""

    key: str
    value: bytes
    modify_index: int
    create_index: int = 0
    lock_index: int = 0
    flags: int = 0
    session: str = ""

    @property
    def text(self) -> str | None:
        """The value as UTF-8 text, or None where it is not UTF-8 and must be shown and kept as bytes."""
        try:
            return self.value.decode("utf-8")
        except UnicodeDecodeError:
            return None


class KVLevel(Struct, frozen=True):
    """One opened level of the tree: the direct children of ``prefix`` ('' is the root).

    ``children`` are full paths in Consul's order; one that ends in ``/`` is a folder.
    """

    prefix: str
    children: tuple[str, ...]
    at: float
    error: str = ""
    loading: bool = False


class KVConflict(Struct, frozen=True):
    """A write that was refused: somebody changed the key after it was read. Nothing was overwritten.

    ``base`` is what the writer had read (None: it meant to create); ``mine`` what it wanted to write
    (None: it wanted to delete); ``theirs`` what is stored now (None: deleted meanwhile).
    """

    key: str
    base: KVEntry | None
    mine: bytes | None
    theirs: KVEntry | None
    at: float


class KVOpError(Struct, frozen=True):
    """One failed operation of a transaction, with its key."""

    key: str
    what: str
