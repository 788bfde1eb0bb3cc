"""The console on an invented fleet that changes, with parts of ``textual_internals`` replaced by Textual's own.

``python -m tests.bench.internals_child PICTURES CHANGES [PART …]``: so many pictures a second, each with so many changes.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterator
from itertools import cycle

from hp_tui import startup

startup.begin()

from msgspec.structs import replace  # noqa: E402
from textual.app import App  # noqa: E402
from textual.drivers.linux_driver import LinuxDriver  # noqa: E402

from hp_tui.console.app import HpTuiApp  # noqa: E402
from hp_tui.console.drafts import DraftStore  # noqa: E402
from hp_tui.engine.port import Publish  # noqa: E402
from hp_tui.model.fleet import FleetSnapshot  # noqa: E402
from hp_tui.model.health import Health  # noqa: E402
from hp_tui.settings import Settings  # noqa: E402
from hp_tui.widgets.textual_internals import app as internals  # noqa: E402
from hp_tui.widgets.textual_internals import compositor  # noqa: E402
from hp_tui.widgets.textual_internals.app import TerminalApp  # noqa: E402
from tests.fleets import RecordingEngine, many  # noqa: E402

SERVICES, INSTANCES = 100, 10
CHANGING = SERVICES // 2
"""Services whose instances change. The others pass, so their rows are below all of these, whatever turns red."""


class ChangingEngine(RecordingEngine):
    """Publishes pictures in which some instances are red, others no longer."""

    def __init__(self, pictures: float, changes: int) -> None:
        super().__init__(many(SERVICES, INSTANCES))
        self._pictures, self._changes = pictures, changes

    async def run(self, publish: Publish) -> None:
        """As an engine's publisher: no picture while one is being shown."""
        numbers = cycle(range(CHANGING * INSTANCES))
        while True:
            shown = publish(self._snapshot)
            if shown is not None:
                await shown
            if not self._pictures:
                await asyncio.Event().wait()
            await asyncio.sleep(1 / self._pictures)
            self._snapshot = changed(self._snapshot, [next(numbers) for _ in range(self._changes)])


def changed(snapshot: FleetSnapshot, numbers: list[int]) -> FleetSnapshot:
    """Instances of these numbers turn from passing to warning, or back."""
    services = dict(snapshot.services)
    for number in numbers:
        name = f"svc-{number // INSTANCES:04d}"
        views = list(services[name].instances or ())
        view = views[number % INSTANCES]
        serf, check = view.instance.checks
        other = Health.WARNING if check.status is Health.PASSING else Health.PASSING
        checks = (serf, replace(check, status=other))
        views[number % INSTANCES] = replace(view, instance=replace(view.instance, checks=checks))
        services[name] = replace(services[name], instances=tuple(views))
    return replace(snapshot, services=services)


def without_screen_buffer() -> None:
    """Textual's updates go to the terminal as they are."""
    plain = App._display

    def display(self, screen, renderable):
        self._progress.set()
        plain(self, screen, renderable)

    TerminalApp._display = display  # type: ignore[method-assign]


def without_compositor() -> None:
    """Textual's compositor asks widgets for all of their lines."""
    compositor.paint_by_line = lambda screen: None


def without_key_queue() -> None:
    """A key goes to what has the focus when it arrives, through everybody's queue of messages."""
    TerminalApp.on_event = App.on_event  # type: ignore[method-assign]


def without_paint_now() -> None:
    """What a key changed is painted when Textual comes to it."""
    internals.paint_now = lambda screen, widget: None


def without_writer() -> None:
    """Textual's driver and its writer."""
    TerminalApp.get_driver_class = lambda self: LinuxDriver  # type: ignore[method-assign]


PARTS: dict[str, Callable[[], None]] = {
    "screen buffer": without_screen_buffer,
    "compositor": without_compositor,
    "key queue": without_key_queue,
    "paint_now": without_paint_now,
    "driver and writer": without_writer,
}


def main(arguments: Iterator[str]) -> None:
    """Run it until it is left."""
    pictures, changes = float(next(arguments)), int(next(arguments))
    for part in arguments:
        PARTS[part]()
    engine = ChangingEngine(pictures, changes)
    app = HpTuiApp(engine, Settings(address="127.0.0.1:8500"), drafts=DraftStore())
    app.run()


if __name__ == "__main__":
    main(iter(sys.argv[1:]))
