"""Reads the instances of many services once, for a filter that needs them. Bounded, in batches, can be stopped."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Iterator

from msgspec.structs import replace

from hp_tui.engine.events import InstancesFound, SearchSeen
from hp_tui.engine.publisher import Publisher
from hp_tui.engine.session import Session
from hp_tui.model.catalog import InstancesUpdate
from hp_tui.model.commands import EndSearch, SearchInstances
from hp_tui.model.fleet import Search
from hp_tui.registry import RegistryError

AT_A_TIME = 4
"""Requests at once; the watches have connections of their own."""
BATCH = 24
"""Services in a batch; each batch makes one new snapshot."""


class SearchWorker:
    """One search at a time; a new one continues with what the last one read. :meth:`end` drops what was read."""

    def __init__(self, session: Session, publisher: Publisher) -> None:
        self._session = session
        self._publisher = publisher
        self._task: asyncio.Task[None] | None = None

    async def search(self, command: SearchInstances) -> None:
        """Read each service that is not loaded; progress is in the snapshot. Returns when all are read."""
        self._stop()
        self._task = asyncio.current_task()
        services = self._publisher.snapshot.services
        names = [name for name in command.services if name in services and services[name].instances is None]
        state = Search(total=len(names), running=bool(names))
        self._emit(state)
        waiting = iter(names)
        async with contextlib.aclosing(self._batches(waiting)) as batches:
            async for updates, failed, error in batches:
                self._session.found_by_search |= {update.service for update in updates}
                if updates:
                    self._publisher.emit(InstancesFound(self._session.now(), tuple(updates)))
                done = state.done + len(updates) + failed
                state = replace(state, done=done, failed=state.failed + failed, error=error or state.error)
                self._emit(state)
        self._emit(replace(state, running=False))

    async def end(self, _: EndSearch) -> None:
        """Stop, and drop the instances that are not watched."""
        self._stop()
        self._session.forget_search_results()
        if self._publisher.snapshot.search is not None:
            self._emit(None)

    def _stop(self) -> None:
        task, self._task = self._task, None
        if task is not None:
            task.cancel()

    def _emit(self, state: Search | None) -> None:
        self._publisher.emit(SearchSeen(self._session.now(), state))

    async def _batches(self, names: Iterator[str]) -> AsyncGenerator[tuple[list[InstancesUpdate], int, str]]:
        """Yield the updates, how many services could not be read, and the last reason, for each batch."""
        running = {asyncio.create_task(self._read(name)) for _, name in zip(range(AT_A_TIME), names, strict=False)}
        updates: list[InstancesUpdate] = []
        failed, error = 0, ""
        try:
            while running:
                done, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    found = task.result()
                    if isinstance(found, str):
                        failed, error = failed + 1, found
                    else:
                        updates.append(found)
                    for name in names:
                        running.add(asyncio.create_task(self._read(name)))
                        break
                if len(updates) + failed >= BATCH or not running:
                    yield updates, failed, error
                    updates, failed = [], 0
        finally:
            for task in running:
                task.cancel()

    async def _read(self, name: str) -> InstancesUpdate | str:
        """A service's instances, or why they cannot be read."""
        try:
            found = await self._session.registry.instances(name)
        except RegistryError as error:
            return str(error)
        return InstancesUpdate(name, found, self._session.now())
