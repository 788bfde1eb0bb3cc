"""Panel 2: instances as table rows, by service or in one list, red first."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from operator import attrgetter, itemgetter
from typing import Any

from hp_tui.console.health.rows.instance import COLUMNS, columns_for, instance_row
from hp_tui.console.health.rows.service import bare_row, counts, heading_row, service_urgency
from hp_tui.console.shared.rows.filter_fields import instance_text, instance_values, service_matches
from hp_tui.console.shared.rows.filter_parser import EVERYTHING, Filter
from hp_tui.console.shared.rows.row_keys import instance_key, service_key, split_key
from hp_tui.console.shared.rows.styles import lasts, urgency
from hp_tui.model.fleet import InstanceView, ServiceView
from hp_tui.widgets.values import Row


class Order(StrEnum):
    """What ``s`` cycles through. The first two keep services together, the others do not, unless the user says so."""

    RED = "red first"
    NAME = "name"
    SINCE = "newest change"
    PICKS = "picks"

    @property
    def next(self) -> Order:
        orders = list(Order)
        return orders[(orders.index(self) + 1) % len(orders)]

    @property
    def grouped(self) -> bool:
        return self in {Order.RED, Order.NAME}

    @property
    def falling(self) -> bool:
        """Whether the largest value of its column comes first."""
        return self in {Order.SINCE, Order.PICKS}


def health_rows(
    services: Mapping[str, ServiceView],
    now: float,
    *,
    order: Order = Order.RED,
    wanted: Filter = EVERYTHING,
    grouped: bool | None = None,
) -> tuple[Row, ...]:
    """Rows for the table: headings with their instances, or a flat list, by default as ``order`` says."""
    by_service = order.grouped if grouped is None else grouped
    return HealthRows().rows(services, now, order=order, wanted=wanted, grouped=by_service)


class _Item:
    """An instance with what was once worked out of it: it is frozen, so that holds as long as it is this one."""

    __slots__ = ("folded", "row", "text", "until", "urgency", "view")

    def __init__(self, view: InstanceView) -> None:
        self.view = view
        self.urgency = urgency(view)
        self.row = Row("", {})
        self.until = 0.0
        """Unix seconds until which ``row`` says the right times."""
        self.text = self.folded = ""

    def fresh(self, now: float) -> Row:
        """Its row at ``now``."""
        if self.until <= now:
            self.row = instance_row(self.view, now)
            self.until = now + lasts(self.view, now)
        return self.row

    def found_by(self, wanted: Filter) -> bool:
        """Whether the filter finds it."""
        if not self.text:
            self.text = instance_text(self.view)
            self.folded = self.text.casefold()
        return wanted.holds(self.text, self.folded, self.values)

    def values(self, name: str) -> Iterable[str]:
        return instance_values(self.view, name)


class _Group:
    """A service with its instances in order, those that are shown, and their rows, good until ``until``."""

    __slots__ = ("head", "items", "order", "rank", "rows", "shown", "until", "view", "wanted")

    def __init__(self, view: ServiceView, before: _Group | None) -> None:
        known: dict[int, _Item] = {id(item.view): item for item in before.items} if before else {}
        self.view = view
        self.items: list[_Item] = [known.get(id(one)) or _Item(one) for one in view.instances or ()]
        self.order: Order | None = None
        self.wanted: Filter | None = None
        self.shown: list[_Item] | None = None
        """None where the service is left out."""
        self.rank: tuple[float, str] = 0.0, ""
        """Its place among services: that of its first instance."""
        self.head = heading_row(view) if view.instances else bare_row(view)
        self.rows: list[Row] | None = None
        """None where they are to be put in order."""
        self.until = 0.0

    def arrange(self, order: Order, wanted: Filter) -> None:
        """Leave out what the filter does not find, then sort; nothing is done twice."""
        if self.wanted != wanted:
            self.shown, self.order, self.until = self._found(wanted), None, 0.0
        self.wanted = wanted
        if self.order is not order:
            self.order, self.rows = order, None
            if self.shown:
                self.shown.sort(key=_SORTED[order])
            self.rank = self._rank(order)

    def _found(self, wanted: Filter) -> list[_Item] | None:
        if not wanted:
            return self.items
        if self.view.instances is None:
            return [] if service_matches(wanted, self.view) else None
        return [item for item in self.items if item.found_by(wanted)] or None

    def fresh(self, now: float) -> list[Row]:
        """Its heading and rows at ``now``."""
        shown = self.shown or ()
        if self.until <= now:
            self.rows = [self.head, *[item.fresh(now) for item in shown]]
            self.until = min((item.until for item in shown), default=math.inf)
        elif self.rows is None:
            self.rows = [self.head, *[item.row for item in shown]]
        return self.rows

    def _rank(self, order: Order) -> tuple[float, str]:
        shown, name = self.shown or (), self.view.name
        if order is Order.SINCE:
            return min((-item.view.health_since for item in shown), default=math.inf), name
        if order is Order.PICKS:
            return -sum(max(0, _picks(item.view)) for item in shown), name
        if self.items:
            return min(item.urgency for item in self.items), name
        return service_urgency(self.view)


class HealthRows:
    """:func:`health_rows` for who asks again at each picture: what did not change is not made anew.

    Services and instances are compared by identity, as the reducer keeps those that nothing happened to: a picture costs
    what changed in it, and one look at each service.
    """

    def __init__(self) -> None:
        self._groups: dict[str, _Group] = {}
        self._asked = self._steady_until = 0.0

    def steady(self, now: float) -> bool:
        """Whether :meth:`rows` would give the same again for the same services, as far as times go."""
        return self._asked <= now < self._steady_until

    def rows(
        self, services: Mapping[str, ServiceView], now: float, *, order: Order, wanted: Filter, grouped: bool = True
    ) -> tuple[Row, ...]:
        """What :func:`health_rows` gives."""
        if now < self._asked or len(self._groups) > 2 * len(services):
            self._groups.clear()
        groups = self._arranged(services, order, wanted)
        found: list[Row] = []
        if grouped:
            if order is not Order.NAME:
                groups.sort(key=attrgetter("rank"))
            for group in groups:
                found += group.rows if group.rows and group.until > now else group.fresh(now)
        else:
            found = _flat(groups, now, order)
        self._asked = now
        ends = (
            (group.until for group in groups) if grouped else (item.until for one in groups for item in one.shown or ())
        )
        self._steady_until = min(ends, default=math.inf)
        return tuple(found)

    def _arranged(self, services: Mapping[str, ServiceView], order: Order, wanted: Filter) -> list[_Group]:
        """A group for each service that is shown. Most of them did not change, and must cost next to nothing."""
        known, found = self._groups, []
        for view in services.values():
            group = known.get(view.name)
            if group is None or group.view is not view:
                group = known[view.name] = _Group(view, group)
            if group.order is not order or group.wanted is not wanted:
                group.arrange(order, wanted)
            if group.shown is not None:
                found.append(group)
        return found


def _flat(groups: list[_Group], now: float, order: Order) -> list[Row]:
    """One list; a service whose instances are not loaded has its own row, at the end.

    One that is red stands where its instances will: they are loaded because it is in sight, and must be in sight then.
    """
    items = [item for group in groups for item in group.shown or ()]
    items.sort(key=_SORTED[order])
    bare = [group for group in groups if not group.items]
    red = [group for group in bare if order is Order.RED and group.rank[0] == 0]
    rest = [group.head for group in bare if order is not Order.RED or group.rank[0] != 0]
    first = next((place for place, item in enumerate(items) if item.urgency), len(items)) if red else 0
    rows = [item.fresh(now) for item in items]
    above = [(item.view.instance.service, row) for item, row in zip(items[:first], rows, strict=False)]
    above += [(group.view.name, group.head) for group in red]
    above.sort(key=itemgetter(0))
    return [*(row for _, row in above), *rows[first:], *rest]


def _picks(view: InstanceView) -> int:
    return view.endpoint.picks if view.endpoint else -1


_SORTED: dict[Order, Callable[[_Item], Any]] = {
    Order.RED: lambda item: (item.urgency, item.view.instance.service, item.view.instance.id),
    Order.NAME: lambda item: item.view.instance.id,
    Order.SINCE: lambda item: (-item.view.health_since, item.view.instance.id),
    Order.PICKS: lambda item: (-_picks(item.view), item.view.instance.id),
}
"""Keys of instances, within their service or among all."""


__all__ = [
    "COLUMNS",
    "HealthRows",
    "Order",
    "columns_for",
    "counts",
    "health_rows",
    "instance_key",
    "service_key",
    "service_urgency",
    "split_key",
]
