"""`hp-tui call`: test calls through the balanced client."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
from collections.abc import Callable

from rich.cells import cell_len

from hp_tui.balancer import LoadBalancedGRPCClient, LoadBalancerError
from hp_tui.calls import CallError, CallRunner, advance
from hp_tui.calls.saved import SavedRequests
from hp_tui.cli.call_input import Given
from hp_tui.cli.output import BAD, INTERRUPTED, OK, USAGE, complain, run_async, visible
from hp_tui.connect import registry_for
from hp_tui.model.balancing import AttemptFinished, AttemptOutcome, CallEvent, ClientEvent, ClientSnapshot
from hp_tui.model.calls import STREAMING, CallRun, CallSpec, ReplyReceived, RunState
from hp_tui.settings import Settings

TAG = "call"
FIRST_ENDPOINTS = 5.0
"""Seconds to wait for every passing endpoint to be connected, so that the first calls are shared fairly too."""


def run(settings: Settings, given: Given, as_json: bool) -> int:
    """Fire the calls and print who was picked. Returns 0; 1 if any call failed; 2 for input that cannot be used."""
    try:
        spec = given.spec(SavedRequests.at(settings.requests))
    except (ValueError, CallError) as error:
        complain(str(error))
        return USAGE
    return run_async(_run(settings, spec, as_json))


def list_saved(settings: Settings, as_json: bool) -> int:
    """Print the saved requests, by name. Returns 0; 1 if one of them cannot be used; 2 for a file that cannot be read."""
    saved = SavedRequests.at(settings.requests)
    try:
        requests = saved.read()
    except CallError as error:
        complain(str(error))
        return USAGE
    width = max((cell_len(visible(one.name)) for one in requests), default=0)
    for one in requests:
        if as_json:
            facts = {"name": one.name, "service": one.spec.service, "method": one.spec.method, "problem": one.problem}
            print(json.dumps(facts))
        else:
            padded = visible(one.name) + " " * (width - cell_len(visible(one.name)))
            what = f"cannot be used: {one.problem}" if one.problem else f"{one.spec.service}  {one.spec.method}"
            print(f"{padded}  {visible(what)}")
    if not requests:
        complain(f"no request is saved in {saved.path}; ctrl+t in the call composer saves one")
    return BAD if any(one.problem for one in requests) else OK


async def _run(settings: Settings, spec: CallSpec, as_json: bool) -> int:
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


class _View:
    """Prints attempts as they end and a summary at the end."""

    def __init__(self, run: CallRun, as_json: bool) -> None:
        self.run = run
        self.reader_left = False
        self.stop: Callable[[], object] = lambda: None
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
        if self._as_json or reply.status == STREAMING:
            return
        if not reply.ok:
            self._print(f"call {reply.call}: {reply.status} after {reply.ms:.0f} ms: {visible(reply.details)}")
        elif self.run.spec.count == 1:
            self._print(visible(reply.body))

    def _print(self, line: str) -> None:
        """Called by the client's events, which must not fail: a reader that left ends the run instead."""
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
        print(f"{run.done} calls to {run.spec.service} {run.spec.method}: {run.ok} ok, {run.failed} failed{timing}")
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
