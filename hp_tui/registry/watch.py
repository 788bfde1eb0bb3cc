"""The loop behind every watch: blocking queries, as RULES.md Watch 1 to 6 has them. No HTTP in here.

The loop is fed a ``fetch`` and publishes :class:`Observed` values; time, sleep and randomness are parameters.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Generic, Protocol, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from hp_tui.model.visibility import Visibility
from hp_tui.registry.arguments import check_seconds
from hp_tui.registry.errors import ConfigurationError, ConsulForbiddenError, NoLeaderError, RegistryError
from hp_tui.registry.pacing import Backoff, TokenBucket, next_index
from hp_tui.registry.rights import lost

T = TypeVar("T")

NO_LEADER = "the cluster has no leader: this is the last good answer"
"""Why a value is stale that was known before the leader went."""
WITHOUT_INDEX = 5.0
"""Seconds between queries through a proxy that strips ``X-Consul-Index``: no query can be held then."""
RIGHTS_AGAIN = 10.0
"""Seconds that a query is held at most while rights are lost."""


class WatchRules(Struct, frozen=True):
    """The numbers of a watch, in seconds.

    ``first_wait`` is how long Consul may hold a young watch's query; the wait grows with the watch's age up to the
    registry's ``wait``. For an agent goes on holding a query, and counts its connection against the client's 200, after
    the client has hung up (seen with Consul 1.8.7): with five minutes from the start, scrolling through a list of
    services would use the 200 up. ``drop_every`` bounds how often one watch may hang up to ask anew.
    ``burst`` fetches may follow each other at once, then one every ``interval`` (RULES.md Watch 3; burst as in
    Consul's own ``cache.entry_fetch_max_burst``). ``max_last_contact`` bounds stale reads (Watch 6), ``max_backoff``
    the pause after errors (Watch 4), which starts at ``first_backoff`` and doubles. While anything is watched, the
    agent gets a heartbeat every ``heartbeat`` seconds, and hangs if it does not answer it within ``heartbeat_timeout``
    (Watch 9).
    """

    burst: int = 2
    interval: float = 0.2
    first_backoff: float = 0.5
    max_backoff: float = 60.0
    max_last_contact: float = 2.0
    first_wait: float = 2.0
    drop_every: float = 60.0
    allow_stale: bool = False
    heartbeat: float = 2.0
    heartbeat_timeout: float = 2.5

    def __post_init__(self) -> None:
        for name in ("interval", "first_backoff", "max_backoff", "max_last_contact", "first_wait", "drop_every"):
            check_seconds(name, getattr(self, name), 0, 3600)
        for name in ("heartbeat", "heartbeat_timeout"):
            check_seconds(name, getattr(self, name), 0.05, 3600)
        if type(self.burst) is not int or self.burst < 1:
            raise ConfigurationError(f"burst is {self.burst!r}; expected a whole number, 1 or more")


class Fetched(Struct, Generic[T], frozen=True):
    """One answer to a blocking query."""

    value: T
    index: int
    known_leader: bool = True
    last_contact: float = 0.0
    empty: bool = False
    """Whether the value is an empty set, which without a leader, or without rights, is not to be believed."""
    missing: str = ""
    """The rule the token lacks to see all of it, such as ``node:read``; '' where the value is whole."""
    indexed: bool = True
    """Whether the answer had an index at all: some proxies strip it."""


class Observed(Struct, Generic[T], frozen=True):
    """What a watch knows. ``value`` is the last good one, None before the first; ``at`` when it was last confirmed."""

    value: T | None = None
    at: float = 0.0
    index: int = 0
    stale: bool = False
    error: str = ""
    visibility: Visibility = Visibility.NOT_ASKED
    note: str = ""
    """What slows the watch down, one sentence; '' where nothing does."""


class QueryDropped(Exception):  # noqa: N818 - no error: the query made room for others and is asked again
    """Raised by a fetch to say: nothing is known to have changed, ask again with the same index."""


class ReadMode(StrEnum):
    """Who may answer: Consul's consistency modes, by the name they have in a query."""

    DEFAULT = "default"
    """The leader, which is not always the first to know that it leads no more, or not yet caught up."""
    STALE = "stale"
    """Any server."""
    CONSISTENT = "consistent"
    """A leader that has asked its followers, and has applied its whole log."""


class Fetch(Protocol[T]):
    """Ask for what is newer than ``index``, for ``wait`` seconds; for 0, what there is now."""

    def __call__(self, index: int, *, mode: ReadMode, wait: float) -> Awaitable[Fetched[T]]: ...


class Watch(Generic[T]):
    """One watched thing. :meth:`run` goes on until cancelled; it does not end by itself, whatever Consul does.

    ``publish`` gets every :class:`Observed` that differs from the one before in value, staleness or error.
    ``clock`` is Unix seconds, ``monotonic`` and ``sleep`` drive the pauses.
    """

    def __init__(
        self,
        fetch: Fetch[T],
        publish: Callable[[Observed[T]], None],
        rules: WatchRules,
        *,
        longest_wait: float = 300.0,
        clock: Callable[[], float] = time.time,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        rng: random.Random | None = None,
    ) -> None:
        self.observed: Observed[T] = Observed()
        self._fetch = fetch
        self._publish = publish
        self._rules = rules
        self._clock = clock
        self._monotonic = monotonic
        self._longest_wait = longest_wait
        self._born = monotonic()
        self._dropped = float("-inf")
        self._sleep = sleep
        self._bucket = TokenBucket(rules.burst, rules.interval, monotonic)
        self._backoff = Backoff(rules.first_backoff, rules.max_backoff, rng or random.Random())
        self._woken = asyncio.Event()
        self._pausing = False
        self._whole = False
        self._index = 0

    def wake(self, *, drop: bool = False) -> None:
        """Ask again now: ends a pause after an error.

        A query under way is dropped only if the value is marked stale, which means that the query may hang, and not
        more often than every ``drop_every`` seconds: what is dropped costs the agent a connection for as long as it
        would have waited. With ``drop`` it is dropped in any case.
        """
        self._backoff.reset()
        if drop or self._pausing or self.observed.stale:
            self._woken.set()

    def mark_stale(self, error: str) -> None:
        """Mark the value stale because ``error`` was seen elsewhere; the next answer clears it."""
        self._adopt(replace(self.observed, stale=True, error=error))

    async def run(self) -> None:
        """Watch until cancelled."""
        while True:
            pause = self._bucket.delay()
            if pause:
                await self._sleep(pause)
            self._woken.clear()
            failure = await self._once()
            if failure is None:
                self._backoff.reset()
                continue
            error, visibility = failure
            self._adopt(replace(self.observed, stale=True, error=error, visibility=visibility))
            self._index = 0
            self._pausing = True
            await self._unless_woken(self._sleep(self._backoff.failed()))
            self._pausing = False

    async def _once(self) -> tuple[str, Visibility] | None:
        """Fetch and adopt. Returns the error as a sentence and what it says of the value, None after a success."""
        try:
            if not await self._unless_woken(self._answer(), grace=True):
                self._index = 0
        except QueryDropped:
            return None
        except NoLeaderError as error:
            await self._fall_back()
            return str(error), Visibility.UNREACHABLE
        except ConsulForbiddenError as error:
            return str(error), Visibility.DENIED
        except RegistryError as error:
            return str(error), Visibility.UNREACHABLE
        except Exception as error:  # a watch never dies silently: a bug in parsing shows as its error
            text = (
                f"the watch failed unexpectedly ({type(error).__name__}: {error}); it tries again. Please report this"
            )
            return text, Visibility.UNREACHABLE
        return None

    async def _answer(self) -> None:
        asked = self._index
        wait = self._wait()
        fetched = await self._ask(asked, wait)
        if max(fetched.index, 1) < self.observed.index and fetched.indexed:
            # A server that was restarted leads, and answers, before it has read its whole log again: for a moment it
            # knows fewer services than it does. Only a consistent answer may take back what was known.
            asked, fetched = 0, await self._fetch(0, mode=ReadMode.CONSISTENT, wait=wait)
        self._index = next_index(asked, fetched.index)
        if doubt := self._doubt(fetched):
            visibility = Visibility.FILTERED if fetched.missing else self.observed.visibility
            self._adopt(replace(self.observed, stale=True, error=doubt, visibility=visibility))
        else:
            self._whole = not fetched.missing
            note = "" if fetched.indexed else f"a proxy strips X-Consul-Index: asked every {WITHOUT_INDEX:g} s only"
            visibility = Visibility.WHOLE if self._whole else Visibility.FILTERED
            self._adopt(Observed(fetched.value, self._clock(), max(fetched.index, 1), visibility=visibility, note=note))
        if not fetched.indexed:
            self._index = 0
            await self._unless_woken(self._sleep(WITHOUT_INDEX))

    async def _ask(self, asked: int, wait: float) -> Fetched[T]:
        if not self._rules.allow_stale:
            return await self._fetch(asked, mode=ReadMode.DEFAULT, wait=wait)
        fetched = await self._fetch(asked, mode=ReadMode.STALE, wait=wait)
        return await self._fetch(0, mode=ReadMode.DEFAULT, wait=wait) if self._too_old(fetched) else fetched

    async def _fall_back(self) -> None:
        """Without a leader, and with nothing known yet: what any server still knows, stale and as old as it is.

        Not an empty answer: a server that never had a leader knows nothing.
        """
        if self.observed.value is not None:
            return
        with contextlib.suppress(RegistryError):
            fetched = await self._fetch(0, mode=ReadMode.STALE, wait=self._wait())
            if not fetched.empty:
                at = self._clock() - fetched.last_contact
                self._adopt(Observed(fetched.value, at, stale=True, error=NO_LEADER, visibility=Visibility.UNREACHABLE))

    def _wait(self) -> float:
        """Seconds Consul may hold the next query."""
        if self.observed.visibility is Visibility.FILTERED and self.observed.stale:
            return min(self._longest_wait, RIGHTS_AGAIN)  # no index moves when a policy changes
        return min(self._longest_wait, max(self._rules.first_wait, self._monotonic() - self._born))

    def _too_old(self, fetched: Fetched[T]) -> bool:
        return not fetched.known_leader or fetched.last_contact > self._rules.max_last_contact

    def _doubt(self, fetched: Fetched[T]) -> str:
        """Why an answer must not replace what is known (Watch 5); '' where it may."""
        if self.observed.value is None:
            return ""
        if fetched.missing and (self._whole or fetched.empty):
            return lost(fetched.missing)
        return NO_LEADER if fetched.empty and not fetched.known_leader else ""

    def _adopt(self, new: Observed[T]) -> None:
        old, self.observed = self.observed, new
        if (old.value, old.stale, old.error, old.note) != (new.value, new.stale, new.error, new.note):
            self._publish(new)

    async def _unless_woken(self, work: Awaitable[None], *, grace: bool = False) -> bool:
        """Wait for ``work``, or drop it when :meth:`wake` comes first. Returns whether it ended by itself.

        With ``grace`` it is dropped no sooner than ``drop_every`` seconds after the last drop.
        """
        working = asyncio.ensure_future(work)
        woken = asyncio.ensure_future(self._woken.wait())
        try:
            await asyncio.wait({working, woken}, return_when=asyncio.FIRST_COMPLETED)
            if grace and not working.done():
                since = self._monotonic() - self._dropped
                await asyncio.wait({working}, timeout=max(0.0, self._rules.drop_every - since))
            if working.done():
                working.result()
                return True
            if grace:
                self._dropped = self._monotonic()
            return False
        finally:
            for task in (working, woken):
                task.cancel()
            await asyncio.wait({working, woken})
            if not working.cancelled():
                working.exception()  # seen: asyncio would report it as never retrieved
