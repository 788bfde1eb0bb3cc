"""Where an arrow key leads from each box: along calls, across them to the box beside, and always to every box in the end."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

from widgets.renderables.arrangement import Arrangement
from widgets.renderables.boxes import Box

Walk = Mapping[str, Mapping[str, str]]
"""By box id and direction (left, right, up, down) the id it leads to; directions that lead nowhere are left out."""
_OPPOSITE = {"left": "right", "right": "left", "up": "down", "down": "up"}
ASIDE = 3
"""A cell out of the way counts as so many straight ahead."""


def walk(arrangement: Arrangement) -> Walk:
    """Where each arrow key leads from each box.

    Along the direction of calls to the nearest service that a line leads to; across it to the next of the rank; where there is
    neither, to the nearest box on that side. Should that not lead everywhere, up and down go through all boxes in order.
    """
    boxes = arrangement.boxes
    along = {"up", "down"} if arrangement.downward else {"left", "right"}
    found: dict[str, dict[str, str]] = {}
    for name, box in boxes.items():
        linked = {*arrangement.callers.get(name, ()), *arrangement.callees.get(name, ())}
        found[name] = {}
        for direction in _OPPOSITE:
            beyond = {other: _way(box, boxes[other], direction) for other in boxes if other != name}
            reach = {other: way for other, way in beyond.items() if way is not None}
            if direction in along:
                first = {other: (way[0], way[1]) for other, way in reach.items() if other in linked}
            else:
                first = {other: way for other, way in reach.items() if way[1] == 0}
            rest = {other: (way[0] + ASIDE * way[1], way[1]) for other, way in reach.items()}
            leads = min(first or rest, key=lambda other: ((first or rest)[other], other), default="")
            if leads:
                found[name][direction] = leads
    if boxes and not _everywhere(found):
        _through_all(found, arrangement)
    return found


def _way(here: Box, there: Box, direction: str) -> tuple[int, int] | None:
    """How far ahead, and how far aside, a box lies in a direction; None where it does not."""
    ahead = {
        "right": there.x - here.right,
        "left": here.x - there.right,
        "down": there.y - here.bottom,
        "up": here.y - there.bottom,
    }[direction]
    if ahead < 0:
        return None
    if direction in {"left", "right"}:
        return ahead, _apart(here.y, here.bottom, there.y, there.bottom)
    return ahead, _apart(here.x, here.right, there.x, there.right)


def _apart(low: int, high: int, other_low: int, other_high: int) -> int:
    """Cells between two stretches; less than one apart where they overlap by their middles only."""
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
    """Up and down go to the next of the rank, and from its end to the next rank."""

    def place(name: str) -> tuple[int, int]:
        box = arrangement.boxes[name]
        # Boxes of a rank are centred on it, whatever their widths.
        return (box.y, box.x) if arrangement.downward else (box.x + box.width // 2, box.y)

    names = sorted(found, key=place)
    forth, back = ("right", "left") if arrangement.downward else ("down", "up")
    for before, after in pairwise(names):
        found[before][forth] = after
        found[after][back] = before
