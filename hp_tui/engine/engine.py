"""The background worker layer: commands in, FleetSnapshots out."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from hp_tui.calls.saved import SavedRequests
from hp_tui.connect import registry_for
from hp_tui.engine.chaos import ChaosPort
from hp_tui.engine.errors import CONSOLE_FAULT
from hp_tui.engine.events import AddressUsed, ConflictSettled, DatacenterLeft, Noticed, TokenReplaced
from hp_tui.engine.first_snapshot import access_of, first_snapshot
from hp_tui.engine.history.log import HistoryWriter
from hp_tui.engine.history.runs import RunHistoryWriter
from hp_tui.engine.history.timeline import TimelineWriter
from hp_tui.engine.lazy_worker import LazyWorker
from hp_tui.engine.port import Publish
from hp_tui.engine.publisher import Publisher
from hp_tui.engine.session import Session
from hp_tui.engine.workers.kv import KVWorker
from hp_tui.engine.workers.saved_requests import SavedRequestWorker
from hp_tui.engine.workers.search import SearchWorker
from hp_tui.model import commands
from hp_tui.model.fleet import FleetSnapshot
from hp_tui.model.timeline import Severity
from hp_tui.registry.errors import ConfigurationError
from hp_tui.settings import Settings

if TYPE_CHECKING:
    from hp_tui.engine.workers.calls import CallWorker
    from hp_tui.engine.workers.instances import InstanceWorker

log = logging.getLogger(__name__)

Handler = Callable[[Any], Awaitable[None]]


class Engine:
    """Owns one registry and the balanced clients; see :class:`hp_tui.engine.port.EnginePort`.

    ``now`` gives Unix seconds. ``chaos`` is set in the demo only. ``state`` is the directory in which the timeline and
    the runs of calls survive restarts; None saves neither. Runs on the caller's event loop.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        chaos: ChaosPort | None = None,
        state: Path | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._settings = settings
        self._chaos = chaos
        self._state = state
        self._now = now
        self._saved = SavedRequestWorker(
            SavedRequests.at(settings.requests), lambda event: self._publisher.emit(event), now
        )
        self._publisher = Publisher(first_snapshot(settings, chaos=chaos is not None, at=now()))
        self._commands: asyncio.Queue[commands.Command] = asyncio.Queue()
        self._visible: frozenset[str] = frozenset()
        self._writers = self._make_writers()

    @property
    def snapshot(self) -> FleetSnapshot:
        """The newest snapshot."""
        return self._publisher.snapshot

    def submit(self, command: commands.Command) -> None:
        """Queue a command; returns at once."""
        self._commands.put_nowait(command)

    async def run(self, publish: Publish) -> None:
        """Work until cancelled. A change of token or datacenter ends the session and begins another."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._publisher.run(publish), name="publish")
            while True:
                await self._one_session()

    async def _one_session(self) -> None:
        settings = self._settings
        self._publisher.emit(AddressUsed(self._now(), settings.address, access_of(settings)))
        session = Session(settings, registry_for(settings), self._publisher, self._now, self._visible)
        handlers = self._handlers(session)
        running = asyncio.create_task(session.run(), name="session")
        work: set[asyncio.Task[None]] = set()
        writers = [asyncio.create_task(writer.run()) for writer in self._writers]
        try:
            while self._settings is settings:
                match await self._next_command(running):
                    case commands.UseToken(token=token):
                        self._use(replace(settings, token=token, token_file=""))
                    case commands.UseDatacenter(name=name):
                        self._use(settings.in_datacenter(name))
                    case command:
                        self._dispatch(command, handlers, work)
        finally:
            self._visible = session.visible
            await _cancelled(*work, running)
            await _cancelled(*writers)  # last: they also save how the calls in flight ended
        # Only now: nothing of the old session can report any more.
        self._announce_session(settings, self._settings)

    def _announce_session(self, old: Settings, new: Settings) -> None:
        if new.datacenter != old.datacenter:
            self._publisher.emit(DatacenterLeft(self._now(), new.datacenter, new.read_only))
            self._writers = self._make_writers()
        else:
            self._publisher.emit(TokenReplaced(self._now()))

    def _make_writers(self) -> tuple[HistoryWriter[Any], ...]:
        if self._state is None:
            return ()
        return (
            TimelineWriter(self._state / "timeline", lambda: self._publisher.snapshot, self._publisher.emit),
            RunHistoryWriter(self._state / "runs", lambda: self._publisher.snapshot, self._publisher.emit),
        )

    async def _next_command(self, running: asyncio.Task[None]) -> commands.Command:
        """The next command. Raises what ended the session, so that it never ends unnoticed."""
        getter = asyncio.create_task(self._commands.get())
        try:
            await asyncio.wait({getter, running}, return_when=asyncio.FIRST_COMPLETED)
            if running.done():
                running.result()
                raise RuntimeError("the session ended by itself")
            return getter.result()
        finally:
            getter.cancel()

    def _dispatch(
        self, command: commands.Command, handlers: dict[type[commands.Command], Handler], work: set[asyncio.Task[None]]
    ) -> None:
        if self._settings.read_only and command.writes:  # the screen does not offer these; the engine checks again
            text = "this console is read-only; nothing was done"
            self._publisher.emit(Noticed(self._now(), Severity.WARN, text))
            return
        task = asyncio.create_task(self._guarded(handlers[type(command)], command))
        work.add(task)
        task.add_done_callback(work.discard)

    async def _guarded(self, handler: Handler, command: commands.Command) -> None:
        try:
            await handler(command)
        except Exception:
            log.exception("command failed: %r", type(command).__name__)
            text = f"{type(command).__name__} {CONSOLE_FAULT}"
            self._publisher.emit(Noticed(self._now(), Severity.BAD, text))

    def _handlers(self, session: Session) -> dict[type[commands.Command], Handler]:
        emit = self._publisher.emit
        kv = KVWorker(session.registry, self._publisher, self._now)
        calls = LazyWorker(lambda: self._call_worker(session))
        search = SearchWorker(session, self._publisher)
        actions = LazyWorker(lambda: self._instance_worker(session))

        async def reconnect(_: commands.Reconnect) -> None:
            session.reconnect()

        async def set_visible(command: commands.SetVisibleServices) -> None:
            session.set_visible(command.services, command.first)

        async def settle(command: commands.SettleConflict) -> None:
            emit(ConflictSettled(self._now(), command.key))

        return {
            commands.StartRun: calls.handler(lambda work: work.start),
            commands.CancelRun: calls.handler(lambda work: work.cancel),
            commands.DescribeMethods: calls.handler(lambda work: work.describe),
            commands.CheckBody: calls.handler(lambda work: work.check),
            commands.LoadSaved: self._saved.load,
            commands.SaveRequest: self._saved.save,
            commands.RenameRequest: self._saved.rename,
            commands.DeleteRequest: self._saved.delete,
            **dict.fromkeys(get_args(commands.InstanceCommand), actions.handler(lambda work: work.on_instance)),
            commands.Bulk: actions.handler(lambda work: work.bulk.run),
            commands.StopBulk: actions.handler(lambda work: work.bulk.stop),
            commands.Chaos: actions.handler(lambda work: work.chaos),
            commands.OpenLevel: kv.open_level,
            commands.ReadKey: kv.read,
            commands.WriteKey: kv.write,
            commands.DeleteKey: kv.delete,
            commands.SettleConflict: settle,
            commands.Reconnect: reconnect,
            commands.SetVisibleServices: set_visible,
            commands.SearchInstances: search.search,
            commands.EndSearch: search.end,
        }

    def _call_worker(self, session: Session) -> CallWorker:
        from hp_tui.engine.workers.calls import CallWorker

        return CallWorker(session.clients, self._publisher.emit, self._now)

    def _instance_worker(self, session: Session) -> InstanceWorker:
        from hp_tui.engine.workers.instances import InstanceWorker

        return InstanceWorker(session.registry, session.clients, self._publisher, self._now, self._chaos)

    def _use(self, settings: Settings) -> None:
        """End the session for one with these settings, unless they cannot be used."""
        try:
            registry_for(settings)
        except ConfigurationError as error:
            self._publisher.emit(Noticed(self._now(), Severity.BAD, str(error)))
            return
        self._settings = settings


async def _cancelled(*tasks: asyncio.Task[None]) -> None:
    """Cancel the tasks and wait for their end."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
