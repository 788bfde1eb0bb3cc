"""Views that know what each of their lines shows, so that only lines that changed are painted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from textual.geometry import Region
from textual.strip import Strip

from hp_tui.widgets.style_cache import StyleCache

if TYPE_CHECKING:
    from textual.scroll_view import ScrollView

    class Base(StyleCache, ScrollView):
        """What this is mixed into."""
else:
    Base = StyleCache  # of several bases that are widgets Textual heeds the style sheet and the keys of the first only


class ChangedLines(Base):
    """A mixin, placed before ``ScrollView``. A new picture changes a few lines; painting the others is wasted."""

    _painted: tuple[object, list[object]] | None = None
    """The style key, and the key of each line, as last painted. None while somebody else has asked for a paint."""

    def style_key(self) -> object:
        """What the drawing of every line depends on, such as the theme. Equal keys draw alike."""
        raise NotImplementedError

    def line_key(self, y: int) -> object:
        """What line ``y`` of the view shows. For equal keys ``render_line`` gives the same."""
        raise NotImplementedError

    def refresh_changed_lines(self) -> None:
        """Paint the lines that differ from what was painted last."""
        style, lines = new = self._now()
        before = self._painted
        if before is None or before[0] != style or len(before[1]) != len(lines):
            self.refresh()
        else:
            for y, (old, line) in enumerate(zip(before[1], lines, strict=True)):
                if old is not line and old != line:
                    super().refresh(Region(0, y, self.size.width, 1))
        self._painted = new

    def _now(self) -> tuple[object, list[object]]:
        return self.style_key(), [self.line_key(y) for y in range(self.size.height)]

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
            self.refresh_changed_lines()
