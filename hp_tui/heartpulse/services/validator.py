"""Validator Agent: checks texts against :mod:`hp_tui.heartpulse.validation`."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator

from hp_tui.heartpulse.interceptor import Context
from hp_tui.heartpulse.protos.validator_pb2 import ValidateReply, ValidateRequest, ValidateSummary, Violation
from hp_tui.heartpulse.protos.validator_pb2_grpc import ValidatorAgentServicer
from hp_tui.heartpulse.services.texts import check_text
from hp_tui.heartpulse.validation import violations


class ValidatorService(ValidatorAgentServicer):
    """``instance`` is the id put into every answer."""

    def __init__(self, instance: str) -> None:
        self._instance = instance

    async def Validate(self, request: ValidateRequest, context: Context) -> ValidateReply:  # noqa: N802
        check_text(request.text)
        broken = violations(request.text, request.required_terms)
        return ValidateReply(
            valid=not broken,
            violations=[Violation(rule=one.rule, comment=one.comment) for one in broken],
            served_by=self._instance,
        )

    async def ValidateAll(  # noqa: N802
        self, request_iterator: AsyncIterator[ValidateRequest], context: Context
    ) -> ValidateSummary:
        texts = valid = 0
        rules: Counter[str] = Counter()
        async for request in request_iterator:
            check_text(request.text)
            broken = violations(request.text, request.required_terms)
            texts += 1
            valid += not broken
            rules.update(one.rule for one in broken)
        return ValidateSummary(texts=texts, valid=valid, broken=rules, served_by=self._instance)
