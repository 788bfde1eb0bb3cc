"""A dialog to choose one of a few things."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from rich.cells import cell_len
from rich.style import Style
from rich.text import Text
from textual.widget import Widget
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from hp_tui.widgets.dialog import Dialog
from hp_tui.widgets.escape import fit, visible
from hp_tui.widgets.theme import tone_style
from hp_tui.widgets.values import Tone


class Choice(Struct, frozen=True):
    """One line of a :class:`ChoiceDialog`. ``key`` chooses it at once."""

    id: str
    label: str
    key: str = ""
    note: str = ""
    tone: Tone = Tone.PLAIN


class ChoiceDialog(Dialog[str | None]):
    """Choose one of a few things. Returns its id, or None if the user leaves."""

    def __init__(self, title: str, choices: Sequence[Choice], *, note: str = "", danger: bool = False) -> None:
        super().__init__(title, "enter choose   esc leave it", danger=danger)
        self._choices = tuple(choices)
        self._note = note

    def body(self) -> list[Widget]:
        texts = choice_lines(self._choices, box_room(self.app.size.width), dark=self.app.current_theme.dark)
        options = OptionList(
            *(Option(text, id=choice.id) for choice, text in zip(self._choices, texts, strict=True)), markup=False
        )
        note = Static(Text(visible(self._note, lines=True)), markup=False)
        return [note, options] if self._note else [options]

    def on_mount(self) -> None:
        self.query_one(OptionList).focus()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(event.option_id)

    def on_key(self, event: object) -> None:
        pressed = getattr(event, "character", None)
        for choice in self._choices:
            if choice.key and pressed == choice.key:
                event.stop()  # type: ignore[attr-defined]
                self.dismiss(choice.id)
                return
        options = self.query_one(OptionList)
        if pressed in {"j", "k"}:
            event.stop()  # type: ignore[attr-defined]
            options.action_cursor_down() if pressed == "j" else options.action_cursor_up()


def box_room(width: int) -> int:
    """Cells for text inside a dialog on a screen of ``width`` columns."""
    return min(72, width * 94 // 100) - 4


def choice_lines(choices: Sequence[Choice], room: int, *, dark: bool) -> list[Text]:
    """One line a choice, in columns: key, label, note. A note that does not fit ends in ``…``."""
    keys = max((cell_len(choice.key) + 1 for choice in choices if choice.key), default=0)
    labels = max((cell_len(visible(choice.label)) + 2 for choice in choices if choice.note), default=0)
    lines = []
    for choice in choices:
        text = Text(no_wrap=True)
        text.append(fit(choice.key, keys), tone_style(Tone.WARN, dark) + Style(bold=True))
        label = visible(choice.label)
        text.append(fit(label, labels) if choice.note else label, tone_style(choice.tone, dark))
        note = visible(choice.note)
        text.append(note if keys + labels + cell_len(note) <= room else fit(note, room - keys - labels), "dim")
        lines.append(text)
    return lines
