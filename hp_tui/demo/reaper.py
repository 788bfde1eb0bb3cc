"""Ends everything that the demo started once the demo has ended, even by SIGKILL.

The reaper is a process of its own that reads a pipe. The demo writes a line for each thing it started (``pid N``,
``dir PATH``). When the pipe closes, the reaper kills those process groups and removes those directories.
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
"""Prefix of the names of directories that the reaper may remove; it leaves all others alone."""


class Reaper:
    """The demo's side of the pipe."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "hp_tui.demo.reaper"], stdin=subprocess.PIPE, start_new_session=True, text=True
        )

    def process(self, pid: int) -> None:
        """Have this process group killed at the end."""
        self._write(f"pid {pid}")

    def directory(self, path: Path) -> None:
        """Have this directory removed at the end. Its name must begin with :data:`MARK`."""
        self._write(f"dir {path}")

    def finish(self) -> None:
        """Close the pipe and wait until the reaper is done."""
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        self._process.wait()

    def _write(self, line: str) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(line + "\n")
            self._process.stdin.flush()


def reap(lines: IO[str]) -> None:
    """Read until the pipe closes, then kill the processes and remove the directories that were named."""
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
