"""The scripted tour: what the demo shows, in plain text. Each step is checked on running processes."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

from hp_tui.balancer import LoadBalancedGRPCClient
from hp_tui.demo.fleet import SIZES
from hp_tui.demo.stage import DemoStage
from hp_tui.heartpulse.faults import Fault, set_fault
from hp_tui.heartpulse.protos.critic_pb2 import CritiqueRequest
from hp_tui.heartpulse.protos.critic_pb2_grpc import CriticAgentStub
from hp_tui.heartpulse.protos.heart_pulse_pb2 import PulseRequest
from hp_tui.heartpulse.protos.heart_pulse_pb2_grpc import HeartPulseStub
from hp_tui.model.balancing import ClientEvent, EndpointBreakerChanged, EndpointSnapshot
from hp_tui.model.catalog import Instance
from hp_tui.model.commands import ChaosKind
from hp_tui.model.health import Health
from hp_tui.registry import ConsulServiceRegistry, KVConflictError

CHECK_INTERVAL = 1.0
OPEN_TIMEOUT = 5.0
ROUNDS = 10
STEP_TIMEOUT = 60.0
"""Seconds that one wait of the tour may take on a slow machine."""
VICTIM = "critic-agent-2"
HELD_MS = 5_000.0
"""Milliseconds by which the victim delays each call before it is killed: longer than the kill, shorter than a timeout."""
KEY = "config/critic-agent/threshold"


class StepError(Exception):
    """A step failed; the text is the reason that is printed."""


class Tour:
    """Runs the steps on a stage that is not started yet."""

    def __init__(self, stage: DemoStage) -> None:
        self._stage = stage
        self._passed = 0
        self._failed = 0
        self._events: list[ClientEvent] = []
        self._registry: ConsulServiceRegistry
        self._critics: LoadBalancedGRPCClient
        self._stub: Any

    async def run(self) -> bool:
        """Print every step with ``ok`` or ``FAILED``, and the count. Returns whether every step passed."""
        say("hp-tui demo, scripted tour: a private Consul, seven services, real calls")
        say(
            f"timings shortened for the tour: breaker opens for {OPEN_TIMEOUT:g} s instead of 60 s, "
            f"Consul checks every {CHECK_INTERVAL:g} s instead of 10 s"
        )
        async with AsyncExitStack() as stack:
            if await self._step("start Consul and the fleet", self._start):
                self._registry = await stack.enter_async_context(ConsulServiceRegistry(self._stage.address))
                client = LoadBalancedGRPCClient("critic-agent", self._registry, open_timeout=OPEN_TIMEOUT)
                self._critics = await stack.enter_async_context(client)
                self._critics.subscribe(self._events.append)
                self._stub = self._critics.stub(CriticAgentStub)
                if await self._step("every instance is registered and passing in Consul", self._all_passing):
                    for title, step in self._steps():
                        await self._step(title, step)
        say(f"tour: {self._passed} passed, {self._failed} failed")
        return not self._failed

    def _steps(self) -> tuple[tuple[str, Callable[[], Awaitable[str]]], ...]:
        return (
            ("a pulse goes heart-pulse -> aol-core -> critic + validator", self._pulse),
            ("round robin shares calls evenly", self._even_picks),
            (f"kill {VICTIM} with SIGKILL under load; calls go on succeeding", self._kill),
            ("its breaker goes CLOSED -> OPEN", self._opened),
            (f"Consul marks {VICTIM} critical", self._critical),
            (f"restart {VICTIM}; Consul marks it passing again", self._restart),
            ("its breaker goes HALF_OPEN -> CLOSED", self._closed),
            (f"{VICTIM} is picked again, as often as the others", self._even_picks),
            ("a KV value is written with check-and-set", self._write),
            ("a second, stale write is refused and overwrites nothing", self._stale_write),
        )

    async def _step(self, title: str, work: Callable[[], Awaitable[str]]) -> bool:
        started = time.monotonic()
        try:
            said = await work()
        except Exception as error:
            self._failed += 1
            say(f"FAILED  {title}: {str(error) or type(error).__name__}")
            return False
        self._passed += 1
        say(f"ok      {title} ({time.monotonic() - started:.1f} s)")
        for line in said.splitlines():
            say(f"          {line}")
        return True

    async def _start(self) -> str:
        await self._stage.start()
        return f"Consul at {self._stage.address}, {len(self._stage.fleet.members)} services, each a process"

    async def _all_passing(self) -> str:
        async def passing() -> list[Instance]:
            found: list[Instance] = []
            for service, size in SIZES.items():
                instances = await self._registry.instances(service, passing_only=True)
                if len(instances) != size:
                    return []
                found += instances
            return found

        instances = await until(passing, "all seven instances passing in Consul", broken=self._ended)
        return table([(item.id, item.endpoint, item.health.value) for item in instances])

    def _ended(self) -> str:
        """How an instance ended that nobody stopped; '' while all run."""
        dead = self._stage.fleet.dead()
        return str(dead[0].failed("ended")) if dead else ""

    async def _pulse(self) -> str:
        async with LoadBalancedGRPCClient("heart-pulse", self._registry) as client:
            text = "The service answers because every instance is checked before it is picked."
            request = PulseRequest(id="tour-1", text=text)

            async def complete() -> Any:
                # aol-core learns of its upstreams by its own watches, a moment after they pass.
                reply = await client.call(HeartPulseStub, "SendPulse", request, timeout=10.0)
                return None if reply.outcome.degraded else reply

            reply = await until(complete, "an answer with every part of it")
        outcome = reply.outcome
        return (
            f"served by {reply.served_by}, {outcome.served_by}, {outcome.critique.served_by}, "
            f"{outcome.validation.served_by}: score {outcome.critique.score:.2f} in {reply.elapsed_ms:.0f} ms"
        )

    async def _even_picks(self) -> str:
        await until(self._three_usable, "three critic-agents connected and admitted")
        calls = ROUNDS * SIZES["critic-agent"]
        picks = await self._fire(calls)
        if max(picks.values()) - min(picks.values()) > 1 or len(picks) != SIZES["critic-agent"]:
            raise StepError(f"{calls} calls were shared {dict(picks)}; expected even to within one")
        return self._shares(picks)

    async def _kill(self) -> str:
        """Kill the victim while it serves calls: its breaker sees failures before Consul marks it critical."""
        await set_fault(self._stage.fleet.members[VICTIM].address, Fault(latency_ms=HELD_MS))
        calls = [asyncio.create_task(self._call()) for _ in range(ROUNDS * SIZES["critic-agent"])]
        try:
            await until(lambda: self._under_way() >= ROUNDS, f"{ROUNDS} calls under way on {VICTIM}")
            caught = self._under_way()
            await self._stage.fleet.chaos(ChaosKind.KILL, VICTIM)
            picks = Counter(await asyncio.gather(*calls))
        finally:
            for call in calls:
                call.cancel()
        picks += await self._fire(len(calls))
        said = f"{caught} calls were under way on it when it died; {picks.total()} calls fired, 0 failed"
        return f"{said}\n{self._shares(picks)}"

    async def _opened(self) -> str:
        change = await until(lambda: self._change("open"), f"the breaker of {VICTIM} to open")
        return f"{change.old.value} -> {change.new.value}: {change.reason}"

    async def _critical(self) -> str:
        instance = await until(self._health_is(Health.CRITICAL), f"{VICTIM} critical in Consul")
        output = next(check.output for check in instance.checks if check.status is Health.CRITICAL)
        return output.strip().splitlines()[0][:100] if output.strip() else "critical"

    async def _restart(self) -> str:
        await self._stage.fleet.chaos(ChaosKind.RESTART, VICTIM)
        instance = await until(self._health_is(Health.PASSING), f"{VICTIM} passing in Consul")
        return f"{instance.id} at {instance.endpoint}"

    async def _closed(self) -> str:
        async def closed() -> Any:
            await self._fire(SIZES["critic-agent"])
            return self._change("closed")

        change = await until(closed, f"the breaker of {VICTIM} to close")
        half_open = self._change("half-open")
        if half_open is None or change.old.value != "half-open":
            raise StepError(f"it went {change.old.value} -> {change.new.value} without being half-open")
        return f"{half_open.old.value} -> {half_open.new.value} -> {change.new.value}: {change.reason}"

    async def _write(self) -> str:
        created = await self._registry.kv.put(KEY, b"5", cas=0)
        changed = await self._registry.kv.put(KEY, b"6", cas=created.modify_index)
        return f"{KEY} = 5 created at index {created.modify_index}, = 6 written over it at {changed.modify_index}"

    async def _stale_write(self) -> str:
        first = await self._registry.kv.get(KEY)
        if first is None:
            raise StepError(f"{KEY} is not there")
        try:
            await self._registry.kv.put(KEY, b"99", cas=first.modify_index - 1)
        except KVConflictError as refused:
            now = await self._registry.kv.get(KEY)
            if now != first:
                raise StepError(f"{KEY} changed all the same: {now}") from None
            theirs = refused.conflict.theirs
            return (
                f"mine 99 refused; stored is {theirs.value.decode() if theirs else None} at index {first.modify_index}"
            )
        raise StepError("the stale write was accepted")

    async def _fire(self, count: int) -> Counter[str]:
        """Make ``count`` calls, one after another; each must succeed. Returns how many each instance served."""
        served: Counter[str] = Counter()
        for _ in range(count):
            served[await self._call()] += 1
        return served

    async def _call(self) -> str:
        """Make one call, which must succeed. Returns the id of the instance that served it."""
        reply = await self._stub.Critique(CritiqueRequest(text="Is this even?"), timeout=10.0)
        return str(reply.served_by)

    def _under_way(self) -> int:
        """Number of calls that the victim has not answered yet."""
        found = (item for item in self._critics.snapshot().endpoints if item.endpoint.instance_id == VICTIM)
        return sum(item.in_flight for item in found)

    def _three_usable(self) -> bool:
        usable = [item for item in self._critics.snapshot().endpoints if not item.excluded]
        return len(usable) == SIZES["critic-agent"]

    def _change(self, new: str) -> EndpointBreakerChanged | None:
        """The newest change of the victim's breaker to the state ``new``; None without one."""
        for event in reversed(self._events):
            if (
                isinstance(event, EndpointBreakerChanged)
                and event.endpoint.instance_id == VICTIM
                and event.new.value == new
            ):
                return event
        return None

    def _health_is(self, health: Health) -> Callable[[], Awaitable[Instance | None]]:
        async def found() -> Instance | None:
            for instance in await self._registry.instances("critic-agent"):
                if instance.id == VICTIM and instance.health is health:
                    return instance
            return None

        return found

    def _shares(self, picks: Counter[str]) -> str:
        known: dict[str, EndpointSnapshot] = {
            item.endpoint.instance_id: item for item in self._critics.snapshot().endpoints
        }
        total = sum(picks.values())
        return table(
            [
                (name, f"{picks.get(name, 0)} picks", f"{picks.get(name, 0) / total:.0%}", item.breaker.state.value)
                for name, item in sorted(known.items())
            ]
        )


async def until(condition: Callable[[], Any], what: str, broken: Callable[[], str] = str) -> Any:
    """The first true value of a condition, sync or async.

    Raises :class:`StepError` after :data:`STEP_TIMEOUT` seconds, or as soon as ``broken`` returns why it never will be.
    """
    deadline = time.monotonic() + STEP_TIMEOUT
    while True:
        value = condition()
        if asyncio.iscoroutine(value):
            value = await value
        if value:
            return value
        if said := broken():
            raise StepError(said)
        if time.monotonic() > deadline:
            raise StepError(f"not within {STEP_TIMEOUT:g} s: {what}")
        await asyncio.sleep(0.05)


def table(rows: list[tuple[str, ...]]) -> str:
    """Aligned columns."""
    widths = [max(len(cell) for cell in column) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def say(line: str) -> None:
    """Print a line and flush, so that a pipe gets it at once."""
    print(line, flush=True)
