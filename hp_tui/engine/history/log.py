"""What is kept across restarts: a file of JSON lines for each datacenter, bounded, readable by its owner only."""

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
"""Seconds between looks for items to save."""
LOCK_PATIENCE = 1.0
"""Seconds to wait for another console that is writing: it takes milliseconds, unless it was stopped in the middle."""
LATEST = 1e11
"""Unix seconds; a later time in a file is damage, and no clock could show it."""


class HistoryLog(Generic[Item]):
    """The items of one datacenter, oldest first. Several consoles may run at once; see :attr:`SHARED`.

    Nothing here raises for a file that cannot be read or written: what is kept is then this console's own.
    """

    WHAT: ClassVar[str]
    """What the log calls it."""
    KEPT: ClassVar[int]
    """Items that survive; the file may hold twice as many until it is next opened."""
    MAX_BYTES: ClassVar[int] = 8 * 1024 * 1024
    """Beyond this the file is shortened too."""
    SHARED: ClassVar[bool] = False
    """Whether all consoles write. Else the first to open it does and the others read, as all of them see the same."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = -1
        self._lock = threading.Lock()  # writing and closing may meet: both happen off the loop

    @classmethod
    def of(cls, directory: Path, address: str, datacenter: str) -> Self:
        """The file of a datacenter as seen at a Consul address: many clusters are named ``dc1``."""
        name = re.sub(r"[^\w.-]+", "_", f"{datacenter}@{address}")[:120]
        return cls(directory / f"{name}.jsonl")

    def line(self, item: Item) -> str:
        """The item as one line, without its end."""
        raise NotImplementedError

    def parsed(self, line: str) -> Item | None:
        """The item of a line; None for one that makes no sense."""
        raise NotImplementedError

    def key(self, item: Item) -> Hashable:
        """What makes it the same item when it stands in the file twice."""
        return item

    def open(self) -> tuple[Item, ...]:
        """The items of earlier consoles, oldest first; lines that make no sense are left out."""
        try:
            self._file = open_private(self._path, os.O_RDWR | os.O_APPEND)
            os.fchmod(self._file, OWNER_ONLY)
            mine = self._locked()
            text, cut = self._read()
        except OSError as error:
            self._give_up(error)
            return ()
        lines = text.splitlines()
        # The same item twice: saved by a console that was stopped while it saved.
        found = {self.key(item): item for line in lines if (item := self.parsed(line)) is not None}
        items = tuple(found.values())[-self.KEPT :]
        if not mine and not self.SHARED:
            self.close()
            return items
        try:
            if cut or len(lines) > 2 * self.KEPT or len(text) > self.MAX_BYTES:
                self._shorten(items)
            elif text and not text.endswith("\n"):  # its last line was torn; the next must not be lost with it
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
                    self._locked()
                os.write(self._file, data)
                if self.SHARED:
                    fcntl.flock(self._file, fcntl.LOCK_UN)
                return
            except OSError as error:
                failure = error
        self._give_up(failure)

    def close(self) -> None:
        """Let another console write it."""
        with self._lock:
            file, self._file = self._file, -1
        if file >= 0:
            os.close(file)

    def _locked(self) -> bool:
        """Whether the file is ours now. Where all write, others are waited for, but not for ever."""
        deadline = time.monotonic() + (LOCK_PATIENCE if self.SHARED else 0.0)
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
        """The newest of the file, and whether there was more."""
        size = os.fstat(self._file).st_size
        start = max(0, size - 2 * self.MAX_BYTES)
        with self._path.open("rb") as file:
            file.seek(start)
            return file.read().decode("utf-8", "replace"), start > 0

    def _shorten(self, items: tuple[Item, ...]) -> None:
        """Leave the newest items only. In place: other consoles have the same file open.

        Until the file is cut to its new length its old end is still there, so that a crash in between loses nothing.
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
        log.warning("%s cannot be kept in %s: %s", self.WHAT, self._path, error.strerror)
        self.close()


class HistoryWriter(Generic[Item]):
    """Loads what earlier consoles kept as soon as the datacenter is known, and saves what this one adds.

    May run again after it was cancelled, as long as the datacenter is the same: what it has saved it does not save again.
    ``every``: seconds between looks for items to save.
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
        """What to say of the items of earlier consoles."""
        raise NotImplementedError

    def fresh(self, snapshot: FleetSnapshot) -> list[Item]:
        """Items of the picture that are not saved yet, oldest first."""
        raise NotImplementedError

    def saved(self, items: list[Item]) -> None:
        """These are in the file now."""
        raise NotImplementedError

    async def run(self) -> None:
        """Work until cancelled; what was not saved yet is saved then."""
        try:
            while True:
                if self._history is None:
                    await self._open()
                elif fresh := self.fresh(self._snapshot()):
                    await asyncio.to_thread(self._history.append, fresh)
                    self.saved(fresh)
                await asyncio.sleep(self._every)
        except Exception:
            log.exception("%s is not kept any more", self.LOG.WHAT)
        finally:
            with contextlib.suppress(Exception):  # told above, if it is what ended the loop
                self._save_last()

    async def _open(self) -> None:
        history = self._file()
        if history is not None:
            items = await asyncio.to_thread(history.open)
            self._emit(self.loaded(self._snapshot().at, items))
            self._history = history

    def _file(self) -> HistoryLog[Item] | None:
        """Where the items belong; None until the datacenter is known."""
        snapshot = self._snapshot()
        if not snapshot.cluster.datacenter:
            return None
        return self.LOG.of(self._directory, snapshot.link.address, snapshot.cluster.datacenter)

    def _save_last(self) -> None:
        """What is not saved yet, also of a datacenter that was left before its file was opened."""
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
