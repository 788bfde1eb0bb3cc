"""Dialogs: one frame, one way to answer. Enter says yes, Escape says no, everything works without a mouse."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar, TypeVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Input, Static

from hp_tui.widgets.escape import visible
from hp_tui.widgets.theme import tone_style
from hp_tui.widgets.values import Tone
from hp_tui.widgets.viewer import TextViewer

COUNTED_FROM = 1_000
"""Characters above which the title of a text says how many there are."""

Result = TypeVar("Result")


class Dialog(ModalScreen[Result]):
    """A framed box in the middle of the screen, with a title and the keys that answer it."""

    DEFAULT_CSS = """
    Dialog { align: center middle; background: $background 60%; }
    Dialog > .box {
        width: 72; max-width: 94%; height: auto; max-height: 92%;
        border: round $primary; border-title-color: $primary; border-title-style: bold;
        border-subtitle-color: $foreground 60%;
        background: $surface; padding: 0 1;
    }
    Dialog.-danger > .box { border: round $error; border-title-color: $error; }
    Dialog.-wide > .box { width: 94%; height: 92%; }
    Dialog Static, Dialog Label { width: 1fr; height: auto; }
    Dialog .lines { height: auto; max-height: 1fr; }
    Dialog Input { border: none; height: 1; padding: 0; background: $panel; margin-top: 1; }
    Dialog OptionList { border: none; height: auto; max-height: 16; background: transparent; padding: 0; }
    Dialog .hint { color: $foreground 60%; margin-top: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", show=False)]

    class CopyRequested(Message):
        """The user copies a command of the dialog; ``what`` names it. Posted to the App itself."""

        def __init__(self, text: str, what: str) -> None:
            super().__init__()
            self.text = text
            self.what = what

    def __init__(self, title: str, keys: str, *, danger: bool = False, wide: bool = False) -> None:
        super().__init__()
        self._title = title
        self._keys = keys
        self.set_class(danger, "-danger")
        self.set_class(wide, "-wide")

    def compose(self) -> ComposeResult:
        box = Vertical(*self.body(), classes="box")
        box.border_title = Content(visible(self._title))
        box.border_subtitle = Content(self._keys)
        yield box

    def body(self) -> list[Widget]:
        """The widgets inside."""
        return []

    def action_leave(self) -> None:
        """Close without an answer."""
        self.dismiss(None)

    def copy_text(self) -> tuple[str, str]:
        """The text to copy, '' for none, and what to call it."""
        return "", ""

    def action_copy(self) -> None:
        """Copy it; the dialog stays."""
        text, what = self.copy_text()
        if text:
            self.app.post_message(self.CopyRequested(text, what))


class ConfirmDialog(Dialog[bool]):
    """``lines`` name exactly what will happen. Enter or ``y`` confirms, Escape or ``n`` does not.

    Lines that are one of ``commands`` are shown as such, and ``c`` copies the first of these. Without a ``confirm`` there
    is nothing to be done from here: Enter closes too.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,y", "confirm", show=False, priority=True),
        Binding("n", "leave", show=False),
        Binding("c,ctrl+g", "copy", show=False),
    ]

    def __init__(
        self,
        title: str,
        lines: Sequence[str],
        confirm: str = "do it",
        *,
        danger: bool = True,
        commands: Sequence[str] = (),
        what: str = "the command",
    ) -> None:
        copy = "   c copy the command" if commands else ""
        keys = f"enter {confirm}{copy}   esc leave it" if confirm else f"{copy.strip()}   esc close"
        super().__init__(title, keys.strip(), danger=danger)
        self._lines = tuple(lines)
        self._confirm = confirm
        self._commands = tuple(commands)
        self._what = what

    def body(self) -> list[Widget]:
        accent = tone_style(Tone.INFO, self.app.current_theme.dark)
        lines = [Text(visible(line), accent if line in self._commands else "") for line in self._lines]
        return [VerticalScroll(Static(Text("\n").join(lines), markup=False), classes="lines")]

    def copy_text(self) -> tuple[str, str]:
        return (self._commands[0], self._what) if self._commands else ("", "")

    def action_confirm(self) -> None:
        self.dismiss(bool(self._confirm))

    def action_leave(self) -> None:
        self.dismiss(False)


class PromptDialog(Dialog[str | None]):
    """Asks for a line of text. ``secret`` hides it; None when left.

    ``value`` is selected, so that typing replaces it; ``select`` False puts the cursor behind it instead. ``command`` gives
    the command that does the same with what is typed; it is shown, and ctrl+g copies it.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+g", "copy", show=False)]

    def __init__(
        self,
        title: str,
        question: str,
        value: str = "",
        *,
        secret: bool = False,
        placeholder: str = "",
        select: bool = True,
        command: Callable[[str], str] | None = None,
    ) -> None:
        super().__init__(title, f"enter accept{'   ctrl+g copy the command' if command else ''}   esc leave it")
        self._question = question
        self._value = value
        self._secret = secret
        self._placeholder = placeholder
        self._select = select
        self._command = command

    def body(self) -> list[Widget]:
        asked: list[Widget] = [
            Static(Text(visible(self._question)), markup=False),
            Input(self._value, password=self._secret, placeholder=self._placeholder, select_on_focus=self._select),
        ]
        return (
            [*asked, Static(self._command_text(self._value), classes="command", markup=False)]
            if self._command
            else asked
        )

    def _command_text(self, value: str) -> Text:
        command = self._command(value.strip()) if self._command else ""
        return Text(f"\n{visible(command)}", tone_style(Tone.INFO, self.app.current_theme.dark))

    def copy_text(self) -> tuple[str, str]:
        value = self.query_one(Input).value.strip()
        return (self._command(value), "the command") if self._command else ("", "")

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        if self._command:
            self.query_one(".command", Static).update(self._command_text(event.value))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.dismiss(event.value)


class TextDialog(Dialog[None]):
    """A long text over nearly the whole screen, scrollable; the title says how much there is. A megabyte is fine."""

    DEFAULT_CSS = "TextDialog > .box { padding: 0 0 0 1; }"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("q,enter", "leave", show=False, priority=True)]

    def __init__(self, title: str, text: str, *, keys: str = "↓ ↑ scroll   g G ends   esc close") -> None:
        size = f" · {len(text):,} characters" if len(text) > COUNTED_FROM else ""
        super().__init__(title + size, keys, wide=True)
        self._text = text

    def body(self) -> list[Widget]:
        return [TextViewer(self._text)]
