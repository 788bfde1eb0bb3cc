"""The engine's small parts: what is watched, how calls are counted, how pictures are published."""

from __future__ import annotations

import asyncio
from types import MappingProxyType

import pytest
from msgspec.structs import replace

from hp_tui.engine.events import AddressUsed
from hp_tui.engine.meter import Meter
from hp_tui.engine.publisher import MAX_PAUSE, MAX_RATE, Publisher
from hp_tui.engine.watch_selection import MAX_WATCHED, select_watched
from hp_tui.model.fleet import FleetSnapshot, Rate, ServiceView


def fleet(count: int, red: tuple[int, ...] = ()) -> FleetSnapshot:
    services = {
        f"s{n:03}": ServiceView(f"s{n:03}", counted=True, passing=0 if n in red else 1, critical=1 if n in red else 0)
        for n in range(count)
    }
    return replace(FleetSnapshot(), services=MappingProxyType(services), loaded=True)


def test_a_small_datacenter_is_watched_whole():
    assert len(select_watched(fleet(MAX_WATCHED), frozenset(), frozenset())) == MAX_WATCHED


def test_a_large_one_follows_the_eye_then_the_red():
    names = select_watched(fleet(1_000, red=(900,)), frozenset({"s001", "s002"}), frozenset({"s500"}))
    assert names == {"s001", "s002", "s500", "s900"}


def test_before_the_first_look_the_first_by_name_are_watched_as_many_as_fill_a_screen():
    names = select_watched(fleet(1_000, red=(900,)), frozenset(), frozenset())
    assert "s900" in names
    assert len(names) == MAX_WATCHED
    assert max(names - {"s900"}) < "s030"
    services = {f"s{n:03}": ServiceView(f"s{n:03}", counted=True, passing=50) for n in range(1_000)}
    large = replace(FleetSnapshot(), services=MappingProxyType(services), loaded=True)
    assert select_watched(large, frozenset(), frozenset()) == {"s000", "s001"}


def test_never_more_watches_than_the_limit_and_clients_come_first():
    visible = frozenset(f"s{n:03}" for n in range(100))
    names = select_watched(fleet(1_000), visible, frozenset({"s999"}))
    assert len(names) == MAX_WATCHED
    assert "s999" in names


def test_names_that_are_not_in_the_catalog_are_not_watched():
    assert select_watched(fleet(30), frozenset({"nowhere"}), frozenset({"gone"})) == frozenset()


def test_rates_look_back_ten_seconds():
    meter = Meter()
    for second in range(20):
        meter.note("critic-agent", float(second), ok=second % 2 == 0)
    assert meter.rates(19.5) == {"critic-agent": Rate(1.0, 0.5)}
    assert meter.rates(100.0) == {}


async def test_a_burst_is_published_at_once_and_then_coalesced():
    published: list[FleetSnapshot] = []
    pause_over = asyncio.Event()

    async def sleep(_: float) -> None:
        await pause_over.wait()

    publisher = Publisher(FleetSnapshot(), clock=lambda: 0.0, sleep=sleep)
    task = asyncio.create_task(publisher.run(published.append))
    for number in range(1_000):
        publisher.emit(AddressUsed(0.0, f"host:{number}"))
    while not published:
        await asyncio.sleep(0)
    assert published[0].link.address == "host:999"
    publisher.emit(AddressUsed(0.0, "host:1000"))
    for _ in range(50):
        await asyncio.sleep(0)
    assert len(published) == 1
    pause_over.set()
    while len(published) < 2:
        await asyncio.sleep(0)
    assert published[1].link.address == "host:1000"
    task.cancel()


async def test_pictures_that_keep_the_loop_busy_come_less_often():
    now, slept, published = 0.0, [], asyncio.Event()

    async def sleep(seconds: float) -> None:
        nonlocal now
        slept.append(seconds)
        now += seconds + busy
        await asyncio.sleep(0)

    publisher = Publisher(FleetSnapshot(), clock=lambda: now, sleep=sleep)
    task = asyncio.create_task(publisher.run(lambda _: published.set()))
    for busy, pauses in ((0.0, [1 / MAX_RATE]), (0.2, [1 / MAX_RATE, 0.2]), (9.0, [1 / MAX_RATE, MAX_PAUSE])):
        slept.clear()
        published.clear()
        publisher.emit(AddressUsed(0.0, f"host:{busy}"))
        await published.wait()
        for _ in range(5):
            await asyncio.sleep(0)
        assert slept == pytest.approx(pauses)
    task.cancel()


async def test_the_next_picture_comes_after_the_last_one_is_shown() -> None:
    shown, published = asyncio.Event(), []

    async def show() -> None:
        await shown.wait()

    def publish(snapshot: FleetSnapshot) -> asyncio.Task[None]:
        published.append(snapshot.link.address)
        return asyncio.create_task(show())

    async def sleep(_: float) -> None:
        await asyncio.sleep(0)

    publisher = Publisher(FleetSnapshot(), sleep=sleep)
    task = asyncio.create_task(publisher.run(publish))
    for number in range(3):
        publisher.emit(AddressUsed(0.0, f"host:{number}"))
        for _ in range(10):
            await asyncio.sleep(0)
    assert published == ["host:0"]
    shown.set()
    while len(published) < 2:
        await asyncio.sleep(0)
    assert published == ["host:0", "host:2"]
    task.cancel()


async def test_nothing_is_published_when_nothing_changed():
    published: list[FleetSnapshot] = []
    publisher = Publisher(replace(FleetSnapshot(), link=replace(FleetSnapshot().link, address="host:1")))
    task = asyncio.create_task(publisher.run(published.append))
    publisher.emit(AddressUsed(0.0, "host:1"))
    for _ in range(50):
        await asyncio.sleep(0)
    assert not published
    task.cancel()
