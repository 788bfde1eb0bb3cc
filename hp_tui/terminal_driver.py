"""Textual's Linux driver, made to survive a terminal that goes away.

Textual's writer thread dies of the first write to a lost terminal (EIO), and the screen then waits for ever for room in
that thread's queue: after a dropped SSH connection the process would stay. Here such writes go nowhere instead.
"""

from __future__ import annotations

import contextlib
from typing import Any

from textual.app import App
from textual.drivers.linux_driver import LinuxDriver

from hp_tui.glass import RESET


class LossProofDriver(LinuxDriver):
    """Drop-in for :class:`LinuxDriver`."""

    def __init__(self, app: App[Any], **options: Any) -> None:
        super().__init__(app, **options)
        self._file: Any = _Unbreakable(self._file)

    def stop_application_mode(self) -> None:
        """The glass leaves its last style on."""
        self.write(RESET)
        super().stop_application_mode()

    def start_application_mode(self) -> None:
        """At the start, and after Ctrl-Z and ``fg``: the terminal shows nothing of ours."""
        glass = getattr(self._app, "glass", None)
        if glass is not None:
            glass.forget()
        super().start_application_mode()  # type: ignore[no-untyped-call]


class _Unbreakable:
    """A text file whose failing writes are forgotten: nobody is there to read them."""

    def __init__(self, file: Any) -> None:
        self._file = file

    def write(self, text: str) -> None:
        with contextlib.suppress(OSError, ValueError):
            self._file.write(text)

    def flush(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            self._file.flush()

    def fileno(self) -> int:
        found: int = self._file.fileno()
        return found

    def isatty(self) -> bool:
        return bool(self._file.isatty())
