"""What a filter finds an instance or a service by, and what it cannot look at."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from hp_tui.console.shared.rows.filter_parser import VALUES, Filter
from hp_tui.model.fleet import InstanceView, Search, ServiceView

INSTANCE_FIELDS = ("tag", "node", "meta", "service", "status", "version", "breaker", "id", "address")
SERVICE_FIELDS = ("service", "tag", "status")


def instance_text(view: InstanceView) -> str:
    """What a word is looked for in."""
    instance = view.instance
    breaker = view.endpoint.breaker.state.value if view.endpoint else ""
    return "\n".join(
        (
            instance.id,
            instance.service,
            instance.endpoint,
            instance.node,
            instance.version,
            view.health.value,
            f"breaker {breaker}",
            *instance.tags,
        )
    )


def instance_values(view: InstanceView, name: str) -> Iterable[str]:
    """What stands in a field of an instance: :data:`INSTANCE_FIELDS`."""
    instance = view.instance
    match name:
        case "tag":
            return instance.tags
        case "node":
            return (instance.node,)
        case "meta":
            return (f"{key}={value}" for pairs in (instance.meta, instance.node_meta) for key, value in pairs.items())
        case "service":
            return (instance.service,)
        case "status":
            return (view.health.value,)
        case "version":
            return (instance.version,)
        case "breaker":
            return _breaker(view)
        case "id":
            return (instance.id,)
        case "address":
            return (instance.endpoint,)
    return ()


def _breaker(view: InstanceView) -> tuple[str, ...]:
    if view.endpoint is None:
        return ("none",)
    breaker = view.endpoint.breaker
    return (breaker.state.value, *(["forced"] if breaker.forced is not None else []))


def service_matches(wanted: Filter, service: ServiceView) -> bool:
    """Whether the filter finds a service by what is known without its instances: name, tags, counts of health.

    A service that may have what is asked for (a red one, where ``status:critical`` is) stays in sight; one of which the
    asked field is not known does not.
    """
    return wanted(service.name, *service.tags, of=lambda name: service_values(service, name))


def service_values(service: ServiceView, name: str) -> Iterable[str]:
    """What stands in a field of a service: :data:`SERVICE_FIELDS`."""
    match name:
        case "tag":
            return service.tags
        case "service":
            return (service.name,)
        case "status":
            numbers = {
                "passing": service.passing,
                "warning": service.warning,
                "critical": service.critical,
                "maintenance": service.maintenance,
            }
            return [status for status, number in numbers.items() if number]
    return ()


SEARCHED = 5_000
"""Services that one search reads at most."""


def to_be_read(wanted: Filter, services: Mapping[str, ServiceView]) -> tuple[str, ...]:
    """Services that may hold a match and whose instances are not loaded. What is known about the others rules them out.

    Consul lists a service's tags with those of all its instances, and its counts say whether any of them is red.
    """
    telling = [(name, parts) for name, parts in wanted.fields if name in SERVICE_FIELDS]
    return tuple(
        view.name
        for view in services.values()
        if view.instances is None and all(_may_hold(view, name, parts) for name, parts in telling)
    )[:SEARCHED]


def _may_hold(view: ServiceView, name: str, parts: tuple[str, ...]) -> bool:
    if name == "status":
        return not view.counted or any(_may_be(view, status) for status in VALUES["status"] if status.startswith(parts))
    return any(part in value.casefold() for value in service_values(view, name) for part in parts)


def _may_be(view: ServiceView, status: str) -> bool:
    """Consul's counts are of checks: what they call bad is a bound, and maintenance is a critical check to them."""
    bad = view.critical + view.maintenance
    return {"warning": view.warning + bad, "critical": bad, "maintenance": bad}.get(status, view.total) > 0


def unseen(
    services: Mapping[str, ServiceView], wanted: Filter, search: Search | None, *, grouped: bool
) -> tuple[str, ...]:
    """What to say of services that are not loaded, so that nothing of them is found or sorted: how many are, how that can be
    changed, or how far that is. () where it makes no difference.
    """
    if search is not None and search.running and wanted:
        return (f"reading {search.done:,} of {search.total:,} services, esc stops",)
    have, number = sum(view.instances is not None for view in services.values()), len(services)
    if have == number or (grouped and not wanted):
        return ()
    failed = f" ({search.failed} could not be read)" if search is not None and search.failed else ""
    more = len(to_be_read(wanted, services)) if wanted and search is None else 0
    return (f"{have} of {number:,} services loaded{failed}" + (f", enter reads {more:,}" if more else ""),)
