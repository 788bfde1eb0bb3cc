"""Services, instances and their health: what appeared, what went away, what changed and when."""

from __future__ import annotations

from types import MappingProxyType

from msgspec.structs import replace

from hp_tui.engine import events
from hp_tui.engine.events import CountsSeen, InstancesFound, InstancesSeen, InstancesUnwatched, SearchSeen, ServicesSeen
from hp_tui.engine.reducers import edges
from hp_tui.engine.reducers.edges import upstreams
from hp_tui.engine.reducers.log import TimelineLine, logged
from hp_tui.engine.reducers.steps import Steps
from hp_tui.model.catalog import Check, Instance, ServicesUpdate
from hp_tui.model.flapping import flapping, remembered
from hp_tui.model.fleet import FleetSnapshot, InstanceView, ServiceView
from hp_tui.model.health import Health
from hp_tui.model.text import first_line
from hp_tui.model.timeline import Severity, TimelineKind
from hp_tui.model.visibility import Visibility

SEVERITY = {
    Health.PASSING: Severity.GOOD,
    Health.WARNING: Severity.WARN,
    Health.CRITICAL: Severity.BAD,
    Health.MAINTENANCE: Severity.WARN,
}


def services_seen(snapshot: FleetSnapshot, event: ServicesSeen) -> FleetSnapshot:
    """Take over the list of services; the instances of a service that is gone go with it."""
    update = event.update
    snapshot = _seen(snapshot, event.at, update)
    if update.stale and (snapshot.loaded or not update.services):
        return snapshot
    known = snapshot.services
    services = {
        summary.name: replace(
            known.get(summary.name) or ServiceView(summary.name, first_seen=event.at, first_seen_exact=snapshot.loaded),
            tags=summary.tags,
            kind=summary.kind or (known[summary.name].kind if summary.name in known else ""),
            at=update.at,
        )
        for summary in sorted(update.services, key=lambda summary: summary.name)
    }
    lines: list[TimelineLine] = []
    if snapshot.loaded:
        lines += [
            TimelineLine(TimelineKind.MEMBER, Severity.INFO, name, name, new="service appeared")
            for name in services
            if name not in known
        ]
        lines += [_service_gone(view) for name, view in known.items() if name not in services]
    snapshot = replace(snapshot, services=MappingProxyType(services), loaded=True)
    return logged(snapshot, event.at, lines)


def _seen(snapshot: FleetSnapshot, at: float, update: ServicesUpdate) -> FleetSnapshot:
    """Set how much of the list the token sees; lost rights give one timeline line."""
    if update.visibility is snapshot.visibility:
        return snapshot
    lost = update.stale and update.visibility is Visibility.FILTERED
    lines = [_rights_lost("consul", "", update.error)] if lost else []
    return logged(replace(snapshot, visibility=update.visibility), at, lines)


def _rights_lost(subject: str, service: str, error: str) -> TimelineLine:
    return TimelineLine(TimelineKind.LINK, Severity.WARN, subject, service, new=error.partition(";")[0], detail=error)


def _service_gone(view: ServiceView) -> TimelineLine:
    names = ", ".join(instance.id for instance in view.instances or ())
    return TimelineLine(TimelineKind.MEMBER, Severity.WARN, view.name, view.name, new="service gone", detail=names)


def counts_seen(snapshot: FleetSnapshot, event: CountsSeen) -> FleetSnapshot:
    """Counts for services whose instances are not loaded (those of a loaded service are counted from its instances)."""
    services = dict(snapshot.services)
    changed = False
    for summary in event.summaries:
        view = services.get(summary.name)
        if view is None or view.instances is not None or summary.passing is None:
            continue
        passing, warning, critical = summary.passing, summary.warning or 0, summary.critical or 0
        kind = summary.kind or view.kind
        known = (view.passing, view.warning, view.critical, view.kind, view.counted)
        if known != (passing, warning, critical, kind, True):
            services[summary.name] = replace(
                view, passing=passing, warning=warning, critical=critical, kind=kind, counted=True
            )
            changed = True
    return replace(snapshot, services=MappingProxyType(services)) if changed else snapshot


def instances_seen(snapshot: FleetSnapshot, event: InstancesSeen) -> FleetSnapshot:
    """Take over a service's instances, and keep what the console has seen of each."""
    update = event.update
    view = snapshot.services.get(update.service)
    if view is None:
        # The list of services decides which exist; its next answer brings this one.
        if snapshot.loaded or not update.instances:
            return snapshot
        view = ServiceView(name=update.service)
    if update.stale and (view.instances is not None or not update.instances):
        stale = replace(view, stale=True, error=update.error)
        lost = update.visibility is Visibility.FILTERED and update.error != view.error
        return logged(
            _with_service(snapshot, stale), event.at, [_rights_lost(view.name, view.name, update.error)] if lost else []
        )
    before = {old.instance.ref: old for old in view.instances or ()}
    first_look = view.instances is None
    lines: list[TimelineLine] = []
    instances = []
    for instance in update.instances:
        old = before.pop(instance.ref, None)
        new_view = _advance(old, instance, update.at, exact=not first_look)
        instances.append(new_view)
        if old is None:
            if not first_look:
                lines.append(_joined(instance))
        elif old.health is not instance.health:
            lines.append(_health_line(old.instance, new_view, update.at))
    lines += [
        TimelineLine(TimelineKind.MEMBER, Severity.WARN, gone.id, view.name, old=gone.health.value, new="deregistered")
        for gone in before.values()
    ]
    # The first answer may be old: without a leader, any server answers with what it has.
    new = replace(_counted(view, tuple(instances), update.at), stale=update.stale, error=update.error)
    return logged(_with_service(snapshot, new), event.at, lines)


def instances_found(snapshot: FleetSnapshot, event: InstancesFound) -> FleetSnapshot:
    """Take over instances that a search read once and that are not watched. They add nothing to the timeline."""
    services = dict(snapshot.services)
    for update in event.updates:
        view = services.get(update.service)
        if view is not None and view.instances is None:
            first = tuple(_advance(None, instance, update.at, exact=False) for instance in update.instances)
            services[view.name] = _counted(view, first, update.at)
    return replace(snapshot, services=MappingProxyType(services))


def search_seen(snapshot: FleetSnapshot, event: SearchSeen) -> FleetSnapshot:
    return snapshot if snapshot.search == event.search else replace(snapshot, search=event.search)


def _counted(view: ServiceView, instances: tuple[InstanceView, ...], at: float) -> ServiceView:
    """The service with these instances, as Consul confirmed them ``at``."""
    healths = [item.health for item in instances]
    return replace(
        view,
        instances=instances,
        passing=healths.count(Health.PASSING),
        warning=healths.count(Health.WARNING),
        critical=healths.count(Health.CRITICAL),
        maintenance=healths.count(Health.MAINTENANCE),
        counted=True,
        at=at,
        stale=False,
        error="",
    )


def instances_unwatched(snapshot: FleetSnapshot, event: InstancesUnwatched) -> FleetSnapshot:
    services = dict(snapshot.services)
    for name in event.services & services.keys():
        view = services[name]
        # Edges stay: otherwise the graph would change with every scroll.
        services[name] = replace(view, instances=None, stale=False, error="", learned=upstreams(view))
    return replace(snapshot, services=MappingProxyType(services))


def _advance(old: InstanceView | None, instance: Instance, at: float, *, exact: bool) -> InstanceView:
    if old is None:
        return InstanceView(instance, health_since=at, since_exact=exact)
    if old.instance == instance:
        return old
    if old.health is instance.health:
        return replace(old, instance=instance)
    changes = remembered(old.changes, at)
    return replace(old, instance=instance, health_since=at, since_exact=True, flaps=old.flaps + 1, changes=changes)


def _joined(instance: Instance) -> TimelineLine:
    return TimelineLine(
        TimelineKind.MEMBER, Severity.INFO, instance.id, instance.service, new="registered", detail=instance.endpoint
    )


def _health_line(old: Instance, view: InstanceView, at: float) -> TimelineLine:
    """The change of health, with the output of the deciding check; before it, whether the instance flaps."""
    new = view.instance
    deciding = _deciding_check(old, new)
    said = first_line(deciding.output or deciding.notes) if deciding else ""
    flaps = flapping(view.changes, at)
    return TimelineLine(
        TimelineKind.HEALTH,
        SEVERITY[new.health],
        new.id,
        new.service,
        old=old.health.value,
        new=new.health.value,
        detail=" · ".join(part for part in (str(flaps or ""), said) if part),
    )


def _deciding_check(old: Instance, new: Instance) -> Check | None:
    """The check that decided the new health: first one that changed to it, then one that has it; node checks last."""
    before = {check.id: check.status for check in old.checks}
    having = [check for check in new.checks if check.status is new.health]
    return min(having, key=lambda check: (before.get(check.id) is check.status, check.node_level), default=None)


def _with_service(snapshot: FleetSnapshot, view: ServiceView) -> FleetSnapshot:
    if snapshot.services.get(view.name) == view:
        return snapshot
    services = {**snapshot.services, view.name: view}
    if view.name not in snapshot.services:
        services = dict(sorted(services.items()))
    return replace(snapshot, services=MappingProxyType(services))


STEPS: Steps = {
    events.ServicesSeen: (
        services_seen,
        edges.redraw,
    ),
    events.CountsSeen: (counts_seen,),
    events.InstancesSeen: (
        instances_seen,
        edges.redraw,
    ),
    events.InstancesFound: (instances_found,),
    events.SearchSeen: (search_seen,),
    events.InstancesUnwatched: (
        instances_unwatched,
        edges.redraw,
    ),
}
"""By event: the functions that make the new snapshot, in order."""
