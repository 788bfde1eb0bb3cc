"""An engine that is made after the screen has painted: loading gRPC and Consul's client takes longer than the first paint."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from hp_tui.engine.port import EnginePort, Publish
from hp_tui.model.fleet import FleetSnapshot

if TYPE_CHECKING:
    from hp_tui.model.commands import Command


class DeferredEngine:
    """An :class:`EnginePort` that makes the real engine off the event loop when it is run, and passes everything on to it.

    Until then :attr:`snapshot` is the one given, and commands wait.
    """

    def __init__(self, make: Callable[[], EnginePort], snapshot: FleetSnapshot) -> None:
        self._make = make
        self._first = snapshot
        self._waiting: list[Command] = []
        self._engine: EnginePort | None = None

    @property
    def snapshot(self) -> FleetSnapshot:
        """The newest snapshot."""
        return self._engine.snapshot if self._engine else self._first

    def submit(self, command: Command) -> None:
        """Queue a command and return at once."""
        if self._engine:
            self._engine.submit(command)
        else:
            self._waiting.append(command)

    async def run(self, publish: Publish) -> None:
        """Make the engine and work until cancelled."""
        engine = await asyncio.to_thread(self._make)
        for command in self._waiting:
            engine.submit(command)
        self._engine = engine
        await engine.run(publish)
