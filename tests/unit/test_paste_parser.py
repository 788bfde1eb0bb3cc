"""What is made of bytes from a terminal: pastes are text whatever they contain, keys are keys, however it is cut."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import events

from hp_tui.widgets.textual_internals import paste_parser
from hp_tui.widgets.textual_internals.paste_parser import END, START, PasteTooLarge, PastingParser

NASTY = "q\x1b[31mD\x1b\x1b[20\r\n\x1b[2~\x1bOP\x9b:" + "x" * 60


def read(*render_queue: str) -> list[str]:
    """Keys by name, pastes in ``<>``."""
    parser = PastingParser()
    return [named(event) for piece in render_queue for event in parser.feed(piece)]


def named(event: object) -> str:
    if isinstance(event, events.Paste):
        return f"<{event.text}>"
    return event.key if isinstance(event, events.Key) else type(event).__name__


def cut(text: str, places: Iterable[int]) -> list[str]:
    edges = [0, *sorted({place for place in places if 0 < place < len(text)}), len(text)]
    return [text[a:b] for a, b in itertools.pairwise(edges)]


def test_a_paste_is_one_text_whatever_it_contains() -> None:
    assert read(f"a{START}{NASTY}{END}b") == ["a", f"<{NASTY}>", "b"]


def test_two_pastes_after_each_other() -> None:
    assert read(f"{START}one{END}{START}two{END}\x1b[A") == ["<one>", "<two>", "up"]


@given(st.lists(st.integers(1, 120), max_size=12))
def test_it_makes_no_difference_where_the_bytes_are_cut(places: list[int]) -> None:
    assert read(*cut(f"\x1b[Ba{START}{NASTY}{END}b{START}{END}\x1b[A", places)) == [
        "down",
        "a",
        f"<{NASTY}>",
        "b",
        "<>",
        "up",
    ]


def test_the_end_of_a_paste_without_its_start_is_no_key() -> None:
    assert read(f"a{END}b") == ["a", "b"]


def test_a_paste_that_is_too_large_is_refused_and_keys_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paste_parser, "PASTE_LIMIT", 1000)
    assert read(START, *["x" * 100] * 30, f"{END}b") == [PasteTooLarge.__name__, "b"]
    assert read(START, *["x" * 100] * 9, f"{END}b") == [f"<{'x' * 900}>", "b"]


def test_a_megabyte_takes_no_time() -> None:
    text = NASTY * (1_000_000 // len(NASTY))
    whole = START + text + END
    begun = time.process_time()
    assert read(*cut(whole, range(0, len(whole), 4096))) == [f"<{text}>"]
    assert time.process_time() - begun < 1.0
