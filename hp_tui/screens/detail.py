"""Everything of one instance, following the fleet while it is open."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar

from rich.cells import cell_len
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content

from hp_tui.actions import Do, Scope, footer
from hp_tui.model.fleet import FleetSnapshot, InstanceView
from hp_tui.present.detail import Section, sections
from hp_tui.screens.acting import Acting, bindings
from hp_tui.screens.fleet_screen import FleetModal
from hp_tui.screens.instance_deeds import InstanceDeeds
from widgets.bars import Hint, KeyFooter
from widgets.escape import fit, visible
from widgets.frame import Panel
from widgets.still import StillText
from widgets.theme import tone_style
from widgets.values import Tone

WIDTH = 84
FRAME = 5
"""Columns of the drawer, and those of them that its frame, padding and scrollbar take."""
LABELS = (12, 26)
"""Cells of the label column at least and at most."""


class DetailScreen(Acting, FleetModal[None]):
    """A drawer at the right; as wide as the screen where that is narrow."""

    scope = Scope.DETAIL
    DEFAULT_CSS = """
    DetailScreen { align: right top; background: $background 40%; }
    DetailScreen > Panel {
        width: 84; max-width: 100%; height: 1fr; margin: 1 0 0 0; padding: 0 0 0 1; background: $surface;
    }
    DetailScreen VerticalScroll { scrollbar-size-vertical: 1; }
    DetailScreen Static { height: auto; margin: 0 1 0 0; }
    DetailScreen KeyFooter { dock: bottom; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(Scope.DETAIL),
        Binding("j,down", "scroll(1)", show=False),
        Binding("k,up", "scroll(-1)", show=False),
    ]

    def __init__(
        self, snapshot: FleetSnapshot, now: float, service: str, instance_id: str, call: Callable[[str], None]
    ) -> None:
        super().__init__(snapshot, now)
        self._service = service
        self._instance_id = instance_id
        self._call = call
        self._drawn: tuple[Section, ...] = ()
        self._instances = InstanceDeeds(self, lambda: self.snapshot.link.address, lambda: self.now)

    def compose(self) -> ComposeResult:
        panel = Panel(0, "", VerticalScroll(StillText(id="detail-text")))
        panel.border_title = Content(visible(self._instance_id))
        yield panel
        yield KeyFooter()

    def on_resize(self) -> None:
        self._drawn = ()
        self.repaint()

    def repaint(self) -> None:
        if not self.is_attached or not self.query(KeyFooter):
            return
        drawn = sections(self.snapshot, self._service, self._instance_id, self.now)
        if drawn != self._drawn:
            self._drawn = drawn
            self.query_one("#detail-text", StillText).update(self._text(drawn))
        self.query_one(KeyFooter).set_hints([Hint(item.key, item.label) for item in footer(self.actions())])

    def _text(self, drawn: tuple[Section, ...]) -> Text:
        dark = self.app.current_theme.dark
        room = min(WIDTH, self.app.size.width) - FRAME
        text = Text()
        for section in drawn:
            text.append(f"{section.title}\n", tone_style(Tone.INFO, dark))
            text.append_text(self._lines(section, room, dark))
            text.append("\n")
        text.rstrip()
        return text

    def _lines(self, section: Section, room: int, dark: bool) -> Text:
        """A section's lines: labels in a column as wide as they need, long texts folded beside it."""
        longest = max((cell_len(line.label) for line in section.lines), default=0)
        column = min(LABELS[1], max(LABELS[0], longest + 2)) if longest else 0
        text = Text()
        for line in section.lines:
            folded = Text(line.text, tone_style(line.tone, dark)).wrap(self.app.console, max(20, room - column - 2))
            for number, piece in enumerate(folded or [Text()]):
                label = line.label if not number else ""
                text.append("  " + fit(label, column), tone_style(Tone.MUTED, dark))
                text.append_text(piece)
                text.append("\n")
        return text

    def _view(self) -> InstanceView | None:
        service = self.snapshot.services.get(self._service)
        return next(
            (view for view in (service.instances if service else None) or () if view.id == self._instance_id), None
        )

    def deeds(self) -> Mapping[Do, Callable[[], None]]:
        deeds: dict[Do, Callable[[], None]] = {
            Do.BACK: lambda: self._leave(),
            Do.CALL: lambda: self._call(self._service),
        }
        view = self._view()
        if view is not None:
            deeds |= {
                Do.BREAKER: lambda: self._instances.breaker(view),
                Do.MAINTENANCE: lambda: self._instances.maintenance(view),
                Do.DEREGISTER: lambda: self._instances.deregister(view),
                Do.COPY: lambda: self._instances.copy(view),
            }
        return deeds

    def _leave(self) -> None:
        self.dismiss(None)

    def action_scroll(self, step: int) -> None:
        self.query_one(VerticalScroll).scroll_relative(y=step, animate=False)
