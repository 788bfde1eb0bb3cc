"""A picture in pieces: in order, each in its turn, always the newest."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest

from hp_tui.console.main.render_queue import SHORT, RenderQueue


class Stage:
    """A screen of three pieces; each takes ``cost`` seconds of a clock that only they move."""

    def __init__(self, cost: float = SHORT) -> None:
        self.cost = cost
        self.now = 0.0
        self.picture = 0
        self.shown: list[tuple[str, int]] = []
        self.turns = 0
        self.may = asyncio.Event()
        self.may.set()
        self.names = ["a", "b", "c"]
        self._made = {name: self._piece(name) for name in self.names}
        self.render_queue = RenderQueue(lambda: [self._made[name] for name in self.names], self._turn, lambda: self.now)

    def _piece(self, name: str):
        def piece() -> None:
            self.now += self.cost
            self.shown.append((name, self.picture))

        return piece

    async def _turn(self) -> None:
        self.turns += 1
        await self.may.wait()

    def renew(self) -> None:
        self.picture += 1
        self.render_queue.renew()


@contextlib.asynccontextmanager
async def running(stage: Stage) -> AsyncIterator[None]:
    work = asyncio.create_task(stage.render_queue.run())
    try:
        yield
    finally:
        work.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await work


async def test_every_piece_is_shown_in_order_and_each_waits_for_its_turn() -> None:
    stage = Stage()
    async with running(stage):
        stage.renew()
        await stage.render_queue
        assert stage.shown == [("a", 1), ("b", 1), ("c", 1)]
        assert stage.turns == 3
        assert not stage.render_queue.due


async def test_pieces_that_take_no_time_go_together() -> None:
    stage = Stage(cost=0.0)
    async with running(stage):
        stage.renew()
        await stage.render_queue
        assert stage.shown == [("a", 1), ("b", 1), ("c", 1)]
        assert stage.turns == 1


async def test_nothing_is_shown_before_its_turn_and_then_the_newest() -> None:
    stage = Stage()
    async with running(stage):
        stage.may.clear()
        stage.renew()
        stage.renew()
        for _ in range(10):
            await asyncio.sleep(0)
        assert stage.shown == []
        stage.renew()
        stage.may.set()
        await stage.render_queue
        assert stage.shown == [("a", 3), ("b", 3), ("c", 3)], "nothing is shown twice for pictures that come fast"


async def test_a_piece_keeps_its_place_when_another_picture_comes() -> None:
    """However fast pictures come, none waits for ever."""
    stage = Stage()
    first = stage._made["a"]

    def again() -> None:
        first()
        if stage.picture < 3:
            stage.renew()

    stage._made["a"] = again
    async with running(stage):
        stage.renew()
        await stage.render_queue
    assert [name for name, _ in stage.shown] == ["a", "b", "c", "a", "a", "b", "c"]


async def test_all_at_once_leaves_nothing_due() -> None:
    stage = Stage()
    stage.renew()
    stage.render_queue.finish()
    assert stage.shown == [("a", 1), ("b", 1), ("c", 1)]
    async with running(stage), asyncio.timeout(5):
        await stage.render_queue
        assert len(stage.shown) == 3


async def test_who_waits_for_nothing_does_not_wait() -> None:
    async with asyncio.timeout(5):
        await Stage().render_queue


async def test_a_piece_that_fails_ends_the_work_with_its_error() -> None:
    stage = Stage()

    def fails() -> None:
        raise LookupError("no such widget")

    stage._made["b"] = fails
    stage.renew()
    with pytest.raises(LookupError, match="no such widget"):
        await stage.render_queue.run()
