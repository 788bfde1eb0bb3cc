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
    """Mixed in before a widget: ``rich_style``, which asks every ancestor, is worked out once a picture."""

    _worn: Style | None = None

    def render_lines(self, crop: Region) -> list[Strip]:
        self._worn = super().rich_style
        try:
            return super().render_lines(crop)
        finally:
            self._worn = None

    @property
    def rich_style(self) -> Style:
        return super().rich_style if self._worn is None else self._worn
