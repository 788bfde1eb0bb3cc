"""Panel 2: instances as table rows, grouped by service, red first."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from enum import StrEnum

from rich.cells import cell_len

from hp_tui.model.fleet import InstanceView, ServiceView
from hp_tui.model.health import Health
from hp_tui.present.matching import EVERYTHING, Filter
from hp_tui.present.text import NOTHING, milliseconds
from hp_tui.present.tones import (
    HEALTH_TONE,
    breaker_badge,
    failures_badge,
    glyph,
    health_badge,
    lasts,
    urgency,
)
from widgets.escape import visible
from widgets.values import GLYPHS, Badge, Column, Row, Tone

COLUMNS = (
    Column("mark", "", 1),
    Column("instance", "INSTANCE", 12, grow=1),
    Column("address", "ADDRESS", 14, grow=1, drop=2),
    Column("health", "HEALTH", 13, grow=1),
    Column("breaker", "BREAKER", 11, drop=1),
    Column("connection", "CONNECTION", 17, drop=9),
    Column("version", "VERSION", 8, drop=6),
    Column("node", "NODE", 14, drop=10),
    Column("fail", "FAIL", 4, right=True, drop=3),
    Column("picks", "PICKS", 5, right=True, drop=4),
    Column("p50", "p50", 6, right=True, drop=8),
    Column("p99", "p99", 6, right=True, drop=5),
    Column("flaps", "FLAPS", 5, right=True, drop=7),
)
"""Words to the left, numbers to the right: no number stands against a word."""
WIDEST = 21
"""Cells a column takes for its longest text; longer ones are cut on screen and whole in the detail."""


def columns_for(services: Mapping[str, ServiceView]) -> tuple[Column, ...]:
    """The columns, those of free text as wide as what stands in them (within :data:`WIDEST`)."""
    instances = [view.instance for service in services.values() for view in service.instances or ()]
    fitted = {
        "instance": max((cell_len(visible(item.id)) for item in instances), default=0),
        "address": max((cell_len(item.endpoint) for item in instances), default=0),
        "node": max((cell_len(visible(item.node)) for item in instances), default=0),
    }
    return tuple(replace(column, width=min(WIDEST, max(column.width, fitted.get(column.key, 0)))) for column in COLUMNS)


class Order(StrEnum):
    """What ``s`` cycles through. The first two keep services together, the others do not."""

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


def instance_key(view: InstanceView) -> str:
    """A row's identity: two services may have instances of one id."""
    return f"{view.instance.service}\0{view.id}"


def service_key(name: str) -> str:
    return f"{name}\0"


def split_key(key: str) -> tuple[str, str]:
    """Service and instance id of a row's key; the id is '' for a service's heading."""
    service, _, instance_id = key.partition("\0")
    return service, instance_id


def health_rows(
    services: Mapping[str, ServiceView], now: float, *, order: Order = Order.RED, wanted: Filter = EVERYTHING
) -> tuple[Row, ...]:
    """Rows for the table: headings with their instances, or a flat list, as ``order`` says."""
    return HealthRows().rows(services, now, order=order, wanted=wanted)


class HealthRows:
    """:func:`health_rows` for who asks again at each picture: what did not change is not made anew.

    Services and instances are compared by identity, as the reducer keeps those that nothing happened to.
    """

    def __init__(self) -> None:
        self._services: dict[str, tuple[ServiceView, Row, tuple[int, str]]] = {}
        self._instances: dict[str, tuple[InstanceView, Row, float]] = {}
        self._asked = self._steady_until = 0.0

    def steady(self, now: float) -> bool:
        """Whether :meth:`rows` would give the same again for the same services, as far as times go."""
        return self._asked <= now < self._steady_until

    def rows(self, services: Mapping[str, ServiceView], now: float, *, order: Order, wanted: Filter) -> tuple[Row, ...]:
        """What :func:`health_rows` gives."""
        if now < self._asked or len(self._instances) > 2 * sum(view.total for view in services.values()):
            self._instances.clear()
        if len(self._services) > 2 * len(services):
            self._services.clear()
        self._asked, self._steady_until = now, math.inf
        if order.grouped:
            return tuple(self._grouped(services.values(), now, order, wanted))
        return tuple(self._instance(view, now) for view in _flat(services.values(), order, wanted))

    def _grouped(self, services: Iterable[ServiceView], now: float, order: Order, wanted: Filter) -> Iterator[Row]:
        by_urgency = order is Order.RED
        for service in sorted(services, key=lambda one: self._service(one)[2]) if by_urgency else services:
            shown = [view for view in service.instances or () if _matches(wanted, view)]
            if wanted and not shown and not (service.instances is None and wanted(service.name, *service.tags)):
                continue
            yield self._service(service)[1]
            for view in sorted(shown, key=lambda view: (urgency(view), view.id) if by_urgency else (0, view.id)):
                yield self._instance(view, now)

    def _service(self, service: ServiceView) -> tuple[ServiceView, Row, tuple[int, str]]:
        """The service, its row, and where it stands when red comes first."""
        kept = self._services.get(service.name)
        if kept is None or kept[0] is not service:
            kept = service, _heading(service) if service.instances else _bare(service), service_urgency(service)
            self._services[service.name] = kept
        return kept

    def _instance(self, view: InstanceView, now: float) -> Row:
        key = instance_key(view)
        kept = self._instances.get(key)
        if kept is None or kept[0] is not view or kept[2] <= now:
            kept = view, _instance_row(view, now), now + lasts(view, now)
            self._instances[key] = kept
        self._steady_until = min(self._steady_until, kept[2])
        return kept[1]


def _flat(services: Iterable[ServiceView], order: Order, wanted: Filter) -> list[InstanceView]:
    views = [view for service in services for view in service.instances or () if _matches(wanted, view)]
    if order is Order.SINCE:
        return sorted(views, key=lambda view: (-view.health_since, view.id))
    return sorted(views, key=lambda view: (-(view.endpoint.picks if view.endpoint else -1), view.id))


def service_urgency(service: ServiceView) -> tuple[int, str]:
    """Sorts services red first, then by name."""
    if service.instances:
        return min(urgency(view) for view in service.instances), service.name
    return {Health.CRITICAL: 0, Health.WARNING: 1, Health.MAINTENANCE: 2}.get(
        service.health or Health.PASSING, 3
    ), service.name


def _matches(wanted: Filter, view: InstanceView) -> bool:
    if not wanted:
        return True
    instance = view.instance
    breaker = view.endpoint.breaker.state.value if view.endpoint else ""
    return wanted(
        instance.id,
        instance.service,
        instance.endpoint,
        instance.node,
        instance.version,
        view.health.value,
        f"breaker {breaker}",
        *instance.tags,
    )


def counts(service: ServiceView) -> str:
    """``✖1 ▲0 ●2`` without the zeros; maintenance as ``◼1``."""
    said = " ".join(f"{GLYPHS[HEALTH_TONE[health]]}{number}" for number, health in _by_health(service))
    return said or ("none" if service.counted else "…")


def _by_health(service: ServiceView) -> list[tuple[int, Health]]:
    """How many instances are how, worst first, without the zeros."""
    parts = (
        (service.critical, Health.CRITICAL),
        (service.warning, Health.WARNING),
        (service.maintenance, Health.MAINTENANCE),
        (service.passing, Health.PASSING),
    )
    return [(number, health) for number, health in parts if number]


def _heading(service: ServiceView) -> Row:
    note = "stale" if service.stale else ", ".join(service.tags)
    cells = {"instance": Badge(visible(service.name), Tone.PLAIN, bold=True)}
    for number, health in _by_health(service):
        tone = HEALTH_TONE[health]
        calm = tone is Tone.GOOD
        cells[health.value] = Badge(f"{GLYPHS[tone]}{number}", Tone.MUTED if calm else tone, bold=not calm)
    cells["note"] = Badge(visible(note), Tone.WARN if service.stale else Tone.MUTED)
    return Row(service_key(service.name), cells, group=service.name, heading=True)


def _bare(service: ServiceView) -> Row:
    """A service whose instances are not loaded, or that has none: a row of its own, so that the cursor can stand on it."""
    tone = HEALTH_TONE[service.health] if service.health else Tone.MUTED
    said = f"{counts(service)} of {service.total}" if service.counted and service.total else counts(service)
    return Row(
        service_key(service.name),
        {
            "mark": Badge(GLYPHS[tone], tone),
            "instance": Badge(visible(service.name), Tone.PLAIN, bold=True),
            "health": Badge(said, tone, bold=tone is Tone.BAD),
            "address": Badge(visible(", ".join(service.tags)), Tone.MUTED),
        },
        group=service.name,
    )


def _instance_row(view: InstanceView, now: float) -> Row:
    instance, endpoint = view.instance, view.endpoint
    cells = {
        "mark": glyph(view),
        "instance": Badge(visible(instance.id), Tone.PLAIN, bold=urgency(view) == 0),
        "address": Badge(visible(instance.endpoint), Tone.PLAIN),
        "health": health_badge(view, now),
        "breaker": breaker_badge(endpoint, now),
        "fail": failures_badge(endpoint.breaker if endpoint else None),
        "picks": Badge(str(endpoint.picks) if endpoint else NOTHING, Tone.PLAIN if endpoint else Tone.MUTED),
        "p99": Badge(milliseconds(endpoint.p99_ms if endpoint else None), Tone.PLAIN if endpoint else Tone.MUTED),
        "p50": Badge(milliseconds(endpoint.p50_ms if endpoint else None), Tone.PLAIN if endpoint else Tone.MUTED),
        "version": Badge(visible(instance.version) or NOTHING, Tone.MUTED),
        "flaps": Badge(str(view.flaps), Tone.WARN if view.flaps > 2 else Tone.MUTED),
        "connection": Badge(endpoint.connectivity.value if endpoint else NOTHING, Tone.MUTED),
        "node": Badge(visible(instance.node), Tone.MUTED),
    }
    return Row(instance_key(view), cells, group=instance.service)
