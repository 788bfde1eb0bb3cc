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
"""Segments that show the mark of a marked row: its first two columns and the gap between."""

Sized = Sequence[tuple[Column, int]]
"""The columns that are shown, each with its width."""


class TableStyle(Struct, frozen=True):
    """What all lines of a table share: its own style, the theme, and whether all is muted because the data is old."""

    base: Style
    dark: bool
    stale: bool = False

    def toned(self, tone: Tone) -> Style:
        """The table's style with the colour of ``tone``."""
        return self.base + tone_style(tone, self.dark)


def cursor_style(*, dark: bool, focused: bool, few_colours: bool = False) -> Style:
    """The extra style of the row under the cursor. Of 16 colours none is a background on which all tones can be read."""
    if few_colours:
        return Style(reverse=focused or None, bold=True)
    if focused:
        return Style(bgcolor=CURSOR_DARK if dark else CURSOR_LIGHT, bold=True)
    return Style(bgcolor="#20262e" if dark else "#ebe8e0")


def label_line(sized: Sized, width: int, table_style: TableStyle, *, sorted_by: str, reverse: bool) -> Strip:
    """The line of column labels, with an arrow at the one that rows are sorted by."""
    labels = []
    for column, cells in sized:
        arrow = ("▾" if reverse else "▴") if column.key == sorted_by else ""
        labels.append(fit(column.label + arrow, cells, right=column.right))
    return remark_line((" " * GAP).join(labels), width, table_style)


def remark_line(text: str, width: int, table_style: TableStyle) -> Strip:
    """A muted text instead of a row."""
    return Strip([Segment(fit(text, width), table_style.toned(Tone.MUTED))])


def row_line(
    row: Row, sized: Sized, width: int, table_style: TableStyle, *, cursor: Style | None, marked: bool
) -> Strip:
    """A row's cells; ``cursor`` is :func:`cursor_style` for the row under it."""
    base = table_style.base + cursor
    segments: list[Segment] = []
    for column, cells in sized:
        if segments:
            segments.append(Segment(" " * GAP, base))
        badge = row.cells.get(column.key, _EMPTY)
        if marked and len(segments) < MARKED_SEGMENTS:
            badge = replace(badge, text=badge.text if segments else "◆", tone=Tone.INFO, bold=True)
        tone = Tone.MUTED if table_style.stale else badge.tone
        if tone is Tone.MUTED and base.bgcolor != table_style.base.bgcolor:
            tone = Tone.PLAIN  # muted on the cursor's colour cannot be read in 16 colours
        style = base + tone_style(tone, table_style.dark)
        if badge.bold:
            style += Style(bold=True)
        segments.append(Segment(fit(badge.text, cells, right=column.right), style))
    return Strip(segments).adjust_cell_length(width, base)


def group_line(row: Row, width: int, table_style: TableStyle) -> Strip:
    """A heading: its badges one after another."""
    segments: list[Segment] = []
    for badge in row.cells.values():
        if badge.text:
            style = table_style.toned(Tone.MUTED if table_style.stale else badge.tone) + Style(bold=badge.bold or None)
            segments += [Segment(badge.text, style), Segment(" ", table_style.base)]
    return Strip(segments).adjust_cell_length(width, table_style.base)
