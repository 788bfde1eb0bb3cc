"""Two texts compared line by line."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from enum import StrEnum

from msgspec import Struct
from rich.segment import Segment
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from hp_tui.widgets.escape import fit, visible
from hp_tui.widgets.theme import tone_style
from hp_tui.widgets.values import Tone


class Change(StrEnum):
    """What became of a line, with the sign that shows it."""

    SAME = " "
    ADDED = "+"
    REMOVED = "-"
    SKIPPED = "⋯"


class DiffLine(Struct, frozen=True):
    """A line of a comparison, without its line break."""

    change: Change
    text: str


TONES = {Change.SAME: Tone.MUTED, Change.ADDED: Tone.GOOD, Change.REMOVED: Tone.BAD, Change.SKIPPED: Tone.INFO}


def diff(old: str, new: str, context: int = 3) -> list[DiffLine]:
    """What changes from ``old`` to ``new``, with ``context`` lines around; empty when nothing does."""
    before, after = _lines(old), _lines(new)
    if old != new and before == after:
        end = "with" if new.endswith("\n") else "without"
        return [DiffLine(Change.SKIPPED, f"only the end differs: now {end} a line break")]
    lines: list[DiffLine] = []
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=len(before) + len(after) > 4_000)
    for group in matcher.get_grouped_opcodes(context):
        if lines or group[0][1] > 0:
            lines.append(DiffLine(Change.SKIPPED, f"line {group[0][3] + 1}"))
        for what, low1, high1, low2, high2 in group:
            if what == "equal":
                lines += [DiffLine(Change.SAME, line) for line in before[low1:high1]]
                continue
            lines += [DiffLine(Change.REMOVED, line) for line in before[low1:high1]]
            lines += [DiffLine(Change.ADDED, line) for line in after[low2:high2]]
    return lines


def _lines(text: str) -> list[str]:
    """Cut at line feeds only: any other separator is a character that may have changed."""
    lines = text.split("\n")
    return lines if lines[-1] else lines[:-1]


class DiffView(ScrollView, can_focus=True):
    """A comparison, scrollable. ``title`` stands above it."""

    DEFAULT_CSS = "DiffView { height: auto; max-height: 100%; background: transparent; scrollbar-size: 1 1; }"

    def __init__(self, title: str = "", lines: Sequence[DiffLine] = (), *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._heading = title
        self._diff = tuple(lines)

    def set_lines(self, title: str, lines: Sequence[DiffLine]) -> None:
        """Show this comparison."""
        self._heading, self._diff = title, tuple(lines)
        self._measure()
        self.refresh(layout=True)

    def on_mount(self) -> None:
        self._measure()

    def _measure(self) -> None:
        longest = max((len(line.text) for line in self._diff), default=0)
        self.virtual_size = Size(longest + 4, len(self._diff) + 1)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(self._diff) + 1

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        dark = self.app.current_theme.dark
        number = y + round(self.scroll_y) - 1
        if number < 0:
            return Strip([Segment(fit(self._heading, width), self.rich_style + tone_style(Tone.INFO, dark))])
        if number >= len(self._diff):
            return Strip.blank(width, self.rich_style)
        line = self._diff[number]
        text = f"{line.change.value} {visible(line.text)}"[round(self.scroll_x) :]
        return Strip([Segment(fit(text, width), self.rich_style + tone_style(TONES[line.change], dark))])
