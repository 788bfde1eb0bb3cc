"""Every run of calls, of this session and of earlier ones, newest first, and the one under the cursor in full."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll

from hp_tui.console.actions.action import ActionId, Scope, footer
from hp_tui.console.actions.bindings import ActionBindings, bindings
from hp_tui.console.calls.rows.lanes import UNDER_WAY, lanes
from hp_tui.console.calls.rows.runs import RUN_COLUMNS, all_runs, run_rows
from hp_tui.console.calls.run_text import head, tail
from hp_tui.console.shared.filter_bar import FilterBar
from hp_tui.console.shared.filtered_list import ListAndOne
from hp_tui.console.shared.rows.filter_parser import Filter
from hp_tui.console.shared.rows.text import count
from hp_tui.model.calls import CallRun
from hp_tui.model.fleet import FleetSnapshot
from hp_tui.widgets.bars import Hint, KeyFooter
from hp_tui.widgets.frame import Panel
from hp_tui.widgets.lanes import LanesView
from hp_tui.widgets.still import StillText
from hp_tui.widgets.table import FleetTable

REPLY_SHOWN = 256 * 1024
"""Characters of a reply that are drawn."""

RunAct = Callable[[CallRun], None]


class RunsScreen(ActionBindings, ListAndOne[str]):
    """Returns the id of the run to show in the panel, None when left.

    ``acts``: what can be done with a run; REPEAT is done once the screen is left, the others above it.
    """

    scope = Scope.RUNS
    DEFAULT_CSS = """
    RunsScreen #runs-panel { height: 2fr; }
    RunsScreen #run-panel { height: 3fr; }
    RunsScreen Static { height: auto; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.RUNS)]

    def __init__(self, snapshot: FleetSnapshot, now: float, run_id: str, acts: Mapping[ActionId, RunAct]) -> None:
        super().__init__(snapshot, now)
        self._first = run_id
        self._acts = acts
        self._drawn: tuple[CallRun, float] | None = None
        self._listed: tuple[tuple[CallRun, ...], tuple[CallRun, ...], Filter] | None = None

    def compose(self) -> ComposeResult:
        yield Panel(0, "", FleetTable(RUN_COLUMNS, empty="no calls yet"), FilterBar(), id="runs-panel")
        with Panel(0, "", id="run-panel"), VerticalScroll(can_focus=False):
            yield StillText(id="run-head")
            yield LanesView()
            yield StillText(id="run-tail")
        yield KeyFooter()

    def on_mount(self) -> None:
        self.query_one("#runs-panel", Panel).border_title = "Runs"
        self.query_one("#run-panel", Panel).border_title = "Run"
        super().on_mount()
        table = self.query_one(FleetTable)
        table.move_cursor(self._first)
        table.focus()

    def repaint(self) -> None:
        if not self.query(KeyFooter):
            return
        self._list()
        self.query_one(KeyFooter).set_hints(
            [*(Hint(item.key, item.label) for item in footer(self.actions())), Hint("space", "scroll")]
        )
        run = self._run()
        if run is None:
            return
        drawn = (run, self.now if run.state in UNDER_WAY else 0.0)
        if self._drawn is not None and self._drawn[0] is run and self._drawn[1] == drawn[1]:
            return
        self._drawn = drawn
        dark = self.app.current_theme.dark
        self.query_one("#run-head", StillText).update(head(run, self.now, dark=dark))
        self.query_one(LanesView).set_lanes(lanes(run))
        self.query_one("#run-tail", StillText).update(tail(run, dark=dark, limit=REPLY_SHOWN))

    def _list(self) -> None:
        """The table's rows, when they may have changed."""
        listed = (self.snapshot.past_runs, self.snapshot.runs, self.wanted)
        if self._listed is not None and all(new is old for new, old in zip(listed, self._listed, strict=True)):
            return
        self._listed = listed
        rows = run_rows(self.snapshot, self.now, self.wanted)
        table = self.query_one(FleetTable)
        table.set_empty("no run matches the filter" if self.wanted else "no calls yet")
        table.set_rows(rows)
        shown = f"{sum(not row.heading for row in rows)} of " if self.wanted else ""
        self.query_one("#runs-panel", Panel).note = shown + count(len(all_runs(self.snapshot)), "run")

    def _run(self) -> CallRun | None:
        """The one under the cursor."""
        key = self.query_one(FleetTable).cursor_key
        return next((run for run in all_runs(self.snapshot) if run.id == key), None)

    def handlers(self) -> Mapping[ActionId, Callable[[], None]]:
        handlers: dict[ActionId, Callable[[], None]] = {
            ActionId.BACK: self.back,
            ActionId.FILTER: self.query_one(FilterBar).open,
        }
        run = self._run()
        if run is not None:
            handlers |= {do: lambda act=act: act(run) for do, act in self._acts.items()}  # type: ignore[misc]
            handlers |= {ActionId.DETAIL: lambda: self._show(run), ActionId.REPEAT: lambda: self._repeat(run)}
        return handlers

    def _show(self, run: CallRun) -> None:
        self.dismiss(run.id)

    def _repeat(self, run: CallRun) -> None:
        self.dismiss(None)
        self._acts[ActionId.REPEAT](run)

    def on_fleet_table_row_selected(self, event: FleetTable.RowSelected) -> None:
        event.stop()
        self.dismiss(event.key)
