"""From the start of the process to the first paint, and to a list with health on the screen."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.bench.filled import filled, size_of
from tests.bench.stamped import StampedTerminal
from tests.bench.table import Goal, Table, middle, ms
from tests.bench.web_ui import WebUI

RUNS = 11
BARE = tuple(f"panel {number}" for number in range(1, 5))
OURS = ("1 Topology", "2 Health & breakers", "3 Calls", "4 KV")
"""Titles of the four panels."""
LISTED = re.compile(r"svc-00\d\d.*(passing|●\d+)")
"""A service or an instance of it with its health."""


@dataclass
class Figures:
    paint: list[float] = field(default_factory=list)
    listed: list[float] = field(default_factory=list)
    warm: list[float] = field(default_factory=list)
    """The same in a program that runs already."""


async def start(command: Sequence[str], titles: Sequence[str], figures: Figures, listed: bool = False) -> None:
    """Run a program on a terminal until it shows all titles, and where it has one the list."""
    began = time.monotonic()
    async with StampedTerminal(command) as terminal:
        await terminal.until(lambda text: all(title in text for title in titles))
        figures.paint.append(max(map(terminal.arrived, titles)) - began)
        if listed:
            await terminal.until(LISTED.search)
            figures.listed.append(terminal.written_at - began)


async def run(quick: bool) -> Table:
    """The bare app, the console and the web UI in turn."""
    runs = 2 if quick else RUNS
    bare, ours, web = Figures(), Figures(), Figures()
    async with filled(quick) as (consul, _, services):
        console = [sys.executable, "-m", "hp_tui", "--address", consul.http_addr]
        async with WebUI.if_there(consul.http_addr) as browser:
            for _ in range(runs):
                await start([sys.executable, "-m", "tests.bench.bare_app"], BARE, bare)
                await start(console, OURS, ours, listed=True)
                if browser:
                    web.warm.append(await browser.open())
                    web.listed.append(await WebUI.start(consul.http_addr))
    share = middle([mine / its for mine, its in zip(ours.paint, bare.paint, strict=True)])
    rows = [
        ("bare Textual app, four panels", ms(middle(bare.paint)), "1.00", "–"),
        ("hp-tui", ms(middle(ours.paint)), f"{share:.2f}", ms(middle(ours.listed))),
    ]
    goals = [Goal("first paint ≤ 1.5 of the bare app", f"{share:.2f}", share <= 1.5)]
    notes = []
    if web.listed:
        rows.append(("Consul's web UI, from the start of headless Chromium", "–", "–", ms(middle(web.listed))))
        rows.append(("Consul's web UI, in a Chromium that runs already", "–", "–", ms(middle(web.warm))))
        text = f"{ms(middle(ours.listed))} against {ms(middle(web.listed))}"
        goals.append(Goal("list with health no later than the web UI", text, middle(ours.listed) <= middle(web.listed)))
    else:
        notes.append("No `chromium` on the PATH: the web UI was not measured.")
    return Table(
        "Start",
        ("", "first paint", "to bare", "list with health"),
        rows,
        f"{size_of(services)}; 120x40; medians of {runs} runs in turn, from the start of the process to the text on an "
        "emulated terminal or in the page; the ratio is the median of those of neighbouring runs.",
        goals,
        notes,
    )
