"""Whatever is typed where text belongs arrives as text: no key of the console takes it away."""

from __future__ import annotations

import string

import pytest
from msgspec.structs import replace
from textual.widgets import Input, TextArea

from hp_tui.console.actions.action import Scope
from hp_tui.console.actions.registry import ACTIONS
from hp_tui.model.commands import SetMaintenance, UseToken
from hp_tui.widgets.codearea import CodeArea
from tests import fleets
from tests.pilot.desk import desk

PRINTABLE = string.digits + string.ascii_letters + string.punctuation + " äß評"
NAMED = {name: sign for sign, name in {"?": "question_mark", "/": "slash", ":": "colon", " ": "space"}.items()}
ACTED_ON = "".join(
    sorted({NAMED.get(key, key) for action in ACTIONS for key in action.keys if len(NAMED.get(key, key)) == 1})
)
TELLING = ACTED_ON + "hjklgGnyq 評!"
"""Every key that does something somewhere."""

FIELDS = {
    "filter": ["slash"],
    "topology filter": ["1", "slash"],
    "calls filter": ["3", "slash"],
    "kv filter": ["4", "slash"],
    "timeline filter": ["T", "slash"],
    "token": ["t"],
    "maintenance": ["m"],
    "trip reason": ["b", "t", "ctrl+u"],
    "new key": ["4", "n", "end", "ctrl+u"],
    "composer metadata": ["C", "tab", "tab", "tab", "tab", "end", "ctrl+u"],
    "palette": ["ctrl+p"],
}


def demo():
    return replace(fleets.one_critical(), chaos=True)


@pytest.mark.parametrize("field", FIELDS)
async def test_every_printable_key_arrives_in(field: str) -> None:
    async with desk(demo()) as it:
        await it.press(*FIELDS[field])
        before = it.screen
        focused = it.app.focused
        assert isinstance(focused, Input), it.text
        assert focused.value == ""
        text = PRINTABLE if field == "filter" else TELLING
        await it.type(text)
        assert focused.value == text
        assert it.screen == before
        assert it.app.focused is focused


@pytest.mark.parametrize("field", [*FIELDS, "composer"])
async def test_ctrl_c_where_text_is_typed_copies_and_ends_nothing(field: str) -> None:
    async with desk(demo()) as it:
        await it.press(*FIELDS.get(field, ["C"]))
        before = it.screen, it.app.focused
        await it.type("word")
        await it.press("ctrl+c")
        assert it.app.is_running
        await it.press("shift+home", "ctrl+c")
        assert it.app.clipboard.startswith("word")
        assert (it.screen, it.app.focused) == before


async def test_ctrl_c_with_nothing_selected_says_how_to_leave() -> None:
    async with desk(demo()) as it:
        await it.press("slash", "ctrl+c")
        assert "nothing is selected" in it.toasts[-1]


async def test_ctrl_c_elsewhere_ends_the_console() -> None:
    async with desk(demo()) as it:
        await it.press("ctrl+c")
        await it.until(lambda: not it.app.is_running)
        assert it.app.return_code == 0


@pytest.mark.parametrize(
    "keys", [["C", "ctrl+a", "ctrl+k"], ["4", "n", *"new", "enter"]], ids=["composer", "kv editor"]
)
async def test_every_printable_key_arrives_in_the_text_of(keys: list[str]) -> None:
    async with desk(demo()) as it:
        await it.press(*keys)
        area = it.one(CodeArea)
        assert area.has_focus
        area.load_text("")
        before = it.screen
        await it.type(PRINTABLE)
        await it.press("enter")
        await it.type("q:?/")
        assert area.text == PRINTABLE + "\nq:?/"
        assert it.screen == before


async def test_the_palette_in_an_editor_has_the_editors_actions_and_leaves_its_text_alone() -> None:
    async with desk(demo()) as it:
        await it.press("4", "right", "down", "down", "e")
        await it.type("typed")
        before = it.one(CodeArea).text
        await it.press("ctrl+p")
        await it.until(lambda: it.screen == "CommandPalette" and "take theirs" not in it.text and "revert" in it.text)
        assert "deregister" not in it.text
        await it.press("escape")
        await it.until(lambda: it.screen == "KeyEditor")
        assert it.one(CodeArea).text == before
        await it.type("x")
        assert len(it.one(CodeArea).text) == len(before) + 1
        await it.press("ctrl+p", *"save")
        await it.until(lambda: "Show the difference" in it.text)
        await it.press("enter")
        await it.until(lambda: it.screen == "WriteDialog")


async def test_the_palette_does_not_cover_a_prompt() -> None:
    async with desk(demo()) as it:
        await it.press("t", *"abc", "ctrl+p", *"def")
        assert it.one(Input).value == "abcdef"
        await it.press("enter")
        await it.until_sent(UseToken("abcdef"))


async def test_what_was_typed_as_a_reason_is_sent_as_typed() -> None:
    async with desk(demo()) as it:
        await it.press("m")
        await it.type("rollout q:1/2? [red]")
        await it.press("enter")
        command = SetMaintenance(
            "critic-agent", "critic-agent-2", enabled=True, reason="rollout q:1/2? [red]", node="consul-server"
        )
        await it.until_sent(command)


async def test_editing_keys_of_a_text_stay_its_own() -> None:
    """ctrl+z, ctrl+y, ctrl+x … undo, redo, cut: no action of the console has them where a text is typed."""
    taken = {key for binding in (*TextArea.BINDINGS, *Input.BINDINGS) for key in binding.key.split(",")}
    for action in ACTIONS:
        if action.scope in {Scope.EDITOR, Scope.COMPOSER}:
            assert not taken & set(action.keys), action
