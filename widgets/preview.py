"""A preview of what will happen to many things, one line each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from hp_tui.widgets.dialog import Dialog
from hp_tui.widgets.escape import visible
from hp_tui.widgets.still import StillText
from hp_tui.widgets.table import FleetTable
from hp_tui.widgets.theme import tone_style
from hp_tui.widgets.values import GLYPHS, Badge, Column, Row, Tone

COLUMNS = (
    Column("mark", "", 1),
    Column("name", "INSTANCE", 14, grow=2),
    Column("place", "NODE", 10, grow=1, drop=1),
    Column("outcome", "WHAT COMES OF IT", 30, grow=3),
)
EXPLANATION_LINES = 7
"""Lines for the row under the cursor."""
OTHER_LINES = 6
"""Lines of the frame, the lead, blank lines and the table's heading."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One thing and what will happen to it: ``short`` on its line, ``says`` and ``commands`` when the cursor is on it.

    Of two commands the first one is better; the second is what this console would do.
    """

    name: str
    place: str
    short: str
    says: str
    commands: tuple[str, ...] = ()
    tone: Tone = Tone.PLAIN


class PreviewDialog(Dialog[bool]):
    """The cursor moves over ``outcomes``; only lines on the screen are drawn. Enter or ``y`` confirms, Escape or ``n`` leaves.

    ``c`` copies ``copied``: the commands for all of them. Without a ``confirm`` the dialog only informs.
    """

    DEFAULT_CSS = """
    PreviewDialog > .box { width: 110; }
    PreviewDialog FleetTable { margin: 1 0; }
    PreviewDialog #says { height: 7; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,y", "confirm", show=False, priority=True),
        Binding("n", "leave", show=False),
        Binding("c,ctrl+g", "copy", show=False),
    ]

    def __init__(
        self,
        title: str,
        lead: str,
        outcomes: Sequence[Outcome],
        confirm: str,
        *,
        danger: bool = True,
        copied: str = "",
    ) -> None:
        copy = "   c copy the commands" if copied else ""
        super().__init__(title, (f"enter {confirm}" if confirm else "") + f"{copy}   esc leave it", danger=danger)
        self._lead = lead
        self._outcomes = {str(number): outcome for number, outcome in enumerate(outcomes)}
        self._confirm = confirm
        self._copied = copied

    def compose(self) -> ComposeResult:
        table = FleetTable(COLUMNS, id="outcomes")
        box = Vertical(Static(Text(visible(self._lead)), markup=False), table, StillText(id="says"), classes="box")
        box.border_title = Content(visible(self._title))
        box.border_subtitle = Content(self._keys.strip())
        yield box

    def on_mount(self) -> None:
        table = self.query_one(FleetTable)
        self._fit()
        table.set_rows([outcome_row(key, outcome) for key, outcome in self._outcomes.items()])
        table.focus()

    def on_resize(self, event: events.Resize) -> None:
        self._fit()

    def _fit(self) -> None:
        """Make the table as long as its rows need and the screen allows."""
        room = self.app.size.height * 92 // 100 - EXPLANATION_LINES - OTHER_LINES
        self.query_one(FleetTable).styles.height = max(3, min(len(self._outcomes) + 1, room))

    def on_fleet_table_row_highlighted(self, event: FleetTable.RowHighlighted) -> None:
        event.stop()
        outcome = self._outcomes[event.key]
        dark = self.app.current_theme.dark
        text = Text(visible(outcome.says))
        for number, command in enumerate(outcome.commands):
            text.append("\nThis console does: " if number else "\n")
            text.append(visible(command), tone_style(Tone.INFO, dark))
        self.query_one("#says", StillText).update(text)

    def copy_text(self) -> tuple[str, str]:
        return self._copied, "the commands"

    def action_confirm(self) -> None:
        if self._confirm:
            self.dismiss(True)

    def action_leave(self) -> None:
        self.dismiss(False)


def outcome_row(key: str, outcome: Outcome) -> Row:
    """The line of a table with :data:`COLUMNS`."""
    tone = outcome.tone
    return Row(
        key,
        {
            "mark": Badge(GLYPHS[tone] if tone in {Tone.BAD, Tone.WARN} else "", tone),
            "name": Badge(visible(outcome.name)),
            "place": Badge(visible(outcome.place), Tone.MUTED),
            "outcome": Badge(visible(outcome.short), tone),
        },
    )
