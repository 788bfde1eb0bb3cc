"""Panel 1: services and who calls whom."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from hp_tui.console.actions.action import ActionId, Scope
from hp_tui.console.actions.bindings import bindings
from hp_tui.console.main.rows.outage import connecting, is_old
from hp_tui.console.shared.filter_bar import FilterBar
from hp_tui.console.shared.panel import FleetPanel
from hp_tui.console.shared.rows.filter_fields import SERVICE_FIELDS
from hp_tui.console.topology.rows.graph import Graph, Known, call_told, graph
from hp_tui.console.topology.rows.scope import MOST_HOPS, TopologyScope
from hp_tui.model.fleet import CONSOLE, FleetSnapshot
from hp_tui.widgets.topology import TopologyView

NEAR = 8
"""Services of the topology that the engine is asked to watch at most, besides those in panel 2."""


class TopologyPanel(FleetPanel):
    """Arrows walk along calls; Enter narrows to a service's neighbourhood and back, + and - widen and narrow that."""

    scope = Scope.TOPOLOGY
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.TOPOLOGY)]

    def __init__(self, snapshot: FleetSnapshot, now: float) -> None:
        super().__init__(1, "Topology", snapshot, now)
        self.topology_scope = TopologyScope()
        self._drawn: tuple[object, ...] | None = None
        self._graph = Graph((), ())
        self._known = Known()

    def compose(self) -> ComposeResult:
        yield TopologyView(id="topology")
        yield FilterBar(SERVICE_FIELDS)

    @property
    def view(self) -> TopologyView:
        return self.query_one(TopologyView)

    def body(self) -> TopologyView:
        return self.view

    def repaint(self) -> None:
        snapshot = self.snapshot
        self.view.set_stale(is_old(snapshot))
        self.view.set_empty(f"connecting to {snapshot.link.address}…" if connecting(snapshot) else self._nothing())
        state = (snapshot.services, snapshot.edges, snapshot.intentions, self.wanted, self.topology_scope)
        old = self._drawn
        same = old is not None and all(new is before for new, before in zip(state, old, strict=True))
        if same and self.now < self._graph.until:
            return
        self._drawn = state
        self._graph = graph(
            snapshot.services,
            snapshot.edges,
            wanted=self.wanted,
            scope=self.topology_scope,
            intentions=snapshot.intentions,
            known=self._known,
            now=self.now,
        )
        another_part = old is not None and (self.wanted, self.topology_scope) != old[3:]
        self.view.set_graph(self._graph.nodes, self._graph.links, reset=another_part)
        self._tell()

    def _nothing(self) -> str:
        return "nothing matches the filter; esc clears it" if self.wanted else "nothing to show"

    def _tell(self) -> None:
        view = self.view
        hidden = call_told(view.hidden_notes[0]) if view.hidden_notes else ""
        parts = (hidden, "laying out…" if view.busy else "", self._graph.note, f"{view.more} more" if view.more else "")
        self.note = " · ".join(part for part in parts if part)

    def on_topology_view_status_changed(self, event: TopologyView.StatusChanged) -> None:
        event.stop()
        self._tell()

    def service(self) -> str:
        return self.view.cursor if self.view.cursor in self.snapshot.services else ""

    def subject(self) -> str:
        cursor = self.view.cursor
        return "" if cursor == CONSOLE and cursor not in self.snapshot.services else cursor

    def near(self) -> frozenset[str]:
        """The services to load instances of: under the cursor, and its known neighbours."""
        names = [self.view.cursor, self.topology_scope.centre, *self.view.neighbours()]
        return frozenset([name for name in names if name in self.snapshot.services][:NEAR])

    def go_back(self) -> bool:
        if self.topology_scope.centre:
            self._look(self.topology_scope.at(""))
            return True
        return super().go_back()

    def handlers(self) -> Mapping[ActionId, Callable[[], None]]:
        if not self.is_mounted:
            return {}
        scope, cursor = self.topology_scope, self.view.cursor
        handlers: dict[ActionId, Callable[[], None]] = {}
        if cursor:
            handlers[ActionId.DETAIL] = self._toggle
            handlers[ActionId.HIDE] = lambda: self._look(scope.without(cursor))
        if scope.centre and scope.hops < MOST_HOPS:
            handlers[ActionId.WIDEN] = lambda: self._look(scope.wider())
        if scope.centre and scope.hops > 1:
            handlers[ActionId.NARROW] = lambda: self._look(scope.narrower())
        elif cursor and cursor != scope.centre:
            handlers[ActionId.NARROW] = lambda: self._look(scope.at(cursor))
        if scope.hidden:
            handlers[ActionId.UNHIDE] = lambda: self._look(
                TopologyScope(scope.centre, scope.hops, everything=scope.everything)
            )
        if self._graph.crowded:
            handlers[ActionId.SHOW_ALL] = self._all_or_red
        return handlers

    def _toggle(self) -> None:
        cursor = self.view.cursor
        self._look(self.topology_scope.at("" if self.topology_scope.centre == cursor else cursor))

    def _all_or_red(self) -> None:
        scope = self.topology_scope
        self._look(TopologyScope(scope.centre, scope.hops, scope.hidden, everything=not scope.everything))

    def _look(self, scope: TopologyScope) -> None:
        self.topology_scope = scope
        self.repaint()
        self.post_message(self.Selected(self))

    def on_topology_view_node_selected(self, event: TopologyView.NodeSelected) -> None:
        event.stop()
        self._toggle()

    def on_topology_view_node_highlighted(self, event: TopologyView.NodeHighlighted) -> None:
        event.stop()
        self.post_message(self.Selected(self))
