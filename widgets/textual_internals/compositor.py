"""What a screen is going to paint, and painting it now. Textual, which is pinned, has no public words for either."""

# ruff: noqa: SLF001

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from textual._compositor import Compositor
from textual.geometry import Region
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget


def unpainted(screen: Screen[Any]) -> bool:
    """Whether the screen is going to paint, or to lay out."""
    return bool(screen._dirty_widgets or screen._repaint_required or screen._layout_required or screen._scroll_required)


def paint(screen: Screen[Any], widget: Widget) -> None:
    """Have what changed in the widget painted now: of itself it comes to the screen in messages, behind all others.

    A widget that has to be laid out is left to Textual.
    """
    ready = screen.is_current and screen in screen._compositor and not screen._layout_required
    if ready and widget._repaint_required and not widget._layout_required:
        widget._repaint_required = False
        screen._dirty_widgets.add(widget)
        screen._on_timer_update()


class CloseCompositor(Compositor):
    """Asks widgets for the lines that are to be painted, and for no others.

    Textual's own asks every widget in the neighbourhood for all of its lines, whichever of them changed: for one line of the
    status, or the row under the cursor, that is more than half of the work.
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
