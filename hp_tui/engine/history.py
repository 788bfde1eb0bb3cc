"""The timeline kept across restarts: a file of JSON lines for each datacenter, bounded."""

from __future__ import annotations

import asyncio
import fcntl
import json
import logging
import os
import re
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from msgspec.structs import asdict

from hp_tui.engine.events import Event, HistoryLoaded
from hp_tui.model.fleet import FleetSnapshot
from hp_tui.model.timeline import Severity, TimelineEntry, TimelineKind

log = logging.getLogger(__name__)

KEPT = 1_000
"""Entries of a datacenter that survive; the file may hold twice as many until it is next opened."""
SAVE_EVERY = 1.0
"""Seconds between looks for entries to save."""
DETAIL_LIMIT = 500
"""Characters of an entry's detail that are kept."""


class HistoryFile:
    """The entries of one datacenter. Several consoles may run at once: the first to open it writes, the others read.

    Nothing here raises for a file that cannot be read or written: the timeline is then this console's own.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = -1
        self._lock = threading.Lock()  # writing and closing may meet: both happen off the loop

    @classmethod
    def of(cls, directory: Path, address: str, datacenter: str) -> HistoryFile:
        """The file of a datacenter as seen at a Consul address: many clusters are named ``dc1``."""
        name = re.sub(r"[^\w.-]+", "_", f"{datacenter}@{address}")[:120]
        return cls(directory / f"{name}.jsonl")

    def open(self) -> tuple[TimelineEntry, ...]:
        """The entries of earlier consoles, oldest first; lines that make no sense are left out."""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            lines = self._path.read_text("utf-8", "replace").splitlines()
        except OSError as error:
            self._give_up(error)
            return ()
        # The same entry twice: saved by a console that was stopped while it saved.
        entries = tuple(dict.fromkeys(entry for line in lines if (entry := _parsed(line)) is not None))[-KEPT:]
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:  # another console writes it
            self.close()
            return entries
        if len(lines) > 2 * KEPT:
            os.truncate(self._file, 0)
            self.append(entries)
        return entries

    def append(self, entries: Iterable[TimelineEntry]) -> None:
        """Write entries at the end."""
        data = "".join(map(_line, entries)).encode()
        with self._lock:
            if self._file < 0 or not data:
                return
            try:
                os.write(self._file, data)
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

    def _give_up(self, error: OSError) -> None:
        log.warning("the timeline cannot be kept in %s: %s", self._path, error.strerror)
        self.close()


class HistoryKeeper:
    """Loads what earlier consoles saw as soon as the datacenter is known, and saves what this one sees.

    May be run again after it was cancelled, as long as the datacenter is the same.
    """

    def __init__(self, directory: Path, snapshot: Callable[[], FleetSnapshot], emit: Callable[[Event], None]) -> None:
        self._directory = directory
        self._snapshot = snapshot
        self._emit = emit
        self._history: HistoryFile | None = None
        self._saved = 0

    async def run(self) -> None:
        """Work until cancelled; what was not saved yet is saved then."""
        try:
            while True:
                if self._history is None:
                    await self._open()
                elif fresh := self._fresh():
                    await asyncio.to_thread(self._history.append, fresh)
                    self._saved = fresh[-1].seq
                await asyncio.sleep(SAVE_EVERY)
        except Exception:
            log.exception("the timeline is not kept any more")
        finally:
            self._save_last()

    async def _open(self) -> None:
        history = self._file()
        if history is not None:
            entries = await asyncio.to_thread(history.open)
            self._emit(HistoryLoaded(self._snapshot().at, entries))
            self._history = history

    def _file(self) -> HistoryFile | None:
        """Where the entries belong; None until the datacenter is known."""
        snapshot = self._snapshot()
        if not snapshot.cluster.datacenter:
            return None
        return HistoryFile.of(self._directory, snapshot.link.address, snapshot.cluster.datacenter)

    def _save_last(self) -> None:
        """What is not saved yet, also of a datacenter that was left before its file was opened."""
        fresh, history = self._fresh(), self._history
        if history is None and fresh and (history := self._file()) is not None:
            history.open()
        if history is not None:
            history.append(fresh)
            self._saved = fresh[-1].seq if fresh else self._saved
            history.close()
            self._history = None

    def _fresh(self) -> list[TimelineEntry]:
        return [entry for entry in self._snapshot().timeline if entry.seq > self._saved]


def _line(entry: TimelineEntry) -> str:
    raw = asdict(entry)
    del raw["seq"]
    raw["detail"] = entry.detail[:DETAIL_LIMIT]
    return json.dumps({name: value for name, value in raw.items() if value != ""}) + "\n"


def _parsed(line: str) -> TimelineEntry | None:
    try:
        raw: dict[str, Any] = json.loads(line)
        texts = {name: str(raw.get(name, "")) for name in ("subject", "service", "old", "new", "detail")}
        return TimelineEntry(0, float(raw["at"]), TimelineKind(raw["kind"]), Severity(raw["severity"]), **texts)
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
