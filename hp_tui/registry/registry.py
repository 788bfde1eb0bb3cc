"""The facade: everything a service or a console asks of Consul."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any

from hp_tui.model.catalog import Instance, InstancesUpdate, Intention, ServiceSummary, ServicesUpdate
from hp_tui.model.health import Health
from hp_tui.model.registration import ServiceDefinition
from hp_tui.registry import agent as agents
from hp_tui.registry.address import ConsulAddress, TLSFiles
from hp_tui.registry.arguments import check_seconds
from hp_tui.registry.connection import Connection
from hp_tui.registry.discovery import Discovery
from hp_tui.registry.election import Election
from hp_tui.registry.environment import DEFAULT_ADDRESS, arguments_from, with_overrides
from hp_tui.registry.errors import ConfigurationError
from hp_tui.registry.heartbeat import probe
from hp_tui.registry.kv import KVStore
from hp_tui.registry.lock import Lock
from hp_tui.registry.registration_loop import RegistrationLoop
from hp_tui.registry.session import Session
from hp_tui.registry.subscription import Subscription
from hp_tui.registry.ttl import TTLStatus, checked_status
from hp_tui.registry.values import ActionResult, AgentInfo, LinkStatus, ServiceCounts
from hp_tui.registry.watch import WatchRules
from hp_tui.registry.watches import Watches

MAX_WAIT = 600.0
"""Seconds; Consul holds a blocking query no longer than ten minutes."""


class ConsulServiceRegistry:
    """Registration, discovery, watches and KV on one Consul agent.

    ``address`` is ``host:port``, ``http(s)://[user:password@]host:port`` or ``unix:///path``; only ``https://`` uses ``tls``.
    ``token_file`` is a path whose token counts instead of ``token``; it is read again when the file changes. ``http_auth``
    is ``user:password`` for a proxy that wants it; ``namespace`` and ``partition`` are Consul Enterprise's.
    ``timeout`` is seconds for a request that is not a watch, ``wait`` seconds that Consul may hold the query of a watch
    that is no longer young, ``rules`` the numbers of watches. ``clock`` gives Unix seconds, ``rng`` the jitter.

    Nothing is sent before the first request; it needs a running event loop, making the object does not. Use it as an
    async context manager or call :meth:`close`. Arguments out of their range raise
    :class:`~hp_tui.registry.errors.ConfigurationError` (a :class:`ValueError`). Every other failure is a
    :class:`~hp_tui.registry.errors.RegistryError`; see :mod:`hp_tui.registry.errors` for the tree.
    """

    def __init__(
        self,
        address: str = DEFAULT_ADDRESS,
        *,
        token: str = "",
        token_file: str = "",
        datacenter: str = "",
        namespace: str = "",
        partition: str = "",
        http_auth: str = "",
        tls: TLSFiles | None = None,
        timeout: float = 10.0,
        wait: float = 300.0,
        rules: WatchRules | None = None,
        clock: Callable[[], float] = time.time,
        rng: random.Random | None = None,
    ) -> None:
        check_seconds("timeout", timeout, 0.01, 600.0)
        check_seconds("wait", wait, 0.1, MAX_WAIT)
        for name, value in (("datacenter", datacenter), ("namespace", namespace), ("partition", partition)):
            if not isinstance(value, str):
                raise ConfigurationError(f"{name} is {value!r}; expected its name, '' for the agent's own")
        if rules is not None and not isinstance(rules, WatchRules):
            raise ConfigurationError(f"rules is {rules!r}; expected WatchRules, or None for the default ones")
        self._clock = clock
        self._connection = Connection(
            ConsulAddress.parse(address),
            token=token,
            token_file=token_file,
            datacenter=datacenter,
            namespace=namespace,
            partition=partition,
            http_auth=http_auth,
            tls=tls,
            timeout=timeout,
            clock=clock,
        )
        self._watches = Watches(self._connection, rules or WatchRules(), wait, clock=clock, rng=rng)
        self._discovery = Discovery(self._connection, self._watches)
        self.kv = KVStore(self._connection, self._watches, clock=clock)
        """The key-value store of the same datacenter."""

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None, **overrides: Any) -> ConsulServiceRegistry:
        """A registry from Consul's own environment variables; ``overrides`` are the constructor's arguments and win.

        CONSUL_HTTP_ADDR, CONSUL_HTTP_TOKEN_FILE (before CONSUL_HTTP_TOKEN, and read again when it changes),
        CONSUL_HTTP_AUTH, CONSUL_HTTP_SSL, CONSUL_HTTP_SSL_VERIFY, CONSUL_CACERT, CONSUL_CAPATH, CONSUL_CLIENT_CERT,
        CONSUL_CLIENT_KEY, CONSUL_TLS_SERVER_NAME, CONSUL_NAMESPACE, CONSUL_PARTITION. Raises
        :class:`~hp_tui.registry.errors.ConfigurationError` naming the variable that cannot be used.
        """
        return cls(**with_overrides(arguments_from(os.environ if environ is None else environ), overrides))

    async def __aenter__(self) -> ConsulServiceRegistry:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """End every watch and close every connection.

        Whoever waits on any of them, or on a request, is woken at once with
        :class:`~hp_tui.registry.errors.RegistryClosedError`.
        """
        await self._watches.hub.close()
        await self._connection.close()

    @property
    def address(self) -> str:
        """The agent's address as given, in one form."""
        return str(self._connection.address)

    @property
    def datacenter(self) -> str:
        """The datacenter that is asked for; '' is the agent's own."""
        return self._connection.datacenter

    @property
    def last_good(self) -> float | None:
        """Unix seconds of the newest answer of any kind; None before the first."""
        return self._connection.last_good

    @property
    def watch_count(self) -> int:
        """Running watches. However many, they hold at most 26 connections to the agent between them."""
        return len(self._watches.hub)

    def use_token(self, token: str) -> None:
        """Send ``token`` from now on ('' is the anonymous one); watches ask again with it at once."""
        self._connection.home.check()
        self._connection.token = token
        self._discovery.rights.forget()
        self._watches.hub.wake(drop=True)

    def reconnect(self) -> None:
        """Ask Consul now: ends the pause of every watch that waits after an error or may hang."""
        self._watches.hub.wake()

    # Agent and cluster

    async def agent(self) -> AgentInfo:
        """What the agent says of itself. Raises ``ConsulForbiddenError`` without ``agent:read``."""
        return await agents.info(self._connection)

    async def leader(self) -> str:
        """``host:port`` of the leader; '' when there is none."""
        response = await self._connection.get("/v1/status/leader")
        return str(response.json(str))

    async def datacenters(self) -> tuple[str, ...]:
        """Known datacenters, nearest first."""
        response = await self._connection.get("/v1/catalog/datacenters")
        return tuple(name for name in response.json() if isinstance(name, str))

    async def probe(self, timeout: float | None = None) -> LinkStatus:
        """One cheap question to the agent, the answer or the error as a value. Never raises a ``RegistryError``."""
        return await probe(self._connection, timeout, self._clock)

    def watch_link(self) -> Subscription[LinkStatus]:
        """Follow the heartbeat: its newest result at once, then each one (RULES.md Watch 9).

        There is one heartbeat for all who listen and for every watch, see :class:`WatchRules`.
        """
        return self._watches.link()

    # Registration

    async def register(self, definition: ServiceDefinition) -> None:
        """Register on the local agent; the same definition again changes nothing, not even its checks' state.

        Raises :class:`~hp_tui.registry.errors.InvalidRegistrationError` before anything is sent.
        """
        await agents.register(self._connection, definition)

    async def deregister(self, service_id: str) -> None:
        """Deregister from the local agent. An id it does not have is fine."""
        await agents.deregister(self._connection, service_id)

    async def set_maintenance(self, service_id: str, enabled: bool, reason: str = "") -> None:
        """Maintenance of a service of the local agent. Raises ``ServiceNotFoundError``."""
        await agents.set_maintenance(self._connection, service_id, enabled, reason)

    async def deregister_instance(self, instance: Instance) -> ActionResult:
        """Take out an instance, whoever owns it; the result says how, and whether it will come back."""
        return await agents.deregister_instance(self._connection, instance)

    async def set_instance_maintenance(self, instance: Instance, enabled: bool, reason: str = "") -> ActionResult:
        """Maintenance of an instance the local agent owns; raises ``NotOwnedError`` naming the agent that does."""
        return await agents.maintain_instance(self._connection, instance, enabled, reason)

    def keep_registered(
        self, definition: ServiceDefinition, interval: float = 15.0, *, ttl_status: TTLStatus | None = None
    ) -> RegistrationLoop:
        """An async context manager that registers the service and keeps it so; see :class:`RegistrationLoop`.

        ``interval``: seconds between two comparisons with an agent on which nothing changes. ``ttl_status``: a health, or
        a function (async too) that returns one, with a text where wanted; it is reported for checks with a TTL three
        times in each TTL. None leaves the reports to :meth:`pass_ttl`.
        """
        check_seconds("interval", interval, 0.1, 300.0)
        return RegistrationLoop(self._connection, definition, interval, checked_status(ttl_status))

    async def pass_ttl(self, check_id: str, status: Health = Health.PASSING, output: str = "") -> None:
        """Report a TTL check's state."""
        await agents.pass_ttl(self._connection, check_id, status, output)

    async def is_withdrawn(self, service: str, service_id: str) -> bool:
        """Whether discovery no longer offers this instance: gone, critical or in maintenance."""
        return await self._discovery.is_withdrawn(service, service_id)

    # Sessions, locks, elections

    def session(
        self, name: str = "", *, ttl: float = 15.0, lock_delay: float = 1.0, delete_keys: bool = False
    ) -> Session:
        """An async context manager: a session that is renewed by itself; see :class:`Session`.

        ``ttl``: 10 to 86,400 seconds. ``lock_delay``: 0 to 60 seconds for which Consul gives a lock of a session that
        ended to nobody else. ``delete_keys``: whether keys it holds are deleted with it, not only released.
        """
        return Session(self._connection, name, ttl=ttl, lock_delay=lock_delay, delete_keys=delete_keys)

    def lock(self, key: str, value: bytes | str = b"", *, ttl: float = 15.0, lock_delay: float = 1.0) -> Lock:
        """An async context manager: the lock on ``key``, held from entering to leaving; see :class:`Lock`.

        ``value`` is stored under the key meanwhile. ``ttl`` and ``lock_delay`` as for :meth:`session`.
        """
        return Lock(self._connection, key, value, lambda: self.session(f"lock {key}", ttl=ttl, lock_delay=lock_delay))

    def election(
        self,
        key: str,
        value: bytes | str,
        *,
        ttl: float = 15.0,
        lock_delay: float = 1.0,
        listener: Callable[[bool], None] | None = None,
    ) -> Election:
        """An async context manager: stands for election on ``key`` as ``value``; see :class:`Election`."""
        return Election(self.lock(key, value, ttl=ttl, lock_delay=lock_delay), listener)

    # Discovery

    async def services(self) -> tuple[ServiceSummary, ...]:
        """Names and tags, without counts, by name."""
        return await self._discovery.services()

    async def service_counts(self) -> tuple[ServiceCounts, ...] | None:
        """Counts of every service, by name, as Consul's own web UI asks; None where that is forbidden or absent."""
        return await self._discovery.service_counts()

    async def instances(
        self, service: str, *, passing_only: bool = False, tag: str = "", near: str = ""
    ) -> tuple[Instance, ...]:
        """Instances with their checks, by id; with ``near`` (a node, or ``_agent``) by round trip from there."""
        return await self._discovery.instances(service, passing_only, tag, near)

    def watch_instances(self, service: str) -> Subscription[InstancesUpdate]:
        """All instances of a service, whatever their health: now, then at each change. One query for all who watch."""
        return self._discovery.watch_instances(service)

    def watch_services(self) -> Subscription[ServicesUpdate]:
        """The list of services: now, then at each change."""
        return self._discovery.watch_services()

    async def intentions(self) -> tuple[Intention, ...]:
        """Connect intentions; () where Connect is off. Raises ``ConsulForbiddenError`` without ``intentions:read``."""
        return await self._discovery.intentions()
