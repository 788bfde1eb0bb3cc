"""A screen over the fleet: it is handed each picture, and the time once a second."""

from __future__ import annotations

from typing import ClassVar, Generic, TypeVar

from textual.screen import ModalScreen, Screen

from hp_tui.model.fleet import FleetSnapshot
from hp_tui.widgets.textual_internals.line_painting import paint_by_line

Result = TypeVar("Result")


class Following:
    """What the App asks of every screen that shows the fleet."""

    snapshot: FleetSnapshot
    now: float
    live: ClassVar[bool] = False
    """Follows the fleet while the picture is paused too: it waits for the answer to something that was just done."""

    def follow(self, snapshot: FleetSnapshot, now: float) -> None:
        """Take over a picture. ``now`` is Unix seconds; it moves once a second while nothing else does."""
        self.snapshot = snapshot
        self.now = now
        self.repaint()

    def repaint(self) -> None:
        """Bring what is shown in line with ``snapshot`` and ``now``; cheap where nothing relevant changed."""
        raise NotImplementedError


class _Whole(Following):
    """What the two kinds of screen share."""

    def __init__(self, snapshot: FleetSnapshot, now: float) -> None:
        super().__init__()
        paint_by_line(self)  # type: ignore[arg-type]  # it is a screen
        self.snapshot = snapshot
        self.now = now

    def follow(self, snapshot: FleetSnapshot, now: float) -> None:
        self.snapshot = snapshot
        self.now = now
        self.repaint_if_open()

    def on_mount(self) -> None:
        self.repaint_if_open()

    def on_screen_resume(self) -> None:
        self.repaint_if_open()

    def repaint_if_open(self) -> None:
        """A screen that is closed before it has all its widgets is mounted without them."""
        if self in self.app.screen_stack:  # type: ignore[attr-defined]  # it is a screen
            self.repaint()


class FleetScreen(_Whole, Screen[Result], Generic[Result]):
    """A full screen that follows the fleet."""


class FleetModal(_Whole, ModalScreen[Result], Generic[Result]):
    """A dialog that follows the fleet."""
