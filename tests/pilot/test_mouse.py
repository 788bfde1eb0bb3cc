"""With the mouse: each panel is chosen, rolled and opened, and the hints of the footer are buttons."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from textual.events import MouseScrollDown

from hp_tui.widgets.bars import KeyFooter
from tests import fleets
from tests.pilot.desk import FULL, SMALL, Desk, desk


def demo():
    return replace(fleets.one_critical(), chaos=True)


async def click_hint(it: Desk, hint: str) -> None:
    """Click the words of a hint in the footer of the topmost screen."""
    footer = it.app.screen.query_one(KeyFooter)
    at = footer.render_line(0).text.index(hint)
    await it.pilot.click(footer, offset=(at, 0))
    await it.settle()


@pytest.mark.parametrize("number", [1, 2, 3, 4])
async def test_a_click_chooses_the_panel(number: int) -> None:
    async with desk(demo()) as it:
        await it.press("3" if number == 2 else "2")
        panel = it.main.panels[number - 1]
        await it.pilot.click(panel, offset=(5, 3))
        await it.until(lambda: it.main.active is panel)


@pytest.mark.parametrize(
    ("before", "hint", "screen", "text"),
    [
        ((), "? help", "HelpScreen", "Keys"),
        ((), "enter detail", "DetailScreen", "critic-agent-2"),
        ((), "/ filter", "MainScreen", "re:regex"),
        ((), ": more", "CommandPalette", ""),
        (("4", "right", "down", "down"), "e edit", "KeyEditor", "threshold"),
        (("4", "right", "down", "down", "e"), "esc leave", "MainScreen", "INSTANCE"),
        (("enter",), "b breaker", "ChoiceDialog", "Breaker of critic-agent-2"),
        (("T",), "esc back", "MainScreen", "INSTANCE"),
    ],
)
async def test_a_hint_in_the_footer_is_a_button(before, hint: str, screen: str, text: str) -> None:
    async with desk(demo()) as it:
        await it.press(*before)
        await click_hint(it, hint)
        await it.until(lambda: it.screen == screen and text in it.text)


async def test_a_click_beside_the_hints_does_nothing() -> None:
    async with desk(demo()) as it:
        before = it.text
        await it.pilot.click(it.main.query_one(KeyFooter), offset=(FULL[0] - 1, 0))
        await it.pilot.click(it.main.query_one(KeyFooter), offset=(0, 0))
        await it.settle()
        assert it.text == before


@pytest.mark.parametrize("number", range(4))
async def test_a_click_on_a_tab_shows_its_panel(number: int) -> None:
    async with desk(demo(), size=SMALL) as it:
        tabs = it.main.query_one("TabLine").render_line(0).text
        await it.pilot.click("TabLine", offset=(tabs.index(f"{number + 1} "), 0))
        await it.until(lambda: it.main.active is it.main.panels[number])


async def test_a_second_click_opens_the_row() -> None:
    async with desk(demo()) as it:
        await it.pilot.click(it.main.health.table, offset=(6, 4))
        chosen = it.main.health.selected()
        assert chosen is not None
        await it.pilot.click(it.main.health.table, offset=(6, 4))
        await it.until(lambda: it.screen == "DetailScreen" and chosen.id in it.text)


async def test_the_wheel_rolls_what_is_under_it_and_the_cursor_stays() -> None:
    async with desk(fleets.many(50)) as it:
        table = it.main.health.table
        cursor, before = table.cursor_key, it.text
        table.post_message(MouseScrollDown(table, 5, 5, 0, 1, 0, False, False, False))
        await it.until(lambda: it.text != before)
        assert table.cursor_key == cursor


async def test_while_a_filter_is_typed_the_footer_names_the_keys_that_act() -> None:
    async with desk(demo()) as it:
        await it.press("slash", *"crit")
        assert "enter keep the filter  esc clear it" in it.text
        assert "m maint" not in it.text
        await it.press("enter")
        await it.until("m maint")
