"""A service as a row of panel 2."""

from __future__ import annotations

from functools import partial

from hp_tui.console.health.rows.cells import Cells
from hp_tui.console.shared.rows.row_keys import service_key
from hp_tui.console.shared.rows.styles import HEALTH_TONE
from hp_tui.console.shared.rows.tally import tally
from hp_tui.model.fleet import ServiceView
from hp_tui.model.health import Health
from hp_tui.widgets.escape import visible
from hp_tui.widgets.values import GLYPHS, Badge, Row, Tone


def service_urgency(service: ServiceView) -> tuple[int, str]:
    """Sorts services red first, then by name."""
    if service.instances:
        return next(iter(tally(service))), service.name
    return {Health.CRITICAL: 0, Health.WARNING: 1, Health.MAINTENANCE: 2}.get(
        service.health or Health.PASSING, 3
    ), service.name


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


def heading_row(service: ServiceView) -> Row:
    """A heading over its instances: the cursor passes over it."""
    return Row(service_key(service.name), Cells(partial(_heading_cells, service)), group=service.name, heading=True)


def _heading_cells(service: ServiceView) -> dict[str, Badge]:
    note = "stale" if service.stale else ", ".join(service.tags)
    cells = {"instance": Badge(visible(service.name), Tone.PLAIN, bold=True)}
    for number, health in _by_health(service):
        tone = HEALTH_TONE[health]
        calm = tone is Tone.GOOD
        cells[health.value] = Badge(f"{GLYPHS[tone]}{number}", Tone.MUTED if calm else tone, bold=not calm)
    cells["note"] = Badge(visible(note), Tone.WARN if service.stale else Tone.MUTED)
    return cells


def bare_row(service: ServiceView) -> Row:
    """A service whose instances are not loaded, or that has none: it has a row, so that the cursor can stand on it."""
    return Row(service_key(service.name), Cells(partial(_bare_cells, service)), group=service.name)


def _bare_cells(service: ServiceView) -> dict[str, Badge]:
    tone = HEALTH_TONE[service.health] if service.health else Tone.MUTED
    said = f"{counts(service)} of {service.total}" if service.counted and service.total else counts(service)
    if service.error and not service.counted:
        tone, said = Tone.WARN, "unreadable"
    about = (
        Badge(visible(service.error), Tone.BAD)
        if service.error
        else Badge(visible(", ".join(service.tags)), Tone.MUTED)
    )
    return {
        "mark": Badge(GLYPHS[tone], tone),
        "instance": Badge(visible(service.name), Tone.PLAIN, bold=True),
        "health": Badge(said, tone, bold=tone is Tone.BAD),
        "address": about,
    }
