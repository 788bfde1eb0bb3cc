"""Actions on a real Consul: many instances at once, those of other agents, and another datacenter."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from hp_tui.console.shared.rows.ownership import Owner, deregistering, owner_of
from hp_tui.demo.consul_agent import ConsulAgent
from hp_tui.engine import Engine
from hp_tui.model.bulk import BulkState
from hp_tui.model.commands import (
    Bulk,
    Deregister,
    OpenLevel,
    ResetBreaker,
    SetMaintenance,
    StopBulk,
    UseDatacenter,
    UseToken,
)
from hp_tui.model.fleet import FleetSnapshot, LinkState
from hp_tui.model.health import Health
from hp_tui.model.registration import CheckDefinition, ServiceDefinition
from hp_tui.registry import ConsulServiceRegistry
from hp_tui.settings import Settings
from tests.integration.test_engine import running

pytestmark = pytest.mark.integration


async def put(address: str, path: str, body: object) -> None:
    async with aiohttp.ClientSession(f"http://{address}") as http, http.put(path, json=body) as answer:
        assert answer.status == 200, await answer.text()


async def fill(address: str, service: str, number: int) -> None:
    """Register instances with the agent, as somebody who is not of this project does."""

    async def one(place: int) -> None:
        body = {"ID": f"{service}-{place}", "Name": service, "Address": "127.0.0.1", "Port": 20000 + place}
        await put(address, "/v1/agent/service/register", body)

    await asyncio.gather(*(one(place) for place in range(number)))


def ids(snapshot: FleetSnapshot, service: str) -> set[str]:
    view = snapshot.services.get(service)
    return {item.id for item in (view.instances if view else None) or ()}


def ended(engine: Engine, bulk_id: str) -> bool:
    bulk = engine.snapshot.bulk
    return bulk is not None and bulk.id == bulk_id and not bulk.under_way


async def test_two_hundred_go_into_maintenance_and_out_of_consul(consul, eventually):
    await fill(consul.http_addr, "web", 200)
    engine = Engine(Settings(address=consul.http_addr))
    async with running(engine):
        await eventually(lambda: len(ids(engine.snapshot, "web")) == 200)
        names = sorted(ids(engine.snapshot, "web"))
        node = engine.snapshot.cluster.node or consul.name
        on = tuple(SetMaintenance("web", name, True, "bulk", node) for name in names)
        engine.submit(Bulk("maintenance on", on, id="on"))
        await eventually(lambda: ended(engine, "on"))
        bulk = engine.snapshot.bulk
        assert bulk is not None
        assert (bulk.done, bulk.failures) == (200, ())
        await eventually(lambda: engine.snapshot.services["web"].maintenance == 200)
        assert engine.snapshot.notices == (), "no sentence for each"

        gone = tuple(Deregister("web", name, node) for name in [*names, "never-was"])
        engine.submit(Bulk("deregister", gone, id="out"))
        await eventually(lambda: ended(engine, "out"))
        bulk = engine.snapshot.bulk
        assert bulk is not None
        assert bulk.done == 200
        assert [(one.ref.id, "not registered any more" in one.why) for one in bulk.failures] == [("never-was", True)]
        await eventually(lambda: not ids(engine.snapshot, "web"))


async def test_stopped_the_rest_is_still_there(consul, eventually):
    await fill(consul.http_addr, "web", 200)
    engine = Engine(Settings(address=consul.http_addr))
    async with running(engine):
        await eventually(lambda: len(ids(engine.snapshot, "web")) == 200)
        steps = tuple(Deregister("web", name) for name in sorted(ids(engine.snapshot, "web")))
        engine.submit(Bulk("deregister", steps, id="out"))
        await eventually(lambda: engine.snapshot.bulk and engine.snapshot.bulk.done)
        engine.submit(StopBulk("out"))
        await eventually(lambda: ended(engine, "out"))
        bulk = engine.snapshot.bulk
        assert bulk is not None
        assert bulk.state is BulkState.STOPPED
        assert bulk.done + len(bulk.left) == 200
        await eventually(lambda: ids(engine.snapshot, "web") == {ref.id for ref in bulk.left})


async def test_a_breaker_can_be_reset_before_any_call_was_fired(consul, eventually):
    await fill(consul.http_addr, "web", 1)
    engine = Engine(Settings(address=consul.http_addr))
    async with running(engine):
        await eventually(lambda: ids(engine.snapshot, "web"))
        engine.submit(ResetBreaker("web", "web-0"))
        (notice,) = await eventually(lambda: engine.snapshot.notices)
        assert notice.text == "breaker reset by hand"


async def test_what_the_preview_says_of_each_owner_is_what_consul_does(consul, eventually):
    address = consul.http_addr
    await fill(address, "web", 1)
    external = {"Node": "mainframe", "Address": "10.9.9.9", "Service": {"ID": "web-ext", "Service": "web", "Port": 7}}
    await put(address, "/v1/catalog/register", external)
    kept = ServiceDefinition("web", "web-kept", "127.0.0.1", 9, checks=(CheckDefinition("ttl", ttl=600),))
    engine = Engine(Settings(address=address))
    async with ConsulServiceRegistry(address) as registry, registry.keep_registered(kept) as writer, running(engine):
        await eventually(lambda: len(ids(engine.snapshot, "web")) == 3 and engine.snapshot.cluster.node)
        snapshot = engine.snapshot
        instances = {item.id: item.instance for item in snapshot.services["web"].instances or ()}
        assert {name: owner_of(one, snapshot) for name, one in instances.items()} == {
            "web-0": Owner.HERE,
            "web-ext": Owner.NOBODY,
            "web-kept": Owner.HERE,
        }
        assert "back at once" in deregistering(instances["web-kept"], snapshot).short
        engine.submit(Bulk("deregister", tuple(Deregister("web", name) for name in instances), id="out"))
        await eventually(lambda: ended(engine, "out"))
        await eventually(lambda: writer.registrations == 2)
        await eventually(lambda: ids(engine.snapshot, "web") == {"web-kept"})


@pytest.fixture
async def two_datacenters(consul_binary: Path, tmp_path: Path) -> AsyncIterator[tuple[ConsulAgent, ConsulAgent]]:
    """``dc1`` and ``dc2``, joined over WAN, whose servers have one node name, and a service of one id in each."""
    first = ConsulAgent(consul_binary, tmp_path / "dc1", name="server", datacenter="dc1")
    join = {"retry_join_wan": [first.wan_addr], "retry_interval_wan": "1s"}
    second = ConsulAgent(consul_binary, tmp_path / "dc2", name="server", datacenter="dc2", extra=join)
    async with first, second:
        for agent, other in ((first, "only-in-dc1"), (second, "only-in-dc2")):
            await fill(agent.http_addr, "web", 2)
            await fill(agent.http_addr, other, 1)
            await put(agent.http_addr, f"/v1/kv/config/{other}", 1)
        yield first, second


async def test_another_datacenter_is_shown_and_acted_on_and_nothing_of_the_old_one(
    two_datacenters, eventually, tmp_path
):
    first, _ = two_datacenters
    engine = Engine(Settings(address=first.http_addr), state=tmp_path)
    async with running(engine) as pictures:
        await eventually(lambda: "only-in-dc1" in engine.snapshot.services)
        await eventually(lambda: engine.snapshot.cluster.datacenters == ("dc1", "dc2"), within=40)
        await eventually(lambda: engine.snapshot.cluster.agent_datacenter == "dc1")
        engine.submit(OpenLevel("config/"))
        await eventually(lambda: "config/" in engine.snapshot.kv.levels)
        await fill(first.http_addr, "late", 1)
        await eventually(lambda: any(entry.subject == "late" for entry in engine.snapshot.timeline))

        switched = len(pictures)
        engine.submit(UseDatacenter("dc2"))
        await eventually(lambda: "only-in-dc2" in engine.snapshot.services)
        await eventually(lambda: engine.snapshot.link.state is LinkState.LIVE)
        engine.submit(OpenLevel("config/"))
        await eventually(lambda: engine.snapshot.kv.levels.get("config/", None))
        await eventually(lambda: engine.snapshot.kv.levels["config/"].children == ("config/only-in-dc2",))
        await eventually(lambda: pictures[-1] is engine.snapshot)
        arrived = [one for one in pictures[switched:] if one.cluster.datacenter == "dc2"]
        assert arrived
        for picture in arrived:
            assert not {"only-in-dc1", "late"} & set(picture.services)
            assert not any("dc1" in child for level in picture.kv.levels.values() for child in level.children)
            assert not any(entry.subject == "late" for entry in picture.timeline)

        cluster = engine.snapshot.cluster
        assert (cluster.datacenter, cluster.agent_datacenter, cluster.node) == ("dc2", "dc1", "server")
        (web, _) = engine.snapshot.services["web"].instances or ()
        assert owner_of(web.instance, engine.snapshot) is Owner.THERE, "its node has the name of ours, and is another"

        engine.submit(SetMaintenance("web", "web-0", True, "not here"))
        await eventually(lambda: any("owns it" in notice.text for notice in engine.snapshot.notices))
        engine.submit(Deregister("web", "web-0", "server"))
        await eventually(lambda: ids(engine.snapshot, "web") == {"web-1"})
        async with ConsulServiceRegistry(first.http_addr) as registry:
            here = await registry.instances("web")
        assert {one.id for one in here} == {"web-0", "web-1"}, "its namesake in dc1 was not touched"
        assert all(one.health is Health.PASSING for one in here)

        engine.submit(UseDatacenter("dc1"))
        await eventually(lambda: "only-in-dc1" in engine.snapshot.services)
        assert "only-in-dc2" not in engine.snapshot.services
        await eventually(lambda: any(entry.subject == "late" for entry in engine.snapshot.timeline))


async def test_a_datacenter_that_does_not_answer_is_said_and_one_can_go_back(two_datacenters, eventually):
    first, second = two_datacenters
    engine = Engine(Settings(address=first.http_addr))
    async with running(engine):
        await eventually(lambda: engine.snapshot.cluster.datacenters == ("dc1", "dc2"), within=40)
        await second.stop()
        engine.submit(UseDatacenter("dc2"))
        await eventually(lambda: engine.snapshot.link.state in {LinkState.ABSENT, LinkState.NO_LEADER}, within=40)
        assert engine.snapshot.cluster.datacenter == "dc2"
        assert "dc1" in engine.snapshot.cluster.datacenters
        engine.submit(UseDatacenter("dc1"))
        await eventually(lambda: engine.snapshot.link.state is LinkState.LIVE)


async def test_another_token_keeps_the_timeline_as_it_is(consul, eventually, tmp_path):
    engine = Engine(Settings(address=consul.http_addr), state=tmp_path)
    async with running(engine):
        await eventually(lambda: engine.snapshot.cluster.datacenter and engine.snapshot.loaded)
        await fill(consul.http_addr, "late", 1)
        await eventually(lambda: any(entry.subject == "late" for entry in engine.snapshot.timeline))
        (file,) = await eventually(lambda: list((tmp_path / "timeline").glob("*.jsonl")))
        await eventually(lambda: "late" in file.read_text())
        before = [(entry.at, entry.subject) for entry in engine.snapshot.timeline]
        engine.submit(UseToken("0d1b2c3d-ffff-4444-8888-aaaaaaaaaaaa"))
        engine.submit(OpenLevel("config/"))
        await eventually(lambda: "config/" in engine.snapshot.kv.levels, what="the next session's work")
        await fill(consul.http_addr, "later", 1)
        await eventually(lambda: "later" in file.read_text())
        after = [(entry.at, entry.subject) for entry in engine.snapshot.timeline]
        assert after[: len(before)] == before
        assert len(set(after)) == len(after)
        lines = file.read_text().splitlines()
        assert len(set(lines)) == len(lines)


async def test_a_token_no_header_can_carry_is_refused_and_the_console_lives_on(consul, eventually):
    engine = Engine(Settings(address=consul.http_addr))
    async with running(engine):
        await eventually(lambda: engine.snapshot.link.state is LinkState.LIVE)
        engine.submit(UseToken("two\nlines"))
        (notice,) = await eventually(lambda: engine.snapshot.notices)
        assert "token" in notice.text
        assert "two" not in notice.text
        await fill(consul.http_addr, "web", 1)
        await eventually(lambda: ids(engine.snapshot, "web"))
