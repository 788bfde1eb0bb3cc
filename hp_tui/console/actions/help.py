"""Every key, generated from the registry."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from rich.cells import cell_len
from rich.style import Style
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from hp_tui.console.actions.action import KEY_NAMES, Action, Scope, available
from hp_tui.console.actions.registry import ACTIONS
from hp_tui.console.shared.rows.filter_fields import INSTANCE_FIELDS
from hp_tui.console.timeline.rows import TIMELINE_FIELDS
from hp_tui.model.fleet import FleetSnapshot
from hp_tui.widgets.escape import fit
from hp_tui.widgets.theme import tone_style
from hp_tui.widgets.values import GLYPHS, Tone

MOVING = (
    ("arrows hjkl", "Move: along calls in Topology, in and out of folders in KV"),
    ("g G", "First, last; home and end too"),
    ("pgup pgdn", "A page"),
)
FILTERS = (
    ("word other", "Lines that hold both words, whatever their case"),
    ("!word", "Lines that do not; ! stands before any term"),
    ("re:-[12]$", "A regular expression (RE2), to the end of the line"),
    ("tag:a,b", "By field, any of the values: " + " ".join(INSTANCE_FIELDS)),
    ("meta:k=v", "Metadata of the instance or its node: that key, whose value holds the text"),
    ("kind:health", "In the timeline: " + " ".join(TIMELINE_FIELDS)),
)
GLYPH_WORDS = (
    (Tone.GOOD, "passing, closed"),
    (Tone.WARN, "warning, half-open"),
    (Tone.BAD, "critical, open"),
    (Tone.OFF, "maintenance, forced open"),
    (Tone.MUTED, "not known"),
)
MARK_WORDS = (
    ("●", "an attempt that succeeded"),
    ("×", "failed"),
    ("↷", "failed and was tried elsewhere"),
    ("⊘", "rejected by the breaker"),
)
ROLLS: dict[str, Callable[[VerticalScroll], None]] = {
    "j": VerticalScroll.action_scroll_down,
    "k": VerticalScroll.action_scroll_up,
    "g": VerticalScroll.action_scroll_home,
    "G": VerticalScroll.action_scroll_end,
    "space": VerticalScroll.action_page_down,
}
TWO_COLUMNS = 112
"""Columns of the terminal from which sections stand side by side."""
FRAME = 6
"""Cells of frame, padding and scrollbar."""
GAP = 3
"""Cells between two columns."""

Rows = list[tuple[str, str]]


class HelpScreen(ModalScreen[None]):
    """The keys of the panel the user came from stand first."""

    DEFAULT_CSS = """
    HelpScreen { align: center middle; background: $background 60%; }
    HelpScreen > Vertical {
        width: 78; max-width: 96%; height: 92%; border: round $primary; background: $surface; padding: 0 0 0 1;
        border-title-color: $primary; border-title-style: bold; border-subtitle-color: $foreground 60%;
    }
    HelpScreen.-wide > Vertical { width: 132; max-width: 100%; }
    HelpScreen Horizontal { height: auto; }
    HelpScreen Static { width: 1fr; height: auto; }
    HelpScreen #right { display: none; }
    HelpScreen.-wide #right { display: block; }
    HelpScreen VerticalScroll { scrollbar-size-vertical: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,question_mark,f1", "leave", show=False),
        *(Binding(key, f"roll({key!r})", show=False) for key in ROLLS),
    ]

    def __init__(self, snapshot: FleetSnapshot, first: Scope) -> None:
        super().__init__()
        self._snapshot = snapshot
        self._first = first

    def compose(self) -> ComposeResult:
        box = Vertical()
        box.border_title = "Keys"
        with box, VerticalScroll(), Horizontal():
            yield Static(id="left")
            yield Static(id="right")

    def on_resize(self) -> None:
        self.call_after_refresh(self._tell_how_to_roll)
        width = self.app.size.width
        wide = width >= TWO_COLUMNS
        self.set_class(wide, "-wide")
        sections = self._sections()
        if not wide:
            self.query_one("#left", Static).update(self._column(sections, min(78, width * 96 // 100) - FRAME))
            return
        room = (min(132, width) - FRAME - GAP) // 2
        cut = _middle(sections)
        self.query_one("#left", Static).update(self._column(sections[:cut], room))
        self.query_one("#right", Static).update(self._column(sections[cut:], room))

    def _tell_how_to_roll(self) -> None:
        rolls = self.query_one(VerticalScroll).max_scroll_y > 0
        self.query_one(Vertical).border_subtitle = f"{'↓ ↑ scroll   ' if rolls else ''}esc close"

    def action_leave(self) -> None:
        self.dismiss(None)

    def action_roll(self, key: str) -> None:
        """As vim and less do; arrows and page keys the scrolling part has itself."""
        ROLLS[key](self.query_one(VerticalScroll))

    def _sections(self) -> list[tuple[str, Rows]]:
        """Titles with their rows of keys and words."""
        sections: list[tuple[str, Rows]] = []
        for scope in [self._first, *(scope for scope in Scope if scope is not self._first)]:
            actions = [action for action in ACTIONS if action.scope is scope and self._has(action)]
            if actions:
                sections.append((scope.value, [(_keys(action), action.says) for action in actions]))
                if scope is self._first:
                    sections.append(("Moving", list(MOVING)))
        sections.append(("Filters", list(FILTERS)))
        sections.append(("Signs", [*((GLYPHS[tone], words) for tone, words in GLYPH_WORDS), *MARK_WORDS]))
        if self._snapshot.read_only:
            sections.append(("Read-only", [("", "Actions that write are absent on this console.")]))
        return sections

    def _column(self, sections: list[tuple[str, Rows]], room: int) -> Text:
        """Sections below each other, folded into ``room`` cells, their keys in one column as wide as it needs."""
        keys = max((cell_len(key) for _, rows in sections for key, _ in rows), default=0) + 2
        text = Text()
        for title, rows in sections:
            text.append(f"{title}\n", self._style(Tone.INFO) + Style(bold=True))
            for key, says in rows:
                for number, line in enumerate(
                    Text(says, self._style(Tone.PLAIN)).wrap(self.app.console, room - keys - 1)
                ):
                    text.append(f" {fit('' if number else key, keys)}", self._style(Tone.WARN))
                    text.append_text(line)
                    text.append("\n")
            text.append("\n")
        text.rstrip()
        return text

    def _has(self, action: Action) -> bool:
        return available(action, read_only=self._snapshot.read_only, chaos=self._snapshot.chaos)

    def _style(self, tone: Tone) -> Style:
        return tone_style(tone, self.app.current_theme.dark)


def _keys(action: Action) -> str:
    return " ".join(KEY_NAMES.get(key, key) for key in action.keys)


def _middle(sections: list[tuple[str, Rows]]) -> int:
    """Where to cut, so that both columns are about as long."""
    sizes = [len(rows) + 2 for _, rows in sections]
    return min(range(1, len(sizes)), key=lambda cut: abs(sum(sizes[:cut]) - sum(sizes[cut:])))
