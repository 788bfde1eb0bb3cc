"""What a write will change, before it is written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from hp_tui.console.messages import Copy
from hp_tui.widgets.diffview import DiffLine, DiffView
from hp_tui.widgets.escape import visible
from hp_tui.widgets.theme import tone_style
from hp_tui.widgets.values import Tone


class WriteDialog(ModalScreen[bool]):
    """The difference line by line; Enter writes, ``c`` copies ``command``, which does the same."""

    DEFAULT_CSS = """
    WriteDialog { align: center middle; background: $background 60%; }
    WriteDialog > Vertical {
        width: 90; max-width: 96%; height: auto; max-height: 92%; border: round $primary; background: $surface;
        padding: 0 1; border-title-color: $primary; border-title-style: bold; border-subtitle-color: $foreground 60%;
    }
    WriteDialog.-danger > Vertical { border: round $error; border-title-color: $error; }
    WriteDialog Static { height: auto; }
    WriteDialog .warning { color: $warning; }
    WriteDialog .command { margin: 1 0 0 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,y,ctrl+s", "answer(True)", show=False, priority=True),
        Binding("escape,n,q", "answer(False)", show=False, priority=True),
        Binding("c,ctrl+g", "copy", show=False),
    ]

    def __init__(
        self,
        title: str,
        says: str,
        lines: Sequence[DiffLine],
        warning: str = "",
        danger: bool = False,
        command: str = "",
    ) -> None:
        super().__init__()
        self._title, self._says, self._lines, self._warning = title, says, tuple(lines), warning
        self._command = command
        self.set_class(danger, "-danger")

    def compose(self) -> ComposeResult:
        box = Vertical()
        box.border_title = Content(visible(self._title))
        box.border_subtitle = f"enter write{'   c copy the command' if self._command else ''}   esc go on editing"
        with box:
            if self._warning:
                yield Static(visible(self._warning), classes="warning", markup=False)
            yield DiffView(self._says, self._lines)
            if self._command:
                accent = tone_style(Tone.INFO, self.app.current_theme.dark)
                yield Static(Text(visible(self._command), accent), classes="command", markup=False)

    def on_mount(self) -> None:
        self.query_one(DiffView).focus()

    def action_answer(self, yes: bool) -> None:
        self.dismiss(yes)

    def action_copy(self) -> None:
        """Copy the command that writes the same, from standard input; the dialog stays."""
        if self._command:
            self.app.post_message(Copy(self._command, "the command; it reads the value from standard input"))
