"""Which part of the topology the user looks at."""

from __future__ import annotations

from dataclasses import dataclass, replace

MOST_HOPS = 9


@dataclass(frozen=True, slots=True)
class TopologyScope:
    """``centre`` and all within ``hops`` calls of it, or everything where there is no centre; ``hidden`` never."""

    centre: str = ""
    hops: int = 1
    hidden: frozenset[str] = frozenset()
    everything: bool = False
    """Every service also of a large fleet, not only what is red and around it."""

    def at(self, centre: str) -> TopologyScope:
        """Around a service, one hop; '' for no longer around any."""
        return replace(self, centre=centre, hops=1)

    def wider(self) -> TopologyScope:
        """One hop more."""
        return replace(self, hops=min(MOST_HOPS, self.hops + 1))

    def narrower(self) -> TopologyScope:
        """One hop less; the centre's own callers and callees stay."""
        return replace(self, hops=max(1, self.hops - 1))

    def without(self, name: str) -> TopologyScope:
        """That service hidden; where it was the centre, around nobody."""
        narrowed = self.at("") if name == self.centre else self
        return replace(narrowed, hidden=self.hidden | {name})


EVERYTHING_SHOWN = TopologyScope()
