"""What each part of ``widgets/textual_internals`` brings: the console with it, without it, and in plain mode, in turn."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from tests.bench.screen_load import under_cursor
from tests.bench.stamped import StampedTerminal
from tests.bench.table import Table, middle, ms, percentile, ratio
from tests.terminal import Terminal

ROUNDS, KEYS, SECONDS = 3, 40, 5.0
PICTURES, CHANGES = 20, 40
"""Pictures a second and changed instances in each, while keys are measured."""
TITLES = ("1 Topology", "2 Health & breakers", "3 Calls", "4 KV")
TO_THE_QUIET = "G" + "k" * 12
"""From the last row up to one whose neighbours do not change: on the first and the last row a key would rightly do nothing."""
REASON = "abcdefghijkl"
KEY_WITHIN = 8.0
"""Seconds after which a key counts as not seen."""
LEFT_WITHIN = 6.0
"""Seconds after which a console on a stalled terminal counts as one that does not end."""
TICK = os.sysconf("SC_CLK_TCK")
PARTS = ("screen buffer", "compositor", "key queue", "paint_now", "driver and writer")
ALL, PLAIN = "everything on", "plain mode"


@dataclass
class Figures:
    """One variant's measurements, all rounds together."""

    paint: list[float] = field(default_factory=list)
    """Seconds from the start of the process to the first paint."""
    written: list[float] = field(default_factory=list)
    """Bytes for one changed instance."""
    keys: list[float] = field(default_factory=list)
    """Seconds from a key to the cursor on another row, under load."""
    cpu: list[float] = field(default_factory=list)
    """Processor seconds a key, without load."""
    ended: list[float] = field(default_factory=list)
    """Seconds from ``q`` to the end of the process on a terminal that takes nothing."""
    letters: list[int] = field(default_factory=list)
    """Letters of a reason that reached its dialog when they were sent together with the key that opens it."""


class Variant(NamedTuple):
    """How to start a console."""

    off: tuple[str, ...] = ()
    plain: bool = False

    def command(self, pictures: float, changes: int) -> list[str]:
        return [sys.executable, "-m", "tests.bench.internals_child", str(pictures), str(changes), *self.off]

    @property
    def environ(self) -> dict[str, str]:
        return {"HP_TUI_PLAIN": "1" if self.plain else "0"}


VARIANTS = {ALL: Variant(), **{f"without {part}": Variant((part,)) for part in PARTS}, PLAIN: Variant(plain=True)}


async def first_paint(variant: Variant) -> float:
    """Seconds from the start to all four panels."""
    began = time.monotonic()
    async with StampedTerminal(variant.command(0, 0), environ=variant.environ) as terminal:
        await terminal.until(lambda text: all(title in text for title in TITLES))
        return max(map(terminal.arrived, TITLES)) - began


async def bytes_a_change(variant: Variant, seconds: float) -> float:
    """Bytes written a changed instance, two changes a second."""
    async with StampedTerminal(variant.command(2, 1), environ=variant.environ) as terminal:
        await terminal.until("svc-0007-7")
        await asyncio.sleep(1.0)
        before = len(terminal.raw)
        await asyncio.sleep(seconds)
        return (len(terminal.raw) - before) / (2 * seconds)


async def keys(variant: Variant, count: int, pictures: float) -> tuple[list[float], float]:
    """Seconds from each key to the cursor on another line, and processor seconds a key."""
    moved = asyncio.Event()
    async with StampedTerminal(
        variant.command(pictures, CHANGES), environ=variant.environ, on_output=moved.set
    ) as terminal:
        await terminal.until("svc-0007-7")
        terminal.send(TO_THE_QUIET)
        await asyncio.sleep(2.0)
        took, cpu = [], _cpu(terminal)
        for key in itertools.islice(itertools.cycle("jjjkkk"), count):
            here = under_cursor(terminal)
            began = time.monotonic()
            terminal.send(key)
            try:
                async with asyncio.timeout(KEY_WITHIN):
                    while under_cursor(terminal) in (here, ""):
                        moved.clear()
                        await moved.wait()
            except TimeoutError:  # the emulator is so far behind with drawing what was sent
                took.append(KEY_WITHIN)
                break
            took.append(terminal.written_at - began)
            await asyncio.sleep(0.03)
        return took, (_cpu(terminal) - cpu) / len(took)


def _cpu(terminal: Terminal) -> float:
    fields = Path(f"/proc/{terminal.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


async def end_when_stalled(variant: Variant) -> float:
    """Seconds from ``q`` to the end, on a terminal that takes nothing more and whose buffer is full."""
    async with Terminal(variant.command(PICTURES, CHANGES), environ=variant.environ) as terminal:
        await terminal.until("svc-0007-7")
        terminal.stop_reading()
        for _ in range(30):
            terminal.send("?")  # help opens and closes: a whole screen each time
            await asyncio.sleep(0.05)
        await asyncio.sleep(1.0)
        began = time.monotonic()
        terminal.send("q")
        with contextlib.suppress(AssertionError):
            await terminal.wait(LEFT_WITHIN)
        return time.monotonic() - began


async def letters(variant: Variant) -> int:
    """How many letters of a reason arrive that are sent in one go with the key that opens its dialog."""
    async with Terminal(variant.command(0, 0), environ=variant.environ) as terminal:
        await terminal.until("svc-0007-7")
        await asyncio.sleep(1.0)
        terminal.send(f"m{REASON}")
        await asyncio.sleep(1.5)
        return max(
            (size for size in range(len(REASON) + 1) if REASON[len(REASON) - size :] in terminal.text), default=0
        )


async def measured(variant: Variant, figures: Figures, quick: bool) -> None:
    """One round of one variant."""
    figures.paint.append(await first_paint(variant))
    figures.written.append(await bytes_a_change(variant, 2.0 if quick else SECONDS))
    took, _ = await keys(variant, 6 if quick else KEYS, PICTURES)
    figures.keys += took
    figures.cpu.append((await keys(variant, 12 if quick else 2 * KEYS, 0))[1])
    figures.ended.append(await end_when_stalled(variant))
    figures.letters.append(await letters(variant))


async def run(quick: bool) -> Table:
    """All variants in turn, every other round in reverse, so that what else the machine does falls on all of them."""
    rounds = 1 if quick else ROUNDS
    figures = {name: Figures() for name in VARIANTS}
    for number in range(rounds):
        for name in reversed(VARIANTS) if number % 2 else VARIANTS:
            await measured(VARIANTS[name], figures[name], quick)
    whole = figures[ALL]

    def column(name: str, values: Callable[[Figures], float]) -> str:
        return ratio(values(figures[name]), values(whole))

    rows = [
        (
            name,
            f"{ms(middle(own.paint))} ({column(name, lambda one: middle(one.paint))})",
            f"{middle(own.written):.0f} B ({column(name, lambda one: middle(one.written))})",
            f"{ms(middle(own.keys))} ({column(name, lambda one: middle(one.keys))})",
            f"{ms(percentile(own.keys, 0.95))} ({column(name, lambda one: percentile(one.keys, 0.95))})",
            f"{ms(middle(own.cpu))} ({column(name, lambda one: middle(one.cpu))})",
            f"{sum(took < LEFT_WITHIN for took in own.ended)} of {len(own.ended)}",
            f"{sum(own.letters)} of {len(own.letters) * len(REASON)}",
        )
        for name, own in figures.items()
    ]
    return Table(
        "Parts of textual_internals, on and off",
        (
            "",
            "first paint",
            "a changed instance",
            "a key, median",
            "a key, p95",
            "CPU a key",
            f"ended within {LEFT_WITHIN:g} s on a stalled terminal",
            "letters typed ahead that arrived",
        ),
        rows,
        f"1,000 instances of 100 services, a terminal of 120x40; {rounds} rounds, the variants in turn; keys while {PICTURES} "
        f"pictures a second show {CHANGES} changes each, CPU without. In brackets: as a multiple of everything on.",
    )
