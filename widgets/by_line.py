"""Views that know what stands on each of their lines, so that only lines that differ are painted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from textual.geometry import Region
from textual.strip import Strip

from hp_tui.widgets.drawn import Drawn

if TYPE_CHECKING:
    from textual.scroll_view import ScrollView

    class Base(Drawn, ScrollView):
        """What this is mixed into."""
else:
    Base = Drawn  # of several bases that are widgets Textual heeds the style sheet and the keys of the first only


class ByLine(Base):
    """Mixed in before a ``ScrollView``. A picture moves a few lines of a panel, and painting the others takes as long."""

    _painted: tuple[object, list[object]] | None = None
    """The look of all lines, and what stands on each; None from when somebody else asks for a paint
    until it is done."""

    def look(self) -> object:
        """What the drawing of every line depends on."""
        raise NotImplementedError

    def content(self, y: int) -> object:
        """What stands on line ``y`` of the view: for equal ones, ``render_line`` gives the same."""
        raise NotImplementedError

    def refresh_different(self) -> None:
        """Paint the lines that are not as they were painted last."""
        look, lines = new = self._now()
        before = self._painted
        if before is None or before[0] != look or len(before[1]) != len(lines):
            self.refresh()
        else:
            for y, (old, line) in enumerate(zip(before[1], lines, strict=True)):
                if old is not line and old != line:
                    super().refresh(Region(0, y, self.size.width, 1))
        self._painted = new

    def _now(self) -> tuple[object, list[object]]:
        return self.look(), [self.content(y) for y in range(self.size.height)]

    def refresh(self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False) -> Self:
        self._painted = None
        super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)
        return self

    def render_lines(self, crop: Region) -> list[Strip]:
        if self._painted is None:
            self._painted = self._now()
        return super().render_lines(crop)

    def watch_scroll_x(self, old_value: float, new_value: float) -> None:
        if self.show_horizontal_scrollbar:
            self.horizontal_scrollbar.position = new_value
        self._scrolled(old_value, new_value)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        if self.show_vertical_scrollbar:
            self.vertical_scrollbar.position = new_value
        self._scrolled(old_value, new_value)

    def _scrolled(self, old: float, new: float) -> None:
        if round(old) != round(new):
            self.refresh_different()
