"""Textual's Linux driver, made to survive a terminal that is slow, stops or goes away.

Textual's own writer makes the screen wait when the terminal is behind: over a slow line keys wait too, and after a
dropped SSH connection the process would never end.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import select
import sys
from codecs import getincrementaldecoder
from collections.abc import Callable
from typing import Any

from textual.app import App
from textual.drivers.linux_driver import LinuxDriver
from textual.events import Key, Paste
from textual.message import Message

from hp_tui.widgets.textual_internals.paste_parser import PastingParser
from hp_tui.widgets.textual_internals.sgr import RESET
from hp_tui.widgets.textual_internals.writer import TerminalWriter

ESC_POLL_SECONDS = 0.01
"""How often to check whether an ESC was the Escape key, while more of a sequence may still follow."""
READ_BYTES = 65536
CANCEL = "\x18"
"""Ends a control sequence that was cut off (ECMA-48, CAN)."""


class ResilientDriver(LinuxDriver):
    """Drop-in for :class:`LinuxDriver`; what it writes goes through a :class:`TerminalWriter`."""

    def __init__(self, app: App[Any], **options: Any) -> None:
        super().__init__(app, **options)
        self._writer: TerminalWriter | None = None
        self._stop_pipe: tuple[int, int] | None = None
        """A pipe while input is read: it becomes readable when reading is to stop."""
        self._announce: Callable[[Key | Paste], None] | None = getattr(app, "announce_input", None)
        # `hp-tui 2>errors` gets its screen all the same.
        self._file = next((file for file in (sys.__stderr__, sys.__stdout__) if file and file.isatty()), self._file)

    def write(self, data: str) -> None:
        if self._writer is not None:
            self._writer.write(data)

    @property
    def output(self) -> int:
        """The file descriptor of the terminal, for writing."""
        assert self._file is not None
        return self._file.fileno()

    def behind(self) -> bool:
        """Whether a picture made now would wait behind earlier ones. The App's ``catch_up`` is called when that is over."""
        return self._writer is not None and self._writer.behind()

    def start_application_mode(self) -> None:
        """Called at the start, and after Ctrl-Z and ``fg``: by then the terminal shows other things."""
        buffer = getattr(self._app, "screen_buffer", None)
        if buffer is not None:
            buffer.forget()
        loop = asyncio.get_running_loop()
        caught_up = getattr(self._app, "catch_up", None)

        def report() -> None:
            if caught_up is not None:
                with contextlib.suppress(RuntimeError):  # the loop may have ended
                    loop.call_soon_threadsafe(caught_up)

        self._stop_pipe = os.pipe()
        self._writer = TerminalWriter(self.output, report)
        self._writer.start()
        super().start_application_mode()  # type: ignore[no-untyped-call]

    def stop_application_mode(self) -> None:
        """Give the terminal back at once: pictures that it has not taken yet are dropped."""
        if self._writer is not None and self._writer.behind():
            self._writer.drop_unsent()
            self.write(CANCEL)
        self.write(RESET)  # the screen buffer leaves its last style on
        super().stop_application_mode()

    def process_message(self, message: Message) -> None:
        if self._announce is not None and isinstance(message, Key | Paste):
            self._announce(message)
        super().process_message(message)

    def run_input_thread(self) -> None:
        """Read keys, pastes and the mouse until told to stop. Bytes that are not UTF-8 become replacement characters."""
        assert self._stop_pipe is not None
        stop, _ = self._stop_pipe
        parser = PastingParser(self._debug)
        decoder = getincrementaldecoder("utf-8")("replace")
        while True:
            ready = select.select([self.fileno, stop], [], [], ESC_POLL_SECONDS if parser.unsure else None)[0]
            if stop in ready:
                break
            if ready:
                try:
                    data = os.read(self.fileno, READ_BYTES)
                except OSError:
                    data = b""
                if not data:  # the terminal is gone
                    break
                for message in parser.feed(decoder.decode(data)):
                    self.process_message(message)
            for message in parser.tick():
                self.process_message(message)

    def disable_input(self) -> None:
        if self._stop_pipe is not None:
            os.write(self._stop_pipe[1], b".")
        super().disable_input()

    def close(self) -> None:
        if self._writer is not None:
            self._writer.stop()
            self._writer = None
        if self._stop_pipe is not None:
            for end in self._stop_pipe:
                os.close(end)
            self._stop_pipe = None
        super().close()
