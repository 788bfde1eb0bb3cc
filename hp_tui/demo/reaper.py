"""Ends what the demo started when the demo is gone, however it went.

A process of its own, holding one end of a pipe. The demo writes what it started, a line each (``pid N``, ``dir PATH``);
when the pipe closes, because the demo ended in whatever way, SIGKILL included, the reaper ends those process groups and
removes those directories.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import IO

MARK = "hp-tui-demo-"
"""How the name of every directory we may remove begins; anything else is left alone."""


class Reaper:
    """The demo's side of the pipe."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "hp_tui.demo.reaper"], stdin=subprocess.PIPE, start_new_session=True, text=True
        )

    def process(self, pid: int) -> None:
        """End this process group at the end."""
        self._say(f"pid {pid}")

    def directory(self, path: Path) -> None:
        """Remove this directory at the end. Its name must begin with :data:`MARK`."""
        self._say(f"dir {path}")

    def finish(self) -> None:
        """Let it do its work now, and wait for it."""
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        self._process.wait()

    def _say(self, line: str) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(line + "\n")
            self._process.stdin.flush()


def reap(lines: IO[str]) -> None:
    """Read until the pipe closes, then end and remove what was named."""
    pids: list[int] = []
    directories: list[Path] = []
    for line in lines:
        kind, _, what = line.strip().partition(" ")
        if kind == "pid":
            pids.append(int(what))
        elif kind == "dir" and Path(what).name.startswith(MARK):
            directories.append(Path(what))
    for pid in pids:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)
    for directory in directories:
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    reap(sys.stdin)
