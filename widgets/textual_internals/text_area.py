"""The text area of the mode that was chosen at start."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hp_tui.widgets.textual_internals.support import PLAIN

if TYPE_CHECKING or not PLAIN:
    from hp_tui.widgets.textual_internals.exact_text_area import ExactTextArea
else:
    from hp_tui.widgets.textual_internals.plain_text_area import ExactTextArea

__all__ = ["ExactTextArea"]
