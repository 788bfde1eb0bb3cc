"""A shutdown that no caller notices, in the order of RULES.md Registration 3."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from hp_tui.registry.arguments import check_seconds
from hp_tui.registry.errors import RegistryError

log = logging.getLogger(__name__)


class Registrar(Protocol):
    """The part of a registry that a shutdown needs."""

    async def set_maintenance(self, service_id: str, enabled: bool, reason: str = "") -> None: ...

    async def is_withdrawn(self, service: str, service_id: str) -> bool:
        """Whether discovery already shows the instance as not to be used."""
        ...


class Registration(Protocol):
    """A registration that can be ended: :class:`~hp_tui.registry.registration_loop.RegistrationLoop`."""

    async def stop(self, *, deregister: bool = False) -> bool:
        """End it; returns whether Consul was told to deregister."""
        ...


@dataclass(frozen=True, slots=True)
class ShutdownReport:
    """What a shutdown did: each step with its seconds, and whether Consul was told."""

    steps: tuple[tuple[str, float], ...]
    announced: bool
    deregistered: bool


class GracefulShutdown:
    """Takes a service out of use, then down.

    ``set_serving(False)`` sets its health to NOT_SERVING, ``drain(grace)`` refuses new calls and lets those in flight
    end (``grpc.aio.Server.stop(grace)``). Between them: maintenance on, wait until discovery shows it plus ``notice``
    seconds for watchers to hear of it, deregister. Consul's steps take at most ``consul_timeout``
    seconds before and as much after the notice, so that an absent Consul delays the end but does not prevent it.
    """

    def __init__(
        self,
        registrar: Registrar,
        registration: Registration,
        *,
        service: str,
        service_id: str,
        set_serving: Callable[[bool], Awaitable[None]],
        drain: Callable[[float], Awaitable[None]],
        notice: float = 1.0,
        grace: float = 30.0,
        consul_timeout: float = 3.0,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        for name, value in (("notice", notice), ("grace", grace), ("consul_timeout", consul_timeout)):
            check_seconds(name, value, 0, 3600)
        self._registrar = registrar
        self._registration = registration
        self._service = service
        self._id = service_id
        self._set_serving = set_serving
        self._drain = drain
        self._notice = notice
        self._grace = grace
        self._consul_timeout = consul_timeout
        self._clock = clock
        self._sleep = sleep
        self._deregistered = False
        self._steps: list[tuple[str, float]] = []
        self._running: asyncio.Task[ShutdownReport] | None = None

    async def run(self) -> ShutdownReport:
        """Shut down; a second call (a second signal) waits for the first."""
        if self._running is None:
            self._running = asyncio.ensure_future(self._run())
        return await asyncio.shield(self._running)

    async def _run(self) -> ShutdownReport:
        await self._step("not serving", self._set_serving(False))
        announced = await self._step("maintenance", self._announce(), self._consul_timeout)
        if announced:  # nobody can hear of it through a Consul that is gone
            await self._step("notice", self._sleep(self._notice))
        await self._step("deregister", self._deregister(), self._consul_timeout)
        await self._step("drain", self._drain(self._grace), self._grace + 5.0)
        return ShutdownReport(tuple(self._steps), announced, self._deregistered)

    async def _deregister(self) -> None:
        self._deregistered = await self._registration.stop(deregister=True)

    async def _announce(self) -> None:
        await self._registrar.set_maintenance(self._id, True, "shutting down")
        while not await self._registrar.is_withdrawn(self._service, self._id):
            await self._sleep(0.05)

    async def _step(self, name: str, work: Awaitable[None], timeout: float | None = None) -> bool:
        """Do one step; whatever becomes of it, the next one follows. Returns whether it succeeded."""
        began = self._clock()
        try:
            async with asyncio.timeout(timeout):
                await work
        except (RegistryError, TimeoutError) as error:
            said = f"no end within {timeout:g} s" if isinstance(error, TimeoutError) else str(error)
            log.warning("shutting %s down: %s did not succeed: %s", self._id, name, said)
            return False
        except Exception:
            log.exception("shutting %s down: %s failed", self._id, name)
            return False
        finally:
            self._steps.append((name, self._clock() - began))
        return True
