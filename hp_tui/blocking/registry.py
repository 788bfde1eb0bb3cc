"""The registry for threads; see :class:`hp_tui.registry.registry.ConsulServiceRegistry` for each method."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping
from typing import Any, Self

from hp_tui.blocking.background import BackgroundLoop, BlockingIterator
from hp_tui.blocking.held import BlockingElection, BlockingLock, BlockingRegistration
from hp_tui.blocking.kv import BlockingKV
from hp_tui.model.catalog import Instance, InstancesUpdate, ServiceSummary, ServicesUpdate
from hp_tui.model.health import Health
from hp_tui.model.registration import ServiceDefinition
from hp_tui.registry import AgentInfo, ConsulServiceRegistry, LinkStatus
from hp_tui.registry.environment import arguments_from, with_overrides

Report = Health | tuple[Health, str]


class BlockingServiceRegistry:
    """:class:`~hp_tui.registry.registry.ConsulServiceRegistry`, blocking, for any thread.

    Takes the same arguments. Use it in a ``with`` block or call :meth:`close`, which also wakes threads that wait on it.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        self.asynchronous = ConsulServiceRegistry(*args, **options)
        """The registry behind this one. It lives on the background loop and may be used there only."""
        self._background = BackgroundLoop.shared()
        self._owner = f"the blocking registry for Consul at {self.asynchronous.address}"
        self.kv = BlockingKV(self._background, self.asynchronous.kv, self._owner)

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None, **overrides: Any) -> Self:
        """A registry from Consul's own environment variables."""
        return cls(**with_overrides(arguments_from(os.environ if environ is None else environ), overrides))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End every watch and close every connection."""
        self._background.run(self.asynchronous.close, self._owner)

    # Agent and discovery

    def agent(self) -> AgentInfo:
        """What the agent says of itself."""
        return self._background.run(self.asynchronous.agent, self._owner)

    def leader(self) -> str:
        """``host:port`` of the leader; '' when there is none."""
        return self._background.run(self.asynchronous.leader, self._owner)

    def datacenters(self) -> tuple[str, ...]:
        """Known datacenters, nearest first."""
        return self._background.run(self.asynchronous.datacenters, self._owner)

    def probe(self, timeout: float | None = None) -> LinkStatus:
        """One cheap question to the agent, the answer or the error as a value."""
        return self._background.run(lambda: self.asynchronous.probe(timeout), self._owner)

    def services(self) -> tuple[ServiceSummary, ...]:
        """Names and tags, by name."""
        return self._background.run(self.asynchronous.services, self._owner)

    def instances(
        self, service: str, *, passing_only: bool = False, tag: str = "", near: str = ""
    ) -> tuple[Instance, ...]:
        """Instances with their checks, by id."""
        return self._background.run(
            lambda: self.asynchronous.instances(service, passing_only=passing_only, tag=tag, near=near), self._owner
        )

    def watch_instances(self, service: str) -> BlockingIterator[InstancesUpdate]:
        """All instances of a service: now, then at each change."""
        return BlockingIterator(self._background, self.asynchronous.watch_instances(service), self._owner)

    def watch_services(self) -> BlockingIterator[ServicesUpdate]:
        """The list of services: now, then at each change."""
        return BlockingIterator(self._background, self.asynchronous.watch_services(), self._owner)

    # Registration

    def register(self, definition: ServiceDefinition) -> None:
        """Register on the local agent."""
        self._background.run(lambda: self.asynchronous.register(definition), self._owner)

    def deregister(self, service_id: str) -> None:
        """Deregister from the local agent."""
        self._background.run(lambda: self.asynchronous.deregister(service_id), self._owner)

    def set_maintenance(self, service_id: str, enabled: bool, reason: str = "") -> None:
        """Maintenance of a service of the local agent."""
        self._background.run(lambda: self.asynchronous.set_maintenance(service_id, enabled, reason), self._owner)

    def pass_ttl(self, check_id: str, status: Health = Health.PASSING, output: str = "") -> None:
        """Report a TTL check's state."""
        self._background.run(lambda: self.asynchronous.pass_ttl(check_id, status, output), self._owner)

    def keep_registered(
        self,
        definition: ServiceDefinition,
        interval: float = 15.0,
        *,
        ttl_status: Health | Callable[[], Report] | None = None,
    ) -> BlockingRegistration:
        """A context manager that keeps the service registered. A ``ttl_status`` function runs in a thread of its own."""
        status: Any = ttl_status
        if callable(ttl_status):

            async def status() -> Report:
                return await asyncio.to_thread(ttl_status)

        registration = self.asynchronous.keep_registered(definition, interval, ttl_status=status)
        return BlockingRegistration(self._background, registration, self._owner)

    # Locks and elections

    def lock(self, key: str, value: bytes | str = b"", *, ttl: float = 15.0, lock_delay: float = 1.0) -> BlockingLock:
        """A context manager: the lock on ``key``."""
        made = self._background.call(
            lambda: self.asynchronous.lock(key, value, ttl=ttl, lock_delay=lock_delay), self._owner
        )
        return BlockingLock(self._background, made, self._owner)

    def election(self, key: str, value: bytes | str, *, ttl: float = 15.0, lock_delay: float = 1.0) -> BlockingElection:
        """A context manager: stands for election on ``key`` as ``value``."""
        made = self._background.call(
            lambda: self.asynchronous.election(key, value, ttl=ttl, lock_delay=lock_delay), self._owner
        )
        return BlockingElection(self._background, made, self._owner)
