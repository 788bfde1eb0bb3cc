"""Transitions over time: a strip of the newest, and the whole list."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace
from rich.cells import cell_len
from rich.segment import Segment
from textual.strip import Strip
from textual.widget import Widget

from hp_tui.widgets.escape import fit
from hp_tui.widgets.style_cache import StyleCache
from hp_tui.widgets.table import FleetTable
from hp_tui.widgets.theme import tone_style
from hp_tui.widgets.values import GLYPHS, Badge, Column, Row, TimelineItem, Tone

TIME = 8
"""Cells of a time of today; the column grows for those with a date."""


class TimelineStrip(StyleCache, Widget):
    """One or two lines: the newest items, the last one at the right of the last line."""

    DEFAULT_CSS = "TimelineStrip { height: 1; background: $background; }"

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._items: tuple[TimelineItem, ...] = ()

    def set_items(self, items: Sequence[TimelineItem]) -> None:
        """Oldest first; the newest are shown."""
        new = tuple(items[-8:])
        if new != self._items:
            self._items = new
            self.refresh()

    def render_line(self, y: int) -> Strip:
        width, height = self.size
        base = self.rich_style
        dark = self.dark
        waiting = list(self._items)
        lines: list[list[TimelineItem]] = []
        for _ in range(height):
            line: list[TimelineItem] = []
            used = 1
            while waiting and (not line or used + _length(waiting[-1]) + 3 <= width):
                used += _length(waiting[-1]) + 3
                line.insert(0, waiting.pop())
            lines.insert(0, line)
        segments = [Segment(" ", base)]
        for item in lines[y] if y < len(lines) else ():
            if len(segments) > 1:
                segments.append(Segment("   ", base))
            # Only a line of one item can be too long: its last words are the ones to go.
            head = f"{item.time} ", f"{GLYPHS[item.tone]} {item.subject} "
            room = width - 2 - cell_len("".join(head))
            text = item.text if cell_len(item.text) <= room else fit(item.text, room)
            segments += [
                Segment(head[0], base + tone_style(Tone.MUTED, dark)),
                Segment(head[1], base + tone_style(item.tone, dark)),
                Segment(text, base + tone_style(Tone.PLAIN, dark)),
            ]
        return Strip(segments).adjust_cell_length(width, base)


def _length(item: TimelineItem) -> int:
    return cell_len(item.time) + cell_len(item.subject) + cell_len(item.text) + 4


class TimelineView(FleetTable):
    """All of it, newest first. Rows are keyed by ``TimelineItem.key``; Enter posts ``RowSelected``."""

    COLUMNS = (
        Column("time", "TIME", TIME),
        Column("subject", "WHAT", 18, grow=1),
        Column("text", "CHANGE", 20, grow=4),
    )

    def __init__(self, *, empty: str = "nothing has changed yet", id: str | None = None) -> None:  # noqa: A002
        super().__init__(self.COLUMNS, empty=empty, id=id)
        self._items_by_key: dict[str, TimelineItem] = {}

    def set_items(self, items: Sequence[TimelineItem]) -> None:
        """Oldest first, as the model has them."""
        self._items_by_key = {item.key: item for item in items}
        longest = max((cell_len(item.time) for item in items), default=0)
        self.set_columns((replace(self.COLUMNS[0], width=max(TIME, longest)), *self.COLUMNS[1:]))
        self.set_rows([self._row(item) for item in reversed(items)])

    def item(self, key: str) -> TimelineItem | None:
        """The item of a row."""
        return self._items_by_key.get(key)

    @staticmethod
    def _row(item: TimelineItem) -> Row:
        return Row(
            item.key,
            {
                "time": Badge(item.time, Tone.MUTED),
                "subject": Badge(f"{GLYPHS[item.tone]} {item.subject}", item.tone),
                "text": Badge(item.text),
            },
        )
