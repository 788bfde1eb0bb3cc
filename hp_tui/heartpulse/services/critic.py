"""Critic Agent: scores texts by :mod:`hp_tui.heartpulse.critique`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

from hp_tui.heartpulse.critique import critique
from hp_tui.heartpulse.interceptor import Context
from hp_tui.heartpulse.live_settings import CriticSettings
from hp_tui.heartpulse.protos.critic_pb2 import CritiqueReply, CritiqueRequest, Remark
from hp_tui.heartpulse.protos.critic_pb2_grpc import CriticAgentServicer
from hp_tui.heartpulse.services.texts import check_text


class CriticService(CriticAgentServicer):
    """``instance`` is the id in every reply; ``settings()`` returns the current settings."""

    def __init__(self, instance: str, settings: Callable[[], CriticSettings]) -> None:
        self._settings = settings
        self._instance = instance

    async def Critique(self, request: CritiqueRequest, context: Context) -> CritiqueReply:  # noqa: N802
        return self._judge(request)

    async def CritiqueEach(  # noqa: N802
        self, request_iterator: AsyncIterator[CritiqueRequest], context: Context
    ) -> AsyncIterator[CritiqueReply]:
        async for request in request_iterator:
            yield self._judge(request)

    def _judge(self, request: CritiqueRequest) -> CritiqueReply:
        check_text(request.text)
        judged = critique(request.text, self._settings())
        remarks = [Remark(rule=one.rule, comment=one.comment, penalty=one.penalty) for one in judged.remarks]
        return CritiqueReply(score=judged.score, remarks=remarks, served_by=self._instance)
