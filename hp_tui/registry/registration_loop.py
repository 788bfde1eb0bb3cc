"""The reconcile loop: one service that stays registered (RULES.md Registration 2, 4, 6 and 7)."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from types import TracebackType
from typing import Any

from hp_tui.model.registration import ServiceDefinition
from hp_tui.registry import agent
from hp_tui.registry.connection import Connection
from hp_tui.registry.definition import duration, matches, validate
from hp_tui.registry.errors import ConsulForbiddenError, RegistryClosedError, RegistryError
from hp_tui.registry.pacing import Backoff, TokenBucket
from hp_tui.registry.ttl import TTLReports, TTLStatus

log = logging.getLogger(__name__)

MAX_TAKEOVERS = 3
"""How often a registration that another program replaced is put back before it is left to that program."""
TAKEOVERS_FORGOTTEN = 20
"""Intervals without another takeover after which counting starts again, ..."""
FORGOTTEN_AFTER = 60.0
"""... but no sooner than these seconds: with a short interval a slow machine would let two programs fight for ever."""


class RegistrationLoop:
    """Keeps ``definition`` registered on the local agent while its ``async with`` block runs.

    Entering does not wait for Consul: a service starts and serves without it, and is registered when it comes. The
    agent is asked with a hash-based blocking query, so a lost registration is noticed at once; its checks are compared
    every ``interval`` seconds. Registering anew happens only when the agent has lost the service or one of its
    checks, or has something else under their ids. Leaving stops the loop and, unless :meth:`stop` was called before,
    deregisters. ``ttl_status`` is what to report for checks with a TTL, see :class:`~hp_tui.registry.ttl.TTLReports`.
    """

    def __init__(
        self,
        connection: Connection,
        definition: ServiceDefinition,
        interval: float,
        ttl_status: TTLStatus | None = None,
    ) -> None:
        validate(definition)
        self.definition = definition
        self.error = ""
        """Why the service is not known to be registered, one sentence; '' while it is."""
        self.conflict = ""
        """Another program that registers the same id, one sentence; '' as long as none was seen."""
        self._connection = connection
        self._interval = interval
        self._registered = asyncio.Event()
        self._ended = asyncio.Event()
        self._backoff = Backoff(0.5, min(interval, 30.0), random.Random())
        self._bucket = TokenBucket(3, 1.0, time.monotonic)  # whatever an agent answers, no spinning
        self._reports = TTLReports(connection, definition, ttl_status) if ttl_status is not None else None
        self._task: asyncio.Task[None] | None = None
        self._registrations = 0
        self._takeovers = 0
        self._taken_at = float("-inf")

    @property
    def registered(self) -> bool:
        """Whether the agent had the service when it was last asked."""
        return self._registered.is_set()

    @property
    def registrations(self) -> int:
        """How often it was registered: 1 in a quiet life."""
        return self._registrations

    async def wait_registered(self, timeout: float | None = None) -> None:
        """Wait until the agent has the service.

        Raises :class:`TimeoutError` after ``timeout`` seconds, :class:`RegistryClosedError` as soon as the loop or its
        registry is closed.
        """
        waits = [asyncio.ensure_future(event.wait()) for event in (self._registered, self._ended)]
        try:
            async with asyncio.timeout(timeout):
                await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        if not self.registered:
            raise RegistryClosedError(f"the registration of {self.definition.id}")

    async def stop(self, *, deregister: bool = False) -> bool:
        """End the loop, so that nothing registers the service again.

        Returns whether the agent was told to deregister. It is not where ``deregister`` is False, where Consul did not
        answer (which is logged), and where another program has registered something else under this id.
        """
        task, self._task = self._task, None
        if task is None:
            return False
        task.cancel()
        await asyncio.wait([task])
        self._registered.clear()
        self._ended.set()
        return await self._deregister() if deregister else False

    async def _deregister(self) -> bool:
        try:
            if self.conflict:
                found = await agent.registered(self._connection, self.definition.id)
                if found is not None and not matches(self.definition, found):
                    log.warning("%s is not deregistered: %s", self.definition.id, self.conflict)
                    return False
            await agent.deregister(self._connection, self.definition.id)
        except RegistryError as error:
            log.warning("%s could not be deregistered: %s", self.definition.id, error)
            return False
        return True

    async def __aenter__(self) -> RegistrationLoop:
        self._connection.home.enter()
        name = f"keep {self.definition.id} registered"
        self._task = asyncio.get_running_loop().create_task(self._run(), name=name)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop(deregister=True)

    async def _run(self) -> None:
        reporting = asyncio.create_task(self._reports.run()) if self._reports is not None else None
        try:
            await self._keep()
        finally:
            if reporting is not None:
                reporting.cancel()
                await asyncio.wait([reporting])

    async def _keep(self) -> None:
        content_hash = ""
        while True:
            await asyncio.sleep(self._bucket.delay())
            try:
                content_hash = await self._reconcile(content_hash)
            except RegistryClosedError as error:
                self.error = str(error)
                self._registered.clear()
                self._ended.set()
                return
            except RegistryError as error:
                content_hash = ""
                await self._failed(error)
            except Exception as error:  # this loop never dies silently
                content_hash = ""
                log.exception("keeping %s registered failed unexpectedly; trying again", self.definition.id)
                await self._failed(error)

    async def _reconcile(self, content_hash: str) -> str:
        """Read what the agent has, put it right, and return the hash to block on next."""
        path, params = agent.service_path(self.definition.id), []
        if content_hash:
            params = [("hash", content_hash), ("wait", duration(self._interval))]
        response = await self._connection.get(
            path,
            params,
            permission="service:read",
            timeout=self._interval * 17 / 16 + self._connection.timeout,
            allow=(404,),
        )
        if response.status == 404:
            self._takeovers = 0
            await self._register("the agent does not have it")
            return ""
        found = response.json(dict)
        if not matches(self.definition, found):
            await self._contend(found)
            await asyncio.sleep(self._interval)  # two programs with one id must not fight at full speed
            return ""
        if problem := await agent.check_problem(self._connection, self.definition):
            await self._register(problem)
            return ""
        self._confirm()
        if not response.content_hash:  # an agent without hash-based blocking: ask again after a while
            await asyncio.sleep(self._interval)
        return response.content_hash

    async def _contend(self, found: dict[str, Any]) -> None:
        """The agent has another definition under our id: put ours back, but not for ever."""
        if self._registrations:  # it was ours, and somebody replaced it
            now = time.monotonic()
            if now - self._taken_at > max(FORGOTTEN_AFTER, TAKEOVERS_FORGOTTEN * self._interval):
                self._takeovers = 0
            self._taken_at = now
            self._takeovers += 1
            self._tell_conflict(found)
        if self._takeovers <= MAX_TAKEOVERS:
            await self._register("the agent has another definition under its id")
            return
        self.error = self.conflict
        self._registered.clear()

    def _tell_conflict(self, found: dict[str, Any]) -> None:
        theirs = f"{found.get('Service')!r} at {found.get('Address') or 'the node'}:{found.get('Port')}"
        ours = self.definition
        conflict = (
            f"another program registers {theirs} under the id {ours.id!r} of {ours.name!r} at "
            f"{ours.address or 'the node'}:{ours.port}: give one of them another id"
        )
        if conflict != self.conflict:
            log.error("%s", conflict)
        if self._takeovers == MAX_TAKEOVERS + 1:
            log.error("%s is left to the other program after %d takeovers", ours.id, MAX_TAKEOVERS)
        self.conflict = conflict

    async def _register(self, why: str) -> None:
        await agent.register(self._connection, self.definition)
        self._registrations += 1
        log.info("registered %s with Consul at %s: %s", self.definition.id, self._connection.address, why)
        self._confirm()
        if self._reports is not None:
            self._reports.report_now()

    def _confirm(self) -> None:
        if self.error:
            log.info("Consul at %s has %s again", self._connection.address, self.definition.id)
        self.error = ""
        self._backoff.reset()
        self._registered.set()

    async def _failed(self, error: Exception) -> None:
        pause = self._backoff.failed()
        text = str(error)
        if text != self.error:
            hint = " (the service goes on without it)" if isinstance(error, ConsulForbiddenError) else ""
            log.warning("%s is not registered%s: %s Serving anyway, trying again.", self.definition.id, hint, text)
        self.error = text
        self._registered.clear()
        await asyncio.sleep(pause)
