"""Heart-Pulse: takes pulses and has AOL Core orchestrate them. Fails as AOL Core does."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing, contextmanager

import grpc

from hp_tui.heartpulse.errors import RpcError
from hp_tui.heartpulse.interceptor import Context
from hp_tui.heartpulse.protos.aol_core_pb2 import OrchestrateReply, OrchestrateRequest
from hp_tui.heartpulse.protos.aol_core_pb2_grpc import AOLCoreStub
from hp_tui.heartpulse.protos.heart_pulse_pb2 import Beat, BeatsRequest, PulseProgress, PulseReply, PulseRequest
from hp_tui.heartpulse.protos.heart_pulse_pb2_grpc import HeartPulseServicer
from hp_tui.heartpulse.services.texts import check_text
from hp_tui.heartpulse.upstream import Upstream

MAX_BEATS = 10_000
MIN_INTERVAL_MS, MAX_INTERVAL_MS = 10, 60_000


class HeartPulseService(HeartPulseServicer):
    """``instance`` is the id in every reply."""

    def __init__(self, instance: str, core: Upstream) -> None:
        self._instance = instance
        self._core = core
        self._started = time.monotonic()
        self._pulses = 0
        self._in_flight = 0

    async def SendPulse(self, request: PulseRequest, context: Context) -> PulseReply:  # noqa: N802
        with self._pulse(request) as task:
            began = time.perf_counter()
            outcome = await self._core.call(AOLCoreStub, "Orchestrate", task, context)
            return self._reply(task, outcome, began)

    async def WatchPulse(self, request: PulseRequest, context: Context) -> AsyncIterator[PulseProgress]:  # noqa: N802
        with self._pulse(request) as task:
            began = time.perf_counter()
            outcome = None
            async with aclosing(self._core.stream(AOLCoreStub, "OrchestrateSteps", task, context)) as steps:
                async for step in steps:
                    if step.HasField("reply"):
                        outcome = step.reply
                        continue
                    yield PulseProgress(id=task.task_id, step=step)
            if outcome is None:
                raise RpcError(grpc.StatusCode.DATA_LOSS, f"{self._core.service} ended its steps without a reply")
            yield PulseProgress(id=task.task_id, reply=self._reply(task, outcome, began))

    async def Beats(self, request: BeatsRequest, context: Context) -> AsyncIterator[Beat]:  # noqa: N802
        count, interval = request.count or 10, request.interval_ms or 1000
        if count > MAX_BEATS or not MIN_INTERVAL_MS <= interval <= MAX_INTERVAL_MS:
            raise RpcError(
                grpc.StatusCode.INVALID_ARGUMENT,
                f"count is {count}, interval_ms is {interval}; expected 1 to {MAX_BEATS} beats, "
                f"{MIN_INTERVAL_MS} to {MAX_INTERVAL_MS} ms apart",
            )
        loop = asyncio.get_running_loop()
        due = loop.time()
        for number in range(1, count + 1):
            yield Beat(
                number=number,
                uptime_s=time.monotonic() - self._started,
                pulses=self._pulses,
                in_flight=self._in_flight,
                served_by=self._instance,
            )
            if number < count:
                due += (
                    interval / 1000
                )  # counted from the first beat, so that a slow reader does not delay the later ones
                await asyncio.sleep(due - loop.time())

    @contextmanager
    def _pulse(self, request: PulseRequest) -> Iterator[OrchestrateRequest]:
        check_text(request.text, may_be_empty=False)
        self._pulses += 1
        self._in_flight += 1
        try:
            yield OrchestrateRequest(
                task_id=request.id or uuid.uuid4().hex[:12], text=request.text, required_terms=request.required_terms
            )
        finally:
            self._in_flight -= 1

    def _reply(self, task: OrchestrateRequest, outcome: OrchestrateReply, began: float) -> PulseReply:
        elapsed = (time.perf_counter() - began) * 1000
        return PulseReply(id=task.task_id, outcome=outcome, elapsed_ms=elapsed, served_by=self._instance)
