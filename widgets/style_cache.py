"""The style and theme of a widget that draws itself line by line, looked up once a paint."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip

if TYPE_CHECKING:
    from textual.widget import Widget as Base
else:
    Base = object  # of several bases that are widgets Textual heeds the style sheet and the keys of the first only


class StyleCache(Base):
    """A mixin, placed before a widget class. ``rich_style`` asks every ancestor; here it is computed once a paint."""

    _cached_style: Style | None = None
    _cached_dark: bool | None = None

    def render_lines(self, crop: Region) -> list[Strip]:
        self._cached_style, self._cached_dark = super().rich_style, self.app.current_theme.dark
        try:
            return super().render_lines(crop)
        finally:
            self._cached_style = self._cached_dark = None

    @property
    def rich_style(self) -> Style:
        return super().rich_style if self._cached_style is None else self._cached_style

    @property
    def dark(self) -> bool:
        """Whether the theme is a dark one."""
        return self.app.current_theme.dark if self._cached_dark is None else self._cached_dark
