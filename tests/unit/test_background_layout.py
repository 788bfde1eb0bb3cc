"""When the topology is laid out again, and when it is not; what is shown while that takes long."""

from __future__ import annotations

import asyncio

import pytest
from msgspec.structs import replace

from hp_tui.widgets import background_layout
from hp_tui.widgets.background_layout import BackgroundLayout
from hp_tui.widgets.graph.topology import arrange_graph
from hp_tui.widgets.values import Link, Node, Tone

ROOM = (100, 30)


class Counted:
    """Stands in for ``sketch`` and counts."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.made: list[int] = []
        monkeypatch.setattr(background_layout, "arrange_graph", self)

    def __call__(self, shape, room, before):
        self.made.append(len(shape.shapes))
        return arrange_graph(shape, room, before)


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Counted:
    return Counted(monkeypatch)


def nodes(count: int, tone: Tone = Tone.GOOD) -> tuple[Node, ...]:
    return tuple(Node(f"s{number}", f"s{number}", (tone,), "1.0", tone) for number in range(count))


def links(count: int) -> tuple[Link, ...]:
    return tuple(Link(f"s{number // 2}", f"s{number}", room=11) for number in range(1, count))


async def laid_out(it: BackgroundLayout) -> None:
    await asyncio.wait_for(it.run(), 30)


def test_a_red_dot_a_rate_or_the_cursor_do_not_lay_out_again(counted: Counted) -> None:
    it = BackgroundLayout(lambda: None)
    it.show(nodes(12), links(12), "s0", ROOM)
    before = it.picture
    it.show(nodes(12), links(12), "s1", ROOM)
    it.show(nodes(12, Tone.BAD), links(12), "s1", ROOM)
    it.show(nodes(12, Tone.BAD), tuple(replace(link, note="3/s ✖9 %") for link in links(12)), "s1", ROOM)
    assert counted.made == [12]
    assert it.picture.boxes is before.boxes
    assert "✖9 %" in "\n".join(it.picture.lines())
    it.show(nodes(13), links(13), "s1", ROOM)
    it.show(nodes(13), links(13), "s1", (60, 30))
    assert counted.made == [12, 13, 13]


async def test_a_large_graph_is_laid_out_beside_the_loop_and_the_old_picture_stays(counted: Counted) -> None:
    it = BackgroundLayout(lambda: None)
    it.show(nodes(5), links(5), "s0", ROOM)
    assert it.show(nodes(300), links(300), "s0", ROOM)
    assert len(it.picture.boxes) == 5, "the old picture meanwhile"
    assert not it.show(nodes(300), links(300), "s1", ROOM), "one at a time"
    await laid_out(it)
    assert len(it.picture.boxes) == 300
    assert counted.made == [5, 300]


async def test_what_nobody_waits_for_any_more_is_dropped(counted: Counted) -> None:
    it = BackgroundLayout(lambda: None)
    it.show(nodes(300), links(300), "s0", ROOM)
    running = asyncio.create_task(it.run())
    while 300 not in counted.made:
        await asyncio.sleep(0)
    it.show(nodes(4), links(4), "s0", ROOM)
    await asyncio.wait_for(running, 30)
    assert len(it.picture.boxes) == 4


async def test_of_many_graphs_that_come_meanwhile_only_the_newest_is_laid_out(counted: Counted) -> None:
    it = BackgroundLayout(lambda: None)
    it.show(nodes(100), links(100), "s0", ROOM)
    running = asyncio.create_task(it.run())
    while not counted.made:
        await asyncio.sleep(0)
    for count in range(101, 120):
        assert not it.show(nodes(count), links(count), "s0", ROOM)
    await asyncio.wait_for(running, 30)
    assert counted.made == [100, 119]
    assert len(it.picture.boxes) == 119


async def test_the_event_loop_turns_while_a_thousand_services_are_laid_out() -> None:
    it = BackgroundLayout(lambda: None)
    it.show(nodes(1000), links(1000), "s0", ROOM)
    running = asyncio.create_task(it.run())
    turns = 0
    while not running.done():
        turns += 1
        await asyncio.sleep(0)
    assert turns > 20
    assert len(it.picture.boxes) == 1000


def test_it_is_slow_only_after_a_while() -> None:
    now = [0.0]
    it = BackgroundLayout(lambda: None, clock=lambda: now[0])
    assert not it.slow(0.25)
    it.show(nodes(300), links(300), "s0", ROOM)
    assert not it.slow(0.25)
    now[0] = 0.3
    assert it.slow(0.25)
