"""Text that is painted again only when it has changed."""

from __future__ import annotations

from textual.visual import VisualType
from textual.widgets import Static


class StillText(Static):
    """A ``Static`` whose :meth:`update` costs nothing for the same content, and no layout if its height stays the same.

    A layout paints the whole screen again, which is far too much for a countdown.
    """

    _shown: VisualType = ""

    def update(self, content: VisualType = "", *, layout: bool = True) -> None:
        if content == self._shown:
            return
        self._shown = content
        super().update(content, layout=False)
        width = self.content_size.width
        if layout and (not width or self._height(width) != self.content_size.height):
            self.refresh(layout=True)

    def _height(self, width: int) -> int:
        return self.get_content_height(self.app.size, self.app.size, width)
