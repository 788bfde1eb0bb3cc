"""What the terminal shows now, cell by cell, so that only cells that differ are sent.

Textual repaints whole widgets, and everything when a layout is made anew; over a slow line, or at twenty pictures a
second, that is what makes a screen stutter. It is the idea of curses: draw into a buffer, send the difference.
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
from hp_tui.widgets.textual_internals.sgr import RESET, Look, around, change, look_of

GAP = 5
"""Unchanged cells between two changed ones from which moving the cursor costs no more than sending them."""
BLANKS = re.compile(" {10,}")
"""As many as take more bytes than erasing them and stepping over them does."""


class Piece(Struct, frozen=True):
    """Text of one style at a place; ``cells`` is its width."""

    x: int
    y: int
    text: str
    style: Style | None
    cells: int


Part = tuple[int, int, str, int]
"""Text to send: its line, its column, itself, its width."""


class Glass:
    """The cells of a terminal as far as they are known; a cell that is not known differs from everything.

    The style of what was written last stays on until something of another style is to be written: whoever else writes text
    to the terminal ends it first (:data:`hp_tui.widgets.textual_internals.sgr.RESET`) and calls :meth:`forget`.
    """

    def __init__(self) -> None:
        self._size = Size(0, 0)
        self._texts: list[list[str | None]] = []
        self._styles: list[list[Style | None]] = []
        self._worn: Look | None = None
        """What is on; None where that is not known."""
        self.erases = False
        """Whether the terminal can erase cells to the background that is on (terminfo's ``ech`` and ``bce``)."""

    @property
    def known(self) -> bool:
        """Whether anything is known of what the terminal shows."""
        return bool(self._size)

    def forget(self) -> None:
        """Know nothing: the terminal was resized, or somebody else wrote on it."""
        self._size = Size(0, 0)
        self._worn = None

    def fit(self, size: Size) -> None:
        """Take on the terminal's size; another one than before forgets everything."""
        if size != self._size:
            self._size = size
            self._texts = [[None] * size.width for _ in range(size.height)]
            self._styles = [[None] * size.width for _ in range(size.height)]

    def difference(self, update: CompositorUpdate, console: Console) -> str:
        """What to write so that the terminal shows ``update``; '' when it does already. It counts as written.

        Look by look, as a change of look takes more bytes than a move: next is what differs least from what is on. Blanks
        go with whatever is on their ground.
        """
        looks: dict[Look, list[Part]] = {}
        blanks: dict[str, list[Part]] = {}
        others: list[tuple[Style | None, Part]] = []
        for piece in pieces(update, console):
            if piece.y >= self._size.height or piece.x >= self._size.width:
                continue
            look = look_of(piece.style, console)
            for x, text, cells in self._changed(piece, look, console):
                part = (piece.y, x, text, cells)
                if look is None:
                    others.append((piece.style, part))
                elif look.blank and text.isspace():
                    blanks.setdefault(look.ground, []).append(part)
                else:
                    looks.setdefault(look, []).append(part)
        out: list[str] = []
        while looks:
            look = min(looks, key=lambda one: len(change(self._worn, one)))
            out += self._wearing(look, looks.pop(look) + (blanks.pop(look.ground, []) if look.blank else []))
        for ground, parts in blanks.items():
            out += self._wearing(Look(ground=ground), parts)
        for style, part in others:  # each ended at once: nobody else is to become part of a link
            before, after = around(style, console)
            out += [RESET, before, *_placed([part]), after]
            self._worn = None
        return "".join(out)

    def _wearing(self, look: Look, parts: list[Part]) -> list[str]:
        """The parts of a look, switched on where it is not on yet."""
        switch = change(self._worn, look)
        self._worn = look
        return [switch, *_placed(sorted(parts), erasing=self.erases and look.blank)]

    def _changed(self, piece: Piece, look: Look | None, console: Console) -> Iterator[tuple[int, str, int]]:
        """The parts of a piece that differ, each with its column and width; the piece is noted as shown."""
        texts, styles = self._texts[piece.y], self._styles[piece.y]
        end = piece.x + piece.cells
        if piece.cells != len(piece.text):
            yield from self._changed_whole(piece)
            return
        if texts[piece.x : end].count(None) == piece.cells:  # nothing is known of it, as at the start
            texts[piece.x : end], styles[piece.x : end] = piece.text, [piece.style] * piece.cells
            yield piece.x, piece.text, piece.cells
            return
        start = last = -1
        for offset, char in enumerate(piece.text[: len(texts) - piece.x]):
            x = piece.x + offset
            style = styles[x]
            if texts[x] == char:
                if style is piece.style or style == piece.style:
                    continue
                if char == " " and _same_ground(look, look_of(style, console)):
                    continue
            texts[x], styles[x] = char, piece.style
            if start >= 0 and offset - last > GAP:
                yield piece.x + start, piece.text[start : last + 1], last + 1 - start
                start = offset
            elif start < 0:
                start = offset
            last = offset
        if start >= 0:
            yield piece.x + start, piece.text[start : last + 1], last + 1 - start

    def _changed_whole(self, piece: Piece) -> Iterator[tuple[int, str, int]]:
        """Of wide or combining characters a piece is one whole: its second cell onwards stands for the first."""
        texts, styles = self._texts[piece.y], self._styles[piece.y]
        end = piece.x + piece.cells
        whole: list[str | None] = [piece.text, *[""] * (piece.cells - 1)]
        if texts[piece.x : end] != whole or any(style != piece.style for style in styles[piece.x : end]):
            texts[piece.x : end] = whole[: len(texts[piece.x : end])]
            styles[piece.x : end] = [piece.style] * len(styles[piece.x : end])
            yield piece.x, piece.text, piece.cells


def _same_ground(one: Look | None, other: Look | None) -> bool:
    """Whether blanks of the two look the same."""
    return one is not None and other is not None and one.ground == other.ground and one.blank and other.blank


def _placed(parts: Iterable[Part], *, erasing: bool = False) -> Iterator[str]:
    """Each text at its place; one that follows another on the same line needs no move."""
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


def pieces(update: CompositorUpdate, console: Console) -> Iterator[Piece]:
    """What an update paints, wherever it is."""
    x = y = 0
    for segment in update.__rich_console__(console, console.options):  # type: ignore[attr-defined]  # each kind has it
        if segment.control:
            for code in segment.control:
                if code[0] is ControlType.CURSOR_MOVE_TO:
                    x, y = code[1], code[2]
        elif segment.text == "\n":
            x, y = 0, y + 1
        elif segment.text:
            # The last gate: what a widget forgot to escape, or a user pasted into an input, must not drive the terminal.
            text = segment.text if segment.text.isprintable() else visible(segment.text)
            cells = cell_len(text)
            yield Piece(x, y, text, segment.style, cells)
            x += cells


class Difference(CompositorUpdate):
    """An update that has been compared with the glass already."""

    def __init__(self, sequence: str) -> None:
        self._sequence = sequence

    def render_segments(self, console: Console) -> str:
        return self._sequence
