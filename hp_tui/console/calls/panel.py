"""Panel 3: the newest run of test calls, or the one chosen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.message import Message

from hp_tui.console.actions.action import ActionId, Scope
from hp_tui.console.actions.bindings import bindings
from hp_tui.console.calls import run_text
from hp_tui.console.calls.rows.lanes import UNDER_WAY, lanes
from hp_tui.console.calls.rows.runs import all_runs, history_hint
from hp_tui.console.calls.verbs import RUN_ACTIONS
from hp_tui.console.messages import RunCommand
from hp_tui.console.shared.filter_bar import FilterBar
from hp_tui.console.shared.panel import FleetPanel
from hp_tui.console.shared.rows.filter_parser import Filter
from hp_tui.model.calls import CallRun
from hp_tui.model.fleet import FleetSnapshot
from hp_tui.widgets.lanes import LanesView
from hp_tui.widgets.still import StillText
from hp_tui.widgets.values import Lane

REPLY_SHOWN = 4000
"""Characters of a reply in the panel; Enter shows it whole."""


class CallsPanel(FleetPanel):
    """Lanes, numbers and the newest reply of one run."""

    scope = Scope.CALLS
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.CALLS)]
    DEFAULT_CSS = """
    CallsPanel VerticalScroll { scrollbar-size-vertical: 1; }
    CallsPanel Static { height: auto; }
    """

    class HistoryOpened(Message):
        """Every run is asked for, with ``run`` under the cursor."""

        def __init__(self, run: CallRun) -> None:
            super().__init__()
            self.run = run

    def __init__(self, snapshot: FleetSnapshot, now: float) -> None:
        super().__init__(3, "Calls", snapshot, now)
        self._chosen = ""
        self._drawn: tuple[CallRun, float, Filter] | None = None

    def compose(self) -> ComposeResult:
        with VerticalScroll(can_focus=True):
            yield StillText(id="run-head")
            yield LanesView(id="lanes")
            yield StillText(id="run-tail")
        yield FilterBar()

    def body(self) -> VerticalScroll:
        return self.query_one(VerticalScroll)

    def run_shown(self) -> CallRun | None:
        """The chosen run, of whichever session, else the newest of this one."""
        runs = self.snapshot.runs
        chosen = (run for run in (*runs, *self.snapshot.past_runs) if run.id == self._chosen)
        return next(chosen, runs[-1] if runs else None)

    def choose(self, run_id: str) -> None:
        """Show this run until another is chosen."""
        self._chosen = run_id
        self.repaint()

    def service(self) -> str:
        run = self.run_shown()
        return run.spec.service if run else ""

    def repaint(self) -> None:
        run = self.run_shown()
        head, tail = self.query_one("#run-head", StillText), self.query_one("#run-tail", StillText)
        if run is None:
            hint = history_hint(self.snapshot)
            keys = "c  one call at the selected service\nC  compose: method, body, count, rate"
            head.update(Text(keys + (f"\nH  {hint}" if hint else ""), "dim"))
            return
        runs = all_runs(self.snapshot) if run.earlier else self.snapshot.runs
        self.note = f"run {runs.index(run) + 1} of {len(runs)}"
        moving = self.now if run.state in UNDER_WAY else 0.0
        state = (run, moving, self.wanted)
        if self._drawn is not None and self._drawn[0] is run and self._drawn[1:] == state[1:]:
            return
        self._drawn = state
        dark = self.app.current_theme.dark
        head.update(run_text.head(run, self.now, dark=dark))
        self.query_one(LanesView).set_lanes(self._wanted_lanes(run))
        tail.update(run_text.tail(run, dark=dark, limit=REPLY_SHOWN))

    def _wanted_lanes(self, run: CallRun) -> tuple[Lane, ...]:
        return tuple(lane for lane in lanes(run) if not self.wanted or self.wanted(lane.key))

    def handlers(self) -> Mapping[ActionId, Callable[[], None]]:
        run = self.run_shown()
        handlers: dict[ActionId, Callable[[], None]] = {
            ActionId.SAVED: partial(self.take, RUN_ACTIONS[ActionId.SAVED], run)
        }
        if run is None:
            past = self.snapshot.past_runs
            return {**handlers, ActionId.RUNS: partial(self._open_history, past[-1])} if past else handlers
        handlers |= {name: partial(self.take, action, run) for name, action in RUN_ACTIONS.items()}
        handlers[ActionId.RUNS] = partial(self._open_history, run)
        if run.state in UNDER_WAY:
            handlers[ActionId.CANCEL_CALLS] = partial(self._cancel, run)
        return handlers

    def _open_history(self, run: CallRun) -> None:
        self.post_message(self.HistoryOpened(run))

    def _cancel(self, run: CallRun) -> None:
        from hp_tui.model.commands import CancelRun

        self.app.post_message(RunCommand(CancelRun(run.id)))
