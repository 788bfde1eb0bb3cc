"""A virtual table: only lines on the screen are drawn, so ten thousand rows cost no more than twenty."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from msgspec.structs import replace
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from hp_tui.widgets.changed_lines import ChangedLines
from hp_tui.widgets.columns import layout
from hp_tui.widgets.row_lines import TableStyle, cursor_style, group_line, label_line, remark_line, row_line
from hp_tui.widgets.textual_internals.virtual_size import set_virtual_size
from hp_tui.widgets.values import Column, Row


class FleetTable(ChangedLines, ScrollView, can_focus=True):
    """Rows with a cursor that stays on its row, and on its screen line, when the rows change.

    ``set_columns`` and ``set_rows`` set what is shown; rows are shown in the order given. The cursor skips heading rows.
    ``empty`` is the sentence shown when there are no rows.
    """

    DEFAULT_CSS = """
    FleetTable { background: transparent; scrollbar-size-vertical: 1; scrollbar-size-horizontal: 0; overflow-x: hidden; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", show=False),
        Binding("down,j", "move(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
        Binding("pagedown", "page(1)", show=False),
        Binding("home,g", "edge(-1)", show=False),
        Binding("end,G", "edge(1)", show=False),
        Binding("enter", "select", show=False),
    ]

    class RowHighlighted(Message):
        """The cursor moved to the row ``key``."""

        def __init__(self, table: FleetTable, key: str) -> None:
            super().__init__()
            self.table = table
            self.key = key

        @property
        def control(self) -> FleetTable:
            return self.table

    class RowSelected(RowHighlighted):
        """Enter, or a click on the row under the cursor."""

    def __init__(self, columns: Sequence[Column] = (), *, empty: str = "", id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._columns = tuple(columns)
        self._rows: tuple[Row, ...] = ()
        self._index: dict[str, int] = {}
        self._cursor = ""
        self._sorted_by = ""
        self._reverse = False
        self._empty = empty
        self._stale = False
        self._marked: frozenset[str] = frozenset()

    # What is shown.

    @property
    def _head(self) -> int:
        """Lines above the rows: none where no column has a label."""
        return int(any(column.label for column in self._columns))

    @property
    def cursor_key(self) -> str:
        """The key of the row under the cursor; '' without rows."""
        return self._cursor

    @property
    def rows(self) -> tuple[Row, ...]:
        """The rows as last set."""
        return self._rows

    def visible_rows(self) -> tuple[Row, ...]:
        """The rows on screen now."""
        top = round(self.scroll_y)
        return self._rows[top : top + max(1, self.size.height - self._head)]

    def set_columns(self, columns: Sequence[Column], sorted_by: str = "", reverse: bool = False) -> None:
        """Show these columns; ``sorted_by`` names the one with the arrow, which gets room for it and stays."""
        fitted = (
            replace(one, drop=0, width=max(one.width, len(one.label) + 1)) if one.key == sorted_by else one
            for one in columns
        )
        state = (tuple(fitted), sorted_by, reverse)
        if state != (self._columns, self._sorted_by, self._reverse):
            self._columns, self._sorted_by, self._reverse = state
            self.refresh_changed_lines()

    def set_empty(self, sentence: str) -> None:
        """What to say when there are no rows."""
        if sentence != self._empty:
            self._empty = sentence
            self.refresh_changed_lines()

    def set_stale(self, stale: bool) -> None:
        """Draw everything muted: the data is old."""
        if stale != self._stale:
            self._stale = stale
            self.refresh_changed_lines()

    def set_marked(self, keys: frozenset[str]) -> None:
        """Draw a mark on the rows of these keys; the caller decides what a mark means."""
        if keys != self._marked:
            self._marked = keys
            self.refresh_changed_lines()

    def keys_between(self, one: str, other: str) -> tuple[str, ...]:
        """Keys of the rows from one to the other, whichever comes first; () if one is not there. Headings are left out."""
        ends = [self._index[key] for key in (one, other) if key in self._index]
        if len(ends) < 2:
            return ()
        return tuple(row.key for row in self._rows[min(ends) : max(ends) + 1] if not row.heading)

    def set_rows(self, rows: Sequence[Row]) -> None:
        """Show these rows. The cursor stays on its key and its screen line; only lines that differ are painted."""
        new = tuple(rows)
        old, self._rows = self._rows, new
        before = self.cursor_row()
        self._index = {row.key: number for number, row in enumerate(new)}
        left, self._cursor = self._cursor, self._successor(old[before] if before is not None else None, before or 0)
        if self._cursor and self._cursor != left:
            self.post_message(self.RowHighlighted(self, self._cursor))
        after = self._index.get(self._cursor)
        shift = after - before if after is not None and before is not None else 0
        set_virtual_size(self, Size(self.size.width, len(new) + self._head))
        if shift and self.scroll_y:
            self._scroll(round(self.scroll_y) + shift)
        elif shift:
            self._show_cursor()  # at the top, new red rows come into view as long as the cursor stays visible
        self.refresh_changed_lines()

    def cursor_row(self) -> int | None:
        """The number of the cursor's row."""
        return self._index.get(self._cursor)

    def move_cursor(self, key: str) -> None:
        """Put the cursor on a row, if it is there."""
        if key in self._index and key != self._cursor:
            self._cursor = key
            self._show_cursor()
            self.refresh_changed_lines()
            self.post_message(self.RowHighlighted(self, key))

    def _successor(self, was: Row | None, number: int) -> str:
        """The key of the row that gets the cursor: the same row, else one of its group, else the nearest to ``number``.

        When a group opens, its one row becomes a heading over others; when it closes, they become one row again.
        """
        here = self._index.get(self._cursor)
        if here is not None and not self._rows[here].heading:
            return self._cursor
        group = was.group if was else ""
        same = (row.key for row in self._rows if row.group == group and not row.heading) if group else iter(())
        return next(same, "") or self._near(number)

    def _near(self, number: int) -> str:
        """The key of the first row that can be chosen at or after ``number``, else before."""
        rows = self._rows
        ahead = next((row.key for row in rows[number:] if not row.heading), "")
        return ahead or next((row.key for row in reversed(rows[:number]) if not row.heading), "")

    # Moving.

    def action_move(self, step: int) -> None:
        number = self.cursor_row()
        if number is None:
            return
        number += step
        while 0 <= number < len(self._rows) and self._rows[number].heading:
            number += step
        if 0 <= number < len(self._rows):
            self.move_cursor(self._rows[number].key)
        elif step < 0:
            self.scroll_home(animate=False)

    def action_page(self, direction: int) -> None:
        number = self.cursor_row()
        if number is None:
            return
        target = number + direction * max(1, self.size.height - self._head - 1)
        target = min(len(self._rows) - 1, max(0, target))
        self.move_cursor(self._near(target))

    def action_edge(self, direction: int) -> None:
        if self._rows:
            self.move_cursor(self._near(0 if direction < 0 else len(self._rows) - 1))

    def action_select(self) -> None:
        if self._cursor:
            self.post_message(self.RowSelected(self, self._cursor))

    def on_click(self, event: events.Click) -> None:
        number = event.y - self._head + round(self.scroll_y)
        if event.y < self._head or not 0 <= number < len(self._rows) or self._rows[number].heading:
            return
        key = self._rows[number].key
        if key == self._cursor:
            self.action_select()
        else:
            self.move_cursor(key)

    def _show_cursor(self) -> None:
        number = self.cursor_row()
        if number is None:
            return
        height = max(1, self.size.height - self._head)
        top = round(self.scroll_y)
        # A group's heading comes into view with its first row.
        first = number - 1 if number and self._rows[number - 1].heading else number
        if first < top:
            self._scroll(first)
        elif number >= top + height:
            self._scroll(number - height + 1)

    def _scroll(self, line: int) -> None:
        """Scroll at once: Textual would do it after the next layout, and the next rows may come before that."""
        self.scroll_to(y=line, animate=False, force=True, immediate=True)

    # Drawing.

    def on_resize(self) -> None:
        set_virtual_size(self, Size(self.size.width, len(self._rows) + self._head))
        self._show_cursor()

    def on_focus(self) -> None:
        self.refresh_changed_lines()

    def on_blur(self) -> None:
        self.refresh_changed_lines()

    def style_key(self) -> object:
        state = self._columns, self._sorted_by, self._reverse, self._stale
        return (*state, self.has_focus, self.dark, self.scrollable_content_region.width)

    def line_key(self, y: int) -> object:
        if y < self._head:
            return "head"
        row = self._row_at(y)
        if row is None:
            return self._empty if not self._rows and y == 2 * self._head else ""
        return row, row.key == self._cursor, row.key in self._marked

    def _row_at(self, y: int) -> Row | None:
        number = y - self._head + round(self.scroll_y)
        return self._rows[number] if number < len(self._rows) else None

    def render_line(self, y: int) -> Strip:
        # The last cell stays blank: a scrollbar or the frame follows.
        width = self.scrollable_content_region.width - 1
        sized = layout(self._columns, width)
        if y < self._head:
            return label_line(sized, width, self._table_style, sorted_by=self._sorted_by, reverse=self._reverse)
        row = self._row_at(y)
        if row is None:
            return remark_line(str(self.line_key(y)), width, self._table_style)
        return self._row_line(row, sized, width)

    def _row_line(self, row: Row, sized: list[tuple[Column, int]], width: int) -> Strip:
        if row.heading:
            return group_line(row, width, self._table_style)
        cursor = self._cursor_style() if row.key == self._cursor else None
        return row_line(row, sized, width, self._table_style, cursor=cursor, marked=row.key in self._marked)

    def _cursor_style(self) -> Style:
        few = self.app.console.color_system == "standard"
        return cursor_style(dark=self.dark, focused=self.has_focus, few_colours=few)

    @property
    def _table_style(self) -> TableStyle:
        return TableStyle(self.rich_style, self.dark, self._stale)
