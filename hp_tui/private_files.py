"""Files that only their owner can read: drafts, saved requests, histories, logs. They may contain values from Consul."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

OWNER_ONLY = 0o600


def open_private(path: Path, flags: int) -> int:
    """A file descriptor of ``path``, made readable by its owner only where it is new. ``flags`` as for ``os.open``.

    Makes the folder, for the owner only, where there is none. Raises ``OSError``.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    return os.open(path, flags | os.O_CREAT, OWNER_ONLY)


def replace_private(path: Path, data: bytes) -> None:
    """Replace the file whole, or leave the old one. An existing file keeps its mode. Raises ``OSError``."""
    mode = path.stat().st_mode & 0o777 if path.exists() else OWNER_ONLY
    fresh = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        with open(open_private(fresh, os.O_WRONLY | os.O_TRUNC), "wb") as file:
            os.fchmod(file.fileno(), mode)
            file.write(data)
        fresh.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            fresh.unlink()
        raise
