"""Every instance of a large datacenter in the table: how long reading them takes, and for how long a key keeps the loop."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable

from textual.pilot import Pilot

from hp_tui import startup
from hp_tui.console.app import HpTuiApp
from hp_tui.console.drafts import DraftStore
from hp_tui.engine import Engine
from hp_tui.settings import Settings
from tests.bench.filled import filled, size_of
from tests.bench.table import Goal, Table, middle, ms

MOST = 0.05
"""Seconds a key may keep the loop."""
KEYS = {
    "filter: words": ["slash", *"svc 7"],
    "filter: a field": ["slash", *"node:host-3"],
    "filter: a pattern": ["slash", *"re:-[37]$"],
    "sort": ["s"] * 8,
    "flat, by service": ["f"] * 6,
    "scroll": ["down", "pagedown", "pagedown", "end", "home", "pagedown", "up"],
}


class Loop:
    """How late a task that always wants to run is let run: what a key would wait."""

    def __init__(self) -> None:
        self.worst = 0.0

    async def watch(self) -> None:
        while True:
            before = time.perf_counter()
            await asyncio.sleep(0.001)
            self.worst = max(self.worst, time.perf_counter() - before - 0.001)

    def taken(self) -> float:
        """The worst since last asked."""
        worst, self.worst = self.worst, 0.0
        return worst


@contextlib.asynccontextmanager
async def watched() -> AsyncIterator[Loop]:
    loop = Loop()
    task = asyncio.create_task(loop.watch())
    try:
        yield loop
    finally:
        task.cancel()


async def until(pilot: Pilot[None], holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while not holds():
        if time.monotonic() > deadline:
            raise RuntimeError("not within two minutes")
        await pilot.pause(0.02)


def loaded(engine: Engine) -> int:
    """Services whose instances are there."""
    return sum(view.instances is not None for view in engine.snapshot.services.values())


async def run(quick: bool) -> Table:
    """Search, then press keys with all rows in the table."""
    startup.begin()  # as the program does: it has no collection of everything while a key waits
    async with filled(quick) as (consul, _, services), watched() as loop:
        engine = Engine(Settings(address=consul.http_addr))
        app = HpTuiApp(engine, Settings(address=consul.http_addr), drafts=DraftStore())
        async with app.run_test(size=(120, 40)) as pilot:
            await until(pilot, lambda: len(engine.snapshot.services) > services)
            await pilot.press("2", "z", "slash", *"host", "enter")
            loop.taken()
            began = time.perf_counter()
            await until(pilot, lambda: loaded(engine) == services + 1)
            took, reading = time.perf_counter() - began, loop.taken()
            rows = [("reading everything", "1", ms(took), ms(reading))]
            worst = 0.0
            for what, keys in KEYS.items():
                lags = []
                for key in keys:
                    await pilot.press(key)
                    lags.append(loop.taken())
                if keys[0] == "slash":
                    await pilot.press("escape", "slash", *"host")
                    await pilot.press("enter")
                    await until(pilot, lambda: loaded(engine) == services + 1)
                    loop.taken()
                rows.append((what, str(len(keys)), ms(middle(lags)), ms(max(lags))))
                worst = max(worst, middle(lags))
    return Table(
        "A table of every instance",
        ("what", "keys", "median", "longest"),
        rows,
        f"{size_of(services)}; `/host` and enter read them all; then keys. Times are how long the event loop was away at a "
        "key; for the reading, how long it took and the longest the loop was away meanwhile.",
        goals=(Goal("a key keeps the loop at most 50 ms (median)", ms(worst), worst <= MOST),),
    )
