"""The topology's layout: how long it takes, how large it gets, and what the screen notices of it."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable

from hp_tui.widgets.background_layout import BackgroundLayout
from hp_tui.widgets.graph.arrangement import Arrangement, Run
from hp_tui.widgets.graph.picture import IndexedArrangement, Picture
from hp_tui.widgets.graph.topology import arrange_graph, structure
from hp_tui.widgets.values import Link, Node, Tone
from tests.bench.table import Goal, Table, middle, ms

ROOM = (116, 32)
"""Cells of panel 1 on a screen of 120x40, zoomed."""
RUNS = 9
GRAPHS = ((4, 3), (12, 15), (40, 76), (40, 117), (100, 240), (300, 600), (300, 900))
"""Services and calls."""
GOAL = 0.050


def mesh(services: int, calls: int) -> tuple[list[Node], list[Link]]:
    """Services that call those after them, mostly near ones, and one in twenty calls back: what fleets look like."""
    dice = random.Random(services * 1000 + calls)
    nodes = [Node(f"service-{n}", f"service-{n}", (Tone.GOOD,) * 3, "1.0.0", Tone.GOOD) for n in range(services)]
    pairs: set[tuple[int, int]] = set()
    reach = max(2, round(2 * services**0.5))
    while len(pairs) < calls:
        one = dice.randrange(services - 1)
        other = min(services - 1, one + dice.randint(1, reach))
        pairs.add((other, one) if dice.random() < 0.05 and (one, other) not in pairs else (one, other))
    return nodes, [Link(f"service-{one}", f"service-{other}") for one, other in sorted(pairs)]


def crossings(arrangement: Arrangement) -> int:
    """Places where two lines cross in the picture."""
    level = [run for run in arrangement.runs if run.y1 == run.y2]
    upright = [run for run in arrangement.runs if run.y1 != run.y2]
    return len({(up.x1, on.y1) for up in upright for on in level if up.net != on.net and _cross(up, on)})


def _cross(up: Run, on: Run) -> bool:
    across, along = sorted((on.x1, on.x2)), sorted((up.y1, up.y2))
    return across[0] < up.x1 < across[1] and along[0] < on.y1 < along[1]


def timed(work: Callable[[], object], runs: int) -> float:
    """Seconds it takes, the median."""
    took = []
    for _ in range(runs):
        began = time.perf_counter()
        work()
        took.append(time.perf_counter() - began)
    return middle(took)


def screenful(made: IndexedArrangement, nodes: list[Node], links: list[Link]) -> None:
    """Paint what is seen: after another cursor, another colour or another rate, this is all that is done."""
    picture = Picture(made, nodes, links, nodes[0].id)
    for y in range(ROOM[1]):
        list(picture.words(y, 0, ROOM[0]))


async def standstill(nodes: list[Node], links: list[Link]) -> float:
    """The longest the event loop does not turn while this is laid out beside it, in seconds."""
    layout = BackgroundLayout(lambda: None)
    if not layout.show(nodes, links, nodes[0].id, ROOM):
        return 0.0
    running = asyncio.create_task(layout.run())
    longest, before = 0.0, time.perf_counter()
    while not running.done():
        await asyncio.sleep(0)
        now = time.perf_counter()
        longest, before = max(longest, now - before), now
    return longest


async def run(quick: bool) -> Table:
    """Every graph at the size of the zoomed panel."""
    rows, forty = [], 0.0
    for services, calls in GRAPHS:
        nodes, links = mesh(services, calls)
        shape = structure(nodes, links)
        made = arrange_graph(shape, ROOM)
        took = timed(lambda shape=shape: arrange_graph(shape, ROOM), 3 if quick else RUNS)
        paint = timed(lambda made=made, nodes=nodes, links=links: screenful(made, nodes, links), 3 if quick else RUNS)
        still = await standstill(nodes, links)
        if services == 40:
            forty = max(forty, took + paint)
        picture = made.arrangement
        size = f"{picture.width}x{picture.height}"
        beside = f"beside the loop, which stood still {ms(still)}" if still else "at once"
        rows.append((str(services), str(calls), ms(took), beside, ms(paint), size, str(crossings(picture))))
    return Table(
        "Topology",
        ("services", "calls", "layout", "", "painting a screenful", "cells", "crossings"),
        rows,
        f"Services that call those after them, one call in twenty back; for a place of {ROOM[0]}x{ROOM[1]} cells.",
        [Goal("40 services laid out and painted within 50 ms", ms(forty), forty <= GOAL)],
        ["A changed colour or rate, and the cursor, paint but do not lay out."],
    )
