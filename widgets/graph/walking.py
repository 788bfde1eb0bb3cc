"""Where an arrow key leads from each box: along calls, or across them to the next box. Every box can be reached."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice, pairwise

from hp_tui.widgets.graph.arrangement import Arrangement
from hp_tui.widgets.graph.boxes import Box

Walk = Mapping[str, Mapping[str, str]]
"""By box id and direction (left, right, up, down) the id it leads to; directions that lead nowhere are left out."""
_DIRECTIONS = ("left", "right", "up", "down")
SIDEWAYS_COST = 3
"""The cost of a cell sideways, in cells straight ahead."""


def walk(arrangement: Arrangement) -> Walk:
    """Where each arrow key leads from each box.

    Along the direction of calls it leads to the nearest service that is linked; across it to the next one of the rank; if
    there is neither, to the nearest box on that side. If that does not reach every box, two keys go through all in order.
    """
    along = {"up", "down"} if arrangement.downward else {"left", "right"}
    found: dict[str, dict[str, str]] = {name: {} for name in arrangement.boxes}
    for direction in _DIRECTIONS:
        side = _Side(arrangement.boxes, direction)
        for name in found:
            near = {*arrangement.callers.get(name, ()), *arrangement.callees.get(name, ())}
            linked = side.nearest_of(name, near) if direction in along else ""
            leads = linked or side.nearest(name, straight=direction not in along)
            if leads:
                found[name][direction] = leads
    if found and not _everywhere(found):
        _through_all(found, arrangement)
    return found


class _Side:
    """All boxes by one direction: where each begins and ends ahead, and its extent sideways."""

    def __init__(self, boxes: Mapping[str, Box], direction: str) -> None:
        self._seen: dict[str, tuple[int, int, int, int]] = {}
        for name, box in boxes.items():
            near, far, low, high = {
                "right": (box.x, box.right, box.y, box.bottom),
                "left": (-box.right, -box.x, box.y, box.bottom),
                "down": (box.y, box.bottom, box.x, box.right),
                "up": (-box.bottom, -box.y, box.x, box.right),
            }[direction]
            self._seen[name] = near, far, low, high
        self._order = sorted((seen[0], name) for name, seen in self._seen.items())

    def nearest_of(self, name: str, others: Iterable[str]) -> str:
        """Of ``others`` the first one ahead, of equals the one least sideways; '' if none is ahead."""
        _, far, low, high = self._seen[name]
        ahead = [(seen[0], _apart(low, high, seen[2], seen[3]), other) for other, seen in self._of(others)]
        return min((one for one in ahead if one[0] >= far), default=(0, 0, ""))[2]

    def _of(self, names: Iterable[str]) -> Iterator[tuple[str, tuple[int, int, int, int]]]:
        return ((name, self._seen[name]) for name in names)

    def nearest(self, name: str, *, straight: bool) -> str:
        """The nearest box ahead, '' for none. ``straight`` prefers the first one that is not sideways at all."""
        _, far, low, high = self._seen[name]
        best: tuple[int, str] | None = None
        for near, other in islice(self._order, bisect_left(self._order, (far, "")), None):
            if not straight and best is not None and near - far > best[0]:
                break
            aside = _apart(low, high, *self._seen[other][2:])
            if straight and not aside:
                return other
            score = near - far + SIDEWAYS_COST * aside
            if best is None or (score, other) < best:
                best = score, other
        return best[1] if best else ""


def _apart(low: int, high: int, other_low: int, other_high: int) -> int:
    """How far apart two intervals are, in cells; 0 if they overlap."""
    return max(0, other_low - high + 1, low - other_high + 1)


def _everywhere(found: Mapping[str, Mapping[str, str]]) -> bool:
    """Whether every box can be reached from every other."""
    back: dict[str, dict[str, str]] = {name: {} for name in found}
    for name, ways in found.items():
        for direction, other in ways.items():
            back[other][f"{direction} {name}"] = name
    start = next(iter(found))
    return len(_reached(start, found)) == len(_reached(start, back)) == len(found)


def _reached(start: str, ways: Mapping[str, Mapping[str, str]]) -> set[str]:
    seen, waiting = {start}, [start]
    while waiting:
        for other in ways[waiting.pop()].values():
            if other not in seen:
                seen.add(other)
                waiting.append(other)
    return seen


def _through_all(found: dict[str, dict[str, str]], arrangement: Arrangement) -> None:
    """Two keys go to the next box of the rank, and from its end to the next rank."""

    def place(name: str) -> tuple[int, int]:
        box = arrangement.boxes[name]
        # Boxes of a rank are centred on it, whatever their widths.
        return (box.y, box.x) if arrangement.downward else (box.x + box.width // 2, box.y)

    names = sorted(found, key=place)
    forward, back = ("right", "left") if arrangement.downward else ("down", "up")
    for before, after in pairwise(names):
        found[before][forward] = after
        found[after][back] = before
