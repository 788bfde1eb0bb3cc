"""Panel 2: the table of instances."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property, partial
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.message import Message

from hp_tui.console.actions.action import ActionId, Scope
from hp_tui.console.actions.bindings import bindings
from hp_tui.console.health.actions import INSTANCE_ACTIONS, InstanceAction
from hp_tui.console.health.marks import Marking, Marks
from hp_tui.console.health.rows.instance import COLUMNS, Widths
from hp_tui.console.health.rows.table import HealthRows, Order
from hp_tui.console.main.rows.outage import connecting, is_old
from hp_tui.console.messages import RunCommand
from hp_tui.console.shared.filter_bar import FilterBar
from hp_tui.console.shared.panel import FleetPanel
from hp_tui.console.shared.rows.filter_fields import INSTANCE_FIELDS, to_be_read, unseen
from hp_tui.console.shared.rows.filter_parser import Filter
from hp_tui.console.shared.rows.row_keys import instance_at, instance_key, split_key
from hp_tui.console.shared.rows.tally import totals
from hp_tui.model.fleet import FleetSnapshot, InstanceView, LinkState, Search, ServiceView
from hp_tui.widgets.table import FleetTable
from hp_tui.widgets.values import Badge, Row, Tone

_SORTED_BY = {Order.RED: "health", Order.NAME: "instance", Order.SINCE: "health", Order.PICKS: "picks"}


class HealthPanel(FleetPanel):
    """Instances by service, red first. The cursor stays on its instance through every refresh."""

    scope = Scope.HEALTH
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Scope.HEALTH)]

    class Opened(Message):
        """All about an instance, or about a service by its name, is asked for."""

        def __init__(self, subject: InstanceView | str) -> None:
            super().__init__()
            self.subject = subject

    def __init__(self, snapshot: FleetSnapshot, now: float) -> None:
        super().__init__(2, "Health & breakers", snapshot, now)
        self.order = Order.RED
        self.marks = Marks()
        self._by_service: bool | None = None
        self._rows = HealthRows()
        self._widths = Widths()
        self._note_of_rows = ""
        self._searching = False
        self._told_search: Search | None = None
        self._drawn: tuple[Mapping[str, ServiceView], Order, bool, Filter, LinkState] | None = None

    def compose(self) -> ComposeResult:
        yield FleetTable(COLUMNS, id="instances")
        yield FilterBar(INSTANCE_FIELDS)

    @property
    def table(self) -> FleetTable:
        return self.query_one(FleetTable)

    @cached_property
    def _marking(self) -> Marking:
        return Marking(self.marks, self.table, lambda: self.snapshot.services, self.show_marks)

    def body(self) -> FleetTable:
        return self.table

    def repaint(self) -> None:
        services = self.snapshot.services
        self.marks.follow(services)
        state = (services, self.order, self.grouped, self.wanted, self.snapshot.link.state)
        if self.snapshot.search != self._told_search:
            self._told_search = self.snapshot.search
            self._drawn = None
        same = self._drawn is not None and self._drawn[0] is services and self._drawn[1:] == state[1:]
        if same and self._rows.steady(self.now):
            return
        if self._drawn is None or self._drawn[0] is not services:
            self._set_columns()
        self._drawn = state
        rows = self._rows.rows(services, self.now, order=self.order, wanted=self.wanted, grouped=self.grouped)
        self.table.set_empty(self._empty())
        self.table.set_stale(is_old(self.snapshot))
        self.table.set_rows(rows)
        self._note_of_rows = self._say(rows)
        self.show_marks()

    def show_marks(self) -> None:
        """Draw the marks as they are now, and say how many there are."""
        self.table.set_marked(self.marks.keys)
        marked = f"{len(self.marks)} marked" if self.marks else ""
        self.note = " · ".join(part for part in (marked, self._note_of_rows) if part)

    def _say(self, rows: tuple[Row, ...]) -> str:
        """The note: how many are shown of how many, in which order, and what cannot be among them."""
        services = self.snapshot.services
        if not services:
            return ""
        said = []
        if self.wanted:
            shown = sum(not row.heading for row in rows)
            said.append(f"{shown} of {sum(view.total for view in services.values())}")
        order = [self.order.value]
        if self.grouped is not self.order.grouped:
            order.append("by service" if self.grouped else "flat")
        # Where there is no room for all of it, the end goes first.
        return " · ".join([*said, *unseen(services, self.wanted, self.snapshot.search, grouped=self.grouped), *order])

    # What is not loaded.

    def on_filter_bar_left(self, event: FilterBar.Left) -> None:
        """The filter stands: read what it may find in services that are not watched. Or it is gone, and so is that."""
        super().on_filter_bar_left(event)
        if not self.wanted:
            self._forget()
            return
        names = to_be_read(self.wanted, self.snapshot.services)
        if names:
            from hp_tui.model.commands import SearchInstances

            self._searching = True
            self.app.post_message(RunCommand(SearchInstances(names)))

    def show_everything(self) -> None:
        super().show_everything()
        self._forget()

    def _forget(self) -> None:
        if self._searching:
            from hp_tui.model.commands import EndSearch

            self._searching = False
            self.app.post_message(RunCommand(EndSearch()))

    @property
    def grouped(self) -> bool:
        """Whether instances stand below their service: as the order has it, until the user says otherwise."""
        return self.order.grouped if self._by_service is None else self._by_service

    def _set_columns(self) -> None:
        columns = self._widths.columns(self.snapshot.services, grouped=self.grouped)
        self.table.set_columns(columns, _SORTED_BY[self.order], self.order.falling)

    def _empty(self) -> str:
        if connecting(self.snapshot):
            return f"connecting to {self.snapshot.link.address}…"
        return "nothing matches the filter; esc clears it" if self.wanted else ""

    def badge(self, snapshot: FleetSnapshot) -> Badge:
        fleet = totals(snapshot.services)
        if fleet.bad:
            return Badge(f"✖{fleet.bad}", Tone.BAD)
        return Badge(f"▲{fleet.warn}", Tone.WARN) if fleet.warn else Badge("")

    def selected(self) -> InstanceView | None:
        """The instance under the cursor."""
        return instance_at(self.snapshot.services, self.table.cursor_key)

    def chosen(self) -> tuple[InstanceView, ...]:
        """What an action is for: the marked instances, else the one under the cursor."""
        view = self.selected()
        return self.marks.views or ((view,) if view is not None else ())

    def service(self) -> str:
        return split_key(self.table.cursor_key).service

    def select(self, instance_id: str, service: str = "") -> bool:
        """Put the cursor on an instance, of that service where it is named; a filter that hides it is cleared."""
        view = self.snapshot.instance(instance_id, service)
        if view is None:
            return False
        self._go_to(instance_key(view))
        return True

    def select_service(self, name: str) -> None:
        """Put the cursor on a service: on its own row, else on its first instance."""
        if all(row.group != name for row in self.table.rows):
            self.show_everything()
        self._go_to(next((row.key for row in self.table.rows if row.group == name and not row.heading), ""))

    def _go_to(self, key: str) -> None:
        if all(row.key != key for row in self.table.rows):
            self.show_everything()
        self.table.move_cursor(key)

    def handlers(self) -> Mapping[ActionId, Callable[[], None]]:
        handlers: dict[ActionId, Callable[[], None]] = {ActionId.SORT: self._sort, ActionId.GROUPING: self._regroup}
        view = self.selected()
        if view is not None:
            handlers[ActionId.DETAIL] = partial(self._open, view)
        elif self.service():
            handlers[ActionId.DETAIL] = partial(self._open, self.service())
        if self.marks or view is not None:
            handlers |= {name: partial(self._take_chosen, action) for name, action in INSTANCE_ACTIONS.items()}
        if self.table.rows:
            handlers |= self._marking.handlers()
        return handlers

    def _open(self, subject: InstanceView | str) -> None:
        self.post_message(self.Opened(subject))

    def _take_chosen(self, action: InstanceAction) -> None:
        self.take(action, self.chosen())

    def go_back(self) -> bool:
        """Unmark, before anything else."""
        if self.marks:
            self.marks.clear()
            self.show_marks()
            return True
        return super().go_back()

    def _sort(self) -> None:
        self.order = self.order.next
        self._set_columns()
        self.repaint()

    def _regroup(self) -> None:
        self._by_service = not self.grouped
        self._set_columns()
        self.repaint()

    def on_fleet_table_row_highlighted(self, event: FleetTable.RowHighlighted) -> None:
        event.stop()
        self.post_message(self.Selected(self))

    def on_fleet_table_row_selected(self, event: FleetTable.RowSelected) -> None:
        event.stop()
        view = self.selected()
        if view is not None or self.service():
            self._open(view if view is not None else self.service())
