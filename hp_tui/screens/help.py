"""Every key, generated from the registry."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from hp_tui.actions import ACTIONS, KEY_NAMES, Action, Scope, available
from hp_tui.model.fleet import FleetSnapshot
from widgets.theme import tone_style
from widgets.values import GLYPHS, Tone

MOVING = (
    ("arrows hjkl", "move: along calls in Topology, in and out of folders in KV"),
    ("g G home end", "first, last"),
    ("page up/down", "a page"),
)
GLYPH_WORDS = (
    (Tone.GOOD, "passing, closed"),
    (Tone.WARN, "warning, half-open"),
    (Tone.BAD, "critical, open"),
    (Tone.OFF, "maintenance, forced open"),
    (Tone.MUTED, "not known"),
)
MARK_WORDS = "● ok   × failed   ↷ retried elsewhere   ⊘ rejected by the breaker"


class HelpScreen(ModalScreen[None]):
    """The keys of the panel the user came from stand first."""

    DEFAULT_CSS = """
    HelpScreen { align: center middle; background: $background 60%; }
    HelpScreen > Vertical {
        width: 78; max-width: 96%; height: 92%; border: round $primary; background: $surface; padding: 0 1;
        border-title-color: $primary; border-title-style: bold; border-subtitle-color: $foreground 60%;
    }
    HelpScreen Static { height: auto; }
    HelpScreen VerticalScroll { scrollbar-size-vertical: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,question_mark,f1", "leave", show=False)]

    def __init__(self, snapshot: FleetSnapshot, first: Scope) -> None:
        super().__init__()
        self._snapshot = snapshot
        self._first = first

    def compose(self) -> ComposeResult:
        box = Vertical()
        box.border_title = "Keys"
        box.border_subtitle = "esc close"
        with box, VerticalScroll():
            yield Static(self._text())

    def action_leave(self) -> None:
        self.dismiss(None)

    def _text(self) -> Text:
        text = Text()
        scopes = [self._first, *(scope for scope in Scope if scope is not self._first)]
        for scope in scopes:
            actions = [action for action in ACTIONS if action.scope is scope and self._has(action)]
            if actions:
                self._section(text, scope.value, [(_keys(action), action.says) for action in actions])
                if scope is self._first:
                    self._section(text, "Moving", list(MOVING))
        self._section(text, "Signs", [(GLYPHS[tone], words) for tone, words in GLYPH_WORDS])
        text.append(f"  {MARK_WORDS}\n")
        if self._snapshot.read_only:
            text.append("\nThis console is read-only: actions that write are absent.\n", self._style(Tone.INFO))
        return text

    def _section(self, text: Text, title: str, rows: list[tuple[str, str]]) -> None:
        if text:
            text.append("\n")
        text.append(f"{title}\n", self._style(Tone.INFO))
        for keys, says in rows:
            text.append(f" {keys:<14} ", self._style(Tone.WARN))
            text.append(f"{says}\n", self._style(Tone.PLAIN))

    def _has(self, action: Action) -> bool:
        return available(action, read_only=self._snapshot.read_only, chaos=self._snapshot.chaos)

    def _style(self, tone: Tone) -> str:
        return str(tone_style(tone, self.app.current_theme.dark))


def _keys(action: Action) -> str:
    return " ".join(KEY_NAMES.get(key, key) for key in action.keys)
