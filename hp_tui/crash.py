"""Reports an unexpected failure: the traceback goes to the log file, one sentence to the user."""

from __future__ import annotations

import contextlib
import os
import time
import traceback
from pathlib import Path

from hp_tui.logs import LOG_LIMIT, log_file
from hp_tui.private_files import open_private


def report(error: BaseException, path: Path | None = None) -> str:
    """Append the traceback of ``error`` to the log and return the sentence for the user.

    ``path`` is :func:`~hp_tui.logs.log_file` by default. Never raises: where the log cannot be written, the sentence says why.
    The file is readable by its owner only, as messages may quote values.
    """
    path = log_file() if path is None else path
    what = _one_line(error)
    try:
        _append(path, "".join(traceback.format_exception(error)))
    except OSError as problem:
        return f"failed unexpectedly: {what}; the traceback could not be written to {path} ({problem.strerror})."
    return (
        f"failed unexpectedly: {what}; the traceback is in {path}. Start hp-tui again; edits not yet written are kept."
    )


def _one_line(error: BaseException) -> str:
    with contextlib.suppress(Exception):  # str() of an error may raise, too
        return " ".join(traceback.format_exception_only(error)[-1].split())
    return type(error).__name__


def _append(path: Path, text: str) -> None:
    if path.exists() and path.stat().st_size > LOG_LIMIT:
        path.replace(f"{path}.1")
    with open(open_private(path, os.O_WRONLY | os.O_APPEND), "a", encoding="utf-8", errors="backslashreplace") as file:
        file.write(f"{time.strftime('%Y-%m-%dT%H:%M:%S%z')} hp-tui\n{text}\n")
