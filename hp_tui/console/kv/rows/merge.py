"""Three texts merged into one."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Merged:
    """Both changes in one text. Where they touch the same lines, both stand between markers; ``clashes`` counts those."""

    text: str
    clashes: int


def merge(base: str, mine: str, theirs: str) -> Merged:
    """Three-way merge by lines: what only one side changed is taken, what both changed alike is taken once."""
    origin, left, right = base.split("\n"), mine.split("\n"), theirs.split("\n")
    merged: list[str] = []
    clashes = 0
    for start, end, left_part, right_part in _regions(origin, left, right):
        old = origin[start:end]
        if left_part == right_part or right_part == old:
            merged += left_part
        elif left_part == old:
            merged += right_part
        elif (lines := _line_by_line(old, left_part, right_part)) is not None:
            merged += lines
        else:
            clashes += 1
            merged += ["<<<<<<< mine", *left_part, "=======", *right_part, ">>>>>>> theirs"]
    return Merged("\n".join(merged), clashes)


def _line_by_line(old: Sequence[str], left: Sequence[str], right: Sequence[str]) -> list[str] | None:
    """Neighbouring lines do not clash where each was changed by one side only; None where that cannot be told."""
    if not len(old) == len(left) == len(right):
        return None
    lines = []
    for before, mine, theirs in zip(old, left, right, strict=True):
        if before not in {mine, theirs} and mine != theirs:
            return None
        lines.append(theirs if mine == before else mine)
    return lines


def _regions(
    origin: Sequence[str], left: Sequence[str], right: Sequence[str]
) -> list[tuple[int, int, list[str], list[str]]]:
    """The base cut at lines that all three share: (start, end) in the base with what each side has there."""
    in_left, in_right = _matches(origin, left), _matches(origin, right)
    regions = []
    place = left_place = right_place = 0
    for line in range(len(origin) + 1):
        anchored = line == len(origin) or (line in in_left and line in in_right)
        if not anchored:
            continue
        left_end = in_left.get(line, len(left))
        right_end = in_right.get(line, len(right))
        regions.append((place, line, list(left[left_place:left_end]), list(right[right_place:right_end])))
        if line < len(origin):
            same = [origin[line]]
            regions.append((line, line + 1, same, same))
        place, left_place, right_place = line + 1, left_end + 1, right_end + 1
    return regions


def _matches(origin: Sequence[str], other: Sequence[str]) -> dict[int, int]:
    """Lines of ``origin`` that ``other`` kept, each with its place there."""
    blocks = difflib.SequenceMatcher(None, origin, other, autojunk=False).get_matching_blocks()
    return {block.a + step: block.b + step for block in blocks for step in range(block.size)}
