"""From the start of the process to the first paint, and to a list with health on the screen."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.bench.filled import filled, size_of
from tests.bench.table import Goal, Table, middle, ms, ratio
from tests.bench.web_ui import WebUI
from tests.terminal import Terminal

RUNS = 7


@dataclass
class Figures:
    paint: list[float] = field(default_factory=list)
    listed: list[float] = field(default_factory=list)


async def start(command: Sequence[str], painted: str, listed: str, figures: Figures) -> None:
    """Run a program on a terminal until it shows both texts."""
    began = time.perf_counter()
    async with Terminal(command) as terminal:
        await terminal.until(painted)
        figures.paint.append(time.perf_counter() - began)
        if listed:
            await terminal.until(listed)
            figures.listed.append(time.perf_counter() - began)


async def run(quick: bool) -> Table:
    """The bare app, the console and the web UI in turn."""
    runs = 2 if quick else RUNS
    bare, ours, web = Figures(), Figures(), Figures()
    async with filled(quick) as (consul, _, services):
        console = [sys.executable, "-m", "hp_tui", "--address", consul.http_addr]
        async with WebUI.if_there(consul.http_addr) as browser:
            for _ in range(runs):
                await start([sys.executable, "-m", "tests.bench.bare_app"], "panel 4", "", bare)
                await start(console, "4 KV", "passing", ours)
                if browser:
                    web.listed.append(await browser.open())
    rows = [
        ("bare Textual app, four panels", ms(middle(bare.paint)), "1.00", "–"),
        ("hp-tui", ms(middle(ours.paint)), ratio(middle(ours.paint), middle(bare.paint)), ms(middle(ours.listed))),
    ]
    share = middle(ours.paint) / middle(bare.paint)
    goals = [Goal("first paint ≤ 1.5 of the bare app", f"{share:.2f}", share <= 1.5)]
    notes = []
    if web.listed:
        rows.append(("Consul's web UI, headless Chromium already running", "–", "–", ms(middle(web.listed))))
        text = f"{ms(middle(ours.listed))} against {ms(middle(web.listed))}"
        goals.append(Goal("list with health no later than the web UI", text, middle(ours.listed) <= middle(web.listed)))
    else:
        notes.append("No `chromium` on the PATH: the web UI was not measured.")
    return Table(
        "Start",
        ("", "first paint", "to bare", "list with health"),
        rows,
        f"{size_of(services)}; 120x40; medians of {runs} runs in turn, from the start of the process to the text on an "
        "emulated terminal; the web UI from navigation to the text in the page, its browser already running.",
        goals,
        notes,
    )
