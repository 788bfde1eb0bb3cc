"""Writing to a terminal that may be slow, stopped or gone, without ever making the screen wait for it."""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable
from threading import Condition, Thread

BEHIND_BYTES = 2048
"""Unsent bytes from which the terminal counts as behind: no picture is made for it until all are sent."""
CHUNK, SLOW_CHUNK = 4096, 512
"""Bytes of one write at most, to a quick and to a slow terminal: what is left out at the end is cut there."""
SLOW_SECONDS = 0.05
"""A terminal that takes longer for one write is slow."""
GIVEN_UP_SECONDS = 4.0
"""A terminal that takes nothing for so long when the screen ends is not waited for."""


class TerminalWriter(Thread):
    """Sends texts to a file descriptor in their order. Only its own thread ever waits for the terminal.

    ``on_caught_up`` is called, from that thread, when a terminal that was behind has taken everything. Text for a
    terminal that went away goes nowhere.
    """

    def __init__(self, fileno: int, on_caught_up: Callable[[], None]) -> None:
        super().__init__(name="terminal-output", daemon=True)
        self._fileno = fileno
        self._on_caught_up = on_caught_up
        self._unsent: deque[bytes] = deque()
        self._size = 0
        self._owing = self._ending = False
        self._changed = Condition()
        self._took_at = time.monotonic()
        self._chunk = CHUNK

    def write(self, text: str) -> None:
        """Queue ``text``; returns at once."""
        data = text.encode("utf-8", "replace")
        if data:
            with self._changed:
                self._unsent.append(data)
                self._size += len(data)
                self._changed.notify_all()

    def behind(self) -> bool:
        """Whether the terminal is so far behind that it should be given nothing more; then ``on_caught_up`` will follow."""
        with self._changed:
            if self._size >= BEHIND_BYTES:
                self._owing = True
            return self._owing

    def drop_unsent(self) -> None:
        """Forget what was not sent yet; a piece on its way is sent."""
        with self._changed:
            self._unsent.clear()
            self._size = 0

    def stop(self) -> None:
        """Send what is left and end; a terminal that takes nothing for :data:`GIVEN_UP_SECONDS` is left alone."""
        with self._changed:
            self._ending = True
            self._took_at = time.monotonic()
            self._changed.notify_all()
        while self.is_alive() and (left := self._took_at + GIVEN_UP_SECONDS - time.monotonic()) > 0:
            self.join(min(left, 0.1))

    def run(self) -> None:
        while (piece := self._next()) is not None:
            begun = time.monotonic()
            try:
                sent = os.write(self._fileno, piece)
            except OSError:  # nobody is there to read it
                sent = len(piece)
            self._took_at = time.monotonic()
            self._chunk = CHUNK if self._took_at - begun < SLOW_SECONDS else SLOW_CHUNK
            self._sent(piece[sent:])

    def _next(self) -> bytes | None:
        """What to send next, waiting for it; None at the end."""
        with self._changed:
            while not self._unsent:
                if self._ending:
                    return None
                self._changed.wait()
            piece = self._unsent.popleft()
            now, later = piece[: self._chunk], piece[self._chunk :]
            if later:
                self._unsent.appendleft(later)
            self._size -= len(now)
            return now

    def _sent(self, rest: bytes) -> None:
        with self._changed:
            if rest:
                self._unsent.appendleft(rest)
                self._size += len(rest)
            caught_up = self._owing and not self._unsent
            if caught_up:
                self._owing = False
        if caught_up and not self._ending:
            self._on_caught_up()
