"""How far a view scrolls, changed without laying out the whole screen."""

from __future__ import annotations

from textual.geometry import Size
from textual.scroll_view import ScrollView


def set_extent(view: ScrollView, extent: Size) -> None:
    """Give ``view`` this virtual size; what of it is to be painted anew is the caller's to say.

    Textual lays out, and paints, the screen anew whenever a virtual size changes; that is needed only where a scrollbar
    comes or goes. A row more or less in a table must not take the time of a whole screen.
    """
    if extent == view.virtual_size:
        return
    bars = view.scrollbars_enabled
    room = view.container_size
    if bars == (extent.height > room.height, extent.width > room.width and view.styles.overflow_x != "hidden"):
        view.set_reactive(ScrollView.virtual_size, extent)
        view._scroll_update(extent)  # noqa: SLF001  # what it does itself after a layout; Textual is pinned
    else:
        view.virtual_size = extent
