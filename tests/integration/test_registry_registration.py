"""A registration that is kept: checks included, against other programs, and with reports for a TTL."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from msgspec.structs import replace

from hp_tui.demo.consul_agent import ConsulAgent
from hp_tui.model.health import Health
from hp_tui.model.registration import CheckDefinition, ServiceDefinition
from hp_tui.registry import ConfigurationError, ConsulServiceRegistry, RegistryClosedError

pytestmark = pytest.mark.integration

Eventually = Callable[..., Awaitable[Any]]
HTTP = CheckDefinition("http", http="http://127.0.0.1:1/health")
ONE = ServiceDefinition("api", "api-1", "127.0.0.1", 50001, checks=(HTTP, CheckDefinition("tcp", tcp="127.0.0.1:1")))


async def notes(registry: ConsulServiceRegistry) -> dict[str, str]:
    """The service's own checks as discovery shows them: id to notes."""
    found = await registry.instances("api")
    return {check.id: check.notes for one in found for check in one.checks if not check.node_level}


async def test_registration_2_a_check_that_is_gone_or_another_is_put_right(
    consul: ConsulAgent, eventually: Eventually
) -> None:
    async with (
        ConsulServiceRegistry(consul.http_addr) as registry,
        registry.keep_registered(ONE, interval=0.3) as registration,
    ):
        await registration.wait_registered(10)
        await eventually(lambda: _is_whole(registry))
        connection = registry._connection
        await connection.put("/v1/agent/check/deregister/api-1:http")  # by hand
        await eventually(lambda: registration.registrations == 2)
        await eventually(lambda: _is_whole(registry))
        old = {"ID": "api-1:tcp", "Name": "tcp", "ServiceID": "api-1", "TCP": "127.0.0.1:9", "Interval": "10s"}
        await connection.put("/v1/agent/check/register", (), old)  # a check of another port under our check's id
        await eventually(lambda: registration.registrations == 3)
        await eventually(lambda: _is_whole(registry))
        await registry.set_maintenance("api-1", True)
        other = {"ID": "by-hand", "Name": "theirs", "ServiceID": "api-1", "TTL": "600s"}
        await connection.put("/v1/agent/check/register", (), other)
        for _ in range(3):  # three comparisons later neither has been touched
            before = registry.last_good
            await eventually(lambda before=before: registry.last_good != before)
        assert registration.registrations == 3


async def _is_whole(registry: ConsulServiceRegistry) -> bool:
    found = await notes(registry)
    return found.get("api-1:http", "").startswith("http http://127.0.0.1:1/health") and found.get(
        "api-1:tcp", ""
    ).startswith("tcp 127.0.0.1:1,")


async def test_registration_2_a_new_start_puts_right_the_checks_of_an_old_port(
    consul: ConsulAgent, eventually: Eventually
) -> None:
    async with ConsulServiceRegistry(consul.http_addr) as registry:
        stale = replace(ONE, checks=(replace(HTTP, http="http://127.0.0.1:2/health"), ONE.checks[1]))
        await registry.register(stale)
        async with registry.keep_registered(ONE, interval=0.3) as registration:
            await registration.wait_registered(10)
            await eventually(lambda: _is_whole(registry))


async def test_registration_6_two_programs_with_one_id_are_told_and_neither_fights_for_ever(
    consul: ConsulAgent, eventually: Eventually, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="hp_tui.registry")
    async with ConsulServiceRegistry(consul.http_addr) as registry:
        mine = registry.keep_registered(ONE, interval=0.1)
        theirs = registry.keep_registered(replace(ONE, port=50002), interval=0.1)
        async with mine:
            await mine.wait_registered(10)
            async with theirs:
                await eventually(lambda: mine.conflict and theirs.conflict and bool(mine.error) != bool(theirs.error))
                assert "under the id 'api-1'" in mine.conflict
                assert "give one of them another id" in theirs.conflict
                loser, winner = (mine, theirs) if mine.error else (theirs, mine)
                assert loser.error == loser.conflict
                assert (loser.registered, winner.registered) == (False, True)
                fought = mine.registrations + theirs.registrations
                for _ in range(5):
                    before = registry.last_good
                    await eventually(lambda before=before: registry.last_good != before)
                assert mine.registrations + theirs.registrations == fought
                # The one that lost does not take the other's registration down with it.
                assert await loser.stop(deregister=True) is False
                assert [one.port for one in await registry.instances("api")] == [winner.definition.port]
    assert "is left to the other program" in caplog.text


async def test_registration_6_who_lost_an_id_gets_it_back_when_the_other_has_gone(
    consul: ConsulAgent, eventually: Eventually
) -> None:
    async with ConsulServiceRegistry(consul.http_addr) as registry:
        mine = registry.keep_registered(ONE, interval=0.1)
        theirs = registry.keep_registered(replace(ONE, port=50002), interval=0.1)
        async with mine, theirs:
            await eventually(lambda: bool(mine.error) != bool(theirs.error) and mine.conflict and theirs.conflict)
            loser, winner = (mine, theirs) if mine.error else (theirs, mine)
            await winner.stop(deregister=True)
            await registry.deregister("api-1")
            await loser.wait_registered(20)
            assert [one.port for one in await registry.instances("api")] == [loser.definition.port]


async def test_registration_7_a_ttl_check_is_reported_by_itself(consul: ConsulAgent, eventually: Eventually) -> None:
    said: list[Any] = [Health.WARNING, "warming up"]

    async def status() -> Any:
        if said[0] is None:
            raise RuntimeError("no idea")
        return said[0], said[1]

    definition = replace(ONE, checks=(CheckDefinition("ttl", ttl=1.0),))
    async with ConsulServiceRegistry(consul.http_addr) as registry:

        async def shows(health: Health, output: str) -> bool:
            found = [
                check for one in await registry.instances("api") for check in one.checks if check.id == "api-1:ttl"
            ]
            return bool(found) and found[0].status is health and output in found[0].output

        async with registry.keep_registered(definition, interval=1.0, ttl_status=status):
            await eventually(lambda: shows(Health.WARNING, "warming up"))
            said[:] = [Health.PASSING, "ready"]
            await eventually(lambda: shows(Health.PASSING, "ready"))
            said[0] = None
            await eventually(lambda: shows(Health.CRITICAL, "RuntimeError: no idea"))
            said[:] = [Health.PASSING, "again"]
            await registry.deregister("api-1")  # registered anew, it is reported at once
            await eventually(lambda: shows(Health.PASSING, "again"))
        async with registry.keep_registered(definition, interval=1.0, ttl_status=Health.PASSING):
            await eventually(lambda: shows(Health.PASSING, ""))


def test_registration_7_a_status_that_is_none_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="ttl_status is 'fine'; expected passing, warning, critical"):
        ConsulServiceRegistry().keep_registered(ONE, ttl_status="fine")  # type: ignore[arg-type]


async def test_waiting_for_a_registration_ends_when_the_loop_or_the_registry_is_closed(
    make_consul: Callable[..., ConsulAgent],
) -> None:
    nobody = make_consul().http_addr
    registry = ConsulServiceRegistry(nobody)
    async with registry.keep_registered(ONE) as registration:
        waiting = asyncio.create_task(registration.wait_registered())
        await asyncio.sleep(0)
        await registration.stop()
        with pytest.raises(RegistryClosedError, match="closed"):
            await asyncio.wait_for(waiting, 10)
    async with registry.keep_registered(ONE, interval=0.1) as registration:
        waiting = asyncio.create_task(registration.wait_registered())
        await asyncio.sleep(0)
        await registry.close()
        with pytest.raises(RegistryClosedError, match="closed"):
            await asyncio.wait_for(waiting, 10)
