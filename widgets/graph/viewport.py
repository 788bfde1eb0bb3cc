"""Which part of a large picture to scroll to: places and sizes in, a scroll offset out. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hp_tui.widgets.graph.boxes import Box

Size = tuple[int, int]
Place = tuple[int, int]
Area = tuple[int, int, int, int]
"""Left, top, right, bottom; the last two are the first cells beyond."""


def scroll_to_show(area: Area, at: Place, size: Size) -> Place:
    """The scroll offset nearest to ``at`` that shows ``area``, or its start if it is larger than ``size``."""
    left, top, right, bottom = area
    x, y = at
    if left < x or right > x + size[0]:
        x = min(left, max(x, right - size[0]))
    if top < y or bottom > y + size[1]:
        y = min(top, max(y, bottom - size[1]))
    return x, y


def keep_in_place(before: Box, now: Box, at: Place, size: Size, whole: Size) -> Place:
    """The scroll offset at which a box that moved keeps its place on the screen, as far as the picture's edges allow."""
    x = max(0, min(at[0] + now.x - before.x, whole[0] - size[0]))
    y = max(0, min(at[1] + now.y - before.y, whole[1] - size[1]))
    return x, y


def fully_visible(box: Box, at: Place, size: Size) -> bool:
    """Whether all of a box is visible."""
    return at[0] <= box.x and box.right <= at[0] + size[0] and at[1] <= box.y and box.bottom <= at[1] + size[1]
