"""The main screen: header, four panels, timeline, footer. It composes and binds; each panel draws itself."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable, Mapping
from functools import cached_property, partial
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Grid
from textual.errors import NoWidget

from hp_tui.console.actions.action import Action, ActionId, Scope
from hp_tui.console.actions.bindings import ActionBindings, bindings
from hp_tui.console.calls.panel import CallsPanel
from hp_tui.console.drafts import DraftStore
from hp_tui.console.health.panel import HealthPanel
from hp_tui.console.kv.panel import KVPanel
from hp_tui.console.main.frame import Frame
from hp_tui.console.main.outage_view import OutageView
from hp_tui.console.main.render_queue import RenderQueue, RenderStep
from hp_tui.console.main.tab_line import TabLine
from hp_tui.console.messages import Jump, RunCommand, ShowNotice
from hp_tui.console.shared.fleet_screen import FleetScreen
from hp_tui.console.shared.panel import FleetPanel
from hp_tui.console.topology.panel import TopologyPanel
from hp_tui.model.fleet import FleetSnapshot
from hp_tui.model.timeline import Severity
from hp_tui.widgets.bars import KeyFooter, StatusHeader
from hp_tui.widgets.still import StillText
from hp_tui.widgets.timeline import TimelineStrip

if TYPE_CHECKING:
    from hp_tui.console.main.actions import MainActions

TOGETHER = 4
"""Panels that are shown beside each other where there is room; a further one is shown alone."""
WIDE = (120, 32)
"""Columns and lines from which all four panels are shown."""
BROAD = 160
"""Columns from which the left panels get more than they need at least."""


class MainScreen(ActionBindings, FleetScreen[None]):
    """Four panels, or one of them where there is no room or the user zoomed."""

    scope = Scope.EVERYWHERE
    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.EVERYWHERE)]

    def __init__(
        self, snapshot: FleetSnapshot, now: float, drafts: DraftStore, wait_until_idle: Callable[[], Awaitable[None]]
    ) -> None:
        """``wait_until_idle`` returns when work on the event loop keeps no key waiting."""
        super().__init__(snapshot, now)
        self._frame = Frame(self)
        self.render_queue = RenderQueue(self._steps_in_order, wait_until_idle)
        self.paused_since: float | None = None
        self.topology = TopologyPanel(snapshot, now)
        self.health = HealthPanel(snapshot, now)
        self.calls = CallsPanel(snapshot, now)
        self.kv = KVPanel(snapshot, now, drafts)
        self.panels: tuple[FleetPanel, ...] = (self.topology, self.health, self.calls, self.kv)
        self.active: FleetPanel = self.health
        self._panel_steps: dict[FleetPanel, RenderStep] = {
            panel: partial(self._show_in_panel, panel) for panel in self.panels
        }
        self._zoomed = self._composed = False
        self._reported: tuple[frozenset[str], str] = frozenset(), ""
        self._also_watched = ""
        self._drafts = drafts

    @cached_property
    def _main_actions(self) -> MainActions:
        """Made at the first action: a first paint does not need the dialogs."""
        from hp_tui.console.main.actions import MainActions

        return MainActions(self, self._drafts)

    def compose(self) -> ComposeResult:
        self._fit()  # classes set before the children exist cost nothing; set later, each restyles all children
        yield StatusHeader(id="header")
        yield StillText(id="banner", markup=False)
        yield TabLine()
        yield OutageView()
        with Grid(id="panels"):
            yield from self.panels
        yield TimelineStrip(id="strip")
        yield KeyFooter(id="footer")

    def on_mount(self) -> None:
        self._composed = True
        self._fit()
        self.active.body().focus()
        super().on_mount()
        self.run_worker(self.render_queue.run(), name="render-queue", exit_on_error=True)

    # What is shown.

    def follow(self, snapshot: FleetSnapshot, now: float) -> None:
        """Take over a picture; the steps of :attr:`render_queue` show it."""
        self.snapshot, self.now = snapshot, now
        if self._composed:
            self.render_queue.renew()

    def repaint(self) -> None:
        """Show the current picture now."""
        if self._composed:
            self.render_queue.renew()
            self.render_queue.finish()

    def _steps_in_order(self) -> list[RenderStep]:
        """All steps that show a picture, the active panel first."""
        panels = sorted(self._panel_steps, key=lambda panel: panel is not self.active)
        first, *others = (self._panel_steps[panel] for panel in panels)
        return [first, self._frame.show_top, *others, self._show_bottom]

    def _show_in_panel(self, panel: FleetPanel) -> None:
        panel.follow(self.snapshot, self.now)

    def _show_bottom(self) -> None:
        self._frame.show_bottom()
        self._report_visible_services()

    def _report_visible_services(self) -> None:
        """Tell the engine which services are on the screen: it watches those, and no others."""
        table = self.health.table
        rows = table.visible_rows() if table.size.height > 1 else ()
        shown = frozenset(row.group for row in rows if row.group)
        if self.active is self.topology:
            shown |= self.topology.near()
        seen = shown, self._also_watched
        if any(seen) and seen != self._reported:
            self._reported = seen
            from hp_tui.model.commands import SetVisibleServices

            self.app.post_message(RunCommand(SetVisibleServices(*seen)))

    # Which panels are shown.

    def on_resize(self, event: events.Resize) -> None:
        if self._composed:
            self._fit()

    def _fit(self) -> None:
        self._update_widget_map()
        width, height = self.app.size
        together = self.active in self.panels[:TOGETHER] and not self._zoomed
        self.set_class(width >= WIDE[0] and height >= WIDE[1] and together, "-four")
        self.set_class(height >= WIDE[1], "-tall")
        self.set_class(width >= BROAD, "-broad")
        for panel in self.panels:
            panel.set_class(panel is self.active, "-active")
            panel.set_class(panel not in self.panels[:TOGETHER], "-alone")

    def _update_widget_map(self) -> None:
        """Have Textual map its widgets again, before panels become visible.

        Textual sends a widget its size only if the map before had none for it. After a scroll the map is out of date, and
        it is made again at the next question for a region, such as a change of focus.
        """
        with contextlib.suppress(NoWidget):
            self.find_widget(self)

    def show_panel(self, panel: FleetPanel) -> None:
        """Make it the active one and give it the focus."""
        self.active = panel
        self._fit()
        self.set_focus(panel.body())  # at once: the next key is for this panel
        self._frame.show_tabs()
        self._frame.show_hints()

    def toggle_zoom(self) -> None:
        self._zoomed = not self._zoomed
        self._fit()

    def go_back(self) -> None:
        """Undo one step: the panel's filter or focus, then the zoom."""
        if not self.active.go_back() and self._zoomed:
            self.toggle_zoom()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        panel = next((node for node in event.widget.ancestors_with_self if isinstance(node, FleetPanel)), None)
        if panel is not None and panel is not self.active:
            self.active = panel
            self._fit()
            self._frame.show_tabs()
        self._frame.show_hints()

    def on_tab_line_chosen(self, event: TabLine.Chosen) -> None:
        event.stop()
        self.show_panel(self.panels[event.number])

    def on_fleet_panel_selected(self, event: FleetPanel.Selected) -> None:
        event.stop()
        self._frame.show_hints()
        self._report_visible_services()

    # What can be done.

    def handlers(self) -> Mapping[ActionId, Callable[[], None]]:
        return self._main_actions.everywhere()

    def perform(self, action: Action) -> None:
        """Carry out an action found by name: its panel becomes the active one."""
        panel = next((panel for panel in self.panels if panel.scope is action.scope), None)
        if panel is None:
            self.action_run(action.id.value)
            return
        self.show_panel(panel)
        if action.id in panel.handlers():
            panel.action_run(action.id.value)
        else:
            self.app.post_message(ShowNotice(f"{action.label}: there is nothing selected for it here", Severity.WARN))

    def on_jump(self, event: Jump) -> None:
        event.stop()
        self._main_actions.jump(event.entry)

    def on_fleet_panel_requested(self, event: FleetPanel.Requested) -> None:
        event.stop()
        event.action.start(self._main_actions.stage, event.targets)

    def on_health_panel_opened(self, event: HealthPanel.Opened) -> None:
        event.stop()
        self._main_actions.open(event.subject)

    def on_calls_panel_history_opened(self, event: CallsPanel.HistoryOpened) -> None:
        event.stop()
        self._main_actions.open_history(event.run)

    def selected_subject(self) -> str:
        """The name of the selected service, which may be one that is called and not registered."""
        return self.active.subject() or self.selected_service()

    def watch_also(self, name: str) -> None:
        """Watch this service besides those on the screen; '' for none any more."""
        self._also_watched = name
        self._report_visible_services()

    def selected_service(self) -> str:
        """The registered service that an action applies to."""
        return self.active.service() or self.health.service() or self.calls.service()
