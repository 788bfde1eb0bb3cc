"""The running screen on a large datacenter: change to screen, key to screen, memory, idle cost, what it asks of Consul."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import re
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

from hp_tui.demo.fleet import DemoFleet
from hp_tui.registry import ConsulServiceRegistry
from hp_tui.widgets.theme import CURSOR_DARK
from tests.bench.filled import filled, size_of
from tests.bench.filling import Catalog
from tests.bench.proxy import CountingProxy
from tests.bench.stamped import StampedTerminal
from tests.bench.table import Goal, Table, middle, ms, percentile
from tests.bench.watching import CHANGES, changing
from tests.terminal import Terminal

SAMPLES = 40
KEYS = 150
IDLE = 30.0
RATE = 200
"""Test calls a second while keys are measured."""
CURSOR = CURSOR_DARK.removeprefix("#")
NAME = re.compile(r"│ . (\S+) [^│]*│$")
"""An instance's name behind its dot, in the panel to the right; a service's where its instances are not loaded."""
PAGE_DOWN = "\x1b[6~"
PAGES = 20
"""Far enough down that the cursor's row is never the first, whatever turns red: there a key would rightly do nothing."""
PAGE = os.sysconf("SC_PAGE_SIZE")
TICK = os.sysconf("SC_CLK_TCK")


class Watched:
    """The console on a terminal, with somebody looking for one thing on its screen."""

    def __init__(self, address: str, home: str) -> None:
        self._sought: Callable[[Terminal], bool] | None = None
        self._found = asyncio.Event()
        self._found_at = 0.0
        environ = {"XDG_STATE_HOME": home, "XDG_CONFIG_HOME": home}
        command = [sys.executable, "-m", "hp_tui", "--address", address]
        self.terminal = StampedTerminal(command, environ=environ, on_output=self._look)

    async def sees(self, sought: Callable[[Terminal], bool], within: float = 20.0) -> float:
        """Wait for it; when it was read from the terminal, monotonic seconds."""
        self._sought = sought
        self._found.clear()
        if sought(self.terminal):
            return time.monotonic()
        await asyncio.wait_for(self._found.wait(), within)
        return self._found_at

    def _look(self) -> None:
        if self._sought and self._sought(self.terminal):
            self._sought, self._found_at = None, self.terminal.written_at
            self._found.set()

    def memory_mb(self) -> float:
        """Resident."""
        return int(Path(f"/proc/{self.terminal.pid}/statm").read_text().split()[1]) * PAGE / 1e6

    def cpu(self) -> float:
        """Seconds of processor time so far."""
        fields = Path(f"/proc/{self.terminal.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICK


async def changes(screen: Watched, catalog: Catalog, samples: int) -> tuple[list[float], list[int]]:
    """Seconds from the write to Consul until the change is on the screen; bytes written to the terminal for it."""
    took, sizes = [], []
    for number in range(samples):
        status = ("critical", "passing")[number % 2]
        await asyncio.sleep(0.4)
        before, began = len(screen.terminal.raw), time.monotonic()
        await catalog.set_status(0, 4, status, f"sample {number}")
        took.append(await screen.sees(lambda terminal, status=status: _row(terminal, "svc-0000-4", status)) - began)
        await asyncio.sleep(0.1)
        sizes.append(len(screen.terminal.raw) - before)
    return took, sizes


def _row(terminal: Terminal, instance: str, status: str) -> bool:
    line = next((line for line in terminal.text.splitlines() if instance in line and "│" in line), "")
    return status in line


async def keys(screen: Watched, count: int) -> list[float]:
    """Seconds from a key to the cursor on another row."""
    await _type(screen.terminal, *[PAGE_DOWN] * PAGES)
    await screen.sees(lambda terminal: under_cursor(terminal) != "")
    took = []
    for key in itertools.islice(itertools.cycle("jjjkkk"), count):
        here = under_cursor(screen.terminal)
        began = time.monotonic()
        screen.terminal.send(key)
        took.append(await screen.sees(lambda terminal, here=here: under_cursor(terminal) not in (here, "")) - began)
        await asyncio.sleep(0.02)
    return took


def under_cursor(terminal: Terminal) -> str:
    """What the cursor stands on: where the table scrolls, the cursor's line stays and its instance changes."""
    named = (NAME.search(terminal.line(number).rstrip()) for number in terminal.lines_on(CURSOR))
    return next((found[1] for found in named if found), "")


@contextlib.asynccontextmanager
async def critics(address: str) -> AsyncIterator[None]:
    """Three real instances to fire calls at."""
    with tempfile.TemporaryDirectory() as directory:
        fleet = DemoFleet(address, Path(directory), sizes={"critic-agent": 3})
        await fleet.start()
        try:
            async with ConsulServiceRegistry(address) as registry, asyncio.timeout(60):
                while len(await registry.instances("critic-agent", passing_only=True)) < 3:
                    await asyncio.sleep(0.1)
            yield
        finally:
            await fleet.kill()


async def fire_without_end(screen: Watched) -> None:
    """Compose a long run at the goal's rate, as a person would."""
    terminal = screen.terminal
    await _type(terminal, "/", "critic-agent\r")
    await terminal.until("critic-agent-2")
    await _type(terminal, "j", "C")
    await terminal.until("Compose")
    await _type(terminal, "\t", "\x15", "100000", "\t", "\x15", f"{RATE}", "\x13")
    await terminal.until(lambda text: "Compose" not in text)
    await _type(terminal, "2", "/", "\x15", "\r")
    await terminal.until("svc-0000-4")


async def _type(terminal: Terminal, *render_queue: str) -> None:
    """At a person's pace: the focus moves between two pieces."""
    for piece in render_queue:
        terminal.send(piece)
        await asyncio.sleep(0.3)


async def run(quick: bool) -> Table:
    """One console on one large Consul, measured in turn: idle, scrolling, changes, keys under load."""
    samples, presses, idle = (6, 12, 3.0) if quick else (SAMPLES, KEYS, IDLE)
    async with contextlib.AsyncExitStack() as stack:
        consul, catalog, services = await stack.enter_async_context(filled(quick))
        await stack.enter_async_context(critics(consul.http_addr))
        proxy = await stack.enter_async_context(CountingProxy(consul.http_addr))
        home = stack.enter_context(tempfile.TemporaryDirectory())
        screen = Watched(proxy.address, home)
        await stack.enter_async_context(screen.terminal)
        await screen.terminal.until(lambda text: "passing" in text and "svc-0000-4" in text, 60)
        await asyncio.sleep(3.0)

        quiet = await _over(screen, proxy, idle, None)
        scrolling = await _over(screen, proxy, idle / 2, "j")
        screen.terminal.send("g")
        await screen.terminal.until("svc-0000-4")
        await asyncio.sleep(1.0)
        took, sizes = await changes(screen, catalog, samples)

        await fire_without_end(screen)
        load = asyncio.create_task(changing(catalog, services, 600.0))
        await asyncio.sleep(1.0)
        pressed = await keys(screen, presses)
        memory = screen.memory_mb()
        load.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await load
    rows = [
        ("a change in Consul → on the screen", f"{ms(middle(took))} median, {ms(percentile(took, 0.99))} p99"),
        (
            f"a key → on the screen, {CHANGES} changes/s and {RATE} calls/s",
            f"{ms(middle(pressed))} median, {ms(percentile(pressed, 0.99))} p99",
        ),
        ("resident memory, after all that", f"{memory:.0f} MB"),
        ("CPU when idle", f"{quiet['cpu']:.2f} %"),
        ("written to the terminal when idle", f"{quiet['written']:.0f} B/s"),
        ("written for one changed instance, clock included", f"{middle(sizes):.0f} B median, {max(sizes)} B at most"),
        ("Consul, idle", _asked(quiet)),
        ("Consul, scrolling a line each 50 ms", _asked(scrolling)),
    ]
    goals = (
        Goal("change → screen: median ≤ 100 ms", ms(middle(took)), middle(took) <= 0.1),
        Goal("change → screen: p99 ≤ 300 ms", ms(percentile(took, 0.99)), percentile(took, 0.99) <= 0.3),
        Goal("key → screen: p99 ≤ 50 ms", ms(percentile(pressed, 0.99)), percentile(pressed, 0.99) <= 0.05),
        Goal("memory ≤ 150 MB", f"{memory:.0f} MB", memory <= 150),
        Goal("CPU when idle ≤ 1 %", f"{quiet['cpu']:.2f} %", quiet["cpu"] <= 1.0),
        Goal("idle ≤ 50 B/s to the terminal", f"{quiet['written']:.0f} B/s", quiet["written"] <= 50),
        Goal("one changed instance ≤ 2 KB", f"{middle(sizes):.0f} B", middle(sizes) <= 2000),
    )
    return Table(
        "The screen at work",
        ("", ""),
        rows,
        f"{size_of(services)} and three real ones; the program on an emulated terminal of 120x40; {samples} changes, "
        f"{presses} keys, {idle:g} s of idling.",
        goals,
    )


async def _over(screen: Watched, proxy: CountingProxy, seconds: float, key: str | None) -> dict[str, float]:
    """What a while costs, with a key pressed every 50 ms or none."""
    proxy.reset()
    cpu, written, began = screen.cpu(), len(screen.terminal.raw), time.monotonic()
    while (left := began + seconds - time.monotonic()) > 0:
        if key:
            screen.terminal.send(key)
        await asyncio.sleep(min(0.05 if key else seconds, left))
    spent = time.monotonic() - began
    return {
        "cpu": (screen.cpu() - cpu) / spent * 100,
        "written": (len(screen.terminal.raw) - written) / spent,
        "connections": proxy.most_open,
        "requests": proxy.requests / spent,
        "bytes": proxy.bytes / spent,
    }


def _asked(seen: dict[str, float]) -> str:
    asked = f"{seen['connections']:.0f} connections, {seen['requests']:.1f} requests/s"
    return f"{asked}, {seen['bytes'] / 1000:,.1f} kB/s of answers"
