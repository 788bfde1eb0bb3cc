"""How urgent a service's instances are, counted once as long as they stay the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from msgspec import Struct

from hp_tui.model.fleet import InstanceView, ServiceView
from hp_tui.present.tones import urgency

KEPT = 8192
"""Services whose count is remembered."""
_known: dict[int, tuple[tuple[InstanceView, ...], Mapping[int, int]]] = {}


def tally(instances: tuple[InstanceView, ...]) -> Mapping[int, int]:
    """Instances by their urgency, the most urgent (0) first.

    Remembered by identity: a picture shares with the one before what did not change, so that a large datacenter is not
    counted anew each second.
    """
    kept = _known.get(id(instances))
    if kept is None or kept[0] is not instances:
        if len(_known) >= KEPT:
            _known.clear()
        counted = Counter(map(urgency, instances))
        kept = _known[id(instances)] = instances, dict(sorted(counted.items()))
    return kept[1]


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
        by_urgency = tally(service.instances)
        bad += by_urgency.get(0, 0)
        warn += by_urgency.get(1, 0)
    return Totals(instances, bad, warn)
