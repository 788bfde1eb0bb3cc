"""History that survives restarts: for each datacenter a bounded file of JSON lines, readable by its owner only."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import logging
import os
import re
import threading
import time
from collections.abc import Callable, Hashable, Iterable
from pathlib import Path
from typing import ClassVar, Generic, Self, TypeVar

from hp_tui.engine.events import Event
from hp_tui.model.fleet import FleetSnapshot
from hp_tui.private_files import OWNER_ONLY, open_private

log = logging.getLogger(__name__)

Item = TypeVar("Item")

SAVE_EVERY = 1.0
"""Seconds between saves."""
LOCK_TIMEOUT = 1.0
"""Seconds to wait while another console writes. That takes milliseconds, unless its process was stopped meanwhile."""
LATEST = 1e11
"""Unix seconds. A later time means that the file is damaged; the screen could not show it."""


class HistoryLog(Generic[Item]):
    """The items of one datacenter, oldest first. Several consoles may run at once; see :attr:`SHARED`.

    Nothing here raises for a file that cannot be read or written: the history then ends with this console.
    """

    WHAT: ClassVar[str]
    """Its name in the log file."""
    LIMIT: ClassVar[int]
    """Newest items that survive. The file may hold twice as many until it is opened again."""
    MAX_BYTES: ClassVar[int] = 8 * 1024 * 1024
    """Bytes; a longer file is shortened too."""
    SHARED: ClassVar[bool] = False
    """Whether every console writes. Otherwise only the first to open the file does: all of them see the same events."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = -1
        self._lock = threading.Lock()  # append() and close() run in threads and may coincide

    @classmethod
    def of(cls, directory: Path, address: str, datacenter: str) -> Self:
        """The file of a datacenter at a Consul address. Both are in its name, as many clusters are named ``dc1``."""
        name = re.sub(r"[^\w.-]+", "_", f"{datacenter}@{address}")[:120]
        return cls(directory / f"{name}.jsonl")

    def line(self, item: Item) -> str:
        """The item as one line, without the line break."""
        raise NotImplementedError

    def parsed(self, line: str) -> Item | None:
        """The item of a line; None for a damaged one."""
        raise NotImplementedError

    def key(self, item: Item) -> Hashable:
        """What two lines of the same item have in common."""
        return item

    def open(self) -> tuple[Item, ...]:
        """Open the file and return the items of earlier consoles, oldest first. Damaged lines are skipped."""
        try:
            self._file = open_private(self._path, os.O_RDWR | os.O_APPEND)
            os.fchmod(self._file, OWNER_ONLY)
            locked = self._acquire()
            text, cut = self._read()
        except OSError as error:
            self._give_up(error)
            return ()
        lines = text.splitlines()
        # An item may stand there twice: its console was stopped while it saved.
        found = {self.key(item): item for line in lines if (item := self.parsed(line)) is not None}
        items = tuple(found.values())[-self.LIMIT :]
        if not locked and not self.SHARED:
            self.close()
            return items
        try:
            if cut or len(lines) > 2 * self.LIMIT or len(text) > self.MAX_BYTES:
                self._shorten(items)
            elif text and not text.endswith("\n"):  # the last line is incomplete; the next one must not be joined to it
                os.write(self._file, b"\n")
            if self.SHARED:
                fcntl.flock(self._file, fcntl.LOCK_UN)
        except OSError as error:
            self._give_up(error)
        return items

    def append(self, items: Iterable[Item]) -> None:
        """Write items at the end."""
        data = "".join(self.line(item) + "\n" for item in items).encode("utf-8", "replace")
        with self._lock:
            if self._file < 0 or not data:
                return
            try:
                if self.SHARED:
                    self._acquire()
                os.write(self._file, data)
                if self.SHARED:
                    fcntl.flock(self._file, fcntl.LOCK_UN)
                return
            except OSError as error:
                failure = error
        self._give_up(failure)

    def close(self) -> None:
        """Close the file, so that another console may write it."""
        with self._lock:
            file, self._file = self._file, -1
        if file >= 0:
            os.close(file)

    def _acquire(self) -> bool:
        """Lock the file; returns whether that succeeded. A shared file is waited for, at most :data:`LOCK_TIMEOUT` seconds."""
        deadline = time.monotonic() + (LOCK_TIMEOUT if self.SHARED else 0.0)
        while True:
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                if time.monotonic() >= deadline:
                    return False
                time.sleep(0.01)
            else:
                return True

    def _read(self) -> tuple[str, bool]:
        """The end of the file, and whether something before it was left out."""
        size = os.fstat(self._file).st_size
        start = max(0, size - 2 * self.MAX_BYTES)
        with self._path.open("rb") as file:
            file.seek(start)
            return file.read().decode("utf-8", "replace"), start > 0

    def _shorten(self, items: tuple[Item, ...]) -> None:
        """Keep the newest items only. The file is rewritten in place, because other consoles have it open.

        Its old end stays until the file is cut to the new length, so that a crash in between loses nothing.
        """
        lines: list[bytes] = []
        room = self.MAX_BYTES // 2
        for item in reversed(items):
            line = (self.line(item) + "\n").encode("utf-8", "replace")
            room -= len(line)
            if room < 0:
                break
            lines.append(line)
        with self._path.open("r+b") as file:
            file.write(b"".join(reversed(lines)))
            file.truncate()

    def _give_up(self, error: OSError) -> None:
        log.warning("%s cannot be saved in %s: %s", self.WHAT, self._path, error.strerror)
        self.close()


class HistoryWriter(Generic[Item]):
    """Loads the items of earlier consoles as soon as the datacenter is known, and saves those of this one.

    It may run again after it was cancelled, while the datacenter is the same; no item is saved twice.
    ``every`` is the seconds between saves.
    """

    LOG: type[HistoryLog[Item]]

    def __init__(
        self,
        directory: Path,
        snapshot: Callable[[], FleetSnapshot],
        emit: Callable[[Event], None],
        *,
        every: float = SAVE_EVERY,
    ) -> None:
        self._directory = directory
        self._snapshot = snapshot
        self._emit = emit
        self._every = every
        self._history: HistoryLog[Item] | None = None

    def loaded(self, at: float, items: tuple[Item, ...]) -> Event:
        """The event that reports the items of earlier consoles."""
        raise NotImplementedError

    def fresh(self, snapshot: FleetSnapshot) -> list[Item]:
        """Items of the snapshot that are not saved yet, oldest first."""
        raise NotImplementedError

    def saved(self, items: list[Item]) -> None:
        """Note that these items are in the file now."""
        raise NotImplementedError

    async def run(self) -> None:
        """Work until cancelled, and then save what is left."""
        try:
            while True:
                if self._history is None:
                    await self._open()
                elif fresh := self.fresh(self._snapshot()):
                    await asyncio.to_thread(self._history.append, fresh)
                    self.saved(fresh)
                await asyncio.sleep(self._every)
        except Exception:
            log.exception("%s is no longer saved", self.LOG.WHAT)
        finally:
            with contextlib.suppress(Exception):  # already logged where it ended the loop
                self._save_last()

    async def _open(self) -> None:
        history = self._file()
        if history is not None:
            items = await asyncio.to_thread(history.open)
            self._emit(self.loaded(self._snapshot().at, items))
            self._history = history

    def _file(self) -> HistoryLog[Item] | None:
        """The file of the datacenter on screen; None until the datacenter is known."""
        snapshot = self._snapshot()
        if not snapshot.cluster.datacenter:
            return None
        return self.LOG.of(self._directory, snapshot.link.address, snapshot.cluster.datacenter)

    def _save_last(self) -> None:
        """Save what is left, also for a datacenter that was left before its file was opened."""
        fresh, history = self.fresh(self._snapshot()), self._history
        if history is None and fresh and (history := self._file()) is not None:
            history.open()
        if history is not None:
            self._history = None
            try:
                history.append(fresh)
                if fresh:
                    self.saved(fresh)
            finally:
                history.close()
