"""The console under a pilot: keys in; commands, dialogs and text out."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

from msgspec.structs import replace
from textual.pilot import Pilot
from textual.widget import Widget

from hp_tui.console.app import HpTuiApp
from hp_tui.console.drafts import DraftStore
from hp_tui.console.main.screen import MainScreen
from hp_tui.model.commands import Command
from hp_tui.model.fleet import FleetSnapshot
from hp_tui.settings import Settings
from tests.fleets import ADDRESS, NOW, RecordingEngine

Kind = TypeVar("Kind", bound=Command)
Shown = TypeVar("Shown", bound=Widget)
FULL, SMALL = (120, 40), (80, 24)
WITHIN = 15.0
"""Seconds until a condition must hold: for a machine under load, a test that passes hardly waits."""


@dataclass
class Clock:
    """Time as the test says."""

    now: float = NOW

    def __call__(self) -> float:
        return self.now


@dataclass
class Desk:
    """One console, its engine, and the user in front of it."""

    app: HpTuiApp
    engine: RecordingEngine
    pilot: Pilot[Any]
    clock: Clock
    seen: int = field(default=0)

    @property
    def main(self) -> MainScreen:
        """The screen at the bottom."""
        screen = self.app.screen_stack[0]
        assert isinstance(screen, MainScreen)
        return screen

    @property
    def text(self) -> str:
        """What stands on the screen, line by line."""
        return "\n".join(strip.text for strip in self.app.screen._compositor.render_strips())

    @property
    def toasts(self) -> list[str]:
        """Every sentence told so far, oldest first."""
        return [note.message for note in self.app._notifications]

    @property
    def screen(self) -> str:
        """The class of the topmost screen."""
        return type(self.app.screen).__name__

    def one(self, kind: type[Shown]) -> Shown:
        """The widget of that kind on the topmost screen."""
        return self.app.screen.query_one(kind)

    def sent(self, kind: type[Kind]) -> list[Kind]:
        """Commands of one kind that the engine was handed."""
        return [command for command in self.engine.submitted if isinstance(command, kind)]

    async def press(self, *keys: str) -> None:
        """Press keys, one after another, and let what they cause happen."""
        await self.pilot.press(*keys)
        await self.settle()

    async def type(self, text: str) -> None:
        """Type a text as a terminal sends it."""
        await self.press(*(KEYS.get(letter, letter) for letter in text))

    async def settle(self) -> None:
        """Let messages that are under way arrive."""
        for _ in range(2):
            await self.pilot.pause()
        # On a busy machine the pilot takes a process that is not let run for one that has nothing to do.
        while not self.app.keys_idle and self.app.is_running:
            await self.pilot.pause()

    async def show(self, snapshot: FleetSnapshot) -> None:
        """The engine publishes another picture."""
        self.engine.show(snapshot)
        await self.settle()

    async def tick(self, seconds: float) -> None:
        """Time goes on; the App looks at the clock."""
        self.clock.now += seconds
        self.app._tick()
        await self.settle()

    async def until(self, condition: Callable[[], object] | str) -> None:
        """Wait until a condition holds, or a text stands on the screen."""
        holds = (lambda: condition in self.text) if isinstance(condition, str) else condition
        deadline = time.monotonic() + WITHIN
        while not holds():
            assert time.monotonic() < deadline, f"not within {WITHIN:g} s: {condition}\n{self.text}"
            await self.pilot.pause()

    async def until_sent(self, command: Command) -> None:
        """Wait until the engine was handed exactly this command; its id is the console's own."""
        await self.until(lambda: command in [_without_id(sent) for sent in self.engine.submitted])


def _without_id(command: Command) -> Command:
    return replace(command, id="")


KEYS = {" ": "space", "\n": "enter", "\t": "tab"}


@asynccontextmanager
async def desk(
    snapshot: FleetSnapshot,
    *,
    size: tuple[int, int] = FULL,
    drafts: DraftStore | None = None,
    toasts: bool = False,
) -> AsyncIterator[Desk]:
    """A console that shows ``snapshot`` and has painted. ``toasts`` draws them; they are recorded anyway."""
    engine, clock = RecordingEngine(snapshot), Clock()
    app = HpTuiApp(engine, Settings(address=ADDRESS), clock=clock, drafts=drafts if drafts else DraftStore())
    async with app.run_test(size=size, notifications=toasts) as pilot:
        made = Desk(app, engine, pilot, clock)
        await made.until(lambda: engine._publish is not None)
        await made.settle()
        yield made
