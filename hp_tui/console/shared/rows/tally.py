"""How urgent a service's instances are, counted once as long as they stay the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from msgspec import Struct

from hp_tui.console.shared.rows.styles import urgency
from hp_tui.model.fleet import InstanceView, ServiceView
from hp_tui.model.per_service import PerService


def tally(service: ServiceView) -> Mapping[int, int]:
    """Its instances by their urgency, the most urgent (0) first; {} where they are not loaded."""
    return _counted(service.name, service.instances or ())


def _count(instances: tuple[InstanceView, ...]) -> Mapping[int, int]:
    return dict(sorted(Counter(map(urgency, instances)).items()))


_counted = PerService(_count)


class Totals(Struct, frozen=True):
    """Of a whole fleet: instances, and how many of them are red (critical, or their breaker open) and yellow."""

    instances: int = 0
    bad: int = 0
    warn: int = 0


_nothing: Mapping[str, ServiceView] = {}
_newest = _nothing, Totals()


def totals(services: Mapping[str, ServiceView]) -> Totals:
    """Counted once as long as it is the same mapping: several widgets ask, and the clock moves each second."""
    global _newest
    if _newest[0] is not services:
        _newest = services, _totals(services.values())
    return _newest[1]


def _totals(services: Iterable[ServiceView]) -> Totals:
    instances = bad = warn = 0
    for service in services:
        if service.instances is None:
            instances += service.total
            bad += service.critical
            warn += service.warning
            continue
        instances += len(service.instances)
        by_urgency = tally(service)
        bad += by_urgency.get(0, 0)
        warn += by_urgency.get(1, 0)
    return Totals(instances, bad, warn)
