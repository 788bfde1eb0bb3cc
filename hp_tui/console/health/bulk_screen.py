"""An action on many instances while it is carried out, and how it ended."""

from __future__ import annotations

from typing import ClassVar

from msgspec.structs import replace
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content

from hp_tui.console.health.rows.bulk import progress, summary, unfinished
from hp_tui.console.messages import Copy, RunCommand, ShowNotice
from hp_tui.console.shared.connection import ask_token, reconnect
from hp_tui.console.shared.fleet_screen import FleetModal
from hp_tui.model.bulk import BulkState, BulkView
from hp_tui.model.catalog import InstanceRef
from hp_tui.model.commands import Bulk, StopBulk
from hp_tui.model.fleet import FleetSnapshot
from hp_tui.model.timeline import Severity
from hp_tui.widgets.escape import visible
from hp_tui.widgets.preview import COLUMNS, Outcome, outcome_row
from hp_tui.widgets.still import StillText
from hp_tui.widgets.table import FleetTable
from hp_tui.widgets.theme import tone_style
from hp_tui.widgets.values import Tone

Unfinished = tuple[InstanceRef, ...]
WHERE = (*COLUMNS[:-1], replace(COLUMNS[-1], label="WHY NOT"))
BAR = 40
"""Cells of the progress bar."""
LINES = 11
"""Lines of the box that are not the table's."""


class BulkScreen(FleetModal[Unfinished]):
    """Escape stops it between two instances. Once it has ended without a failure it closes by itself; else it says on
    which it was not done, and returns these.
    """

    live = True
    DEFAULT_CSS = """
    BulkScreen { align: center middle; background: $background 60%; }
    BulkScreen > .box {
        width: 100; max-width: 94%; height: auto; max-height: 92%; padding: 0 1; background: $surface;
        border: round $primary; border-title-color: $primary; border-title-style: bold;
        border-subtitle-color: $foreground 60%;
    }
    BulkScreen.-failed > .box { border: round $error; border-title-color: $error; }
    BulkScreen FleetTable { display: none; margin: 1 0; }
    BulkScreen.-failed FleetTable, BulkScreen.-failed #why { display: block; }
    BulkScreen #why { display: none; height: 4; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "leave", show=False),
        Binding("enter,q", "close", show=False, priority=True),
        Binding("c", "copy", show=False),
        Binding("t", "token", show=False),
        Binding("r", "reconnect", show=False),
    ]

    def __init__(self, snapshot: FleetSnapshot, now: float, command: Bulk) -> None:
        super().__init__(snapshot, now)
        self._command = command
        self._shown: dict[str, Outcome] = {}
        self._last = BulkView(command.id, command.title, len(command.steps), now)

    def compose(self) -> ComposeResult:
        box = Vertical(StillText(id="bar"), FleetTable(WHERE), StillText(id="why"), classes="box")
        box.border_title = Content(f"{self._command.title}: {len(self._command.steps)}")
        yield box

    @property
    def bulk(self) -> BulkView:
        """How far it is, as last heard of."""
        found = self.snapshot.bulk
        if found is not None and found.id == self._command.id:
            self._last = found
        return self._last

    def repaint(self) -> None:
        if not self.query(FleetTable):
            return
        bulk = self.bulk
        if bulk.state is BulkState.DONE and not bulk.failures:
            self.app.post_message(ShowNotice(f"{bulk.title}: {summary(bulk)}", Severity.GOOD))
            self.dismiss(())
            return
        self.query_one("#bar", StillText).update(self._bar(bulk))
        self.query_one(".box", Vertical).border_subtitle = Content(self._keys(bulk))
        self._show(unfinished(bulk))

    def _bar(self, bulk: BulkView) -> Text:
        dark = self.app.current_theme.dark
        if not bulk.under_way:
            return Text(summary(bulk))
        over = bulk.done + len(bulk.failures)
        filled = BAR * over // max(1, bulk.total)
        tone = Tone.BAD if bulk.failures else Tone.GOOD
        text = Text("━" * filled, tone_style(tone, dark)).append("━" * (BAR - filled), tone_style(Tone.MUTED, dark))
        stopping = "  stopping…" if bulk.state is BulkState.STOPPING else ""
        return text.append(f"  {progress(bulk)}{stopping}", tone_style(Tone.PLAIN, dark))

    def _keys(self, bulk: BulkView) -> str:
        if bulk.under_way:
            return "esc stop: what is done stays done"
        return "c copy the list   t token   r reconnect   esc close"

    def _show(self, outcomes: tuple[Outcome, ...]) -> None:
        self.set_class(bool(outcomes), "-failed")
        new = {str(number): outcome for number, outcome in enumerate(outcomes)}
        if new == self._shown:
            return
        self._shown = new
        table = self.query_one(FleetTable)
        room = self.app.size.height * 92 // 100 - LINES
        table.styles.height = max(3, min(len(new) + 1, room))
        table.set_rows([outcome_row(key, outcome) for key, outcome in new.items()])
        table.focus()

    def on_fleet_table_row_highlighted(self, event: FleetTable.RowHighlighted) -> None:
        event.stop()
        outcome = self._shown[event.key]
        self.query_one("#why", StillText).update(Text(f"{visible(outcome.name)}: {visible(outcome.says)}"))

    def action_leave(self) -> None:
        """Stop it; once it has ended, close."""
        if self.bulk.under_way:
            self.app.post_message(RunCommand(StopBulk(self._command.id)))
        else:
            self.action_close()

    def action_close(self) -> None:
        bulk = self.bulk
        if not bulk.under_way:
            self.dismiss((*(one.ref for one in bulk.failures), *bulk.left))

    def action_copy(self) -> None:
        lines = [f"{outcome.name} on {outcome.place}: {outcome.says}" for outcome in self._shown.values()]
        if lines:
            self.app.post_message(Copy("\n".join(lines), "what it was not done on"))

    def action_token(self) -> None:
        if not self.bulk.under_way:
            ask_token(self.app)

    def action_reconnect(self) -> None:
        reconnect(self.app)
