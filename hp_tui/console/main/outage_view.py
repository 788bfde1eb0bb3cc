"""What stands in place of the panels when there is no fleet to show."""

from __future__ import annotations

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Center, Middle

from hp_tui.console.main.rows.outage import Plight
from hp_tui.widgets.still import StillText
from hp_tui.widgets.theme import tone_style
from hp_tui.widgets.values import GLYPHS, Tone


class PlightView(Middle):
    """A title, what happened, what to do; centred, readable from across the room."""

    DEFAULT_CSS = """
    PlightView { height: 1fr; }
    PlightView Static { width: 72; max-width: 92%; height: auto; border: round $foreground 25%; padding: 1 3; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._plight: Plight | None = None

    def compose(self) -> ComposeResult:
        with Center():
            yield StillText(id="plight-text")

    def show(self, plight: Plight) -> None:
        """Show this one."""
        if plight == self._plight:
            return
        self._plight = plight
        dark = self.app.current_theme.dark
        text = Text.assemble((f"{GLYPHS[plight.tone]} {plight.title}\n", tone_style(plight.tone, dark)))
        text.append(f"\n{plight.what}\n", tone_style(Tone.PLAIN, dark))
        for line in plight.todo:
            key, gap, says = line.partition("  ")
            text.append(f"\n{key}", tone_style(Tone.WARN if gap else Tone.PLAIN, dark))
            text.append(f"{gap}{says}", tone_style(Tone.PLAIN, dark))
        self.query_one("#plight-text", StillText).update(text)
