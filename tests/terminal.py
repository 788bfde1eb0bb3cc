"""A real terminal for a real program: a pty, and an emulator (pyte) that says what a person would see."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import pyte

TAKE_TERMINAL = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execvp(sys.argv[1], sys.argv[1:])
"""
"""Makes the pty the controlling terminal, so that hanging up sends SIGHUP, and becomes the program.

Code of our own between fork and exec would do without this process; but then gRPC's handlers of a fork run in the child of a
test process that has called gRPC, and the child was seen to die of it.
"""


class Terminal:
    """Runs ``command`` on a terminal of its own. Leaving the block kills it if it still runs.

    ``raw`` is all bytes it wrote; ``written_at`` the monotonic seconds of the newest ones. ``on_output`` is called after
    each piece was drawn.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        columns: int = 120,
        lines: int = 40,
        environ: Mapping[str, str] | None = None,
        on_output: Callable[[], None] | None = None,
    ) -> None:
        self._command = list(command)
        self._environ = {
            **os.environ,
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            **(environ or {}),
        }
        for fixed in ("COLUMNS", "LINES"):  # they would hide every resize
            self._environ.pop(fixed, None)
        self._on_output = on_output
        self._screen = pyte.Screen(columns, lines)
        self._stream = pyte.ByteStream(self._screen)
        self._changed = asyncio.Event()
        self._master = -1
        self._process: subprocess.Popen[bytes] | None = None
        self.raw = bytearray()
        self.written_at = 0.0

    async def __aenter__(self) -> Self:
        self._master, slave = pty.openpty()
        self._set_size(slave)
        self._process = self._spawn(slave)
        os.close(slave)
        asyncio.get_running_loop().add_reader(self._master, self._read)
        return self

    def _spawn(self, slave: int) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-S", "-c", TAKE_TERMINAL, *self._command],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=self._environ,
            start_new_session=True,
        )

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process is not None
        if self._process.poll() is None:
            self._process.kill()
        await asyncio.to_thread(self._process.wait)
        self.hang_up()

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def stopped(self) -> bool:
        """Whether it was stopped, as by Ctrl-Z, and not continued."""
        return Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"

    @property
    def text(self) -> str:
        """What is on the screen, a line each."""
        return "\n".join(line.rstrip() for line in self._screen.display)

    @property
    def said(self) -> str:
        """Everything it wrote, as text."""
        return self.raw.decode("utf-8", "replace")

    def line(self, number: int) -> str:
        """The text of one line; a wide character is followed by ''."""
        cells = self._screen.buffer[number]
        return "".join(cells[x].data for x in range(self._screen.columns))

    @property
    def cells(self) -> list[list[tuple[object, ...]]]:
        """What a person sees in each cell, line by line: the character and its look, of a blank no more than its ground."""
        rows = self._screen.buffer
        return [[_seen(rows[y][x]) for x in range(self._screen.columns)] for y in range(self._screen.lines)]

    def lines_on(self, colour: str) -> list[int]:
        """Numbers of the lines that have a cell with this background (``rrggbb``)."""
        rows = self._screen.buffer
        return [
            number for number in range(self._screen.lines) if any(cell.bg == colour for cell in rows[number].values())
        ]

    def send(self, keys: str) -> None:
        """Type."""
        os.write(self._master, keys.encode())

    def signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def resize(self, columns: int, lines: int) -> None:
        """Change the terminal's size, as dragging a window's corner does."""
        self._screen.resize(lines, columns)
        self._set_size(self._master)

    def hang_up(self) -> None:
        """Close our end, as a lost SSH connection does."""
        if self._master >= 0:
            asyncio.get_running_loop().remove_reader(self._master)
            os.close(self._master)
            self._master = -1

    def stop_reading(self) -> None:
        """Take nothing more, as a line that stalls: what is written fills the kernel's buffer, then its writer waits."""
        asyncio.get_running_loop().remove_reader(self._master)

    def read_on(self, bytes_a_second: int = 0) -> None:
        """Take again what is written; as a slow line does where a number is given, else as it comes."""
        if bytes_a_second:
            self._trickle(bytes_a_second // 20)
        else:
            asyncio.get_running_loop().add_reader(self._master, self._read)

    def _trickle(self, size: int) -> None:
        """A twentieth of a second's worth, twenty times a second."""
        if self._master < 0:
            return
        with contextlib.suppress(OSError):
            if select.select([self._master], [], [], 0)[0]:
                self._take(os.read(self._master, size))
        asyncio.get_running_loop().call_later(0.05, self._trickle, size)

    async def until(self, condition: str | Callable[[str], object], within: float = 40.0) -> str:
        """Wait until the screen shows a text, or a condition on it holds; return the screen."""
        holds = (lambda text: condition in text) if isinstance(condition, str) else condition
        deadline = time.monotonic() + within
        while not holds(self.text):
            left = deadline - time.monotonic()
            ended = self._process is not None and self._process.poll() is not None
            if left <= 0 or (ended and not self._changed.is_set()):
                why = "the program ended" if ended else f"not within {within:g} s"
                raise AssertionError(f"{why}: {condition}\n{self.text}")
            self._changed.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), min(left, 1.0))
        return self.text

    async def wait(self, within: float = 30.0) -> int:
        """Its exit status."""
        assert self._process is not None
        deadline = time.monotonic() + within
        while (status := self._process.poll()) is None:
            if time.monotonic() > deadline:
                raise AssertionError(f"still running after {within:g} s\n{self.text}")
            await asyncio.sleep(0.02)
        if self._master >= 0:
            self._drain()
        return status

    def modes(self) -> list[object]:
        """The terminal's settings, for comparing before with after."""
        return termios.tcgetattr(self._master)[:4]

    def _set_size(self, descriptor: int) -> None:
        size = struct.pack("HHHH", self._screen.lines, self._screen.columns, 0, 0)
        fcntl.ioctl(descriptor, termios.TIOCSWINSZ, size)

    def _drain(self) -> None:
        os.set_blocking(self._master, False)
        with contextlib.suppress(OSError):
            while self._take(os.read(self._master, 65536)):
                pass

    def _read(self) -> None:
        try:
            data = os.read(self._master, 65536)
        except OSError:  # EIO: nobody has the other end open any more
            data = b""
        if not self._take(data):
            asyncio.get_running_loop().remove_reader(self._master)

    def _take(self, data: bytes, at: float | None = None) -> bool:
        if data:
            self.written_at = time.monotonic() if at is None else at
            self.raw += data
            self._stream.feed(data)
            if self._on_output:
                self._on_output()
        self._changed.set()
        return bool(data)


def processes_with(mark: str) -> list[str]:
    """Command lines of the processes whose environment contains ``mark``: what a program left behind."""
    found = []
    for folder in os.scandir("/proc"):
        if not folder.name.isdigit():
            continue
        with contextlib.suppress(OSError), open(f"{folder.path}/environ", "rb") as environ:
            if mark.encode() in environ.read():
                with open(f"{folder.path}/cmdline", "rb") as command:
                    words = command.read().replace(b"\0", b" ").decode("utf-8", "replace").strip()
                if words:
                    found.append(f"{folder.name} {words}")
    return found


def _seen(cell: pyte.screens.Char) -> tuple[object, ...]:
    if cell.data == " " and not (cell.reverse or cell.underscore or cell.strikethrough):
        return " ", cell.bg
    return tuple(cell)
