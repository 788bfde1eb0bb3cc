"""The lines of a table: its columns' labels, a row's cells, a heading that runs over all columns."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from hp_tui.widgets.columns import GAP
from hp_tui.widgets.escape import fit
from hp_tui.widgets.theme import CURSOR_DARK, CURSOR_LIGHT, tone_style
from hp_tui.widgets.values import Badge, Column, Row, Tone

_EMPTY = Badge("")
MARKED_SEGMENTS = 3
"""What of a marked row shows that it is: its first two columns, and the gap between."""

Sized = Sequence[tuple[Column, int]]
"""The columns that are shown, each with its width."""


class Look(Struct, frozen=True):
    """How a table looks as a whole: its own style, the theme, and whether all of it is muted, as old data is."""

    base: Style
    dark: bool
    stale: bool = False

    def toned(self, tone: Tone) -> Style:
        """The table's style with the colour of ``tone``."""
        return self.base + tone_style(tone, self.dark)


def cursor_style(*, dark: bool, focused: bool, few_colours: bool = False) -> Style:
    """What the row under the cursor has besides. Among 16 colours no ground is left on which all tones can be read."""
    if few_colours:
        return Style(reverse=focused or None, bold=True)
    if focused:
        return Style(bgcolor=CURSOR_DARK if dark else CURSOR_LIGHT, bold=True)
    return Style(bgcolor="#20262e" if dark else "#ebe8e0")


def label_line(sized: Sized, width: int, look: Look, *, sorted_by: str, reverse: bool) -> Strip:
    """The columns' labels, an arrow at the one that rows are sorted by."""
    render_queue = []
    for column, cells in sized:
        arrow = ("▾" if reverse else "▴") if column.key == sorted_by else ""
        render_queue.append(fit(column.label + arrow, cells, right=column.right))
    return remark_line((" " * GAP).join(render_queue), width, look)


def remark_line(text: str, width: int, look: Look) -> Strip:
    """A muted text instead of a row."""
    return Strip([Segment(fit(text, width), look.toned(Tone.MUTED))])


def row_line(row: Row, sized: Sized, width: int, look: Look, *, cursor: Style | None, marked: bool) -> Strip:
    """A row's cells; ``cursor`` is :func:`cursor_style` for the row under it."""
    base = look.base + cursor
    segments: list[Segment] = []
    for column, cells in sized:
        if segments:
            segments.append(Segment(" " * GAP, base))
        badge = row.cells.get(column.key, _EMPTY)
        if marked and len(segments) < MARKED_SEGMENTS:
            badge = replace(badge, text=badge.text if segments else "◆", tone=Tone.INFO, bold=True)
        tone = Tone.MUTED if look.stale else badge.tone
        if tone is Tone.MUTED and base.bgcolor != look.base.bgcolor:
            tone = Tone.PLAIN  # muted on the cursor's colour cannot be read in 16 colours
        style = base + tone_style(tone, look.dark)
        if badge.bold:
            style += Style(bold=True)
        segments.append(Segment(fit(badge.text, cells, right=column.right), style))
    return Strip(segments).adjust_cell_length(width, base)


def group_line(row: Row, width: int, look: Look) -> Strip:
    """A heading: its badges one after another."""
    segments: list[Segment] = []
    for badge in row.cells.values():
        if badge.text:
            style = look.toned(Tone.MUTED if look.stale else badge.tone) + Style(bold=badge.bold or None)
            segments += [Segment(badge.text, style), Segment(" ", look.base)]
    return Strip(segments).adjust_cell_length(width, look.base)
