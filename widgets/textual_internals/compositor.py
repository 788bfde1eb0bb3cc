"""What a screen is about to paint, and painting it at once. Textual has no public names for either."""

# ruff: noqa: SLF001

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from textual._compositor import Compositor
from textual.geometry import Region
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget


def paint_pending(screen: Screen[Any]) -> bool:
    """Whether the screen is about to paint or to lay out."""
    return bool(screen._dirty_widgets or screen._repaint_required or screen._layout_required or screen._scroll_required)


def paint_now(screen: Screen[Any], widget: Widget) -> None:
    """Paint what changed in the widget at once: otherwise it reaches the screen as a message, behind all others.

    A widget that has to be laid out is left to Textual.
    """
    ready = screen.is_current and screen in screen._compositor and not screen._layout_required
    if ready and widget._repaint_required and not widget._layout_required:
        widget._repaint_required = False
        screen._dirty_widgets.add(widget)
        screen._on_timer_update()


def paint_by_line(screen: Screen[Any]) -> None:
    """Give a new screen the compositor that asks widgets only for the lines to be painted."""
    screen._compositor = LineCompositor()


class LineCompositor(Compositor):
    """Asks widgets for the lines that are to be painted, and for no others.

    Textual's own asks every widget nearby for all of its lines, whichever of them changed. For one line of the status, or
    the row under the cursor, that is more than half of the work.
    """

    def _get_renders(self, crop: Region | None = None) -> Iterable[tuple[Region, Region, list[Strip]]]:
        if crop is None:
            yield from super()._get_renders()
            return
        lines = Region(0, crop.y, self.size.width, crop.height)
        for widget, (region, clip) in self.visible_widgets.items():
            part = region.intersection(clip).intersection(lines)
            if part:
                yield region, part, widget.render_lines(part.translate(-region.offset))
