"""Marks: what is marked, what survives, what acts on them, and what the user is shown before, during and after."""

from __future__ import annotations

import time
from types import MappingProxyType

import pytest
from msgspec.structs import replace

from hp_tui.model.bulk import BulkFailure, BulkState, BulkView
from hp_tui.model.catalog import InstanceRef
from hp_tui.model.commands import (
    Bulk,
    Deregister,
    Reconnect,
    ReleaseBreaker,
    ResetBreaker,
    SetMaintenance,
    StopBulk,
    TripBreaker,
    UseToken,
)
from hp_tui.model.fleet import FleetSnapshot
from hp_tui.model.health import Health
from tests import fleets
from tests.fleets import NOW
from tests.pilot.desk import SMALL, Desk, desk
from tests.pilot.test_refreshes import turn

CRITICS = ("slash", *"critic-", "enter")


def marked(it: Desk) -> list[str]:
    return [view.id for view in it.main.health.marks.views]


def without(snapshot: FleetSnapshot, gone: str) -> FleetSnapshot:
    """The picture after an instance was deregistered."""
    services = {
        name: replace(view, instances=tuple(item for item in view.instances or () if item.id != gone))
        for name, view in snapshot.services.items()
    }
    return replace(snapshot, services=MappingProxyType(services))


def bulk(it: Desk) -> Bulk:
    (command,) = it.sent(Bulk)
    return command


async def answer(it: Desk, **changes: object) -> None:
    """The engine says how far it is."""
    command = bulk(it)
    view = BulkView(command.id, command.title, len(command.steps), NOW)
    await it.show(replace(it.engine.snapshot, bulk=replace(view, **changes)))


async def test_space_marks_and_moves_on_and_unmarks() -> None:
    async with desk(fleets.one_critical()) as it:
        await it.press("space", "space")
        assert marked(it) == ["critic-agent-2", "critic-agent-1"]
        assert "◆ critic-agent-2" in it.text
        assert "2 marked" in it.text
        await it.press("up", "space")
        assert marked(it) == ["critic-agent-2"]


async def test_marks_survive_refreshes_sorting_and_filtering_and_go_with_their_instance() -> None:
    before = fleets.one_critical()
    async with desk(before) as it:
        await it.press("space", "space", "s", "s", "s")
        await it.show(turn(before, "critic-agent", 0, Health.WARNING))
        await it.press("slash", *"validator", "enter")
        assert marked(it) == ["critic-agent-2", "critic-agent-1"]
        assert "2 marked" in it.text
        assert it.main.health.marks.views[1].health is Health.WARNING, "as it is now, not as it was when marked"
        await it.show(without(before, "critic-agent-2"))
        assert marked(it) == ["critic-agent-1"]
        assert "1 marked" in it.text


async def test_a_mark_stays_while_its_service_is_not_loaded() -> None:
    before = fleets.one_critical()
    async with desk(before) as it:
        await it.press("space")
        services = dict(before.services)
        services["critic-agent"] = replace(services["critic-agent"], instances=None)
        await it.show(replace(before, services=MappingProxyType(services)))
        assert marked(it) == ["critic-agent-2"]
        await it.show(before)
        assert marked(it) == ["critic-agent-2"]


async def test_instances_of_one_id_on_two_nodes_are_two() -> None:
    old = fleets.healthy()
    service = old.services["critic-agent"]
    first = (service.instances or ())[0]
    twin = replace(first, instance=replace(first.instance, node="node-b"))
    both = replace(service, instances=(first, twin))
    async with desk(replace(old, services=MappingProxyType({"critic-agent": both}))) as it:
        await it.press("down", "space")
        (view,) = it.main.health.marks.views
        assert view.instance.node == "node-b"
        await it.press("D")
        assert "node-b" in it.text


async def test_ranges_and_all_that_is_shown() -> None:
    async with desk(fleets.one_critical()) as it:
        await it.press("shift+down", "shift+down")
        assert marked(it) == ["critic-agent-2", "critic-agent-1", "critic-agent-3"]
        await it.press("escape", "space", "down", "v")
        assert len(marked(it)) == 3
        await it.press("escape", *CRITICS, "asterisk")
        assert sorted(marked(it)) == ["critic-agent-1", "critic-agent-2", "critic-agent-3"]
        await it.press("asterisk")
        assert marked(it) == []


async def test_escape_unmarks_before_it_does_anything_else() -> None:
    async with desk(fleets.one_critical()) as it:
        await it.press("z", *CRITICS, "space", "escape")
        assert marked(it) == []
        assert "/ critic-" in it.text, "the filter is still there"
        await it.press("escape")
        assert "/ critic-" not in it.text
        assert not it.main.topology.region, "and so is the zoom"


async def test_deregister_of_many_names_each_and_what_comes_of_it_and_sends_one_command() -> None:
    async with desk(fleets.owners()) as it:
        await it.press(*CRITICS, "asterisk", "D")
        assert it.screen == "PreviewDialog"
        for name in ("critic-agent-1", "critic-agent-2", "critic-agent-3", "critic-agent-ext"):
            assert name in it.text
        assert "4 deregistered, 2 come back" in it.text
        assert "back in a minute: node-b owns it" in it.text
        await it.press("down")
        assert "consul services deregister -id=critic-agent-3" in it.text
        await it.press("escape")
        assert it.sent(Bulk) == []
        await it.press("D", "enter")
        assert set(bulk(it).steps) == {
            Deregister("critic-agent", "critic-agent-1", "consul-server"),
            Deregister("critic-agent", "critic-agent-2", "consul-server"),
            Deregister("critic-agent", "critic-agent-3", "node-b"),
            Deregister("critic-agent", "critic-agent-ext", "mainframe"),
        }


async def test_maintenance_of_many_leaves_out_what_only_another_agent_can_do_and_says_why() -> None:
    async with desk(fleets.owners()) as it:
        await it.press(*CRITICS, "asterisk", "m", *"disk swap".replace(" ", "_"), "enter")
        assert "2 into maintenance, 2 not from here" in it.text
        assert "not possible: mainframe has no agent" in it.text
        await it.press("c")
        assert "# on node-b:\nconsul maint -enable -service=critic-agent-3 -reason=disk_swap" in it.app.clipboard
        await it.press("enter")
        assert {(step.instance_id, step.enabled, step.reason) for step in bulk(it).steps} == {
            ("critic-agent-1", True, "disk_swap"),
            ("critic-agent-2", True, "disk_swap"),
        }


async def test_where_nothing_can_be_done_from_here_enter_does_nothing() -> None:
    async with desk(fleets.owners()) as it:
        await it.press("slash", *"re:agent-(3|ext)", "enter", "asterisk", "m", *"x", "enter")
        assert it.screen == "PreviewDialog"
        await it.press("enter")
        assert it.screen == "PreviewDialog"
        assert it.sent(Bulk) == []


async def test_some_in_maintenance_and_some_not_one_is_asked_which() -> None:
    async with desk(turn(fleets.healthy(), "critic-agent", 1, Health.MAINTENANCE)) as it:
        await it.press(*CRITICS, "asterisk", "m")
        assert it.screen == "ChoiceDialog"
        await it.press("f", "enter")
        assert bulk(it).steps == (SetMaintenance("critic-agent", "critic-agent-2", False, "", "consul-server"),)


@pytest.mark.parametrize(("key", "kind"), [("r", ResetBreaker), ("t", TripBreaker), ("l", ReleaseBreaker)])
async def test_breakers_of_many(key: str, kind: type) -> None:
    async with desk(fleets.forced_open()) as it:
        await it.press(*CRITICS, "asterisk", "b", key)
        if kind is TripBreaker:
            await it.press("enter")
        await it.press("enter")
        steps = bulk(it).steps
        assert {type(step) for step in steps} == {kind}
        assert len(steps) == (1 if kind is ReleaseBreaker else 3)


async def test_copy_of_many() -> None:
    async with desk(fleets.owners()) as it:
        await it.press(*CRITICS, "asterisk", "y", "i")
        assert it.app.clipboard == "critic-agent-1\ncritic-agent-2\ncritic-agent-3\ncritic-agent-ext"
        await it.press("y", "a")
        assert it.app.clipboard.splitlines()[0] == "127.0.0.1:50053"


async def test_progress_stop_and_what_was_not_done() -> None:
    async with desk(fleets.one_critical()) as it:
        await it.press(*CRITICS, "asterisk", "D", "enter")
        await answer(it, done=1)
        assert "1 of 3" in it.text
        await it.press("t", "enter")
        assert it.screen == "BulkScreen", "while it runs there is only stopping"
        await it.press("escape")
        assert it.sent(StopBulk) == [StopBulk(bulk(it).id)]
        failure = BulkFailure(InstanceRef("critic-agent", "critic-agent-1", "consul-server"), "Permission denied.")
        left = (InstanceRef("critic-agent", "critic-agent-3", "consul-server"),)
        await answer(it, done=1, failures=(failure,), left=left, state=BulkState.STOPPED, ended=NOW)
        assert "stopped: done on 1 of 3, failed on 1, not begun on 1" in it.text
        assert "Permission denied." in it.text
        await it.press("c")
        assert "critic-agent-1 on consul-server: Permission denied." in it.app.clipboard
        await it.press("r", "t", *"new-token", "enter")
        assert it.sent(UseToken) == [UseToken("new-token")]
        assert it.sent(Reconnect) == [Reconnect()]
        await it.press("escape")
        assert it.screen == "MainScreen"
        assert sorted(marked(it)) == ["critic-agent-1", "critic-agent-3"], "to try again"


async def test_success_closes_by_itself_with_one_sentence_and_no_marks() -> None:
    async with desk(fleets.one_critical()) as it:
        await it.press(*CRITICS, "asterisk", "D", "enter")
        await answer(it, done=3, state=BulkState.DONE, ended=NOW)
        await it.until(lambda: it.screen == "MainScreen")
        assert it.toasts == ["deregister: done on 3 of 3"]
        assert marked(it) == []


async def test_progress_moves_while_the_picture_is_paused() -> None:
    async with desk(fleets.one_critical()) as it:
        await it.press("p", *CRITICS, "asterisk", "D", "enter")
        await answer(it, done=2)
        assert "2 of 3" in it.text
        await it.tick(1.0)
        assert "2 of 3" in it.text


async def test_a_thousand_are_marked_previewed_and_begun_without_drawing_more_than_a_screen() -> None:
    async with desk(fleets.many(100), size=SMALL) as it:
        began = time.process_time()
        await it.press("asterisk")
        assert len(marked(it)) == 1000
        await it.press("D", "end")
        assert "svc-0099" in it.text
        await it.press("enter")
        assert len(bulk(it).steps) == 1000
        failures = tuple(
            BulkFailure(InstanceRef(step.service, step.instance_id, step.node), "refused") for step in bulk(it).steps
        )
        await answer(it, failures=failures, state=BulkState.DONE, ended=NOW)
        assert "failed on 1000" in it.text
        assert time.process_time() - began < 5.0, "about half a second on an idle core"


async def test_read_only_marks_for_copying_and_breakers_only() -> None:
    async with desk(replace(fleets.owners(), read_only=True)) as it:
        await it.press(*CRITICS, "asterisk", "m", "D")
        assert it.screen == "MainScreen"
        await it.press("b")
        assert it.screen == "ChoiceDialog"
