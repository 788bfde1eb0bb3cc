"""Where a balanced client learns its endpoints from."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Protocol

from hp_tui.model.catalog import Instance, InstancesUpdate


class EndpointSource(Protocol):
    """Anything that can watch a service's instances; ``ConsulServiceRegistry`` is one."""

    def watch_instances(self, service: str) -> AsyncIterator[InstancesUpdate]:
        """Yield the set now and then each time it changes; never end by itself."""
        ...


class StaticEndpoints:
    """A source without Consul: the set is what :meth:`set` last said. ``clock`` is Unix seconds."""

    def __init__(self, instances: Iterable[Instance] = (), *, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._instances = tuple(instances)
        self._changed = asyncio.Event()

    def set(self, instances: Iterable[Instance]) -> None:
        """Replace the set; watchers hear of it at once."""
        self._instances = tuple(instances)
        self._changed.set()
        self._changed = asyncio.Event()

    async def watch_instances(self, service: str) -> AsyncIterator[InstancesUpdate]:
        while True:
            changed = self._changed
            mine = tuple(instance for instance in self._instances if instance.service == service)
            yield InstancesUpdate(service, mine, self._clock(), known=bool(mine))
            await changed.wait()
