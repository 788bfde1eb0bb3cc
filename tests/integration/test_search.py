"""A search through a datacenter too large to be watched whole, on a real Consul."""

from __future__ import annotations

import asyncio

import pytest

from hp_tui.console.health.rows.table import Order, health_rows
from hp_tui.console.shared.rows.filter_fields import INSTANCE_FIELDS, to_be_read
from hp_tui.console.shared.rows.filter_parser import parse_filter
from hp_tui.console.shared.rows.row_keys import split_key
from hp_tui.engine import Engine
from hp_tui.engine.watch_selection import MAX_WATCHED
from hp_tui.model.commands import EndSearch, SearchInstances, SetVisibleServices
from hp_tui.model.fleet import FleetSnapshot
from hp_tui.settings import Settings
from tests.bench.filling import Catalog, name_of
from tests.integration.test_engine import running

SERVICES = 60
ALL = tuple(name_of(number) for number in range(SERVICES))
pytestmark = pytest.mark.integration


def read(engine: Engine) -> int:
    return sum(view.instances is not None for view in engine.snapshot.services.values())


def found(snapshot: FleetSnapshot, text: str) -> list[str]:
    wanted = parse_filter(text, INSTANCE_FIELDS)
    rows = health_rows(snapshot.services, snapshot.at, order=Order.NAME, wanted=wanted, grouped=False)
    return [split_key(row.key).id for row in rows]


@pytest.fixture
async def engine(consul, eventually):
    async with Catalog(consul.http_addr) as catalog:
        await catalog.fill(range(SERVICES), 3)
        await catalog.set_status(50, 2, "critical", "disk full")
    engine = Engine(Settings(address=consul.http_addr))
    async with running(engine):
        await eventually(lambda: len(engine.snapshot.services) > SERVICES)
        await eventually(lambda: engine.snapshot.services[name_of(50)].critical == 1, what="the counts")
        yield engine


async def test_everything_is_read_once_and_forgotten_at_the_end(engine: Engine, eventually) -> None:
    engine.submit(SetVisibleServices(frozenset(ALL[:5])))
    await eventually(lambda: read(engine) >= 5)
    assert found(engine.snapshot, "id:svc-0040-1") == []
    before = len(engine.snapshot.timeline)
    engine.submit(SearchInstances(to_be_read(parse_filter("id:svc-0040-1", INSTANCE_FIELDS), engine.snapshot.services)))
    await eventually(
        lambda: engine.snapshot.search and not engine.snapshot.search.running and engine.snapshot.search.total
    )
    search = engine.snapshot.search
    assert (search.done, search.failed) == (search.total, 0)
    assert found(engine.snapshot, "id:svc-0040-1") == ["svc-0040-1"]
    assert len(found(engine.snapshot, "node:host-2")) == SERVICES
    assert len(engine.snapshot.timeline) == before, "what was read for the first time is no transition"

    engine.submit(SetVisibleServices(frozenset(ALL[30:35])))
    engine.submit(SetVisibleServices(frozenset(ALL[40:45])))
    await asyncio.sleep(0)
    assert found(engine.snapshot, "id:svc-0001-1") == ["svc-0001-1"], "looking elsewhere loses nothing while it is on"
    engine.submit(EndSearch())
    await eventually(lambda: engine.snapshot.search is None and read(engine) <= MAX_WATCHED)


async def test_what_is_found_and_looked_at_is_live(engine: Engine, consul, eventually) -> None:
    engine.submit(SearchInstances(ALL))
    await eventually(lambda: read(engine) >= SERVICES)
    engine.submit(SetVisibleServices(frozenset({name_of(33)})))
    async with Catalog(consul.http_addr) as catalog:
        number = 0

        async def noticed() -> bool:
            nonlocal number
            number += 1
            await catalog.set_status(33, 0, "critical", f"try {number}")
            return found(engine.snapshot, "status:critical service:svc-0033") == ["svc-0033-0"]

        await eventually(noticed)


async def test_a_status_reads_only_what_the_counts_do_not_rule_out(engine: Engine, eventually) -> None:
    wanted = parse_filter("status:critical", INSTANCE_FIELDS)
    names = to_be_read(wanted, engine.snapshot.services)
    assert set(names) <= {name_of(50)}, "or nothing, as what is red is watched"
    await eventually(lambda: found(engine.snapshot, "status:critical node:host") == ["svc-0050-2"])


async def test_a_search_ends_in_the_middle(engine: Engine, eventually) -> None:
    engine.submit(SearchInstances(ALL))
    engine.submit(EndSearch())
    await eventually(lambda: engine.snapshot.search is None and read(engine) <= MAX_WATCHED)


async def test_services_that_cannot_be_read_are_counted(consul, eventually) -> None:
    async with Catalog(consul.http_addr) as catalog:
        await catalog.fill(range(SERVICES), 1)
    engine = Engine(Settings(address=consul.http_addr))
    async with running(engine):
        await eventually(lambda: len(engine.snapshot.services) > SERVICES)
        await consul.stop()
        engine.submit(SearchInstances(ALL))
        await eventually(lambda: engine.snapshot.search and not engine.snapshot.search.running)
        assert engine.snapshot.search.failed == engine.snapshot.search.total > 0
        assert "cannot be reached" in engine.snapshot.search.error
