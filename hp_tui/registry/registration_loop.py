"""The reconcile loop: one service that stays registered (RULES.md Registration 2 and 4)."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from types import TracebackType

from hp_tui.model.registration import ServiceDefinition
from hp_tui.registry import agent
from hp_tui.registry.connection import Connection
from hp_tui.registry.definition import duration, matches, validate
from hp_tui.registry.errors import ConsulForbiddenError, RegistryError
from hp_tui.registry.watch import Backoff, TokenBucket

log = logging.getLogger(__name__)


class RegistrationLoop:
    """Keeps ``definition`` registered on the local agent while its ``async with`` block runs.

    Entering does not wait for Consul: a service starts and serves without it, and is registered when it comes. The
    agent is asked with a hash-based blocking query, so a lost registration is noticed at once and an unchanged one
    costs one request an ``interval``; registering anew happens only when the agent has lost the service or has
    something else under its id. Leaving stops the loop and, unless :meth:`stop` was called before, deregisters.
    """

    def __init__(self, connection: Connection, definition: ServiceDefinition, interval: float) -> None:
        validate(definition)
        self.definition = definition
        self.error = ""
        """Why the service is not known to be registered, one sentence; '' while it is."""
        self._connection = connection
        self._interval = interval
        self._registered = asyncio.Event()
        self._backoff = Backoff(0.5, min(interval, 30.0), random.Random())
        self._bucket = TokenBucket(3, 1.0, time.monotonic)  # whatever an agent answers, no spinning
        self._task: asyncio.Task[None] | None = None
        self._registrations = 0

    @property
    def registered(self) -> bool:
        """Whether the agent had the service when it was last asked."""
        return self._registered.is_set()

    @property
    def registrations(self) -> int:
        """How often it was registered: 1 in a quiet life."""
        return self._registrations

    async def wait_registered(self, timeout: float | None = None) -> None:
        """Wait until the agent has the service. Raises :class:`TimeoutError` after ``timeout`` seconds."""
        async with asyncio.timeout(timeout):
            await self._registered.wait()

    async def stop(self, *, deregister: bool = False) -> None:
        """End the loop, so that nothing registers the service again. Errors of deregistering are logged only."""
        task, self._task = self._task, None
        if task is None:
            return
        task.cancel()
        await asyncio.wait([task])
        self._registered.clear()
        if not deregister:
            return
        try:
            await agent.deregister(self._connection, self.definition.id)
        except RegistryError as error:
            log.warning("%s could not be deregistered: %s", self.definition.id, error)

    async def __aenter__(self) -> RegistrationLoop:
        name = f"keep {self.definition.id} registered"
        self._task = asyncio.get_running_loop().create_task(self._run(), name=name)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop(deregister=True)

    async def _run(self) -> None:
        content_hash = ""
        while True:
            await asyncio.sleep(self._bucket.delay())
            try:
                content_hash = await self._reconcile(content_hash)
            except RegistryError as error:
                content_hash = ""
                await self._failed(error)
            except Exception as error:  # this loop never dies silently
                content_hash = ""
                log.exception("keeping %s registered failed unexpectedly; trying again", self.definition.id)
                await self._failed(error)

    async def _reconcile(self, content_hash: str) -> str:
        """Look at what the agent has, put it right, and return the hash to block on next."""
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
            await self._register("the agent does not have it")
            return ""
        if not matches(self.definition, response.json(dict)):
            await self._register("the agent has another definition under its id")
            await asyncio.sleep(self._interval)  # two programs with one id must not fight at full speed
            return ""
        self._confirm()
        if not response.content_hash:  # an agent without hash-based blocking: look again after a while
            await asyncio.sleep(self._interval)
        return response.content_hash

    async def _register(self, why: str) -> None:
        await agent.register(self._connection, self.definition)
        self._registrations += 1
        log.info("registered %s with Consul at %s: %s", self.definition.id, self._connection.address, why)
        self._confirm()

    def _confirm(self) -> None:
        if self.error:
            log.info("Consul at %s has %s again", self._connection.address, self.definition.id)
        self.error = ""
        self._backoff.reset()
        self._registered.set()

    async def _failed(self, error: Exception) -> None:
        pause = self._backoff.failed()
        said = str(error)
        if said != self.error:
            hint = " (the service goes on without it)" if isinstance(error, ConsulForbiddenError) else ""
            log.warning("%s is not registered%s: %s Serving anyway, trying again.", self.definition.id, hint, said)
        self.error = said
        self._registered.clear()
        await asyncio.sleep(pause)
