"""Fires the calls of `hp-tui call` and prints their results."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
from collections.abc import Callable
from typing import Any

from hp_tui.balancer import LoadBalancedGRPCClient, LoadBalancerError
from hp_tui.calls import CallError, CallRunner, advance
from hp_tui.cli.output import BAD, INTERRUPTED, OK, complain, counted, visible
from hp_tui.connect import registry_for
from hp_tui.model.balancing import AttemptFinished, AttemptOutcome, CallEvent, ClientEvent, ClientSnapshot
from hp_tui.model.calls import STREAMING, CallRun, CallSpec, Reply, ReplyReceived, RunState
from hp_tui.settings import Settings

TAG = "call"
FIRST_ENDPOINTS = 5.0
"""Seconds to wait until every passing endpoint is connected, so that the first calls are shared evenly too."""


async def fire(settings: Settings, spec: CallSpec, as_json: bool) -> int:
    """Fire the calls and print who was picked. Returns 0; 1 if any call failed; 130 after Ctrl-C."""
    async with registry_for(settings) as registry:
        if not await registry.instances(spec.service):
            known = ", ".join(sorted(summary.name for summary in await registry.services())) or "none"
            complain(f"service {spec.service!r} has no instances in Consul; services there: {known}")
            return BAD
        client = LoadBalancedGRPCClient(
            spec.service, registry, failure_threshold=settings.failure_threshold, open_timeout=settings.open_timeout
        )
        async with client:
            return await _fire(client, spec, as_json)


async def _fire(client: LoadBalancedGRPCClient, spec: CallSpec, as_json: bool) -> int:
    view = _View(CallRun(TAG, spec, RunState.RUNNING, started=0.0), as_json)
    runner = CallRunner(
        client.channel(tag=TAG), spec, run_id=TAG, describing=lambda: client.bare_channel(FIRST_ENDPOINTS)
    )
    interrupted = False
    try:
        await _all_connected(client)
        await runner.prepare()
        view.streams = runner.streams_replies
        client.subscribe(view.heard)
        interrupted = await _until_interrupted(runner, view)
        if view.reader_left:
            raise BrokenPipeError
    except (CallError, LoadBalancerError) as error:
        complain(str(error))
        return BAD
    view.summary(client.snapshot())
    if interrupted:
        return INTERRUPTED
    return BAD if view.run.failed else OK


async def _all_connected(client: LoadBalancedGRPCClient) -> None:
    await client.wait_ready(FIRST_ENDPOINTS)
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(1.0):
            while any(item.excluded.startswith("not connected") for item in client.snapshot().endpoints):
                await client.wait_changed()


async def _until_interrupted(runner: CallRunner, view: _View) -> bool:
    """Run to the end or to Ctrl-C; True after the latter."""
    running = asyncio.ensure_future(runner.run(view.replied))
    view.stop = running.cancel
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGINT, running.cancel)
    try:
        await running
    except asyncio.CancelledError:
        return True
    finally:
        loop.remove_signal_handler(signal.SIGINT)
    return False


def reply_as_dict(reply: Reply, *, streams: bool) -> dict[str, Any]:
    """The result of one call as JSON; scripts rely on its keys.

    ``reply`` is the message, or the list of the newest 20 messages where the method ``streams`` its replies; None where
    nothing came. Where ``cut`` bytes of it were left out (it has 64 KB at most, as sent), it is text.
    """
    return {
        "call": reply.call,
        "status": reply.status,
        "details": reply.details,
        "ms": round(reply.ms, 3),
        "reply": reply.body if reply.truncated else _parsed(reply, streams=streams),
        "messages": reply.messages,
        "shown": reply.shown,
        "cut": reply.truncated,
        "headers": [list(pair) for pair in reply.headers],
        "trailers": [list(pair) for pair in reply.trailers],
    }


def _parsed(reply: Reply, *, streams: bool) -> Any:
    if not reply.body:
        return [] if streams else None
    value = json.loads(reply.body)
    return [value] if streams and reply.shown == 1 else value


class _View:
    """Prints attempts and replies as they end, and a summary at the end."""

    def __init__(self, run: CallRun, as_json: bool) -> None:
        self.run = run
        self.reader_left = False
        self.stop: Callable[[], object] = lambda: None
        self.streams = False
        self._as_json = as_json

    def heard(self, event: ClientEvent) -> None:
        if not isinstance(event, CallEvent) or event.tag != TAG:
            return
        self.run = advance(self.run, event)
        if isinstance(event, AttemptFinished) and self._as_json:
            attempt = event.attempt
            line = {
                "call": event.call_id,
                "attempt": attempt.number,
                "instance": attempt.endpoint.instance_id,
                "endpoint": attempt.endpoint.address,
                "status": attempt.status,
                "ms": round(attempt.ms, 3),
            }
            self._print(json.dumps(line))

    def replied(self, received: ReplyReceived) -> None:
        self.run = advance(self.run, received)
        reply = received.reply
        if reply.status == STREAMING:
            return
        if self._as_json:
            self._print(json.dumps(reply_as_dict(reply, streams=self.streams)))
            return
        if not reply.ok:
            self._print(f"call {reply.call}: {reply.status} after {reply.ms:.0f} ms: {visible(reply.details)}")
        elif self.run.spec.count == 1:
            self._print(visible(reply.body))

    def _print(self, line: str) -> None:
        """Handle a client's event. Never raises: a closed pipe on standard output ends the run instead."""
        try:
            print(line, flush=True)
        except BrokenPipeError:
            self.reader_left = True
            self.stop()

    def summary(self, client: ClientSnapshot) -> None:
        run = self.run
        breakers = {item.endpoint.instance_id: item.breaker.state.value for item in client.endpoints}
        if self._as_json:
            picks = dict(sorted(run.picks.items()))
            facts = {"calls": run.done, "ok": run.ok, "failed": run.failed, "picks": picks, "breakers": breakers}
            print(json.dumps({"summary": facts}), flush=True)
            return
        timing = (
            "" if run.p50_ms is None or run.p99_ms is None else f", p50 {run.p50_ms:.1f} ms, p99 {run.p99_ms:.1f} ms"
        )
        print(
            f"{counted(run.done, 'call')} to {run.spec.service} {run.spec.method}: {run.ok} ok, {run.failed} failed{timing}"
        )
        total = sum(run.picks.values()) or 1
        width = max((len(name) for name in breakers), default=0)
        for item in client.endpoints:
            name = item.endpoint.instance_id
            cells = run.lanes.get(name, ())
            bad = sum(cell.attempt.outcome is not AttemptOutcome.OK for cell in cells)
            share = run.picks.get(name, 0) / total
            print(
                f"  {visible(name):<{width}}  {item.endpoint.address:<21}  {run.picks.get(name, 0):>5} picks {share:>4.0%}"
                f"  {bad:>4} failed  breaker {breakers[name]}"
            )
