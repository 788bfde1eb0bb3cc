"""What a bench gives back, and how it is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median


@dataclass(frozen=True, slots=True)
class Goal:
    """Something that was to be reached, and what was."""

    text: str
    reached: str
    met: bool


@dataclass(frozen=True, slots=True)
class Table:
    """One bench's result: rows of text under a header, what it was measured with, goals, remarks."""

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    how: str
    goals: Sequence[Goal] = ()
    notes: Sequence[str] = ()
    versions: Sequence[str] = field(default_factory=tuple)

    def markdown(self) -> str:
        lines = [f"## {self.title}", "", self.how, "", _row(self.header), _row("---" for _ in self.header)]
        lines += [_row(row) for row in self.rows]
        if self.goals:
            lines += ["", _row(("goal", "measured", "")), _row(("---", "---", "---"))]
            lines += [_row((goal.text, goal.reached, "met" if goal.met else "**missed**")) for goal in self.goals]
        lines += [f"\n{note}" for note in self.notes]
        return "\n".join(lines) + "\n"


def _row(cells) -> str:
    return f"| {' | '.join(cells)} |"


def middle(values: Sequence[float]) -> float:
    """The median."""
    return median(values)


def ratio(value: float, to: float) -> str:
    """``value`` as a multiple of ``to``."""
    return f"{value / to:.2f}" if to else "–"


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which ``share`` of them lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def ms(seconds: float) -> str:
    """Seconds as milliseconds."""
    value = seconds * 1000
    return f"{value:.2f} ms" if value < 10 else f"{value:.0f} ms"
