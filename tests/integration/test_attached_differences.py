"""Only what differs is painted and sent: what stands on the terminal is what drawing all of it anew gives."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable

import pytest

from hp_tui.model.registration import ServiceDefinition
from hp_tui.registry import ConsulServiceRegistry
from tests.integration.test_attached_screen import hp_tui
from tests.terminal import Terminal

DOWN, UP, REDRAW = "\x1b[6~", "\x1b[5~", "\x0c"
KEYS = (
    "j",
    "k",
    "j",
    "k",
    "g",
    "G",
    DOWN,
    UP,
    "1",
    "2",
    "3",
    "4",
    "\t",
    "z",
    "f",
    "s",
    "+",
    "-",
    "a",
    "h",
    "l",
    " ",
    "v",
)
"""Of all that moves something and opens nothing."""
BURSTS = 6
LOOKS = 10


async def fill(address: str) -> None:
    """Eight services that call each other, four instances each: more rows than any panel has lines."""
    names = [f"service-{number}" for number in range(8)]
    async with ConsulServiceRegistry(address) as registry:
        for number, name in enumerate(names):
            meta = {"upstreams": ",".join(names[number + 1 :: 3]), "version": f"1.{number}"}
            for copy in range(4):
                await registry.register(ServiceDefinition(name, f"{name}-{copy}", "127.0.0.1", 9000 + copy, meta=meta))


def settled(terminal: Terminal) -> Callable[[], bool]:
    """A condition: looked at :data:`LOOKS` times, nothing more had come."""
    sizes = deque([-1], maxlen=LOOKS)

    def still() -> bool:
        sizes.append(len(terminal.raw))
        return len(sizes) == LOOKS and len(set(sizes)) == 1

    return still


def different(before: list[list[object]], after: list[list[object]]) -> list[tuple[int, int, object, object]]:
    """Line, column, what was there and what is, of each cell that differs."""
    return [
        (y, x, old, new)
        for y, (was, now) in enumerate(zip(before, after, strict=True))
        for x, (old, new) in enumerate(zip(was, now, strict=True))
        if old != new
    ]


@pytest.mark.parametrize(("columns", "lines", "seed"), [(80, 24, 1), (80, 60, 2), (120, 40, 3), (160, 50, 4)])
async def test_what_was_painted_piece_by_piece_is_what_all_of_it_is(
    consul, tmp_path, eventually, columns: int, lines: int, seed: int
) -> None:
    await fill(consul.http_addr)
    environ = {"XDG_STATE_HOME": str(tmp_path / "state"), "XDG_CONFIG_HOME": str(tmp_path / "config")}
    chance = random.Random(seed)
    async with Terminal(hp_tui(consul.http_addr), columns=columns, lines=lines, environ=environ) as terminal:
        await terminal.until("33 instances")
        for burst in range(BURSTS):
            keys = chance.choices(KEYS, k=chance.randrange(5, 40))
            for key in keys:
                terminal.send(key)
            terminal.send("p")
            await terminal.until("PAUSED")
            await eventually(settled(terminal))
            before, drawn = terminal.cells[1:], len(terminal.raw)
            terminal.send(REDRAW)
            await eventually(lambda drawn=drawn: len(terminal.raw) > drawn + columns * lines // 4)
            await eventually(settled(terminal))
            assert different(before, terminal.cells[1:]) == [], f"burst {burst}: {keys}"
            terminal.send("p")
            await terminal.until(lambda text: "PAUSED" not in text)
