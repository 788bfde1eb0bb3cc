"""A row's cells, made when they are first asked for: of ten thousand rows a screenful is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from hp_tui.widgets.values import Badge


class Cells(Mapping[str, Badge]):
    """By column, what ``make`` gives; it is called once, or never."""

    __slots__ = ("_made", "_make")

    def __init__(self, make: Callable[[], dict[str, Badge]]) -> None:
        self._make = make
        self._made: dict[str, Badge] | None = None

    def _cells(self) -> dict[str, Badge]:
        if self._made is None:
            self._made = self._make()
        return self._made

    def __getitem__(self, key: str) -> Badge:
        return self._cells()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._cells())

    def __len__(self) -> int:
        return len(self._cells())

    def __eq__(self, other: object) -> bool:
        return self._cells() == (other._cells() if isinstance(other, Cells) else other)

    __hash__ = None  # type: ignore[assignment]  # as any mapping
