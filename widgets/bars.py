"""The status line at the top and the key hints at the bottom."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from hp_tui.widgets.style_cache import StyleCache
from hp_tui.widgets.theme import tone_style
from hp_tui.widgets.values import Tone


class Part(Struct, frozen=True):
    """A part of a status line. Where space is short, parts of the highest ``drop`` are left out first; 0 never is."""

    text: str
    tone: Tone = Tone.PLAIN
    drop: int = 0
    bold: bool = False
    right: bool = False


class Hint(Struct, frozen=True):
    """A key and what it does. The first hints are the most important: the last are dropped first."""

    key: str
    label: str


class StatusHeader(StyleCache, Widget):
    """One line: parts to the left, then those to the right."""

    DEFAULT_CSS = "StatusHeader { height: 1; background: $surface; }"
    GAP = "  "

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._parts: tuple[Part, ...] = ()

    def set_parts(self, parts: Sequence[Part]) -> None:
        """Show these parts; nothing is painted when they are the same."""
        if tuple(parts) != self._parts:
            self._parts = tuple(parts)
            self.refresh()

    def render_line(self, y: int) -> Strip:
        parts = hints_that_fit(self._parts, self.size.width - 2, len(self.GAP))
        base = self.rich_style
        dark = self.dark
        left = [part for part in parts if not part.right]
        right = [part for part in parts if part.right]
        segments = [Segment(" ", base), *self._row(left, base, dark)]
        tail = self._row(right, base, dark)
        used = sum(cell_len(segment.text) for segment in (*segments, *tail)) + 1
        segments.append(Segment(" " * max(0, self.size.width - used), base))
        return Strip([*segments, *tail, Segment(" ", base)]).adjust_cell_length(self.size.width, base)

    def _row(self, parts: list[Part], base: Style, dark: bool) -> list[Segment]:
        row: list[Segment] = []
        for part in parts:
            if row:
                row.append(Segment(self.GAP, base))
            row.append(Segment(part.text, base + tone_style(part.tone, dark) + Style(bold=part.bold or None)))
        return row


def hints_that_fit(parts: Sequence[Part], width: int, gap: int) -> list[Part]:
    """The parts that fit into ``width`` cells, in their order. Parts of the highest ``drop`` are left out first."""
    kept = [part for part in parts if part.text]
    while kept and sum(cell_len(part.text) + gap for part in kept) - gap > width:
        worst = max(kept, key=lambda part: part.drop)
        if worst.drop == 0:
            break
        kept.remove(worst)
    return kept


class KeyFooter(StyleCache, Widget):
    """One line of key hints, ``indent`` cells from the left; where there is no room for all, the last are left out."""

    DEFAULT_CSS = "KeyFooter { height: 1; background: $surface; }"

    class Clicked(Message):
        """A hint was clicked; ``key`` is written as the hint has it."""

        def __init__(self, key: str) -> None:
            super().__init__()
            self.key = key

    def __init__(self, *, indent: int = 1, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self._indent = indent
        self._hints: tuple[Hint, ...] = ()

    def set_hints(self, hints: Sequence[Hint]) -> None:
        """Show these hints."""
        if tuple(hints) != self._hints:
            self._hints = tuple(hints)
            self.refresh()

    def render_line(self, y: int) -> Strip:
        base = self.rich_style
        width = self.size.width
        dark = self.dark
        key_style = base + Style(color=tone_style(Tone.WARN, dark).color, bold=True)
        label_style = base + tone_style(Tone.MUTED, dark)
        segments = [Segment(" " * self._indent, base)] if self._indent else []
        for hint, _ in self._shown_hints(width):
            segments += [Segment(hint.key, key_style), Segment(f" {hint.label}  ", label_style)]
        return Strip(segments).adjust_cell_length(width, base)

    def _shown_hints(self, width: int) -> Iterator[tuple[Hint, int]]:
        """The hints there is room for, each with the column where it ends."""
        end = self._indent
        for hint in self._hints:
            end += cell_len(hint.key) + cell_len(hint.label) + 3
            if end > width:
                return
            yield hint, end

    def on_click(self, event: events.Click) -> None:
        event.stop()
        hint = next((hint for hint, end in self._shown_hints(self.size.width) if self._indent <= event.x < end), None)
        if hint is not None:
            self.post_message(self.Clicked(hint.key))
