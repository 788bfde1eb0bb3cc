"""Marked instances, and what the keys that mark them do.

Marks stay through refreshes, sorting and filtering, and go with their instance.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial

from hp_tui.console.actions.action import ActionId
from hp_tui.console.shared.rows.row_keys import instance_at, instance_key, row_key
from hp_tui.model.catalog import InstanceRef
from hp_tui.model.fleet import InstanceView, ServiceView
from hp_tui.widgets.table import FleetTable


class Marks:
    """Marked instances by the key of their row, in the order they were marked, each as last seen."""

    def __init__(self) -> None:
        self._views: dict[str, InstanceView] = {}
        self._services: Mapping[str, ServiceView] | None = None
        self.newest = ""
        """The key that was marked or unmarked last: one end of a range."""

    def __len__(self) -> int:
        return len(self._views)

    @property
    def keys(self) -> frozenset[str]:
        return frozenset(self._views)

    @property
    def views(self) -> tuple[InstanceView, ...]:
        """The marked instances, as last seen."""
        return tuple(self._views.values())

    def toggle(self, view: InstanceView) -> None:
        """Mark it, or unmark it."""
        key = instance_key(view)
        if self._views.pop(key, None) is None:
            self._views[key] = view
        self.newest = key

    def add(self, views: Iterable[InstanceView]) -> None:
        """Mark these too; the last one is the newest."""
        for view in views:
            key = instance_key(view)
            self._views[key] = view
            self.newest = key

    def remove(self, views: Iterable[InstanceView]) -> None:
        for view in views:
            self._views.pop(instance_key(view), None)

    def keep(self, refs: Iterable[InstanceRef]) -> None:
        """Unmark all but these."""
        wanted = {row_key(ref) for ref in refs}
        self._views = {key: view for key, view in self._views.items() if key in wanted}

    def clear(self) -> None:
        self._views.clear()
        self.newest = ""

    def follow(self, services: Mapping[str, ServiceView]) -> None:
        """Follow what these services say about marked instances. Those that are gone are unmarked; those of a service whose
        instances are not loaded stay as last seen.
        """
        if services is self._services or not self._views:
            self._services = services
            return
        self._services = services
        known: dict[str, dict[str, InstanceView] | None] = {}
        kept: dict[str, InstanceView] = {}
        for key, view in self._views.items():
            name = view.instance.service
            if name not in known:
                known[name] = _by_key(services.get(name))
            found = known[name]
            if found is None:
                kept[key] = view
            elif key in found:
                kept[key] = found[key]
        self._views = kept


def _by_key(service: ServiceView | None) -> dict[str, InstanceView] | None:
    """Its instances by key; None where they are not loaded."""
    if service is None:
        return {}
    return None if service.instances is None else {instance_key(view): view for view in service.instances}


class Marking:
    """What the marking keys do to the rows of ``table``. ``changed`` is called when marks may be other ones."""

    def __init__(
        self,
        marks: Marks,
        table: FleetTable,
        services: Callable[[], Mapping[str, ServiceView]],
        changed: Callable[[], None],
    ) -> None:
        self._marks = marks
        self._table = table
        self._services = services
        self._changed = changed

    def handlers(self) -> Mapping[ActionId, Callable[[], None]]:
        return {
            ActionId.MARK: self._mark,
            ActionId.MARK_DOWN: partial(self._mark_and_move, 1),
            ActionId.MARK_UP: partial(self._mark_and_move, -1),
            ActionId.MARK_RANGE: self._mark_range,
            ActionId.MARK_ALL: self._mark_all,
        }

    def _mark(self) -> None:
        view = instance_at(self._services(), self._table.cursor_key)
        if view is not None:
            self._marks.toggle(view)
            self._changed()
        self._table.action_move(1)

    def _mark_and_move(self, step: int) -> None:
        self._mark_keys(self._table.cursor_key)
        self._table.action_move(step)
        self._mark_keys(self._table.cursor_key)

    def _mark_range(self) -> None:
        here = self._table.cursor_key
        self._mark_keys(*(self._table.keys_between(self._marks.newest, here) or (here,)))

    def _mark_keys(self, *keys: str) -> None:
        if len(keys) == 1:
            view = instance_at(self._services(), keys[0])
            self._marks.add([view] if view is not None else ())
        else:
            wanted = set(keys)
            self._marks.add(view for view in self._views() if instance_key(view) in wanted)
        self._marks.newest = self._table.cursor_key
        self._changed()

    def _mark_all(self) -> None:
        shown = {row.key for row in self._table.rows if not row.heading}
        views = [view for view in self._views() if instance_key(view) in shown]
        if self._marks.keys >= {instance_key(view) for view in views}:
            self._marks.remove(views)
        else:
            self._marks.add(views)
        self._changed()

    def _views(self) -> Iterator[InstanceView]:
        for service in self._services().values():
            yield from service.instances or ()
