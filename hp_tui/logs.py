"""The console's log file. Nothing is logged to the terminal, which shows the screen."""

from __future__ import annotations

import logging
import os
from pathlib import Path

from hp_tui.private_files import open_private

LOG_LIMIT = 1024 * 1024
"""Bytes. A longer log is renamed to ``.1``, in place of the one before, so that it never fills a disk."""
FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def log_file() -> Path:
    """Path of this user's log, whether or not it exists."""
    from platformdirs import user_log_path

    return user_log_path("hp-tui") / "hp-tui.log"


def log_to_file(path: Path | None = None) -> None:
    """Send the program's warnings and errors to ``path``, by default :func:`log_file`.

    Where the file cannot be written, the screen runs without a log. Only its owner can read it: messages may quote values.
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
