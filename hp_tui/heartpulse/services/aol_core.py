"""AOL Core: asks the critic and the validator at the same time and combines their replies.

Where one of them does not reply, the reply is degraded and names it; without both, the call fails with UNAVAILABLE. A request
that an agent refuses with INVALID_ARGUMENT fails with that status.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import grpc

from hp_tui.heartpulse.errors import RpcError
from hp_tui.heartpulse.interceptor import Context
from hp_tui.heartpulse.live_settings import CoreSettings
from hp_tui.heartpulse.protos.aol_core_pb2 import (
    MissingAnswer,
    OrchestrateReply,
    OrchestrateRequest,
    OrchestrationStep,
)
from hp_tui.heartpulse.protos.aol_core_pb2_grpc import AOLCoreServicer
from hp_tui.heartpulse.protos.critic_pb2 import CritiqueReply, CritiqueRequest
from hp_tui.heartpulse.protos.critic_pb2_grpc import CriticAgentStub
from hp_tui.heartpulse.protos.validator_pb2 import ValidateReply, ValidateRequest
from hp_tui.heartpulse.protos.validator_pb2_grpc import ValidatorAgentStub
from hp_tui.heartpulse.services.texts import check_text
from hp_tui.heartpulse.upstream import Upstream
from hp_tui.heartpulse.verdict import compose


@dataclass(frozen=True, slots=True)
class _Answer:
    """The result of one agent: ``reply`` or ``error``."""

    service: str
    reply: CritiqueReply | ValidateReply | None = None
    error: RpcError | None = None


class AOLCoreService(AOLCoreServicer):
    """``instance`` is the id in every reply; ``settings()`` returns the current settings."""

    def __init__(
        self, instance: str, critic: Upstream, validator: Upstream, settings: Callable[[], CoreSettings]
    ) -> None:
        self._settings = settings
        self._instance = instance
        self._critic = critic
        self._validator = validator

    async def Orchestrate(self, request: OrchestrateRequest, context: Context) -> OrchestrateReply:  # noqa: N802
        check_text(request.text, may_be_empty=False)
        return self._compose(request, await asyncio.gather(*self._ask(request, context)))

    async def OrchestrateSteps(  # noqa: N802
        self, request: OrchestrateRequest, context: Context
    ) -> AsyncIterator[OrchestrationStep]:
        check_text(request.text, may_be_empty=False)
        began = time.perf_counter()
        step = OrchestrationStep

        def progress(name: str, state: OrchestrationStep.State.ValueType, detail: str = "") -> OrchestrationStep:
            return step(step=name, state=state, detail=detail, elapsed_ms=(time.perf_counter() - began) * 1000)

        asked = self._ask(request, context)
        try:
            for upstream in (self._critic, self._validator):
                yield progress(upstream.service, step.STATE_STARTED)
            answers = []
            for finished in asyncio.as_completed(asked):
                answer = await finished
                answers.append(answer)
                failed = answer.error is not None
                state = step.STATE_FAILED if failed else step.STATE_DONE
                yield progress(answer.service, state, str(answer.error) if failed else _summary(answer.reply))
        finally:
            for task in asked:
                task.cancel()
        reply = self._compose(request, answers)
        last = progress("compose", step.STATE_DONE)
        last.reply.CopyFrom(reply)
        yield last

    def _ask(self, request: OrchestrateRequest, context: Context) -> list[asyncio.Task[_Answer]]:
        validate = ValidateRequest(text=request.text, required_terms=request.required_terms)
        loop = asyncio.get_running_loop()
        return [
            loop.create_task(
                _answer(self._critic, CriticAgentStub, "Critique", CritiqueRequest(text=request.text), context)
            ),
            loop.create_task(_answer(self._validator, ValidatorAgentStub, "Validate", validate, context)),
        ]

    def _compose(self, request: OrchestrateRequest, answers: list[_Answer]) -> OrchestrateReply:
        errors = [(answer.service, answer.error) for answer in answers if answer.error is not None]
        for _, error in errors:
            if error.code is grpc.StatusCode.INVALID_ARGUMENT:
                raise error
        if len(errors) == len(answers):
            said = "; ".join(str(error) for _, error in errors)
            raise RpcError(grpc.StatusCode.UNAVAILABLE, f"no agent answered: {said}")
        replies = {type(answer.reply): answer.reply for answer in answers}
        missing = tuple(
            MissingAnswer(service=service, status=error.code.name, detail=error.detail) for service, error in errors
        )
        critique, validation = replies.get(CritiqueReply), replies.get(ValidateReply)
        assert critique is None or isinstance(critique, CritiqueReply)
        assert validation is None or isinstance(validation, ValidateReply)
        return compose(request.task_id, critique, validation, missing, self._instance, self._settings())


async def _answer(upstream: Upstream, stub: type[Any], method: str, request: Any, context: Context) -> _Answer:
    try:
        return _Answer(upstream.service, reply=await upstream.call(stub, method, request, context))
    except RpcError as error:
        return _Answer(upstream.service, error=error)


def _summary(reply: CritiqueReply | ValidateReply | None) -> str:
    if isinstance(reply, CritiqueReply):
        return f"{reply.served_by}: score {reply.score:.2f}"
    if isinstance(reply, ValidateReply):
        return f"{reply.served_by}: {'valid' if reply.valid else 'not valid'}"
    return ""
