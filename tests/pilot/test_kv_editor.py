"""Editing a value: the difference first, then check-and-set; conflicts, drafts, formats, sizes and odd bytes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import pytest
from msgspec.structs import replace

from hp_tui.console.drafts import Draft, DraftStore
from hp_tui.model.commands import DeleteKey, ReadKey, SettleConflict, WriteKey
from hp_tui.model.fleet import FleetSnapshot, KVView, LinkState
from hp_tui.model.kv import VALUE_LIMIT, KVConflict, KVEntry
from hp_tui.widgets.codearea import CodeArea
from tests import fleets
from tests.fleets import CONFIG_KEY, CONFIG_VALUE, NOW
from tests.pilot.desk import Desk, desk

TO_KEY = ["4", "right", "down", "down"]
HERE = "heart-pulse-dc1"


def fleet(value: bytes = CONFIG_VALUE, **kv: object) -> FleetSnapshot:
    """The healthy fleet with that value under the key."""
    old = fleets.healthy()
    entry = replace(fleets.kv_entry(), value=value, flags=42)
    view: KVView = replace(old.kv, entries=MappingProxyType({CONFIG_KEY: entry}), **kv)
    return replace(old, kv=view)


def stored(value: bytes, index: int, snapshot: FleetSnapshot | None = None, **kv: object) -> FleetSnapshot:
    """The fleet after somebody stored that."""
    old = snapshot or fleet()
    entry = replace(fleets.kv_entry(), value=value, modify_index=index, flags=42)
    return replace(old, kv=replace(old.kv, entries=MappingProxyType({CONFIG_KEY: entry}), **kv))


async def put(it: Desk, text: str) -> None:
    """Replace the whole text, as a paste over everything does."""
    area = it.one(CodeArea)
    area.select_all()
    area.replace(text, *area.selection)
    await it.settle()


def answered(it: Desk) -> Mapping[str, str]:
    """Consul has answered the last write."""
    return MappingProxyType({CONFIG_KEY: it.sent(WriteKey)[-1].id})


async def test_a_save_shows_the_difference_and_writes_with_the_index_that_was_read() -> None:
    async with desk(fleet()) as it:
        await it.press(*TO_KEY, "e", "down", "end", "left", "backspace", "7", "ctrl+s")
        assert it.screen == "WriteDialog"
        for text in ('-   "threshold": 5,', '+   "threshold": 7,', "checked against index 118"):
            assert text in it.text
        assert it.sent(WriteKey) == [], "nothing before it is confirmed"
        await it.press("enter")
        value = CONFIG_VALUE.replace(b"5,", b"7,", 1)
        await it.until_sent(WriteKey(CONFIG_KEY, value, 118, 42))
        assert "writing…" in it.text
        await it.press("ctrl+s")
        assert len(it.sent(WriteKey)) == 1, "not twice"
        await it.show(stored(value, 140, saved=MappingProxyType({CONFIG_KEY: NOW}), answered=answered(it)))
        await it.until("written 0s ago")
        assert "CAS 140" in it.text


async def test_going_on_editing_after_a_save_is_checked_against_the_new_index() -> None:
    async with desk(fleet(b"one")) as it:
        await it.press(*TO_KEY, "e", "x", "ctrl+s", "enter", "y")
        await it.show(stored(b"xone", 140, saved=MappingProxyType({CONFIG_KEY: NOW}), answered=answered(it)))
        assert it.one(CodeArea).text == "xyone", "what was typed while it was written stays"
        assert "draft, not written" in it.text
        await it.press("ctrl+s", "enter")
        await it.until_sent(WriteKey(CONFIG_KEY, b"xyone", 140, 42))


async def test_escape_in_the_preview_goes_back_to_the_text() -> None:
    async with desk(fleet()) as it:
        await it.press(*TO_KEY, "e", "x", "ctrl+s", "escape")
        assert it.screen == "KeyEditor"
        assert it.one(CodeArea).text.startswith("x{")
        assert it.sent(WriteKey) == []


async def test_nothing_to_write_says_so() -> None:
    async with desk(fleet()) as it:
        await it.press(*TO_KEY, "e", "ctrl+s")
        assert it.screen == "KeyEditor"
        assert "nothing to write" in it.text


async def test_a_failed_write_is_told_and_keeps_the_draft() -> None:
    async with desk(fleet()) as it:
        await it.press(*TO_KEY, "e", "x", "ctrl+s", "enter")
        refused = MappingProxyType({CONFIG_KEY: "Permission denied: needs key:write."})
        await it.show(fleet(errors=refused, answered=answered(it)))
        assert "not written: Permission denied" in it.text
        assert "Your draft is kept" in it.text
        await it.press("escape", "e")
        assert it.one(CodeArea).text.startswith("x{")


async def test_a_new_key_is_created_only() -> None:
    async with desk(fleet()) as it:
        await it.press(*TO_KEY, "n")
        await it.type("fresh.txt")
        await it.press("enter", *"hello", "ctrl+s")
        assert "created, if nobody else has meanwhile" in it.text
        await it.press("enter")
        await it.until_sent(WriteKey("config/fresh.txt", b"hello", 0, 0))


@pytest.mark.parametrize(
    ("name", "told"),
    [("/lead", "begins with a slash"), ("folder/", "ends with a slash"), ("heart-pulse.json", "exists already")],
)
async def test_a_name_that_cannot_be_a_new_key_is_told(name: str, told: str) -> None:
    async with desk(fleet()) as it:
        await it.press(*TO_KEY, "n", *(["ctrl+u"] if name.startswith("/") else []))
        await it.type(name)
        await it.press("enter")
        assert any(told in toast for toast in it.toasts)
        assert it.screen == "MainScreen"


async def test_a_delete_names_the_key_and_is_checked_against_its_index() -> None:
    async with desk(fleet()) as it:
        await it.press(*TO_KEY, "D")
        assert "This one key and no other" in it.text
        await it.press("n")
        assert it.sent(DeleteKey) == []
        await it.press("D", "enter")
        await it.until_sent(DeleteKey(CONFIG_KEY, 118))


# Conflicts.


async def in_conflict(it: Desk) -> None:
    """Type, write, and be told that somebody else was first."""
    await it.press(*TO_KEY, "e")
    await put(it, CONFIG_VALUE.decode().replace('"threshold": 5', '"threshold": 3'))
    await it.press("ctrl+s", "enter")
    await it.show(fleets.kv_conflict())
    await it.until(lambda: it.screen == "ConflictScreen")


async def test_a_conflict_shows_both_sides_and_overwrites_nothing() -> None:
    async with desk(fleet()) as it:
        await in_conflict(it)
        for text in ("index 118", "index 131", '+   "threshold": 3,', '+   "timeout": 30,', "Nothing was written"):
            assert text in it.text
        assert len(it.sent(WriteKey)) == 1


async def test_conflict_keep_mine_is_checked_against_their_index_after_a_second_preview() -> None:
    async with desk(fleet()) as it:
        await in_conflict(it)
        await it.press("w")
        assert "over theirs, checked against index 131" in it.text
        assert '-   "timeout": 30,' in it.text, "what of theirs is lost"
        await it.press("enter")
        await it.until(lambda: it.sent(WriteKey)[-1].index == 131)
        assert b'"threshold": 3' in it.sent(WriteKey)[-1].value
        assert b'"timeout": 60' in it.sent(WriteKey)[-1].value


async def test_conflict_take_theirs_drops_the_draft() -> None:
    drafts = DraftStore()
    async with desk(fleet(), drafts=drafts) as it:
        await in_conflict(it)
        await it.press("t")
        await it.until_sent(SettleConflict(CONFIG_KEY))
        assert '"timeout": 30' in it.one(CodeArea).text
        assert drafts.get(HERE, CONFIG_KEY) is None


async def test_conflict_merge_has_both_changes_and_writes_at_their_index() -> None:
    async with desk(fleet()) as it:
        await in_conflict(it)
        assert "do not touch each other" in it.text
        await it.press("m")
        await it.until_sent(SettleConflict(CONFIG_KEY))
        await it.show(fleet())
        await it.press("ctrl+s", "enter")
        merged = CONFIG_VALUE.replace(b'"threshold": 5', b'"threshold": 3').replace(b"60", b"30")
        await it.until(lambda: it.sent(WriteKey)[-1].value == merged and it.sent(WriteKey)[-1].index == 131)


async def test_conflict_decide_later_keeps_the_draft_and_asks_again_at_the_next_save() -> None:
    async with desk(fleet()) as it:
        await in_conflict(it)
        await it.press("escape")
        assert it.screen == "KeyEditor"
        assert '"threshold": 3' in it.one(CodeArea).text
        await it.press("ctrl+s")
        assert it.screen == "ConflictScreen"


async def test_a_conflict_in_which_they_deleted_the_key_can_be_left_or_created_again() -> None:
    async with desk(fleet()) as it:
        await it.press(*TO_KEY, "e", "x", "ctrl+s", "enter")
        base, mine = fleets.kv_entry(), b"x" + CONFIG_VALUE
        conflict = KVConflict(CONFIG_KEY, base=base, mine=mine, theirs=None, at=NOW)
        await it.show(fleet(conflicts=MappingProxyType({CONFIG_KEY: conflict})))
        await it.until(lambda: it.screen == "ConflictScreen")
        assert "they deleted it" in it.text
        await it.press("m")
        assert it.screen == "ConflictScreen", "nothing to merge"
        await it.press("w", "enter")
        await it.until_sent(WriteKey(CONFIG_KEY, mine, 0, 42))


async def test_a_refused_delete_can_be_repeated_at_their_index_or_given_up() -> None:
    theirs = replace(fleets.kv_entry(), value=b"theirs", modify_index=131)
    conflict = KVConflict(CONFIG_KEY, base=fleets.kv_entry(), mine=None, theirs=theirs, at=NOW)
    picture = fleet(conflicts=MappingProxyType({CONFIG_KEY: conflict}))
    async with desk(picture) as it:
        await it.press(*TO_KEY, "e")
        await it.until("you deleted it")
        await it.press("w")
        await it.until_sent(DeleteKey(CONFIG_KEY, 131))
        assert SettleConflict(CONFIG_KEY) in it.engine.submitted


# Drafts.


async def test_a_draft_is_kept_when_the_user_leaves_and_offered_again() -> None:
    async with desk(fleet()) as it:
        await it.press(*TO_KEY, "e", "x", "escape")
        assert it.screen == "MainScreen"
        assert "draft" in it.text
        await it.press("e")
        assert it.one(CodeArea).text == "x" + CONFIG_VALUE.decode()
        assert "draft, not written" in it.text


async def test_a_draft_is_kept_while_the_line_is_down_and_says_so() -> None:
    async with desk(fleet()) as it:
        await it.press(*TO_KEY, "e", "x")
        await it.show(replace(fleet(), link=replace(fleets.stale().link, state=LinkState.STALE)))
        assert "Consul: stale" in it.text
        assert it.one(CodeArea).text.startswith("x{")
        await it.press("y")
        assert it.one(CodeArea).text.startswith("xy{")


async def test_a_draft_survives_the_program(tmp_path: Path) -> None:
    path = tmp_path / "drafts.json"
    async with desk(fleet(), drafts=DraftStore(path)) as it:
        await it.press(*TO_KEY, "e", "x")
    assert path.stat().st_mode & 0o077 == 0, "values may be secrets"
    async with desk(fleet(), drafts=DraftStore(path)) as it:
        await it.press(*TO_KEY)
        assert "draft" in it.main.kv.note
        await it.press("e")
        assert it.one(CodeArea).text == "x" + CONFIG_VALUE.decode()


async def test_a_draft_whose_key_changed_meanwhile_is_written_at_the_old_index_and_so_refused() -> None:
    drafts = DraftStore()
    drafts.put(HERE, CONFIG_KEY, Draft("mine", b"old", 101))
    async with desk(fleet(), drafts=drafts) as it:
        await it.press(*TO_KEY, "e")
        assert "now at index 118: saving shows both" in it.text
        await it.press("ctrl+s", "enter")
        await it.until_sent(WriteKey(CONFIG_KEY, b"mine", 101, 0))


async def test_reverting_asks_first_and_shows_what_is_stored() -> None:
    async with desk(fleet()) as it:
        await it.press(*TO_KEY, "e", "x", "ctrl+r")
        assert "What is stored in Consul is not touched" in it.text
        await it.press("enter")
        assert it.one(CodeArea).text == CONFIG_VALUE.decode()
        await it.press("escape")
        assert "draft" not in it.main.kv.note


@pytest.mark.parametrize(
    ("path", "told"), [("/proc/none/drafts.json", "drafts cannot be kept in"), ("/proc/cpuinfo", "cannot be read")]
)
async def test_drafts_that_cannot_be_kept_on_disk_are_said(path: str, told: str) -> None:
    async with desk(fleet(b"{}"), drafts=DraftStore(Path(path))) as it:
        await it.press(*TO_KEY, "e", "space", "escape", "e")
        await it.until(told)
        assert it.one(CodeArea).text == " {}", "in memory it is kept"


async def test_a_value_not_read_yet_is_asked_for() -> None:
    old = fleets.healthy()
    async with desk(replace(old, kv=replace(old.kv, entries=MappingProxyType({})))) as it:
        await it.press(*TO_KEY, "e")
        await it.until_sent(ReadKey(CONFIG_KEY))
        assert it.screen == "MainScreen"


# Sizes, formats, bytes.


async def test_a_value_over_the_limit_is_refused_before_sending() -> None:
    async with desk(fleet()) as it:
        await it.press(*TO_KEY, "e")
        await put(it, "é" * (VALUE_LIMIT // 2 + 1))
        assert f"the value has {VALUE_LIMIT + 2} bytes" in it.text
        await it.press("ctrl+s")
        assert it.screen == "KeyEditor"
        assert it.sent(WriteKey) == []
        await put(it, "é" * (VALUE_LIMIT // 2))
        await it.press("ctrl+s", "enter")
        await it.until(lambda: len(it.sent(WriteKey)) == 1 and len(it.sent(WriteKey)[0].value) == VALUE_LIMIT)


WRONG = {
    "config/a.json": ('{\n  "a": 1\n"b": 2}', "not JSON: line 3, column 1"),
    "config/a.yaml": ("a: 1\nb: [1, 2\n", "not YAML: line 3, column 1"),
    "config/a.toml": ("a = 1\nb = = 2\n", "not TOML: line 2, column 5"),
}


@pytest.mark.parametrize("key", WRONG)
async def test_a_text_that_is_not_its_format_is_told_with_its_place_and_can_still_be_written(key: str) -> None:
    text, told = WRONG[key]
    async with desk(fleet()) as it:
        await it.press(*TO_KEY, "n", "ctrl+u")
        await it.type(key)
        await it.press("enter")
        await put(it, text)
        assert told in it.text
        await it.press("ctrl+s")
        assert it.screen == "WriteDialog"
        assert f"▲ {told}" in it.text
        await it.press("enter")
        await it.until_sent(WriteKey(key, text.encode(), 0, 0))


async def test_bytes_that_are_not_text_are_shown_as_hex_and_not_edited() -> None:
    value = bytes(range(250, 256)) + b"\x00text"
    async with desk(fleet(value)) as it:
        await it.press(*TO_KEY)
        assert "fa fb fc fd fe ff 00 74 65 78 74" in it.text
        assert "not UTF-8" in it.text
        await it.press("e")
        assert it.screen == "MainScreen"
        assert any("not UTF-8" in toast for toast in it.toasts)
        assert it.sent(WriteKey) == []


ODD = [
    "a\r\nb\r\n",
    "a\r\nb\nc\rd",
    "tab\there\n",
    "page\x0cfeed\x0bline\u2028sep\u2029par\x85next\x1cfs\n",
    "\ufeffbom",
    "no end",
    "\n\n\n",
    "",
    "nul\x00 esc\x1b[31m",
]


@pytest.mark.parametrize("text", ODD, ids=ascii)
async def test_looking_at_a_value_in_the_editor_changes_no_byte_of_it(text: str) -> None:
    async with desk(fleet(text.encode())) as it:
        await it.press(*TO_KEY, "e")
        assert it.one(CodeArea).text == text
        assert "draft, not written" not in it.text
        await it.press("x", "ctrl+s", "enter")
        await it.until_sent(WriteKey(CONFIG_KEY, b"x" + text.encode(), 118, 42))


async def test_text_pasted_with_other_line_ends_takes_on_those_of_the_value() -> None:
    async with desk(fleet(b"a\r\nb\r\n")) as it:
        await it.press(*TO_KEY, "e")
        await put(it, "a\nb\n")
        await it.press("ctrl+s")
        await it.until("nothing to write")
        await it.tick(1.0)
        assert "nothing to write" in it.text, "it is there to be read"
        await it.press("z")
        assert "nothing to write" not in it.text


async def test_an_entry_that_vanishes_while_edited_keeps_the_draft() -> None:
    async with desk(fleet()) as it:
        await it.press(*TO_KEY, "e", "x")
        old = fleet()
        await it.show(replace(old, kv=replace(old.kv, entries=MappingProxyType({}))))
        assert it.one(CodeArea).text.startswith("x{")
        await it.press("ctrl+s", "enter")
        await it.until_sent(WriteKey(CONFIG_KEY, b"x" + CONFIG_VALUE, 118, 42))


def test_a_draft_of_an_entry_is_its_text() -> None:
    assert Draft.of(KVEntry("k", b"v", 7, flags=3)) == Draft("v", b"v", 7, 3)


@pytest.mark.parametrize("key", ["c", "ctrl+g"])
async def test_the_command_of_a_write_and_of_a_delete_can_be_copied_before_it_is_done(key: str) -> None:
    async with desk(fleets.healthy()) as it:
        await it.press("4", "right", "down", "down", "D", key)
        assert it.app.clipboard == f"consul kv delete -http-addr={fleets.ADDRESS} -cas -modify-index=118 {CONFIG_KEY}"
        await it.press("escape", "e", "x", "ctrl+s", key)
        assert it.app.clipboard == f"consul kv put -http-addr={fleets.ADDRESS} -cas -modify-index=118 {CONFIG_KEY} -"
        assert it.screen == "WriteDialog"
        assert it.sent(WriteKey) == []
