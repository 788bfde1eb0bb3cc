"""What a thread holds for a while: a registration, a lock, the lead."""

from __future__ import annotations

import asyncio
from typing import Self

from hp_tui.blocking.background import BackgroundLoop
from hp_tui.registry import Election, Lock, RegistrationLoop


class BlockingRegistration:
    """:class:`~hp_tui.registry.registration_loop.RegistrationLoop`, blocking; made by ``keep_registered``."""

    def __init__(self, background: BackgroundLoop, registration: RegistrationLoop, owner: str) -> None:
        self._background = background
        self._registration = registration
        self._owner = owner

    @property
    def registered(self) -> bool:
        """Whether the agent had the service when it was last asked."""
        return self._registration.registered

    @property
    def error(self) -> str:
        """Why the service is not known to be registered, one sentence; '' while it is."""
        return self._registration.error

    @property
    def conflict(self) -> str:
        """Another program that registers the same id, one sentence."""
        return self._registration.conflict

    def wait_registered(self, timeout: float | None = None) -> None:
        """Wait until the agent has the service. Raises :class:`TimeoutError` after ``timeout`` seconds."""
        self._background.run(lambda: self._registration.wait_registered(timeout), self._owner)

    def stop(self, *, deregister: bool = False) -> bool:
        """End the loop; returns whether the agent was told to deregister."""
        return self._background.run(lambda: self._registration.stop(deregister=deregister), self._owner)

    def __enter__(self) -> Self:
        self._background.run(self._registration.__aenter__, self._owner)
        return self

    def __exit__(self, *_: object) -> None:
        self._background.run(lambda: self._registration.__aexit__(None, None, None), self._owner)


class BlockingLock:
    """:class:`~hp_tui.registry.lock.Lock`, blocking.

    A thread cannot be cancelled: work that takes long asks :attr:`held` between its steps.
    """

    def __init__(self, background: BackgroundLoop, lock: Lock, owner: str) -> None:
        self._background = background
        self._lock = lock
        self._owner = owner

    @property
    def held(self) -> bool:
        """Whether the lock is held, as far as can be known from here."""
        return self._lock.held

    @property
    def lost(self) -> str:
        """Why the lock is not held any more, one sentence."""
        return self._lock.lost

    def acquire(self, timeout: float | None = None) -> None:
        """Wait until the lock is held. Raises :class:`TimeoutError` after ``timeout`` seconds."""
        self._background.run(lambda: self._lock.acquire(timeout), self._owner)

    def release(self) -> None:
        """Give the lock back."""
        self._background.run(self._lock.release, self._owner)

    def wait_lost(self, timeout: float | None = None) -> str:
        """Wait until the lock is lost; the reason. Raises :class:`TimeoutError` after ``timeout`` seconds."""

        async def wait() -> str:
            async with asyncio.timeout(timeout):
                return await self._lock.wait_lost()

        return self._background.run(wait, self._owner)

    def __enter__(self) -> Self:
        self.acquire()
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


class BlockingElection:
    """:class:`~hp_tui.registry.election.Election`, blocking."""

    def __init__(self, background: BackgroundLoop, election: Election, owner: str) -> None:
        self._background = background
        self._election = election
        self._owner = owner

    @property
    def is_leader(self) -> bool:
        """Whether this candidate leads, as far as can be known from here."""
        return self._election.is_leader

    def leader(self) -> str:
        """What the leader's value says, as text; '' while nobody leads."""
        return self._background.run(self._election.leader, self._owner)

    def wait_elected(self, timeout: float | None = None) -> None:
        """Wait until this candidate leads. Raises :class:`TimeoutError` after ``timeout`` seconds."""
        self._background.run(lambda: self._election.wait_elected(timeout), self._owner)

    def wait_lost(self, timeout: float | None = None) -> str:
        """Wait until this candidate does not lead; why. Raises :class:`TimeoutError` after ``timeout`` seconds."""

        async def wait() -> str:
            async with asyncio.timeout(timeout):
                return await self._election.wait_lost()

        return self._background.run(wait, self._owner)

    def __enter__(self) -> Self:
        self._background.run(self._election.__aenter__, self._owner)
        return self

    def __exit__(self, *_: object) -> None:
        self._background.run(lambda: self._election.__aexit__(None, None, None), self._owner)
