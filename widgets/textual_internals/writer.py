"""Writes to a terminal that may be slow, stopped or gone; the event loop never waits for it."""

from __future__ import annotations

import contextlib
import os
import select
import time
from collections import deque
from collections.abc import Callable, Iterator
from threading import Condition, Thread

BEHIND_BYTES, FAR_BEHIND_BYTES = 2048, 64 * 1024
"""Unsent bytes from which a terminal is behind: the first if it has taken none for :data:`TAKING_SECONDS`, the second always.
No picture is made for it until all bytes are sent."""
TAKING_SECONDS = 0.05
"""A terminal that keeps up takes something within this time; the thread only needs its turn."""
CHUNK = 4096
"""Most bytes of one write."""
POLL_SECONDS = 0.2
"""How long to wait for a terminal to take more before checking whether writing is to end."""
GIVEN_UP_SECONDS = 3.0
"""When the screen ends, a terminal that takes nothing for this time is not waited for."""


class TerminalWriter(Thread):
    """Sends texts to a file descriptor, in order. Only this thread ever waits for the terminal.

    ``on_caught_up`` is called from this thread when a terminal that was behind has taken everything. Text for a terminal
    that is gone is dropped.
    """

    def __init__(self, fileno: int, on_caught_up: Callable[[], None]) -> None:
        super().__init__(name="terminal-output", daemon=True)
        self._fileno = fileno
        self._on_caught_up = on_caught_up
        self._unsent: deque[memoryview] = deque()
        self._size = self._drops = 0
        self._owing = self._ending = self._given_up = False
        self._changed = Condition()
        self._took_at = self._asked_at = time.monotonic()

    def write(self, text: str) -> None:
        """Queue ``text``; returns at once."""
        data = text.encode("utf-8", "replace")
        if data:
            with self._changed:
                if not self._unsent:
                    self._asked_at = time.monotonic()
                self._unsent.append(memoryview(data))
                self._size += len(data)
                self._changed.notify_all()

    def behind(self) -> bool:
        """Whether the terminal is so far behind that it should get no more pictures. If so, ``on_caught_up`` follows later."""
        with self._changed:
            waiting = time.monotonic() - max(self._took_at, self._asked_at)
            if self._size >= (BEHIND_BYTES if waiting > TAKING_SECONDS else FAR_BEHIND_BYTES):
                self._owing = True
            return self._owing

    def drop_unsent(self) -> None:
        """Drop all text that was not sent yet; the current write may still go out."""
        with self._changed:
            self._unsent.clear()
            self._size = 0
            self._drops += 1

    def stop(self) -> None:
        """Send the rest and end. A terminal that takes nothing for :data:`GIVEN_UP_SECONDS` is given up."""
        with self._changed:
            self._ending = True
            self._took_at = time.monotonic()
            self._changed.notify_all()
        while self.is_alive() and (left := self._took_at + GIVEN_UP_SECONDS - time.monotonic()) > 0:
            self.join(min(left, 0.1))
        self._given_up = True

    def run(self) -> None:
        with _without_waiting(self._fileno) as fileno:
            while not self._given_up and (taken := self._take()) is not None:
                data, drops = taken
                try:
                    sent = os.write(fileno, data[:CHUNK])
                    self._took_at = time.monotonic()
                except BlockingIOError:
                    sent = 0
                except OSError:  # nobody is there to read it
                    sent = len(data)
                self._sent(sent, data[sent:], drops)
                if not sent:
                    select.select([], [fileno], [], POLL_SECONDS)

    def _take(self) -> tuple[memoryview, int] | None:
        """Wait for the next text to send. Returns it and how often texts were dropped so far; None at the end."""
        with self._changed:
            while not self._unsent:
                if self._ending:
                    return None
                self._changed.wait()
            return self._unsent.popleft(), self._drops

    def _sent(self, count: int, rest: memoryview, drops: int) -> None:
        with self._changed:
            if drops == self._drops:
                self._size -= count
                if rest:
                    self._unsent.appendleft(rest)
            caught_up = self._owing and not self._unsent
            if caught_up:
                self._owing = False
        if caught_up and not self._ending:
            self._on_caught_up()


@contextlib.contextmanager
def _without_waiting(fileno: int) -> Iterator[int]:
    """The terminal of ``fileno``, opened again so that a write does not block.

    Opened again because the flag would also hold for a shell that shares ``fileno``. If that fails, ``fileno`` itself.
    """
    try:
        own = os.open(os.ttyname(fileno), os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK)
    except OSError:
        yield fileno
        return
    try:
        yield own
    finally:
        os.close(own)
