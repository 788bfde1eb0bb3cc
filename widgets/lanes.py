"""Attempts of test calls: one lane for each endpoint, the newest attempt at the right."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from rich.segment import Segment
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from hp_tui.widgets.escape import fit
from hp_tui.widgets.style_cache import StyleCache
from hp_tui.widgets.theme import tone_style
from hp_tui.widgets.values import Lane, Mark, Tone

MARK_TONE = {Mark.OK: Tone.GOOD, Mark.FAILED: Tone.BAD, Mark.RETRIED: Tone.WARN, Mark.REJECTED: Tone.MUTED}
LABEL_SHARE = 3
"""Labels take at most a third of the width."""


class LanesView(StyleCache, ScrollView):
    """``set_lanes`` sets what is shown. Of a lane's marks the newest ones that fit are drawn."""

    DEFAULT_CSS = "LanesView { background: transparent; height: auto; scrollbar-size: 0 1; }"

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._lanes: tuple[Lane, ...] = ()

    def set_lanes(self, lanes: Sequence[Lane]) -> None:
        """Show these, from top to bottom."""
        new = tuple(lanes)
        if new == self._lanes:
            return
        layout = len(new) != len(self._lanes)
        self._lanes = new
        self.virtual_size = Size(self.size.width, len(new))
        self.refresh(layout=layout)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(self._lanes)

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        number = y + round(self.scroll_y)
        if number >= len(self._lanes):
            return Strip.blank(width, self.rich_style)
        lane = self._lanes[number]
        label_width = min(width // LABEL_SHARE, max(cell_len(item.label) for item in self._lanes))
        tail_width = max(cell_len(item.tail) for item in self._lanes)
        room = max(0, width - label_width - tail_width - 2)
        marks = lane.marks[-room:] if room else ()
        dark = self.dark
        base = self.rich_style
        segments = [Segment(fit(lane.label, label_width), base + tone_style(lane.tone, dark)), Segment(" ", base)]
        for mark, count in _runs(marks):
            segments.append(Segment(mark.value * count, base + tone_style(MARK_TONE[mark], dark)))
        segments.append(Segment(" " * (room - len(marks) + 1), base))
        segments.append(Segment(fit(lane.tail, tail_width, right=True), base + tone_style(Tone.MUTED, dark)))
        return Strip(segments).adjust_cell_length(width, base)


def _runs(marks: Sequence[Mark]) -> list[tuple[Mark, int]]:
    runs: list[tuple[Mark, int]] = []
    for mark in marks:
        if runs and runs[-1][0] is mark:
            runs[-1] = (mark, runs[-1][1] + 1)
        else:
            runs.append((mark, 1))
    return runs
