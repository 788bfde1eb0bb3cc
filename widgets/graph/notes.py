"""Where there is room for the notes of arrows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from hp_tui.widgets.graph.arrangement import Call, Head, NotePlace, Run
from hp_tui.widgets.graph.boxes import Box
from hp_tui.widgets.graph.layers import is_joint
from hp_tui.widgets.graph.tracks import Tracks

WORD = 5
"""Cells of a note's first word, where it is written in two lines: such as ``mTLS`` or ``100/s``."""


def notes_rightward(made: Tracks, boxes: Mapping[str, Box], calls: Sequence[Call], most: int) -> list[NotePlace]:
    """Places on the line itself, right before the box it leads to: that gap is wide enough."""
    found = []
    for step in made.plan.steps:
        if is_joint(step.target):
            continue
        link = next((link for link in step.links if calls[link].room), None)
        if link is not None:
            size = min(most, calls[link].room)
            end = boxes[step.target].x - 2
            found.append(NotePlace(end - size, made.ins[step.target, step.net], size, link, right=True))
    return found


def notes_downward(
    heads: Sequence[Head], runs: Sequence[Run], boxes: Mapping[str, Box], calls: Sequence[Call], room: int
) -> list[NotePlace]:
    """Places beside the arrow head; else beside it in two lines; else on the line itself; else none."""
    noted = [head for head in heads if calls[head.link].room]
    taken = _Taken({line for head in noted for line in (head.y - 1, head.y)}, runs, boxes, heads)
    found: list[NotePlace] = []
    for head in noted:
        size = calls[head.link].room
        x = taken.beside(head.x, size, (head.y,), room)
        if x is not None:
            found.append(NotePlace(x, head.y, size, head.link, right=x < head.x))
            continue
        two = max(WORD, size - WORD - 1)
        lines = (head.y - 1, head.y) if head.glyph == "▼" else (head.y, head.y + 1)
        x = taken.beside(head.x, two, lines, room) if size >= 2 * WORD else None
        if x is not None:
            found += [
                NotePlace(x, line, two, head.link, right=x < head.x, part=part)
                for part, line in enumerate(lines, start=1)
            ]
        else:
            found += _on_line(head.link, size, runs)
    return found


def _on_line(link: int, size: int, runs: Sequence[Run]) -> list[NotePlace]:
    """The middle of a horizontal run that carries this call alone and that nothing crosses."""
    for run in runs:
        low, high = sorted((run.x1, run.x2))
        if run.links != (link,) or run.y1 != run.y2 or high - low < size + 4:
            continue
        start = low + (high - low - size + 1) // 2
        if not any(
            start <= other.x1 < start + size and min(other.y1, other.y2) <= run.y1 <= max(other.y1, other.y2)
            for other in runs
            if other.y1 != other.y2
        ):
            return [NotePlace(start, run.y1, size, link)]
    return []


class _Taken:
    """Which cells of some screen lines are taken."""

    def __init__(self, lines: set[int], runs: Sequence[Run], boxes: Mapping[str, Box], heads: Sequence[Head]) -> None:
        self._spans: dict[int, list[tuple[int, int]]] = {line: [] for line in lines | {line + 1 for line in lines}}
        for run in runs:
            low, high = sorted((run.y1, run.y2))
            for line in range(low, high + 1) if high - low < len(self._spans) else list(self._spans):
                if low <= line <= high and line in self._spans:
                    self._spans[line].append((min(run.x1, run.x2), max(run.x1, run.x2)))
        for box in boxes.values():
            for line in range(box.y, box.bottom):
                if line in self._spans:
                    self._spans[line].append((box.x, box.right - 1))
        for head in heads:
            if head.y in self._spans:
                self._spans[head.y].append((head.x, head.x))

    def beside(self, x: int, size: int, lines: Sequence[int], room: int) -> int | None:
        """A column right or left of ``x`` with ``size`` free cells in these lines, which are then taken; None for none."""
        for start in (x + 2, x - 1 - size):
            fits = start >= 0 and (not room or start + size <= room)
            if fits and all(self.free(start - 1, line, size + 2) for line in lines):
                for line in lines:
                    self._spans[line].append((start, start + size - 1))
                return start
        return None

    def free(self, x: int, line: int, size: int) -> bool:
        return all(high < x or x + size <= low for low, high in self._spans[line])
