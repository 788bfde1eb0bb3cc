"""The last check between text from outside and the terminal."""

from __future__ import annotations

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from hp_tui.widgets.escape import visible


class ControlFilter(LineFilter):
    """Replaces control, bidirectional and zero-width characters in whatever is about to be drawn.

    Widgets should be given escaped texts (:func:`hp_tui.widgets.escape.visible`), which also keeps columns aligned.
    This filter catches what was forgotten, and what a user pastes into an input.
    """

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        if all(segment.text.isprintable() for segment in segments):
            return segments
        return [segment if segment.control else Segment(visible(segment.text), segment.style) for segment in segments]
