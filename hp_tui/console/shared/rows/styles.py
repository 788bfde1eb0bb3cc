"""What a state means on the screen: model enums to tones and badges."""

from __future__ import annotations

from hp_tui.console.shared.rows.text import NOTHING, age, age_lasts, at_least, at_least_lasts, countdown
from hp_tui.model.balancing import BreakerState
from hp_tui.model.flapping import flapping_ends
from hp_tui.model.fleet import BreakerView, EndpointView, InstanceView
from hp_tui.model.health import Health
from hp_tui.model.timeline import Severity
from hp_tui.widgets.values import GLYPHS, Badge, Tone

HEALTH_TONE = {
    Health.PASSING: Tone.GOOD,
    Health.WARNING: Tone.WARN,
    Health.CRITICAL: Tone.BAD,
    Health.MAINTENANCE: Tone.OFF,
}
SEVERITY_TONE = {Severity.INFO: Tone.INFO, Severity.GOOD: Tone.GOOD, Severity.WARN: Tone.WARN, Severity.BAD: Tone.BAD}

_SHORT = {Health.MAINTENANCE: "maint"}
"""For the table's column; the detail has Consul's own word."""

URGENCY = {Health.CRITICAL: 0, Health.WARNING: 1, Health.MAINTENANCE: 2, Health.PASSING: 3}
"""Red first. Maintenance was somebody's intention, so it stands below what nobody wanted."""


def health_badge(view: InstanceView, now: float) -> Badge:
    """``critical 12s``; ``critical ≥2m`` where the console was not yet watching when it began."""
    passed = now - view.health_since
    since = age(passed) if view.since_exact else at_least(passed)
    calm = view.health is Health.PASSING
    return Badge(
        f"{view.health.value} {since}".rstrip(), HEALTH_TONE[view.health], sort=URGENCY[view.health], bold=not calm
    )


def lasts(view: InstanceView, now: float) -> float:
    """For how many seconds :func:`health_badge`, :func:`breaker_badge` and the mark of flapping go on saying the same."""
    passed = now - view.health_since
    said = age_lasts(passed) if view.since_exact else at_least_lasts(passed)
    if view.changes and (ends := flapping_ends(view.changes, now)) is not None:
        said = min(said, max(ends - now, 0.01))
    open_until = view.endpoint.breaker.open_until if view.endpoint else None
    if open_until is None or open_until <= now:
        return said
    return min(said, (open_until - now) % 1 or 1)


def glyph(view: InstanceView) -> Badge:
    """The instance's glyph; an open breaker turns a passing instance's into a warning's."""
    tone = instance_tone(view)
    return Badge(GLYPHS[tone], tone, sort=urgency(view), bold=tone is Tone.BAD)


def instance_tone(view: InstanceView) -> Tone:
    """The tone of its health; where that is good, of its breaker."""
    if view.health is not Health.PASSING or view.endpoint is None:
        return HEALTH_TONE[view.health]
    breaker = view.endpoint.breaker
    if breaker.forced is BreakerState.OPEN:
        return Tone.OFF
    return {BreakerState.OPEN: Tone.BAD, BreakerState.HALF_OPEN: Tone.WARN}.get(breaker.state, Tone.GOOD)


def urgency(view: InstanceView) -> int:
    """0 is seen first: critical or breaker open; then half-open or warning; then what was taken out; then well."""
    return {Tone.BAD: 0, Tone.WARN: 1, Tone.OFF: 2}.get(instance_tone(view), 3)


def breaker_badge(endpoint: EndpointView | None, now: float) -> Badge:
    """``OPEN 0:47 left``, ``HALF-OPEN``, ``closed``, ``forced open``; a dash where no client of ours knows it."""
    if endpoint is None:
        return Badge(NOTHING, Tone.MUTED, sort=9)
    breaker = endpoint.breaker
    if breaker.forced is not None:
        return Badge(f"forced {breaker.forced.value}", Tone.OFF, sort=2, bold=True)
    if breaker.state is BreakerState.OPEN:
        left = f" {countdown(breaker.open_until - now)}" if breaker.open_until is not None else ""
        return Badge(f"OPEN{left}", Tone.BAD, sort=0, bold=True)
    if breaker.state is BreakerState.HALF_OPEN:
        return Badge("HALF-OPEN", Tone.WARN, sort=1, bold=True)
    return Badge("closed", Tone.GOOD, sort=3)


def failures_badge(breaker: BreakerView | None) -> Badge:
    """Consecutive failures of the threshold: ``5/5``."""
    if breaker is None:
        return Badge(NOTHING, Tone.MUTED, sort=-1)
    tone = Tone.BAD if breaker.failures >= breaker.threshold else Tone.WARN if breaker.failures else Tone.MUTED
    return Badge(f"{breaker.failures}/{breaker.threshold}", tone, sort=breaker.failures)
