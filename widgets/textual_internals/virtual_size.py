"""How far a view scrolls, changed without laying out the whole screen."""

from __future__ import annotations

from textual.geometry import Size
from textual.scroll_view import ScrollView

from hp_tui.widgets.textual_internals.support import PLAIN


def set_virtual_size(view: ScrollView, size: Size) -> None:
    """Give ``view`` this virtual size, in cells. The caller repaints what changed.

    Textual lays out and paints the whole screen whenever a virtual size changes. That is needed only where a scrollbar
    comes or goes: a row more or less in a table must not take the time of a whole screen.
    """
    if size == view.virtual_size:
        return
    bars = view.scrollbars_enabled
    room = view.container_size
    same_bars = bars == (size.height > room.height, size.width > room.width and view.styles.overflow_x != "hidden")
    if same_bars and not PLAIN:
        view.set_reactive(ScrollView.virtual_size, size)
        view._scroll_update(size)  # noqa: SLF001  # Textual calls it after a layout
    else:
        view.virtual_size = size
