"""What the terminal shows now, cell by cell, so that only cells that differ are sent.

Textual repaints whole widgets, and the whole screen after each layout. Over a slow line, or at twenty pictures a second,
that makes a screen stutter. As in curses, drawing goes into a buffer and the difference is sent.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from msgspec import Struct
from rich.cells import cell_len
from rich.console import Console
from rich.segment import ControlType
from rich.style import Style
from textual._compositor import CompositorUpdate
from textual.geometry import Size

from hp_tui.widgets.escape import visible
from hp_tui.widgets.textual_internals.sgr import RESET, TerminalStyle, around, switch, terminal_style

GAP = 5
"""Unchanged cells between two changed ones from which moving the cursor costs no more than sending them."""
BLANKS = re.compile(" {10,}")
"""So many that erasing them and moving over them takes fewer bytes."""


class StyledText(Struct, frozen=True):
    """Text of one style at a place; ``cells`` is its width."""

    x: int
    y: int
    text: str
    style: Style | None
    cells: int


PlacedText = tuple[int, int, str, int]
"""Text to send: its line, its column, itself, its width."""


class ScreenBuffer:
    """The cells of a terminal as far as they are known. A cell that is not known differs from everything.

    The style that was written last stays on until text of another style is written. Other code that writes to the terminal
    ends it first (:data:`hp_tui.widgets.textual_internals.sgr.RESET`) and calls :meth:`forget`.
    """

    def __init__(self) -> None:
        self._size = Size(0, 0)
        self._texts: list[list[str | None]] = []
        self._styles: list[list[Style | None]] = []
        self._current: TerminalStyle | None = None
        """The style that is on; None where that is not known."""
        self.can_erase = False
        """Whether the terminal can erase cells to the background that is on (terminfo's ``ech`` and ``bce``)."""

    @property
    def known(self) -> bool:
        """Whether anything is known of what the terminal shows."""
        return bool(self._size)

    def forget(self) -> None:
        """Take every cell as unknown: the terminal was resized, or another program wrote on it."""
        self._size = Size(0, 0)
        self._current = None

    def resize(self, size: Size) -> None:
        """Set the terminal's size. If it changed, everything is forgotten."""
        if size != self._size:
            self._size = size
            self._texts = [[None] * size.width for _ in range(size.height)]
            self._styles = [[None] * size.width for _ in range(size.height)]

    def difference(self, update: CompositorUpdate, console: Console) -> str:
        """What to write so that the terminal shows ``update``; '' when it does already. It counts as written.

        One style after another, as switching takes more bytes than moving the cursor: next is the style that differs least
        from the current one. Blanks are written with any style that has their background.
        """
        by_style: dict[TerminalStyle, list[PlacedText]] = {}
        blanks: dict[str, list[PlacedText]] = {}
        others: list[tuple[Style | None, PlacedText]] = []
        for item in styled_texts(update, console):
            if item.y >= self._size.height or item.x >= self._size.width:
                continue
            style_to_set = terminal_style(item.style, console)
            for x, text, cells in self._changed(item, style_to_set, console):
                part = (item.y, x, text, cells)
                if style_to_set is None:
                    others.append((item.style, part))
                elif style_to_set.blank and text.isspace():
                    blanks.setdefault(style_to_set.background, []).append(part)
                else:
                    by_style.setdefault(style_to_set, []).append(part)
        out: list[str] = []
        while by_style:
            style_to_set = min(by_style, key=lambda one: len(switch(self._current, one)))
            same_background = blanks.pop(style_to_set.background, []) if style_to_set.blank else []
            out += self._in_style(style_to_set, by_style.pop(style_to_set) + same_background)
        for background, parts in blanks.items():
            out += self._in_style(TerminalStyle(background=background), parts)
        for style, part in others:  # each is ended at once: no other text may become part of a link
            before, after = around(style, console)
            out += [RESET, before, *_placed([part]), after]
            self._current = None
        return "".join(out)

    def _in_style(self, style_to_set: TerminalStyle, parts: list[PlacedText]) -> list[str]:
        """The texts of one style, which is switched on first where it is not on yet."""
        sequence = switch(self._current, style_to_set)
        self._current = style_to_set
        return [sequence, *_placed(sorted(parts), erasing=self.can_erase and style_to_set.blank)]

    def _changed(
        self, item: StyledText, style_to_set: TerminalStyle | None, console: Console
    ) -> Iterator[tuple[int, str, int]]:
        """The parts of a text that differ from the screen, each with its column and width. The text then counts as shown."""
        texts, styles = self._texts[item.y], self._styles[item.y]
        end = item.x + item.cells
        if item.cells != len(item.text):
            yield from self._changed_whole(item)
            return
        if texts[item.x : end].count(None) == item.cells:  # nothing is known of it, as at the start
            texts[item.x : end], styles[item.x : end] = item.text, [item.style] * item.cells
            yield item.x, item.text, item.cells
            return
        start = last = -1
        for offset, char in enumerate(item.text[: len(texts) - item.x]):
            x = item.x + offset
            style = styles[x]
            if texts[x] == char:
                if style is item.style or style == item.style:
                    continue
                if char == " " and _same_background(style_to_set, terminal_style(style, console)):
                    continue
            texts[x], styles[x] = char, item.style
            if start >= 0 and offset - last > GAP:
                yield item.x + start, item.text[start : last + 1], last + 1 - start
                start = offset
            elif start < 0:
                start = offset
            last = offset
        if start >= 0:
            yield item.x + start, item.text[start : last + 1], last + 1 - start

    def _changed_whole(self, item: StyledText) -> Iterator[tuple[int, str, int]]:
        """A text with wide or combining characters is compared as a whole. Its first cell holds it, the others are empty."""
        texts, styles = self._texts[item.y], self._styles[item.y]
        end = item.x + item.cells
        whole: list[str | None] = [item.text, *[""] * (item.cells - 1)]
        if texts[item.x : end] != whole or any(style != item.style for style in styles[item.x : end]):
            texts[item.x : end] = whole[: len(texts[item.x : end])]
            styles[item.x : end] = [item.style] * len(styles[item.x : end])
            yield item.x, item.text, item.cells


def _same_background(one: TerminalStyle | None, other: TerminalStyle | None) -> bool:
    """Whether blanks in both styles look the same on the screen."""
    return one is not None and other is not None and one.background == other.background and one.blank and other.blank


def _placed(parts: Iterable[PlacedText], *, erasing: bool = False) -> Iterator[str]:
    """The sequences that write each text at its place. A text right behind another one needs no cursor move."""
    at = (-1, -1)
    for y, x, text, cells in parts:
        if (y, x) != at:
            yield f"\x1b[{x + 1}G" if y == at[0] else f"\x1b[{y + 1};{x + 1}H"
        at = (y, x + cells)
        if erasing and cells == len(text):
            blank_end = len(text) - len(text.rstrip(" "))
            if blank_end > 5:  # erasing does not move the cursor: nothing of this line may follow without a move
                text, at = text[: len(text) - blank_end], (y, -1)
                text = BLANKS.sub(_erased, text) + f"\x1b[{blank_end}X"
            else:
                text = BLANKS.sub(_erased, text)
        yield text


def _erased(blanks: re.Match[str]) -> str:
    number = len(blanks[0])
    return f"\x1b[{number}X\x1b[{number}C"


def styled_texts(update: CompositorUpdate, console: Console) -> Iterator[StyledText]:
    """The texts that an update paints, each with its place."""
    x = y = 0
    for segment in update.__rich_console__(console, console.options):  # type: ignore[attr-defined]  # each kind has it
        if segment.control:
            for code in segment.control:
                if code[0] is ControlType.CURSOR_MOVE_TO:
                    x, y = code[1], code[2]
        elif segment.text == "\n":
            x, y = 0, y + 1
        elif segment.text:
            # The last check: no control character that a widget forgot to escape, or a user pasted, may reach the terminal.
            text = segment.text if segment.text.isprintable() else visible(segment.text)
            cells = cell_len(text)
            yield StyledText(x, y, text, segment.style, cells)
            x += cells


class RawUpdate(CompositorUpdate):
    """Bytes for the terminal in the form of an update: they were compared with the screen buffer already."""

    def __init__(self, sequence: str) -> None:
        self._sequence = sequence

    def render_segments(self, console: Console) -> str:
        return self._sequence
