"""An instance as a row of panel 2, and the columns it has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial

from msgspec.structs import replace
from rich.cells import cell_len

from hp_tui.console.health.rows.cells import Cells
from hp_tui.console.shared.rows.row_keys import instance_key
from hp_tui.console.shared.rows.styles import breaker_badge, failures_badge, glyph, health_badge, urgency
from hp_tui.console.shared.rows.text import NOTHING, milliseconds
from hp_tui.model.flapping import Flapping, flapping
from hp_tui.model.fleet import InstanceView, ServiceView
from hp_tui.widgets.escape import visible
from hp_tui.widgets.values import Badge, Column, Row, Tone

FLAPS = "⇅"
"""Beside the health of an instance that flaps."""
SERVICE = Column("service", "SERVICE", 12, grow=1, drop=1)
"""Only where instances do not stand below their service."""
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


class Widths:
    """How wide the columns of free text must be. A service that did not change is not measured again."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[ServiceView, tuple[int, int, int, int]]] = {}

    def columns(self, services: Mapping[str, ServiceView], *, grouped: bool) -> tuple[Column, ...]:
        """The columns for these services, those of free text within :data:`WIDEST`."""
        if len(self._known) > 2 * len(services):
            self._known.clear()
        fitted = self._widest(services)
        columns = COLUMNS if grouped else (*COLUMNS[:2], SERVICE, *COLUMNS[2:])
        return tuple(
            replace(column, width=min(WIDEST, max(column.width, fitted.get(column.key, 0)))) for column in columns
        )

    def _widest(self, services: Mapping[str, ServiceView]) -> dict[str, int]:
        """By column. One round over all services at each picture: no more in it than comparing."""
        known = self._known
        instance = address = node = name = 0
        for view in services.values():
            kept = known.get(view.name)
            widths = kept[1] if kept is not None and kept[0].instances is view.instances else self._of(view)
            if widths[0] > instance:
                instance = widths[0]
            if widths[1] > address:
                address = widths[1]
            if widths[2] > node:
                node = widths[2]
            if widths[3] > name:
                name = widths[3]
        return {"instance": instance, "address": address, "node": node, "service": name}

    def _of(self, service: ServiceView) -> tuple[int, int, int, int]:
        widths = (*_longest(service.instances or ()), cell_len(service.name))
        self._known[service.name] = service, widths
        return widths


def _longest(views: Iterable[InstanceView]) -> tuple[int, int, int]:
    """Cells of the longest id, address and node, as far as they matter."""
    ids = addresses = nodes = 0
    for view in views:
        instance = view.instance
        ids = max(ids, cell_len(visible(instance.id[: 2 * WIDEST])))
        addresses = max(addresses, cell_len(instance.endpoint[: 2 * WIDEST]))
        nodes = max(nodes, cell_len(visible(instance.node[: 2 * WIDEST])))
    return ids, addresses, nodes


def columns_for(services: Mapping[str, ServiceView], *, grouped: bool = True) -> tuple[Column, ...]:
    """The columns, those of free text as wide as what stands in them (within :data:`WIDEST`)."""
    return Widths().columns(services, grouped=grouped)


def instance_row(view: InstanceView, now: float) -> Row:
    """The row of an instance."""
    return Row(instance_key(view), Cells(partial(_cells, view, now)), group=view.instance.service)


def _cells(view: InstanceView, now: float) -> dict[str, Badge]:
    instance, endpoint = view.instance, view.endpoint
    flaps = flapping(view.changes, now) if view.changes else None
    return {
        "mark": glyph(view),
        "instance": Badge(visible(instance.id), Tone.PLAIN, bold=urgency(view) == 0),
        "service": Badge(visible(instance.service), Tone.MUTED),
        "address": Badge(visible(instance.endpoint), Tone.PLAIN),
        "health": _health(view, now, flaps),
        "breaker": breaker_badge(endpoint, now),
        "fail": failures_badge(endpoint.breaker if endpoint else None),
        "picks": Badge(str(endpoint.picks) if endpoint else NOTHING, Tone.PLAIN if endpoint else Tone.MUTED),
        "p99": Badge(milliseconds(endpoint.p99_ms if endpoint else None), Tone.PLAIN if endpoint else Tone.MUTED),
        "p50": Badge(milliseconds(endpoint.p50_ms if endpoint else None), Tone.PLAIN if endpoint else Tone.MUTED),
        "version": Badge(visible(instance.version) or NOTHING, Tone.MUTED),
        "flaps": Badge(str(view.flaps), Tone.WARN if flaps else Tone.MUTED, bold=flaps is not None),
        "connection": Badge(endpoint.connectivity.value if endpoint else NOTHING, Tone.MUTED),
        "node": Badge(visible(instance.node), Tone.MUTED),
    }


def _health(view: InstanceView, now: float, flaps: Flapping | None) -> Badge:
    badge = health_badge(view, now)
    if flaps is None:
        return badge
    tone = Tone.WARN if badge.tone is Tone.GOOD else badge.tone
    return replace(badge, text=f"{badge.text} {FLAPS}", tone=tone, bold=True)
