"""Panel 1: services and who calls whom."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from hp_tui.actions import Do, Scope
from hp_tui.model.fleet import Edge, FleetSnapshot, ServiceView
from hp_tui.present.matching import Filter
from hp_tui.present.states import connecting, is_old
from hp_tui.present.topology import graph
from hp_tui.screens.acting import bindings
from hp_tui.screens.filter_line import FilterLine
from hp_tui.screens.panels.base import FleetPanel
from widgets.escape import visible
from widgets.topology import TopologyView


class TopologyPanel(FleetPanel):
    """Arrows walk along calls; Enter narrows to a service's neighbourhood and back."""

    scope = Scope.TOPOLOGY
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.TOPOLOGY)]

    def __init__(self, snapshot: FleetSnapshot, now: float) -> None:
        super().__init__(1, "Topology", snapshot, now)
        self._drawn: tuple[Mapping[str, ServiceView], tuple[Edge, ...], Filter] | None = None

    def compose(self) -> ComposeResult:
        yield TopologyView(id="topology")
        yield FilterLine()

    @property
    def view(self) -> TopologyView:
        return self.query_one(TopologyView)

    def body(self) -> TopologyView:
        return self.view

    def repaint(self) -> None:
        snapshot = self.snapshot
        self.view.set_stale(is_old(snapshot))
        self.view.set_empty(f"connecting to {snapshot.link.address}…" if connecting(snapshot) else "nothing to show")
        state = (snapshot.services, snapshot.edges, self.wanted)
        if self._drawn is not None and all(new is old for new, old in zip(state, self._drawn, strict=True)):
            return
        self._drawn = state
        picture = graph(snapshot.services, snapshot.edges, wanted=self.wanted)
        self.view.set_graph(picture.nodes, picture.links)
        self._note = picture.note
        self._tell()

    _note = ""
    _more = ""

    def _tell(self) -> None:
        note = f"around {visible(self.view.centre)} · esc shows all" if self.view.centre else self._note
        self.note = " · ".join(part for part in (f"{self._more} more" if self._more else "", note) if part)

    def on_topology_view_more_changed(self, event: TopologyView.MoreChanged) -> None:
        event.stop()
        self._more = event.more
        self._tell()

    def service(self) -> str:
        return self.view.cursor if self.view.cursor in self.snapshot.services else ""

    def go_back(self) -> bool:
        if self.view.centre:
            self._focus_on("")
            return True
        return super().go_back()

    def deeds(self) -> Mapping[Do, Callable[[], None]]:
        return {Do.DETAIL: self._toggle} if self.is_mounted and self.view.cursor else {}

    def _toggle(self) -> None:
        cursor = self.view.cursor
        self._focus_on("" if self.view.centre == cursor else cursor)

    def _focus_on(self, name: str) -> None:
        self.view.focus_on(name)
        self._tell()

    def on_topology_view_node_selected(self, event: TopologyView.NodeSelected) -> None:
        event.stop()
        self._toggle()

    def on_topology_view_node_highlighted(self, event: TopologyView.NodeHighlighted) -> None:
        event.stop()
        self.post_message(self.Selected(self))
