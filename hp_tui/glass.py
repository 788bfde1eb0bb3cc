"""What the terminal shows now, cell by cell, so that only cells that differ are sent.

Textual repaints whole widgets, and everything when a layout is made anew; over a slow line, or at twenty pictures a
second, that is what makes a screen stutter. It is the idea of curses: draw into a buffer, send the difference.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

from msgspec import Struct
from rich.cells import cell_len
from rich.console import Console
from rich.control import Control
from rich.segment import ControlType, Segment
from rich.style import Style
from textual._compositor import CompositorUpdate
from textual.geometry import Size
from textual.strip import Strip

from widgets.escape import visible

GAP = 6
"""Unchanged cells between two changed ones that are sent all the same: moving the cursor costs more."""
RESET = "\x1b[0m"
"""Ends every style (ECMA-48, SGR 0)."""


class Piece(Struct, frozen=True):
    """Text of one style at a place; ``cells`` is its width."""

    x: int
    y: int
    text: str
    style: Style | None
    cells: int


Part = tuple[int, int, str, int]
"""Text to send: its column, its line, itself, its width."""


class Glass:
    """The cells of a terminal as far as they are known; a cell that is not known differs from everything.

    The style of what was written last stays on until something of another style is to be written: whoever else writes text
    to the terminal ends it first (:data:`RESET`) and calls :meth:`forget`.
    """

    def __init__(self) -> None:
        self._size = Size(0, 0)
        self._texts: list[list[str | None]] = []
        self._styles: list[list[Style | None]] = []
        self._worn: str | None = None
        """What switched on the style that is on; '' for none, None where that is not known."""

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

        Style by style, as a style takes many times the bytes of a move: what is on already comes first.
        """
        styled: dict[tuple[str, str], list[Part]] = {}
        for piece in pieces(update, console):
            if piece.y < self._size.height and piece.x < self._size.width:
                changed = [(x, piece.y, text, cells) for x, text, cells in self._changed(piece)]
                if changed:
                    styled.setdefault(_around(piece.style, console), []).extend(changed)
        out: list[str] = []
        for before, after in sorted(styled, key=lambda style: style[0] != self._worn):
            parts = styled[before, after]
            # A style with more to it than colours, such as a link, is ended behind each text.
            for run in [parts] if after in {RESET, ""} else [[part] for part in parts]:
                if before != self._worn:
                    out += ("" if self._worn == "" else RESET, before)
                out += _placed(run)
                out.append("" if run is parts else after)
                self._worn = before if run is parts else None
        return "".join(out)

    def _changed(self, piece: Piece) -> Iterator[tuple[int, str, int]]:
        """The parts of a piece that differ, each with its column and width; the piece is noted as shown."""
        texts, styles = self._texts[piece.y], self._styles[piece.y]
        end = piece.x + piece.cells
        if piece.cells != len(piece.text):
            # Wide or combining characters: the piece is one whole, its second cell onwards stands for the first.
            whole: list[str | None] = [piece.text, *[""] * (piece.cells - 1)]
            if texts[piece.x : end] != whole or any(style != piece.style for style in styles[piece.x : end]):
                texts[piece.x : end] = whole[: len(texts[piece.x : end])]
                styles[piece.x : end] = [piece.style] * len(styles[piece.x : end])
                yield piece.x, piece.text, piece.cells
            return
        if texts[piece.x : end].count(None) == piece.cells:  # nothing is known of it, as at the start
            texts[piece.x : end], styles[piece.x : end] = piece.text, [piece.style] * piece.cells
            yield piece.x, piece.text, piece.cells
            return
        start = last = -1
        for offset, char in enumerate(piece.text[: len(texts) - piece.x]):
            x = piece.x + offset
            style = styles[x]
            if texts[x] == char and (style is piece.style or style == piece.style):
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


def _placed(parts: Iterable[Part]) -> Iterator[str]:
    """Each text at its place; one that follows another on the same line needs no move."""
    at = (-1, -1)
    for x, y, text, cells in parts:
        if (x, y) != at:
            yield Control.move_to(x, y).segment.text
        yield text
        at = (x + cells, y)


@lru_cache(maxsize=1024)
def _around(style: Style | None, console: Console) -> tuple[str, str]:
    """What stands before and after a text of this style. A style stays on until something ends it: neighbours share it."""
    before, _, after = Strip([Segment("\0", style)]).render(console).partition("\0")
    return before, after


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
