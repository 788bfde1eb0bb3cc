"""Keys that come all at once, as a fast typist or a slow line sends them, go where they would have gone one by one."""

from __future__ import annotations

import pytest
from textual.events import Key
from textual.keys import _character_to_key, key_to_character
from textual.widgets import Input

from hp_tui.model.commands import SetMaintenance
from hp_tui.widgets.codearea import CodeArea
from hp_tui.widgets.textual_internals import app
from hp_tui.widgets.textual_internals.key_queue import KeyQueue
from tests.pilot.desk import KEYS, Desk, desk
from tests.pilot.test_typed_text import FIELDS, TELLING, demo


def at_once(it: Desk, *keys: str) -> None:
    """All keys are there before the first is looked at."""
    for key in keys:
        it.app.post_message(
            Key(_character_to_key(key) if len(key) == 1 else key, key if len(key) == 1 else key_to_character(key))
        )


def letters(text: str) -> list[str]:
    return [KEYS.get(letter, letter) for letter in text]


@pytest.mark.parametrize("field", FIELDS)
async def test_text_typed_ahead_arrives_in(field: str) -> None:
    async with desk(demo()) as it:
        at_once(it, *FIELDS[field], *letters(TELLING))
        await it.until(lambda: isinstance(it.app.focused, Input) and it.app.focused.value == TELLING)
        assert not it.sent(SetMaintenance)


@pytest.mark.parametrize(
    "keys", [["C", "ctrl+a", "ctrl+k"], ["4", "n", *"new", "enter"]], ids=["composer", "kv editor"]
)
async def test_text_typed_ahead_arrives_in_the_text_of(keys: list[str]) -> None:
    async with desk(demo()) as it:
        at_once(it, *keys, *letters("qD m:?"))
        await it.until(lambda: it.app.screen.query(CodeArea) and "qD m:?" in it.one(CodeArea).text)


async def test_a_dialog_filled_in_and_confirmed_in_one_go_does_what_it_says() -> None:
    async with desk(demo()) as it:
        at_once(it, "m", *letters("deploy of 1.2"), "enter", "j", "m", *letters("too"), "escape", "slash", "x")
        await it.until(lambda: it.sent(SetMaintenance))
        (done,) = it.sent(SetMaintenance)
        assert (done.enabled, done.reason) == (True, "deploy of 1.2")
        await it.until(lambda: isinstance(it.app.focused, Input) and it.app.focused.value == "x")
        assert it.screen == "MainScreen"


async def test_keys_to_a_dialog_that_closes_are_not_lost_and_not_late() -> None:
    """What follows a key up from a screen that goes is lost with it; the next key must not wait for it."""
    async with desk(demo()) as it:
        for _ in range(5):
            at_once(it, "question_mark", "escape", "T", "escape", "enter", "escape", "b", "escape")
        at_once(it, "slash", *letters("done"))
        await it.until(lambda: isinstance(it.app.focused, Input) and it.app.focused.value == "done")
        assert it.screen == "MainScreen"


@pytest.mark.parametrize("opening", [("question_mark", "T", "enter", "b"), ("H", "i", "m", "C"), ("enter", "t")])
@pytest.mark.parametrize("hurried", ["a little", "entirely"])
async def test_a_screen_that_is_closed_before_it_has_its_widgets_does_no_harm(
    opening: tuple[str, ...], hurried: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where the machine is so slow that the next key is not held back any longer."""
    if hurried == "entirely":
        monkeypatch.setattr(KeyQueue, "hold_back", lambda *_: False)
    else:
        monkeypatch.setattr(app, "ROUNDS", 1)
    async with desk(demo()) as it:
        for _ in range(5):
            at_once(it, *(key for opens in opening for key in (opens, "escape")))
        for _ in range(10):
            await it.settle()
        assert it.app._exception is None
