"""Blocking queries over HTTP, and the subscriptions on them."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Coroutine, Hashable, Sequence
from typing import Any, TypeVar

from hp_tui.registry.connection import MAX_CONNECTIONS, Connection, Params
from hp_tui.registry.heartbeat import Heartbeat, probe
from hp_tui.registry.held_queries import HeldQueries
from hp_tui.registry.response import Response
from hp_tui.registry.subscription import HEARTBEAT, Subscription, WatchHub
from hp_tui.registry.values import LinkStatus
from hp_tui.registry.watch import Fetch, Fetched, Observed, ReadMode, Watch, WatchRules

T = TypeVar("T")
U = TypeVar("U")

HELD = MAX_CONNECTIONS - 6
"""Queries held at a time: six connections stay free for everything else."""
TURN = 2.0
"""Seconds a query is held while others wait for a connection."""
SLACK = 5.0
"""Seconds an answer may be late beyond Consul's own jitter of wait/16."""


def fetched(response: Response, value: T, *, empty: bool, missing: str = "") -> Fetched[T]:
    """``value``, read from ``response``, with what its headers say; ``missing`` is the rule the token lacks."""
    return Fetched(
        value, response.index, response.known_leader, response.last_contact, empty, missing, response.indexed
    )


class Watches:
    """Makes watches on one connection. ``wait`` is how long Consul may hold a query, in seconds (at most 600)."""

    def __init__(
        self,
        connection: Connection,
        rules: WatchRules,
        wait: float,
        *,
        clock: Callable[[], float] = time.time,
        rng: random.Random | None = None,
    ) -> None:
        self.hub = WatchHub(self._make_heartbeat, connection.home)
        self._held_queries = HeldQueries(HELD, TURN)
        self._connection = connection
        self._rules = rules
        self._wait = wait
        self._clock = clock
        self._rng = rng or random.Random()

    async def read(
        self,
        path: str,
        params: Params,
        index: int,
        mode: ReadMode,
        wait: float,
        permission: str,
        allow: Sequence[int] = (),
    ) -> Response:
        """One query: at once with ``index`` 0, else held by Consul until something newer or ``wait`` seconds."""
        query = [*params, *([] if mode is ReadMode.DEFAULT else [(mode.value, "")])]
        if not index:
            return await self._connection.get(path, query, permission=permission, allow=allow)

        async def ask(longest: float) -> Response:
            held = min(wait, longest)
            blocking = [*query, ("index", str(index)), ("wait", f"{round(held * 1000)}ms")]
            timeout = held + held / 16 + SLACK
            return await self._connection.get(path, blocking, permission=permission, timeout=timeout, allow=allow)

        return await self._held_queries.hold(ask)

    def subscribe(self, key: Hashable, fetch: Fetch[T], shape: Callable[[Observed[T]], U]) -> Subscription[U]:
        """A subscription on the shared watch of ``key``, whose values ``shape`` turns into updates."""

        def make(publish: Callable[[Observed[T]], None]) -> Watch[T]:
            return Watch(fetch, publish, self._rules, longest_wait=self._wait, clock=self._clock, rng=self._rng)

        make_any: Callable[[Callable[[Observed[Any]], None]], Watch[Any]] = make
        return Subscription(self.hub, key, make_any, shape)

    def link(self) -> Subscription[LinkStatus]:
        """A subscription on the heartbeat."""

        def shape(seen: Observed[LinkStatus]) -> LinkStatus:
            return seen.value or LinkStatus(seen.at)

        return Subscription(self.hub, HEARTBEAT, self._make_heartbeat, shape)

    def _make_heartbeat(self, publish: Callable[[Observed[LinkStatus]], None]) -> Heartbeat:
        def ask() -> Coroutine[Any, Any, LinkStatus]:
            return probe(self._connection, self._rules.heartbeat_timeout, self._clock)

        return Heartbeat(ask, publish, self.hub, self._rules)
