"""Where there is room for what stands on an arrow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from widgets.renderables.arrangement import Call, Head, NotePlace, Run
from widgets.renderables.boxes import Box
from widgets.renderables.layers import is_joint
from widgets.renderables.tracks import Tracks

WORD = 7
"""Cells of a note's first word at most, where it is written in two lines: such as ``mTLS`` or ``1,000/s``."""


def notes_rightward(made: Tracks, boxes: Mapping[str, Box], calls: Sequence[Call], most: int) -> list[NotePlace]:
    """On the line itself, right before the box it leads to: the gap before it was made wide enough."""
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
    """Beside the arrow head, right or left of it; else in two lines, the second one there; else nowhere."""
    noted = [head for head in heads if calls[head.link].room]
    taken = _Taken({line for head in noted for line in (head.y - 1, head.y)}, runs, boxes, heads)
    found: list[NotePlace] = []
    for head in noted:
        size = calls[head.link].room
        for x in (head.x + 2, head.x - 1 - size):
            if x >= 0 and (not room or x + size <= room) and taken.free(x - 1, head.y, size + 2):
                found.append(NotePlace(x, head.y, size, head.link))
                taken.take(x, head.y, size)
                break
        else:
            size = max(WORD, size - 5)
            if size < calls[head.link].room and head.x + 2 + size <= room:
                lines = (head.y - 1, head.y) if head.glyph == "▼" else (head.y, head.y + 1)
                if all(taken.free(head.x + 1, line, size + 2) for line in lines):
                    for part, line in enumerate(lines, start=1):
                        found.append(NotePlace(head.x + 2, line, size, head.link, part=part))
                        taken.take(head.x + 2, line, size)
    return found


class _Taken:
    """Which cells of some lines are taken."""

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

    def free(self, x: int, line: int, size: int) -> bool:
        return all(high < x or x + size <= low for low, high in self._spans[line])

    def take(self, x: int, line: int, size: int) -> None:
        self._spans[line].append((x, x + size - 1))
