"""Combines the agents' replies into one verdict. Pure."""

from __future__ import annotations

from hp_tui.heartpulse.live_settings import CoreSettings
from hp_tui.heartpulse.protos.aol_core_pb2 import MissingAnswer, OrchestrateReply, Verdict
from hp_tui.heartpulse.protos.critic_pb2 import CritiqueReply
from hp_tui.heartpulse.protos.validator_pb2 import ValidateReply

DEFAULTS = CoreSettings()


def verdict(
    critique: CritiqueReply | None, validation: ValidateReply | None, settings: CoreSettings = DEFAULTS
) -> Verdict.ValueType:
    """The verdict on a text; None for an agent that did not answer.

    Not valid: REJECTED, whatever the critic says. Otherwise UNDECIDED as long as one of the two is missing, because an
    unchecked text is never accepted; else ACCEPTED or REVISE by the score.
    """
    if validation is not None and not validation.valid:
        return Verdict.VERDICT_REJECTED
    if critique is None or validation is None:
        return Verdict.VERDICT_UNDECIDED
    return Verdict.VERDICT_ACCEPTED if critique.score >= settings.accept_from else Verdict.VERDICT_REVISE


def compose(
    task_id: str,
    critique: CritiqueReply | None,
    validation: ValidateReply | None,
    missing: tuple[MissingAnswer, ...],
    served_by: str,
    settings: CoreSettings = DEFAULTS,
) -> OrchestrateReply:
    """One reply from the agents' replies. It is degraded when one of them is missing."""
    return OrchestrateReply(
        task_id=task_id,
        verdict=verdict(critique, validation, settings),
        degraded=bool(missing),
        missing=missing,
        critique=critique,
        validation=validation,
        served_by=served_by,
    )
