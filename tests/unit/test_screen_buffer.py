"""Only cells that differ are sent, and what the terminal shows is the same as if all had been."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pyte
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.control import Control
from rich.segment import Segment
from rich.style import Style
from textual._compositor import CompositorUpdate
from textual.geometry import Size

from hp_tui.widgets.textual_internals.screen_buffer import ScreenBuffer

WIDTH, HEIGHT = 30, 3
CONSOLE = Console(color_system="truecolor", legacy_windows=False, force_terminal=True, width=WIDTH, height=HEIGHT)
SIZE = Size(WIDTH, HEIGHT)
PLAIN, LOUD, RED = Style(), Style(bold=True), Style(color="#ff0000", bgcolor="#101010")
STYLES = (
    PLAIN,
    LOUD,
    RED,
    RED + LOUD,
    Style(color="#00ff00", bgcolor="#101010"),
    Style(color="color(9)", bgcolor="color(200)", italic=True),
    Style(underline=True),
    Style(reverse=True, bgcolor="#101010"),
    Style(strike=True),
)
Piece = tuple[int, int, str, Style]


class Paint(CompositorUpdate):
    """Texts at places, as the compositor would have them painted."""

    def __init__(self, pieces: Iterable[Piece]) -> None:
        self.pieces = list(pieces)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for x, y, text, style in self.pieces:
            yield Control.move_to(x, y).segment
            yield Segment(text, style)

    def render_segments(self, console: Console) -> str:
        return "".join(
            (segment.text if segment.control else (segment.style or PLAIN).render(segment.text))
            for segment in self.__rich_console__(console, console.options)
            if isinstance(segment, Segment)
        )


def terminal() -> tuple[pyte.Screen, pyte.Stream]:
    screen = pyte.Screen(WIDTH, HEIGHT)
    return screen, pyte.Stream(screen)


def look(cell: Any) -> tuple[object, ...]:
    """What a person sees of a cell: on a blank its background, and lines."""
    if cell.data == "":  # the second half of the one before
        return ("",)
    ink = () if cell.data == " " and not cell.reverse else (cell.fg, cell.bold)
    return (cell.data, cell.bg, cell.underscore, cell.reverse, cell.strikethrough, *ink)


def looks(screen: pyte.Screen) -> list[list[tuple[object, ...]]]:
    return [[look(screen.buffer[y][x]) for x in range(WIDTH)] for y in range(HEIGHT)]


@st.composite
def lines(draw: st.DrawFn) -> list[Piece]:
    """Whole lines in one or more pieces, as the compositor writes them; some characters take two cells."""
    painted: list[Piece] = []
    for y in draw(st.sets(st.integers(0, HEIGHT - 1), min_size=1)):
        x = 0
        while x < WIDTH:
            text = ""
            for char in draw(
                st.one_of(st.text("ab .界", min_size=1, max_size=WIDTH), st.integers(1, WIDTH).map(" ".__mul__))
            ):
                if x + cell_len(text + char) > WIDTH:
                    break
                text += char
            text = text or "-"
            painted.append((x, y, text, draw(st.sampled_from(STYLES))))
            x += cell_len(text)
    return painted


@given(st.lists(lines(), min_size=1, max_size=6), st.booleans())
@settings(max_examples=400, deadline=None)
def test_the_terminal_shows_what_it_would_if_all_were_sent(updates: Sequence[list[Piece]], erases: bool) -> None:
    buffer = ScreenBuffer()
    buffer.can_erase = erases
    buffer.resize(SIZE)
    sparing, spared = terminal()
    lavish, all_sent = terminal()
    for painted in updates:
        update = Paint(painted)
        spared.feed(buffer.difference(update, CONSOLE))
        all_sent.feed(update.render_segments(CONSOLE))
        assert looks(sparing) == looks(lavish)


def buffer_showing(*pieces: Piece, size: Size = SIZE) -> ScreenBuffer:
    buffer = ScreenBuffer()
    buffer.resize(size)
    buffer.difference(Paint(pieces), CONSOLE)
    return buffer


def test_what_is_shown_already_is_not_sent_again() -> None:
    buffer = buffer_showing((0, 0, "12 s ago", PLAIN))
    assert buffer.difference(Paint([(0, 0, "12 s ago", PLAIN)]), CONSOLE) == ""


def test_one_changed_character_is_sent_alone() -> None:
    buffer = buffer_showing((0, 1, "12 s ago", PLAIN))
    assert buffer.difference(Paint([(0, 1, "13 s ago", PLAIN)]), CONSOLE) == "\x1b[2;2H3"


def test_changes_close_together_are_sent_as_one_and_far_apart_as_two() -> None:
    buffer = buffer_showing((0, 0, "a----b---c", PLAIN))
    assert buffer.difference(Paint([(0, 0, "A----B---c", PLAIN)]), CONSOLE) == "\x1b[1;1HA----B"
    assert buffer.difference(Paint([(0, 0, "x----B---X", PLAIN)]), CONSOLE) == "\x1b[1;1Hx\x1b[10GX"


def test_another_style_is_a_difference() -> None:
    buffer = buffer_showing((0, 0, "ok", PLAIN))
    assert "ok" in buffer.difference(Paint([(0, 0, "ok", RED)]), CONSOLE)


@pytest.mark.parametrize("why", ["forgotten", "resized"])
def test_everything_is_sent_when_nothing_is_known(why: str) -> None:
    buffer = buffer_showing((0, 0, "12 s ago", PLAIN))
    if why == "forgotten":
        buffer.forget()
        buffer.resize(SIZE)
    else:
        buffer.resize(Size(WIDTH + 1, HEIGHT))
    assert "12 s ago" in buffer.difference(Paint([(0, 0, "12 s ago", PLAIN)]), CONSOLE)


def test_what_lies_beyond_the_terminal_is_not_sent() -> None:
    buffer = buffer_showing(size=Size(4, 1))
    out = buffer.difference(Paint([(0, 0, "abcdef", PLAIN), (5, 0, "x", PLAIN), (0, 1, "y", PLAIN)]), CONSOLE)
    assert out == "\x1b[0m\x1b[1;1Habcd"


def test_neighbours_of_one_style_share_it() -> None:
    buffer = ScreenBuffer()
    buffer.resize(SIZE)
    sent = buffer.difference(Paint([(1, 0, "4", RED), (1, 1, "4", RED), (1, 2, "4", RED)]), CONSOLE)
    assert sent.count("38;2;255;0;0") == 1
    screen, stream = terminal()
    stream.feed(sent)
    assert [screen.buffer[y][1].fg for y in range(HEIGHT)] == ["ff0000"] * HEIGHT


def test_a_style_that_is_on_comes_first_and_is_not_sent_again() -> None:
    buffer = buffer_showing((0, 0, "ok", PLAIN), (0, 1, "12", RED))
    sent = buffer.difference(Paint([(0, 0, "ko", PLAIN), (0, 1, "13", RED)]), CONSOLE)
    assert sent.startswith("\x1b[2;2H3")
    assert "38;2;255;0;0" not in sent


def test_of_a_style_only_what_differs_from_the_last_is_sent() -> None:
    blue = Style(color="#0000ff", bgcolor="#101010")
    buffer = buffer_showing((0, 0, "12", RED))
    assert buffer.difference(Paint([(0, 1, "7", blue)]), CONSOLE) == "\x1b[38;2;0;0;255m\x1b[2;1H7"
    assert buffer.difference(Paint([(0, 2, "8", blue + LOUD)]), CONSOLE) == "\x1b[1m\x1b[3;1H8"
    assert buffer.difference(Paint([(0, 2, "9", blue)]), CONSOLE) == "\x1b[0;38;2;0;0;255;48;2;16;16;16m\x1b[3;1H9"


def test_a_blank_shows_no_ink() -> None:
    buffer = buffer_showing((0, 0, "          ", RED))
    assert buffer.difference(Paint([(0, 0, "          ", RED + LOUD)]), CONSOLE) == ""
    assert buffer.difference(Paint([(0, 0, "          ", RED + Style(underline=True))]), CONSOLE) != ""


@pytest.mark.parametrize(("erases", "sent"), [(True, "\x1b[2;1Ha\x1b[29X"), (False, "\x1b[2;1Ha" + " " * 29)])
def test_a_long_blank_is_erased_where_the_terminal_can(erases: bool, sent: str) -> None:
    buffer = buffer_showing((0, 1, "x" * WIDTH, PLAIN))
    buffer.can_erase = erases
    assert buffer.difference(Paint([(0, 1, "a" + " " * 29, PLAIN)]), CONSOLE) == sent


def test_after_others_wrote_nothing_is_believed_of_the_style() -> None:
    buffer = buffer_showing((0, 0, "12", RED))
    buffer.forget()
    buffer.resize(SIZE)
    sent = buffer.difference(Paint([(0, 0, "12", RED)]), CONSOLE)
    assert sent.startswith("\x1b[0;38;2;255;0;0;48;2;16;16;16m")


def test_a_link_stays_on_its_own_text() -> None:
    buffer = ScreenBuffer()
    buffer.resize(SIZE)
    link = Style(link="http://a.example/b.c")
    sent = buffer.difference(Paint([(0, 0, "ab", link), (0, 1, "cd", link)]), CONSOLE)
    assert sent.count("http://a.example/b.c") == 2
    assert sent.count("\x1b]8;;\x1b\\") == 2


@pytest.mark.parametrize("evil", ["\x1b]52;c;AAAA\x07", "\x9b31m", "a\x00b", "\u202etxet", "\r", "\x7f"])
def test_what_a_widget_forgot_to_escape_does_not_reach_the_terminal(evil):
    buffer = ScreenBuffer()
    buffer.resize(SIZE)
    sent = buffer.difference(Paint([(0, 0, evil, PLAIN)]), CONSOLE)
    ours = "\x1b[0m" + Control.move_to(0, 0).segment.text
    assert sent.startswith(ours)
    rest = sent[len(ours) :].replace("\x1b[0m", "")
    assert rest
    assert rest.isprintable()
