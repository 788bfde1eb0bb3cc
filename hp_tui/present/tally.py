"""How urgent a service's instances are, counted once as long as they stay the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from hp_tui.model.fleet import InstanceView
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
