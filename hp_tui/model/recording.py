"""A `FleetSnapshot` as a file, which `hp-tui status --record` writes and the screen can show again."""

from __future__ import annotations

from pathlib import Path
from types import MappingProxyType
from typing import Any

import msgspec

from hp_tui.model.fleet import FleetSnapshot

FORMAT = "hp-tui fleet snapshot 1"
"""First field of every file. Another number means a format that this version cannot read."""


class RecordingError(Exception):
    """The file cannot be read as a recorded snapshot; ``str()`` says which, what was expected, and where."""


class _Recording(msgspec.Struct):
    format: str
    snapshot: FleetSnapshot


def record(snapshot: FleetSnapshot) -> bytes:
    """The snapshot as indented JSON in UTF-8. It contains the KV values that were read, in base64."""
    raw = msgspec.json.encode(_Recording(FORMAT, snapshot), enc_hook=_plain)
    return msgspec.json.format(raw, indent=1) + b"\n"


def parse_recording(data: bytes, name: str = "the recording") -> FleetSnapshot:
    """The snapshot of :func:`record`'s bytes; fields left out have their defaults.

    ``name`` is what the error calls it. Raises :class:`RecordingError`.
    """
    try:
        found = msgspec.json.decode(data, type=_Recording, strict=True)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RecordingError(
            f"{name} is no recorded fleet snapshot: {error}. Make one with `hp-tui status --record FILE`."
        ) from None
    if found.format != FORMAT:
        raise RecordingError(f"{name} has the format {found.format!r}; this hp-tui reads {FORMAT!r}. Record it again.")
    return found.snapshot


def read_recording(path: Path) -> FleetSnapshot:
    """The snapshot in a file. Raises :class:`RecordingError`, also when the file cannot be read."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise RecordingError(
            f"{path} cannot be read: {error.strerror}; expected a file of `hp-tui status --record`."
        ) from None
    return parse_recording(data, str(path))


def _plain(value: Any) -> Any:
    if isinstance(value, MappingProxyType):
        return dict(value)
    raise TypeError(f"{type(value).__name__} is not recorded")
