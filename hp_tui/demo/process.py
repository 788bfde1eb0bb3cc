"""A child process with a log file."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path

from hp_tui.demo.errors import ProcessFailedError

TAIL_BYTES = 4096


class Child:
    """A process that this one starts, signals and awaits. Its output goes to the file ``log``."""

    def __init__(self, name: str, command: Sequence[str], log: Path, environ: Mapping[str, str] | None = None) -> None:
        self.name = name
        self.command = list(command)
        self.log = log
        self._environ = environ
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int:
        """Process id; 0 before it was started."""
        return self._process.pid if self._process else 0

    @property
    def running(self) -> bool:
        """Whether it was started and has not ended."""
        return self._process is not None and self._process.returncode is None

    @property
    def returncode(self) -> int | None:
        """Exit status, negative for a signal; None while it runs."""
        return self._process.returncode if self._process else None

    async def start(self) -> None:
        """Start it in a session of its own, so that Ctrl-C at the terminal reaches only this process."""
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self.command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=dict(os.environ if self._environ is None else self._environ),
                start_new_session=True,
            )

    def signal(self, number: signal.Signals) -> None:
        """Send a signal; does nothing when the process has ended."""
        if self.running and self._process:
            self._process.send_signal(number)

    async def stop(self, grace: float = 10.0) -> None:
        """SIGTERM, then SIGKILL after ``grace`` seconds. Returns when it has ended."""
        if not self._process or not self.running:
            return
        self.signal(signal.SIGCONT)
        self.signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(grace):
                await self._process.wait()
        except TimeoutError:
            await self.kill()

    async def kill(self) -> None:
        """SIGKILL. Returns when it has ended."""
        if self._process and self.running:
            self._process.kill()
            await self._process.wait()

    def log_tail(self) -> str:
        """The end of its output."""
        try:
            with self.log.open("rb") as log:
                log.seek(0, os.SEEK_END)
                log.seek(max(0, log.tell() - TAIL_BYTES))
                return log.read().decode("utf-8", "replace")
        except FileNotFoundError:
            return ""

    def failed(self, what: str) -> ProcessFailedError:
        """An error that says ``what`` and ends with the last lines of the log."""
        tail = "\n".join(self.log_tail().splitlines()[-8:])
        state = "is still running" if self.running else f"ended with status {self.returncode}"
        return ProcessFailedError(f"{self.name} {what} (it {state}). Its log {self.log} ends:\n{tail}")
