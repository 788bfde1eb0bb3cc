"""Escaping, fitting, comparing and merging texts, whatever they hold."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.segment import Segment
from textual.color import Color

from hp_tui.console.kv.rows.merge import merge
from hp_tui.widgets.columns import GAP, layout
from hp_tui.widgets.control_filter import ControlFilter
from hp_tui.widgets.diffview import Change, diff
from hp_tui.widgets.editor import hex_lines
from hp_tui.widgets.escape import editable, fit, visible
from hp_tui.widgets.values import Column

ANY = st.text(st.characters(codec=None), max_size=60)
NASTY = st.text(
    st.sampled_from("ab\x00\x07\x1b\x7f\x80\x9b\x9f\n\r\t\u200b\u200e\u202e\u2028\u2066\ufeff\ud800[]\\評e\u0301"),
    max_size=40,
)
TEXTS = st.one_of(ANY, NASTY)
BIDI = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}


def harmless(char: str) -> bool:
    return unicodedata.category(char) not in {"Cc", "Cs", "Zl", "Zp"} and unicodedata.bidirectional(char) not in BIDI


@given(TEXTS)
def test_nothing_that_drives_a_terminal_is_left(text: str) -> None:
    assert all(map(harmless, visible(text)))
    assert all(harmless(char) or char == "\n" for char in visible(text, lines=True))


@given(TEXTS)
def test_escaping_twice_changes_nothing_more(text: str) -> None:
    assert visible(visible(text)) == visible(text)


@given(TEXTS)
def test_one_sign_for_one_character_so_that_cursors_count_right(text: str) -> None:
    assert len(visible(text)) == len(text)
    shown = editable(text)
    assert len(shown) == len(text)
    assert all(harmless(char) or char == "\t" for char in shown)


@given(st.text("abc XYZ09[]{}()/\\äß評", max_size=40))
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert visible(text) == text


def test_lines_stay_lines_and_tabs_become_room() -> None:
    assert visible("a\n\tb\r", lines=True) == "a\n    b␍"
    assert visible("a\n\tb") == "a␊␉b"


@given(TEXTS, st.integers(0, 30), st.booleans())
def test_a_text_fits_its_cells_exactly(text: str, width: int, right: bool) -> None:
    assert cell_len(fit(visible(text), width, right=right)) == width


def test_what_is_cut_says_so_and_wide_signs_are_not_halved() -> None:
    assert fit("abcdef", 4) == "abc…"
    assert fit("評論家", 4) == "評… "
    assert fit("ab", 4, right=True) == "  ab"


@given(st.lists(TEXTS, max_size=4))
def test_the_last_filter_lets_nothing_through(texts: list[str]) -> None:
    filtered = ControlFilter().apply([Segment(text) for text in texts], Color(0, 0, 0))
    assert all(map(harmless, "".join(segment.text for segment in filtered)))


LINES = st.lists(st.sampled_from(["a", "b", "c", "", "x\r", "y\u2028z"]), max_size=8).map("\n".join)


@given(LINES, LINES)
def test_a_difference_can_be_carried_out(old: str, new: str) -> None:
    lines = diff(old, new, context=1000)
    if not lines:
        assert old == new
        return
    body = [line for line in lines if line.change is not Change.SKIPPED]
    if body:
        before = "\n".join(line.text for line in body if line.change is not Change.ADDED)
        after = "\n".join(line.text for line in body if line.change is not Change.REMOVED)
        assert before == old.removesuffix("\n")
        assert after == new.removesuffix("\n")


@given(LINES, LINES, LINES)
def test_a_merge_takes_what_only_one_side_changed(base: str, mine: str, theirs: str) -> None:
    assert merge(base, mine, base).text == mine
    assert merge(base, base, theirs).text == theirs
    assert merge(base, mine, mine).text == mine
    merged = merge(base, mine, theirs)
    assert (merged.clashes > 0) == ("<<<<<<< mine" in merged.text)


def test_a_merge_marks_what_both_changed() -> None:
    merged = merge("a\nb\nc", "a\nB\nc", "a\nß\nc")
    assert merged.clashes == 1
    assert merged.text.split("\n") == ["a", "<<<<<<< mine", "B", "=======", "ß", ">>>>>>> theirs", "c"]


@given(st.binary(max_size=100), st.integers(0, 60))
def test_hex_has_every_byte_up_to_the_limit_and_counts_the_rest(data: bytes, limit: int) -> None:
    text = hex_lines(data, limit)
    shown = "".join(line[10:57].replace(" ", "") for line in text.splitlines() if not line.startswith("…"))
    assert data.hex().startswith(shown)
    assert text.isascii() or f"… {len(data) - limit} more bytes" in text


COLUMNS = st.lists(
    st.builds(
        Column, st.uuids().map(str), st.just("L"), st.integers(1, 12), st.integers(0, 3), st.booleans(), st.integers(0, 4)
    ),
    min_size=1,
    max_size=8,
)  # fmt: skip


@given(COLUMNS, st.integers(1, 150))
def test_columns_fit_and_the_most_droppable_go_first(columns: list[Column], width: int) -> None:
    sized = layout(columns, width)
    kept = {column.key for column, _ in sized}
    gone = [column.drop for column in columns if column.key not in kept]
    assert all(drop > 0 for drop in gone)
    needed = sum(cells for _, cells in sized) + GAP * (len(sized) - 1)
    if needed > width:
        assert len(sized) == 1 or all(column.drop == 0 for column, _ in sized)
    assert all(cells >= column.width for column, cells in sized)
    if gone:
        assert all(column.drop <= max(gone) for column, _ in sized)


@pytest.mark.parametrize("width", [0, -3])
def test_no_room_is_no_text(width: int) -> None:
    assert fit("abc", width) == ""
