"""Reports for checks with a TTL, sent by themselves (RULES.md Registration 7)."""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from hp_tui.model.health import Health
from hp_tui.model.registration import CheckDefinition, ServiceDefinition
from hp_tui.registry import agent
from hp_tui.registry.connection import Connection
from hp_tui.registry.definition import check_id
from hp_tui.registry.errors import ConfigurationError, RegistryClosedError, RegistryError

log = logging.getLogger(__name__)

Report: TypeAlias = "Health | tuple[Health, str]"
TTLStatus: TypeAlias = "Health | Callable[[], Report | Awaitable[Report]]"
"""A health to report always, or a function that says it (with a text, where wanted); it may be async."""

REPORTS_PER_TTL = 3
"""Reports in each TTL: two may get lost before Consul takes the service for dead."""


REPORTED = frozenset({Health.PASSING, Health.WARNING, Health.CRITICAL})


def checked_status(status: TTLStatus | None) -> TTLStatus | None:
    """``status`` itself. Raises :class:`ConfigurationError` if it is neither a health to report nor a function."""
    if status is None or callable(status) or status in REPORTED:
        return status
    raise ConfigurationError(
        f"ttl_status is {status!r}; expected passing, warning, critical, or a function that says it"
    )


class TTLReports:
    """Reports the health of every TTL check of ``definition``, three times in each TTL, until cancelled.

    A ``status`` function that raises, or does not end within a third of the TTL, is reported as critical with the
    reason. A report that does not reach Consul is logged once for each cause and sent again at the next turn.
    """

    def __init__(self, connection: Connection, definition: ServiceDefinition, status: TTLStatus) -> None:
        self._connection = connection
        self._status = status
        self._checks = [(check_id(definition.id, check), check) for check in definition.checks if check.ttl]
        self._now = asyncio.Event()
        self._problem = ""

    def report_now(self) -> None:
        """Do not wait for the next turn: the service was just registered, perhaps anew."""
        self._now.set()

    async def run(self) -> None:
        """Report until cancelled, or until the registry is closed."""
        if not self._checks:
            return
        pause = min(check.ttl for _, check in self._checks) / REPORTS_PER_TTL
        await self._now.wait()  # registered for the first time
        while True:
            self._now.clear()
            try:
                for name, check in self._checks:
                    await self._report(name, check)
                self._problem = ""
            except RegistryClosedError:
                return
            except RegistryError as error:
                if str(error) != self._problem:
                    log.warning("the health of %s could not be reported: %s", name, error)
                self._problem = str(error)
            try:
                await asyncio.wait_for(self._now.wait(), pause)
            except TimeoutError:
                continue

    async def _report(self, name: str, check: CheckDefinition) -> None:
        health, output = await self._ask(check.ttl / REPORTS_PER_TTL)
        await agent.pass_ttl(self._connection, name, health, output)

    async def _ask(self, timeout: float) -> tuple[Health, str]:
        try:
            said = self._status() if callable(self._status) else self._status
            if inspect.isawaitable(said):
                async with asyncio.timeout(timeout):
                    said = await said
        except TimeoutError:
            return Health.CRITICAL, f"the service did not say how it is within {timeout:g} s"
        except Exception as error:
            log.exception("asking the service for its health failed")
            return Health.CRITICAL, f"the service could not say how it is: {type(error).__name__}: {error}"
        health, output = said if isinstance(said, tuple) else (said, "")
        if health not in REPORTED:
            return Health.CRITICAL, f"the service said {health!r}; expected passing, warning or critical"
        return health, output
