"""Whatever is open: it survives any size of the terminal, esc leads back, its actions are in the palette and in help."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from hp_tui.console.actions.action import KEY_NAMES, PANELS, Scope
from hp_tui.console.actions.registry import ACTIONS
from tests import fleets
from tests.pilot.desk import desk

TO_KEY = ("4", "right", "down", "down")
PLACES = {
    "help": ("question_mark",),
    "palette": ("ctrl+p",),
    "detail": ("enter",),
    "timeline": ("T",),
    "timeline filter": ("T", "slash"),
    "composer": ("C",),
    "runs": ("3", "enter"),
    "breaker": ("b",),
    "trip": ("b", "t"),
    "maintenance": ("m",),
    "deregister": ("D",),
    "chaos": ("x",),
    "copy": ("y",),
    "token": ("t",),
    "datacenter": ("d",),
    "key editor": (*TO_KEY, "e"),
    "write": (*TO_KEY, "e", "space", "ctrl+s"),
    "new key": (*TO_KEY, "n"),
    "delete key": (*TO_KEY, "D"),
    "zoom": ("z",),
    "filter": ("slash",),
    "value": (*TO_KEY, "enter"),
}
SIZES = [(60, 16), (20, 5), (1, 1), (59, 40), (200, 60), (80, 24), (120, 40)]


def demo():
    return replace(fleets.one_critical(), chaos=True)


@pytest.mark.parametrize("place", PLACES)
async def test_a_storm_of_sizes_leaves_it_as_it_was(place: str) -> None:
    async with desk(demo()) as it:
        await it.press(*PLACES[place])
        screen, focused, before = it.app.screen, it.app.focused, it.text
        for size in SIZES:
            await it.pilot.resize_terminal(*size)
            await it.settle()
        await it.until(lambda: it.app.screen is screen)
        assert it.app.focused is focused
        assert it.text.splitlines()[0] == before.splitlines()[0]
        await it.press("escape")
        await it.until(lambda: it.app.screen is not screen or it.app.focused is not focused or it.text != before)


@pytest.mark.parametrize("place", PLACES)
async def test_esc_leads_back_one_step_at_a_time(place: str) -> None:
    async with desk(demo()) as it:
        await it.press(*PLACES[place])
        for _ in range(4):
            depth = len(it.app.screen_stack)
            await it.press("escape")
            assert depth - len(it.app.screen_stack) in {0, 1}
        assert it.screen == "MainScreen"
        assert it.main.active.body().has_focus


@pytest.mark.parametrize("action", [item for item in ACTIONS if item.scope in {Scope.EVERYWHERE, *PANELS}], ids=str)
async def test_the_palette_finds_it_by_its_name(action) -> None:
    async with desk(demo()) as it:
        await it.press("ctrl+p")
        await it.type(action.label)
        await it.until(lambda: any(action.says[:20] in line and KEY_NAMES.get(action.keys[0], action.keys[0]) in line
                                   for line in it.text.splitlines()))  # fmt: skip


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 60)], ids=str)
async def test_help_lists_every_action_with_all_its_keys(size) -> None:
    async with desk(demo(), size=size) as it:
        await it.press("question_mark")
        seen = ""
        for _ in range(12):
            seen += it.text
            await it.press("pagedown")
        words = " ".join(seen.replace("│", " ").split())
        for action in ACTIONS:
            assert " ".join(KEY_NAMES.get(key, key) for key in action.keys) in words
            assert action.says.split(",")[0][:24] in words, action.says


ENDS = {"quit", "run('quit')", "suspend_process", "screen.copy_text", "copy"}
"""What ends the console, or hands the terminal to the shell; with nothing to copy ctrl+c does."""


@pytest.mark.parametrize("place", ["main", *PLACES])
async def test_every_key_that_is_bound_there_can_be_pressed(place: str) -> None:
    async with desk(demo()) as it:
        await it.press(*PLACES.get(place, ()))
        home = type(it.app.screen), it.app.focused and it.app.focused.id
        bound = it.app.screen.active_bindings
        keys = sorted(key for key, found in bound.items() if found.binding.action not in ENDS)
        assert len(keys) > 2
        for key in keys:
            await it.press(key)
            if (type(it.app.screen), it.app.focused and it.app.focused.id) != home:
                while len(it.app.screen_stack) > 1:
                    it.app.pop_screen()
                    await it.settle()
                await it.press("escape", *PLACES.get(place, ()))
        assert it.app.is_running


MOVES = {
    "table": ((), lambda it: it.main.health.table.cursor_key),
    "topology": (("1", "left"), lambda it: it.main.topology.view.cursor),
    "tree": (("4",), lambda it: it.main.kv.path),
    "timeline": (("T",), lambda it: it.one_table().cursor_key),
    "runs": (("3", "enter"), lambda it: it.one_table().cursor_key),
    "choices": (("b",), lambda it: it.app.screen.query_one("OptionList").highlighted),
    "help": (("question_mark",), lambda it: it.app.screen.query_one("VerticalScroll").scroll_offset.y),
    "detail": (("enter",), lambda it: it.app.screen.query_one("VerticalScroll").scroll_offset.y),
}


@pytest.mark.parametrize("place", MOVES)
@pytest.mark.parametrize(("down", "up"), [("down", "up"), ("j", "k")])
async def test_arrows_and_vim_keys_move_there_and_back(place: str, down: str, up: str) -> None:
    keys, where = MOVES[place]
    if place == "topology":  # along the calls, not beside them
        down, up = {"down": "right", "j": "l"}[down], {"up": "left", "k": "h"}[up]

    def at(it):
        it.one_table = lambda: it.app.screen.query_one("FleetTable")
        return where(it)

    async with desk(demo(), size=(120, 24)) as it:
        await it.press(*keys)
        start = at(it)
        await it.press(down)
        await it.until(lambda: at(it) != start)
        await it.press(up)
        await it.until(lambda: at(it) == start)
