"""One registry and what depends on it: the watches, the heartbeat, the balanced clients.

A session ends when the engine ends or when another token or datacenter is chosen; the next one starts from nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterator

from msgspec.structs import replace

from hp_tui.engine.client_pool import ClientPool
from hp_tui.engine.cluster_facts import cluster_facts
from hp_tui.engine.events import (
    ClusterSeen,
    CountsSeen,
    InstancesSeen,
    InstancesUnwatched,
    IntentionsSeen,
    LinkSeen,
    ServicesSeen,
)
from hp_tui.engine.publisher import Publisher
from hp_tui.engine.watch_selection import MAX_WATCHED, select_watched
from hp_tui.model.catalog import ServiceSummary
from hp_tui.model.fleet import LinkState
from hp_tui.registry import (
    ConsulForbiddenError,
    ConsulServiceRegistry,
    LinkStatus,
    NoLeaderError,
    RegistryError,
    ServiceCounts,
)
from hp_tui.settings import Settings

log = logging.getLogger(__name__)

REPORT_EVERY = 0.05
"""Seconds between reports of what the balanced clients did."""
NO_LEADER = (
    "the cluster has no leader: reads may be old and no write is accepted. "
    "See `consul operator raft list-peers` on a server."
)
SLOW_FACTS_EVERY = 30.0
"""Seconds between reads of what rarely changes: intentions, datacenters, version."""
SELECTION_SETTLES = 0.3
"""Seconds for which the services on screen must stay the same before the watches of a large datacenter follow. Scrolling must
not open a blocking query for each row: Consul holds a query for a while after the client has gone."""
COUNTS_EVERY = 5.0
"""Seconds between counts, in a datacenter too large to watch whole."""
FIRST_COUNTS = 0.5
"""Seconds for which the first list of services waits for the first counts, so that the screen is drawn once, not twice."""


class Session:
    """Runs the watches and feeds what they see to the publisher."""

    def __init__(
        self,
        settings: Settings,
        registry: ConsulServiceRegistry,
        publisher: Publisher,
        now: Callable[[], float],
        visible: frozenset[str] = frozenset(),
    ) -> None:
        self.registry = registry
        self.clients = ClientPool(registry, settings, publisher.emit, now)
        self.visible = visible
        self._first = ""
        self.found_by_search: set[str] = set()
        """Names of services that a search has read. Their instances stay in the snapshot while unwatched."""
        self.now = now
        self._publisher = publisher
        self._now = now
        self._selection_stale = asyncio.Event()
        self._live = asyncio.Event()
        self._counted = asyncio.Event()
        self._first_counts: CountsSeen | None = None
        self._counts: tuple[tuple[ServiceCounts, ...], tuple[ServiceSummary, ...]] = (), ()
        self._list_stale = False
        self._watching: dict[str, asyncio.Task[None]] = {}

    def set_visible(self, services: frozenset[str], first: str = "") -> None:
        """Set the services on screen; ``first`` is watched before all others."""
        if (services, first) != (self.visible, self._first):
            self.visible, self._first = services, first
            self._selection_stale.set()

    def forget_search_results(self) -> None:
        """Drop the instances that a search has read and that are not watched."""
        unwatched = frozenset(self.found_by_search - self._watching.keys())
        self.found_by_search.clear()
        if unwatched:
            self._publisher.emit(InstancesUnwatched(self._now(), unwatched))

    def reconnect(self) -> None:
        """Ask Consul now: ends every backoff and the heartbeat's pause."""
        self.registry.reconnect()

    def changed(self) -> None:
        """Choose the watched services again."""
        self._selection_stale.set()

    async def run(self) -> None:
        """Work until cancelled; closes the clients and the registry on the way out."""
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._watch_link(), name="watch link")
                tasks.create_task(self._watch_services(), name="watch services")
                tasks.create_task(self._follow_selection(tasks), name="watch selection")
                tasks.create_task(self._ask_slow_facts(), name="slow facts")
                tasks.create_task(self._count_large(), name="counts")
                tasks.create_task(self._report_clients(), name="report")
        finally:
            self.forget_search_results()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(2.0):
                    await self.clients.close()
                    await self.registry.close()

    async def _watch_link(self) -> None:
        async for status in self.registry.watch_link():
            state, error = await self._judge(status)
            retry_at = None if state is LinkState.LIVE else status.next_at
            self._publisher.emit(LinkSeen(self._now(), state, error, retry_at))
            if state is not LinkState.LIVE:
                self._live.clear()
            elif not self._live.is_set():
                self._live.set()
                self.registry.reconnect()

    async def _judge(self, status: LinkStatus) -> tuple[LinkState, str]:
        """The state of the link after a heartbeat, and why."""
        if status.error:
            return _state_of(status.cause), status.error
        cluster = self._publisher.snapshot.cluster
        if status.leader != cluster.leader:
            self._publisher.emit(ClusterSeen(self._now(), replace(cluster, leader=status.leader)))
        if not status.leader:
            return LinkState.NO_LEADER, NO_LEADER
        if self._list_stale or not self._publisher.snapshot.loaded:
            # The leader's address needs no permission; the list of services shows whether the token is good.
            try:
                await self.registry.services()
            except RegistryError as error:
                return _state_of(error), str(error)
        return LinkState.LIVE, ""

    async def _watch_services(self) -> None:
        async for update in self.registry.watch_services():
            self._list_stale = update.stale
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(FIRST_COUNTS):
                    await self._counted.wait()
            self._counted.set()
            self._publisher.emit(ServicesSeen(self._now(), update))
            if self._first_counts:
                self._publisher.emit(self._first_counts)
                self._first_counts = None
            self.changed()

    async def _follow_selection(self, tasks: asyncio.TaskGroup) -> None:
        while True:
            await self._selection_stale.wait()
            if self._watching and len(self._publisher.snapshot.services) > MAX_WATCHED:
                await asyncio.sleep(SELECTION_SETTLES)
            self._selection_stale.clear()
            names = select_watched(self._publisher.snapshot, self.visible, self.clients.services, self._first)
            services = self._publisher.snapshot.services.values()
            # Also services that the session before had loaded and this one does not watch.
            gone = {view.name for view in services if view.instances is not None} - names
            for name in self._watching.keys() - names:
                self._watching.pop(name).cancel()
            if unwatched := gone - self.found_by_search:
                self._publisher.emit(InstancesUnwatched(self._now(), frozenset(unwatched)))
            for name in names - self._watching.keys():
                self._watching[name] = tasks.create_task(self._watch_instances(name), name=f"watch {name}")

    async def _watch_instances(self, service: str) -> None:
        async for update in self.registry.watch_instances(service):
            self._publisher.emit(InstancesSeen(self._now(), update))
            self.clients.touch(service)

    async def _ask_slow_facts(self) -> None:
        while True:
            await self._live.wait()
            with _logged("cluster facts"):
                async for cluster in cluster_facts(self.registry, lambda: self._publisher.snapshot.cluster):
                    self._publisher.emit(ClusterSeen(self._now(), cluster))
            # Without intentions:read they are unknown, which is not none.
            with _logged("intentions"), contextlib.suppress(ConsulForbiddenError):
                self._publisher.emit(IntentionsSeen(self._now(), await self.registry.intentions()))
            await asyncio.sleep(SLOW_FACTS_EVERY)

    async def _count_large(self) -> None:
        # First at once, beside the list of services, whatever its length: the first picture then has both.
        self._first_counts = await self._count()
        self._counted.set()
        while True:
            await asyncio.sleep(COUNTS_EVERY)
            await self._live.wait()
            if len(self._publisher.snapshot.services) > MAX_WATCHED:
                counts = await self._count()
                if counts is not None:
                    self._publisher.emit(counts)
                    self.changed()

    async def _count(self) -> CountsSeen | None:
        with _logged("counts"):
            counts = await self.registry.service_counts()
            if counts is not None:
                if counts is not self._counts[0]:  # the same object as long as Consul's answer is the same
                    self._counts = counts, tuple(count.summary() for count in counts)
                return CountsSeen(self._now(), self._counts[1])
        return None

    async def _report_clients(self) -> None:
        while True:
            await self.clients.wait_for_activity()
            await asyncio.sleep(REPORT_EVERY)
            self.clients.report()


def _state_of(error: RegistryError | None) -> LinkState:
    if isinstance(error, ConsulForbiddenError):
        return LinkState.FORBIDDEN
    return LinkState.NO_LEADER if isinstance(error, NoLeaderError) else LinkState.ABSENT


@contextlib.contextmanager
def _logged(what: str) -> Iterator[None]:
    """Log a failure to read ``what``; the next round tries again."""
    try:
        yield
    except RegistryError as error:
        log.warning("%s not available: %s", what, error)
