"""Screens that paint line by line, where the installed Textual allows it."""

from __future__ import annotations

from typing import Any

from textual.screen import Screen

from hp_tui.widgets.textual_internals.support import PLAIN


def paint_by_line(screen: Screen[Any]) -> None:
    """Have a new screen ask its widgets only for the lines that are to be painted. Nothing happens in plain mode."""
    if not PLAIN:
        from hp_tui.widgets.textual_internals import compositor

        compositor.paint_by_line(screen)
