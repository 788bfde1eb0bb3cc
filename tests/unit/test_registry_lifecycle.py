"""The order of a shutdown: RULES.md Registration 3."""

from __future__ import annotations

import asyncio

import pytest

from hp_tui.registry import ConsulUnreachableError, GracefulShutdown

GONE = ConsulUnreachableError("127.0.0.1:8500", "connection refused")


class World:
    """Everything a shutdown touches; writes down what happens."""

    def __init__(self, *, consul: bool = True, looks: int = 2, hang: bool = False) -> None:
        self.log: list[str] = []
        self.now = 0.0
        self._consul, self._looks, self._hang = consul, looks, hang

    async def set_maintenance(self, service_id: str, enabled: bool, reason: str = "") -> None:
        if self._hang:
            await asyncio.Event().wait()
        if not self._consul:
            raise GONE
        self.log.append(f"maintenance {service_id} {enabled}")

    async def is_withdrawn(self, service: str, service_id: str) -> bool:
        self._looks -= 1
        self.log.append(f"visible {self._looks <= 0}")
        return self._looks <= 0

    async def stop(self, *, deregister: bool = False) -> bool:
        self.log.append(f"deregister {deregister}")
        return self._consul and not self._hang

    async def set_serving(self, serving: bool) -> None:
        self.log.append(f"serving {serving}")

    async def drain(self, grace: float) -> None:
        self.log.append(f"drain {grace:g}")

    async def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.log.append(f"sleep {seconds:g}")
        await asyncio.sleep(0)

    def shutdown(self, consul_timeout: float = 3.0) -> GracefulShutdown:
        return GracefulShutdown(
            self,
            self,
            service="api",
            service_id="api-1",
            set_serving=self.set_serving,
            drain=self.drain,
            notice=1.5,
            grace=30,
            consul_timeout=consul_timeout,
            clock=lambda: self.now,
            sleep=self.sleep,
        )


async def test_registration_3_the_order_of_a_shutdown() -> None:
    world = World()
    report = await world.shutdown().run()
    assert world.log == [
        "serving False",
        "maintenance api-1 True",
        "visible False",
        "sleep 0.05",
        "visible True",
        "sleep 1.5",
        "deregister True",
        "drain 30",
    ]
    assert (report.announced, report.deregistered) == (True, True)
    assert [name for name, _ in report.steps] == ["not serving", "maintenance", "notice", "deregister", "drain"]


@pytest.mark.parametrize("world", [World(consul=False), World(hang=True)])
async def test_registration_3_without_consul_it_drains_all_the_same(world: World) -> None:
    report = await asyncio.wait_for(world.shutdown(consul_timeout=0.05).run(), 5)
    assert world.log == ["serving False", "deregister True", "drain 30"]
    assert (report.announced, report.deregistered) == (False, False)


async def test_a_second_signal_waits_for_the_first_shutdown() -> None:
    world = World()
    shutdown = world.shutdown()
    first, second = await asyncio.gather(shutdown.run(), shutdown.run())
    assert first is second
    assert world.log.count("drain 30") == 1


async def test_a_step_that_raises_does_not_stop_the_others() -> None:
    world = World()

    async def broken(_: bool) -> None:
        raise RuntimeError("health servicer is gone")

    shutdown = world.shutdown()
    shutdown._set_serving = broken
    await shutdown.run()
    assert world.log[-1] == "drain 30"


def test_numbers_out_of_range_are_refused() -> None:
    with pytest.raises(ValueError, match=r"consul_timeout is -1.*expected"):
        World().shutdown(consul_timeout=-1)
