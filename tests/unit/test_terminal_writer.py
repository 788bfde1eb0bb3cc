"""The writer of the terminal, on a pipe that is read late, never, or not any more."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from threading import Event

import pytest

from hp_tui.widgets.textual_internals import writer
from hp_tui.widgets.textual_internals.writer import TerminalWriter

MUCH = "x" * 1_000_000
"""More than a pipe takes while nobody reads."""


class Line:
    """A pipe with a writer at one end. ``waits``: writing to it waits until there is room."""

    def __init__(self, *, waits: bool) -> None:
        self.out, self._into = os.pipe()
        os.set_blocking(self._into, waits)
        self.caught_up = Event()
        self.writer = TerminalWriter(self._into, self.caught_up.set)
        self.writer.start()
        self._open = {self.out, self._into}

    def read(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            data += os.read(self.out, size - len(data))
        return data

    def close(self, *ends: int) -> None:
        for end in set(ends or self._open) & self._open:
            self._open.discard(end)
            os.close(end)


@pytest.fixture(params=[False, True], ids=["takes-what-it-can", "waits"])
def line(request: pytest.FixtureRequest) -> Iterator[Line]:
    made = Line(waits=request.param)
    yield made
    made.close(made.out)  # whoever is still writing is let go
    made.writer.stop()
    made.close()


def test_texts_arrive_in_their_order(line: Line) -> None:
    for text in ("one ", "two ", "…"):
        line.writer.write(text)
    assert line.read(11).decode() == "one two …"


def test_writing_never_waits_and_all_arrives_when_it_is_read(line: Line) -> None:
    line.writer.write(MUCH)
    line.writer.write("end")
    assert line.read(len(MUCH) + 3) == (MUCH + "end").encode()


def test_a_terminal_that_is_behind_is_said_to_be_until_it_has_taken_everything(line: Line) -> None:
    assert not line.writer.behind()
    line.writer.write(MUCH)
    assert line.writer.behind()
    line.read(len(MUCH) // 2)
    assert line.writer.behind()
    assert not line.caught_up.is_set()
    line.read(len(MUCH) // 2)
    assert line.caught_up.wait(10)
    assert not line.writer.behind()


def test_nobody_is_told_of_the_end_who_was_not_told_to_wait(line: Line) -> None:
    line.writer.write(MUCH)
    line.read(len(MUCH))
    line.writer.write("next")
    line.read(4)
    assert not line.caught_up.is_set()


def test_what_was_not_sent_can_be_dropped_and_what_follows_arrives(line: Line) -> None:
    line.writer.write(MUCH)
    line.writer.drop_unsent()
    line.writer.write("end")
    read = b""
    while not read.endswith(b"end"):
        read += os.read(line.out, 65536)
    assert len(read) < len(MUCH) // 2


def test_stopping_sends_what_is_left(line: Line) -> None:
    line.writer.write("the last words")
    line.writer.stop()
    assert not line.writer.is_alive()
    assert line.read(14) == b"the last words"


def test_stopping_does_not_wait_for_a_terminal_that_takes_nothing(line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "GIVEN_UP_SECONDS", 0.05)
    line.writer.write(MUCH)
    begun = time.monotonic()
    line.writer.stop()
    assert time.monotonic() - begun < 5.0
    assert line.read(1), "what it took before is not lost"


def test_a_terminal_that_went_away_is_no_failure(line: Line) -> None:
    line.close(line.out)
    line.writer.write(MUCH)
    line.writer.stop()
    assert not line.writer.is_alive()


def test_text_that_is_no_unicode_cannot_end_the_writer(line: Line) -> None:
    line.writer.write("\ud800 end")
    assert line.read(5) == b"? end"
