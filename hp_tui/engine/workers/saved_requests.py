"""Saved requests: read, saved, renamed, deleted, each off the event loop and one after another."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from hp_tui.calls.saved import SavedRequests
from hp_tui.calls.saved_format import SavedRequestsError
from hp_tui.engine.events import Event, Noticed, SavedSeen
from hp_tui.model.calls import SavedView
from hp_tui.model.commands import DeleteRequest, LoadSaved, RenameRequest, SaveRequest
from hp_tui.model.secrets import is_credential
from hp_tui.model.timeline import Severity


class SavedRequestWorker:
    """Carries out the commands on one file and says what is in it afterwards."""

    def __init__(self, saved: SavedRequests, emit: Callable[[Event], None], now: Callable[[], float]) -> None:
        self._saved = saved
        self._emit = emit
        self._now = now
        self._turn = asyncio.Lock()

    async def load(self, _: LoadSaved) -> None:
        async with self._turn:
            await self._look()

    async def save(self, command: SaveRequest) -> None:
        held_back = [name for name, value in command.spec.metadata if value and is_credential(name)]
        left_out = f"; the value of {', '.join(held_back)} is not, files keep no credentials" if held_back else ""
        await self._change(
            lambda: self._saved.save(command.name, command.spec, replace=command.replace),
            f"saved as {command.name!r} in {self._saved.path}{left_out}",
        )

    async def rename(self, command: RenameRequest) -> None:
        await self._change(
            lambda: self._saved.rename(command.name, command.new), f"{command.name!r} is {command.new!r} now"
        )

    async def delete(self, command: DeleteRequest) -> None:
        await self._change(
            lambda: self._saved.delete(command.name), f"deleted {command.name!r} from the saved requests"
        )

    async def _change(self, change: Callable[[], None], done: str) -> None:
        async with self._turn:
            try:
                await asyncio.to_thread(change)
            except SavedRequestsError as error:
                self._emit(Noticed(self._now(), Severity.BAD, str(error)))
            else:
                self._emit(Noticed(self._now(), Severity.GOOD, done))
            await self._look()

    async def _look(self) -> None:
        path = str(self._saved.path)
        try:
            view = SavedView(await asyncio.to_thread(self._saved.read), path)
        except SavedRequestsError as error:
            view = SavedView((), path, str(error))
        self._emit(SavedSeen(self._now(), view))
