"""The engine on a real Consul with the real fleet: what the screen would be handed."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator
from typing import Any

import pytest
from msgspec.structs import replace

from hp_tui.demo.consul_agent import ConsulAgent
from hp_tui.demo.fleet import DemoFleet
from hp_tui.engine import Engine
from hp_tui.model.balancing import BreakerState, Connectivity
from hp_tui.model.calls import CallRun, CallSpec, RunState
from hp_tui.model.commands import (
    Chaos,
    ChaosKind,
    DeleteKey,
    DescribeMethods,
    OpenLevel,
    ReadKey,
    SetMaintenance,
    StartRun,
    WriteKey,
)
from hp_tui.model.fleet import FleetSnapshot, InstanceView, LinkState
from hp_tui.model.health import Health
from hp_tui.settings import Settings

CRITIQUE = "heartpulse.v1.CriticAgent/Critique"


@contextlib.asynccontextmanager
async def running(engine: Engine) -> AsyncIterator[list[FleetSnapshot]]:
    """The engine at work; the list grows with every picture it publishes."""
    pictures: list[FleetSnapshot] = []
    work = asyncio.create_task(engine.run(pictures.append))
    try:
        yield pictures
    finally:
        work.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await work


@pytest.fixture
async def fleet(consul: ConsulAgent, tmp_path) -> AsyncIterator[DemoFleet]:
    fleet = DemoFleet(consul.http_addr, tmp_path / "fleet", check_interval=0.5, sizes={"critic-agent": 3})
    await fleet.start()
    yield fleet
    await fleet.kill()


def critics(engine: Engine) -> dict[str, InstanceView]:
    view = engine.snapshot.services.get("critic-agent")
    return {one.id: one for one in (view.instances if view else None) or ()}


def all_passing(engine: Engine) -> bool:
    found = critics(engine)
    return len(found) == 3 and all(one.health is Health.PASSING for one in found.values())


def breaker_of(engine: Engine, instance: str) -> BreakerState | None:
    endpoint = critics(engine)[instance].endpoint
    return endpoint.breaker.state if endpoint else None


def open_in(picture: FleetSnapshot, instance: str) -> bool:
    view = picture.services.get("critic-agent")
    found = {one.id: one.endpoint for one in (view.instances if view else None) or ()}.get(instance)
    return found is not None and found.breaker.state is BreakerState.OPEN


def connected(view: InstanceView) -> bool:
    return view.endpoint is not None and view.endpoint.connectivity is Connectivity.READY


def done(engine: Engine, run_id: str) -> CallRun | None:
    return next((run for run in engine.snapshot.runs if run.id == run_id and run.state is RunState.DONE), None)


def lines(engine: Engine) -> list[tuple[str, str, str]]:
    return [(entry.subject, entry.old, entry.new) for entry in engine.snapshot.timeline]


async def test_a_killed_instance_its_breaker_and_its_return(consul, fleet, eventually):
    engine = Engine(Settings(address=consul.http_addr, open_timeout=2.0), chaos=fleet)
    async with running(engine) as pictures:
        await eventually(lambda: all_passing(engine))
        assert engine.snapshot.link.state is LinkState.LIVE
        assert critics(engine)["critic-agent-1"].endpoint is None, "no channel is opened by looking"

        spec = CallSpec("critic-agent", CRITIQUE, '{"text": "a b"}', count=30)
        engine.submit(StartRun(replace(spec, count=1), id="first"))
        await eventually(lambda: all(connected(one) for one in critics(engine).values()))
        engine.submit(StartRun(spec, id="even"))
        run = await eventually(lambda: done(engine, "even"))
        assert (run.ok, run.failed) == (30, 0)
        assert sorted(run.picks.values()) == [10, 10, 10]
        assert '"score"' in run.reply.body

        # An instance that Consul calls critical is not called any more: calls are to find out before Consul does.
        consul.pause()
        try:
            engine.submit(Chaos(ChaosKind.KILL, "critic-agent-2"))
            await eventually(lambda: fleet.dead())
            engine.submit(StartRun(replace(spec, count=60, rate=200), id="during"))
            # It is open for two seconds, which a look at the newest picture may miss.
            await eventually(lambda: any(open_in(picture, "critic-agent-2") for picture in pictures))
            assert (await eventually(lambda: done(engine, "during"))).failed == 0
        finally:
            consul.resume()
        await eventually(lambda: critics(engine)["critic-agent-2"].health is Health.CRITICAL)
        assert ("critic-agent-2", "passing", "critical") in lines(engine)
        assert ("critic-agent-2", "closed", "open") in lines(engine)

        engine.submit(Chaos(ChaosKind.RESTART, "critic-agent-2"))
        await eventually(lambda: all_passing(engine))
        await eventually(lambda: breaker_of(engine, "critic-agent-2") is BreakerState.HALF_OPEN)
        # The probe waits until the connection is back, which Consul may know before us.
        engine.submit(StartRun(replace(spec, count=200, rate=20), id="after"))
        await eventually(lambda: breaker_of(engine, "critic-agent-2") is BreakerState.CLOSED)
        stamps = [entry.at for entry in engine.snapshot.timeline]
        assert stamps == sorted(stamps)
        assert all(new is not old for old, new in itertools.pairwise(pictures))


async def test_asking_for_methods_moves_no_figure(consul, fleet, eventually):
    engine = Engine(Settings(address=consul.http_addr))
    async with running(engine):
        await eventually(lambda: all_passing(engine))
        engine.submit(DescribeMethods("critic-agent"))
        view = await eventually(lambda: _described(engine))
        assert CRITIQUE in [method.name for method in view.methods]
        assert "text" in view.methods[0].skeleton
        endpoints = [one.endpoint for one in critics(engine).values()]
        assert all(one is None or (one.picks, one.failures) == (0, 0) for one in endpoints)
        assert not engine.snapshot.rates


async def test_kv_is_written_by_check_and_set_and_a_conflict_keeps_both_sides(consul, eventually):
    engine = Engine(Settings(address=consul.http_addr))
    async with running(engine):
        engine.submit(WriteKey("config/a", b"1", 0))
        await eventually(lambda: "config/a" in engine.snapshot.kv.entries)
        index = engine.snapshot.kv.entries["config/a"].modify_index
        engine.submit(WriteKey("config/a", b"2", index))
        await eventually(lambda: engine.snapshot.kv.entries["config/a"].value == b"2")
        engine.submit(WriteKey("config/a", b"stale", index))
        conflict = (await eventually(lambda: engine.snapshot.kv.conflicts))["config/a"]
        assert conflict.mine == b"stale"
        assert conflict.theirs.value == b"2"
        engine.submit(OpenLevel("config/"))
        await eventually(lambda: "config/" in engine.snapshot.kv.levels)
        engine.submit(DeleteKey("config/a", engine.snapshot.kv.entries["config/a"].modify_index))
        engine.submit(ReadKey("config/a"))
        await eventually(lambda: engine.snapshot.kv.entries.get("config/a") is None)


async def test_maintenance_is_done_and_told(consul, fleet, eventually):
    engine = Engine(Settings(address=consul.http_addr))
    async with running(engine):
        await eventually(lambda: all_passing(engine))
        engine.submit(SetMaintenance("critic-agent", "critic-agent-1", True, "disk swap"))
        await eventually(lambda: critics(engine)["critic-agent-1"].health is Health.MAINTENANCE)
        told = [notice.text for notice in engine.snapshot.notices]
        assert any("disk swap" in text for text in told)


async def test_read_only_does_nothing_and_says_so(consul, eventually):
    engine = Engine(Settings(address=consul.http_addr, read_only=True))
    async with running(engine):
        await eventually(lambda: engine.snapshot.link.state is LinkState.LIVE)
        engine.submit(WriteKey("config/a", b"1", 0))
        notice = (await eventually(lambda: engine.snapshot.notices))[-1]
        assert "read-only" in notice.text
        engine.submit(ReadKey("config/a"))
        assert "config/a" not in engine.snapshot.kv.entries


async def test_consul_comes_late_goes_and_comes_back(make_consul, eventually):
    consul = make_consul()
    engine = Engine(Settings(address=consul.http_addr))
    async with running(engine):
        await eventually(lambda: engine.snapshot.link.state is LinkState.ABSENT)
        assert consul.http_addr in engine.snapshot.link.error
        await consul.start()
        await eventually(lambda: "consul" in engine.snapshot.services)
        await consul.stop()
        await eventually(lambda: engine.snapshot.link.state is LinkState.STALE)
        assert "consul" in engine.snapshot.services, "the last good picture stays"
        await consul.start()
        await eventually(lambda: engine.snapshot.link.state is LinkState.LIVE)


def _described(engine: Engine) -> Any:
    view = engine.snapshot.methods.get("critic-agent")
    return view if view and not view.loading else None
