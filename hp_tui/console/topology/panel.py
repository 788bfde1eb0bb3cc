"""Panel 1: services and who calls whom."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from hp_tui.console.actions.action import Do, Scope
from hp_tui.console.actions.bindings import bindings
from hp_tui.console.main.rows.outage import connecting, is_old
from hp_tui.console.shared.filter_bar import FilterLine
from hp_tui.console.shared.panel import FleetPanel
from hp_tui.console.shared.rows.filter_fields import SERVICE_FIELDS
from hp_tui.console.topology.rows.graph import CONSOLE, Graph, Known, call_told, graph
from hp_tui.console.topology.rows.scope import MOST_HOPS, Looking
from hp_tui.model.fleet import FleetSnapshot
from hp_tui.widgets.topology import TopologyView

NEAR = 8
"""Services of the topology that the engine is asked to watch at most, besides those in panel 2."""


class TopologyPanel(FleetPanel):
    """Arrows walk along calls; Enter narrows to a service's neighbourhood and back, + and - widen and narrow that."""

    scope = Scope.TOPOLOGY
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.TOPOLOGY)]

    def __init__(self, snapshot: FleetSnapshot, now: float) -> None:
        super().__init__(1, "Topology", snapshot, now)
        self.looking = Looking()
        self._drawn: tuple[object, ...] | None = None
        self._graph = Graph((), ())
        self._known = Known()

    def compose(self) -> ComposeResult:
        yield TopologyView(id="topology")
        yield FilterLine(SERVICE_FIELDS)

    @property
    def view(self) -> TopologyView:
        return self.query_one(TopologyView)

    def body(self) -> TopologyView:
        return self.view

    def repaint(self) -> None:
        snapshot = self.snapshot
        self.view.set_stale(is_old(snapshot))
        self.view.set_empty(f"connecting to {snapshot.link.address}…" if connecting(snapshot) else self._nothing())
        state = (snapshot.services, snapshot.edges, snapshot.intentions, self.wanted, self.looking)
        old = self._drawn
        same = old is not None and all(new is before for new, before in zip(state, old, strict=True))
        if same and self.now < self._graph.until:
            return
        self._drawn = state
        self._graph = graph(
            snapshot.services,
            snapshot.edges,
            wanted=self.wanted,
            looking=self.looking,
            intentions=snapshot.intentions,
            known=self._known,
            now=self.now,
        )
        another_part = old is not None and (self.wanted, self.looking) != old[3:]
        self.view.set_graph(self._graph.nodes, self._graph.links, afresh=another_part)
        self._tell()

    def _nothing(self) -> str:
        return "nothing matches the filter; esc clears it" if self.wanted else "nothing to show"

    def _tell(self) -> None:
        view = self.view
        untold = call_told(view.untold[0]) if view.untold else ""
        parts = (untold, "laying out…" if view.busy else "", self._graph.note, f"{view.more} more" if view.more else "")
        self.note = " · ".join(part for part in parts if part)

    def on_topology_view_told(self, event: TopologyView.Told) -> None:
        event.stop()
        self._tell()

    def service(self) -> str:
        return self.view.cursor if self.view.cursor in self.snapshot.services else ""

    def subject(self) -> str:
        cursor = self.view.cursor
        return "" if cursor == CONSOLE and cursor not in self.snapshot.services else cursor

    def near(self) -> frozenset[str]:
        """The services whose instances are worth a look: under the cursor, and around it as far as one knows."""
        names = [self.view.cursor, self.looking.centre, *self.view.neighbours()]
        return frozenset([name for name in names if name in self.snapshot.services][:NEAR])

    def go_back(self) -> bool:
        if self.looking.centre:
            self._look(self.looking.at(""))
            return True
        return super().go_back()

    def deeds(self) -> Mapping[Do, Callable[[], None]]:
        if not self.is_mounted:
            return {}
        looking, cursor = self.looking, self.view.cursor
        deeds: dict[Do, Callable[[], None]] = {}
        if cursor:
            deeds[Do.DETAIL] = self._toggle
            deeds[Do.HIDE] = lambda: self._look(looking.without(cursor))
        if looking.centre and looking.hops < MOST_HOPS:
            deeds[Do.WIDEN] = lambda: self._look(looking.wider())
        if looking.centre and looking.hops > 1:
            deeds[Do.NARROW] = lambda: self._look(looking.narrower())
        elif cursor and cursor != looking.centre:
            deeds[Do.NARROW] = lambda: self._look(looking.at(cursor))
        if looking.hidden:
            deeds[Do.UNHIDE] = lambda: self._look(Looking(looking.centre, looking.hops, everything=looking.everything))
        if self._graph.crowded:
            deeds[Do.SHOW_ALL] = self._all_or_red
        return deeds

    def _toggle(self) -> None:
        cursor = self.view.cursor
        self._look(self.looking.at("" if self.looking.centre == cursor else cursor))

    def _all_or_red(self) -> None:
        looking = self.looking
        self._look(Looking(looking.centre, looking.hops, looking.hidden, everything=not looking.everything))

    def _look(self, looking: Looking) -> None:
        self.looking = looking
        self.repaint()
        self.post_message(self.Selected(self))

    def on_topology_view_node_selected(self, event: TopologyView.NodeSelected) -> None:
        event.stop()
        self._toggle()

    def on_topology_view_node_highlighted(self, event: TopologyView.NodeHighlighted) -> None:
        event.stop()
        self.post_message(self.Selected(self))
