"""One action on many instances: several at a time, each with its outcome, stopped between two."""

from __future__ import annotations

import asyncio

from hp_tui.engine.errors import NotDoneError
from hp_tui.engine.events import Event
from hp_tui.engine.store import reduce
from hp_tui.engine.workers.bulk import AT_ONCE, BulkWorker
from hp_tui.model.bulk import BulkState, BulkView
from hp_tui.model.commands import Bulk, Deregister, InstanceCommand, StopBulk
from hp_tui.model.fleet import FleetSnapshot
from hp_tui.model.timeline import TimelineKind


class Stage:
    """A worker whose steps wait for the test; what it says is reduced into ``snapshot``."""

    def __init__(self) -> None:
        self.snapshot = FleetSnapshot()
        self.begun: list[str] = []
        self.most = self.under_way = 0
        self.gate = asyncio.Event()
        self.refused: set[str] = set()
        self.work = BulkWorker(self.carry_out, self.emit, lambda: 1.0)

    def emit(self, event: Event) -> None:
        self.snapshot = reduce(self.snapshot, event)

    async def carry_out(self, step: InstanceCommand) -> str:
        self.begun.append(step.instance_id)
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        try:
            await self.gate.wait()
        finally:
            self.under_way -= 1
        if step.instance_id in self.refused:
            raise NotDoneError("Permission denied.")
        if step.instance_id == "broken":
            raise KeyError("of the console's own")
        return "deregistered by hand"

    @property
    def bulk(self) -> BulkView:
        assert self.snapshot.bulk is not None
        return self.snapshot.bulk


def command(*names: str) -> Bulk:
    return Bulk("deregister", tuple(Deregister("api", name, "node-1") for name in names), id="b")


def many(number: int) -> Bulk:
    return command(*(f"api-{n}" for n in range(number)))


async def begun(stage: Stage, number: int) -> None:
    async with asyncio.timeout(5):
        while len(stage.begun) < number:
            await asyncio.sleep(0)


async def test_several_at_a_time_and_each_once() -> None:
    stage = Stage()
    task = asyncio.create_task(stage.work.run(many(50)))
    await begun(stage, AT_ONCE)
    assert stage.bulk.under_way
    stage.gate.set()
    await task
    assert stage.most == AT_ONCE
    assert sorted(stage.begun) == sorted(f"api-{n}" for n in range(50))
    assert (stage.bulk.state, stage.bulk.done, stage.bulk.failures, stage.bulk.left) == (BulkState.DONE, 50, (), ())


async def test_failures_are_named_and_do_not_keep_the_others() -> None:
    stage = Stage()
    stage.gate.set()
    stage.refused = {"api-1"}
    await stage.work.run(command("api-0", "api-1", "broken", "api-2"))
    assert stage.bulk.done == 2
    assert {(one.ref.id, one.why) for one in stage.bulk.failures} == {
        ("api-1", "Permission denied."),
        ("broken", "failed because of a fault in the console; the log file has the traceback"),
    }


async def test_stopped_what_is_under_way_ends_and_the_rest_is_named_as_not_begun() -> None:
    stage = Stage()
    task = asyncio.create_task(stage.work.run(many(20)))
    await begun(stage, AT_ONCE)
    await stage.work.stop(StopBulk("b"))
    assert stage.bulk.state is BulkState.STOPPING
    stage.gate.set()
    await task
    assert (stage.bulk.state, stage.bulk.done, len(stage.bulk.left)) == (BulkState.STOPPED, AT_ONCE, 20 - AT_ONCE)
    assert not {ref.id for ref in stage.bulk.left} & set(stage.begun)
    await stage.work.stop(StopBulk("b"))
    assert stage.bulk.state is BulkState.STOPPED


async def test_cut_off_with_the_session_nothing_is_half_described() -> None:
    stage = Stage()
    task = asyncio.create_task(stage.work.run(many(20)))
    await begun(stage, AT_ONCE)
    task.cancel()
    await asyncio.wait([task])
    assert not stage.bulk.under_way
    assert len(stage.bulk.failures) == AT_ONCE
    assert all("may or may not" in one.why for one in stage.bulk.failures)
    assert len(stage.bulk.left) == 20 - AT_ONCE


async def test_each_step_is_a_line_of_the_timeline_and_none_a_notice() -> None:
    stage = Stage()
    stage.gate.set()
    stage.refused = {"api-1"}
    await stage.work.run(many(3))
    lines = [(entry.subject, entry.new, entry.detail) for entry in stage.snapshot.timeline]
    assert ("api-0", "deregistered by hand", "") in lines
    assert ("api-1", "", "Permission denied.") in lines
    assert lines[-1] == ("", "deregister: done on 2 of 3, failed on 1", "")
    assert {entry.kind for entry in stage.snapshot.timeline} == {TimelineKind.ACTION}
    assert stage.snapshot.notices == ()
