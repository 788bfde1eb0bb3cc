"""Test calls: reflection, runs, and their cancellation."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import grpc
from msgspec.structs import replace

from hp_tui.balancer import LoadBalancerError
from hp_tui.calls import CallError, CallRunner
from hp_tui.calls.describe import describe
from hp_tui.engine.clients import ClientPool
from hp_tui.engine.events import Event, MethodsSeen, ReplySeen, RunSeen
from hp_tui.model.calls import CallRun, MethodsView, RunState
from hp_tui.model.commands import CancelRun, DescribeMethods, StartRun

REFLECTION_TIMEOUT = 5.0
"""Seconds a service may take to describe itself."""


class CallWork:
    """Runs by id, each a task of its own."""

    def __init__(self, clients: ClientPool, emit: Callable[[Event], None], now: Callable[[], float]) -> None:
        self._clients = clients
        self._emit = emit
        self._now = now
        self._running: dict[str, asyncio.Task[None]] = {}

    async def describe(self, command: DescribeMethods) -> None:
        service = command.service
        self._emit(MethodsSeen(self._now(), MethodsView(service, loading=True, at=self._now())))
        try:
            client = await self._clients.get(service)
            view = await describe(await client.bare_channel(REFLECTION_TIMEOUT), service, timeout=REFLECTION_TIMEOUT)
        except (CallError, LoadBalancerError, grpc.RpcError) as error:
            view = MethodsView(service, note=str(error))
        self._emit(MethodsSeen(self._now(), replace(view, loading=False, at=self._now())))

    async def start(self, command: StartRun) -> None:
        """Fire the run and stay until its last call has ended."""
        task = asyncio.current_task()
        assert task is not None
        self._running[command.run_id] = task
        run = CallRun(command.run_id, command.spec, RunState.PREPARING, started=self._now())
        self._emit(RunSeen(self._now(), run))
        try:
            client = await self._clients.get(command.spec.service)
            runner = CallRunner(
                client.channel(tag=command.run_id),
                command.spec,
                run_id=command.run_id,
                describing=lambda: client.bare_channel(REFLECTION_TIMEOUT),
            )
            await runner.prepare()
            self._emit(RunSeen(self._now(), replace(run, state=RunState.RUNNING)))
            await runner.run(lambda reply: self._emit(ReplySeen(reply.at, reply)))
        except (CallError, LoadBalancerError, grpc.RpcError) as error:
            self._end(run, RunState.FAILED, str(error))
        except asyncio.CancelledError:
            self._end(run, RunState.CANCELLED)
            raise
        except BaseException:
            self._end(run, RunState.FAILED, "an error of the console's own; the log file has it")
            raise
        else:
            self._end(run, RunState.DONE)
        finally:
            del self._running[command.run_id]

    async def cancel(self, command: CancelRun) -> None:
        task = self._running.get(command.run_id)
        if task is not None:
            task.cancel()

    def _end(self, run: CallRun, state: RunState, error: str = "") -> None:
        self._emit(RunSeen(self._now(), replace(run, state=state, finished=self._now(), error=error)))
