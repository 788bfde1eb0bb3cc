"""One watcher for all who watch the same thing (RULES.md Watch 7)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable
from types import TracebackType
from typing import Any, Generic, Protocol, TypeVar

from hp_tui.registry.errors import RegistryClosedError
from hp_tui.registry.home_loop import HomeLoop
from hp_tui.registry.watch import Observed

T = TypeVar("T")
U = TypeVar("U")


class Runner(Protocol):
    """What runs behind subscriptions: a :class:`~hp_tui.registry.watch.Watch`, or a heartbeat."""

    async def run(self) -> None:
        """Work until cancelled."""
        ...

    def wake(self, *, drop: bool = False) -> None:
        """Ask again now."""
        ...

    def mark_stale(self, error: str) -> None:
        """Mark what is known as stale."""
        ...


MakeWatch = Callable[[Callable[[Observed[T]], None]], Runner]


class _Mailbox(Generic[T]):
    """The newest value for one subscriber; one it did not fetch in time is replaced by the next."""

    def __init__(self) -> None:
        self.value: Observed[T] | None = None
        self.closed = False
        self.why: RegistryClosedError | None = None
        self.ready = asyncio.Event()

    def put(self, value: Observed[T]) -> None:
        self.value = value
        self.ready.set()

    def close(self, why: RegistryClosedError | None = None) -> None:
        """Wake whoever waits; what is in the box can still be taken."""
        self.closed = True
        self.why = why
        self.ready.set()


class _Topic(Generic[T]):
    """A running watch and its subscribers."""

    def __init__(self, make: MakeWatch[T]) -> None:
        self.watch = make(self._publish)
        self.boxes: set[_Mailbox[T]] = set()
        self.last: Observed[T] | None = None
        self.task = asyncio.get_running_loop().create_task(self.watch.run(), name="consul watch")

    def _publish(self, observed: Observed[T]) -> None:
        self.last = observed
        for box in self.boxes:
            box.put(observed)


class Subscription(Generic[U]):
    """An async iterator of updates: the newest known at once, then one for each change.

    A slow reader misses steps between, never the newest. The watch is shared; it starts with its first reader's first
    ``anext`` and ends when the last one leaves: by :meth:`aclose`, at the end of ``async with``, or by being dropped.
    Whoever waits is woken with :class:`RegistryClosedError` when the registry, or this subscription, is closed.
    """

    def __init__(self, hub: WatchHub, key: Hashable, make: MakeWatch[Any], shape: Callable[[Observed[Any]], U]) -> None:
        self._hub = hub
        self._key = key
        self._make = make
        self._shape = shape
        self._box: _Mailbox[Any] | None = None
        self._left = False

    def __aiter__(self) -> Subscription[U]:
        return self

    async def __anext__(self) -> U:
        if self._left:
            raise StopAsyncIteration
        if self._box is None:
            self._box = self._hub.join(self._key, self._make)
        box = self._box
        while True:
            value, box.value = box.value, None
            if value is not None:
                return self._shape(value)
            if box.closed:
                raise box.why or RegistryClosedError("this subscription")
            box.ready.clear()
            await box.ready.wait()

    async def aclose(self) -> None:
        """Leave. Safe to call more than once."""
        self._leave()

    def _leave(self) -> None:
        self._left = True
        box, self._box = self._box, None
        if box is not None:
            self._hub.leave(self._key, box)
            box.close()

    async def __aenter__(self) -> Subscription[U]:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._leave()

    def __del__(self) -> None:
        self._leave()


HEARTBEAT = "heartbeat"
"""The key of the heartbeat, which runs as long as any other watch does."""


class WatchHub:
    """The running watches by key, and the one heartbeat for all of them. All on one event loop."""

    def __init__(self, make_heartbeat: MakeWatch[Any] | None = None, home: HomeLoop | None = None) -> None:
        self._home = home or HomeLoop("this registry")
        self._topics: dict[Hashable, _Topic[Any]] = {}
        self._ending: set[asyncio.Task[None]] = set()
        self._make_heartbeat = make_heartbeat
        self._heartbeat: _Mailbox[Any] | None = None

    def __len__(self) -> int:
        """How many watches run, without the heartbeat."""
        return len(self._topics.keys() - {HEARTBEAT})

    def join(self, key: Hashable, make: MakeWatch[Any]) -> _Mailbox[Any]:
        """A mailbox on the watch of ``key``, which is started if nobody had it.

        Raises :class:`RegistryClosedError` and :class:`WrongLoopError`.
        """
        self._home.enter()
        box = self._join(key, make)
        self._keep_heartbeat()
        return box

    def _join(self, key: Hashable, make: MakeWatch[Any]) -> _Mailbox[Any]:
        box: _Mailbox[Any] = _Mailbox()
        topic = self._topics.get(key)
        if topic is None:
            topic = self._topics[key] = _Topic(make)
        topic.boxes.add(box)
        if topic.last is not None:
            box.put(topic.last)
        return box

    def leave(self, key: Hashable, box: _Mailbox[Any]) -> None:
        """Take ``box`` off; the last one to leave ends the watch."""
        self._leave(key, box)
        self._keep_heartbeat()

    def _leave(self, key: Hashable, box: _Mailbox[Any]) -> None:
        topic = self._topics.get(key)
        if topic is None or box not in topic.boxes:
            return
        topic.boxes.discard(box)
        if not topic.boxes:
            del self._topics[key]
            self._end(topic)

    def _keep_heartbeat(self) -> None:
        """Have the heartbeat run while a watch does."""
        if self._make_heartbeat is None:
            return
        if len(self) and self._heartbeat is None:
            self._heartbeat = self._join(HEARTBEAT, self._make_heartbeat)
        elif not len(self) and self._heartbeat is not None:
            box, self._heartbeat = self._heartbeat, None
            self._leave(HEARTBEAT, box)

    def wake(self, *, drop: bool = False) -> None:
        """Every watch that waits after an error, or is marked stale, asks again now; with ``drop`` every one does.

        Raises :class:`WrongLoopError` from another loop or thread.
        """
        self._home.check()
        for topic in self._topics.values():
            topic.watch.wake(drop=drop)

    def mark_stale(self, error: str) -> None:
        """Every watch marks its value stale until its next answer."""
        for topic in self._topics.values():
            topic.watch.mark_stale(error)

    def _end(self, topic: _Topic[Any]) -> None:
        if topic.task.get_loop().is_closed():
            return
        topic.task.cancel()
        self._ending.add(topic.task)
        topic.task.add_done_callback(self._ending.discard)

    async def close(self) -> None:
        """End every watch and every subscription, and wait until their tasks are gone."""
        self._home.close()
        topics = list(self._topics.values())
        self._topics.clear()
        for topic in topics:
            self._end(topic)
            for box in topic.boxes:
                box.close(RegistryClosedError(self._home.owner))
        if self._ending and self._home.usable:
            await asyncio.wait(set(self._ending))
