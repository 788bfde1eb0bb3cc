"""What stands in place of the panels when there is no fleet to show."""

from __future__ import annotations

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Center, Middle

from hp_tui.console.main.rows.outage import OutageMessage
from hp_tui.widgets.still import StillText
from hp_tui.widgets.theme import tone_style
from hp_tui.widgets.values import GLYPHS, Tone


class OutageView(Middle):
    """A title, what happened, what to do; centred, readable from across the room."""

    DEFAULT_CSS = """
    OutageView { height: 1fr; }
    OutageView Static { width: 72; max-width: 92%; height: auto; border: round $foreground 25%; padding: 1 3; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._outage: OutageMessage | None = None

    def compose(self) -> ComposeResult:
        with Center():
            yield StillText(id="outage-text")

    def show(self, outage_message: OutageMessage) -> None:
        """Show this one."""
        if outage_message == self._outage:
            return
        self._outage = outage_message
        dark = self.app.current_theme.dark
        text = Text.assemble(
            (f"{GLYPHS[outage_message.tone]} {outage_message.title}\n", tone_style(outage_message.tone, dark))
        )
        text.append(f"\n{outage_message.what}\n", tone_style(Tone.PLAIN, dark))
        for line in outage_message.todo:
            key, gap, says = line.partition("  ")
            text.append(f"\n{key}", tone_style(Tone.WARN if gap else Tone.PLAIN, dark))
            text.append(f"{gap}{says}", tone_style(Tone.PLAIN, dark))
        self.query_one("#outage-text", StillText).update(text)
