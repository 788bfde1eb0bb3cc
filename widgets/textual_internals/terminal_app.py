"""The App class of the mode that was chosen at start."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hp_tui.widgets.textual_internals.support import PLAIN

if TYPE_CHECKING or not PLAIN:
    from hp_tui.widgets.textual_internals.app import TerminalApp
else:
    from hp_tui.widgets.textual_internals.plain_app import TerminalApp

__all__ = ["TerminalApp"]
