"""`hp-tui status --svg`, `--record` and `--from`: the screen as a file, of the datacenter now or of a recording."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import time
from collections.abc import Iterator
from pathlib import Path

from hp_tui.connect import registry_for
from hp_tui.engine.port import Publish
from hp_tui.model.commands import Command
from hp_tui.model.fleet import FleetSnapshot, LinkState
from hp_tui.registry import RegistryError
from hp_tui.settings import Settings

PATIENCE = 10.0
"""Seconds to wait until the instances of every service are read; after that, the picture shows what there is."""
SIZES = ((60, 16), (400, 200))
"""Smallest and largest picture, columns and lines."""


def parse_size(text: str) -> tuple[int, int]:
    """``120x40`` as columns and lines. Raises ``ValueError`` naming what was given and the range."""
    found = re.fullmatch(r"(\d{1,4})x(\d{1,4})", text.strip().lower())
    size = (int(found[1]), int(found[2])) if found else (0, 0)
    (least_columns, least_lines), (most_columns, most_lines) = SIZES
    if not (least_columns <= size[0] <= most_columns and least_lines <= size[1] <= most_lines):
        raise ValueError(
            f"--size {text!r}: expected COLUMNSxLINES from {least_columns}x{least_lines} to {most_columns}x{most_lines}"
        )
    return size


async def look(settings: Settings) -> FleetSnapshot:
    """The datacenter as the screen would show it now.

    Raises :class:`~hp_tui.registry.RegistryError` when Consul does not answer or refuses the token.
    """
    from hp_tui.engine import Engine

    engine = Engine(settings)
    changed = asyncio.Event()
    working = asyncio.create_task(engine.run(lambda _: changed.set()))
    try:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                while not _complete(engine.snapshot):
                    await changed.wait()
                    changed.clear()
    finally:
        working.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await working
    if not engine.snapshot.loaded:
        await _raise_reason(settings)
    return engine.snapshot


async def _raise_reason(settings: Settings) -> None:
    """Ask Consul once more: the registry's error says what is wrong and what to do."""
    async with registry_for(settings) as registry:
        await registry.leader()
        await registry.services()
    raise RegistryError(f"Consul at {settings.address} did not tell its services within {PATIENCE:g} s; try again.")


def _complete(snapshot: FleetSnapshot) -> bool:
    if snapshot.link.state in {LinkState.ABSENT, LinkState.FORBIDDEN}:
        return True
    known = all(view.instances is not None or view.counted for view in snapshot.services.values())
    return snapshot.loaded and known and bool(snapshot.cluster.version)


async def draw(snapshot: FleetSnapshot, settings: Settings, size: tuple[int, int]) -> str:
    """The screen showing ``snapshot`` at the time of its newest event, as SVG.

    The same everywhere: times are UTC, and neither NO_COLOR nor the terminal's own description changes it.
    """
    with _same_everywhere():
        return await _draw(snapshot, settings, size)


@contextlib.contextmanager
def _same_everywhere() -> Iterator[None]:
    before = dict(os.environ)
    for name in ("NO_COLOR", "COLORFGBG"):
        os.environ.pop(name, None)
    os.environ |= {"TZ": "UTC", "TERM": "xterm-256color", "COLORTERM": "truecolor"}
    time.tzset()
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
        time.tzset()


async def _draw(snapshot: FleetSnapshot, settings: Settings, size: tuple[int, int]) -> str:
    from hp_tui.console.app import HpTuiApp
    from hp_tui.console.drafts import DraftStore

    app = HpTuiApp(_Still(snapshot), settings, clock=lambda: snapshot.at, drafts=DraftStore())
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        return app.export_screenshot(title="hp-tui")


class _Still:
    """An engine that shows one picture and does nothing."""

    def __init__(self, snapshot: FleetSnapshot) -> None:
        self.snapshot = snapshot

    def submit(self, command: Command) -> None:
        """Do nothing: a picture carries out no commands."""

    async def run(self, publish: Publish) -> None:
        await asyncio.Event().wait()


def write(path: Path, data: bytes, option: str) -> None:
    """Write a file whole or not at all; a pipe or device is written to. Raises ``ValueError`` naming option and reason."""
    path = path.resolve()
    fresh = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        if path.exists() and not path.is_file():
            path.write_bytes(data)
            return
        fresh.write_bytes(data)
        fresh.replace(path)
    except OSError as error:
        with contextlib.suppress(OSError):
            fresh.unlink()
        raise ValueError(f"{option} {str(path)!r} cannot be written: {error.strerror}") from None
