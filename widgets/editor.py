"""A value, shown or edited: text with highlighting, or bytes as hex. It knows neither a store nor formats."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message
from textual.widgets import Static, TextArea

from hp_tui.widgets.codearea import CodeArea
from hp_tui.widgets.textual_internals.support import SUPPORTED

BYTES_A_LINE = 16
NOT_EXACT = (
    "Read-only: this version of Textual would change line ends in this text. "
    f"pip install textual=={SUPPORTED[-1]} makes it editable."
)


class ValueEditor(Vertical):
    """``show`` shows a text, ``edit`` lets the user change it, ``set_verdict`` writes the line below it.

    ``show`` never overwrites an edit: while the user edits, it does nothing and returns False.
    """

    DEFAULT_CSS = """
    ValueEditor { height: 1fr; }
    ValueEditor TextArea { border: none; padding: 0; height: 1fr; background: transparent; }
    ValueEditor TextArea:focus { border: none; }
    ValueEditor .verdict { height: 1; color: $foreground 60%; }
    ValueEditor .verdict.-bad { color: $error; }
    ValueEditor .verdict.-edited { color: $warning; }
    """

    class Changed(Message):
        """The text was changed by the user."""

        def __init__(self, editor: ValueEditor, key: str, text: str) -> None:
            super().__init__()
            self.editor = editor
            self.key = key
            self.text = text

        @property
        def control(self) -> ValueEditor:
            return self.editor

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.key = ""
        self.editing = False

    def compose(self) -> ComposeResult:
        area = CodeArea()
        area.read_only = True
        area.show_cursor = False
        yield area
        yield Static("", classes="verdict", markup=False)

    @property
    def area(self) -> CodeArea:
        """The text itself."""
        return self.query_one(CodeArea)

    @property
    def text(self) -> str:
        """The text as it is now."""
        return self.area.text

    def show(self, key: str, text: str, language: str = "") -> bool:
        """Show ``text`` as the value of ``key``. Returns False, and does nothing, while the user edits."""
        if self.editing:
            return False
        self.key = key
        area = self.area
        area.set_format(language)
        if area.text != text:
            area.load_text(text)
        return True

    def edit(self, text: str | None = None) -> None:
        """Let the user change it, starting from ``text`` (a saved draft) or from what is shown.

        A text that this area would not give back as it is stays read-only, and the user is told.
        """
        area = self.area
        if text is not None and text != area.text:
            area.load_text(text)
        if not area.exact:
            self.notify(NOT_EXACT, severity="warning", timeout=12)
            return
        self.editing = True
        area.read_only = False
        area.show_cursor = True
        area.focus()

    def leave(self) -> None:
        """Stop editing; the text stays as it is."""
        self.editing = False
        area = self.area
        area.read_only = True
        area.show_cursor = False

    def set_verdict(self, text: str, *, bad: bool = False, edited: bool = False) -> None:
        """The line below: what is wrong with the text, or what it is."""
        line = self.query_one(".verdict", Static)
        line.update(text)
        line.set_class(bad, "-bad")
        line.set_class(edited and not bad, "-edited")

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        event.stop()
        if self.editing:
            self.post_message(self.Changed(self, self.key, event.text_area.text))


def hex_lines(data: bytes, limit: int = 64 * 1024) -> str:
    """``data`` as offset, hex and printable ASCII, sixteen bytes a line; beyond ``limit`` bytes only their number."""
    lines = []
    for start in range(0, min(len(data), limit), BYTES_A_LINE):
        chunk = data[start : start + BYTES_A_LINE]
        plain = "".join(chr(byte) if 0x20 <= byte < 0x7F else "." for byte in chunk)
        lines.append(f"{start:08x}  {chunk.hex(' '):<{BYTES_A_LINE * 3}} {plain}")
    if len(data) > limit:
        lines.append(f"… {len(data) - limit} more bytes")
    return "\n".join(lines)
