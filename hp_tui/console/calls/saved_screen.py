"""Requests saved under a name: load, rename, delete; the one under the cursor in full."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll

from hp_tui.console.actions.action import ActionId, Scope, footer
from hp_tui.console.actions.bindings import ActionBindings, bindings
from hp_tui.console.calls.rows.saved import SAVED_COLUMNS, saved_lines, saved_rows, shell_command
from hp_tui.console.calls.run_text import coloured
from hp_tui.console.calls.saved_actions import SavedRequestActions
from hp_tui.console.messages import ShowNotice
from hp_tui.console.shared.copying import copy_one_of
from hp_tui.console.shared.filter_bar import FilterBar
from hp_tui.console.shared.filtered_list import ListAndOne
from hp_tui.console.shared.rows.text import count
from hp_tui.model.calls import SavedRequest, SavedView
from hp_tui.model.fleet import FleetSnapshot
from hp_tui.model.timeline import Severity
from hp_tui.widgets.bars import Hint, KeyFooter
from hp_tui.widgets.escape import visible
from hp_tui.widgets.frame import Panel
from hp_tui.widgets.still import StillText
from hp_tui.widgets.table import FleetTable

BODY_SHOWN = 64 * 1024
"""Characters of a body that are drawn."""
NONE_YET = "none saved yet: compose a call and press ctrl+t there"


class SavedScreen(ActionBindings, ListAndOne[SavedRequest]):
    """Returns the request to load, None when left."""

    scope = Scope.SAVED
    DEFAULT_CSS = """
    SavedScreen #saved-panel { height: 1fr; }
    SavedScreen #saved-one { height: 1fr; }
    SavedScreen Static { height: auto; }
    SavedScreen #saved-problem { color: $error; display: none; }
    SavedScreen #saved-problem.-shown { display: block; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.SAVED)]

    def __init__(self, snapshot: FleetSnapshot, now: float) -> None:
        super().__init__(snapshot, now)
        self._does = SavedRequestActions(self, lambda: self.snapshot)

    def compose(self) -> ComposeResult:
        problem = StillText(id="saved-problem", markup=False)
        yield Panel(0, "", problem, FleetTable(SAVED_COLUMNS), FilterBar(), id="saved-panel")
        with Panel(0, "", id="saved-one"), VerticalScroll(can_focus=False):
            yield StillText(id="saved-text")
        yield KeyFooter()

    def on_mount(self) -> None:
        self.query_one("#saved-panel", Panel).border_title = "Saved requests"
        self.query_one("#saved-one", Panel).border_title = "Request"
        self._does.look()
        super().on_mount()
        self.query_one(FleetTable).focus()

    def repaint(self) -> None:
        if not self.query(KeyFooter):
            return
        view = self.snapshot.saved
        rows = saved_rows(self.snapshot, self.wanted)
        table = self.query_one(FleetTable)
        empty = "reading…" if view is None else "no name matches the filter" if self.wanted else NONE_YET
        table.set_empty("" if view and view.problem else empty)
        table.set_rows(rows)
        problem = self.query_one("#saved-problem", StillText)
        problem.set_class(bool(view and view.problem), "-shown")
        problem.update(visible(view.problem) if view else "")
        panel = self.query_one("#saved-panel", Panel)
        shown = f"{len(rows)} of " if self.wanted else ""
        panel.note = shown + count(len(view.requests), "request") if view and not view.problem else ""
        self.query_one(KeyFooter).set_hints([Hint(item.key, item.label) for item in footer(self.actions())])
        request = self._request()
        lines = saved_lines(self.snapshot, request, BODY_SHOWN) if request else ()
        self.query_one("#saved-text", StillText).update(coloured(lines, dark=self.app.current_theme.dark))
        self.query_one("#saved-one", Panel).note = visible((view or SavedView()).path)

    def _request(self) -> SavedRequest | None:
        """The one under the cursor."""
        return (self.snapshot.saved or SavedView()).find(self.query_one(FleetTable).cursor_key)

    def handlers(self) -> Mapping[ActionId, Callable[[], None]]:
        handlers: dict[ActionId, Callable[[], None]] = {
            ActionId.BACK: self.back,
            ActionId.FILTER: self.query_one(FilterBar).open,
            ActionId.RELOAD: self._does.look,
        }
        request = self._request()
        if request is not None:
            handlers |= {
                ActionId.DETAIL: lambda: self._load(request),
                ActionId.RENAME: lambda: self._does.rename(request),
                ActionId.DELETE_REQUEST: lambda: self._does.delete(request),
                ActionId.COPY: lambda: self._copy(request),
            }
        return handlers

    def _load(self, request: SavedRequest) -> None:
        if request.problem:
            self.app.post_message(ShowNotice(f"{request.name} cannot be used: {request.problem}", Severity.WARN))
        else:
            self.dismiss(request)

    def _copy(self, request: SavedRequest) -> None:
        texts = {"name": request.name, "shell": shell_command(request), "body": request.spec.body}
        copy_one_of(self, f"Copy of {request.name}", texts, {"name": "its name", "body": "its body"})

    def on_fleet_table_row_selected(self, event: FleetTable.RowSelected) -> None:
        event.stop()
        request = self._request()
        if request is not None:
            self._load(request)
