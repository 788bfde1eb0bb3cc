"""The widths of a table's columns; pure."""

from __future__ import annotations

from collections.abc import Sequence

from hp_tui.widgets.values import Column

GAP = 1
"""Cells between two columns."""


def layout(columns: Sequence[Column], width: int) -> list[tuple[Column, int]]:
    """The columns that fit into ``width`` cells, each with its width.

    Columns of the highest ``drop`` are left out first. Spare cells are shared among those that ``grow``, in proportion.
    """
    kept = list(columns)
    while len(kept) > 1 and _needed(kept) > width:
        worst = max(kept, key=lambda column: column.drop)
        if worst.drop == 0:
            break
        kept.remove(worst)
    spare = max(0, width - _needed(kept))
    shares = sum(column.grow for column in kept)
    sized = []
    for column in kept:
        # Out of what is left, so that no cell is lost to rounding.
        extra = spare * column.grow // shares if shares else 0
        spare, shares = spare - extra, shares - column.grow
        sized.append((column, column.width + extra))
    return sized


def _needed(columns: Sequence[Column]) -> int:
    return sum(column.width for column in columns) + GAP * max(0, len(columns) - 1)
