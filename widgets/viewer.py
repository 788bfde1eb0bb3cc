"""A long text, read only: a check's output, a reply. Only what is on the screen is escaped, measured and drawn."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate
from typing import ClassVar

from rich.segment import Segment
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from hp_tui.widgets.escape import visible


class TextViewer(ScrollView, can_focus=True):
    """Shows ``text``, long lines folded at the width, control characters as signs.

    A line of ASCII is folded after as many characters as there are cells; one with other characters, which may take two
    cells each, after half as many. So a fold is found by arithmetic, and opening a megabyte takes one pass over its lines.
    """

    DEFAULT_CSS = """
    TextViewer { height: 1fr; background: transparent; scrollbar-size-vertical: 1; overflow-x: hidden; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,j", "step(1)", show=False),
        Binding("up,k", "step(-1)", show=False),
        Binding("pagedown,space,ctrl+d", "leaf(1)", show=False),
        Binding("pageup,ctrl+u", "leaf(-1)", show=False),
        Binding("home,g", "edge(-1)", show=False),
        Binding("end,G", "edge(1)", show=False),
    ]

    def __init__(self, text: str, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._lines = text.replace("\r\n", "\n").split("\n")
        if len(self._lines) > 1 and not self._lines[-1]:
            self._lines.pop()
        self._ends: list[int] = []
        self._room = 0

    def on_resize(self) -> None:
        """Fold again if the width changed; the line at the top stays there."""
        room = max(4, self.size.width - 1)
        if room == self._room:
            return
        top = self._place(round(self.scroll_y))[0] if self._room else 0
        self._room = room
        self._ends = list(accumulate(max(1, -(-len(line) // self._fold_after(line))) for line in self._lines))
        self.virtual_size = Size(self.size.width, self._ends[-1])
        self.scroll_to(y=self._ends[top - 1] if top else 0, animate=False)

    def _fold_after(self, line: str) -> int:
        """How many characters of a line are certain to fit side by side."""
        return self._room if line.isascii() else self._room // 2

    def _place(self, row: int) -> tuple[int, int]:
        """The line that is shown on this row of the folded text, and which of its folds."""
        line = min(bisect_right(self._ends, row), len(self._lines) - 1)
        return line, row - (self._ends[line - 1] if line else 0)

    def render_line(self, y: int) -> Strip:
        row = y + round(self.scroll_y)
        style = self.rich_style
        if not self._ends or row >= self._ends[-1]:
            return Strip.blank(self.size.width, style)
        number, fold = self._place(row)
        line = self._lines[number]
        step = self._fold_after(line)
        return Strip([Segment(visible(line[fold * step : (fold + 1) * step]), style)]).adjust_cell_length(
            self.size.width, style
        )

    def action_step(self, by: int) -> None:
        self.scroll_relative(y=by, animate=False)

    def action_leaf(self, by: int) -> None:
        self.scroll_relative(y=by * max(1, self.size.height - 1), animate=False)

    def action_edge(self, direction: int) -> None:
        self.scroll_to(y=0 if direction < 0 else self.max_scroll_y, animate=False)
