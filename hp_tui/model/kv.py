"""Keys of Consul KV, levels of its tree, and conflicts of check-and-set writes."""

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
        """The value as UTF-8 text, or None where it is not UTF-8 and must be handled as bytes."""
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
    """A write that Consul refused because the key had changed after it was read. Nothing was overwritten.

    ``base`` is the entry that had been read (None: the key was to be created); ``mine`` the value to be written (None: the
    key was to be deleted); ``theirs`` the entry stored now (None: deleted meanwhile).
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
