"""Widgets that draw themselves line by line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip

if TYPE_CHECKING:
    from textual.widget import Widget as Base
else:
    Base = object  # of several bases that are widgets Textual heeds the style sheet and the keys of the first only


class Drawn(Base):
    """Mixed in before a widget: what asks every ancestor, or looks up the theme, is worked out once a picture."""

    _worn: Style | None = None
    _on_dark: bool | None = None

    def render_lines(self, crop: Region) -> list[Strip]:
        self._worn, self._on_dark = super().rich_style, self.app.current_theme.dark
        try:
            return super().render_lines(crop)
        finally:
            self._worn = self._on_dark = None

    @property
    def rich_style(self) -> Style:
        return super().rich_style if self._worn is None else self._worn

    @property
    def dark(self) -> bool:
        """Whether the theme is a dark one."""
        return self.app.current_theme.dark if self._on_dark is None else self._on_dark
