"""Every run of calls this console fired, newest first, and the one under the cursor in full."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll

from hp_tui.model.calls import CallRun
from hp_tui.model.fleet import FleetSnapshot
from hp_tui.present.calls import RUN_COLUMNS, UNDER_WAY, lanes, run_rows
from hp_tui.screens.fleet_screen import FleetModal
from hp_tui.screens.run_text import head, tail
from widgets.bars import Hint, KeyFooter
from widgets.frame import Panel
from widgets.lanes import LanesView
from widgets.still import StillText
from widgets.table import FleetTable

REPLY_SHOWN = 256 * 1024
"""Characters of a reply that are drawn."""


class RunsScreen(FleetModal[str]):
    """Returns the id of the run to show in the panel, None when left."""

    DEFAULT_CSS = """
    RunsScreen #runs-panel { height: 2fr; }
    RunsScreen #run-panel { height: 3fr; }
    RunsScreen Static { height: auto; }
    RunsScreen VerticalScroll { scrollbar-size-vertical: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "leave", show=False),
        Binding("ctrl+d,space", "scroll(8)", show=False),
        Binding("ctrl+u", "scroll(-8)", show=False),
    ]

    def __init__(self, snapshot: FleetSnapshot, now: float, run_id: str) -> None:
        super().__init__(snapshot, now)
        self._first = run_id
        self._drawn: tuple[tuple[CallRun, ...], str, float] | None = None

    def compose(self) -> ComposeResult:
        yield Panel(0, "", FleetTable(RUN_COLUMNS, empty="no calls yet"), id="runs-panel")
        with Panel(0, "", id="run-panel"), VerticalScroll(can_focus=False):
            yield StillText(id="run-head")
            yield LanesView()
            yield StillText(id="run-tail")
        yield KeyFooter()

    def on_mount(self) -> None:
        self.query_one("#runs-panel", Panel).border_title = "Runs"
        self.query_one("#run-panel", Panel).border_title = "Run"
        hints = [Hint("enter", "show in panel 3"), Hint("space", "scroll"), Hint("esc", "back")]
        self.query_one(KeyFooter).set_hints(hints)
        super().on_mount()
        table = self.query_one(FleetTable)
        table.move_cursor(self._first)
        table.focus()

    def repaint(self) -> None:
        if not self.query(KeyFooter):
            return
        runs = self.snapshot.runs
        table = self.query_one(FleetTable)
        table.set_rows(run_rows(runs))
        run = next((item for item in runs if item.id == table.cursor_key), None)
        if run is None:
            return
        state = (runs, run.id, self.now if run.state in UNDER_WAY else 0.0)
        if self._drawn is not None and self._drawn[0] is runs and self._drawn[1:] == state[1:]:
            return
        self._drawn = state
        dark = self.app.current_theme.dark
        self.query_one("#run-head", StillText).update(head(run, self.now, dark=dark))
        self.query_one(LanesView).set_lanes(lanes(run))
        self.query_one("#run-tail", StillText).update(tail(run, dark=dark, limit=REPLY_SHOWN))

    def on_fleet_table_row_highlighted(self, event: FleetTable.RowHighlighted) -> None:
        event.stop()
        self.repaint()

    def on_fleet_table_row_selected(self, event: FleetTable.RowSelected) -> None:
        event.stop()
        self.dismiss(event.key)

    def action_leave(self) -> None:
        self.dismiss(None)

    def action_scroll(self, step: int) -> None:
        self.query_one(VerticalScroll).scroll_relative(y=step, animate=False)
