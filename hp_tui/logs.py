"""The log file of the screen: what went wrong behind it, for later. Nothing is ever written over the screen itself."""

from __future__ import annotations

import logging
import os
from pathlib import Path

from hp_tui.private_files import open_private

LOG_LIMIT = 1024 * 1024
"""Bytes; a log that has grown beyond is kept once as ``.1``, so that it never fills a disk."""
FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def log_file() -> Path:
    """Path of this user's log, whether or not it exists."""
    from platformdirs import user_log_path

    return user_log_path("hp-tui") / "hp-tui.log"


def log_to_file(path: Path | None = None) -> None:
    """Send warnings and worse of the whole program to ``path``, by default :func:`log_file`.

    Where it cannot be written there is no log; that is no reason not to show the screen. The file is readable by its
    owner only, as messages may quote values.
    """
    from logging.handlers import RotatingFileHandler

    path = log_file() if path is None else path
    handler: logging.Handler
    try:
        os.close(open_private(path, os.O_WRONLY | os.O_APPEND))
        handler = RotatingFileHandler(
            path, maxBytes=LOG_LIMIT, backupCount=1, encoding="utf-8", errors="backslashreplace"
        )
    except OSError:
        handler = logging.NullHandler()
    handler.setFormatter(logging.Formatter(FORMAT))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
