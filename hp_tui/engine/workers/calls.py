"""Test calls: reflection, runs, and their cancellation."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable

import grpc
from msgspec.structs import replace

from hp_tui.balancer import LoadBalancerError
from hp_tui.calls import CallError, CallRunner
from hp_tui.calls.checking import RequestChecker
from hp_tui.calls.describe import describe
from hp_tui.calls.runner import REFLECTION_TIMEOUT
from hp_tui.engine.client_pool import ClientPool
from hp_tui.engine.events import BodyChecked, Event, MethodsSeen, ReplySeen, RunSeen
from hp_tui.model.calls import CallRun, MethodsView, RunState
from hp_tui.model.commands import CancelRun, CheckBody, DescribeMethods, StartRun

CHECKERS = 8
"""Services whose descriptors are held, the newest."""
LARGE_BODY = 16 * 1024
"""Characters from which a body is checked off the event loop."""


class CallWorker:
    """Runs by id, each a task of its own."""

    def __init__(self, clients: ClientPool, emit: Callable[[Event], None], now: Callable[[], float]) -> None:
        self._clients = clients
        self._emit = emit
        self._now = now
        self._running: dict[str, asyncio.Task[None]] = {}
        self._checkers: dict[str, RequestChecker] = {}
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._newest_check = ""

    async def describe(self, command: DescribeMethods) -> None:
        async with self._turns[command.service]:
            await self._describe(command.service)

    async def _describe(self, service: str) -> RequestChecker:
        self._emit(MethodsSeen(self._now(), MethodsView(service, loading=True, at=self._now())))
        checker = RequestChecker({}, None)
        try:
            client = await self._clients.get(service)
            found = await describe(await client.bare_channel(REFLECTION_TIMEOUT), service, timeout=REFLECTION_TIMEOUT)
            view, checker = found.view, found.checker
        except (CallError, LoadBalancerError, grpc.RpcError) as error:
            view = MethodsView(service, note=str(error))
        self._checkers.pop(service, None)
        self._checkers[service] = checker
        if len(self._checkers) > CHECKERS:
            del self._checkers[next(iter(self._checkers))]
        self._emit(MethodsSeen(self._now(), replace(view, loading=False, at=self._now())))
        return checker

    async def check(self, command: CheckBody) -> None:
        """Say whether a body fits, unless another was asked about meanwhile."""
        self._newest_check = command.id
        async with self._turns[command.service]:  # its methods may be being asked for
            if self._newest_check != command.id:
                return
            checker = self._checkers.get(command.service) or await self._describe(command.service)
        asked = (command.id, command.method, command.body)
        large = len(command.body) > LARGE_BODY
        verdict = await asyncio.to_thread(checker.check, *asked) if large else checker.check(*asked)
        self._emit(BodyChecked(self._now(), verdict))

    async def start(self, command: StartRun) -> None:
        """Fire the run and stay until its last call has ended."""
        task = asyncio.current_task()
        assert task is not None
        self._running[command.id] = task
        run = CallRun(command.id, command.spec, RunState.PREPARING, started=self._now())
        self._emit(RunSeen(self._now(), run))
        try:
            client = await self._clients.get(command.spec.service)
            runner = CallRunner(
                client.channel(tag=command.id),
                command.spec,
                run_id=command.id,
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
            del self._running[command.id]

    async def cancel(self, command: CancelRun) -> None:
        task = self._running.get(command.run)
        if task is not None:
            task.cancel()

    def _end(self, run: CallRun, state: RunState, error: str = "") -> None:
        self._emit(RunSeen(self._now(), replace(run, state=state, finished=self._now(), error=error)))
