"""A key is done before the pictures that wait, and painted with what it did."""

from __future__ import annotations

import asyncio

import pytest
from msgspec.structs import replace
from textual.events import Key
from textual.widgets import Input, OptionList, TextArea

from hp_tui.console.app import HpTuiApp
from hp_tui.console.health.panel import HealthPanel
from hp_tui.console.main.screen import MainScreen
from hp_tui.model.fleet import LinkState
from hp_tui.widgets.choice import ChoiceDialog
from hp_tui.widgets.table import FleetTable
from hp_tui.widgets.textual_internals import app
from hp_tui.widgets.textual_internals.compositor import paint_pending
from hp_tui.widgets.textual_internals.key_queue import ROUNDS, KeyHandled, handles_keys
from hp_tui.widgets.tree import LazyTree
from tests.fleets import empty, healthy, one_critical
from tests.pilot.desk import desk


async def other_tasks() -> None:
    """Let everybody else do what can be done now."""
    for _ in range(100):
        await asyncio.sleep(0)


async def test_a_picture_waits_for_the_key_that_is_on_its_way() -> None:
    async with desk(healthy()) as it:
        number = it.app._key_queue.start()
        it.engine.show(one_critical())
        await other_tasks()
        assert "critical" not in it.text
        it.app.post_message(KeyHandled(number, it.app.screen, ROUNDS))
        await it.until("critical")


async def test_a_key_that_is_read_and_not_yet_looked_at_counts_too() -> None:
    async with desk(healthy()) as it:
        key = Key("j", "j")
        it.app.announce_input(key)
        it.engine.show(one_critical())
        await other_tasks()
        assert "critical" not in it.text
        it.app.post_message(key)
        await it.until("critical")


async def test_a_key_that_never_ends_holds_no_picture_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "MAX_WAIT_SECONDS", 0.01)
    async with desk(healthy()) as it:
        it.app._key_queue.start()
        async with asyncio.timeout(10):
            await it.app.wait_until_idle()


async def test_where_the_cursor_goes_is_painted_before_anything_else_is_done() -> None:
    async with desk(healthy()) as it:
        table = it.one(FleetTable)
        before = table.cursor_key
        await it.app.on_event(Key("j", "j"))
        assert table.cursor_key != before
        assert not table._repaint_required
        assert not paint_pending(it.app.screen)


async def test_of_keys_that_come_all_at_once_the_last_is_painted() -> None:
    async with desk(healthy()) as it:
        table = it.one(FleetTable)
        rows = [row.key for row in table.rows if not row.heading]
        for _ in range(3):
            it.app.post_message(Key("j", "j"))
        await it.until(lambda: table.cursor_key == rows[3])
        await it.until(lambda: not paint_pending(it.app.screen))


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (HpTuiApp, False),
        (MainScreen, False),
        (HealthPanel, False),
        (FleetTable, False),
        (Input, True),
        (TextArea, True),
        (OptionList, False),
        (ChoiceDialog, True),
    ],
)
def test_who_does_something_with_keys_by_itself(kind: type, expected: bool) -> None:
    assert handles_keys(kind) is expected


async def test_what_keys_and_values_need_is_made_when_the_list_of_services_is_there() -> None:
    answered = replace(empty(), link=replace(empty().link, state=LinkState.LIVE))
    async with desk(answered) as it:
        await other_tasks()
        assert not it.main.query(LazyTree)
        it.engine.show(healthy())
        await it.until(lambda: it.main.query(LazyTree))
