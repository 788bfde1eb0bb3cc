"""The guides "Load Balancing Not Working" and "Circuit Breaker Stuck OPEN" of the migration guide, as findings."""

from __future__ import annotations

from hp_tui.console.shared.rows.sections import DetailLine, Section
from hp_tui.console.shared.rows.styles import instance_tone
from hp_tui.console.shared.rows.text import age, clock, count, countdown, share
from hp_tui.model.balancing import BreakerState, Connectivity
from hp_tui.model.fleet import EndpointView, InstanceView
from hp_tui.model.health import Health
from hp_tui.widgets.escape import visible
from hp_tui.widgets.values import Tone

SHARES_SHOWN = 20
RESET_KEY = "b"
"""The key of the drawers' breaker action; :mod:`hp_tui.console.actions.registry` says the same."""


def balancing(views: tuple[InstanceView, ...]) -> Section:
    """How many instances share the picks, with their shares; where fewer than two do, every reason that holds."""
    called = [(view, view.endpoint) for view in views if view.endpoint is not None]
    picks = sum(endpoint.picks for _, endpoint in called)
    sharing = [(view, endpoint) for view, endpoint in called if _shares(view, endpoint)]
    lines = []
    if not picks:
        lines.append(
            DetailLine(
                "no call was fired from this console yet, so it has picked none: c fires one", Tone.INFO, wide=True
            )
        )
    elif len(sharing) > 1:
        lines.append(DetailLine(f"{len(sharing)} of {len(views)} instances share the picks", Tone.GOOD, wide=True))
    else:
        said = "one instance gets every pick" if sharing else "no instance gets picks"
        lines.append(DetailLine(said, Tone.WARN if sharing else Tone.BAD, wide=True))
    if len(sharing) < 2:
        lines += _too_few(views)
    if picks:
        ordered = sorted(called, key=lambda pair: (-pair[1].picks, pair[0].id))
        lines += [_share(view, endpoint, picks) for view, endpoint in ordered[:SHARES_SHOWN]]
        lines.append(
            DetailLine(
                "of this console's own calls; a client that keeps one channel balances nothing", Tone.MUTED, wide=True
            )
        )
    return Section("Load balancing", tuple(lines))


def _shares(view: InstanceView, endpoint: EndpointView) -> bool:
    out = {Health.CRITICAL, Health.MAINTENANCE}
    return view.health not in out and not endpoint.excluded and endpoint.breaker.state is BreakerState.CLOSED


def _share(view: InstanceView, endpoint: EndpointView, picks: int) -> DetailLine:
    out = "" if _shares(view, endpoint) else " · gets none now"
    failed = f" · {endpoint.failures} failed" if endpoint.failures else ""
    text = f"{share(endpoint.picks, picks)} · {count(endpoint.picks, 'pick')}{failed}{out}"
    return DetailLine(text, Tone.WARN if out or failed else Tone.PLAIN, visible(view.id))


def _too_few(views: tuple[InstanceView, ...]) -> list[DetailLine]:
    """The guide's questions, those that explain it: enough instances, healthy ones, breakers closed, connected."""
    found = []
    if len(views) == 1:
        found.append("only one instance is registered: start more of them under this service name")
    sick = [(sum(view.health is health for view in views), health) for health in (Health.CRITICAL, Health.MAINTENANCE)]
    for number, health in sick:
        if number:
            found.append(
                f"{number} of {len(views)} {_is(number)} {_SICK[health]}, so Consul offers {_it(number)} to nobody"
            )
    opened = sum(view.endpoint is not None and view.endpoint.breaker.state is not BreakerState.CLOSED for view in views)
    if opened:
        found.append(f"the breakers of {opened} of {len(views)} are not closed: see below")
    cut = sum(
        view.endpoint is not None and view.endpoint.connectivity is Connectivity.TRANSIENT_FAILURE for view in views
    )
    if cut:
        found.append(f"{cut} of {len(views)} cannot be connected to from here")
    return [DetailLine(text, Tone.WARN, "because") for text in found]


_SICK = {Health.CRITICAL: "critical", Health.MAINTENANCE: "in maintenance"}


def _is(number: int) -> str:
    return "is" if number == 1 else "are"


def _it(number: int) -> str:
    return "it" if number == 1 else "them"


def breakers(views: tuple[InstanceView, ...], now: float) -> Section:
    """Each breaker that is not closed: until when, why, what to look at, and the key that resets it."""
    known = [(view, view.endpoint) for view in views if view.endpoint is not None]
    if not known:
        return Section("Breakers", (DetailLine("this console has no client of it yet, so no breaker", Tone.MUTED),))
    lines = []
    for view, endpoint in known:
        if endpoint.breaker.state is not BreakerState.CLOSED or endpoint.breaker.forced is not None:
            lines += _breaker(view, endpoint, now)
    if not lines:
        said = f"all {len(known)} closed" if len(known) > 1 else "closed"
        return Section("Breakers", (DetailLine(f"{said}: calls go through", Tone.GOOD),))
    lines.append(DetailLine(f"{RESET_KEY} resets one at once; nothing needs a restart", Tone.INFO, wide=True))
    return Section("Breakers", tuple(lines))


def _breaker(view: InstanceView, endpoint: EndpointView, now: float) -> list[DetailLine]:
    breaker = endpoint.breaker
    reason = f" after {visible(breaker.reason)}" if breaker.reason else ""
    if breaker.forced is not None:
        by = visible(breaker.reason) or "by hand"
        said = f"forced {breaker.forced.value} ({by}); {RESET_KEY} then release ends that"
        return [DetailLine(said, Tone.OFF, visible(view.id))]
    if breaker.state is BreakerState.HALF_OPEN:
        said = f"half-open for {age(now - breaker.since)}: the next call probes it, a success closes it"
        return [DetailLine(said, Tone.WARN, visible(view.id))]
    until = ""
    if breaker.open_until is not None:
        until = f" until {clock(breaker.open_until)} ({countdown(breaker.open_until - now)} left)"
    again = f"; opened {breaker.opens} times in a row, so it waits longer each time" if breaker.opens > 1 else ""
    lines = [DetailLine(f"open{until}{reason}{again}", Tone.BAD, visible(view.id))]
    if view.health is not Health.PASSING:
        lines.append(DetailLine(f"Consul calls it {view.health.value}: mend that first", instance_tone(view)))
    elif endpoint.connectivity is Connectivity.TRANSIENT_FAILURE:
        where = visible(view.instance.endpoint)
        lines.append(
            DetailLine(f"passing in Consul, yet {where} cannot be connected to from here: look between", Tone.WARN)
        )
    else:
        lines.append(
            DetailLine("passing in Consul and reachable: it answers calls with errors, see its log", Tone.WARN)
        )
    return lines
